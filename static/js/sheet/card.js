// What there is to say of a cell: old and new value, what is wrong, who changed it last. Shown on hover, and for the active cell.
import { text as plain } from "./column.js";
import { make } from "./make.js";
import { icon, words } from "./paint.js";

const HOVER = 300; // ms until the card of a marked cell comes
const DWELL = 800; // ms until that of any other comes, which only says what does not fit or is not seen
const ASK = 250; // ms a card stands before the server is asked
const LEAVE = 150; // ms to get from the cell onto the card
const LONGEST = 2000;

const SAYS = {
  pending: ["pending", "Changed, not sent yet"],
  invalid: ["rejected", "Cannot be sent like this"],
  conflict: ["conflict", "Changed there and here"],
  failed: ["rejected", "Refused when it was sent"],
  unsent: ["not-sent", "Not sent in the last run"],
  doubtful: ["unknown", "Sent, but not certain that it is stored"],
  moved: ["refresh", "Changed there since it was read first"],
  done: ["done", "Sent and stored"],
};

export class Card {
  constructor(grid, about) {
    Object.assign(this, { grid, about });
    this.element = make("div", { className: "sheet-card", role: "tooltip", id: `${grid.root.id}-card`, hidden: true });
    grid.root.append(this.element);
    grid.scroller.addEventListener("pointermove", (event) => this.move(event), { passive: true });
    grid.scroller.addEventListener("pointerleave", () => this.later(LEAVE, () => this.back()));
    grid.scroller.addEventListener("pointerdown", () => this.hide());
    grid.scroller.addEventListener("scroll", () => this.place && !this.focused && this.hide(), { passive: true });
    this.element.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.element.addEventListener("pointerleave", () => this.later(LEAVE, () => this.back()));
    this.element.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the grid
    this.element.addEventListener("click", ({ target }) => target.dataset.side && this.settle(target.dataset.side));
    for (const event of ["focus", "blur"]) grid.catcher.addEventListener(event, () => this.back());
    grid.on("active", () => this.back());
    grid.model.on(() => this.place && (this.focused ? this.back() : this.show(this.place, false))); // what it says may be over
    grid.on("drawn", () => this.draw());
    this.back(); // there may have been something to say already
  }

  later(delay, fn) {
    clearTimeout(this.timer);
    this.timer = setTimeout(fn, delay);
  }

  move(event) {
    const { zone, at, col } = event.buttons ? { zone: null } : this.grid.hit(event);
    const over = zone === "cell" ? `${at} ${col}` : "";
    if (this.over === over) return;
    this.over = over;
    if (!over) return this.later(LEAVE, () => this.back());
    this.later(this.state({ at, col }) ? HOVER : DWELL, () => this.show({ at, col }, false));
  }

  // To the active cell, or away. What was only changed is told when one stays there: the card would lie on the next cells to be typed into.
  back(stays = false) {
    clearTimeout(this.timer);
    this.over = "";
    const { catcher, active, order } = this.grid;
    const typing = catcher.classList.contains("is-open") || document.activeElement !== catcher;
    const state = !typing && active.at < order.length && this.state(active);
    if (state && (stays || state !== "pending")) return this.show(active, true);
    this.hide();
    if (!state) return;
    this.element.replaceChildren(...this.parts(this.grid.rowAt(active.at), this.grid.spec(active.col)));
    this.tells(true); // heard at once, seen when one stays
    this.later(DWELL, () => this.back(true));
  }

  state({ at, col }) {
    return this.grid.model.state(this.grid.rowAt(at), this.grid.spec(col).name);
  }

  show(place, focused) {
    if (place.at >= this.grid.order.length) return;
    const [row, spec] = [this.grid.rowAt(place.at), this.grid.spec(place.col)];
    const parts = this.parts(row, spec);
    if (!parts.length) return this.back();
    Object.assign(this, { place, focused });
    this.element.replaceChildren(...parts);
    this.element.classList.toggle("is-open", this.state(place) === "conflict");
    this.element.hidden = false;
    this.tells(focused);
    this.grid.queue();
    this.ask(place, row, spec);
  }

  hide() {
    clearTimeout(this.timer);
    this.place = null;
    this.element.hidden = true;
    this.tells(false);
  }

  // What the card says belongs to the active cell, for those who hear it.
  tells(on) {
    const { catcher } = this.grid;
    this.told = on;
    if (on) catcher.setAttribute("aria-describedby", this.element.id);
    else if (catcher.getAttribute("aria-describedby") === this.element.id) catcher.removeAttribute("aria-describedby");
    this.point();
  }

