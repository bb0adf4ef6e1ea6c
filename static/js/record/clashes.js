// A clash is decided in its field: mine, theirs, or a new value; until then nothing can be sent.
import * as fields from "./fields.js";
import { mark } from "./marks.js";
import { unresolved } from "./preview.js";

const mine = new WeakMap(); // clashing field → what the person had typed

fields.form.addEventListener("record:adopted", () => {
  for (const field of fields.form.querySelectorAll(".field.is-conflict")) mine.set(field, fields.state(field));
});

fields.form.addEventListener("change", (event) => {
  const choice = event.target.closest("[data-take]");
  if (!choice) return;
  const field = fields.fieldOf(choice);
  if (choice.dataset.take === "theirs") fields.revert(field);
  else fields.write(field, mine.get(field));
  decided(field);
  mark(field);
  fields.announce();
});

fields.form.addEventListener("input", (event) => {
  const field = fields.fieldOf(event.target);
  if (!field?.classList.contains("is-conflict") || !event.target.matches("[data-control]")) return;
  for (const radio of field.querySelectorAll("[data-take]")) radio.checked = false;
  decided(field);
});

function decided(field) {
  field.dataset.resolved = "";
  const words = document.querySelector("#ended > .callout.conflict p");
  if (words && !unresolved()) words.textContent = "All decided. Nothing is sent until you press the button again.";
}
