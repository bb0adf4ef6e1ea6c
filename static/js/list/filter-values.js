// The editor of a condition's value, by the field's kind and the operator: each is an element with a `read()` beside it.
import { element, list } from "./page.js";

const INPUTS = { date: "date", datetime: "datetime-local" };
const PAUSE = 200;

// Returns {node, read}: what to show, and the value as text, or a list of texts for an operator that takes several.
export function editor(field, op, value, catalogue) {
  if (catalogue.without_value.includes(op)) return { node: element("span", { class: "muted" }), read: () => undefined };
  const several = catalogue.with_list.includes(op);
  if (field.kind === "boolean") return choices([["true", "Yes", true], ["false", "No", true]], value, several);
  if (field.kind === "choice" && field.choices.length) return choices(field.choices, value, several);
  if (field.kind === "reference") return reference(field, value, several);
  return several ? many(value) : single(field, value);
}

function texts(value) {
  return (Array.isArray(value) ? value : [value]).filter((each) => each !== undefined && each !== null).map(String);
}

function choices(all, value, several) {
  const chosen = new Set(texts(value));
  const select = element("select", { class: "select", "aria-label": "Value" });
  select.multiple = several;
  if (several) select.size = Math.min(all.length, 6);
  for (const [raw, label, active] of all) {
    select.append(new Option(active ? label : `${label} (inactive)`, raw, false, chosen.has(raw)));
  }
  return { node: select, read: () => (several ? [...select.selectedOptions].map((option) => option.value) : select.value) };
}

function many(value) {
  const area = element("textarea", { class: "textarea", rows: "2", "aria-label": "Values, one per line", placeholder: "One per line" });
  area.value = texts(value).join("\n");
  return { node: area, read: () => area.value.split("\n").map((line) => line.trim()).filter(Boolean) };
}

function single(field, value) {
  const known = texts(value)[0] ?? "";
  const local = field.kind === "datetime" ? known.replace(" ", "T").replace(/(?:\.0+)?Z?$/, "") : known;
  const input = element("input", { class: "input", type: INPUTS[field.kind] ?? "text", "aria-label": "Value" });
  if (["integer", "decimal"].includes(field.kind)) input.inputMode = "decimal";
  if (field.kind === "datetime") input.step = "1";
  if (field.zone) input.title = `In ${field.zone}`;
  input.value = local;
  return { node: input, read: () => (field.kind === "datetime" ? input.value.replace("T", " ") : input.value) };
}

let made = 0;

function reference(field, value, several) {
  const id = `found-${++made}`;
  const words = several ? "Ids, or search by name and choose" : "Id, or search by name and choose";
  const input = element("input", { class: "input", type: "text", list: id, autocomplete: "off", "aria-label": `Value: ${words}`, placeholder: words });
  const found = element("datalist", { id });
  input.value = texts(value).join(", ");
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(field, lastOf(input.value, several), input.value, found, several), PAUSE);
  });
  const ids = () => input.value.split(several ? "," : /$^/).map((part) => part.trim().replace(/ · .*$/s, "")).filter(Boolean);
  return { node: element("span", { class: "filter-reference" }, input, found), read: () => (several ? ids() : ids()[0] ?? "") };
}

function lastOf(text, several) {
  return (several ? text.split(",").at(-1) : text).trim();
}

async function search(field, text, whole, found, several) {
  if (text.length < 2 || text.includes(" · ")) return;
  const url = list().find.replace("FIELD", encodeURIComponent(field.name));
  const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const before = several ? whole.slice(0, whole.lastIndexOf(",") + 1) : "";
  const { results } = await answer.json();
  found.replaceChildren(...results.map(({ id, label }) => new Option(label, `${before}${id} · ${label.replaceAll(",", " ")}`)));
}
