// A newer copy of the record takes the place of the old one under the person's hands; what they typed stays.
import * as fields from "./fields.js";
import { markAll } from "./marks.js";
import { later } from "./preview.js";
import { session } from "./session.js";
import { same } from "./states.js";

const place = document.getElementById("record-fields");
const readAt = document.querySelector("[data-read-at]");

// `keep`: the names of the edits to put back; all of them when left out. Returns the names that changed under an edit.
export function adopt(record, keep) {
  const typed = fields.typedStates();
  const focus = remember();
  session.baseline = record.baseline;
  place.innerHTML = record.html; // our own template, escaped by it
  document.querySelector("[data-title]").textContent = record.title;
  readAt.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  fields.start();
  const moved = [];
  for (const [name, state] of typed) {
    const field = fields.named(name);
    if (!field || (keep && !keep.includes(name))) continue;
    if (!same(field.dataset.widget, fields.base(field), state.base)) moved.push(name);
    fields.write(field, state);
  }
  markAll();
  fields.form.dispatchEvent(new CustomEvent("record:adopted"));
  restore(focus);
  later();
  return moved;
}

function remember() {
  const active = document.activeElement;
  if (!place.contains(active) || !active.id) return null;
  return { id: active.id, start: active.selectionStart, end: active.selectionEnd };
}

function restore(focus) {
  const element = focus && document.getElementById(focus.id);
  if (!element) return;
  element.focus({ preventScroll: true });
  if (focus.start !== null && focus.start !== undefined) element.setSelectionRange(focus.start, focus.end);
}
