// Above the grid: looks with their counts, what narrows and orders the rows, undo and redo; and what to do when no row is left.
import { filterWords } from "./address.js";
import { $, counted, make, number } from "./make.js";
import { looked } from "./order.js";
import { words } from "./paint.js";

// The cells there must be of, before rows are counted.
const COUNTS = { invalid: "invalid", failed: "failed", refused: "failed", conflict: "clashes", moved: "moved", gone: "gone" };

export function bindToolbar({ grid, model, looking, openMenu }) {
  const looks = [...$("looks").children];
  const say = (chip, count) => {
    const only = chip.dataset.only;
    const on = looking.only === only;
    chip.lastElementChild.textContent = number(count);
    chip.setAttribute("aria-pressed", String(on));
    chip.classList.toggle("is-active", on);
    chip.hidden = !on && only !== "" && only !== "changed" && !count;
  };
  const count = () => {
    const counts = model.counts();
    const rows = { "": model.rows, changed: counts.rows, selected: grid.ticked.size };
    for (const [only, cells] of Object.entries(COUNTS)) rows[only] = counts[cells] ? looked(model, only).length : 0;
    if (rows.refused === rows.failed) rows.refused = 0; // the same rows
    for (const chip of looks) say(chip, rows[chip.dataset.only]);
  };
  const chip = (label, title, edit, remove) => {
    const made = $("chip").content.firstElementChild.cloneNode(true);
    const [text, cross] = made.querySelectorAll("button");
    text.append(...label);
    text.title = title;
    text.addEventListener("click", edit);
    cross.ariaLabel = `Remove: ${made.textContent.trim()}`;
    cross.addEventListener("click", remove);
    return made;
  };
  const button = (text, run) => {
    const made = make("button", { type: "button", className: "button quiet small" }, text);
    made.addEventListener("click", run);
    return made;
  };
  const openFor = (name) => () => openMenu(grid.cols.findIndex((spec) => spec.name === name), name);
  const narrowed = () => {
    const filters = Object.entries(looking.filters).map(([name, filter]) => {
      const spec = model.spec(name);
      const said = filterWords(spec, filter, (text) => words(grid, spec, text).text);
      return chip([make("span", { className: "muted" }, spec.label), ` ${said}`], name, openFor(name), () => looking.filter(name, null));
    });
    const keys = looking.sort.map(({ field, down }) => chip([`${model.spec(field).label} ${down ? "↓" : "↑"}`], field, openFor(field), () => looking.sortBy(field, null)));
    const line = [...filters];
    if (looking.within?.words) line.unshift(chip([looking.within.words], "", () => {}, () => looking.narrow(null)));
    if (filters.length > 1) line.push(button("Remove all", () => looking.set({ filters: {} })));
    if (keys.length) line.push(make("span", { className: "muted" }, "Sorted by"), ...keys);
    if (looking.stale) line.push(make("span", { className: "stale" }, "Rows changed since."), button(keys.length && !filters.length && !looking.only ? "Sort again" : "Sort and filter again", () => looking.arrange()));
    const focused = $("narrowed").contains(document.activeElement);
    $("narrowed").replaceChildren(...line);
    $("narrowed").hidden = !line.length;
    if (focused) ($("narrowed").querySelector("button") ?? grid.catcher).focus();
  };
  const empty = () => {
    const none = !grid.order.length && !$("sheet").hasAttribute("aria-busy");
    $("nothing").hidden = !none;
    if (!none) return;
    const [, title, text, all] = $("nothing").children;
    title.textContent = model.rows ? "No row is like that" : "This worksheet has no rows";
    text.textContent = model.rows ? `${counted(model.rows, "row")} ${model.rows === 1 ? "is" : "are"} here, and none fits what you look for.` : "None of the records could be found when they were read.";
    all.hidden = !model.rows;
  };
  const draw = () => {
    count();
    narrowed();
    empty();
  };
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(count, 80);
  };
  looking.on(draw);
  model.on(soon);
  grid.on("ticked", soon);
  $("looks").addEventListener("click", ({ target }) => {
    const only = target.closest("[data-only]")?.dataset.only;
    if (only !== undefined) looking.set({ only: only === looking.only ? "" : only });
  });
  $("show-all").addEventListener("click", async () => {
    await looking.all();
    grid.catcher.focus();
  });
  draw();
}
