// Which rows are shown in which order: kept in the address. Rows do not jump while they are edited; a hint says when they would.
import { fromAddress, toAddress } from "./address.js";
import { everyRow } from "./geometry.js";

export class Looking {
  listeners = [];
  stale = false;

  // want(fields) resolves when all rows of these fields are here.
  constructor({ grid, model, boot, want }) {
    Object.assign(this, { grid, model, want, ...fromAddress(location.search, (name) => model.spec(name)) });
    this.only ||= boot.only ?? "";
    grid.on("ticked", () => this.only === "selected" && this.outdated());
    grid.setColumns({ sort: this.sort, filters: this.filters });
  }

  get narrowed() {
    return Boolean(this.only || this.within || this.sort.length || Object.keys(this.filters).length);
  }

  get fields() {
    return [...new Set([...this.sort.map(({ field }) => field), ...Object.keys(this.filters)])];
  }

  on(fn) {
    this.listeners.push(fn);
  }

  tell() {
    for (const fn of this.listeners) fn(this);
  }

  // After a step in these fields, null for whatever.
  touched(fields) {
    if ((this.only && this.only !== "selected") || (this.narrowed && !fields) || this.fields.some((name) => fields?.includes(name))) this.outdated();
  }

  outdated() {
    if (this.stale) return;
    this.stale = true;
    this.tell();
  }

  async set(changes) {
    Object.assign(this, changes);
    history.replaceState(history.state, "", location.pathname + toAddress(location.search, this));
    if (changes.sort || changes.filters) this.grid.setColumns({ sort: this.sort, filters: this.filters });
    await this.want(this.fields);
    await this.arrange();
  }

  async arrange() {
    const { arrange } = this.narrowed ? await import("./order.js") : {};
    const { sort, filters, only, within, grid } = this;
    grid.setOrder(arrange?.(this.model, { sort, filters, only, within: within?.rows, selected: grid.ticked }) ?? everyRow(this.model.rows));
    grid.tell("order");
    this.stale = false;
    this.tell();
  }

  filter(name, filter) {
    const { [name]: _, ...others } = this.filters;
    return this.set({ filters: filter ? { ...others, [name]: filter } : others });
  }

  // One key; `more` adds it to those there are. A direction of null takes the field out.
  sortBy(field, down, more) {
    const others = this.sort.filter((key) => key.field !== field);
    const key = { field, down };
    if (down === null) return this.set({ sort: others });
    const at = this.sort.findIndex((each) => each.field === field);
    return this.set({ sort: !more ? [key] : at < 0 ? [...others, key] : this.sort.with(at, key) });
  }

  // Only these rows, whatever else narrows them: what facets or a panel found. `words` name them in the toolbar; `where`
  // are the facets that choose them, where it is facets.
  narrow(rows, words = "", where = null) {
    this.within = rows && { rows: new Set(rows), words, where };
    return this.arrange();
  }

  all() {
    this.within = null;
    return this.set({ filters: {}, only: "" });
  }
}
