// The panel of near-duplicates: groups are found by a method, ticked and given a survivor, and merged as one step.
import { getJson, post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { Cleaning } from "./cleaning.js";
import { ClusterCard } from "./clustercard.js";
import { Groups } from "./clustered.js";
import { Method } from "./clustermethod.js";
import { Peek } from "./peek.js";

const PAGE = 50;
const PAUSE = 250;

class Clusters extends Cleaning {
  constructor(parts) {
    super(parts, $("bench-clusters"));
    Object.assign(this, { groups: new Groups(), leaf: 0, cards: [], peek: new Peek(parts, () => this.peeked()) });
    this.list = $("clusters-list");
    this.field = $("clusters-field");
    this.method = new Method(() => this.again());
    this.field.onchange = () => this.again();
    $("clusters-all").onchange = ({ target }) => this.tick(this.found, target.checked);
    $("clusters-tick-page").onclick = () => this.tick(this.leaves, !this.leaves.every(({ judged }) => judged.on));
    for (const name of ["find", "size", "spread"]) $(`clusters-${name}`).oninput = () => this.turn(0);
    $("clusters-back").onclick = () => this.turn(this.leaf - 1);
    $("clusters-next").onclick = () => this.turn(this.leaf + 1);
    this.list.addEventListener("keydown", (event) => this.keys(event));
  }

  async open(field) {
    this.show(true);
    try {
      if (!this.known) this.take(await getJson(this.boot.urls.clusters));
    } catch (problem) {
      return this.fail("The methods could not be read.", problem);
    }
    const here = field || this.field.value || this.grid.cols[this.grid.active.col]?.name;
    this.field.value = this.known.fields.includes(here) ? here : this.known.fields[0];
    if (field && !this.known.fields.includes(field)) this.say(`${this.model.spec(field).label} is no column of text that can be changed.`);
    await this.again();
    (this.list.querySelector("[data-tick]") ?? $("clusters-method")).focus({ preventScroll: true });
  }

  take(known) {
    this.known = known;
    const shown = new Set(this.grid.cols.map(({ name }) => name));
    const names = [...known.fields].sort((a, b) => shown.has(b) - shown.has(a));
    this.field.replaceChildren(...names.map((name) => make("option", { value: name }, this.model.spec(name).label)));
    this.method.take(known.methods);
  }

  // Rows shown for looking at a group are not what is meant by “this filter”.
  get meant() {
    return this.peek.meant ?? super.meant;
  }

  rescoped(anew) {
    if (this.peek.on) return;
    const before = this.rows;
    super.rescoped(anew);
    if (this.known && before !== undefined && before !== this.rows) this.again();
  }

  again() {
    clearTimeout(this.finding);
    return new Promise((done) => {
      this.finding = setTimeout(() => this.find().then(done), this.groups.all.length ? PAUSE : 0);
    });
  }

  async find() {
    const params = this.method.values();
    if (!params || this.root.hidden) return;
    const asking = (this.asking = {});
    this.list.ariaBusy = "true";
    if (!this.groups.all.length) this.tells("Comparing…");
    try {
      await this.sync.idle();
      const told = await post(this.boot.urls.clusters, { field: this.field.value, method: this.method.name, params, ...this.meant });
      if (asking !== this.asking) return;
      this.answer = told;
      this.groups.set(told.groups);
      this.turn(Math.min(this.leaf, Math.max(0, Math.ceil(this.found.length / PAGE) - 1)));
      this.changed();
    } catch (problem) {
      if (asking !== this.asking) return;
      this.groups.set([]);
      this.turn(0);
      this.tells(problem.message);
    } finally {
      if (asking === this.asking) this.list.ariaBusy = "false";
    }
  }

  get found() {
    const spread = $("clusters-spread").value;
    return this.groups.found({ find: $("clusters-find").value, size: Number($("clusters-size").value), spread: spread === "" ? Infinity : Number(spread) });
  }

  get leaves() {
    return this.found.slice(this.leaf * PAGE, (this.leaf + 1) * PAGE);
  }

  turn(leaf) {
    this.leaf = leaf;
    const { leaves: shown } = this;
    this.cards = shown.map((group) => new ClusterCard(group, { changed: () => this.judged(), rows: (each, on) => this.look(each, on) }));
    this.list.replaceChildren(...this.cards.map(({ element }) => element));
    this.list.scrollTop = 0;
    if (!shown.length) this.tells(this.nothingFound);
    this.heads();
  }

  get nothingFound() {
    const { answer: told } = this;
    if (this.groups.all.length) return "No group is like that. Change the search or the filters.";
    if (!told) return "";
    return `None of the ${counted(told.distinct, "different value")} in ${counted(told.rows, "row")} are alike by this. Another method may find some.`;
  }

  tells(words) {
    this.list.replaceChildren(make("p", { className: "clusters-nothing muted" }, words));
  }

  heads() {
    const { found, leaf: page, leaves: shown, answer: told } = this;
    const on = found.filter(({ judged }) => judged.on).length;
    const all = $("clusters-all");
    all.checked = on > 0 && on === found.length;
    all.indeterminate = on > 0 && on < found.length;
    all.disabled = !found.length;
    const values = found.reduce((sum, group) => sum + group.values.length, 0);
    $("clusters-all-words").textContent = found.length ? `${counted(found.length, "group")} of ${counted(values, "value")}${on ? `, ${number(on)} ticked` : ""}` : "No groups";
    const first = page * PAGE;
    $("clusters-pages").hidden = found.length < 2;
    $("clusters-at").textContent = `${number(first + 1)}–${number(first + shown.length)} of ${number(found.length)}`;
    $("clusters-back").disabled = !page;
    $("clusters-next").disabled = first + shown.length >= found.length;
    for (const each of [$("clusters-back"), $("clusters-next")]) each.hidden = found.length <= PAGE;
    $("clusters-tick-page").textContent = shown.every(({ judged }) => judged.on) ? `Untick these ${number(shown.length)}` : `Tick these ${number(shown.length)}`;
    if (told) this.method.say(this.limits(told));
  }

  limits(told) {
    const more = told.all - told.groups.length;
    return [
      more > 0 ? `The ${counted(told.groups.length, "largest group")} of ${number(told.all)}; merge these first.` : "",
      told.whole ? "" : "So many values are alike that not all were compared with each other.",
    ].filter(Boolean).join(" ");
  }

  tick(groups, on) {
    for (const { judged } of groups) judged.on = on;
    for (const card of this.cards) card.draw();
    this.judged();
  }

  judged() {
    this.heads();
    this.changed();
  }

  // Up and down go from group to group; Enter in a survivor goes on to the next.
  keys(event) {
    const { target, key } = event;
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: target.matches("input:not([type=checkbox])") ? 1 : 0 }[key];
    if (!step || event.altKey || (target.matches("input:not([type=checkbox])") && key !== "Enter")) return;
    const cards = [...this.list.children];
    const at = cards.indexOf(target.closest(".cluster"));
    const to = cards[at + step]?.querySelector(key === "Enter" ? ".cluster-becomes input" : "[data-tick]");
    event.preventDefault();
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  }

  async look(group, on) {
    const { meant } = this;
    if (!on) return this.peek.end();
    const texts = new Set(group.values.map(([text]) => text));
    await this.peek.at(this.field.value, texts, `${this.model.spec(this.field.value).label}: ${counted(group.values.length, "spelling")} of “${group.judged.survivor}”`, meant, group.key);
  }

  peeked() {
    for (const { show, group } of this.cards) show.ariaPressed = String(this.peek.key === group.key);
    if (!this.peek.on) this.later();
  }

  asked() {
    const { pairs } = this.groups;
    if (!pairs.length) return "";
    if (pairs.some(([, survivor]) => survivor === "")) return "A group has nothing to become: type what its values become, or untick it.";
    return { op: "map", fields: [this.field.value], params: { pairs, case: true, trim: false } };
  }

  shown(answer) {
    const { values, into } = this.groups.counts;
    if (answer.cells) this.button.textContent = `Merge ${counted(values, "value")} into ${number(into)} in ${counted(answer.changed, "row")}`;
  }

  kept() {
    this.peek.end();
    for (const { judged } of this.groups.ticked) judged.on = false;
    for (const card of this.cards) card.draw();
    this.heads();
  }

  forget() {
    this.peek.end();
    this.groups.forget();
    this.answer = this.asking = null;
    $("clusters-find").value = "";
    this.leaf = 0;
    this.idle("");
  }
}

export const bind = (parts) => new Clusters(parts).handle;
