// The columns: shown ones first and in order; ticked, moved by dragging, by buttons or Alt with the arrows, frozen up to one.
import { $ } from "./make.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export function bindColumnsBox({ grid, boot, layout }) {
  const [list, search] = [$("column-list"), $("column-search")];
  const { id_field: id, title_field: title } = boot.resource;
  const free = boot.fields.filter(({ name }) => name !== id && name !== title);
  const lines = () => [...list.children];
  const on = () => lines().filter((line) => line.querySelector("input").checked);
  let dragged = null;

  const line = (spec, checked) => {
    const made = $("column-line").content.firstElementChild.cloneNode(true);
    made.dataset.name = spec.name;
    made.querySelector("input").checked = checked;
    const label = made.querySelector(".truncate");
    label.textContent = spec.label;
    label.title = spec.name;
    made.querySelector(".type").textContent = spec.kind;
    const [up, down, freeze] = made.querySelectorAll("button");
    up.ariaLabel = `Move ${spec.label} up`;
    down.ariaLabel = `Move ${spec.label} down`;
    freeze.ariaLabel = `Freeze up to ${spec.label}`;
    return made;
  };
  const note = () => {
    const last = grid.layout.frozen - (grid.fixed - 1) - 1; // place of the last frozen one in this list
    $("column-count").textContent = `${on().length} of ${free.length} shown`;
    lines().forEach((each, place) => {
      each.classList.toggle("is-chosen", each.querySelector("input").checked);
      each.querySelector("[data-freeze]").setAttribute("aria-pressed", String(place === last));
    });
  };
  const fill = () => {
    const shown = layout.shown.map((name) => free.find((spec) => spec.name === name));
    const rest = free.filter((spec) => !shown.includes(spec)).sort((a, b) => a.label.localeCompare(b.label));
    list.replaceChildren(...shown.map((spec) => line(spec, true)), ...rest.map((spec) => line(spec, false)));
    search.value = "";
    note();
  };
  const apply = () => {
    layout.show(on().map((each) => each.dataset.name));
    note();
  };
  const move = (item, step) => {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(item);
    else other.after(item);
    item.scrollIntoView({ block: "nearest" });
    $("column-said").textContent = `${item.querySelector(".truncate").textContent}, place ${lines().indexOf(item) + 1}`;
    apply();
  };

  $("columns").addEventListener("toggle", ({ newState }) => newState === "open" && fill());
  $("column-usual").addEventListener("click", () => {
    layout.reset();
    fill();
  });
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase().split(/\s+/);
    for (const each of lines()) {
      const text = `${each.querySelector(".truncate").textContent} ${each.dataset.name}`.toLowerCase();
      each.hidden = !wanted.every((word) => text.includes(word));
    }
  });
  // One that is shown now goes after those that were.
  list.addEventListener("change", ({ target }) => {
    const item = target.closest("li");
    if (target.checked) {
      const last = on().filter((each) => each !== item).at(-1);
      if (last) last.after(item);
      else list.prepend(item);
      item.scrollIntoView({ block: "nearest" });
      target.focus();
    }
    apply();
  });
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    if (button.dataset.move) move(item, Number(button.dataset.move));
    else {
      const wanted = grid.fixed + lines().indexOf(item);
      layout.freeze(grid.layout.frozen === wanted ? grid.fixed - 1 : wanted);
      note();
    }
    button.focus();
  });
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey) move(item, STEPS[event.key]);
    const seen = lines().filter((each) => !each.hidden);
    (event.altKey ? item : (seen[seen.indexOf(item) + STEPS[event.key]] ?? item)).querySelector("input").focus();
  });
  list.addEventListener("dragstart", ({ target }) => (dragged = target.closest("li")));
  list.addEventListener("dragend", () => (dragged = null));
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest("li");
    if (!over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged);
    else over.after(dragged);
  });
  list.addEventListener("drop", apply);
}
