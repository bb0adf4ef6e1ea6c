// Where rows and columns are. No DOM. `at` counts rows as shown, `col` columns as shown; pixels are those of the scroller's content.

// Browsers keep no element much higher, and beyond 2^24 px single pixels get lost.
export const CAP = 15_000_000;
export const NARROW = 48;
export const WIDE = 640;
const STEP = 400; // px of scrolling after which other columns are drawn
const OVERSCAN = 4; // rows drawn above and below what can be seen

export const everyRow = (count) => new Uint32Array(count).map((_, row) => row);
export const clamp = (value, low, high) => Math.max(low, Math.min(value, high));

// Rows from top to bottom. Beyond CAP the content runs ahead of the scrollbar: `shift` says how far.
export class Scale {
  constructor(rows, height, view) {
    this.rows = rows;
    this.height = height;
    this.view = Math.max(view, height);
    this.real = rows * height;
    this.size = Math.min(this.real, CAP);
    this.ratio = this.real > this.size ? (this.real - this.view) / (this.size - this.view) : 1;
  }

  get mapped() {
    return this.ratio !== 1;
  }

  shift(scroll) {
    return Math.round(scroll * (this.ratio - 1));
  }

  y(at, scroll) {
    return at * this.height - this.shift(scroll);
  }

  at(y, scroll) {
    return Math.floor((y + this.shift(scroll)) / this.height);
  }

  // The rows to draw: [from, to).
  window(scroll) {
    const from = clamp(this.at(scroll, scroll) - OVERSCAN, 0, Math.max(0, this.rows - this.drawn));
    return { from, to: Math.min(this.rows, from + this.drawn) };
  }

  get drawn() {
    return Math.ceil(this.view / this.height) + 2 * OVERSCAN + 1;
  }

  get page() {
    return Math.max(1, Math.floor(this.view / this.height) - 1);
  }

  // Where to scroll so that a row is seen whole; the same place when it is.
  reveal(at, scroll) {
    const top = at * this.height;
    const seen = scroll + this.shift(scroll);
    if (top < seen) return Math.floor(top / this.ratio);
    if (top + this.height > seen + this.view) return Math.ceil((top + this.height - this.view) / this.ratio);
    return scroll;
  }
}

// Columns from left to right; the first `frozen` stay where they are when the rest scrolls.
export class Tracks {
  constructor(widths, frozen) {
    this.widths = widths;
    this.frozen = frozen;
    this.lefts = [];
    let left = 0;
    for (const width of widths) {
      this.lefts.push(left);
      left += width;
    }
    this.total = left;
    this.edge = frozen < widths.length ? (this.lefts[frozen] ?? 0) : left;
  }

  x(col, scroll) {
    return this.lefts[col] + (col < this.frozen ? scroll : 0);
  }

  // The column under a place in the window.
  col(x, scroll) {
    const place = x < this.edge ? x : x + scroll;
    let col = this.lefts.length - 1;
    while (col > 0 && this.lefts[col] > place) col -= 1;
    return col;
  }

  // The columns to draw beside the frozen ones: [from, to), in steps so that they seldom change.
  window(scroll, view) {
    const from = this.col(this.edge, Math.floor(scroll / STEP) * STEP);
    const to = this.col(view, Math.ceil(scroll / STEP) * STEP + STEP / 2);
    return [from, to + 1];
  }

  reveal(col, scroll, view) {
    if (col < this.frozen) return scroll;
    const left = this.lefts[col] - this.edge;
    const right = this.lefts[col] + this.widths[col] - view;
    if (left < scroll) return left;
    return right > scroll ? Math.min(left, right) : scroll;
  }

  // A rectangle of cells in content pixels: what lies under the frozen columns is cut off; null when nothing is left.
  rect({ left, right }, scroll) {
    const start = this.x(left, scroll);
    const end = this.x(right, scroll) + this.widths[right];
    if (left < this.frozen) return { left: start, width: Math.max(end, scroll + this.stop(right)) - start };
    const cut = Math.max(start, scroll + this.edge);
    return end > cut ? { left: cut, width: end - cut } : null;
  }

  stop(right) {
    return right < this.frozen ? this.lefts[right] + this.widths[right] : this.edge;
  }
}

// As many frozen columns as leave room for the others: never more than 60 % of what can be seen.
export function room(widths, frozen, view) {
  let kept = 0;
  for (let col = 0, used = 0; col < Math.min(frozen, widths.length); col += 1) {
    used += widths[col];
    if (col > 0 && used > view * 0.6) break;
    kept = col + 1;
  }
  return kept;
}

// Columns in another order: `from` goes before what stands at `to`.
export function moved(list, from, to) {
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(to > from ? to - 1 : to, 0, list[from]);
}
