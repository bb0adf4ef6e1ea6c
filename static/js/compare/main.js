// Which fields are copied which way: one arrow per field, and buttons that say what they will copy where.
import { label } from "./words.js";

const root = document.getElementById("compare");
const boxes = [...root.querySelectorAll("[data-way]")];
const chosen = (way) => boxes.filter((box) => box.dataset.way === way && box.checked);

function draw() {
  for (const way of ["left", "right"]) {
    const button = document.querySelector(`[data-copy-button=${way}]`);
    const count = chosen(way).length;
    const words = label(count, button.dataset.into);
    button.textContent = way === "left" ? `← ${words}` : `${words} →`;
    button.ariaDisabled = String(!count);
    button.hidden = !count && way === "left";
  }
  const [left, right] = ["left", "right"].map((way) => chosen(way).length);
  document.querySelector("[data-copy-button=left]").classList.toggle("primary", left > 0 && !right);
  const onward = document.querySelector("[data-copy-button=right]");
  onward.classList.toggle("primary", right > 0 || !left);
  onward.hidden = !right && left > 0;
  for (const button of root.querySelectorAll("[data-all]")) {
    const fitting = boxes.filter((box) => box.dataset.way === button.dataset.all && "safe" in box.dataset);
    button.ariaPressed = String(fitting.length > 0 && fitting.every((box) => box.checked));
    button.disabled = !fitting.length;
  }
}

// A field goes one way or the other.
function turn(box) {
  if (box.checked) for (const other of box.closest("tr").querySelectorAll("[data-way]")) if (other !== box) other.checked = false;
}

root.addEventListener("change", ({ target }) => {
  turn(target);
  draw();
});

// What is flagged is left to be chosen by hand.
root.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-all]");
  if (!button) return;
  const on = button.ariaPressed !== "true";
  for (const box of boxes) {
    if (box.dataset.way !== button.dataset.all || !("safe" in box.dataset)) continue;
    box.checked = on;
    turn(box);
  }
  draw();
});

document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-copy-button]");
  if (button?.ariaDisabled === "true") event.preventDefault();
});

draw();
