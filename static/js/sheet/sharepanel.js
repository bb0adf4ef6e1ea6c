// The panel of the shared change: one change of many rows, counted exactly and shown row by row before it is made.
import { post } from "./api.js";
import { $, counted } from "./make.js";
import { dock } from "./sharedock.js";
import { FieldRow } from "./shareform.js";
import { Preview } from "./sharepreview.js";
import { Scope } from "./sharescope.js";

const PAUSE = 300;
const FIXED = new Set(["set", "null", "empty"]); // come to the same when done twice
const LISTED = 40; // fields drawn at once; the search finds the others

export class Share {
  constructor(parts) {
    Object.assign(this, parts, { known: new Map(), stamp: 0, panel: $("shared"), button: $("share-button"), search: $("share-find"), limits: $("share-only") });
    const { grid, model, panel } = this;
    this.scope = new Scope(panel.querySelector(".share-scope"), grid, () => this.rescoped());
    this.preview = new Preview($("share-preview"), grid, (start, fate) => this.page(start, fate));
    this.show = dock(panel, { opened: () => this.opened(), closed: () => this.forget(), leave: () => grid.catcher.focus({ preventScroll: true }), fold: $("fold") });
    for (const event of ["range", "ticked"]) grid.on(event, () => this.later());
    grid.on("layout", () => this.list());
    model.on(() => {
      this.stamp += 1;
      this.later();
    });
    this.search.oninput = () => this.list();
    this.limits.lastElementChild.onclick = () => this.limit();
    this.button.onclick = () => this.keep();
  }

  open(name) {
    this.named = name;
    this.show(true);
    if (name) this.row(this.model.spec(name)).does.querySelector("input").focus();
    else this.search.focus();
  }

  toggle() {
    this.show(this.panel.hidden);
  }

  opened() {
    this.rescoped();
    this.list();
  }

  row(spec) {
    if (!this.known.has(spec.name)) this.known.set(spec.name, new FieldRow(spec, this));
    return this.known.get(spec.name);
  }

  // What is set stays listed; then come the columns shown, or what the search finds.
  list() {
    const wanted = this.search.value.trim().toLowerCase();
    const here = new Set(this.grid.cols);
    const fits = (spec) => (wanted ? `${spec.label} ${spec.name}`.toLowerCase().includes(wanted) : spec.editable && here.has(spec));
    const specs = this.boot.fields.map(({ name }) => this.model.spec(name)).sort((a, b) => here.has(b) - here.has(a));
    const found = specs.filter((spec) => spec.name === this.named || this.known.get(spec.name)?.change().length || fits(spec)).slice(0, LISTED);
    const [box, others] = [$("share-fields"), specs.length - found.length];
    const rows = found.map((spec) => this.row(spec).element);
    if (rows.length !== box.children.length || rows.some((row, at) => row !== box.children[at])) box.replaceChildren(...rows); // else what is typed into keeps the focus
    $("share-others").textContent = !found.length ? "No field is called that." : others ? `${counted(others, "more field")} can be found by name.` : "";
  }

  limit(spec, value) {
    this.only = spec && { field: spec.name, key: value.key };
    this.limits.hidden = !spec;
    const [field, text] = this.limits.children[1].children;
    field.textContent = spec?.label;
    text.textContent = value?.label;
    this.changed();
  }

  later() {
    if (this.panel.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.rescoped(), PAUSE);
  }

  // Counted anew only where other rows are meant, or something else stands in them.
  rescoped() {
    this.scope.draw();
    const rows = JSON.stringify([this.scope.wire, this.stamp]);
    if (rows === this.rows) return;
    this.rows = rows;
    for (const row of this.known.values()) row.read();
    this.changed();
  }

  // What was counted is not counted again under somebody's click: leaving an input says “changed” once more.
  changed() {
    const changes = [...this.known.values()].flatMap((row) => row.change()).map((change) => ({ ...change, only: this.only }));
    const wanted = JSON.stringify([this.rows, changes]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.token = crypto.randomUUID();
    this.enable(false);
    clearTimeout(this.counting);
    if (changes.length) this.counting = setTimeout(() => this.count(wanted, changes), PAUSE);
    else this.tell("Set a field to see how many rows change.", "Set fields");
    $("share-preview").hidden = !changes.length;
  }

  async ask(more) {
    await this.sync.idle();
    return post(this.boot.urls.share, { ...this.request, keep: false, ...more });
  }

  mix(field) {
    return this.sync.idle().then(() => post(this.boot.urls.mix, { scope: this.scope.wire, field }));
  }

  async count(wanted, changes) {
    try {
      this.request = { scope: this.scope.wire, changes };
      const told = await this.ask({ fate: this.preview.fate || undefined });
      if (wanted !== this.wanted) return;
      const again = this.made === JSON.stringify(changes) && !changes.every(({ op }) => FIXED.has(op));
      this.tell(told.sentence, (again ? "Once more: " : "") + told.label, told.changed + told.invalid);
      this.preview.show(told);
    } catch (problem) {
      this.fail("Not counted.", problem);
    }
  }

  page(start, fate) {
    return this.ask({ start, fate: fate || undefined }).catch((problem) => this.fail("These rows could not be read.", problem));
  }

  // A lost answer is asked for again under the same token: what is kept already is not kept twice.
  async keep() {
    if (this.button.ariaDisabled === "true") return;
    this.enable(false);
    try {
      const told = await this.ask({ keep: true, token: this.token, since: this.model.version });
      this.wanted = "";
      this.made = JSON.stringify(this.request.changes);
      await this.sync.take(told.feed);
      this.say(`Pending now: ${told.label}.`);
    } catch (problem) {
      this.enable(true);
      this.fail(problem.final ? "Nothing was marked." : "Perhaps marked: the same click finds out, and marks nothing twice.", problem);
    }
  }

  tell(sentence, label, ready) {
    $("share-sentence").textContent = sentence;
    $("share-problem").hidden = true;
    this.button.textContent = label;
    this.enable(ready);
  }

  // Not `disabled`: that would take the focus away from somebody who uses keys.
  enable(ready) {
    this.button.ariaDisabled = String(!ready);
  }

  fail(words, problem) {
    $("share-problem").textContent = `${words} ${problem.message}`;
    $("share-problem").hidden = false;
  }

  forget() {
    this.known.clear();
    this.scope.own = this.named = this.search.value = "";
    this.limit();
  }
}
