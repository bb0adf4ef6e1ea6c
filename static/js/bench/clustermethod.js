// By what values are taken for alike: a method, its parameters, and what there is to say of it.
import { $, make } from "../sheet/make.js";

export class Method {
  constructor(changed) {
    this.changed = changed;
    this.select = $("clusters-method");
    this.select.onchange = () => {
      this.draw();
      changed();
    };
  }

  take(methods) {
    this.methods = methods;
    this.select.replaceChildren(...methods.map(({ name, label }) => make("option", { value: name }, label)));
    this.draw();
  }

  get name() {
    return this.select.value;
  }

  get method() {
    return this.methods.find(({ name }) => name === this.name);
  }

  draw() {
    this.inputs = this.method.params.map((param) => (param.kind === "flag" ? this.flag(param) : this.number(param)));
    $("clusters-params").replaceChildren(...this.inputs.map(({ element }) => element));
    this.say("");
  }

  flag({ name, label, help, default: start }) {
    const input = make("input", { type: "checkbox", checked: this.alike ?? start });
    input.onchange = () => {
      this.alike = input.checked; // whichever the method
      this.changed();
    };
    return { name, element: make("label", { className: "check", title: help }, input, make("span", {}, label)), value: () => input.checked };
  }

  number({ name, label, limits, default: start }) {
    const input = make("input", { type: "number", className: "input small number", value: start, min: limits[0], max: limits[1], required: true });
    input.oninput = () => this.changed();
    return { name, input, limits, label, element: make("label", { className: "check" }, make("span", {}, label), input), value: () => input.valueAsNumber };
  }

  // Null, and in words why, where a parameter is none.
  values() {
    const wrong = this.inputs.find(({ input }) => input && !(input.checkValidity() && Number.isInteger(input.valueAsNumber)));
    $("clusters-fault").hidden = !wrong;
    for (const { input } of this.inputs) input?.setAttribute("aria-invalid", String(input === wrong?.input));
    if (!wrong) return Object.fromEntries(this.inputs.map(({ name, value }) => [name, value()]));
    $("clusters-fault").textContent = `${wrong.label}: a whole number from ${wrong.limits[0]} to ${wrong.limits[1]}.`;
    return null;
  }

  say(words) {
    $("clusters-help").textContent = [this.method.help, words].filter(Boolean).join(" ");
  }
}
