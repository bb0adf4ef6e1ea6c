// Which rows a shared change means: ticked ones, those of the selected cells, those of the filter, or all.
import { number } from "./make.js";
import { toRanges } from "./scope.js";

function selected({ ranges, rowAt, order }) {
  const rows = new Set();
  for (const { top, bottom } of ranges) for (let at = top; at <= bottom; at += 1) rows.add(order[at]);
  return rows;
}

export class Scope {
  constructor(root, grid, changed) {
    Object.assign(this, { root, grid, radios: [...root.querySelectorAll("input")] });
    root.onchange = () => {
      this.own = this.name; // from here on it stays what was chosen
      changed();
    };
  }

  get name() {
    return this.radios.find((radio) => radio.checked).value;
  }

  // The counts, and the choice that fits unless somebody chose.
  draw() {
    const { grid, radios, own } = this;
    this.rows = { ticked: grid.ticked, range: selected(grid), filter: grid.order };
    const all = grid.model.rows;
    const [ticked, range, filter] = Object.values(this.rows).map((rows) => rows.size ?? rows.length);
    const counts = { ticked, range, filter: filter < all && filter, all };
    for (const radio of radios) {
      radio.parentElement.hidden = !counts[radio.value];
      radio.parentElement.lastElementChild.textContent = number(counts[radio.value]);
    }
    const fits = counts[own] ? own : ticked ? "ticked" : range > 1 ? "range" : counts.filter ? "filter" : "all";
    for (const radio of radios) radio.checked = radio.value === fits;
  }

  // As the server wants it: null for all rows.
  get wire() {
    const rows = this.rows[this.name];
    return rows ? { rows: toRanges(Uint32Array.from(rows).sort()) } : null;
  }
}
