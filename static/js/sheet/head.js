// The header: one cell per column with its sort, filter and menu.
import { make } from "./make.js";
import { GLYPHS, icon, isNumber } from "./paint.js";

export class Head {
  height = 32;

  constructor(grid) {
    this.grid = grid;
    this.row = make("div", { className: "grid-row", role: "row", "aria-rowindex": 1 });
    this.marker = make("div", { className: "drop-marker", hidden: true });
    this.element = make("div", { className: "grid-head", role: "rowgroup" }, this.row, this.marker);
    grid.table.prepend(this.element);
    this.element.addEventListener("click", (event) => this.click(event));
  }

  build() {
    this.cells = this.grid.cols.map((spec, col) => this.cell(spec, col));
    this.row.replaceChildren(...this.cells);
    this.drawTicks();
  }

  cell(spec, col) {
    const { sort, filters } = this.grid.layout;
    const sorted = sort.findIndex(({ field }) => field === spec.name);
    const cell = make("div", { className: `head${isNumber(spec) ? " is-end" : ""}`, role: "columnheader", "aria-colindex": col + 1, title: spec.name });
    if (col === 0) cell.append(make("span", { className: "tick" }));
    cell.append(make("span", { className: "type", "aria-hidden": true }, GLYPHS[spec.kind] ?? "Aa"), make("span", { className: "label" }, spec.label));
    if (!spec.editable) cell.append(icon("lock"), unseen(", read-only"));
    if (sorted >= 0) cell.append(...arrow(cell, sort, sorted));
    if (filters[spec.name]) cell.append(icon("filter", "is-on"), unseen(", filtered"));
    const menu = make("button", { className: "head-menu", type: "button", tabindex: -1, "aria-haspopup": "menu", "aria-label": `Menu of ${spec.label}` }, icon("chevron-down"));
    cell.append(menu, make("span", { className: "grip" }));
    return cell;
  }

  // Row and header heights as the stylesheet has them: they follow the chosen density.
  heights() {
    const style = getComputedStyle(this.element);
    return { row: parseFloat(style.getPropertyValue("--row")) || 28, head: this.element.offsetHeight || 32 };
  }

  place() {
    const { widths, lefts, frozen } = this.grid.tracks;
    this.cells.forEach((cell, col) => {
      cell.style.width = `${widths[col]}px`;
      cell.style.left = col < frozen ? `${lefts[col]}px` : "";
      cell.classList.toggle("is-frozen", col < frozen);
      cell.classList.toggle("is-edge", col === frozen - 1);
    });
  }

  // Headers of the columns with something selected.
  select(ranges) {
    const key = ranges.map(({ left, right }) => `${left}-${right}`).join();
    if (this.key === key && this.drawn === this.cells) return;
    Object.assign(this, { key, drawn: this.cells });
    this.cells.forEach((cell, col) => cell.classList.toggle("is-in", ranges.some(({ left, right }) => left <= col && col <= right)));
  }

  drawTicks() {
    const { order, ticked } = this.grid;
    const all = ticked.size >= order.length && order.length > 0 && order.every((row) => ticked.has(row));
    this.cells?.[0].classList.toggle("is-ticked", all);
    this.cells?.[0].classList.toggle("is-partly", !all && ticked.size > 0);
  }

  colOf(target) {
    return this.cells.indexOf(target.closest(".head"));
  }

  click(event) {
    const button = event.target.closest(".head-menu");
    if (button) this.menu(this.colOf(button));
  }

  // Also for the keyboard: the menu of the active cell's column.
  menu(col = this.grid.active.col) {
    const button = this.cells[col].querySelector(".head-menu");
    this.grid.tell("menu", { col, button, box: this.cells[col].getBoundingClientRect() });
  }
}

const unseen = (words) => make("span", { className: "visually-hidden" }, words);

function arrow(cell, sort, index) {
  const { down } = sort[index];
  if (index === 0) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
  const place = sort.length > 1 ? [make("span", { className: "place", "aria-hidden": true }, `${index + 1}`)] : [];
  return [icon(down ? "sort-down" : "sort-up", "is-on"), ...place];
}
