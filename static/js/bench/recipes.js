// Recipes for such records: one is chosen, what each of its steps does here is seen, and it is run as one step.
import { $, counted, make, number } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";

export class Recipes {
  constructor(panel) {
    Object.assign(this, { panel, list: $("recipes-list"), known: [], chosen: null, without: new Set(), outcome: [] });
    this.list.onclick = ({ target }) => this.choose(target.closest(".recipe-line")?.value);
    this.list.onchange = ({ target }) => this.tick(Number(target.value), target.checked);
  }

  put(recipes) {
    this.known = recipes;
    this.draw();
  }

  kept() {
    this.leave();
  }

  leave() {
    this.chosen = null;
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.closest?.("#recipes-list") && [document.activeElement.tagName, document.activeElement.value];
    this.list.replaceChildren(...this.known.map((recipe) => this.line(recipe)));
    $("recipes-empty").hidden = this.known.length > 0;
    if (focused) [...this.list.querySelectorAll(focused[0])].find(({ value }) => value === focused[1])?.focus();
  }

  line(recipe) {
    const open = recipe.id === this.chosen;
    const facts = [counted(recipe.steps.length, "step"), recipe.mine ? (recipe.shared ? "yours, shared" : "yours") : `of ${recipe.owner}`].join(" · ");
    const head = make("button", { type: "button", className: "recipe-line", value: recipe.id, ariaExpanded: String(open) }, icon("chevron-right"), make("strong", { className: "truncate" }, recipe.name), make("span", { className: "help" }, facts));
    const element = make("div", { className: "recipe" }, head);
    if (!open || !this.panel.boot.editable) return element;
    if (recipe.note) element.append(make("p", { className: "help recipe-note" }, recipe.note));
    element.append(make("ol", { className: "recipe-steps" }, ...recipe.steps.map((words, at) => this.step(words, at))));
    return element;
  }

  step(words, at) {
    const on = !this.without.has(at);
    const told = on ? this.outcome[at] : null;
    const input = make("input", { type: "checkbox", value: at, checked: on, ariaLabel: `Step ${at + 1}: ${words}` });
    const element = make("li", { className: on ? "" : "is-off" }, make("label", { className: "check" }, input, make("span", {}, words)));
    if (told?.problem) element.append(make("span", { className: "field-error" }, `Cannot be done here: ${told.problem}`));
    else if (told) element.append(make("span", { className: "help" }, told.cells ? `${counted(told.cells, "cell")} in ${counted(told.rows, "row")}` : "nothing to do here", told.invalid ? `, ${number(told.invalid)} would be invalid` : ""));
    return element;
  }

  choose(value) {
    if (value === undefined) return;
    const id = Number(value);
    this.chosen = this.chosen === id ? null : id;
    this.without.clear();
    this.look();
  }

  tick(at, on) {
    if (on) this.without.delete(at);
    else this.without.add(at);
    this.look();
  }

  look() {
    const { chosen, panel } = this;
    const recipe = this.known.find(({ id }) => id === chosen);
    this.outcome = [];
    this.draw();
    if (!recipe || !panel.boot.editable || this.without.size === recipe.steps.length) return panel.changed(null);
    const without = [...this.without];
    panel.changed({
      url: panel.boot.urls.recipes,
      data: { recipe: chosen, without },
      counting: { do: "count" },
      keeping: { do: "run" },
      label: ({ label }) => label,
      ready: ({ cells }) => cells > 0,
      told: ({ steps }) => {
        const left = [...steps];
        this.outcome = recipe.steps.map((_, at) => (without.includes(at) ? null : left.shift()));
        this.draw();
      },
    });
  }
}
