// The keyboard of the grid, as in Excel. Tab goes to the end of the row and then leaves the grid; inside a selection it walks about in it.
import { emptied } from "./editors.js";
import { $ } from "./make.js";
import { edge, filled, walk } from "./moves.js";
import { turn } from "./turning.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function bindKeys(parts) {
  const { grid, model, editor, writing, say, open } = parts;
  let leaving = false; // after Escape the next Tab leaves the grid from wherever it is
  let tabbed = null; // {from, to}: the column where a row of Tabs began, to which Enter returns, and where they led

  const isOn = ({ at, col }) => (grid.value({ at, col }) ?? "") !== "";
  const step = ({ at, col }, [down, right]) => ({ at: at + down, col: col + right });
  const toEdge = ({ at, col }, [down, right]) => ({
    at: down ? edge((n) => isOn({ at: n, col }), at, down, grid.size.rows) : at,
    col: right ? edge((n) => isOn({ at, col: n }), col, right, grid.size.cols) : col,
  });

  const jumps = {
    Home: ({ at }, far) => ({ at: far ? 0 : at, col: 0 }),
    End: ({ at }, far) => ({ at: far ? Infinity : at, col: Infinity }),
    PageUp: ({ at, col }) => ({ at: at - grid.page(), col }),
    PageDown: ({ at, col }) => ({ at: at + grid.page(), col }),
  };

  const clear = (value, verb) => writing.each(verb, "Clear", "clear", grid.ranges, value);
  const empty = () => clear((spec) => emptied(spec), "Emptied");
  const setNull = () => clear(() => null, "Set to null:");
  const plain = {
    F1: () => $("keys")?.showModal(),
    F2: () => editor.start(grid.active),
    Enter: () => (grid.active.col ? editor.start(grid.active) : openRecord()),
    Delete: empty,
    Backspace: empty,
    Escape: () => grid.activate(grid.active),
    " ": tick,
  };
  const withControl = {
    a: () => grid.selectAll(),
    d: () => copyInto(false),
    r: () => copyInto(true),
    z: () => turn(parts, false),
    y: () => turn(parts, true),
    Delete: setNull,
    Backspace: setNull,
    " ": () => grid.select(grid.ranges.map((range) => ({ ...range, top: 0, bottom: grid.size.rows - 1 })), grid.active),
  };
  const withShift = { " ": () => grid.select(grid.ranges.map((range) => ({ ...range, left: 0, right: grid.size.cols - 1 })), grid.active) };
  const withBoth = { z: withControl.y, " ": () => grid.selectAll() };
  const withAlt = { KeyM: () => settle("mine"), KeyT: () => settle("theirs"), ArrowDown: () => grid.head.menu() };

  function openRecord() {
    const row = grid.rowAt(grid.active.at);
    if (row !== undefined) open(grid.boot.urls.record.replace("__id__", encodeURIComponent(model.id(row))));
  }

  function tick() {
    const rows = grid.ranges.flatMap(({ top, bottom }) => Array.from(grid.order.subarray(top, bottom + 1)));
    grid.tick(rows, !rows.every((row) => grid.ticked.has(row)));
  }

  function settle(side) {
    if (!grid.settle(side)) say("Nobody else changed this cell.");
  }

  // Ctrl+D and Ctrl+R: the first line of each range into its others.
  function copyInto(across) {
    const ways = grid.ranges.map((range) => filled(range, across)).filter(Boolean);
    const source = ({ at, col }) => {
      const { from } = ways.find(({ target }) => target.top <= at && at <= target.bottom && target.left <= col && col <= target.right);
      return grid.value(across ? { at, col: from } : { at: from, col });
    };
    const way = across ? "right" : "down";
    if (ways.length) writing.each(`Filled ${way}`, `Fill ${way}`, "fill", ways.map(({ target }) => target), (_, cell) => source(cell));
  }

  // Inside a selection of several cells Enter and Tab walk about in it.
  function next(way, across) {
    const { active, ranges, selection } = grid;
    if (!selection.single) return grid.activate(walk(ranges, active, way, across), { inside: true });
    const from = tabbed?.to === active ? tabbed.from : active.col;
    if (across) tabbed = { from, to: grid.activate({ at: active.at, col: active.col + way }) };
    else grid.activate({ at: active.at + way, col: from });
  }

  // Out of the grid at its edges, so that nobody is caught in it.
  function tab(event) {
    const way = event.shiftKey ? -1 : 1;
    const col = grid.active.col + way;
    if (grid.selection.single && (col < 0 || col >= grid.size.cols)) return;
    event.preventDefault();
    next(way, true);
  }

  function inEditor(event) {
    const { key, shiftKey, altKey } = event;
    const far = event.ctrlKey || event.metaKey;
    if (editor.open.tool.key(event)) return event.preventDefault();
    if (key === "Tab") {
      editor.close({ keep: true });
      return tab(event);
    }
    const action = {
      Escape: () => editor.close({ keep: false }),
      F2: () => editor.stay(),
      Enter: () => (altKey ? newline() : far ? editor.closeInto() : away(() => next(shiftKey ? -1 : 1, false))),
      ArrowDown: altKey && !editor.picker.hidden && (() => editor.pick()),
    }[key];
    if (action) return done(event, action);
    if (ARROWS[key] && editor.open.entering && !altKey && !shiftKey) done(event, () => away(() => go(event)));
  }

  function away(then) {
    editor.close({ keep: true });
    then();
  }

  function newline() {
    const { catcher } = grid;
    catcher.setRangeText("\n", catcher.selectionStart, catcher.selectionEnd, "end");
    catcher.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Moves the active cell, or with Shift the other corner of the range.
  function go(event) {
    const far = event.ctrlKey || event.metaKey;
    const from = event.shiftKey ? grid.end : grid.active;
    const arrow = ARROWS[event.key];
    grid.activate(arrow ? (far ? toEdge : step)(from, arrow) : jumps[event.key](from, far), { extend: event.shiftKey });
  }

  function onGrid(event) {
    const { key, code, altKey, shiftKey } = event;
    const far = event.ctrlKey || event.metaKey;
    const out = leaving;
    if (key !== "Shift") leaving = key === "Escape";
    if (key === "Tab") return far || altKey || out ? undefined : tab(event);
    if (altKey && !event.getModifierState("AltGraph")) return Object.hasOwn(withAlt, code) && !far && done(event, withAlt[code]);
    if (ARROWS[key] || jumps[key]) return done(event, () => go(event));
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (key === "Enter" && !far && (shiftKey || !grid.selection.single)) return done(event, () => next(shiftKey ? -1 : 1, false));
    const actions = far ? (shiftKey ? withBoth : withControl) : shiftKey ? withShift : plain;
    if (Object.hasOwn(actions, name)) return done(event, actions[name]);
    if (key === "Enter" || (shiftKey && plain[name])) event.preventDefault(); // or it would be typed into the box
  }

  function done(event, action) {
    event.preventDefault();
    action();
  }

  grid.catcher.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || !grid.size.rows) return;
    if (editor.open) inEditor(event);
    else onGrid(event);
  });
}
