// Facets beside the grid. The server counts; here is what is chosen, and the grid shows the rows that all facets let through.
import { post } from "../sheet/api.js";
import { $, number } from "../sheet/make.js";
import { toRanges } from "../sheet/scope.js";
import { Card } from "./facetscard.js";
import { bindEditing } from "./facetsedit.js";
import { bindMenu } from "./facetsmenu.js";
import { bindPicker } from "./facetspicker.js";
import { foldable } from "./facetsfold.js";
import { asked, cleared, fromAddress, isActive, made, offered, rowsOf, same, toAddress, where, words } from "./facetsstate.js";

const PAUSE = 150;
const AFTER = 500; // milliseconds after an edit, so that a person who types is not counted at

class Facets {
  cards = []; // in order
  turn = 0;

  constructor(parts) {
    Object.assign(this, parts, { root: $("bench-facets"), list: $("facets-cards") });
    const { looking, model } = this;
    this.show = foldable(this.root, $("facets-open"), () => this.grid.catcher.focus({ preventScroll: true }), () => this.named());
    this.menu = bindMenu(this);
    this.edit = bindEditing(this);
    bindPicker(this);
    this.looks = this.look;
    looking.on(() => this.looked());
    model.on(() => this.later(AFTER));
    $("facets-clear").onclick = () => this.clear();
    for (const facet of fromAddress(location.search, (name) => model.spec(name))) this.put(facet);
  }

  // For a column, or for facets `given`.
  async open(field, given = null) {
    const known = !this.root.hidden;
    this.show(true);
    for (const facet of given ? [given].flat() : field ? [made(offered(this.model.spec(field))[0], field)] : []) this.add(facet);
    this.drawn();
    if (!known || given) await this.refresh();
  }

  close() {
    this.show(false);
  }

  get facets() {
    return this.cards.map(({ facet }) => facet);
  }

  // A new card; one that is there already takes what is chosen.
  add(facet) {
    const there = this.cards.find((card) => same(card.facet, facet));
    if (there && isActive(facet)) this.change(there, { ...there.facet, ...facet });
    const card = there ?? this.put(facet);
    if (!there) this.changed(isActive(facet) ? 0 : null);
    card.set({ folded: false });
    this.added = card;
    card.root.scrollIntoView({ block: "nearest" });
    card.focus();
    return card;
  }

  put(facet) {
    const card = new Card(this, facet);
    this.cards.push(card);
    this.list.append(card.root);
    return card;
  }

  remove(card) {
    const at = this.cards.indexOf(card);
    this.cards.splice(at, 1);
    card.root.remove();
    (this.cards[Math.min(at, this.cards.length - 1)] ?? { focus: () => $("facets-add").focus() }).focus();
    this.changed();
  }

  move(card, by) {
    const at = this.cards.indexOf(card);
    const to = at + by;
    if (to < 0 || to >= this.cards.length) return;
    this.cards.splice(at, 1);
    this.cards.splice(to, 0, card);
    this.list.insertBefore(card.root, this.list.children[by > 0 ? to + 1 : to]);
    card.focus();
    this.keep();
  }

  // What is chosen in one is another: the others are counted anew, and the rows with them.
  change(card, facet, pause = 0) {
    card.facet = facet;
    card.mark();
    this.changed(pause);
  }

  clear() {
    for (const card of this.cards) {
      card.facet = cleared(card.facet);
      card.mark();
    }
    this.changed();
    this.list.focus({ preventScroll: true });
  }

  changed(pause = 0) {
    this.keep();
    this.drawn();
    if (pause === null) this.refresh({ rows: false });
    else this.later(pause, { rows: true });
  }

  keep() {
    history.replaceState(history.state, "", location.pathname + toAddress(location.search, this.facets));
  }

  drawn() {
    $("facets-empty").hidden = this.cards.length > 0;
    this.list.hidden = !this.cards.length;
    $("facets-clear").hidden = !this.facets.some(isActive);
  }