  point() {
    const cell = this.told ? document.getElementById(this.grid.catcher.getAttribute("aria-activedescendant")) : null;
    if (cell === this.pointed) return;
    this.pointed?.removeAttribute("aria-describedby");
    cell?.setAttribute("aria-describedby", this.element.id);
    this.pointed = cell;
  }

  parts(row, spec) {
    const { model } = this.grid;
    const state = model.state(row, spec.name);
    if (!state) return this.whole(row, spec);
    const [sign, title] = SAYS[state];
    const note = model.note(row, spec.name);
    const said = note ? [make("p", { className: "card-note" }, cut(note))] : [];
    const values = state === "conflict" ? this.sides(row, spec) : this.change(row, spec, state);
    const buttons = state === "conflict" ? [make("p", { className: "card-buttons" }, side("mine", "Keep mine", "M"), side("theirs", "Take theirs", "T"))] : [];
    return [make("p", { className: `card-title is-${state}` }, icon(sign), title), values, ...said, ...buttons];
  }

  // Of a cell without a mark: what is cut off in it, or its exact value.
  whole(row, spec) {
    const text = this.grid.model.value(row, spec.name);
    const cell = this.grid.rows.find(this.grid.atOf(row))?.cells[this.grid.cols.indexOf(spec)].el;
    if (!text || !cell) return [];
    const exact = words(this.grid, spec, text).text !== text;
    return exact || cell.scrollWidth > cell.clientWidth ? [make("p", { className: "card-whole" }, make("bdi", {}, cut(text)))] : [];
  }

  change(row, spec, state) {
    const { model } = this.grid;
    const mark = model.mark(row, spec.name);
    const before = state === "moved" || state === "done" ? mark?.t : model.base(row, spec.name);
    const now = this.value(spec, model.value(row, spec.name));
    if (before === undefined) return now;
    return make("p", { className: "card-change" }, unseen("was "), make("del", {}, this.wire(spec, before)), icon("arrow"), unseen(", now "), make("ins", {}, now));
  }

  sides(row, spec) {
    const { model } = this.grid;
    const mark = model.mark(row, spec.name);
    const line = (name, value) => [make("dt", {}, name), make("dd", {}, value)];
    const then = mark?.t === undefined ? [] : line("Then", this.wire(spec, mark.t));
    const mine = this.value(spec, model.value(row, spec.name));
    return make("dl", { className: "card-sides" }, ...then, ...line("Now", this.wire(spec, model.base(row, spec.name))), ...line("Mine", mine));
  }

  wire(spec, wire) {
    return this.value(spec, plain(wire));
  }

  value(spec, text) {
    const shown = words(this.grid, spec, text);
    return make("bdi", { className: `is-${shown.kind}` }, cut(shown.text.length < text?.length && shown.kind === "text" ? text : shown.text));
  }

  // Who changed it last is the server's to say; a card that has gone by then is left alone.
  ask(place, row, spec) {
    if (!this.about) return;
    this.later(ASK, async () => {
      const told = await this.about({ row, field: spec.name }).catch(() => null);
      if (this.place !== place || !told?.words) return;
      this.element.append(make("p", { className: "card-last" }, icon("history"), told.words));
      this.grid.queue();
    });
  }

  // Under its cell, or above it where there is no room.
  draw() {
    this.point();
    if (!this.place) return;
    const box = this.grid.box(this.place);
    const { scroller, head } = this.grid;
    const edge = scroller.getBoundingClientRect();
    const [left, top] = [edge.left + box.left - scroller.scrollLeft, edge.top + box.top - scroller.scrollTop];
    const out = top < edge.top + head.height - 1 || top + box.height > edge.top + this.grid.tall + 1;
    this.element.classList.toggle("is-away", out || left > edge.left + this.grid.wide);
    const { offsetWidth: wide, offsetHeight: tall } = this.element;
    const under = top + box.height + 2;
    this.element.style.left = `${Math.max(8, Math.min(Math.max(left, edge.left), innerWidth - wide - 8))}px`;
    this.element.style.top = `${under + tall < innerHeight - 8 ? under : Math.max(8, top - tall - 2)}px`;
  }

  settle(chosen) {
    const { place } = this;
    this.hide();
    this.grid.settle(chosen, place);
    this.grid.catcher.focus({ preventScroll: true });
  }
}

const unseen = (words) => make("span", { className: "visually-hidden" }, words);
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function side(name, label, key) {
  const keys = make("kbd", { className: "kbd", "aria-hidden": true }, `Alt ${key}`);
  return make("button", { className: "button small", type: "button", tabindex: -1, "data-side": name, "aria-keyshortcuts": `Alt+${key}` }, label, keys);
}
