// The filter builder: rows of field, operator, value; groups where the API has "or". It writes the filter into the address.
import { openDialog } from "../shell/dialogs.js";
import { isGroup, lacks, parse, write } from "./filter-data.js";
import { editor } from "./filter-values.js";
import { catalogue, element, list } from "./page.js";
import { isBusy } from "./turning.js";

const rows = new WeakMap(); // a row's element → what reads its condition
const one = (selector) => document.querySelector(selector);

export async function openFilter(index = null, where = parse(list().typed)) {
  const dialog = one("#filter");
  openDialog(dialog);
  const body = one("[data-filter-body]");
  body.replaceChildren(element("p", { class: "muted", role: "status" }, "Reading the fields…"));
  try {
    draw(body, where, await catalogue());
  } catch (problem) {
    return say(problem.message);
  }
  const items = [...body.querySelectorAll(":scope > .filter-row, :scope > .filter-group")];
  (items[index ?? items.length - 1] ?? body).querySelector("select")?.focus();
}

function draw(body, where, known) {
  say("");
  const [join, ...items] = where;
  const usable = known.fields.filter((field) => field.ops.length);
  const context = { known, fields: usable };
  body.replaceChildren(...(known.groups ? [joiner(join, "of these hold")] : []));
  for (const item of items.length ? items : [[usual(usable)]]) body.append(isGroup(item) ? group(item, context) : row(item, context));
}

// What one most often asks about: the fields on show, the title first.
function shown() {
  return [...document.querySelectorAll("#records thead th[data-name]:not(.col-id)")].map((header) => header.dataset.name);
}

function usual(fields) {
  return (shown().map((name) => fields.find((field) => field.name === name)).find(Boolean) ?? fields[0])?.name;
}

function picker(fields) {
  const near = shown();
  const options = (some) => some.map((field) => new Option(field.label, field.name));
  const sorted = [...fields].sort((a, b) => a.label.localeCompare(b.label));
  const first = near.map((name) => fields.find((field) => field.name === name)).filter(Boolean);
  const rest = sorted.filter((field) => !near.includes(field.name));
  const groups = [["Columns on show", first], ["Other fields", rest]].filter(([, some]) => some.length);
  return element("select", { class: "select", "aria-label": "Field" }, ...groups.map(([label, some]) => element("optgroup", { label }, ...options(some))));
}

function joiner(join, words) {
  const select = element("select", { class: "select", "aria-label": "Which conditions must hold", "data-join": "" });
  select.append(new Option("All", "and", false, join === "and"), new Option("Any", "or", false, join === "or"));
  return element("div", { class: "filter-join" }, select, words);
}

function group([join, ...items], context) {
  const made = element("div", { class: "filter-group", role: "group", "aria-label": "Group" }, joiner(join, "of these hold"));
  const add = element("button", { class: "button quiet small", type: "button", "data-filter-add": "" }, "Add a condition to this group");
  for (const item of items.length ? items : [[usual(context.fields)]]) if (!isGroup(item)) made.append(row(item, context));
  made.append(add);
  return made;
}

function row([name, op, value], { known, fields }) {
  const made = element("div", { class: "filter-row", role: "group", "aria-label": "Condition" });
  const picked = picker(fields);
  const operator = element("select", { class: "select", "aria-label": "Operator" });
  const slot = element("div", { class: "filter-value" });
  picked.value = fields.some((field) => field.name === name) ? name : fields[0]?.name;
  const field = () => fields.find((each) => each.name === picked.value);
  const ops = (chosen) => {
    operator.replaceChildren(...field().ops.map((each) => new Option(field().words[each], each)));
    if (field().ops.includes(chosen)) operator.value = chosen;
  };
  const edit = (held) => {
    const made = editor(field(), operator.value, held, known);
    slot.replaceChildren(made.node);
    rows.set(slot.parentElement, () => condition(picked.value, operator.value, made.read()));
  };
  made.append(picked, operator, slot, one("#filter-remove").content.cloneNode(true));
  ops(op);
  edit(value);
  picked.addEventListener("change", () => { ops(); edit(undefined); });
  operator.addEventListener("change", () => edit(rows.get(made)()[2]));
  return made;
}

function condition(name, op, value) {
  return value === undefined ? [name, op] : [name, op, value];
}

function gather(holder) {
  const join = holder.querySelector(":scope > .filter-join select")?.value ?? "and";
  const items = [...holder.children].map((child) => {
    if (child.matches(".filter-group")) return gather(child);
    return rows.get(child)?.();
  });
  return [join, ...items.filter((item) => item && !(isGroup(item) && item.length === 1))];
}

function say(text) {
  const error = one("[data-filter-error]");
  error.hidden = !text;
  error.textContent = text;
}

async function add(button, item) {
  const context = { known: await catalogue() };
  context.fields = context.known.fields.filter((field) => field.ops.length);
  const holder = button.closest(".filter-group");
  const made = item === "group" ? group(["or"], context) : row([usual(context.fields)], context);
  if (holder) button.before(made);
  else one("[data-filter-body]").append(made);
  made.querySelector(".filter-row select, :scope > select")?.focus();
}

function remove(button) {
  const row = button.closest(".filter-row");
  const holder = row.closest(".filter-group");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (holder && !holder.querySelector(".filter-row")) holder.remove();
  (next?.isConnected ? next.querySelector("select") ?? next : one("[data-filter-body]").querySelector("select") ?? one("[data-filter-add]"))?.focus();
}

function flat(where) {
  return where.slice(1).flatMap((item) => (isGroup(item) ? flat(item) : [item]));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-filter-open]");
  if (opener) return openFilter(opener.dataset.filterOpen === "" ? null : Number(opener.dataset.filterOpen));
  const adder = event.target.closest("[data-filter-add], [data-filter-group]");
  if (adder) return add(adder, "filterGroup" in adder.dataset ? "group" : "row");
  const remover = event.target.closest("[data-filter-remove]");
  if (remover) remove(remover);
});

// Before htmx reads the form: it listens on the form itself, this on the way down to it.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filter-form]")) return;
  const where = gather(one("[data-filter-body]"));
  const lacking = flat(where).find((each) => lacks(each, ["empty", "filled"]));
  if (lacking) {
    event.preventDefault();
    event.stopPropagation();
    return say("A condition lacks a value. Give one, take the condition out, or ask for “is empty”.");
  }
  event.target.elements.where.value = write(where);
  event.target.elements.where.disabled = where.length < 2;
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "f" || event.ctrlKey || event.metaKey || event.altKey || !list() || isBusy(event.target)) return;
  event.preventDefault();
  openFilter();
});

// Shows what matches this filter, as if it had been built by hand.
export function show(where) {
  const form = one("[data-filter-form]");
  one("[data-filter-body]").replaceChildren();
  const text = write(where);
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (name !== "where") url.searchParams.set(name, value);
  if (text) url.searchParams.set("where", text);
  const link = element("a", { href: url.pathname + url.search, hidden: "" });
  form.after(link);
  window.htmx.process(link);
  link.click();
}
