// One old value with its rows, and what it becomes.
import { control } from "../sheet/editors.js";
import { make, number } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";

export class PairLine {
  // `set` is told the new value: text, null, or undefined for none.
  constructor(spec, { old, label, rows, wanted, never, blank }, set) {
    const name = make("span", { className: "pair-old truncate", title: old }, label || "empty");
    if (!label || never || blank) name.classList.add("is-empty");
    const count = make("span", { className: "number" }, rows ? number(rows) : "");
    this.element = make("div", { className: "pair" }, name, count, icon("arrow"), never ? make("span", { className: "help" }, "stays") : this.input(spec, label, wanted, set));
    this.element.classList.toggle("is-set", wanted !== undefined);
  }

  input(spec, label, wanted, set) {
    const made = control({ ...spec, kind: spec.kind === "long text" ? "text" : spec.kind }, wanted ?? "");
    Object.assign(made.element, { ariaLabel: `${label || "empty"} becomes`, placeholder: wanted === null ? "null" : "stays" });
    made.element.classList.add("small");
    const told = () => {
      const value = made.value();
      const next = value === "" && wanted !== "" ? undefined : value;
      this.element.classList.toggle("is-set", next !== undefined);
      set(next);
    };
    made.element.addEventListener("change", told);
    made.element.addEventListener("blur", () => made.dirty() && told());
    const clear = make("button", { type: "button", className: "button quiet icon-only small", ariaLabel: `${label || "empty"} stays as it is`, title: "Stays as it is" }, icon("close"));
    clear.onclick = () => {
      made.element.value = "";
      made.element.placeholder = "stays";
      this.element.classList.remove("is-set");
      set(undefined);
    };
    return make("span", { className: "pair-new" }, made.element, clear);
  }
}
