// The panel of quality rules: each with the rows that break it, a click narrows the grid to them.
import { post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { dock } from "../sheet/sharedock.js";
import { RuleForm } from "./qualityform.js";
import { qualityFact, rowsOf } from "./qualitywords.js";

const PAUSE = 500;

export function bind(parts) {
  const panel = new Quality(parts);
  return { open: (field, given) => panel.open(field, given), close: () => panel.fold() };
}

class Quality {
  constructor(parts) {
    Object.assign(this, parts, { panel: $("bench-quality"), list: $("quality-rules"), rules: [], shown: null });
    const leave = () => this.grid.catcher.focus({ preventScroll: true });
    this.show = dock(this.panel, { opened: () => this.count(), closed: () => this.cancel(), leave });
    this.form = $("quality-form") && new RuleForm(this);
    this.model.on(() => this.later());
    this.looking.on(() => this.mark());
    this.list.addEventListener("click", (event) => this.clicked(event.target));
    $("quality-new")?.addEventListener("click", () => this.write());
    $("quality-cancel")?.addEventListener("click", () => this.cancel());
    $("quality-suggested")?.addEventListener("click", ({ target }) => this.suggested(target));
  }

  // `given.rule`: the id of one to narrow the grid to.
  async open(field, given = null) {
    await this.show(true);
    if (given?.rule) return this.jump(given.rule);
    if (field && this.form) return this.write({ rule: { kind: "", field, params: {} } });
    (this.list.querySelector("button") ?? $("quality-new") ?? $("quality-list")).focus({ preventScroll: true });
  }

  fold() {
    if (!this.panel.hidden) this.panel.hidden = true;
  }

  // After edits, once they are on their way to be kept.
  later() {
    if (this.panel.hidden) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.count(), PAUSE);
  }

  async ask(data) {
    await this.sync.idle();
    return post(this.boot.urls.quality, data);
  }

  // One at a time: what changes meanwhile is counted afterwards.
  async count() {
    if (this.counting) return (this.again = true);
    this.counting = true;
    this.panel.ariaBusy = "true";
    try {
      this.take(await this.ask({ do: "count", form: true }));
    } catch (problem) {
      this.fail("The rules could not be counted.", problem);
    } finally {
      this.panel.ariaBusy = "false";
      this.counting = false;
      if (this.again) this.later();
      this.again = false;
    }
  }

  take(told) {
    this.told = told;
    this.rules = told.rules;
    $("quality-problem").hidden = true;
    $("quality-sentence").textContent = told.sentence;
    qualityFact(told);
    this.draw();
  }

  draw() {
    const focused = this.list.contains(document.activeElement) && document.activeElement.closest("li").dataset.id;
    this.list.replaceChildren(...this.rules.map((rule) => this.line(rule)));
    if (focused) this.list.querySelector(`[data-id="${focused}"] button`)?.focus();
    $("quality-none").hidden = this.rules.length > 0;
    const section = $("quality-suggested");
    if (!section) return;
    const suggested = this.told.may_edit ? this.told.suggested : [];
    section.hidden = !suggested.length;
    section.lastElementChild.replaceChildren(...suggested.map(({ words }, at) => make("li", {}, make("button", { className: "quality-suggest", type: "button", "data-at": at }, words))));
    $("quality-new").hidden = !this.told.may_edit || !$("quality-form").hidden;
  }

  line(rule) {
    const line = $("quality-rule").content.firstElementChild.cloneNode(true);
    const known = rule.hits !== null;
    line.dataset.id = rule.id;
    line.querySelector(".quality-name").textContent = rule.name;
    line.querySelector(".quality-hits").textContent = known ? number(rule.hits) : "?";
    line.querySelector(".quality-bar > span").style.width = known && rule.hits ? `max(2px, ${(100 * rule.hits) / this.told.rows}%)` : "0";
    line.querySelector(".quality-words").textContent = said(rule);
    line.classList.toggle("is-kept", rule.hits === 0);
    line.classList.toggle("is-unknown", !known);
    const jump = line.querySelector(".quality-jump");
    jump.ariaPressed = String(this.shown?.id === rule.id);
    jump.ariaDisabled = String(!rule.hits);
    jump.title = rule.hits ? `Show only the ${counted(rule.hits, "row")} that break it` : "";
    for (const button of line.querySelectorAll("[data-rule]")) {
      button.hidden = !this.told.may_edit;
      button.ariaLabel = `${button.title} rule “${rule.name}”`;
    }
    return line;
  }

  // Whether what the grid is narrowed to is still ours.
  mark() {
    if (this.shown && this.looking.within?.words !== this.shown.words) this.shown = null;
    for (const line of this.list.children) line.firstElementChild.ariaPressed = String(Number(line.dataset.id) === this.shown?.id);
  }

  clicked(target) {
    const id = Number(target.closest("li")?.dataset.id);
    const what = target.closest("[data-rule]")?.dataset.rule;
    const rule = this.rules.find((each) => each.id === id);
    if (what === "edit") this.write(rule);
    else if (what === "delete") this.remove(rule);
    else if (target.closest(".quality-jump") && rule.hits) this.jump(id);
  }

  async jump(id) {
    if (this.shown?.id === id) return this.looking.narrow(null);
    try {
      const told = await this.ask({ do: "rows", id });
      const words = `Breaks “${told.name}”`;
      this.shown = { id, words };
      const rule = this.rules.find((each) => each.id === id);
      await this.looking.narrow(rowsOf(told.rows), words, rule && [{ facet: "rule", rule: rule.rule }]);
      this.say(`${counted(told.count, "row")} shown: ${words}.`);
    } catch (problem) {
      this.fail("These rows could not be found.", problem);
    }
  }

  suggested(target) {
    const at = target.closest("[data-at]")?.dataset.at;
    if (at === undefined) return;
    const { rule, words } = this.told.suggested[at];
    this.write({ rule, name: words });
  }

  write(rule = null) {
    this.paged(true);
    this.form.open(this.told, rule);
  }

  cancel() {
    if (this.form) this.paged(false);
  }

  paged(writing) {
    $("quality-list").hidden = $("quality-sentence").hidden = writing;
    $("quality-form").hidden = $("quality-form-buttons").hidden = !writing;
    $("quality-new").hidden = writing;
    $("quality-problem").hidden = true;
  }

  async remove(rule) {
    if (!confirm(`Delete the rule “${rule.name}” with its trend? No record is changed.`)) return;
    try {
      this.take(await this.ask({ do: "delete", id: rule.id }));
      this.say(`Rule “${rule.name}” deleted.`);
      $("quality-new").focus();
    } catch (problem) {
      this.fail("The rule was not deleted.", problem);
    }
  }

  fail(words, problem) {
    $("quality-problem").textContent = `${words} ${problem.message}`;
    $("quality-problem").hidden = false;
  }
}

function said({ words, name, hits, read, note }) {
  const moved = hits === null || read === null ? 0 : read - hits;
  const pending = moved > 0 ? `${number(moved)} mended here, not sent yet` : moved < 0 ? `${number(-moved)} broken by pending edits` : "";
  return [words === name ? "" : words, pending, note === words ? "" : note].filter(Boolean).join(" · ");
}
