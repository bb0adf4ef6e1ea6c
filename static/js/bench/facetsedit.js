// A value edited in its facet is edited in all its rows: counted while one types, made as one step that can be undone.
import { post } from "../sheet/api.js";
import { $, counted, make } from "../sheet/make.js";

const PAUSE = 250;

export function bindEditing(panel) {
  return (card, value, line) => new Edit(panel, card, value, line);
}

class Edit {
  constructor(panel, card, value, line) {
    Object.assign(this, { panel, card, value, line, form: $("facet-edit").content.firstElementChild.cloneNode(true) });
    const { form } = this;
    form.querySelector("strong").textContent = value.label;
    [this.words, this.problem, this.button] = [form.children[2], form.querySelector("[role=alert]"), form.querySelector("[type=submit]")];
    this.input = this.control();
    form.querySelector(".facet-edit-line").append(this.input);
    this.before = [...line.children];
    line.replaceChildren(form);
    const nothing = form.querySelector("[data-do=null]");
    nothing.hidden = !card.spec.nullable || value.text === null;
    nothing.onclick = () => this.make(null);
    form.querySelector("[data-do=cancel]").onclick = () => this.close();
    form.onsubmit = (event) => {
      event.preventDefault();
      if (this.button.ariaDisabled !== "true") this.make(this.input.value);
    };
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.close();
    });
    this.input.addEventListener("input", () => this.later());
    this.input.focus();
    this.input.select?.();
    this.form.scrollIntoView({ block: "nearest" });
    this.later();
  }

  control() {
    const { card, value } = this;
    const choices = card.spec.kind === "boolean" ? [["true", "true", true], ["false", "false", true]] : card.spec.choices;
    const label = `New value in place of ${value.label}`;
    if (!choices.length) return make("input", { className: "input small", type: "text", value: value.text ?? "", ariaLabel: label, autocomplete: "off", spellcheck: false });
    const options = choices.filter(([, , active]) => active).map(([text, words]) => make("option", { value: text, selected: text === value.text }, words));
    const retired = choices.some(([text, , active]) => active && text === value.text) ? [] : [make("option", { value: value.text ?? "", selected: true, disabled: true }, "Choose…")];
    return make("select", { className: "select small", ariaLabel: label }, ...retired, ...options);
  }

  // The facet itself and the others choose the rows: as many as are counted beside the value.
  operation(text) {
    const { card, panel, value } = this;
    const { name } = card.spec;
    const where = [...panel.others(card), { facet: "text", field: name, in: [value.key] }];
    const plain = value.text !== null && value.text !== "";
    if (plain) return { op: "map", fields: [name], params: { pairs: [[value.text, text]] }, where };
    return { op: "change", fields: [name], params: { operation: text === null ? "null" : "set", value: text ?? "" }, where };
  }

  async ask(text, more) {
    await this.panel.sync.idle();
    return post(this.panel.boot.urls.clean, { operation: this.operation(text), scope: this.panel.told.scope, ...more });
  }

  later() {
    this.enable(false);
    this.token = crypto.randomUUID();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.count(), PAUSE);
  }

  async count() {
    const text = this.input.value;
    if (text === (this.value.text ?? "")) return this.tell("", "Change");
    try {
      const told = await this.ask(text, {});
      if (text !== this.input.value) return;
      if (told.problem) return this.fail("", told.problem);
      this.tell(told.sentence, `Change ${counted(told.changed, "row")}`, told.changed > 0);
    } catch (problem) {
      this.fail("Not counted.", problem);
    }
  }

  // A lost answer is asked for again under the same token: nothing is changed twice.
  async make(text) {
    this.enable(false);
    const { panel } = this;
    try {
      this.token ??= crypto.randomUUID();
      const told = await this.ask(text, { keep: true, token: this.token, since: panel.model.version });
      if (told.problem) return this.fail("", told.problem);
      await panel.sync.take(told.feed);
      panel.say(`Pending now: ${told.label}.`);
      this.close();
      panel.refresh();
    } catch (problem) {
      this.enable(true);
      this.fail(problem.final ? "Nothing was marked." : "Perhaps marked: the same click finds out, and marks nothing twice.", problem);
    }
  }

  tell(sentence, label, ready = false) {
    this.words.textContent = sentence;
    this.problem.hidden = true;
    this.button.textContent = label;
    this.enable(ready);
    if (this.form.contains(document.activeElement)) this.form.scrollIntoView({ block: "nearest" }); // it has grown
  }

  enable(ready) {
    this.button.ariaDisabled = String(!ready);
  }

  fail(words, problem) {
    this.problem.textContent = `${words} ${problem.message}`.trim();
    this.problem.hidden = false;
  }

  close() {
    clearTimeout(this.waiting);
    this.line.replaceChildren(...this.before);
    this.line.querySelector(".facet-pick")?.focus({ preventScroll: true });
  }
}
