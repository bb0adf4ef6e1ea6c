// The filter of one column, by its type: words, ranges, a list of values to tick, and null, empty, not set, filled.
import { HOW, STATES } from "./address.js";
import { make, number } from "./make.js";
import { isNumber, words } from "./paint.js";

const PAUSE = 300;
const LISTED = 200; // values offered to tick
const NAMED = 2000; // values found by their names too
const LISTS = new Set(["choice", "boolean", "reference"]);
const INPUTS = { date: "date", datetime: "datetime-local" };

const waysOf = (spec) => (LISTS.has(spec.kind) ? { in: "is one of" } : isNumber(spec) || spec.kind in INPUTS ? { range: "is between" } : HOW);
const statesOf = (spec) => Object.entries(STATES).filter(([name]) => (name !== "empty" || spec.blank) && (name !== "null" || spec.nullable));

// Each value with how many rows have it, most frequent first.
function tally(model, name) {
  const counts = new Map();
  for (let row = 0; row < model.rows; row += 1) {
    const value = model.value(row, name);
    if (value === undefined || (value === null && model.missing(row, name))) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

export function filterBox(form, { grid, model, looking, done }) {
  let [spec, how, parts, timer, on, redraw] = [null, null, null, 0, new Set(), null];
  grid.on("drawn", () => form.checkVisibility() && redraw?.()); // names have come

  const read = () => {
    if (how.value in STATES) return { is: how.value };
    const inputs = [...parts.querySelectorAll("input:not([type=search])")];
    if (how.value === "in") return on.size ? { in: [...on] } : null;
    const [from, to] = inputs.map((input) => input.value.trim());
    if (how.value === "range") return from || to ? { from, to } : null;
    return from ? { text: from, how: how.value } : null;
  };
  const apply = () => {
    clearTimeout(timer);
    const made = read();
    if (JSON.stringify(made) !== JSON.stringify(looking.filters[spec.name] ?? null)) looking.filter(spec.name, made);
  };
  const input = (label, type, value) => make("input", { className: "input small", type, value, ariaLabel: label, placeholder: type === "text" ? label : "", autocomplete: "off", spellcheck: false });

  // Ticked ones first; all are searched, also those too many to be listed at once.
  const ticks = ({ in: chosen = [] }) => {
    on = new Set(chosen);
    const counts = new Map([...chosen.map((value) => [value, 0]), ...tally(model, spec.name)]);
    const values = [...counts].sort(([one], [other]) => on.has(other) - on.has(one));
    const label = ([value], index) => (index < NAMED ? words(grid, spec, value) : { text: value ?? "null", kind: "" });
    const line = ([entry, { text, kind }]) => {
      const box = make("input", { type: "checkbox", checked: on.has(entry[0]) });
      box.wire = entry[0];
      return make("label", { className: "check" }, box, make("span", { className: `truncate is-${kind}` }, text), make("span", { className: "number muted" }, number(entry[1])));
    };
    const search = make("input", { className: "input small", type: "search", placeholder: "Find a value", ariaLabel: "Find a value", autocomplete: "off", hidden: values.length <= 8 });
    const [list, more] = [make("div", { className: "filter-values" }), make("p", { className: "menu-note" })];
    let drawn = "";
    redraw = () => {
      const wanted = search.value.trim().toLowerCase();
      const found = values.map((entry, index) => [entry, wanted || index < LISTED ? label(entry, index) : { text: "" }]).filter(([[value], { text }]) => !wanted || text.toLowerCase().includes(wanted) || value === wanted);
      const shown = found.slice(0, LISTED);
      more.textContent = found.length > LISTED ? `${number(found.length - LISTED)} more: find them above.` : "";
      more.hidden = !more.textContent;
      if (drawn === (drawn = shown.map(([[value], { text }]) => `${value} ${text}`).join("\n"))) return;
      list.replaceChildren(...shown.map(line));
    };
    search.addEventListener("input", redraw);
    redraw();
    return [search, list, more];
  };
  const fields = (filter) => {
    if (how.value in STATES) return [];
    if (how.value === "in") return ticks(filter);
    if (how.value !== "range") return [input("Text", "text", filter.text ?? "")];
    const type = INPUTS[spec.kind] ?? "text";
    return [input("From", type, filter.from ?? ""), input("To", type, filter.to ?? "")];
  };
  const fill = () => {
    redraw = null;
    parts.className = `filter-parts is-${how.value}`;
    parts.replaceChildren(...fields(looking.filters[spec.name] ?? {}));
  };

  form.addEventListener("input", ({ target }) => {
    if (target.type === "search") return;
    if (target.type === "checkbox") on[target.checked ? "add" : "delete"](target.wire);
    if (target === how) {
      fill();
      parts.querySelector("input")?.focus();
    }
    clearTimeout(timer);
    timer = setTimeout(apply, target.type === "checkbox" || target === how ? 0 : PAUSE);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // Dates and choices are changed with the arrows; a text line leads on to the menu's items.
  form.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow") && event.target.matches("select, [type=date], [type=datetime-local]")) event.stopPropagation();
    if (event.key !== "Enter" || event.target.type === "button") return;
    event.preventDefault();
    apply();
    done();
  });

  return {
    draw(field) {
      spec = field;
      const filter = looking.filters[spec.name] ?? {};
      const options = [...Object.entries(waysOf(spec)), ...statesOf(spec)].map(([value, label]) => new Option(label, value));
      how = make("select", { className: "select small", ariaLabel: "Filter" }, ...options);
      how.value = filter.is ?? filter.how ?? options[0].value;
      parts = make("div");
      const clear = make("button", { type: "button", className: "button quiet small", hidden: !looking.filters[spec.name] }, "Clear");
      clear.addEventListener("click", () => {
        looking.filter(spec.name, null);
        done();
      });
      form.replaceChildren(make("div", { className: "row" }, make("span", { className: "menu-title" }, "Only rows where it"), clear), how, parts);
      fill();
    },
  };
}
