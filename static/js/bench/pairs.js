// The panel that maps values: a table is pasted, or what the columns hold is given new values one by one; it shows which
// pairs are used, which are not, and which values have none yet.
import { post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { Fields } from "./cleanfields.js";
import { Cleaning } from "./cleaning.js";
import { PairLine } from "./pairline.js";
import { toPairs, toTable } from "./pairtext.js";

const SHOWN = 300; // lines of a tab; the search finds the others
const PAUSE = 300;

class Pairs extends Cleaning {
  constructor(parts) {
    super(parts, $("bench-pairs"));
    Object.assign(this, { table: new Map(), tab: "unmatched", met: null, params: {} });
    this.fields = new Fields($("pairs-fields"), { label: "Columns", offered: () => this.offered(), changed: () => this.reread() });
    $("pairs-text").oninput = () => this.pasted();
    $("pairs-tabs").onclick = ({ target }) => this.turn(target.closest("[data-tab]")?.dataset.tab);
    $("pairs-find").oninput = () => {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.reread(), PAUSE);
    };
    this.root.addEventListener("paste", (event) => this.paste(event));
  }

  open(field, given) {
    if (field) this.fields.set([field]);
    if (!this.fields.names.length) this.fields.set([this.here].filter(Boolean));
    this.show(true);
    if (given) this.again(given);
    this.reread();
    this.draw();
    $("pairs-find").focus();
  }

  again(given) {
    const { pairs, ...params } = given.step.params;
    this.edit(given);
    this.fields.set(given.step.fields);
    this.params = params;
    this.put(pairs);
    this.tab = "used";
  }

  // The column at hand; else one of choices, which are what tables are mostly for.
  get here() {
    const spec = this.grid.cols[this.grid.active.col];
    return spec?.editable ? spec.name : this.grid.cols.find(({ editable, kind }) => editable && kind === "choice")?.name;
  }

  offered() {
    return this.boot.fields.map(({ name }) => this.model.spec(name)).filter(({ editable, kind }) => editable && kind !== "json" && kind !== "list");
  }

  // The field whose kind says how a new value is typed.
  get spec() {
    return this.model.spec(this.fields.names[0]);
  }

  // A table copied elsewhere may be pasted anywhere in the panel, but for inputs of one line.
  paste(event) {
    const text = event.clipboardData.getData("text");
    if (event.target.id === "pairs-text" || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    $("pairs-paste").open = true;
    $("pairs-text").value = text;
    this.pasted();
  }

  pasted() {
    const { pairs, undecided, problems } = toPairs($("pairs-text").value);
    this.table = new Map(pairs);
    const said = [counted(pairs.length, "pair"), undecided && `${counted(undecided, "line")} without a new value`].filter(Boolean);
    $("pairs-said").textContent = $("pairs-text").value.trim() ? said.join(", ") : "old and new, from a spreadsheet or a file";
    $("pairs-problems").replaceChildren(...problems.slice(0, 5).map((words) => make("li", {}, words)));
    $("pairs-problems").hidden = !problems.length;
    this.tab = pairs.length ? this.tab : "unmatched";
    this.reread();
  }

  put(pairs) {
    this.table = new Map(pairs);
    $("pairs-problems").hidden = true;
    $("pairs-text").value = toTable(pairs);
    $("pairs-said").textContent = pairs.length ? counted(pairs.length, "pair") : "old and new, from a spreadsheet or a file";
  }

  // One value gets another new one, or none any more. The list stays as it is under somebody's hands.
  set(old, wanted) {
    if (wanted === undefined) this.table.delete(old);
    else this.table.set(old, wanted);
    this.put([...this.table]);
    this.reread(true);
  }

  asked() {
    if (!this.fields.names.length) return "Choose the columns to map.";
    if (!this.table.size) return "";
    return this.operation;
  }

  get operation() {
    return { op: "map", fields: this.fields.names, params: { ...this.params, pairs: [...this.table] } };
  }

  // What the columns hold is asked for again where other rows or columns are meant, or somebody searches.
  async reread(still = false) {
    this.changed();
    if (!still) this.draw();
    if (!this.fields.names.length || this.root.hidden) return;
    const asking = (this.asking = {});
    try {
      await this.sync.idle();
      const { scope, where } = this.meant;
      const told = await post(this.boot.urls.table, { operation: { ...this.operation, where }, scope, find: $("pairs-find").value });
      if (asking !== this.asking) return;
      if (told.problem) return this.fail("", told.problem);
      this.met = { ...told, pairs: [...this.table] };
      if (this.editing && this.tab === "used" && !told.used.length) this.tab = "unused";
      if (still) this.heads();
      else this.draw();
    } catch (problem) {
      this.fail("The values could not be read.", problem);
    }
  }

  rescoped(anew) {
    const before = this.rows;
    super.rescoped(anew);
    if (before !== this.rows && before !== undefined) this.reread($("pairs-list").contains(document.activeElement));
  }

  turn(tab) {
    if (!tab) return;
    this.tab = tab;
    this.reread();
  }

  heads() {
    const { met } = this;
    const counts = { unmatched: met?.values ?? 0, used: met?.used.length ?? 0, unused: met?.unused.length ?? 0 };
    for (const chip of $("pairs-tabs").querySelectorAll("[data-tab]")) {
      chip.lastElementChild.textContent = number(counts[chip.dataset.tab]);
      chip.ariaPressed = String(chip.dataset.tab === this.tab);
    }
  }

  draw() {
    $("pairs").hidden = !this.met || !this.spec;
    if ($("pairs").hidden) return;
    this.heads();
    const lines = this.lines();
    $("pairs-list").replaceChildren(...lines.slice(0, SHOWN).map((line) => new PairLine(this.spec, line, (wanted) => this.set(line.old, wanted)).element));
    const others = this.tab === "unmatched" ? this.met.others : lines.length - SHOWN;
    if (others > 0) $("pairs-list").append(make("p", { className: "help" }, `${counted(others, "more value")} can be found by name.`));
    if (this.editing) $("pairs-list").prepend(make("p", { className: "help" }, "Counted in what stands here now that this step is done: its pairs are mostly unused."));
    if (!lines.length) $("pairs-list").append(make("p", { className: "help" }, this.empty));
  }

  lines() {
    const { met, tab } = this;
    if (tab === "unmatched") return this.unmatched(met.unmatched);
    const find = $("pairs-find").value.toLowerCase();
    const places = tab === "used" ? met.used : met.unused.map((at) => [at, 0]);
    return places
      .map(([at, rows]) => ({ old: met.pairs[at][0], label: met.pairs[at][0], rows, wanted: this.table.get(met.pairs[at][0]) ?? (this.table.has(met.pairs[at][0]) ? null : undefined) }))
      .filter(({ label }) => label.toLowerCase().includes(find));
  }

  // Null and empty text are one to a table; what is not set at all is nothing that could be mapped.
  unmatched(values) {
    const nothing = values.filter(({ text, label }) => text === "" || (text === null && label === "null"));
    const one = nothing.length && { text: "", label: nothing.map(({ text }) => (text === null ? "null" : "empty")).join(" or "), rows: nothing.reduce((sum, { rows }) => sum + rows, 0), blank: true };
    const others = values.filter((each) => !nothing.includes(each));
    const lines = one ? [...others, one].sort((a, b) => b.rows - a.rows) : others;
    return lines.map(({ text, label, rows, blank }) => ({ old: text ?? "", label, rows, blank, wanted: this.table.get(text ?? ""), never: text === null }));
  }

  get empty() {
    if ($("pairs-find").value) return "No value is called that.";
    return { unmatched: "Every value has a pair.", used: "No pair meets a value of these columns yet.", unused: "Every pair meets a value." }[this.tab];
  }

  kept() {
    this.tab = "unmatched";
    this.put([]);
    $("pairs-paste").open = false;
  }

  forget() {
    this.root.querySelector(".share-scope").hidden = false;
    this.fields.set([]);
    this.params = {};
    this.met = null;
    this.tab = "unmatched";
    $("pairs-find").value = "";
    this.put([]);
    this.draw();
    this.idle("");
  }
}

export const bind = (parts) => new Pairs(parts).handle;
