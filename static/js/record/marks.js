// What a field shows of itself: changed, wrong, near its limit; and the counts in the status bar.
import * as fields from "./fields.js";
import { counter, jsonTrouble, same } from "./states.js";

const changedCount = document.querySelector("[data-status-changed]");
const invalidCount = document.querySelector("[data-status-invalid]");

export function mark(field) {
  const changed = fields.isChanged(field);
  field.classList.toggle("is-pending", changed);
  field.querySelector("[data-old]").hidden = !changed;
  field.querySelector("[data-revert]").hidden = !changed;
  if (!changed) complain(field, "");
  count(field);
}

function count(field) {
  const words = field.dataset.max ? counter([...fields.controlOf(field).value].length, Number(field.dataset.max)) : "";
  const place = field.querySelector("[data-counter]");
  place.textContent = words;
  place.hidden = !words;
}

export function complain(field, words) {
  const place = field.querySelector("[data-error]");
  place.querySelector("span").textContent = words;
  place.hidden = !words;
  field.classList.toggle("is-invalid", Boolean(words));
  const control = fields.controlOf(field);
  if (words) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  total();
}

export function complainAll(invalid) {
  for (const field of fields.all()) complain(field, Object.hasOwn(invalid, field.dataset.field) ? invalid[field.dataset.field] : objection(field));
}

// What the API said about a value stands until that value is changed.
const objections = new Map(); // field name → {words, about: state}

export function blame(words) {
  objections.clear();
  for (const [name, text] of Object.entries(words)) {
    const field = fields.named(name);
    if (field) objections.set(name, { words: text, about: fields.state(field) });
  }
  for (const field of fields.all()) if (objection(field)) complain(field, objection(field));
}

function objection(field) {
  const heard = objections.get(field.dataset.field);
  return heard && same(field.dataset.widget, heard.about, fields.state(field)) ? heard.words : "";
}

export function markAll() {
  fields.all().forEach(mark);
  total();
}

export function total() {
  const changed = fields.all().filter(fields.isChanged).length;
  const invalid = fields.form.querySelectorAll(".field.is-invalid").length;
  changedCount.textContent = changed ? `${changed} ${changed === 1 ? "field" : "fields"} changed` : "No field changed";
  invalidCount.hidden = !invalid;
  invalidCount.querySelector("span").textContent = `${invalid} invalid`;
}

function changed(field) {
  mark(field);
  if (field.dataset.widget === "nested") complain(field, jsonTrouble(fields.controlOf(field).value));
  total();
  fields.announce();
}

fields.form.addEventListener("input", (event) => {
  const field = fields.fieldOf(event.target);
  if (!field || !event.target.matches("[data-control]")) return;
  fields.wasTyped(field);
  changed(field);
});

fields.form.addEventListener("click", (event) => {
  const field = fields.fieldOf(event.target);
  if (!field) return;
  if (event.target.closest("[data-revert]")) fields.revert(field);
  else if (event.target.closest("[data-set-null]")) toggleNull(field);
  else return;
  fields.controlOf(field).focus();
  fields.controlOf(field).dispatchEvent(new Event("record:written", { bubbles: true }));
  changed(field);
});

// Null, and pressed again: empty text where the field may hold one, otherwise what stood there.
function toggleNull(field) {
  if (!fields.state(field).null) fields.write(field, { text: "", null: true });
  else if ("blank" in field.dataset) fields.write(field, { text: "", null: false });
  else fields.revert(field);
}
