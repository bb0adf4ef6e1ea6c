// Writing a quality rule: the kinds that fit the field, their parameters, and what the rule would come to.
import { $, counted, make, number } from "../sheet/make.js";
import { paramInputs, paramsFrom } from "./qualityparams.js";

const PAUSE = 350;

export class RuleForm {
  constructor(panel) {
    Object.assign(this, { panel, element: $("quality-form"), box: $("quality-params"), button: $("quality-save") });
    const { element } = this;
    element.elements.field.onchange = () => this.fielded();
    element.elements.kind.onchange = () => this.kinded({});
    element.elements.name.oninput = () => (this.named = Boolean(element.elements.name.value.trim()));
    this.box.oninput = () => this.changed();
    element.onsubmit = (event) => {
      event.preventDefault();
      this.save();
    };
  }

  // A rule that is saved already (with an id), one that is suggested, or nothing yet.
  open(told, given) {
    Object.assign(this, { told, id: given?.id ?? null, named: Boolean(given?.name) });
    const { field, kind, name } = this.element.elements;
    const specs = [...this.panel.boot.fields].sort((a, b) => a.label.localeCompare(b.label));
    field.replaceChildren(...specs.map((spec) => make("option", { value: spec.name }, spec.label)));
    name.value = given?.name ?? "";
    const rule = given?.rule ?? { field: this.start(), kind: "", params: {} };
    field.value = rule.field;
    this.fielded(rule);
    (given?.rule.kind ? name : given ? kind : field).focus();
  }

  // The column somebody is at, else the title.
  start() {
    const { grid, boot } = this.panel;
    return grid.cols[grid.cursor?.col]?.name ?? boot.resource.title_field;
  }

  get spec() {
    return this.panel.model.spec(this.element.elements.field.value);
  }

  fielded(rule = { kind: this.element.elements.kind.value, params: {} }) {
    const fits = new Set(this.told.fits[this.spec.name]);
    const kinds = this.told.kinds.filter(({ name }) => fits.has(name));
    const select = this.element.elements.kind;
    select.replaceChildren(...kinds.map(({ name, label }) => make("option", { value: name }, label)));
    select.value = fits.has(rule.kind) ? rule.kind : kinds[0].name;
    this.kinded(rule.params);
  }

  kinded(params) {
    const kind = this.element.elements.kind.value;
    $("quality-kind-help").textContent = this.told.kinds.find(({ name }) => name === kind).help;
    this.box.replaceChildren(...paramInputs(kind, { spec: this.spec, params, told: this.told, specs: this.panel.boot.fields, specOf: (name) => this.panel.model.spec(name) }));
    this.changed();
  }

  get rule() {
    const kind = this.element.elements.kind.value;
    return { kind, field: this.spec.name, params: paramsFrom(kind, this.box) };
  }

  changed() {
    this.enable(false);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.attempt(), PAUSE);
  }

  async attempt() {
    const wanted = JSON.stringify(this.rule);
    try {
      const told = await this.panel.ask({ do: "try", rule: this.rule });
      if (wanted !== JSON.stringify(this.rule)) return;
      this.tell(told);
    } catch (problem) {
      this.panel.fail("Not counted.", problem);
    }
  }

  tell({ problem, words, hits, rows, note, first = [] }) {
    $("quality-problem").hidden = true;
    $("quality-try").textContent = problem ?? [`${number(hits)} of ${counted(rows, "row")} break it now.`, note].filter(Boolean).join(" ");
    $("quality-examples").replaceChildren(...first.map((each) => make("li", {}, make("span", { className: "mono" }, each.id), make("span", {}, each.why))));
    const { name } = this.element.elements;
    if (!this.named && words) name.value = words.slice(0, 100);
    this.button.textContent = this.id === null ? "Save this rule" : "Save the changed rule";
    this.enable(!problem);
  }

  // Not `disabled`: that would take the focus away from somebody who uses keys.
  enable(ready) {
    this.button.ariaDisabled = String(!ready);
  }

  async save() {
    if (this.button.ariaDisabled === "true") return;
    this.enable(false);
    const name = this.element.elements.name.value.trim();
    try {
      const told = await this.panel.ask({ do: "save", id: this.id, name, rule: this.rule });
      this.panel.cancel();
      this.panel.take(told);
      this.panel.say(`Rule “${name}” saved.`);
      this.panel.list.querySelector(`[data-id="${told.saved}"] button`)?.focus();
    } catch (problem) {
      this.enable(true);
      this.panel.fail(problem.final ? "The rule was not saved." : "Perhaps saved: open the rules to see.", problem);
    }
  }
}
