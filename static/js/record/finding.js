// Finding a field by its label or name, and showing only what was changed.
import * as fields from "./fields.js";

const box = document.querySelector("[data-find-field]");
const onlyChanged = document.querySelector("[data-only-changed]");
const status = document.querySelector("[data-find-status]");

function sift() {
  const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const pressed = onlyChanged.getAttribute("aria-pressed") === "true";
  let shown = 0;
  for (const item of fields.form.querySelectorAll("[data-find]")) {
    const named = words.every((word) => item.dataset.find.toLowerCase().includes(word));
    const changed = item.matches(".is-pending, .is-invalid, .is-conflict");
    item.hidden = !named || (pressed && !changed);
    shown += item.hidden ? 0 : 1;
  }
  for (const group of fields.form.querySelectorAll(".field-group")) group.hidden = !group.querySelector("[data-find]:not([hidden])");
  status.textContent = words.length || pressed ? `${shown} ${shown === 1 ? "field" : "fields"}` : "";
}

if (box) {
  box.addEventListener("input", sift);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.value = "";
    sift();
  });
  onlyChanged.addEventListener("click", () => {
    onlyChanged.setAttribute("aria-pressed", String(onlyChanged.getAttribute("aria-pressed") !== "true"));
    sift();
  });
  fields.form.addEventListener("record:adopted", sift);
}
