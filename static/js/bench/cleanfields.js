// A choice of several fields: a chip for each, and a list to add one.
import { make } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";

export class Fields {
  // `offered` gives the specs that may be chosen; `changed` is called when others are.
  constructor(root, { label, offered, changed }) {
    Object.assign(this, { root, offered, changed, names: [] });
    this.chips = make("span", { className: "bench-chips" });
    this.add = make("select", { className: "select small", ariaLabel: label });
    this.add.onchange = () => this.put([...this.names, this.add.value], true);
    this.chips.onclick = ({ target }) => this.remove(target.closest("button")?.value);
    root.replaceChildren(this.chips, this.add);
  }

  set(names) {
    this.names = names;
    this.draw();
  }

  put(names, focus) {
    this.set(names);
    if (focus) this.add.focus();
    this.changed();
  }

  remove(name) {
    if (name === undefined) return;
    this.put(this.names.filter((each) => each !== name), true);
  }

  draw() {
    const specs = this.offered();
    const known = new Map(specs.map((spec) => [spec.name, spec]));
    this.names = this.names.filter((name) => known.has(name));
    this.chips.replaceChildren(...this.names.map((name) => this.chip(known.get(name))));
    const left = specs.filter(({ name }) => !this.names.includes(name));
    const first = make("option", { value: "" }, this.names.length ? "Add a column…" : "Choose a column…");
    this.add.replaceChildren(first, ...left.map(({ name, label }) => make("option", { value: name, title: name }, label)));
    this.add.hidden = !left.length && this.names.length > 0;
  }

  chip({ name, label }) {
    const cross = make("button", { type: "button", className: "button quiet icon-only", value: name, ariaLabel: `Without ${label}` }, icon("close"));
    return make("span", { className: "chip is-active", title: name }, make("span", { className: "truncate" }, label), cross);
  }
}
