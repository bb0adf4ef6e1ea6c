// What an input needs for each kind: its text, its list, its calendar. Used in cells and in the shared change.
import { Suggestions, matching, searching } from "./lookup.js";

const YES_NO = [["true", "yes"], ["false", "no"]];
const HINTS = { date: "YYYY-MM-DD", reference: "Name or id" };

export const isNested = ({ kind }) => kind === "json" || kind === "list";

// Whether an editor in the cell would not do.
export const boxed = (spec, text) => isNested(spec) || spec.kind === "long text" || (text?.includes("\n") ?? false);

// What an emptied cell holds: empty text where the field has such a thing.
export const emptied = (spec) => (spec.blank || !spec.nullable ? "" : null);

export const hint = (spec) => (spec.find && "A name to look for, or an id") || spec.hint || (spec.kind === "datetime" ? `Times are ${spec.zone || "local"}` : (HINTS[spec.kind] ?? ""));

// {list, value(), key(event), changed(), leave()}; `typed` leaves what is in the input, else it begins with `start`.
export function equip(input, spec, { start, parent = "", typed = false, name = "" }) {
  const options = offered(spec, parent);
  const list = suggestions(input, spec, options);
  if (!typed && list) list.stand(labelled(spec, start, name), start);
  else if (!typed) input.value = start ?? "";
  const first = typed ? null : input.value;
  return {
    list,
    value: () => (input.value === first ? start : list?.chosen !== undefined ? list.chosen : meant(spec, options, input.value, start)),
    key: (event) => (spec.kind === "boolean" && event.key === " " ? turn(list, options) : Boolean(list?.key(event))),
    changed: () => list?.refresh(),
    leave: () => list?.close(),
  };
}

// A label typed to its end counts as the choice; types and the server look at everything else.
function meant(spec, options, text, start) {
  if (text === "") return start === null ? null : emptied(spec);
  const wanted = text.trim().toLowerCase();
  return options?.find(({ value, label }) => value !== null && label.toLowerCase() === wanted)?.value ?? text;
}

function suggestions(input, spec, options) {
  if (spec.kind === "reference" && spec.find) return new Suggestions(input, spec.label, searching(spec.find), (text) => !/^\s*\d+\s*$/.test(text));
  return options && new Suggestions(input, spec.label, (text) => matching(options, text), () => true);
}

// Only what may be chosen: active choices that belong to the parent's value; null where the field takes it.
export function offered(spec, parent) {
  if (spec.kind !== "boolean" && spec.kind !== "choice") return null;
  const choices = spec.kind === "boolean" ? YES_NO.map((each) => [...each, true, ""]) : spec.choices;
  const options = choices.filter(([, , active, under]) => active && (!under || !parent || under === parent)).map(([value, label]) => ({ value, label }));
  return spec.nullable ? [...options, { value: null, label: "null" }] : options;
}

function labelled(spec, value, name) {
  if (value === null) return "";
  if (spec.kind === "reference") return name ? `${name} · ${value}` : value;
  return (spec.kind === "boolean" ? YES_NO : spec.choices).find(([known]) => known === value)?.[1] ?? value;
}

// Space: yes, no, null where there is such a thing, yes …
function turn(list, options) {
  list.options = options;
  list.take((options.findIndex(({ value }) => value === list.chosen) + 1) % options.length);
  list.refresh("");
  return true;
}

// An input of its own: {element, value(), dirty()}.
export function control(spec, start, parent = "") {
  const long = spec.kind === "long text" || isNested(spec);
  const input = document.createElement(long ? "textarea" : "input");
  input.className = long ? `textarea${isNested(spec) ? " code" : ""}` : "input";
  input.setAttribute("aria-label", spec.label);
  Object.assign(input, { autocomplete: "off", spellcheck: false, placeholder: [start === null && "null", hint(spec)].filter(Boolean).join(" · ") });
  const tool = equip(input, spec, { start, parent });
  const first = input.value;
  input.addEventListener("input", () => tool.changed());
  input.addEventListener("click", () => tool.list?.shown || tool.list?.refresh(""));
  input.addEventListener("blur", () => tool.leave());
  input.addEventListener("keydown", (event) => {
    const shown = tool.list?.shown;
    const escape = event.key === "Escape" && shown;
    if (escape) tool.leave();
    if (tool.key(event) || escape || (event.key === "Enter" && shown)) event.preventDefault();
    if (escape) event.stopPropagation();
  });
  return { element: input, value: tool.value, dirty: () => input.value !== first };
}

// A picked date replaces the date in a text and leaves its time and zone alone.
export function withDate(text, date, { kind }) {
  const dated = /^\s*\d{4}-\d{2}-\d{2}/;
  if (dated.test(text)) return text.replace(dated, date);
  return kind === "datetime" ? `${date} 00:00:00` : date;
}
