// The panel of operations: what was done here, in another order or without some once that was looked at; and recipes.
import { getJson, post } from "../sheet/api.js";
import { $ } from "../sheet/make.js";
import { dock } from "../sheet/sharedock.js";
import { Preview } from "../sheet/sharepreview.js";
import { Done } from "./operationslist.js";
import { Saving } from "./operationssave.js";
import { Recipes } from "./recipes.js";

const PAUSE = 250;

class Operations {
  constructor(parts) {
    const { grid, model } = parts;
    const root = $("bench-operations");
    Object.assign(this, parts, { root, footer: $("ops-footer"), stamp: 0 });
    [this.sentence, this.problem, this.button] = ["sentence", "problem", "keep"].map((name) => root.querySelector(`[data-part=${name}]`));
    this.preview = new Preview($("ops-preview"), grid, (start) => this.page(start), "changed");
    this.done = new Done(this);
    this.recipes = new Recipes(this);
    this.saving = $("ops-save") && new Saving(this);
    this.tabs = [
      [$("ops-tab-done"), $("ops-done"), this.done],
      [$("ops-tab-recipes"), $("ops-recipes"), this.recipes],
    ];
    for (const [tab] of this.tabs) tab.onclick = () => this.turn(tab);
    this.tabs[0][0].parentElement.onkeydown = ({ key }) => /Arrow(Left|Right)/.test(key) && this.turn(this.tabs.find(([tab]) => tab.ariaSelected !== "true")[0]);
    this.show = dock(root, { opened: () => {}, closed: () => this.rest(), leave: () => grid.catcher.focus({ preventScroll: true }) });
    this.button.onclick = () => this.keep();
    $("ops-leave").onclick = () => this.leave();
    model.on(() => this.later());
    this.now = this.done;
  }

  get handle() {
    return { open: (field, given) => this.open(given), close: () => this.root.hidden || this.show(false) };
  }

  async open(given) {
    this.show(true);
    if (given) return this.edited(given);
    await this.read();
    (this.root.querySelector(".ops-list button, .recipe-line") ?? this.tabs[0][0]).focus();
  }

  turn(tab) {
    for (const [each, panel, now] of this.tabs) {
      const on = each === tab;
      each.ariaSelected = String(on);
      each.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
      if (on) this.now = now;
    }
    tab.focus();
    this.rest();
    return this.read();
  }

  // Nothing is counted any more; a draft of the list is there when somebody comes back to it.
  rest() {
    this.changed(null);
    this.saving?.close();
    this.recipes.leave();
  }

  later() {
    if (this.root.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.read(), PAUSE);
  }

  async read() {
    try {
      await this.sync.idle();
      if (this.now === this.done) this.done.put((await getJson(this.boot.urls.operations)).entries);
      else this.recipes.put((await getJson(this.boot.urls.recipes)).recipes);
    } catch (problem) {
      this.fail("This could not be read.", problem);
    }
  }

  // Something is to be looked at before it is made: `ask` says of what.
  changed(ask) {
    this.ask = ask;
    this.token = crypto.randomUUID();
    this.enable(false);
    clearTimeout(this.counting);
    if (!ask) return this.nothing();
    this.footer.hidden = false;
    this.root.ariaBusy = "true";
    this.counting = setTimeout(() => this.count(ask), PAUSE);
  }

  nothing() {
    this.footer.hidden = this.preview.root.hidden = true;
    this.root.ariaBusy = "false";
  }

  send(ask, more) {
    return post(ask.url, { ...ask.data, ...more });
  }

  async count(ask) {
    try {
      await this.sync.idle();
      const told = await this.send(ask, ask.counting);
      if (ask !== this.ask) return;
      this.root.ariaBusy = "false";
      this.sentence.textContent = told.sentence;
      this.button.textContent = ask.label(told);
      this.problem.hidden = true;
      this.enable(ask.ready(told));
      this.preview.show(told);
      this.preview.root.hidden = !told.preview.length;
      ask.told(told);
    } catch (problem) {
      if (ask !== this.ask) return;
      this.root.ariaBusy = "false";
      this.fail("Not counted.", problem);
    }
  }

  page(start) {
    return this.send(this.ask, { ...this.ask.counting, start }).catch((problem) => this.fail("These rows could not be read.", problem));
  }

  // A lost answer is asked for again under the same token: what is kept already is not kept twice.
  async keep() {
    const { ask } = this;
    if (!ask || this.button.ariaDisabled === "true") return;
    this.enable(false);
    try {
      const told = await this.send(ask, { ...ask.keeping, token: this.token, since: this.model.version });
      this.changed(null);
      this.now.kept();
      await this.sync.take(told.feed);
      this.say(`Pending now: ${told.made ?? told.label}.`);
      await this.read();
    } catch (problem) {
      this.enable(true);
      this.fail(problem.final ? "Nothing was marked." : "Perhaps marked: the same click finds out, and marks nothing twice.", problem);
    }
  }

  leave() {
    this.changed(null);
    this.saving?.close();
    this.now.leave();
  }

  enable(ready) {
    this.button.ariaDisabled = String(!ready);
  }

  fail(words, problem) {
    this.footer.hidden = false;
    this.problem.textContent = `${words} ${problem.message}`;
    this.problem.hidden = false;
  }

  // Back from the panel in which the parameters of a step were edited.
  async edited({ id, step }) {
    this.done.edited(id, step);
    await this.turn(this.tabs[0][0]);
    this.root.querySelector(`.ops-list li[data-id="${id}"] [data-do=edit]`)?.focus();
  }
}

export const bind = (parts) => new Operations(parts).handle;
