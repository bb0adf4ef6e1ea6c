// Leaving with changes asks first; what was typed is kept for this tab all the same, and offered when one comes back.
import * as fields from "./fields.js";
import { later } from "./preview.js";
import { markAll } from "./marks.js";
import { session } from "./session.js";
import { same } from "./states.js";

const key = `draft:${location.pathname}`;
const status = document.querySelector("[data-status-note]");

function keep() {
  const typed = [...fields.typedStates()];
  try {
    if (typed.length) sessionStorage.setItem(key, JSON.stringify(typed));
    else sessionStorage.removeItem(key);
    status.textContent = typed.length ? "Kept in this tab until you save or revert" : "";
  } catch {
    status.textContent = "This browser keeps no copy of what you type";
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}

// Brings back what an earlier visit left; returns the labels, and those whose stored value has moved since.
export function restore() {
  const back = { restored: [], moved: [] };
  for (const [name, state] of kept()) {
    const field = fields.named(name);
    if (!field) continue;
    fields.write(field, state);
    if (!fields.isChanged(field)) continue;
    back.restored.push(field.dataset.label);
    if (!same(field.dataset.widget, fields.base(field), state.base)) back.moved.push(field.dataset.label);
  }
  if (back.restored.length) {
    markAll();
    later();
  }
  keep();
  return back;
}

for (const kind of ["record:changed", "record:adopted"]) fields.form.addEventListener(kind, () => queueMicrotask(keep));

window.addEventListener("beforeunload", (event) => {
  if (session.sending || fields.all().some(fields.isChanged)) event.preventDefault();
});
