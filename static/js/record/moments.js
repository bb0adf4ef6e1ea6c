// The browser's own calendar as a help: it changes the date in a text and nothing else of it.
import * as fields from "./fields.js";
import { withDate } from "./states.js";

fields.form.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pick]")) return;
  const field = fields.fieldOf(event.target);
  const picker = field.querySelector("[data-picker]");
  picker.value = fields.controlOf(field).value.trim().slice(0, 10);
  picker.showPicker();
});

fields.form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-picker]") || !event.target.value) return;
  const field = fields.fieldOf(event.target);
  const control = fields.controlOf(field);
  control.value = withDate(control.value, event.target.value, { time: field.dataset.time ?? "" });
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.focus();
});
