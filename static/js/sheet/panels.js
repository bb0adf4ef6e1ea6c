// The panels of the clean-up bench: each is fetched when it is opened first. Facets fold in from the left; of those at the
// right one is open at a time, and the shared change is one of them.
import { $ } from "./make.js";

const PANELS = {
  facets: () => import("../bench/facets.js"),
  clean: () => import("../bench/clean.js"),
  replace: () => import("../bench/replace.js"),
  clusters: () => import("../bench/clusters.js"),
  pairs: () => import("../bench/pairs.js"),
  resolve: () => import("../bench/resolve.js"),
  operations: () => import("../bench/operations.js"),
  quality: () => import("../bench/quality.js"),
  profile: () => import("../bench/profile.js"),
};

export class Panels {
  bound = {};
  current = null;

  constructor(parts) {
    this.parts = { ...parts, panels: this };
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-panel]");
      if (!button || $("column-menu").contains(button)) return; // which knows the column
      button.closest("[popover]")?.hidePopover();
      this.open(button.dataset.panel);
    });
    if (new URLSearchParams(location.search).has("facets")) this.open("facets");
  }

  // What a panel was given besides a field (a transformation to edit, say) is the panel's own to understand.
  async open(name, field = "", given = null) {
    try {
      this.bound[name] ??= (await PANELS[name]()).bind(this.parts);
      if (name !== "facets") this.opening(name, () => this.bound[name].close());
      await this.bound[name].open(field, given);
    } catch (problem) {
      this.parts.say(`The panel could not be opened. ${problem.message}`);
    }
  }

  // A panel at the right is about to open: another one makes room.
  opening(name, close) {
    if (this.current && this.current.name !== name) this.current.close();
    this.current = { name, close };
  }

  close(name) {
    this.bound[name]?.close();
  }
}
