// A histogram one brushes: by dragging over bars, by two sliders with the keyboard, or with exact bounds typed.
import { make, number } from "../sheet/make.js";
import { TOP, clean, labels, place, rangeOf, spoken } from "./histogrambins.js";

const PAUSE = 250;

export class Histogram {
  bins = [];

  constructor(card, root) {
    const { facet } = card;
    Object.assign(this, { card, root, kind: facet.facet });
    this.bars = make("ol", { className: "histogram-bars" });
    this.bars.ariaLabel = "Rows by range";
    this.shades = [make("span", { className: "histogram-shade" }), make("span", { className: "histogram-shade" })];
    this.handles = ["from", "to"].map((end) => this.handle(end));
    this.plot = make("div", { className: "histogram-plot" }, this.bars, ...this.shades, ...this.handles);
    this.tip = make("p", { className: "histogram-tip" });
    this.axis = make("p", { className: "histogram-axis" });
    this.axis.ariaHidden = this.tip.ariaHidden = "true";
    this.inputs = ["from", "to"].map((end) => this.input(end));
    const [from, to] = this.inputs.map(({ parentElement }) => parentElement);
    this.problem = make("p", { className: "field-error", hidden: true, role: "alert" });
    this.blank = this.blankLine();
    this.bounds = make("div", { className: "histogram-bounds" }, from, to);
    root.append(this.plot, this.axis, this.tip, this.bounds, this.problem, this.blank);
    this.plot.addEventListener("pointerdown", (event) => this.down(event));
    this.plot.addEventListener("pointermove", (event) => this.moved(event));
    this.plot.addEventListener("pointerup", (event) => this.up(event));
    this.plot.addEventListener("pointercancel", () => this.stop());
    this.plot.addEventListener("pointerleave", () => this.drag || this.tell(null));
  }

  handle(end) {
    const made = make("span", { className: `histogram-handle is-${end}`, tabIndex: 0, role: "slider" });
    made.ariaLabel = `${end === "from" ? "From" : "Up to"}: ${this.card.root.ariaLabel}`;
    made.ariaOrientation = "horizontal";
    made.addEventListener("keydown", (event) => this.keyed(event, end));
    return made;
  }

  input(end) {
    const made = make("input", { className: "input small", autocomplete: "off", spellcheck: false, type: "text", placeholder: this.kind === "date" ? "YYYY-MM-DD" : "", inputMode: this.kind === "date" ? "text" : "decimal" });
    made.ariaLabel = `${end === "from" ? "From" : "To"}: ${this.card.root.ariaLabel}`;
    made.addEventListener("change", () => this.typed());
    make("label", { className: "histogram-bound" }, make("span", {}, end), made);
    return made;
  }

  blankLine() {
    const pick = make("button", { type: "button", className: "facet-pick" }, make("span", { className: "facet-mark" }), make("span", { className: "facet-label is-word truncate" }, { number: "no number", date: "no date", length: "no value" }[this.kind]), make("span", { className: "number" }));
    const out = make("button", { type: "button", className: "button quiet small" }, "leave out");
    pick.onclick = () => this.blanks(this.card.facet.blank === true ? null : true);
    out.onclick = () => this.blanks(this.card.facet.blank === false ? null : false);
    return make("div", { className: "facet-value histogram-blank", hidden: true }, make("span", { className: "facet-bar" }), pick, make("span", { className: "facet-acts" }, out));
  }

  blanks(blank) {
    const { blank: _, ...facet } = this.card.facet;
    this.card.panel.change(this.card, blank === null ? facet : { ...facet, blank });
  }

  draw(told) {
    if (!told?.bins) return;
    this.told = told;
    this.bins = told.bins;
    const most = ["total", "count"].map((name) => Math.max(1, ...this.bins.map((bin) => bin[name]))); // all rows behind, those left before them, each to its own scale
    this.bars.replaceChildren(...this.bins.map((bin) => this.bar(bin, most)));
    this.plot.hidden = this.axis.hidden = this.bounds.hidden = !this.bins.length;
    this.axis.replaceChildren(...labels(told, this.kind).map((text) => make("span", {}, text)));
    this.blank.hidden = !told.blank_total || this.kind === "length";
    this.blank.children[1].lastElementChild.textContent = number(told.blank);
    this.mark();
  }

  bar(bin, most) {
    const [all, held] = [make("i"), make("b")];
    all.style.height = `${(bin.total / most[0]) * 100}%`;
    held.style.height = `${(bin.count / most[1]) * 100}%`;
    all.classList.toggle("is-some", bin.total > 0);
    held.classList.toggle("is-some", bin.count > 0);
    const said = `${spoken(bin, this.kind)}: ${number(bin.count)} rows`;
    return make("li", { className: bin.low === null || bin.high === null ? "is-tail" : "" }, all, held, make("span", { className: "visually-hidden" }, said));
  }

