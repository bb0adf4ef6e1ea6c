// Rectangles of cells, and where a pasted block lands. Positions are {row, col}; a rectangle includes its edges.

export function rectangle(anchor, active) {
  return {
    top: Math.min(anchor.row, active.row),
    bottom: Math.max(anchor.row, active.row),
    left: Math.min(anchor.col, active.col),
    right: Math.max(anchor.col, active.col),
  };
}

export function* positions(rect) {
  for (let row = rect.top; row <= rect.bottom; row += 1) {
    for (let col = rect.left; col <= rect.right; col += 1) yield { row, col };
  }
}

export function within(position, rect) {
  return position.row >= rect.top && position.row <= rect.bottom && position.col >= rect.left && position.col <= rect.right;
}

// A block fills a selection that is a multiple of it (one value fills any); otherwise it starts at the top left.
// What would fall on cells that cannot be written is spared, what falls beside the grid is overflow; both are counted.
export function landing(block, rect, size, writable) {
  const tall = block.length;
  const wide = Math.max(...block.map((row) => row.length));
  const rows = rect.bottom - rect.top + 1;
  const cols = rect.right - rect.left + 1;
  const fills = rows % tall === 0 && cols % wide === 0;
  const area = { tall: fills ? rows : tall, wide: fills ? cols : wide };
  const found = { writes: [], spared: 0, overflow: 0 };
  for (let down = 0; down < area.tall; down += 1) {
    for (let across = 0; across < area.wide; across += 1) {
      const value = block[down % tall][across % wide];
      if (value !== undefined) put(found, { row: rect.top + down, col: rect.left + across }, value, size, writable);
    }
  }
  return found;
}

function put(found, position, value, size, writable) {
  if (position.row >= size.rows || position.col >= size.cols) found.overflow += 1;
  else if (!writable(position)) found.spared += 1;
  else found.writes.push({ ...position, value });
}

// Fill down: the top row of the selection, or for a single cell the one above it, into the rows below.
export function fillDown(rect) {
  const single = rect.top === rect.bottom;
  const source = single ? rect.top - 1 : rect.top;
  if (source < 0) return [];
  const found = [];
  for (const position of positions({ ...rect, top: source + 1 })) found.push({ ...position, from: { row: source, col: position.col } });
  return found;
}
