// A facet that finds text in a column: plain or by a pattern.
import { make } from "../sheet/make.js";

const PAUSE = 350;

export class Search {
  constructor(card, root) {
    Object.assign(this, { card, root });
    const { facet } = card;
    this.input = make("input", { className: "input small", type: "search", value: facet.text ?? "", placeholder: "Text or pattern", autocomplete: "off", spellcheck: false });
    this.input.ariaLabel = `Find in ${card.spec?.label ?? ""}`;
    this.input.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.card.panel.change(this.card, { ...this.card.facet, text: this.input.value }), PAUSE);
    });
    this.checks = [["regex", "Pattern"], ["case", "Match case"]].map(([name, words]) => {
      const check = make("input", { type: "checkbox", checked: Boolean(facet[name]) });
      check.onchange = () => this.card.panel.change(this.card, { ...this.card.facet, [name]: check.checked });
      return make("label", { className: "check" }, check, make("span", {}, words));
    });
    root.append(make("div", { className: "facet-tools" }, this.input), make("div", { className: "facet-checks" }, ...this.checks));
  }

  mark() {
    if (document.activeElement !== this.input) this.input.value = this.card.facet.text ?? "";
  }

  draw() {}
}
