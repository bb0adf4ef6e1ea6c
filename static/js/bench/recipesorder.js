// The steps of a recipe on its page: moved by buttons or Alt with the arrows; the button says how many will be kept.
const list = document.getElementById("recipe-order");
const save = document.getElementById("recipe-save");

function move(line, by) {
  const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(line);
  else other.after(line);
  [...list.querySelectorAll("[data-recipe-move]")].forEach((handle, at) => (handle.textContent = at + 1));
}

function name() {
  const kept = list.querySelectorAll("input:checked").length;
  save.textContent = `Save with ${kept} step${kept === 1 ? "" : "s"}`;
  save.disabled = !kept;
}

list.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-recipe-step]");
  if (!button) return;
  move(button.closest("li"), Number(button.dataset.recipeStep));
  button.focus();
});
list.addEventListener("keydown", (event) => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || !event.altKey) return;
  event.preventDefault();
  const { target } = event;
  move(target.closest("li"), by);
  target.focus();
});
list.addEventListener("change", name);
