// The grid: a window of rows over a model of any size. One scroller, recycled rows, frozen columns by position: sticky.
// Places are {at, col}: `at` counts rows in the order shown, `col` columns shown (0 = id); `row` is the model's own number.
//
// Selecting is as in Excel: `active` is typed into and stays while activate(place, {extend: true}) moves `end`, the other corner of `range`;
// {add: true} begins another range, {inside: true} moves `active` about within what is selected.
import { Scale, Tracks, clamp, everyRow, moved, room } from "./geometry.js";
import { Head } from "./head.js";
import { Layer } from "./layer.js";
import { make } from "./make.js";
import { TICK, usual } from "./paint.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";

export class Grid {
  stamp = 0; // one counter tells which drawn rows are stale
  ticked = new Set();
  listeners = {};
  selection = new Selection();
  order = new Uint32Array();
  cols = [];
  scale = new Scale(0, 28, 0);
  peers = [];

  // names(field, id text) → name or undefined (repaint when it is known)
  constructor(root, { model, names = () => undefined, boot = model.boot, label = boot.title }) {
    Object.assign(this, { root, model, names, boot });
    this.layout = { columns: boot.columns, widths: {}, frozen: 1, sort: [], filters: {}, ...boot.layout };
    this.build(label);
    this.rows = new Rows(this);
    this.head = new Head(this);
    this.layer = new Layer(this);
    this.setOrder(everyRow(model.rows));
    this.setColumns(this.layout);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.sizes = new ResizeObserver(() => String(this.extent()) === this.measured || this.measure());
    for (const each of [this.scroller, this.head.element]) this.sizes.observe(each);
    model.on(({ rows }) => this.repaint(rows));
  }

  build(label) {
    const id = `${this.root.id}-table`;
    this.table = make("div", { className: "grid-table", role: "grid", id, "aria-label": label, "aria-multiselectable": true });
    this.body = make("div", { className: "grid-body", role: "rowgroup" });
    this.catcher = make("textarea", { className: "catcher", "aria-label": label, "aria-controls": id, rows: 1, spellcheck: false, autocomplete: "off", autocapitalize: "off" });
    this.scroller = make("div", { className: "grid-scroll" }, this.table, this.catcher);
    this.root.append(this.scroller);
  }

  // ---- what is shown

  // layout: {columns: names without id and title, widths: {name: px}, frozen, sort, filters}; what is left out stays.
  setColumns(layout = {}) {
    Object.assign(this.layout, layout);
    const { id_field: id, title_field: title } = this.boot.resource;
    const first = [id, title].filter(Boolean);
    const names = new Set([...first, ...this.layout.columns]);
    this.fixed = first.length;
    const place = this.cols[this.active.col]?.name;
    this.cols = [...names].map((name) => this.model.spec(name)).filter(Boolean);
    this.table.setAttribute("aria-colcount", this.cols.length);
    this.rows.reset();
    this.head.build();
    this.measure();
    const col = this.cols.findIndex(({ name }) => name === place);
    this.selection.go({ at: this.active.at, col: Math.max(col, 0) }, this.size);
    this.tell("range");
  }

  // The rows to show; what is selected stays with its rows.
  setOrder(order) {
    const before = this.order;
    this.order = order;
    this.places = null;
    this.table.setAttribute("aria-rowcount", order.length + 1);
    if (!order.length) this.catcher.removeAttribute("aria-activedescendant");
    if (before.length) this.selection.follow(before, (row) => this.atOf(row), this.size);
    this.measure();
    this.head.drawTicks();
    this.tell("range");
  }

  get size() {
    return { rows: this.order.length, cols: this.cols.length };
  }

  rowAt(at) {
    return this.order[at];
  }

  atOf(row) {
    this.places ??= inverse(this.order, this.model.rows);
    return this.places[row] ?? -1;
  }

  spec(col) {
    return this.cols[col];
  }

  value({ at, col }) {
    return this.model.value(this.order[at], this.cols[col].name);
  }

  writable({ at, col }) {
    return at < this.order.length && Boolean(this.cols[col]) && this.model.writable(this.order[at], this.cols[col].name);
  }

  // ---- what is selected

  get active() {
    return this.selection.active;
  }

  get end() {
    return this.selection.end;
  }

  get range() {
    return this.selection.range;
  }

  get ranges() {
    return this.selection.ranges;
  }

  activate(place, how = {}) {
    const next = this.selection.go(place, this.size, how);
    this.reveal(next);
    this.selected();
    return next;
  }

  // Exactly these rectangles, the last one being the active range.
  select(ranges, active) {
    this.selection.set(ranges, active);
    this.selected();
  }

  selectAll() {
    const { rows, cols } = this.size;
    if (rows) this.select([{ top: 0, bottom: rows - 1, left: 0, right: cols - 1 }], this.active);
  }

  selected() {
    this.queue();
    this.tell("active");
    this.tell("range");
  }

  tick(rows, on) {
    for (const row of rows) on ? this.ticked.add(row) : this.ticked.delete(row);
    this.head.drawTicks();
    this.repaint(null);
    this.tell("ticked");
  }

  // A clash is to be settled for "mine" or "theirs".
  settle(side, place = this.active) {
    const [row, field] = [this.order[place.at], this.cols[place.col]?.name];
    if (row === undefined || this.model.state(row, field) !== "conflict") return false;
    this.tell("settle", { row, field, side });
    return true;
  }

