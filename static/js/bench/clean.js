// The panel of transforms: one is found by its name, its columns and parameters are set, and what it does is seen first.
import { getJson } from "../sheet/api.js";
import { $ } from "../sheet/make.js";
import { Fields } from "./cleanfields.js";
import { Cleaning } from "./cleaning.js";
import { List, used } from "./cleanlist.js";
import { Params } from "./cleanparams.js";

class Clean extends Cleaning {
  constructor(parts) {
    super(parts, $("bench-clean"));
    this.fields = new Fields($("clean-fields"), { label: "Columns", offered: () => this.offered(), changed: () => this.refit() });
    this.params = new Params($("clean-params"), parts, { changed: () => this.changed(), target: () => this.fields.names[0] ?? "" });
    this.list = new List($("clean-find"), $("clean-list"), { active: (transform) => this.look(transform), taken: (transform) => this.take(transform) });
    $("clean-back").onclick = () => this.pick();
  }

  // For a column; or `given`: a step of the list of operations that is to be edited, or the transform to begin with.
  async open(field, given) {
    const { step, op } = given ?? {};
    if (field || step) this.fields.set(step?.fields ?? [field]);
    this.show(true);
    try {
      this.known ??= await getJson(this.boot.urls.clean);
    } catch (problem) {
      return this.fail("The clean-ups could not be read.", problem);
    }
    if (!this.fields.names.length) this.fields.set([this.here].filter(Boolean));
    if (step) return this.again(given);
    const begun = op && this.known.transforms.find(({ name }) => name === op);
    if (begun) return this.take(begun);
    if (this.chosen && this.fits(this.chosen, this.fields.names)) this.params.focus();
    else this.pick();
  }

  again(given) {
    const transform = this.known.transforms.find(({ name }) => name === given.step.op);
    this.edit(given);
    this.take(transform, given.step.params);
  }

  get here() {
    const spec = this.grid.cols[this.grid.active.col];
    return spec?.editable ? spec.name : this.grid.cols.find(({ editable }) => editable)?.name;
  }

  get idling() {
    return this.chosen?.label ?? super.idling;
  }

  fits(transform, names) {
    return names.every((name) => this.known.fits[name]?.includes(this.known.transforms.indexOf(transform)));
  }

  offered() {
    const specs = this.boot.fields.map(({ name }) => this.model.spec(name)).filter(({ editable }) => editable);
    return this.chosen && this.known ? specs.filter(({ name }) => this.fits(this.chosen, [name])) : specs;
  }

  refit() {
    if (!this.chosen) this.list.set(this.known.transforms.filter((each) => this.fits(each, this.fields.names)), this.known.transforms);
    this.changed();
  }

  pick() {
    this.chosen = null;
    this.draw();
    this.fields.draw();
    this.refit();
    this.list.input.focus();
    this.list.input.select();
  }

  // While the arrows walk the list, what each would do is shown already.
  look(transform) {
    this.transform = transform;
    if (transform) this.params.draw(transform);
    $("clean-params").hidden = true;
    this.changed();
  }

  take(transform, values) {
    this.chosen = this.transform = transform;
    this.params.draw(transform, values);
    this.draw();
    this.fields.draw();
    this.changed();
    if (transform.params.length) this.params.focus();
    else this.button.focus();
  }

  draw() {
    const { chosen } = this;
    $("clean-pick").hidden = Boolean(chosen);
    $("clean-chosen").hidden = !chosen;
    $("clean-back").hidden = Boolean(this.editing);
    $("clean-params").hidden = !chosen?.params.length;
    if (!chosen) return;
    $("clean-name").textContent = chosen.label;
    $("clean-help").textContent = chosen.help;
  }

  asked() {
    const { transform, fields } = this;
    if (!transform || !this.known) return "";
    if (!fields.names.length) return "Choose the columns to clean.";
    const missing = this.params.missing;
    if (missing) return this.chosen ? missing : `“${transform.label}” wants to know more: press Enter to set it.`;
    return { op: transform.name, fields: fields.names, params: this.params.values() };
  }

  fault(problem) {
    return this.params.fault(problem);
  }

  kept() {
    used(this.transform.name);
  }

  forget() {
    this.chosen = this.transform = null;
    this.root.querySelector(".share-scope").hidden = false;
    this.list.input.value = "";
    this.fields.set([]);
    this.draw();
    this.idle("");
  }
}

export const bind = (parts) => new Clean(parts).handle;
