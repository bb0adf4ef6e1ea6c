// The rows on screen: elements are recycled (index mod pool), and only what changed is written into them.
import { clamp } from "./geometry.js";
import { make } from "./make.js";
import { isNumber, look } from "./paint.js";

const BAD = new Set(["invalid", "failed"]);

export class Rows {
  lines = [];

  constructor(grid) {
    this.grid = grid;
    grid.table.append(grid.body);
  }

  // For other columns: everything is built anew.
  reset() {
    this.lines = [];
    this.spare = null;
    this.columns = null;
    this.grid.body.replaceChildren();
    const row = make("div", { className: "grid-row", role: "row" });
    this.bases = this.grid.cols.map((spec) => `cell${isNumber(spec) ? " is-end" : ""}${spec.editable ? "" : " is-locked"}`);
    row.append(...this.grid.cols.map((spec, col) => this.cell(spec, col)));
    this.pattern = row;
  }

  cell(spec, col) {
    const cell = make("div", { className: this.bases[col], role: col ? "gridcell" : "rowheader", "aria-colindex": col + 1, "aria-selected": false });
    if (!spec.editable) cell.setAttribute("aria-readonly", "true");
    if (col) cell.append("");
    else cell.append(make("span", { className: "tick" }), make(this.grid.boot.urls?.record ? "a" : "span", { className: "id", tabindex: -1 }, ""));
    return cell;
  }

  line() {
    const el = this.pattern.cloneNode(true);
    const cells = [...el.children].map((each, col) => ({
      el: each,
      node: col ? (each.firstChild ?? each.appendChild(new Text())) : (each.lastChild.firstChild ?? each.lastChild.appendChild(new Text())),
    }));
    const line = { el, cells, at: -1 };
    this.size(cells);
    this.hideCells(line);
    this.grid.body.append(el);
    return line;
  }

  // Widths and frozen columns, after they changed.
  place() {
    for (const line of this.all()) this.size(line.cells);
  }

  // Only frozen cells are in the row's flow: the others have fixed places, so one cell's text never lays out another.
  size(cells) {
    const { widths, lefts, frozen } = this.grid.tracks;
    cells.forEach((cell, col) => {
      const held = col >= frozen ? "" : col === frozen - 1 ? " is-frozen is-edge" : " is-frozen";
      if (cell.held !== held) Object.assign(cell, { held, css: null });
      if (cell.width !== widths[col]) cell.el.style.width = `${(cell.width = widths[col])}px`;
      if (cell.left !== lefts[col]) cell.el.style.left = `${(cell.left = lefts[col])}px`;
    });
  }

  // Columns far outside what can be seen are not there at all, save that of the active cell.
  narrow(from, to) {
    const { col: active } = this.grid.active;
    const key = `${from} ${to} ${active < from || active >= to ? active : ""} ${this.grid.tracks.frozen}`;
    if (this.columns === key) return;
    this.columns = key;
    this.grid.stamp += 1;
    this.drawn = this.grid.cols.map((_, col) => col).filter((col) => col < this.grid.tracks.frozen || (col >= from && col < to) || col === active);
    for (const line of this.all()) this.hideCells(line);
  }

  hideCells({ cells }) {
    const drawn = new Set(this.drawn);
    cells.forEach((cell, col) => {
      if (cell.el.hidden === drawn.has(col)) cell.el.hidden = !drawn.has(col);
    });
  }

  *all() {
    yield* this.lines;
    if (this.spare) yield this.spare;
  }

  // The drawn line that shows a place in the order.
  find(at) {
    const line = this.lines[at % this.lines.length];
    return line?.at === at ? line : this.spare?.at === at ? this.spare : null;
  }

  stale(rows) {
    for (const line of this.all()) if (rows.has(line.row)) line.stamp = -1;
  }

