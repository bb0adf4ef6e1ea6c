// The menu of a column: order, filter, place and width, statistics, and the way to a change of it in many rows.
import { post } from "./api.js";
import { filterBox } from "./filterbox.js";
import { $, make } from "./make.js";
import { isNumber } from "./paint.js";
import { toRanges } from "./scope.js";

const ENDS = { reference: ["id 0 → 9", "id 9 → 0"], number: ["0 → 9", "9 → 0"], time: ["old → new", "new → old"], text: ["A → Z", "Z → A"] };

export function bindColumnMenu({ grid, model, boot, looking, layout, sync, share, heading, panels }) {
  const menu = $("column-menu");
  const [up, down] = menu.querySelectorAll("[data-sort=up], [data-sort=down]");
  const box = filterBox($("filter-box"), { grid, model, looking, done: () => menu.hidePopover() });
  let [spec, col, button] = [null, -1, null];

  const draw = () => {
    const sorted = looking.sort.find(({ field }) => field === spec.name);
    const ends = ENDS[spec.kind] ?? ENDS[isNumber(spec) ? "number" : spec.kind.startsWith("date") ? "time" : "text"];
    $("column-title").replaceChildren(spec.label, make("span", { className: "mono muted" }, spec.name === spec.label ? "" : spec.name));
    for (const [item, words, isDown] of [[up, "Sort ascending", false], [down, "Sort descending", true]]) {
      item.children[1].textContent = words;
      item.children[2].textContent = ends[Number(isDown)];
      item.setAttribute("aria-pressed", String(sorted?.down === isDown));
    }
    menu.querySelector('[data-sort=""]').hidden = !sorted;
    const { fixed } = grid;
    for (const [name, off] of Object.entries({
      hide: col < fixed, left: col <= fixed, right: col < fixed || col === grid.cols.length - 1, freeze: col < 0, fit: col < 0, share: !spec.editable,
    })) menu.querySelector(`[data-do=${name}]`)?.toggleAttribute("hidden", off);
    for (const item of menu.querySelectorAll("[data-panel]")) item.hidden = item.hasAttribute("data-edits") && !spec.editable;
    const frozen = col >= 0 && grid.layout.frozen === col;
    menu.querySelector("[data-do=freeze]").lastElementChild.textContent = frozen ? "Freeze only the id" : "Freeze up to here";
    $("column-facts").replaceChildren();
    box.draw(spec);
  };
  const open = (at, name = grid.cols[at]?.name, from = null) => {
    [col, spec, button] = [at, model.spec(name), from];
    draw();
    menu.showPopover();
    put(menu, grid, col);
    (looking.filters[spec.name] && !from ? menu.querySelector("form select") : up).focus({ preventScroll: true });
  };

  const facts = async () => {
    const place = $("column-facts");
    place.replaceChildren(make("dt", {}, "Counting…"));
    const rows = grid.order.length === model.rows ? null : { rows: toRanges(grid.order.slice().sort()) };
    try {
      await sync.idle();
      const told = await post(boot.urls.stats, { scope: rows, field: spec.name });
      place.replaceChildren(...told.facts.flatMap(({ label, value }) => [make("dt", { title: label }, label), make("dd", { title: value }, value)]));
    } catch (problem) {
      place.replaceChildren(make("dt", {}, problem.message));
    }
    put(menu, grid, col);
  };
  const ACTIONS = {
    fit: () => heading.fit(col),
    hide: () => layout.show(layout.shown.filter((name) => name !== spec.name)),
    left: () => grid.move(col, col - 1),
    right: () => grid.move(col, col + 2),
    freeze: () => layout.freeze(grid.layout.frozen === col ? 0 : col),
    share: () => share.open(spec.name),
  };
  menu.addEventListener("click", (event) => {
    const { sort, do: action, panel } = event.target.closest("button")?.dataset ?? {};
    if (action === "stats") return facts();
    if (sort === undefined && !action && !panel) return;
    menu.hidePopover();
    if (panel) return panels.open(panel, spec.name);
    if (action) return ACTIONS[action]();
    const pressed = event.target.closest("button").getAttribute("aria-pressed") === "true";
    looking.sortBy(spec.name, sort === "" || pressed ? null : sort === "down", event.shiftKey);
  });
  // Back to the grid, unless something else took the focus on purpose.
  menu.addEventListener("toggle", ({ newState }) => {
    button?.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed" && (document.activeElement === document.body || menu.contains(document.activeElement))) grid.catcher.focus({ preventScroll: true });
  });
  grid.root.addEventListener("contextmenu", (event) => {
    const { zone, col: at } = grid.hit(event);
    if (zone !== "head") return;
    event.preventDefault();
    grid.head.menu(at);
  });
  grid.on("menu", (told) => open(told.col, grid.cols[told.col].name, told.button));
  return open;
}

// Under the header of its column; under the toolbar when that is not shown.
function put(menu, grid, col) {
  const anchor = (grid.head.cells[col] ?? $("narrowed")).getBoundingClientRect();
  const edge = grid.scroller.getBoundingClientRect();
  const left = Math.min(Math.max(anchor.left, edge.left), window.innerWidth - menu.offsetWidth - 8);
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(8, Math.min(anchor.bottom + 2, window.innerHeight - menu.offsetHeight - 8))}px`;
}
