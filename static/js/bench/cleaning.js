// What the panels that make a clean-up have in common: rows meant, an exact count of them, a preview, and one step.
import { post } from "../sheet/api.js";
import { dock } from "../sheet/sharedock.js";
import { Preview } from "../sheet/sharepreview.js";
import { Scope } from "../sheet/sharescope.js";

const PAUSE = 250;
const USE = "Back to the list with this step";

export class Cleaning {
  // A panel has asked(): a transformation as data, or in words what is missing; opened(); forget(); and may have told(answer).
  constructor(parts, root) {
    Object.assign(this, parts, { parts, root, stamp: 0 });
    const { grid, model } = this;
    [this.sentence, this.problem, this.button] = ["sentence", "problem", "keep"].map((name) => root.querySelector(`[data-part=${name}]`));
    this.nothing = [this.sentence.textContent, this.button.textContent];
    this.scope = new Scope(root.querySelector(".share-scope"), grid, () => this.rescoped());
    const preview = root.querySelector(".share-preview");
    this.preview = preview && new Preview(preview, grid, (start, fate) => this.page(start, fate), "changed");
    preview?.firstElementChild.addEventListener("click", () => (this.picked = true));
    this.show = dock(root, {
      opened: () => this.rescoped(true),
      closed: () => this.closed(),
      leave: () => grid.catcher.focus({ preventScroll: true }),
    });
    for (const event of ["range", "ticked", "order"]) grid.on(event, () => this.later());
    model.on(() => {
      this.stamp += 1;
      this.later();
    });
    this.button.onclick = () => this.keep();
  }

  // What the button says while there is nothing to keep.
  get idling() {
    return this.nothing[1];
  }

  // What `panels` opens and closes.
  get handle() {
    return { open: (field, given) => this.open(field, given), close: () => this.root.hidden || this.yield() };
  }

  // Another panel takes its place.
  yield() {
    this.editing = null;
    this.show(false);
  }

  // Who edited a step comes back to the list, which is as it was left.
  closed() {
    const { editing } = this;
    if (editing) setTimeout(() => editing.back());
    clearTimeout(this.waiting);
    clearTimeout(this.counting);
    this.wanted = this.scope.own = "";
    this.editing = null;
    this.picked = false;
    this.titled("");
    this.forget();
  }

  later() {
    if (this.root.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.rescoped(), PAUSE);
  }

  // Counted anew only where other rows are meant, or something else stands in them.
  rescoped(anew = false) {
    this.scope.draw();
    const rows = JSON.stringify([this.meant, this.stamp]);
    if (rows === this.rows && !anew) return;
    this.rows = rows;
    this.changed();
  }

  // The facets themselves where they are all that narrows the rows, which are shown as they stand: a step that says so
  // can be done elsewhere too.
  get meant() {
    const { looking, scope } = this;
    const alone = scope.name === "filter" && !looking.stale && !looking.only && !Object.keys(looking.filters).length;
    const facets = alone && looking.within?.where;
    return facets?.length ? { scope: null, where: facets } : { scope: scope.wire, where: [] };
  }

