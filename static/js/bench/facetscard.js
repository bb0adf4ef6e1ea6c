// One facet: its head, and the list or chart of what it counts.
import { $ } from "../sheet/make.js";
import { Histogram } from "./histogram.js";
import { Search } from "./facetssearch.js";
import { KINDS, LISTED, RANGED, cleared, isActive } from "./facetsstate.js";
import { Values } from "./facetsvalues.js";

const bodyOf = (facet) => (LISTED.has(facet.facet) ? Values : RANGED.has(facet.facet) ? Histogram : Search);

export class Card {
  view = {}; // search and size: not kept

  constructor(panel, facet) {
    Object.assign(this, { panel, facet, root: $("facet-card").content.firstElementChild.cloneNode(true) });
    this.spec = panel.model.spec(facet.field);
    const [head, body] = this.root.children;
    this.name = head.firstElementChild;
    const title = this.spec?.label ?? "Rows";
    [this.name.children[1].textContent, this.name.children[2].textContent] = [title, KINDS[facet.facet]];
    this.name.children[1].title = this.spec && this.spec.name !== title ? this.spec.name : "";
    this.root.ariaLabel = `${title}: ${KINDS[facet.facet]}`;
    for (const button of head.querySelectorAll("[data-do]")) button.ariaLabel = `${button.ariaLabel || button.textContent}: ${title}, ${KINDS[facet.facet]}`;
    this.body = new (bodyOf(facet))(this, body);
    head.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
    this.name.addEventListener("keydown", (event) => this.keyed(event));
    this.mark();
  }

  clicked(button) {
    const { panel, facet } = this;
    if (!button) return;
    if (button === this.name) return this.set({ folded: !facet.folded });
    const acts = {
      invert: () => panel.change(this, { ...facet, not: !facet.not }),
      clear: () => {
        panel.change(this, cleared(facet));
        this.focus();
      },
      menu: () => panel.menu(this, button),
      remove: () => panel.remove(this),
    };
    acts[button.dataset.do]();
  }

  keyed(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.altKey) return;
    event.preventDefault();
    this.panel.move(this, by);
  }

  // How it is shown; what is chosen stays.
  set(changes) {
    this.facet = { ...this.facet, ...changes };
    this.mark();
    this.panel.keep();
  }

  look(changes) {
    Object.assign(this.view, changes);
    this.panel.refresh({ rows: false });
  }

  mark() {
    const [head, body] = this.root.children;
    const active = isActive(this.facet);
    this.root.classList.toggle("is-active", active);
    this.root.classList.toggle("is-inverted", active && Boolean(this.facet.not));
    this.name.ariaExpanded = String(!this.facet.folded);
    body.hidden = Boolean(this.facet.folded);
    head.querySelector("[data-do=clear]").hidden = !active;
    const invert = head.querySelector("[data-do=invert]");
    invert.hidden = !active;
    invert.ariaPressed = String(Boolean(this.facet.not));
    this.body.mark?.();
  }

  draw(told, edited) {
    this.root.children[1].ariaBusy = "false";
    this.body.draw(told, edited);
  }

  focus() {
    this.name.focus({ preventScroll: true });
  }
}
