// One field of the shared change: keep it, set it, or change what is there; and the values it has now.
import { control } from "./editors.js";
import { $, counted, make, number } from "./make.js";

export class FieldRow {
  // `share` has changed(), mix(name) and limit(spec, value).
  constructor(spec, share) {
    Object.assign(this, { spec, share, op: "keep", inputs: [] });
    this.element = $("share-field").content.firstElementChild.cloneNode(true);
    [this.name, this.does, this.place, this.values] = this.element.children;
    this.element.dataset.field = spec.name;
    this.element.ariaLabel = spec.label;
    this.name.lastElementChild.textContent = spec.label;
    this.name.onclick = () => this.unfold(this.values.hidden);
    this.place.oninput = this.place.onchange = () => share.changed();
    if (spec.editable) this.offer();
    else this.does.replaceWith(make("span", { className: "help" }, "read-only"));
  }

  offer() {
    const { does, spec } = this;
    for (const each of does.querySelectorAll("[data-if]")) if (!spec[each.dataset.if]) each.remove();
    const kind = spec.key ? "list" : spec.kind;
    for (const each of does.querySelectorAll("[data-kinds]")) if (!each.dataset.kinds.split(",").includes(kind)) each.remove();
    this.more = does.lastElementChild;
    if (this.more.length === 1) this.more.remove();
    for (const radio of does.querySelectorAll("input")) radio.name = `share ${spec.name}`;
    for (const type of ["pointerdown", "keydown"]) does.addEventListener(type, () => (this.clicked = type === "pointerdown"));
    does.onchange = ({ target }) => this.choose(target.value || "keep");
  }

  // Arrows walk the choices by keyboard: only a click goes on into the editor.
  choose(op) {
    this.op = op;
    this.element.classList.toggle("is-pending", op !== "keep");
    for (const radio of this.does.querySelectorAll("input")) radio.checked = radio.value === op;
    this.more.value = op;
    if (this.more.selectedIndex < 0) this.more.value = "";
    const [how] = this.more.selectedOptions;
    const hints = how?.dataset.hints?.split("|") ?? [];
    this.inputs = op === "set" ? [this.labelled(control({ ...this.spec, nullable: false }, ""), "New value")] : hints.map((hint) => this.line(how.text, hint));
    this.place.replaceChildren(...this.inputs.map(({ element }) => element));
    this.place.hidden = !this.inputs.length;
    if (this.clicked) this.inputs[0]?.element.focus();
    if (op !== "keep") this.unfold(true);
    this.share.changed();
  }

  line(words, hint) {
    const element = make("input", { className: "input", placeholder: hint, autocomplete: "off" });
    return this.labelled({ element, value: () => element.value }, `${words}, ${hint}`);
  }

  labelled(made, words) {
    made.element.ariaLabel = `${this.spec.label}: ${words}`;
    return made;
  }

  // What the server is asked for; nothing while it is not said with what: null and empty have choices of their own.
  change() {
    const [value, by] = this.inputs.map((each) => each.value());
    if (this.op === "keep" || (this.inputs.length && !value)) return [];
    return [{ field: this.spec.name, op: this.op, value, with: by }];
  }

  unfold(open) {
    this.name.ariaExpanded = String(open);
    this.values.hidden = !open;
    this.read();
  }

  async read() {
    const { values, spec, share } = this;
    if (values.hidden) return;
    try {
      const { values: found, rest } = await share.mix(spec.name);
      values.replaceChildren(...found.map((value) => this.mixed(value)));
      if (rest) values.append(make("span", { className: "help" }, `${counted(rest.rows, "row")} with ${counted(rest.values, "other value")}`));
    } catch (problem) {
      values.textContent = problem.message;
    }
  }

  mixed(value) {
    const count = make("span", { className: "number" }, number(value.count));
    const button = make("button", { className: "mixed", type: "button", title: "Change only where it is this" }, count, make("span", { className: "truncate" }, value.label));
    button.onclick = () => this.share.limit(this.spec, value);
    return button;
  }
}