  // Leaving an input says “changed” once more: what was counted is not counted again under somebody's click.
  changed() {
    const asked = this.asked();
    const wanted = JSON.stringify([this.rows, asked]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.token = crypto.randomUUID();
    this.enable(false);
    clearTimeout(this.counting);
    if (this.editing) return this.use(asked);
    if (typeof asked === "string") return this.idle(asked);
    this.root.ariaBusy = "true";
    this.counting = setTimeout(() => this.count(wanted, asked), PAUSE);
  }

  idle(words) {
    this.root.ariaBusy = "false";
    this.hide();
    this.tell(words || this.nothing[0], this.idling, false);
    this.fault(null);
  }

  async ask(more) {
    await this.sync.idle();
    if (this.editing) return post(this.boot.urls.operations, { ...this.request, ...more });
    return post(this.boot.urls.clean, { ...this.request, ...more });
  }

  async count(wanted, asked) {
    try {
      const { scope, where } = this.meant;
      if (!this.picked) this.preview?.turn("changed");
      this.request = { operation: { ...asked, ...(where.length && { where }) }, scope };
      const told = await this.ask({ fate: this.preview?.fate || undefined });
      if (wanted !== this.wanted) return;
      this.root.ariaBusy = "false";
      if (!told.problem) this.fault(null);
      if (told.problem) return this.faulty(told.problem);
      this.tell(told.sentence, told.cells ? told.label : "Nothing to change", told.cells > 0);
      this.shown(told, asked);
    } catch (problem) {
      if (wanted !== this.wanted) return;
      this.root.ariaBusy = "false";
      this.wanted = ""; // whatever is touched asks again
      this.hide();
      this.tell("How many rows would change is not known.", this.idling, false);
      this.fail("Not counted.", problem);
    }
  }

  // What changes is looked at first; where nothing does, what becomes of the rows instead.
  shown(told, { fields }) {
    const { preview } = this;
    if (!preview) return;
    preview.root.classList.toggle("is-one", fields.length === 1 && !this.editing);
    preview.show(told);
    const [all, changed, , invalid] = preview.chips.children;
    if (!told.preview.length && !this.picked) preview.only(told.changed ? changed : told.invalid ? invalid : all);
  }

  faulty(problem, label = this.idling) {
    this.hide();
    this.tell(this.fault(problem) ? "Nothing is counted until what is marked in red is right." : problem.message, label, false);
  }

  hide() {
    if (this.preview) this.preview.root.hidden = true;
  }

  // At the parameter that is wrong, where a panel has such, and whether it has; null takes it back.
  fault() {
    return false;
  }

  page(start, fate) {
    return this.ask({ start, fate: fate || undefined }).catch((problem) => this.fail("These rows could not be read.", problem));
  }

  // A lost answer is asked for again under the same token: what is kept already is not kept twice.
  async keep() {
    if (this.button.ariaDisabled === "true") return;
    if (this.editing) return this.used();
    this.enable(false);
    try {
      const told = await this.ask({ keep: true, token: this.token, since: this.model.version });
      this.wanted = "";
      this.kept?.();
      await this.sync.take(told.feed);
      this.say(`Pending now: ${told.label}.`);
    } catch (problem) {
      this.enable(true);
      this.fail(problem.final ? "Nothing was marked." : "Perhaps marked: the same click finds out, and marks nothing twice.", problem);
    }
  }

  // A step of the list is edited here: kept with the others, once that is looked at.
  edit(given) {
    this.editing = given;
    this.root.querySelector(".share-scope").hidden = true;
    this.titled(`Edit step ${given.number}`);
    this.hide();
  }

  titled(words) {
    const title = this.root.querySelector("h2");
    this.title ??= title.textContent;
    title.textContent = words || this.title;
    this.root.classList.toggle("is-editing", Boolean(words));
  }

  use(asked) {
    this.hide();
    this.fault(null);
    this.root.ariaBusy = String(typeof asked !== "string");
    if (typeof asked === "string") return this.tell(asked || `Editing: ${this.editing.label}.`, USE, false);
    this.counting = setTimeout(() => this.recount(this.wanted, asked), PAUSE);
  }

  // What the whole list comes to with the step as it is set now.
  async recount(wanted, asked) {
    const { editing } = this;
    try {
      const step = { ...editing.step, ...asked };
      this.request = { wanted: editing.drafted(step) };
      this.preview?.turn("changed");
      const told = await this.ask();
      const mine = told.entries.find(({ id }) => id === editing.id);
      const wrong = mine?.problem && (await post(this.boot.urls.clean, { operation: step, scope: null })).problem;
      if (wanted !== this.wanted) return;
      this.root.ariaBusy = "false";
      if (mine?.problem) return this.faulty(wrong ?? { param: "", message: mine.problem }, USE);
      this.tell(`${mine ? mine.label : "This step is switched off"}. ${told.sentence} Nothing is marked before you keep the list.`, USE, true);
      if (told.preview.length) this.shown(told, asked);
    } catch (problem) {
      if (wanted !== this.wanted) return;
      this.root.ariaBusy = "false";
      this.fail("Not counted.", problem);
      this.enable(true); // the list counts it again
    }
  }

  used() {
    const { back, step } = this.editing;
    back({ ...step, ...this.asked() });
  }

  tell(sentence, label, ready) {
    this.sentence.textContent = sentence;
    this.problem.hidden = true;
    this.button.textContent = label;
    this.enable(ready);
  }

  // Not `disabled`: that would take the focus away from somebody who uses keys.
  enable(ready) {
    this.button.ariaDisabled = String(!ready);
  }

  fail(words, problem) {
    this.problem.textContent = `${words} ${problem.message}`;
    this.problem.hidden = false;
  }
}
