// The panel that resolves names: a column of names is compared with the records a field refers to; what is sure is set,
// what is not is picked by hand, the rest is left alone. And the way back: what the records are called, into a text.
import { getJson, post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { Cleaning } from "./cleaning.js";
import { Resolved, suggested } from "./resolved.js";
import { ResolveLine } from "./resolveline.js";

const SHOWN = 200; // names of a list; the search finds the others
const PASTED = "";
const PAUSE = 300;

class Resolve extends Cleaning {
  constructor(parts) {
    super(parts, $("bench-resolve"));
    Object.assign(this, { names: new Resolved(), tab: "sure", titles: null });
    [this.source, this.target, this.pasted] = ["source", "target", "pasted"].map((name) => $(`resolve-${name}`));
    this.source.onchange = () => this.chose();
    this.target.onchange = () => this.again();
    this.pasted.oninput = () => this.again();
    for (const radio of this.ways) radio.onchange = () => this.turned();
    $("resolve-tabs").onclick = ({ target }) => this.turn(target.closest("[data-tab]")?.dataset.tab);
    $("resolve-find").oninput = () => this.draw();
    $("resolve-batch").firstElementChild.onclick = () => this.likely();
  }

  get ways() {
    return this.root.querySelectorAll("[name=resolve-way]");
  }

  get back() {
    return this.root.querySelector("[name=resolve-way]:checked").value === "names";
  }

  async open(field) {
    this.show(true);
    try {
      this.known ??= await getJson(this.boot.urls.resolveNames);
    } catch (problem) {
      return this.fail("What can be resolved could not be read.", problem);
    }
    if (this.known.references.some(({ name }) => name === field)) this.ways[1].checked = !this.known.targets.some(({ name }) => name === field);
    this.turned(field || undefined);
    this.source.focus({ preventScroll: true });
  }

  // The columns to choose from are others on the way back.
  turned(field = this.grid.cols[this.grid.active.col]?.name) {
    const { known, back } = this;
    if (!known) return; // comes, and is drawn then
    const targets = back ? known.writable : known.targets.map(({ name }) => name);
    this.options(this.source, back ? known.references.map(({ name }) => name) : known.texts, back ? null : "A pasted list");
    this.options(this.target, targets, null);
    this.titles = null;
    if (!back && targets.includes(field)) {
      const spec = this.model.spec(field);
      this.source.value = known.texts.find((name) => suggested(this.model.spec(name), [this.towards(spec)])) ?? known.texts[0] ?? PASTED;
      this.target.value = field;
      return this.again();
    }
    if ([...this.source.options].some(({ value }) => value === field)) this.source.value = field;
    else if (!back) this.source.value = this.likeliest ?? this.source.options[0].value;
    this.chose();
  }

  options(select, names, first) {
    const shown = new Set(this.grid.cols.map(({ name }) => name));
    const options = [...names].sort((a, b) => shown.has(b) - shown.has(a)).map((name) => make("option", { value: name, title: name }, this.model.spec(name).label));
    select.replaceChildren(...options, ...(first ? [make("option", { value: PASTED }, first)] : []));
  }

  // Of the columns shown, one whose words name a field that refers to others; not what the records themselves are called.
  get likeliest() {
    const towards = this.known.targets.map(({ name }) => this.towards(this.model.spec(name)));
    return this.grid.cols.map(({ name }) => name).find((name) => name !== this.boot.resource.title_field && this.known.texts.includes(name) && suggested(this.model.spec(name), towards));
  }

  towards({ name, label, reference }) {
    return { name, label, reference };
  }

  chose() {
    const source = this.model.spec(this.source.value);
    if (!this.back && source) {
      const found = suggested(source, this.known.targets.map(({ name }) => this.towards(this.model.spec(name))));
      if (found) this.target.value = found;
    }
    this.again();
  }

  rescoped(anew) {
    const before = this.rows;
    super.rescoped(anew);
    if (this.known && before !== undefined && before !== this.rows) this.again();
  }

  again() {
    this.pasted.hidden = this.back || this.source.value !== PASTED;
    clearTimeout(this.finding);
    this.finding = setTimeout(() => this.find(), PAUSE);
  }

  async find() {
    if (this.root.hidden) return;
    const { back } = this;
    const texts = this.pasted.hidden ? [] : this.pasted.value.split("\n").filter((line) => line.trim());
    if ((!this.source.value && !texts.length) || !this.target.value) return this.nothingYet();
    const asking = (this.asking = {});
    this.mute("Reading the records and comparing names…");
    try {
      await this.sync.idle();
      const told = await post(this.boot.urls.resolveNames, { source: this.source.value, target: this.target.value, texts, back, ...this.meant });
      if (asking !== this.asking) return;
      if (back) this.called(told.names);
      else this.resolved(told);
    } catch (problem) {
      if (asking !== this.asking) return;
      this.nothingYet();
      this.fail("Not compared.", problem);
    } finally {
      if (asking === this.asking) this.root.ariaBusy = "false";
    }
  }

  mute(words) {
    this.root.ariaBusy = "true";
    $("resolve-said").textContent = words;
  }

  nothingYet() {
    this.names.set([]);
    this.titles = null;
    $("resolve-said").textContent = "";
    this.draw();
    this.changed();
  }

  resolved(told) {
    this.titles = null;
    this.names.set(told.names);
    $("resolve-said").textContent = [told.said, told.blank ? `${counted(told.blank, "row")} without a name.` : ""].filter(Boolean).join(" ");
    if (!this.names.of(this.tab).length) this.tab = ["sure", "pick", "none"].find((tab) => this.names.of(tab).length) ?? "sure";
    this.draw();
    this.changed();
  }

  called(names) {
    this.titles = names;
    const gone = names.filter(({ title }) => !title);
    $("resolve-said").textContent = `${counted(names.length, "record")} in these rows.${gone.length ? ` ${counted(gone.length, "id")} without a record: left alone.` : ""}`;
    this.draw();
    this.changed();
  }

  turn(tab) {
    if (!tab) return;
    this.tab = tab;
    this.draw();
  }

  draw() {
    const { names, tab, titles } = this;
    const any = titles?.length || names.all.length;
    $("resolve-found").hidden = !any;
    if (!any) return;
    $("resolve-tabs").hidden = Boolean(titles);
    this.heads();
    const find = $("resolve-find").value;
    const lines = titles ?? names.of(tab, find);
    const target = this.model.spec(this.target.value);
    $("resolve-list").replaceChildren(...lines.slice(0, SHOWN).map((line) => (titles ? titled(line) : this.line(line, target))));
    const others = lines.length - SHOWN;
    if (others > 0) $("resolve-list").append(make("p", { className: "help" }, titles ? `and ${counted(others, "other")}.` : `${counted(others, "more name")} can be found by the search.`));
    if (!lines.length) $("resolve-list").append(make("p", { className: "clusters-nothing muted" }, find ? "No name is like that." : { sure: "No name is sure.", pick: "Nothing is to be picked.", none: "Every name was found." }[tab]));
  }

  line(name, spec) {
    const picked = (id) => {
      this.names.pick(name, id);
      this.heads();
      this.changed();
    };
    return new ResolveLine(name, { id: this.names.id(name), spec, picked }).element;
  }

  heads() {
    const { names, tab } = this;
    for (const chip of $("resolve-tabs").querySelectorAll("[data-tab]")) {
      chip.lastElementChild.textContent = number(names.of(chip.dataset.tab).length);
      chip.ariaPressed = String(chip.dataset.tab === tab);
    }
    const { likely } = names;
    $("resolve-batch").hidden = Boolean(this.titles) || tab !== "pick" || !likely.length;
    $("resolve-batch").firstElementChild.textContent = `Pick the likeliest for ${number(likely.length)} of them`;
    $("resolve-batch").lastElementChild.textContent = "Look at each before you set them.";
  }

  likely() {
    for (const name of this.names.likely) this.names.pick(name, name.candidates[0].id);
    this.draw();
    this.changed();
  }

  asked() {
    if (!this.source.value && !this.back) return this.names.pairs.length ? `${counted(this.names.pairs.length, "name")} resolved. A pasted list has no rows: copy the ids.` : "";
    const pairs = this.titles ? this.titles.filter(({ title }) => title).map(({ id, title }) => [id, title]) : this.names.pairs;
    if (!pairs.length || !this.target.value) return "";
    return { op: "map", fields: [this.target.value], params: { pairs, from: this.source.value } };
  }

  // A pasted list has no rows: its ids are copied, one a line, in the order of the names.
  changed() {
    super.changed();
    if (this.source.value || this.back || !this.names.pairs.length) return;
    const ids = new Map(this.names.pairs);
    this.tell(this.asked(), `Copy ${counted(ids.size, "id")} with their names`, true);
    this.copied = [...ids].map(([text, id]) => `${text}\t${id}`).join("\n");
  }

  async keep() {
    if (this.source.value || this.back || this.button.ariaDisabled === "true") return super.keep();
    await navigator.clipboard.writeText(this.copied);
    this.say("Copied: names and ids, with a tab between.");
  }

  shown(answer) {
    const { label } = this.model.spec(this.target.value);
    const { left } = this.names;
    if (answer.cells) this.button.textContent = `Set ${label} in ${counted(answer.changed, "row")}`;
    if (!this.titles && left.names) this.sentence.append(` Unresolved: ${counted(left.names, "name")} in ${counted(left.rows, "row")}.`);
  }

  forget() {
    this.names.forget();
    this.titles = this.asking = null;
    $("resolve-find").value = this.pasted.value = "";
    this.ways[0].checked = true;
    this.tab = "sure";
    this.draw();
    this.idle("");
  }
}

function titled({ id, rows, title }) {
  const name = title ? make("span", { className: "resolve-text" }, title) : make("span", { className: "resolve-text muted" }, "no record");
  return make("div", { className: "resolve-line is-title" }, make("span", { className: "mono muted" }, id), name, make("span", { className: "number" }, counted(rows, "row")));
}

export const bind = (parts) => new Resolve(parts).handle;