  mark() {
    const { facet } = this.card;
    const found = place(this.bins, facet, this.kind);
    const n = this.bins.length || 1;
    const [left, right] = found ?? [0, n];
    this.plot.classList.toggle("is-chosen", Boolean(found));
    this.shades[0].style.width = `${(left / n) * 100}%`;
    this.shades[1].style.width = `${(1 - right / n) * 100}%`;
    [left, right].forEach((at, end) => {
      const handle = this.handles[end];
      handle.style.left = `${(at / n) * 100}%`;
      Object.assign(handle, { ariaValueMin: "0", ariaValueMax: String(n), ariaValueNow: String(Math.round(at)) });
      handle.ariaValueText = this.edge(at, end) ?? (end ? "the most" : "the least");
    });
    [...this.bars.children].forEach((bar, at) => bar.classList.toggle("is-in", Boolean(found) && at + 0.5 > left && at + 0.5 < right));
    for (const [end, name] of ["from", "to"].entries()) if (document.activeElement !== this.inputs[end] || this.fresh) this.inputs[end].value = facet[name] ?? "";
    const said = this.kind === "length" || facet.closed || !facet.to ? "to" : "below";
    this.inputs[1].previousElementSibling.textContent = said;
    this.inputs[1].ariaLabel = `${said === "to" ? "To" : "Below"}: ${this.card.root.ariaLabel}`;
    const [, pick, acts] = this.blank.children;
    pick.ariaPressed = String(facet.blank === true);
    acts.firstElementChild.ariaPressed = String(facet.blank === false);
    this.blank.classList.toggle("is-in", facet.blank === true);
    this.blank.classList.toggle("is-out", facet.blank === false);
  }

  edge(at, end) {
    const whole = Math.round(at);
    const text = end ? this.bins[whole - 1]?.high : this.bins[whole]?.low;
    return text ?? null;
  }

  // From the start of bin a to the end of bin b.
  brush(a, b, pause = 0) {
    const { from: _, to: __, closed: ___, ...facet } = this.card.facet;
    const range = a === 0 && b === this.bins.length - 1 ? {} : rangeOf(this.bins, a, b, this.kind);
    this.card.panel.change(this.card, { ...facet, ...range }, pause);
  }

  at(event) {
    const { left, width } = this.plot.getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * this.bins.length);
    return Math.min(Math.max(at, 0), this.bins.length - 1);
  }

  down(event) {
    if (event.button || !this.bins.length) return;
    event.preventDefault();
    this.plot.setPointerCapture(event.pointerId);
    const at = this.at(event);
    const [left, right] = place(this.bins, this.card.facet, this.kind) ?? [];
    const moves = event.target === this.handles[0] ? right - 1 : event.target === this.handles[1] ? left : at; // the end that stays
    this.drag = { start: Math.round(moves), moved: false };
    event.target.focus?.({ preventScroll: true });
    if (event.target === this.handles[0] && left === undefined) this.drag.start = this.bins.length - 1;
    if (event.target === this.handles[1] && left === undefined) this.drag.start = 0;
  }

  moved(event) {
    const at = this.at(event);
    this.tell(this.bins[at]);
    if (!this.drag) return;
    const span = [this.drag.start, at].sort((a, b) => a - b);
    if (String(span) === String(this.drag.span)) return;
    this.drag.span = span;
    this.brush(...span, PAUSE);
  }

  // A click is a brush of one bar; on the bar that is the brush already it takes it back.
  up(event) {
    if (!this.drag) return;
    const { start, span } = this.drag;
    const at = this.at(event);
    this.stop();
    const found = place(this.bins, this.card.facet, this.kind);
    if (!span && found && found[0] === at && found[1] === at + 1) return this.brush(0, this.bins.length - 1);
    const [a, b] = span ?? [start, at].sort((x, y) => x - y);
    this.brush(a, b);
  }

  stop() {
    this.drag = null;
    this.tell(null);
  }

  tell(bin) {
    this.tip.textContent = bin ? `${spoken(bin, this.kind)} · ${number(bin.count)}${bin.count === bin.total ? "" : ` of ${number(bin.total)}`} rows` : "";
  }

  keyed(event, end) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -TOP, End: TOP }[event.key];
    if (!by || event.altKey || !this.bins.length) return;
    event.preventDefault();
    let [a, b] = place(this.bins, this.card.facet, this.kind) ?? [0, this.bins.length];
    [a, b] = [Math.floor(a), Math.ceil(b) - 1];
    if (end === "from") a = Math.min(Math.max(a + by, 0), b);
    else b = Math.max(Math.min(b + by, this.bins.length - 1), a);
    this.brush(a, b, PAUSE);
  }

  typed() {
    const { from: _, to: __, closed: ___, ...facet } = this.card.facet;
    const read = this.inputs.map(({ value }) => clean(value, this.kind));
    const wrong = read.findIndex((value) => value === undefined);
    this.problem.hidden = wrong < 0;
    for (const [at, input] of this.inputs.entries()) input.ariaInvalid = String(at === wrong);
    if (wrong >= 0) {
      this.problem.textContent = `“${this.inputs[wrong].value}” is not a ${{ number: "number", date: "day", length: "whole number" }[this.kind]}.`;
      return;
    }
    const [from, to] = read;
    this.card.panel.change(this.card, { ...facet, ...(from !== null && { from }), ...(to !== null && { to, ...(this.kind !== "length" && { closed: true }) }) });
  }
}
