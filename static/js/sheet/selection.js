// What is selected: rectangles {top, bottom, left, right} in the order shown; the last one is the active one. No DOM.
import { clamp } from "./geometry.js";

const MOST = 1000; // ranges a re-sorted selection may fall into

const rectangle = (a, b) => ({
  top: Math.min(a.at, b.at),
  bottom: Math.max(a.at, b.at),
  left: Math.min(a.col, b.col),
  right: Math.max(a.col, b.col),
});

export class Selection {
  active = { at: 0, col: 0 }; // the cell that is typed into
  anchor = { at: 0, col: 0 }; // the corner that stays when the range is extended
  end = { at: 0, col: 0 }; // the corner that moves
  ranges = [{ top: 0, bottom: 0, left: 0, right: 0 }];

  get range() {
    return this.ranges.at(-1);
  }

  get single() {
    const { top, bottom, left, right } = this.range;
    return this.ranges.length === 1 && top === bottom && left === right;
  }

  // `extend` moves the corner of the range, `add` begins another one, `inside` walks about in what is selected.
  go(position, size, { extend = false, add = false, inside = false } = {}) {
    const next = { at: clamp(position.at, 0, Math.max(0, size.rows - 1)), col: clamp(position.col, 0, Math.max(0, size.cols - 1)) };
    if (inside) this.active = next;
    else if (extend) this.stretch(next);
    else this.begin(next, add ? this.ranges : []);
    return next;
  }

  begin(next, kept) {
    this.active = this.anchor = this.end = next;
    this.ranges = [...kept, rectangle(next, next)];
  }

  stretch(next) {
    this.end = next;
    this.ranges = [...this.ranges.slice(0, -1), rectangle(this.anchor, next)];
  }

  // Exactly these rectangles, active at the top left of the last.
  set(ranges, active) {
    const { top, bottom, left, right } = ranges.at(-1);
    this.ranges = ranges;
    this.anchor = { at: top, col: left };
    this.end = { at: bottom, col: right };
    this.active = active ?? this.anchor;
  }

  // The spans of columns selected in one row.
  spans(at) {
    return this.ranges.filter(({ top, bottom }) => top <= at && at <= bottom);
  }

  // The same rows after they were put in another order; `atOf` tells where a row is now, -1 for nowhere.
  follow(before, atOf, size) {
    const active = atOf(before[this.active.at]);
    const found = this.ranges.flatMap((range) => pieces(range, before, atOf));
    if (active < 0 || !found.length || found.length > MOST) return void this.go({ ...this.active, at: Math.max(active, 0) }, size);
    found.sort((a, b) => covers(a, active, this.active.col) - covers(b, active, this.active.col));
    this.set(found, { at: active, col: this.active.col });
  }
}

const covers = ({ top, bottom, left, right }, at, col) => Number(top <= at && at <= bottom && left <= col && col <= right);

function pieces({ top, bottom, left, right }, before, atOf) {
  const places = Array.from(before.subarray(top, bottom + 1), atOf).filter((at) => at >= 0);
  return runs(places.sort((a, b) => a - b)).map(([first, last]) => ({ top: first, bottom: last, left, right }));
}

// 1, 2, 3, 7 → [1, 3], [7, 7]
export function runs(numbers) {
  const found = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && number <= last[1] + 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}
