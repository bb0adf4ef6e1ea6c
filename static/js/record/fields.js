// The fields of the form: what stands in each, what stood there, and what was changed. Everything else asks here.
import { posted, same, typed } from "./states.js";

export const form = document.getElementById("record");
const bases = new WeakMap(); // field element → {text, null, missing}
const nulls = new WeakSet(); // field elements set to null by hand

export function all() {
  return [...form.querySelectorAll("[data-field]")];
}

export function named(name) {
  return form.querySelector(`[data-field="${CSS.escape(name)}"]`);
}

export function fieldOf(element) {
  return element.closest?.("[data-field]") ?? null;
}

export function controlOf(field) {
  return field.querySelector("[data-control]");
}

// Before the first keystroke the control holds the baseline; a script asks once and keeps the answer.
export function base(field) {
  if (!bases.has(field)) bases.set(field, firstState(field));
  return bases.get(field);
}

function firstState(field) {
  const control = controlOf(field);
  const missing = "missing" in field.dataset;
  if (!control.options) return { text: control.defaultValue, null: "null" in field.dataset, missing };
  const option = [...control.options].find((each) => each.defaultSelected) ?? control.options[0];
  return { text: option.value, null: "null" in option.dataset, missing };
}

export function state(field) {
  const control = controlOf(field);
  if (control.options) {
    const option = control.selectedOptions[0];
    return { text: option?.value ?? "", null: option ? "null" in option.dataset : true };
  }
  return { text: control.value, null: nulls.has(field) };
}

export function write(field, { text, null: isNull }) {
  const control = controlOf(field);
  if (control.options) {
    const option = [...control.options].find((each) => ("null" in each.dataset) === isNull && (isNull || each.value === text));
    if (option) option.selected = true;
  } else {
    control.value = isNull ? "" : text;
    setNull(field, isNull);
  }
}

export function revert(field) {
  write(field, base(field));
}

export function setNull(field, isNull) {
  nulls[isNull ? "add" : "delete"](field);
  const { missing } = base(field);
  const control = controlOf(field);
  if (!control.options) control.placeholder = isNull ? "null" : missing && control.value === "" ? "not set" : "empty";
  field.querySelector("[data-set-null]")?.setAttribute("aria-pressed", String(isNull));
}

export function wasTyped(field) {
  const control = controlOf(field);
  if (!control.options) setNull(field, typed(field.dataset.widget, control.value, base(field)).null);
}

export function isChanged(field) {
  return !same(field.dataset.widget, base(field), state(field));
}

export function edits() {
  const changed = all().filter(isChanged);
  return Object.fromEntries(changed.map((field) => [field.dataset.field, posted(field.dataset.widget, state(field))]));
}

// What is typed, to be put back over a newer record: the texts as they stand, names of references and all.
export function typedStates() {
  return new Map(all().filter(isChanged).map((field) => [field.dataset.field, { ...state(field), base: base(field) }]));
}

export function start() {
  for (const field of all()) if (base(field).null) setNull(field, true);
}

export function announce() {
  form.dispatchEvent(new CustomEvent("record:changed", { bubbles: true }));
}
