// What somebody else changed underneath: clashes with edits made here are settled everywhere, in the selection or in one
// field; what moved elsewhere is marked as seen.
import { post } from "./api.js";
import { $, counted } from "./make.js";
import { toRanges } from "./scope.js";

const size = (cells) => [...cells.values()].reduce((sum, rows) => sum + rows.length, 0);
const cellsOf = (n) => counted(n, "cell");

export function bindClashes({ grid, model, boot, sync, say, only }) {
  const [clashes, moved, choice] = ["clashes", "moved", "clash-scope"].map($);
  let timer = 0;

  // field → rows ascending, of the marks that `fit`.
  const cells = (fit) => {
    const found = boot.fields.map(({ name }) => [name, [...model.marks(name)].filter(([row, mark]) => fit(mark, row, name)).map(([row]) => row)]);
    return new Map(found.filter(([, rows]) => rows.sort((a, b) => a - b).length));
  };
  const inside = (row, name) => {
    const [at, col] = [grid.atOf(row), grid.cols.findIndex((spec) => spec.name === name)];
    return grid.ranges.some(({ top, bottom, left, right }) => at >= top && at <= bottom && col >= left && col <= right);
  };
  const clashing = (where = choice.value) => cells((mark, row, name) => mark.c && (where === "range" ? inside(row, name) : !where || where === `of ${name}`));

  const draw = () => {
    const counts = model.counts();
    clashes.hidden = !counts.clashes;
    moved.hidden = !counts.moved;
    clashes.querySelector("strong").textContent = `${cellsOf(counts.clashes)} changed by somebody else meanwhile`;
    moved.querySelector("span").textContent = `${cellsOf(counts.moved)} changed at ${boot.connection.label} since they were read first`;
    if (counts.clashes && choice) offer();
  };
  const offer = () => {
    const all = clashing("");
    const here = size(clashing("range"));
    const before = choice.value;
    choice.replaceChildren(new Option(`everywhere (${size(all)})`, ""));
    if (here) choice.add(new Option(`in the selection (${here})`, "range"));
    for (const [name, rows] of all) choice.add(new Option(`in ${model.spec(name).label} (${rows.length})`, `of ${name}`));
    choice.value = before;
    if (choice.selectedIndex < 0) choice.value = "";
    label();
  };
  const label = () => {
    for (const button of clashes.querySelectorAll("[data-side]")) button.textContent = `${button.dataset.words} in ${cellsOf(size(clashing()))}`;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 150);
  };

  // Exactly these cells: fields that have the same rows go together.
  const resolve = async (found, side, words) => {
    const groups = new Map();
    for (const [name, rows] of found) {
      const key = toRanges(rows);
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    try {
      await sync.idle();
      for (const [rows, fields] of groups) await sync.take(await post(boot.urls.resolve, { scope: { rows }, fields, side, since: model.version }));
      say(words);
    } catch (problem) {
      say(`Not settled, or not all. ${problem.message}`);
    }
    grid.catcher.focus();
  };
  const settle = (found, side) => resolve(found, side, `${side === "mine" ? "Kept mine" : "Took theirs"} in ${cellsOf(size(found))}.`);
  const clicked = ({ target }) => {
    const { look, side, seen } = target.closest("button")?.dataset ?? {};
    if (look) only(look);
    if (side) settle(clashing(), side);
    if (seen) resolve(cells((mark, row, name) => model.state(row, name) === "moved"), "mine", "Marked as seen.");
  };

  clashes.onclick = moved.onclick = clicked;
  if (choice) choice.onchange = label;
  grid.on("range", () => clashes.hidden || soon());
  grid.on("settle", ({ row, field, side }) => settle(new Map([[field, [row]]]), side));
  model.on(soon);
  draw();
}
