// What lies over the cells: selected ranges, the active cell's ring, the fill handle, dashed outlines, other people's cells.
// Over frozen columns it lies above them (.is-over), elsewhere below, so that it scrolls away under them.
import { make } from "./make.js";

const HUES = 6;

export class Layer {
  outlines = {};

  constructor(grid) {
    this.grid = grid;
    this.element = make("div", { className: "grid-layer", "aria-hidden": true });
    this.pools = { range: [], outline: [], peer: [] };
    this.edge = this.add("frozen-edge");
    this.ring = this.add("ring");
    this.handle = this.add("fill");
    grid.scroller.append(this.element);
  }

  add(css) {
    const element = make("div", { className: css });
    this.element.append(element);
    return element;
  }

  draw(top, left) {
    const { active, range, ranges, selection } = this.grid;
    this.seen = { top, left, ...this.grid.scale.window(top) };
    const here = this.grid.order.length > 0;
    put(this.ring, here ? this.rect(cell(active)) : null);
    this.pool("range", here && !selection.single ? ranges.map((each) => [this.rect(each)]) : []);
    this.pool("outline", Object.entries(this.outlines).map(([kind, rect]) => [rect && this.rect(rect), kind]));
    this.pool("peer", this.grid.others.map((person) => [this.peer(person), person.name, hue(person.name)]));
    put(this.edge, left > 0 ? { left: left + this.grid.tracks.edge, top, height: this.grid.tall } : null);
    this.drawHandle(here && this.grid.writable(active) ? this.rect(range) : null, range);
    this.drawCatcher();
    this.grid.head.select(ranges);
  }

  // In content pixels; null when nothing of it can be seen.
  rect(range) {
    const { scale, tracks, head } = this.grid;
    const first = Math.max(range.top, this.seen.from - 1);
    const last = Math.min(range.bottom, this.seen.to);
    const across = first <= last && range.left < tracks.widths.length ? tracks.rect(range, this.seen.left) : null;
    if (!across) return null;
    return { ...across, top: head.height + scale.y(first, this.seen.top), height: (last - first + 1) * scale.height, over: range.left < tracks.frozen };
  }

  peer({ row, field }) {
    const at = this.grid.atOf(row);
    const col = this.grid.cols.findIndex(({ name }) => name === field);
    const rect = at < 0 || col < 0 ? null : this.rect(cell({ at, col }));
    return rect && { ...rect, below: rect.top - this.seen.top < this.grid.head.height + 16 };
  }

  pool(css, wanted) {
    const elements = this.pools[css];
    while (elements.length < wanted.length) elements.push(this.add(css));
    elements.forEach((element, index) => {
      const [rect, name = "", tint = ""] = wanted[index] ?? [null];
      put(element, rect);
      if (element.dataset.name !== name) element.dataset.name = name;
      if (element.dataset.hue !== `${tint}`) element.dataset.hue = tint;
    });
  }

  drawHandle(rect, { bottom, right }) {
    const whole = rect && bottom < this.seen.to && this.rect(cell({ at: bottom, col: right }));
    put(this.handle, whole ? { left: rect.left + rect.width - 5, top: rect.top + rect.height - 5, over: right < this.grid.tracks.frozen } : null);
  }

  // The text box goes where the active cell is: there the caret and the list of an input method appear. Once open it is the editor's.
  drawCatcher() {
    const { catcher, tracks, active, scale } = this.grid;
    if (!tracks.widths.length || catcher.classList.contains("is-open")) return;
    const { left, top, width, height } = this.grid.box(active, { scrollTop: this.seen.top, scrollLeft: this.seen.left });
    const limit = this.grid.head.height + Math.max(0, scale.size - height);
    Object.assign(catcher.style, { minWidth: "", minHeight: "", maxWidth: "" });
    for (const side of ["left", "top"]) catcher[`_${side}`] = null;
    put(catcher, { left, width, height, top: Math.min(Math.max(top, 0), limit), over: active.col < tracks.frozen });
  }
}

const cell = ({ at, col }) => ({ top: at, bottom: at, left: col, right: col });

const hue = (name) => [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;

function put(element, rect) {
  if (element.hidden !== !rect) element.hidden = !rect;
  if (!rect) return;
  for (const side of ["left", "top", "width", "height"]) {
    if (rect[side] !== undefined && element[`_${side}`] !== rect[side]) element.style[side] = `${(element[`_${side}`] = rect[side])}px`;
  }
  for (const css of ["over", "below"]) if (element.classList.contains(`is-${css}`) !== Boolean(rect[css])) element.classList.toggle(`is-${css}`);
}
