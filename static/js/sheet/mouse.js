// The mouse in the grid: click to choose, drag or Shift for a range, Ctrl for one more, a double click to edit, a tick per row.
import { drag } from "./dragging.js";
import { covers } from "./moves.js";

export function bindMouse(parts) {
  const { grid, editor, open } = parts;
  let ticked = null; // where a tick was set last: Shift goes on from there

  const control = (event) => event.ctrlKey || event.metaKey;

  const press = {
    cell: (place, event) => {
      if (event.button) return grid.ranges.some((range) => covers(range, place)) || grid.activate(place);
      if (control(event) && event.target.closest("a")) return; // the record in another tab
      grid.activate(place, { extend: event.shiftKey, add: control(event) });
      drag(grid, event, (to) => same(to, grid.end) || grid.activate(to, { extend: true }), () => {});
    },
    tick: (place, event) => event.button || tick(place, event.shiftKey),
    fill: (_, event) => event.button || parts.fill?.start(event),
  };

  function tick({ at }, through) {
    const on = through && ticked ? ticked.on : !grid.ticked.has(grid.rowAt(at));
    const [first, last] = through && ticked ? [Math.min(at, ticked.at), Math.max(at, ticked.at)] : [at, at];
    grid.tick(grid.order.slice(first, last + 1), on);
    ticked = { at, on };
  }

  // The active cell stays where it can be seen: at the first row shown.
  function column({ at, col }, event) {
    const [top, bottom] = [0, grid.size.rows - 1];
    const { left, right } = event.shiftKey ? { left: Math.min(grid.active.col, col), right: Math.max(grid.active.col, col) } : { left: col, right: col };
    const active = event.shiftKey ? grid.active : { at, col };
    grid.select([...(control(event) ? grid.ranges : []), { top, bottom, left, right }], active);
  }

  grid.scroller.addEventListener("mousedown", (event) => {
    const place = grid.hit(event);
    if (!place.zone || beside(event)) return;
    event.preventDefault(); // the focus stays in the catcher
    editor.close({ keep: true });
    grid.catcher.focus({ preventScroll: true });
    press[place.zone]?.(place, event);
  });
  grid.scroller.addEventListener("click", (event) => {
    if (event.defaultPrevented || beside(event)) return;
    const place = grid.hit(event);
    if (place.zone === "corner") grid.tick(grid.order, !grid.order.every((row) => grid.ticked.has(row)));
    if (place.zone === "head" && grid.size.rows) column(place, event);
    const link = event.target.closest("a");
    if (!link || control(event)) return;
    event.preventDefault();
    if (!event.shiftKey) open(link.href);
  });
  grid.scroller.addEventListener("dblclick", (event) => {
    const place = grid.hit(event);
    if (place.zone === "fill") parts.fill?.down();
    if (place.zone === "cell" && place.col) editor.start(place);
  });
}

const beside = ({ target }) => target.closest("button, .cell-under, .lookup");
const same = (a, b) => a.at === b.at && a.col === b.col;
