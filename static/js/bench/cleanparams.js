// The parameters of a transform as inputs, each with its own place for what is wrong with it.
import { make } from "../sheet/make.js";
import { Fields } from "./cleanfields.js";
import { toPairs, toTable } from "./pairtext.js";

const WHOLE = /^\s*-?\d{1,15}\s*$/;
const FEW = 4; // choices that stand side by side

export class Params {
  // `target` names the field that is to be changed.
  constructor(root, parts, { changed, target }) {
    Object.assign(this, { root, parts, changed, target, drawn: [] });
    root.oninput = root.onchange = () => changed();
  }

  draw(transform, values = {}) {
    this.drawn = transform.params.map((param) => this.one(param, values[param.name] ?? param.default));
    this.root.replaceChildren(...this.drawn.map(({ element }) => element));
    this.root.hidden = !this.drawn.length;
  }

  values() {
    return Object.fromEntries(this.drawn.map(({ param, value }) => [param.name, value()]));
  }

  // What is missing, in words.
  get missing() {
    const empty = this.drawn.find(({ param, value }) => param.required && !value()?.toString().length);
    return empty ? `${empty.param.label} is missing.` : "";
  }

  focus() {
    this.root.querySelector("input, select, textarea")?.focus();
  }

  // Whether the problem is of one of these is told.
  fault(problem) {
    for (const { param, error, input, value, box } of this.drawn) {
      const wrong = problem?.param === param.name ? problem : null;
      if (box?.()) {
        box().show(wrong);
        continue;
      }
      error.hidden = !wrong;
      input?.setAttribute("aria-invalid", String(Boolean(wrong)));
      if (wrong) error.replaceChildren(wrong.message, ...spot(value(), wrong.at));
    }
    return this.drawn.some(({ param }) => param.name === problem?.param);
  }

  one(param, start) {
    const id = `clean-param-${param.name}`;
    const control = (this[param.kind] ?? this.text).call(this, param, start, id);
    const error = make("span", { className: "field-error", id: `${id}-error`, role: "alert", hidden: true });
    const about = param.help ? [make("span", { className: "help", id: `${id}-help` }, param.help)] : [];
    control.input?.setAttribute("aria-describedby", [...about.map((each) => each.id), error.id].join(" "));
    const label = control.own ? [] : [make(control.input ? "label" : "span", { className: "field-label", ...(control.input && { htmlFor: id }) }, param.label)];
    const element = make("div", { className: `field bench-param is-${param.kind}` }, ...label, control.element, ...about, error);
    return { ...control, param, element, error };
  }

  line(param, start, id, more) {
    const input = make("input", { id, className: "input small", value: String(start ?? ""), autocomplete: "off", spellcheck: false, ...more });
    return { element: input, input, value: () => input.value };
  }

  text(param, start, id) {
    return this.line(param, start, id, {});
  }

  regex(param, start, id) {
    return this.line(param, start, id, { className: "input small mono" });
  }

  number(param, start, id) {
    const line = this.line(param, start, id, { inputMode: "numeric", className: "input small number" });
    return { ...line, value: () => (WHOLE.test(line.input.value) ? Number(line.input.value) : line.input.value) };
  }

  flag(param, start, id) {
    const input = make("input", { id, type: "checkbox", checked: Boolean(start) });
    return { element: make("label", { className: "check" }, input, make("span", {}, param.label)), input, own: true, value: () => input.checked };
  }

  choice(param, start, id) {
    if (param.choices.length > FEW || param.choices.some(([, label]) => label.length > 16)) return this.select(param.choices, start, id);
    const radios = param.choices.map(([value, label]) => [make("input", { type: "radio", name: id, value, checked: value === start }), make("span", {}, label)]);
    const element = make("span", { className: "segmented", role: "radiogroup", ariaLabel: param.label }, ...radios.map((pair) => make("label", {}, ...pair)));
    return { element, value: () => radios.find(([radio]) => radio.checked)?.[0].value ?? "" };
  }

  select(choices, start, id) {
    const input = make("select", { id, className: "select small" }, ...choices.map(([value, label]) => make("option", { value }, label)));
    input.value = start;
    if (input.selectedIndex < 0) input.selectedIndex = 0;
    return { element: input, input, value: () => input.value };
  }

  specs() {
    const { boot, model } = this.parts;
    return boot.fields.map(({ name }) => model.spec(name));
  }

  field(param, start, id) {
    const first = [["", param.required ? "Choose a column…" : "None"]];
    return this.select([...first, ...this.specs().map(({ name, label }) => [name, label])], start, id);
  }

  fields(param, start) {
    const element = make("div", { className: "bench-fields" });
    const chosen = new Fields(element, { label: param.label, offered: () => this.specs(), changed: () => this.changed() });
    chosen.set([...(start || [])]);
    return { element, value: () => chosen.names };
  }

  pairs(param, start, id) {
    const area = make("textarea", { id, className: "textarea mono", rows: 4, spellcheck: false, placeholder: "old ⇥ new, one pair a line" });
    area.value = toTable(start || []);
    return { element: area, input: area, value: () => toPairs(area.value).pairs };
  }

  // The box with completion comes when one is needed; until then it is a plain line that works as well.
  formula(param, start, id) {
    const area = make("textarea", { id, className: "textarea code", rows: 2, spellcheck: false, autocomplete: "off" });
    area.value = start ?? "";
    let box = null;
    const { boot } = this.parts;
    import("./formula.js").then(({ equip }) => (box = equip(area, { boot, target: this.target })), () => {});
    return { element: make("div", {}, area), input: area, value: () => area.value, box: () => box };
  }
}

// The place of an error within what was typed.
function spot(text, at) {
  if (!Number.isInteger(at) || typeof text !== "string" || !text) return [];
  const [before, wrong, after] = [text.slice(0, at), text.slice(at, at + 1) || " ", text.slice(at + 1)];
  return [make("code", { className: "bench-spot" }, before, make("mark", {}, wrong), after)];
}

