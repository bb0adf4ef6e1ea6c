// Where keys lead, as in Excel. Rectangles are {top, bottom, left, right}, cells {at, col}. No DOM.

// From `from` on by `step` to the edge of the data: the last filled cell of a run, else the next filled one, else the end.
export function edge(filled, from, step, count) {
  const last = step > 0 ? count - 1 : 0;
  if (from === last) return from;
  let at = from + step;
  const run = filled(from) && filled(at);
  while (at !== last && filled(at) === run) at += step;
  return run && !filled(at) ? at - step : at;
}

export const covers = ({ top, bottom, left, right }, { at, col }) => top <= at && at <= bottom && left <= col && col <= right;

// The next cell of a selection: across (Tab) or down (Enter), on into its next rectangle, around at the end.
export function walk(ranges, active, step, across) {
  const which = Math.max(0, ranges.findLastIndex((range) => covers(range, active)));
  const range = ranges[which];
  const [tall, wide] = [range.bottom - range.top + 1, range.right - range.left + 1];
  const next = (across ? (active.at - range.top) * wide + active.col - range.left : (active.col - range.left) * tall + active.at - range.top) + step;
  if (next >= 0 && next < tall * wide) return place(range, next, across);
  const other = ranges[(which + step + ranges.length) % ranges.length];
  return step > 0 ? { at: other.top, col: other.left } : { at: other.bottom, col: other.right };
}

function place({ top, bottom, left, right }, index, across) {
  const length = across ? right - left + 1 : bottom - top + 1;
  const [whole, rest] = [Math.floor(index / length), index % length];
  return across ? { at: top + whole, col: left + rest } : { at: top + rest, col: left + whole };
}

// The cells of rectangles, each once.
export function* cellsOf(ranges, { rows, cols }) {
  const earlier = [];
  for (const range of ranges) {
    for (let at = range.top; at <= Math.min(range.bottom, rows - 1); at += 1) {
      for (let col = range.left; col <= Math.min(range.right, cols - 1); col += 1) {
        const cell = { at, col };
        if (!earlier.some((other) => covers(other, cell))) yield cell;
      }
    }
    earlier.push(range);
  }
}

// Where each cell of a rectangle takes its value when filling down or to the right; a single line takes what stands before it.
export function filled(range, across) {
  const [first, last] = across ? ["left", "right"] : ["top", "bottom"];
  const from = range[first] === range[last] ? range[first] - 1 : range[first];
  return from < 0 ? null : { from, target: { ...range, [first]: from + 1 } };
}

// Where a pasted block lands: over a selection that is a multiple of it again and again, else once from the top left.
// Returns the cells that can be written, and how many are spared as read-only or lie beyond the last row or column.
export function landing(block, range, { rows, cols }, writable) {
  const size = { tall: block.length, wide: Math.max(...block.map((line) => line.length)) };
  const [tall, wide] = [range.bottom - range.top + 1, range.right - range.left + 1];
  const fills = tall % size.tall === 0 && wide % size.wide === 0;
  const area = { ...range, bottom: range.top + (fills ? tall : size.tall) - 1, right: range.left + (fills ? wide : size.wide) - 1 };
  const found = { cells: [], spared: 0, below: 0, beside: 0, area };
  for (let at = area.top; at <= area.bottom; at += 1) {
    const line = block[(at - area.top) % size.tall];
    for (let col = area.left; col <= area.right; col += 1) {
      const value = line[(col - area.left) % size.wide];
      if (value === undefined) continue;
      if (at >= rows) found.below += 1;
      else if (col >= cols) found.beside += 1;
      else if (!writable({ at, col })) found.spared += 1;
      else found.cells.push({ at, col, value });
    }
  }
  area.bottom = Math.min(area.bottom, rows - 1);
  area.right = Math.min(area.right, cols - 1);
  return found;
}
