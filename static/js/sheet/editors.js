// Editors by kind: a line, a box for long text, a select, a look-up of references. Used in cells and in the shared change.
import { lookUp } from "./lookup.js";

export const NULL = "\u0000null"; // the option of a select that stands for null

// {element, value(), dirty()} for a field; `start` is the text it begins with, null for null.
export function control(spec, start, parent = "") {
  if (spec.editor === "boolean") return select(spec, [["true", "yes", ""], ["false", "no", ""]], start, "");
  if (spec.editor === "choice") return select(spec, spec.choices, start, parent);
  if (spec.editor === "reference" && spec.find) return reference(spec, start);
  return line(spec, start, spec.editor === "long" ? "textarea" : "input");
}

function dressed(tag, classes, spec) {
  const element = document.createElement(tag);
  element.className = classes;
  element.setAttribute("aria-label", spec.label);
  return element;
}

function line(spec, start, tag) {
  const element = dressed(tag, tag === "input" ? "input" : `textarea${spec.code ? " code" : ""}`, spec);
  element.value = start ?? "";
  element.placeholder = start === null ? ["null", spec.hint].filter(Boolean).join(" · ") : spec.hint;
  element.spellcheck = false;
  element.autocomplete = "off";
  const first = element.value;
  return { element, value: () => element.value, dirty: () => element.value !== first };
}

function select(spec, choices, start, parent) {
  const element = dressed("select", "select", spec);
  const offered = choices.filter(([, , under]) => !under || !parent || under === parent);
  if (spec.nullable || start === null) element.append(option(NULL, "null", !spec.nullable));
  if (start !== null && !offered.some(([value]) => value === start)) element.append(option(start, `${start} (not offered any more)`, true));
  element.append(...offered.map(([value, label]) => option(value, label)));
  element.value = start ?? NULL;
  const first = element.value;
  return { element, value: () => (element.value === NULL ? null : element.value), dirty: () => element.value !== first };
}

function option(value, label, disabled = false) {
  const element = new Option(label, value);
  element.disabled = disabled;
  return element;
}

function reference(spec, start) {
  const made = line(spec, start, "input");
  made.element.placeholder = start === null ? "null · name or id" : "name or id";
  const found = lookUp(made.element, spec.find);
  return { ...made, value: () => found.chosen() ?? made.element.value };
}
