// The keyboard of the grid. Tab moves on to the end of the row and then leaves the grid.
import { fillDown, positions } from "./ranges.js";

const PAGE = 15;

export function bindKeys({ view, edits, editor, ticks, say }) {
  const go = (row, col, event) => view.activate({ row, col }, { extend: event.shiftKey && event.key !== "Tab" });
  const each = (make) => edits.write([...positions(view.range)].filter((at) => view.writable(at)).map((at) => ({ ...at, value: make(at) })));

  const moves = {
    ArrowUp: ({ row, col }, end) => [end ? 0 : row - 1, col],
    ArrowDown: ({ row, col }, end) => [end ? Infinity : row + 1, col],
    ArrowLeft: ({ row, col }, end) => [row, end ? -1 : col - 1],
    ArrowRight: ({ row, col }, end) => [row, end ? Infinity : col + 1],
    Home: ({ row }, end) => [end ? 0 : row, -1],
    End: ({ row }, end) => [end ? Infinity : row, Infinity],
    PageUp: ({ row, col }) => [row - PAGE, col],
    PageDown: ({ row, col }) => [row + PAGE, col],
  };

  const withControl = {
    z: () => edits.undo(),
    y: () => edits.redo(),
    d: () => edits.write(fillDown(view.range).map((to) => ({ row: to.row, col: to.col, value: view.text(to.from) }))),
    a: () => all(),
    Delete: () => each(() => null),
    Enter: () => follow(),
  };

  const plain = {
    Enter: () => enter(),
    F2: () => editor.start(view.active),
    Delete: () => each((at) => view.column(at).empty),
    Backspace: () => each((at) => view.column(at).empty),
    " ": () => ticks.toggle(view.id(view.active)),
    Escape: () => view.activate(view.active),
  };

  function all() {
    view.anchor = { row: 0, col: -1 };
    view.active = { row: view.size.rows - 1, col: view.size.cols - 1 };
    view.activate(view.active, { extend: true });
  }

  function enter() {
    const cell = view.cell(view.active);
    const side = cell.querySelector("[data-side]");
    if (side) return side.focus();
    if (view.active.col < 0) return follow();
    editor.start(view.active);
  }

  function follow() {
    view.cell(view.active).querySelector("a")?.click();
  }

  // Out of the grid at its edges, so that nobody is caught in it.
  function tab(event) {
    const next = view.active.col + (event.shiftKey ? -1 : 1);
    if (next < -1 || next >= view.size.cols) return;
    event.preventDefault();
    go(view.active.row, next, event);
  }

  function inCell(event) {
    if (event.key !== "Escape" || !event.target.closest("[data-side]")) return;
    event.preventDefault();
    view.activate(view.active);
  }

  function inEditor(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const { row, col } = view.active;
    if (event.key === "Escape") {
      event.preventDefault();
      editor.close({ keep: false });
      say("Left as it was.");
    } else if (event.key === "Enter") {
      event.preventDefault();
      editor.close({ keep: true });
      view.activate({ row: row + (event.shiftKey ? -1 : 1), col });
    } else if (event.key === "Tab") {
      editor.close({ keep: true });
      tab(event);
    }
  }

  function onGrid(event) {
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey || event.isComposing) return;
    if (event.key === "Tab") return tab(event);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (control && event.shiftKey && key === "z") return done(event, () => edits.redo());
    if (Object.hasOwn(moves, key)) return done(event, () => go(...moves[key](view.active, control), event));
    const action = control ? withControl : plain;
    if (Object.hasOwn(action, key)) return done(event, action[key]);
    if (event.key === "Dead" || event.key === "Process") return editor.start(view.active, ""); // goes on in the editor
    if (!control && event.key.length === 1) done(event, () => editor.start(view.active, event.key));
  }

  function done(event, action) {
    event.preventDefault();
    action();
  }

  view.root.addEventListener("keydown", (event) => {
    if (!event.target.closest("#grid tbody")) return;
    if (event.target.matches(".cell-editor")) return inEditor(event);
    if (event.target.matches("td, th")) return onGrid(event);
    inCell(event);
  });
}
