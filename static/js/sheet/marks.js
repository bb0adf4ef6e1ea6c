// What marks mean: the state of a cell, its pending edit, and how many there are of each kind.

const TO_FIX = { "not sent": "unsent", cancelled: "unsent", unknown: "doubtful", "accepted but not stored": "doubtful", rejected: "failed", conflict: "failed" };
const DONE = new Set(["done", "unchanged"]);
export const ORDER = ["invalid", "conflict", "failed", "unsent", "doubtful", "pending", "moved", "done"];

// In memory a mark that is nothing but an edit is just that edit.
export const isPlain = (mark) => typeof mark === "string" || mark === null;
export const editOf = (mark) => (isPlain(mark) ? mark : mark === undefined || mark.e === undefined ? false : mark.e);

export function stateOf(mark) {
  if (mark === undefined) return "";
  if (isPlain(mark)) return "pending";
  if (mark.w) return "invalid";
  if (mark.c) return "conflict";
  if ("e" in mark) return TO_FIX[mark.o] ?? "pending";
  return "t" in mark ? "moved" : DONE.has(mark.o) ? "done" : "";
}

// What a typed edit leaves: what moved underneath without a clash is still to be seen.
export function marked(old, edit, words) {
  const moved = !isPlain(old) && old !== undefined && "t" in old && !old.c;
  if (!moved && !words) return edit === false ? undefined : edit;
  return { ...(edit === false ? {} : { e: edit }), ...(words && { w: words }), ...(moved && { t: old.t }) };
}

// How many cells there are of each kind, and rows with edits.
export class Tally {
  count = { cells: 0, rows: 0, invalid: 0, clashes: 0, failed: 0, moved: 0, done: 0, gone: 0 };

  constructor(rows) {
    this.edits = new Uint16Array(rows);
  }

  add(row, mark, by) {
    const { count } = this;
    if (editOf(mark) !== false) {
      count.cells += by;
      const was = this.edits[row];
      this.edits[row] += by;
      if (!was || was + by === 0) count.rows += by;
    }
    if (isPlain(mark)) return;
    if (mark.w) count.invalid += by;
    if (mark.c) count.clashes += by;
    if ("e" in mark && mark.o in TO_FIX) count.failed += by;
    if (mark.gone) count.gone += by;
    const state = stateOf(mark);
    if (state === "moved" || state === "done") count[state] += by;
  }
}
