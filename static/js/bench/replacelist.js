// The matches in a list that holds only the lines in sight: four thousand are as quick as four.
import { make } from "../sheet/make.js";

const HEIGHT = 46; // of a line, as bench.css has it
const SPARE = 4;

export class Matches {
  // read(start) → {start, matches}; isOff(field, id); tick(match, on).
  constructor(root, { grid, model }, { read, isOff, tick }) {
    Object.assign(this, { root, grid, model, read, isOff, tick, known: new Map(), asking: new Set(), total: 0 });
    [this.inner] = root.children;
    root.onscroll = () => this.paint();
    root.onchange = ({ target }) => tick(this.known.get(Number(target.value)), target.checked);
    root.onclick = ({ target }) => target.dataset?.row && grid.activate({ at: grid.atOf(Number(target.dataset.row)), col: this.column(target.dataset.field) });
    root.onkeydown = (event) => this.key(event);
  }

  column(field) {
    const at = this.grid.cols.findIndex(({ name }) => name === field);
    return at < 0 ? this.grid.active.col : at;
  }

  // `named`: whether each says its column.
  show({ total, matches, page, named }) {
    Object.assign(this, { total, page, named });
    this.known.clear();
    this.asking.clear();
    this.put(0, matches);
    this.inner.style.height = `${total * HEIGHT}px`;
    this.root.scrollTop = 0;
    this.paint();
  }

  put(start, matches) {
    matches.forEach((match, at) => this.known.set(start + at, match));
  }

  paint() {
    const { root, total } = this;
    const first = Math.max(0, Math.floor(root.scrollTop / HEIGHT) - SPARE);
    const last = Math.min(total, Math.ceil((root.scrollTop + (root.clientHeight || 400)) / HEIGHT) + SPARE);
    const focused = document.activeElement?.closest?.(".match") ? document.activeElement.value : null;
    const lines = [];
    for (let at = first; at < last; at += 1) lines.push(this.line(at, this.known.get(at)));
    this.inner.replaceChildren(...lines);
    if (focused !== null) this.inner.querySelector(`input[value="${focused}"]`)?.focus({ preventScroll: true });
    this.fetch(first, last);
  }

  async fetch(first, last) {
    for (let page = Math.floor(first / this.page); page <= Math.floor((last - 1) / this.page); page += 1) {
      const start = page * this.page;
      if (this.known.has(start) || this.asking.has(start) || start >= this.total) continue;
      this.asking.add(start);
      const told = await this.read(start);
      this.asking.delete(start);
      if (!told || told.total !== this.total) continue;
      this.put(start, told.matches);
      this.paint();
    }
  }

  line(at, match) {
    const element = make("div", { className: "match" });
    element.style.transform = `translateY(${at * HEIGHT}px)`;
    if (!match) return element;
    const { row, id, title, field, before, after, fate, words } = match;
    const box = make("input", { type: "checkbox", value: at, checked: !this.isOff(field, id), ariaLabel: `${this.model.spec(field).label} of ${title || id}` });
    const go = make("button", { className: "share-id mono", type: "button", "data-row": row, "data-field": field, title: "Show it in the grid" }, id);
    const who = make("span", { className: "match-who" }, go, make("span", { className: "truncate" }, title));
    if (this.named) who.append(make("span", { className: "match-field" }, this.model.spec(field).label));
    const change = make("span", { className: `match-change ${fate}`, title: words }, make("del", {}, ...pieces(before)), make("span", { className: "match-to" }, " → "), make("ins", {}, ...pieces(after)));
    if (words) change.append(make("span", { className: "share-words" }, words));
    element.classList.toggle("is-off", !box.checked);
    element.append(box, who, change);
    return element;
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const here = document.activeElement.closest?.(".match input");
    if (!here || !(event.key in steps)) return;
    event.preventDefault();
    const at = Math.min(Math.max(Number(here.value) + steps[event.key], 0), this.total - 1);
    const top = at * HEIGHT;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    if (top + HEIGHT > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = top + HEIGHT - this.root.clientHeight;
    this.paint();
    this.inner.querySelector(`input[value="${at}"]`)?.focus({ preventScroll: true });
  }
}

// [[text, whether it is what was found]]
function pieces(told) {
  return told.map(([text, marked]) => (marked ? make("mark", {}, text) : text));
}
