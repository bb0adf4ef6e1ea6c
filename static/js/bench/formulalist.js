// What could come next, in a list under the formula: arrows choose, Enter and Tab take, Escape closes.
import { place } from "../shell/menus.js";
import { make } from "../sheet/make.js";
import { marked } from "./formulatext.js";

export class FormulaList {
  completions = [];
  at = 0;

  constructor(area, id, take) {
    Object.assign(this, { area, take });
    this.options = make("div", { className: "formula-options", id: `${id}-list`, role: "listbox", ariaLabel: "What could come next", tabIndex: 0 });
    this.help = make("p", { className: "formula-help" });
    this.menu = make("div", { className: "menu formula-list", popover: "manual" }, this.options, this.help);
    // A textarea may not be called a combobox; it may have a list. Tab is never let through to it.
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-haspopup", "listbox");
    this.menu.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the formula keeps the focus
      const chosen = [...this.options.children].indexOf(event.target.closest("[role=option]"));
      if (chosen >= 0) this.take(this.completions[chosen]);
    });
  }

  get shown() {
    return this.menu.isConnected;
  }

  draw(completions) {
    this.completions = completions;
    if (!completions.length) return this.close();
    this.options.replaceChildren(...completions.map((each, number) => this.option(each, number)));
    if (!this.shown) this.area.after(this.menu);
    if (!this.menu.matches(":popover-open")) this.menu.showPopover();
    this.area.setAttribute("aria-controls", this.options.id);
    this.mark(0);
    return this.place();
  }

  option({ label, detail, kind }, number) {
    const option = make("div", { className: "menu-item formula-option", id: `${this.options.id}-${number}`, role: "option" });
    option.append(make("span", { className: kind === "field" ? "" : "mono" }, label));
    if (detail) option.append(make("span", { className: "muted" }, detail));
    return option;
  }

  mark(at) {
    this.at = at;
    [...this.options.children].forEach((each, other) => each.setAttribute("aria-selected", String(other === at)));
    this.options.children[at].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", this.options.children[at].id);
    this.help.textContent = this.completions[at].help;
  }

  place() {
    if (this.shown) place(this.menu, this.area);
  }

  // Whether the key was for the list.
  key({ key }) {
    const next = marked(key, this.at, this.completions.length);
    if (next !== null) this.mark(next);
    else if (key === "Enter" || key === "Tab") this.take(this.completions[this.at]);
    return next !== null || key === "Enter" || key === "Tab";
  }

  close() {
    this.menu.remove();
    this.area.removeAttribute("aria-activedescendant");
    this.area.removeAttribute("aria-controls");
  }
}
