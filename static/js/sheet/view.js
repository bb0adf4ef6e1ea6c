// The grid on the page: where cells are, which one is active, what they hold, and putting the server's word into them.
import { positions, rectangle, within } from "./ranges.js";
import { PRISTINE } from "./history.js";

const YES_NO = [["true", "yes"], ["false", "no"]];
const FIRST = 2; // before the fields come the tick and the id; the id is column -1

export class View {
  constructor(root) {
    this.root = root;
    this.before = new WeakMap();
    this.onActive = () => {};
    this.reset();
  }

  // Also after the rows were drawn anew.
  reset() {
    this.table = this.root.querySelector("#grid");
    this.rows = this.table ? [...this.table.tBodies[0].rows] : [];
    this.columns = [...(this.table?.tHead.querySelectorAll("[data-column]") ?? [])].map((th) => JSON.parse(th.dataset.column));
    this.byId = new Map(this.rows.map((tr, index) => [tr.dataset.id, index]));
    this.active = this.anchor = { row: 0, col: 0 };
    if (this.rows.length) this.cell(this.active).tabIndex = 0;
  }

  get size() {
    return { rows: this.rows.length, cols: this.columns.length };
  }

  get range() {
    return rectangle(this.anchor, this.active);
  }

  cell({ row, col }) {
    return this.rows[row]?.cells[col + FIRST];
  }

  at(element) {
    const cell = element.closest("td, th");
    const row = this.rows.indexOf(cell?.parentElement);
    return row < 0 || cell.cellIndex < FIRST - 1 ? null : { row, col: cell.cellIndex - FIRST };
  }

  id({ row }) {
    return this.rows[row].dataset.id;
  }

  column({ col }) {
    return this.columns[col];
  }

  find(id, field) {
    const row = this.byId.get(id);
    const col = this.columns.findIndex((column) => column.name === field);
    return row === undefined || col < 0 ? null : { row, col };
  }

  writable(position) {
    return Boolean(this.column(position)?.editable);
  }

  // The text a cell holds; null for null and for what is not set.
  text(position) {
    const cell = this.cell(position);
    return position.col < 0 ? this.id(position) : (cell.dataset.text ?? null);
  }

  // What undo has to put back.
  held(position) {
    return /\bis-(pending|invalid|failed|unsent|doubtful|conflict)\b/.test(this.cell(position).className) ? this.text(position) : PRISTINE;
  }

  activate({ row, col }, { extend = false, focus = true } = {}) {
    const next = {
      row: Math.min(Math.max(row, 0), this.size.rows - 1),
      col: Math.min(Math.max(col, -1), this.size.cols - 1),
    };
    const old = this.cell(this.active);
    if (old) old.tabIndex = -1;
    this.active = next;
    if (!extend) this.anchor = next;
    const cell = this.cell(next);
    cell.tabIndex = 0;
    if (focus) cell.focus({ preventScroll: true });
    this.reveal(cell, next);
    this.paint();
    this.onActive(about(cell));
  }

  // The rectangle around these positions, active at its top left: where a paste began.
  select(list) {
    const [rows, cols] = [list.map(({ row }) => row), list.map(({ col }) => col)];
    this.activate({ row: Math.min(...rows), col: Math.min(...cols) });
    this.anchor = { row: Math.max(...rows), col: Math.max(...cols) };
    this.paint();
  }

  // The browser's own scrolling would leave the cell behind the frozen columns.
  reveal(cell, { col }) {
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    const scroller = this.table.parentElement;
    const frozen = [...this.rows[0].cells].filter((each) => getComputedStyle(each).position === "sticky");
    if (col < 0 || frozen.includes(cell)) return;
    const edge = Math.max(...frozen.map((each) => each.getBoundingClientRect().right));
    const hidden = edge - cell.getBoundingClientRect().left;
    if (hidden > 0) scroller.scrollLeft -= hidden;
  }

  paint() {
    const range = this.range;
    const single = range.top === range.bottom && range.left === range.right;
    for (const cell of this.table.querySelectorAll("[aria-selected=true]")) cell.removeAttribute("aria-selected");
    if (single) return;
    for (const position of positions(range)) this.cell(position).setAttribute("aria-selected", "true");
  }

  includes(position) {
    return within(position, this.range);
  }

  // Show a value before the server has typed it; PRISTINE shows what stood there before the first edit.
  show(position, value) {
    const cell = this.cell(position);
    if (!this.before.has(cell) && this.held(position) === PRISTINE) this.before.set(cell, [cell.className, cell.dataset.text, cell.innerHTML]);
    if (value === PRISTINE) return this.restore(cell);
    cell.classList.remove("is-invalid", "is-done", "is-failed", "is-unsent", "is-doubtful", "is-conflict");
    cell.classList.add("is-pending");
    cell.removeAttribute("aria-invalid");
    if (value === null) delete cell.dataset.text;
    else cell.dataset.text = value;
    const span = document.createElement("span");
    span.className = value === null ? "is-null" : value === "" ? "is-empty" : "cell-value";
    span.textContent = value === null ? "null" : value === "" ? "empty" : this.label(position, value);
    cell.replaceChildren(span);
  }

  restore(cell) {
    if (!this.before.has(cell)) return;
    const [classes, text, html] = this.before.get(cell);
    cell.className = classes;
    if (text === undefined) delete cell.dataset.text;
    else cell.dataset.text = text;
    cell.innerHTML = html;
  }

  label(position, value) {
    const { choices, editor } = this.column(position);
    const offered = editor === "boolean" ? YES_NO : choices;
    return offered.find(([known]) => known === value)?.[1] ?? value;
  }

  // The server's cells; one that was edited again since is left alone, and so is one that is open in an editor.
  apply(rows, isNewer) {
    for (const [id, fields] of Object.entries(rows)) {
      for (const [field, told] of Object.entries(fields)) {
        const position = this.find(id, field);
        if (position && !isNewer(id, field)) this.put(this.cell(position), told);
      }
    }
  }

  put(cell, told) {
    if (cell.querySelector(".cell-editor")) return;
    const focused = cell.contains(document.activeElement);
    cell.className = told.classes;
    cell.innerHTML = told.html; // drawn and escaped by the server
    if (told.text === null) delete cell.dataset.text;
    else cell.dataset.text = told.text;
    if (told.parent) cell.dataset.parent = told.parent;
    cell.toggleAttribute("aria-invalid", false);
    if (told.state === "invalid") cell.setAttribute("aria-invalid", "true");
    this.before.delete(cell);
    if (focused) cell.focus({ preventScroll: true });
  }
}

// What there is to say of a cell besides its value: why it cannot go as it is, else what stood there before.
function about(cell) {
  const note = cell.querySelector(".cell-note")?.textContent;
  const old = cell.querySelector(".cell-old")?.textContent;
  return note ?? (old === undefined ? "" : `Before: ${old}`);
}
