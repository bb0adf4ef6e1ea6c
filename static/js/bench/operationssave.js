// Keeping operations of this worksheet as a recipe: under a name, for oneself or for everybody.
import { post } from "../sheet/api.js";
import { $, counted, make } from "../sheet/make.js";

const WHY = "means chosen rows of this worksheet, and cannot travel";

export class Saving {
  constructor(panel) {
    Object.assign(this, { panel, form: $("ops-save"), opener: $("ops-save-open"), steps: $("ops-save-steps") });
    this.opener.onclick = () => (this.opener.ariaDisabled === "true" ? null : this.form.hidden ? this.open() : this.close());
    $("ops-save-cancel").onclick = () => this.close();
    this.form.onsubmit = (event) => this.keep(event);
    this.steps.onchange = () => this.name();
    $("ops-save-name").oninput = () => this.name(false);
  }

  // A draft is kept first: what is saved is what was done.
  allow(ready, drafted) {
    this.opener.ariaDisabled = String(!ready);
    this.opener.title = drafted ? "Keep the list as it is drafted first" : ready ? "" : "Nothing was done here that can be done elsewhere";
    if (!ready) this.close();
  }

  open() {
    this.steps.replaceChildren(...this.panel.done.entries.filter(({ step, on }) => step && on).map((entry) => this.step(entry)));
    $("ops-save-problem").hidden = true;
    this.show(true);
    this.name(false);
    $("ops-save-name").focus();
  }

  step({ id, words, label, portable }) {
    const input = make("input", { type: "checkbox", value: id, checked: portable, disabled: !portable });
    const line = make("label", { className: "check" }, input, make("span", {}, words || label));
    if (!portable) line.lastElementChild.append(make("span", { className: "help" }, ` ${WHY}`));
    return line;
  }

  get chosen() {
    return [...this.steps.querySelectorAll("input:checked")].map(({ value }) => value);
  }

  // `over`: whether one that is called so is replaced.
  name(over = this.over) {
    const { chosen } = this;
    this.over = over;
    $("ops-save-keep").textContent = `${over ? "Replace it by" : "Save"} ${counted(chosen.length, "step")}${over ? "" : " as a recipe"}`;
    $("ops-save-keep").ariaDisabled = String(!chosen.length);
  }

  close() {
    this.show(false);
  }

  show(open) {
    this.form.hidden = !open;
    this.opener.ariaExpanded = String(open);
  }

  async keep(event) {
    event.preventDefault();
    const { chosen, panel, over } = this;
    if (!chosen.length) return;
    const { name, note, shared } = this.form.elements;
    try {
      const { recipe } = await post(panel.boot.urls.recipes, { do: "save", name: name.value, note: note.value, shared: shared.checked, entries: chosen, over });
      this.form.reset();
      this.close();
      this.opener.focus();
      panel.say(`Recipe “${recipe.name}” is saved with ${counted(recipe.steps.length, "step")}.`);
    } catch (problem) {
      $("ops-save-problem").textContent = `Not saved. ${problem.message}`;
      $("ops-save-problem").hidden = false;
      this.name(/already/.test(problem.message));
    }
  }
}
