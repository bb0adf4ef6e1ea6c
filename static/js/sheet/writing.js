// Every change the hands make is one step of the model. What could not be written is spared, and said.
import { counted, number } from "./make.js";
import { cellsOf } from "./moves.js";

export const READING = "These cells are still being read; try again in a moment.";

export class Writing {
  constructor({ grid, model, say }) {
    Object.assign(this, { grid, model, say });
  }

  // cells: [{at, col, value}], all writable. Returns how many changed and how many of all are invalid now.
  put(label, kind, cells) {
    const { grid, model } = this;
    const writes = cells.map(({ at, col, value }) => ({ row: grid.rowAt(at), field: grid.cols[col].name, value }));
    const step = writes.length ? model.write(label, kind, writes) : null;
    const changed = Object.values(step?.cells ?? {}).reduce((sum, { rows }) => sum + rows.length, 0);
    const invalid = writes.reduce((sum, { row, field }) => sum + (model.mark(row, field)?.w ? 1 : 0), 0);
    return { changed, already: cells.length - changed, invalid };
  }

  // A value for every cell of these rectangles: value(spec, cell).
  each(verb, label, kind, ranges, value) {
    const { grid } = this;
    const cells = [...cellsOf(ranges, grid.size)];
    const writable = cells.filter((cell) => grid.writable(cell));
    if (!writable.length) return this.say(cells.length > 1 ? "All of these cells are read-only." : this.readOnly(grid.active));
    for (const cell of writable) cell.value = value(grid.cols[cell.col], cell);
    if (writable.some((cell) => cell.value === undefined)) return this.say(READING);
    this.say(sentence(verb, { ...this.put(label, kind, writable), spared: cells.length - writable.length }));
  }

  readOnly({ col }) {
    const { editable, label } = this.grid.cols[col];
    if (!this.model.boot.editable) return "You may look at this worksheet, not change it.";
    return editable ? "This record is gone; nothing can be changed in it." : `${label} is read-only.`;
  }
}

// “Pasted 598 cells; 2 invalid; 3 read-only spared; 10 beyond the last row left out.”
export function sentence(verb, { changed, already = 0, invalid = 0, spared = 0, below = 0, beside = 0 }) {
  const rest = [
    [already, "already had the value"],
    [invalid, "invalid"],
    [spared, "read-only spared"],
    [below, "beyond the last row left out"],
    [beside, "beyond the last column left out"],
  ];
  return `${[`${verb} ${counted(changed, "cell")}`, ...rest.filter(([n]) => n).map(([n, words]) => `${number(n)} ${words}`)].join("; ")}.`;
}
