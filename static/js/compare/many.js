// Which fields of many records are copied: the button says how many fields in how many records.
import { labelOfMany, together } from "./words.js";

const table = document.getElementById("compare-many");
const button = document.getElementById("copy-button");

for (const bar of table?.querySelectorAll("[data-share]") ?? []) bar.style.width = `max(2px, ${(100 * bar.dataset.share) / table.dataset.rows}%)`;

function draw() {
  const ticked = [...table.querySelectorAll("input:checked")];
  button.textContent = labelOfMany(ticked.length, together(ticked.map((box) => box.dataset.rows)));
  button.ariaDisabled = String(!ticked.length);
}

if (table && button) {
  table.addEventListener("change", draw);
  button.form.addEventListener("submit", (event) => button.ariaDisabled === "true" && event.preventDefault());
  draw();
}