  later(pause = PAUSE, { rows = false } = {}) {
    if (this.root.hidden && !this.facets.some(isActive)) return;
    this.rowsToo ||= rows;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.refresh({ rows: this.rowsToo, edited: !this.rowsToo }), pause);
  }

  // Filters and looks of the grid are obeyed: facets count the rows that these leave.
  get look() {
    const { filters, only } = this.looking;
    return JSON.stringify([filters, only]);
  }

  looked() {
    if (!this.looking.within && this.active && !this.busy) return this.facets.some(isActive) && this.clear();
    if (this.look === this.looks) return;
    this.looks = this.look;
    this.later(0, { rows: this.facets.some(isActive) });
  }

  // The toolbar says that facets narrow the rows only where this panel does not: a line that comes and goes with a click
  // would move what one is about to click.
  get words() {
    return this.root.hidden ? words(this.facets) : "";
  }

  named() {
    const { looking } = this;
    if (!this.active || !looking.within) return;
    looking.within.words = this.words;
    looking.tell();
  }

  async scope() {
    const { filters, only } = this.looking;
    if (!only && !Object.keys(filters).length) return null;
    const { arrange } = await import("../sheet/order.js");
    await this.want(Object.keys(filters));
    return { rows: toRanges(arrange(this.model, { filters, only, selected: this.grid.ticked }).slice().sort()) };
  }

  async refresh({ rows = true, edited = false } = {}) {
    clearTimeout(this.waiting);
    const turn = ++this.turn;
    this.rowsToo ||= rows;
    this.root.ariaBusy = "true";
    try {
      await this.sync.idle();
      const scope = await this.scope();
      const told = await post(this.boot.urls.facets, { scope, facets: this.cards.map((card) => asked(card.facet, card.view)) });
      if (turn !== this.turn) return;
      const moved = this.rowsToo;
      this.rowsToo = false;
      this.told = { scope, total: told.total };
      $("facets-problem").hidden = true;
      this.cards.forEach((card, at) => card.draw(told.facets[at], edited));
      this.added?.root.scrollIntoView({ block: "nearest" }); // it has its values by now
      this.added = null;
      this.count(told);
      if (moved || this.active) await this.narrow(told.rows && rowsOf(told.rows), moved);
    } catch (problem) {
      if (turn === this.turn) this.fail(problem);
    } finally {
      if (turn === this.turn) this.root.ariaBusy = "false";
    }
  }

  // Rows do not jump while somebody edits: they are arranged anew when that is asked for.
  async narrow(rows, now) {
    const facets = where(this.facets);
    if (!rows && !this.active) return;
    this.busy = true;
    try {
      this.active = Boolean(rows);
      const within = rows && { rows: new Set(rows), words: this.words, where: facets };
      if (now) await this.looking.narrow(rows, within?.words, facets);
      else if (this.looking.within?.where && differ(this.looking.within.rows, within?.rows)) {
        this.looking.within = within;
        this.looking.outdated();
      }
    } finally {
      this.busy = false;
    }
  }

  count({ count, total }) {
    const line = $("facets-count");
    line.hidden = !this.cards.length;
    const [share] = [total ? `${((count / total) * 100).toFixed(count && count < total / 100 ? 1 : 0)}\u202f%` : ""];
    line.textContent = count === total ? `All ${number(total)} rows` : `${number(count)} of ${number(total)} rows · ${share}`;
  }

  fail(problem) {
    $("facets-problem").textContent = `Not counted. ${problem.message}`;
    $("facets-problem").hidden = false;
  }

  // What limits an edit of one value: the other facets.
  others(card) {
    return where(this.facets.filter((facet) => facet !== card.facet));
  }
}

function differ(a, b) {
  return a?.size !== b?.size || (b && !b.isSubsetOf?.(a) && [...b].some((row) => !a.has(row)));
}

export function bind(parts) {
  const facets = new Facets(parts);
  return { open: (field, given) => facets.open(field, given), close: () => facets.close() };
}
