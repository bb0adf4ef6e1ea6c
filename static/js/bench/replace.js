// The panel of find and replace: what is found in the chosen columns, every match with a tick, replaced in one step.
import { post } from "../sheet/api.js";
import { $, counted, make, number } from "../sheet/make.js";
import { Fields } from "./cleanfields.js";
import { Cleaning } from "./cleaning.js";
import { Matches } from "./replacelist.js";

const TEXTUAL = new Set(["text", "long text"]);

class Replace extends Cleaning {
  constructor(parts) {
    super(parts, $("bench-replace"));
    this.off = new Map(); // field → ids taken out
    this.fields = new Fields($("replace-fields"), { label: "Columns", offered: () => this.offered(), changed: () => this.changed() });
    this.inputs = Object.fromEntries(["find", "by", "case", "whole", "regex"].map((name) => [name, $(`replace-${name}`)]));
    this.matches = new Matches($("match-list"), parts, { read: (start) => this.read(start), isOff: (field, id) => this.off.get(field)?.has(id) ?? false, tick: (match, on) => this.tick(match, on) });
    $("replace-form").oninput = () => this.changed();
    $("match-columns").onchange = ({ target }) => this.all(target.value, target.checked);
  }

  open(field, given) {
    if (field) this.fields.set([field]);
    this.show(true);
    if (given) this.again(given);
    if (!this.fields.names.length) this.fields.set(this.grid.cols.filter((spec) => spec.editable && TEXTUAL.has(spec.kind)).map(({ name }) => name));
    this.changed();
    this.inputs.find.focus();
    this.inputs.find.select();
  }

  again(given) {
    const { params, fields } = given.step;
    const { inputs } = this;
    this.edit(given);
    this.fields.set(fields);
    Object.assign(inputs.find, { value: params.find });
    Object.assign(inputs.by, { value: params.by ?? "" });
    for (const name of ["case", "whole", "regex"]) inputs[name].checked = Boolean(params[name]);
  }

  offered() {
    return this.boot.fields.map(({ name }) => this.model.spec(name)).filter((spec) => spec.editable && TEXTUAL.has(spec.kind));
  }

  get params() {
    const { find, by, ...ways } = this.inputs;
    return { find: find.value, by: by.value, ...Object.fromEntries(Object.entries(ways).map(([name, { checked }]) => [name, checked])) };
  }

  asked() {
    const { names } = this.fields;
    if (!this.inputs.find.value) return "";
    if (!names.length) return "Choose the columns to search.";
    const what = JSON.stringify([this.rows, names, this.params]);
    if (what !== this.what) this.off.clear(); // other matches
    this.what = what;
    const but = Object.fromEntries([...this.off].filter(([name, ids]) => ids.size && names.includes(name)).map(([name, ids]) => [name, [...ids]]));
    return { op: "replace", fields: names, params: this.params, ...(Object.keys(but).length && { but }) };
  }

  // What is taken out changes the counts, not the matches.
  async count(wanted, asked) {
    const listed = this.listed === this.what;
    await Promise.all([super.count(wanted, asked), listed || this.find(wanted)]);
  }

  async find(wanted) {
    const { what } = this;
    const told = await this.read(0);
    if (!told || wanted !== this.wanted) return;
    this.listed = what;
    this.found = told;
    $("matches").hidden = !told.total;
    this.matches.show({ ...told, named: told.fields.filter(({ matches }) => matches).length > 1 });
    this.columns();
  }

  async read(start) {
    try {
      await this.sync.idle();
      const { but, ...operation } = this.request.operation;
      const told = await post(this.boot.urls.matches, { ...this.request, operation, start });
      return told.problem ? null : told;
    } catch (problem) {
      this.fail("The matches could not be read.", problem);
      return null;
    }
  }

  columns() {
    const { fields, total, rows } = this.found;
    const taken = [...this.off.values()].reduce((sum, ids) => sum + ids.size, 0);
    const words = `${counted(total, "cell")} in ${counted(rows, "row")}${taken ? `, ${number(taken)} taken out` : ""}`;
    const box = (value, label, count, out) => {
      const input = make("input", { type: "checkbox", value, checked: out < count, indeterminate: out > 0 && out < count });
      return make("label", { className: "check" }, input, make("span", { className: "truncate" }, label), make("span", { className: "number" }, number(count - out)));
    };
    const found = fields.filter(({ matches }) => matches);
    const each = found.length > 1 ? found.map(({ field, matches }) => box(field, this.model.spec(field).label, matches, this.off.get(field)?.size ?? 0)) : [];
    const focused = document.activeElement.closest?.("#match-columns input")?.value;
    $("match-columns").replaceChildren(box("", words, total, taken), ...each);
    $("match-columns").firstElementChild.lastElementChild.remove();
    if (focused !== undefined) $("match-columns").querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
  }

  tick({ field, id }, on) {
    const ids = this.off.get(field) ?? new Set();
    this.off.set(field, ids);
    if (on) ids.delete(id);
    else ids.add(id);
    this.ticked();
  }

  // A column's, or every match at once: which they are is asked for only to take them out.
  async all(field, on) {
    const names = field ? [field] : this.found.fields.map((each) => each.field);
    if (on) for (const name of names) this.off.delete(name);
    else {
      const { but, ...operation } = this.request.operation;
      const { ids } = await post(this.boot.urls.matches, { ...this.request, operation, ids: true }).catch((problem) => ({ ids: this.fail("Nothing was taken out.", problem) ?? {} }));
      for (const name of names) if (ids[name]) this.off.set(name, new Set(ids[name]));
    }
    this.ticked();
  }

  ticked() {
    this.matches.paint();
    this.columns();
    this.changed();
  }

  hide() {
    $("matches").hidden = true;
    this.listed = "";
  }

  fault(problem) {
    const wrong = problem?.param === "find" || problem?.param === "by" ? problem : null;
    const error = $("replace-error");
    error.hidden = !wrong;
    error.textContent = wrong?.message ?? "";
    for (const name of ["find", "by"]) this.inputs[name].setAttribute("aria-invalid", String(wrong?.param === name));
    return Boolean(wrong);
  }

  kept() {
    this.off.clear();
    this.listed = "";
  }

  forget() {
    this.root.querySelector(".share-scope").hidden = false;
    this.fields.set([]);
    for (const input of Object.values(this.inputs)) Object.assign(input, { value: input.type === "checkbox" ? "on" : "", checked: false });
    this.off.clear();
    this.what = "";
    this.idle("");
  }
}

export const bind = (parts) => new Replace(parts).handle;