  draw(scale, scroll, left) {
    const { from, to } = scale.window(scroll);
    this.narrow(...this.grid.tracks.window(left, this.grid.wide));
    while (this.lines.length < Math.min(scale.drawn, scale.rows)) this.lines.push(this.line());
    const seen = new Set();
    for (let at = from; at < to; at += 1) {
      const line = this.lines[at % this.lines.length];
      seen.add(line);
      this.show(line, at, scale.y(at, scroll));
    }
    for (const line of this.lines) if (!seen.has(line)) hide(line);
    this.keepActive(scale, scroll, from, to);
    if (from !== this.from || to !== this.to) this.grid.tell("view", { from: (this.from = from), to: (this.to = to) });
  }

  // What aria-activedescendant points to has to be there, even when it was scrolled out of sight.
  keepActive(scale, scroll, from, to) {
    const { at } = this.grid.active;
    if ((at >= from && at < to) || at >= scale.rows) return this.spare && hide(this.spare);
    this.spare ??= this.line();
    this.show(this.spare, at, clamp(scale.y(at, scroll), 0, scale.size - scale.height));
  }

  show(line, at, y) {
    const row = this.grid.order[at];
    if (line.at !== at || line.row !== row || line.stamp !== this.grid.stamp) this.bind(line, at, row);
    if (line.y !== y) line.el.style.top = `${(line.y = y)}px`;
    if (line.el.hidden) line.el.hidden = false;
    this.select(line);
  }

  bind(line, at, row) {
    if (line.at !== at) line.el.setAttribute("aria-rowindex", at + 2);
    Object.assign(line, { at, row, stamp: this.grid.stamp });
    this.dress(line);
    for (const col of this.drawn) this.fill(line.cells[col], look(this.grid, row, this.grid.cols[col], line.cells[col].width), this.bases[col]);
    const id = this.grid.model.id(row);
    const link = id && this.grid.boot.urls?.record?.replace("__id__", encodeURIComponent(id));
    if (link && line.link !== link) line.cells[0].el.lastChild.setAttribute("href", (line.link = link));
  }

  dress(line) {
    const ticked = this.grid.ticked.has(line.row);
    const state = this.grid.model.rowState(line.row);
    const css = `grid-row${ticked ? " is-ticked" : ""}${state ? ` is-${state}` : ""}`;
    if (line.css === css) return;
    line.el.className = line.css = css;
    line.el.setAttribute("aria-selected", ticked);
  }

  fill(cell, { text, css, state }, base) {
    if (cell.text !== text) cell.node.data = cell.text = text;
    if (cell.css === css) return;
    cell.css = css;
    cell.el.className = `${base}${cell.held}${css}`;
    if (cell.bad === BAD.has(state)) return;
    cell.bad = BAD.has(state);
    cell.el.toggleAttribute("aria-invalid", false);
    if (cell.bad) cell.el.setAttribute("aria-invalid", "true");
  }

  // aria-selected of the cells of a line, and the id of the active one.
  select(line) {
    const { active } = this.grid;
    const spans = this.grid.selection.spans(line.at);
    const key = `${spans.map(({ left, right }) => `${left}-${right}`)}${line.at === active.at ? `!${line.row} ${active.col}` : ""}`;
    if (line.key === key) return;
    line.key = key;
    line.cells.forEach((cell, col) => selectCell(cell, spans.some(({ left, right }) => left <= col && col <= right)));
    line.cells[0].el.classList.toggle("is-in", spans.length > 0);
    if (line.named) line.named.removeAttribute("id");
    line.named = line.at === active.at ? line.cells[active.col]?.el : null;
    if (line.named) this.name(line.named, line.row);
  }

  name(element, row) {
    element.id = `${this.grid.root.id}-${row}-${this.grid.active.col}`;
    const { catcher } = this.grid;
    if (!catcher.classList.contains("is-open")) catcher.setAttribute("aria-activedescendant", element.id);
  }
}

function selectCell(cell, on) {
  if (cell.selected === on) return;
  cell.selected = on;
  cell.el.setAttribute("aria-selected", on);
}

// A hidden line loses the id it may have lent to the active cell: ids are there once.
function hide(line) {
  if (line.el.hidden) return;
  line.el.hidden = true;
  line.named?.removeAttribute("id");
  Object.assign(line, { at: -1, key: null, named: null });
}
