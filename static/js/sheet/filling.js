// The fill handle: dragged, or double-clicked to go as far down as the data beside it. A series goes on, one value repeats;
// Ctrl turns this about.
import { drag } from "./dragging.js";
import { fill as continued } from "./series.js";
import { READING } from "./writing.js";

const OPPOSITE = { top: "bottom", bottom: "top", left: "right", right: "left" };

export function bindFilling({ grid, writing, say }) {
  const filledIn = (at, col) => col >= 0 && col < grid.size.cols && (grid.value({ at, col }) ?? "") !== "";

  // Where the handle was dragged: {side, area} with the cells to fill, along the longer way; null within the range.
  function target(range, { at, col }) {
    const ways = { bottom: at - range.bottom, top: range.top - at, right: col - range.right, left: range.left - col };
    const [side, far] = Object.entries(ways).reduce((best, each) => (each[1] > best[1] ? each : best));
    if (far <= 0) return null;
    const edge = range[side] + (side === "bottom" || side === "right" ? 1 : -1);
    return { side, area: { ...range, [OPPOSITE[side]]: edge, [side]: side === "bottom" || side === "top" ? at : col } };
  }

  const whole = (range, { side, area }) => ({ ...range, [side]: area[side] });

  function start(event) {
    const { range } = grid;
    let found = null;
    const move = (place) => {
      found = place && target(range, place);
      grid.outline("fill", found && whole(range, found));
    };
    drag(grid, event, move, (place, last) => {
      move(place);
      grid.outline("fill", null);
      if (found) put(range, found, last.ctrlKey || last.metaKey);
    });
  }

  function down() {
    const { range, size } = grid;
    const beside = [range.left - 1, range.right + 1].find((col) => col > 0 && filledIn(range.bottom, col) && range.bottom + 1 < size.rows && filledIn(range.bottom + 1, col));
    if (beside === undefined) return;
    let bottom = range.bottom;
    while (bottom + 1 < size.rows && filledIn(bottom + 1, beside)) bottom += 1;
    put(range, target(range, { at: bottom, col: range.left }), false);
  }

  // Line by line along the way: what stands in the range is continued beyond it.
  function put(range, { side, area }, turned) {
    const along = side === "top" || side === "bottom" ? ["top", "bottom", "left", "right"] : ["left", "right", "top", "bottom"];
    const [first, last, low, high] = along;
    const back = side === "top" || side === "left";
    const cell = (n, line) => (first === "top" ? { at: n, col: line } : { at: line, col: n });
    const values = new Map();
    for (let line = range[low]; line <= range[high]; line += 1) {
      const source = Array.from({ length: range[last] - range[first] + 1 }, (_, index) => grid.value(cell(range[first] + index, line)));
      if (source.includes(undefined)) return say(READING);
      const made = continued(source, grid.cols[cell(range[first], line).col], area[last] - area[first] + 1, { back, turned });
      values.set(line, back ? made.toReversed() : made);
    }
    writing.each("Filled", "Fill", "fill", [area], (_, at) => (first === "top" ? values.get(at.col)[at.at - area.top] : values.get(at.at)[at.col - area.left]));
    grid.select([whole(range, { side, area })]);
  }

  return { start, down };
}