  // Other people's cells: [{name, row, field}].
  get others() {
    return this.peers;
  }

  set others(people) {
    this.peers = people;
    this.tell("others", people);
    this.queue();
  }

  // A dashed line around cells: kind "fill" while the handle is dragged, "copy" after a copy; null takes it away.
  outline(kind, rect) {
    this.layer.outlines[kind] = rect;
    this.queue();
  }

  // ---- where things are

  box({ at, col }, { scrollTop, scrollLeft } = this.scroller) {
    return {
      left: this.tracks.x(col, scrollLeft),
      top: this.head.height + this.scale.y(at, scrollTop),
      width: this.tracks.widths[col],
      height: this.scale.height,
    };
  }

  // Also beside the cells, where `zone` is null, `at` and `col` are the nearest: a drag may go on there.
  hit(event) {
    const edge = this.scroller.getBoundingClientRect();
    const [x, y] = [event.clientX - edge.left, event.clientY - edge.top];
    const { scrollTop, scrollLeft } = this.scroller;
    const at = this.scale.at(Math.max(0, y - this.head.height) + scrollTop, scrollTop);
    const col = this.tracks.col(clamp(x, 0, this.wide - 1), scrollLeft);
    return { zone: this.zone(event.target, { x, y, at, col }), at: clamp(at, 0, Math.max(0, this.order.length - 1)), col };
  }

  zone(target, { x, y, at, col }) {
    if (target.closest?.(".sheet-card, .head-menu, .catcher.is-open")) return null;
    if (x < 0 || y < 0 || x >= this.wide || y >= this.tall) return null;
    if (target.closest?.(".fill")) return "fill";
    if (y < this.head.height) return this.headZone(target, x, col);
    if (at >= this.order.length || x > this.tracks.total) return null;
    return col === 0 && x < TICK ? "tick" : "cell";
  }

  headZone(target, x, col) {
    if (target.closest?.(".grip")) return "resize";
    if (x > this.tracks.total) return null;
    return col === 0 && x < TICK ? "corner" : "head";
  }

  reveal({ at, col }) {
    const { scrollTop, scrollLeft } = this.scroller;
    const [top, left] = [this.scale.reveal(at, scrollTop), this.tracks.reveal(col, scrollLeft, this.wide)];
    if (top !== scrollTop) this.scroller.scrollTop = top;
    if (left !== scrollLeft) this.scroller.scrollLeft = left;
  }

  page() {
    return this.scale.page;
  }

  // ---- drawing

  // Rows of the model that changed; null for all of them.
  repaint(rows = null) {
    if (rows) this.rows.stale(rows);
    else this.stamp += 1;
    this.queue();
  }

  queue() {
    this.queued ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.queued);
    this.queued = null;
    const { scrollTop, scrollLeft } = this.scroller;
    this.rows.draw(this.scale, scrollTop, scrollLeft);
    this.layer.draw(scrollTop, scrollLeft);
    this.tell("drawn");
  }

  // How much can be seen, and how high rows and the header are.
  extent() {
    const { row, head } = this.head.heights();
    return [this.scroller.clientWidth, this.scroller.clientHeight, row, head];
  }

  // After anything that moves columns or changes how much can be seen.
  measure() {
    if (!this.cols.length) return;
    const [wide, tall, row, head] = this.extent();
    Object.assign(this, { wide, tall, measured: `${[wide, tall, row, head]}` });
    const widths = this.cols.map((spec, col) => this.layout.widths[spec.name] ?? usual(spec, col < this.fixed ? ["id", "title"][col] : null));
    this.tracks = new Tracks(widths, room(widths, 1 + this.layout.frozen, this.wide));
    this.head.height = head;
    this.scale = new Scale(this.order.length, row, this.tall - head);
    this.table.style.width = `${this.tracks.total}px`;
    this.body.style.height = `${this.scale.size}px`;
    this.rows.place();
    this.head.place();
    this.queue();
  }

  setWidth(col, width) {
    this.layout.widths = { ...this.layout.widths, [this.cols[col].name]: Math.round(width) };
    this.stamp += 1; // more or less of a text is worth drawing
    this.measure();
  }

  // A column before another one; those that always come first stay there.
  move(from, to) {
    const shown = this.cols.slice(this.fixed).map(({ name }) => name);
    if (from < this.fixed) return;
    this.setColumns({ columns: moved(shown, from - this.fixed, Math.max(0, to - this.fixed)) });
    this.tell("layout");
  }

  // ---- events: active, range, ticked, layout, menu, settle, view, drawn, others

  on(event, fn) {
    (this.listeners[event] ??= []).push(fn);
  }

  tell(event, detail = this.news(event)) {
    for (const fn of this.listeners[event] ?? []) fn(detail);
  }

  news(event) {
    if (event !== "active") return { layout: this.layout, ticked: this.ticked, range: this.ranges }[event];
    return { ...this.active, row: this.order[this.active.at], field: this.cols[this.active.col]?.name };
  }
}

function inverse(order, size) {
  const places = new Int32Array(size).fill(-1);
  for (let at = 0; at < order.length; at += 1) places[order[at]] = at;
  return places;
}
