// The editor of a cell is the text box that always has the focus: it shows itself at the first character typed, also by an input
// method, or on F2. Under it stand what is wrong with its text, or what is expected, and the calendar of dates.
import { boxed, equip, hint, withDate } from "./editors.js";
import { make } from "./make.js";
import { parse } from "./types.js";
import { READING } from "./writing.js";

const LENT = ["aria-label", "aria-controls", "aria-activedescendant", "aria-autocomplete", "aria-describedby", "aria-invalid"];

export class CellEditor {
  open = null; // {row, spec, col, start, tool, typed, lent}

  constructor({ grid, model, say, writing }) {
    Object.assign(this, { grid, model, say, writing, catcher: grid.catcher });
    this.words = make("span", { role: "status", id: "cell-words" });
    this.picker = make("input", { type: "date", className: "cell-picker", tabIndex: -1, ariaLabel: "Pick a date" });
    this.under = make("div", { className: "cell-under", hidden: true }, this.picker, this.words);
    this.catcher.after(this.under);
    this.listen();
  }

  listen() {
    const { catcher, picker } = this;
    for (const type of ["compositionstart", "beforeinput"]) catcher.addEventListener(type, (event) => this.open || this.begin(event));
    catcher.addEventListener("input", () => (this.open ? this.typed() : (catcher.value = "")));
    // After a dialog Chromium gives the focus back without the caret: nothing could be typed.
    catcher.addEventListener("focus", () => this.open || catcher.select());
    catcher.addEventListener("mousedown", () => this.open && (this.open.entering = false));
    for (const each of [catcher, picker]) each.addEventListener("blur", (event) => this.left(event));
    picker.addEventListener("change", () => this.picked());
    picker.addEventListener("keydown", (event) => event.key === "Escape" && catcher.focus());
    this.grid.scroller.addEventListener("scroll", () => this.place(), { passive: true });
  }

  // The first character comes: into an empty box, so that it replaces what stands in the cell.
  begin(event) {
    const { active } = this.grid;
    const no = this.closed(active);
    const types = event.inputType?.startsWith("insert") ?? true; // not a key that would delete
    if (types && !no) return this.show(active, true);
    event.preventDefault();
    if (types) this.say(no);
  }

  // F2, Enter, a double click.
  start(place) {
    const text = this.grid.value(place);
    const no = this.closed(place);
    if (text !== undefined && boxed(this.grid.cols[place.col], text)) this.boxHere().then((here) => here && this.startBox(place, text));
    else if (no) this.say(no);
    else this.show(place, false);
  }

  // Why nothing can be typed there.
  closed(place) {
    if (!this.grid.writable(place)) return this.writing.readOnly(place);
    return this.grid.value(place) === undefined ? READING : "";
  }

  // F2 while typing: from now on the arrows move in the text; what is long goes on in the box.
  async stay() {
    const { open } = this;
    const { row, col, spec, start } = open;
    open.entering = false;
    if (!boxed(spec, this.catcher.value) || !(await this.boxHere()) || this.open !== open) return;
    const typed = this.catcher.value;
    this.close({ keep: false });
    this.startBox({ at: this.grid.atOf(row), col }, start, typed);
  }

  // Its module comes at its first use.
  async boxHere() {
    const stop = new AbortController(); // keys that come before the box does are meant for it, not for the grid
    const drop = (event) => (event.preventDefault(), event.stopImmediatePropagation());
    if (!this.box) window.addEventListener("keydown", drop, { capture: true, signal: stop.signal });
    try {
      const { Box } = await import("./box.js");
      return (this.box ??= new Box());
    } catch (problem) {
      this.say(`The box for this text could not be opened. ${problem.message}`);
    } finally {
      stop.abort();
    }
  }

  startBox(place, text, typed) {
    const spec = this.grid.cols[place.col];
    const row = this.grid.rowAt(place.at);
    const check = (raw) => parse(spec, raw, this.model.base(row, spec.name)).words;
    this.box.open({ spec, text, typed, check, editable: this.grid.writable(place), keep: (value) => this.write(row, spec, value) });
  }

  show({ at, col }, typed) {
    const { grid, model, catcher } = this;
    const [row, spec] = [grid.rowAt(at), grid.cols[col]];
    const start = grid.value({ at, col });
    const parent = spec.parent ? (model.value(row, spec.parent) ?? "") : "";
    const name = spec.reference && start ? grid.names(spec.name, start) : "";
    const lent = LENT.map((attribute) => [attribute, catcher.getAttribute(attribute)]);
    const tool = equip(catcher, spec, { start, parent, typed, name });
    this.open = { row, col, spec, start, tool, entering: typed, lent };
    catcher.setAttribute("aria-label", spec.label);
    catcher.removeAttribute("aria-activedescendant"); // a list sets it to what is chosen
    catcher.setAttribute("aria-describedby", this.words.id);
    catcher.classList.add("is-open");
    catcher.classList.toggle("is-end", spec.kind === "integer" || spec.kind === "decimal");
    this.picker.hidden = spec.kind !== "date" && spec.kind !== "datetime";
    if (tool.list) Object.assign(tool.list, { onTake: () => this.close({ keep: true }), onDraw: () => this.check() });
    if (!typed && tool.list) catcher.select();
    else catcher.setSelectionRange(catcher.value.length, catcher.value.length);
    if (!typed) tool.list?.refresh("");
    this.check();
  }

  typed() {
    this.open.tool.changed();
    this.check();
  }

  // What is wrong with the text is told while it is typed; it may be kept like that.
  check() {
    const { row, spec, start, tool } = this.open;
    const value = tool.value();
    const settled = value === start || tool.list?.open;
    const wrong = settled ? "" : (parse(spec, value, this.model.base(row, spec.name)).words ?? "");
    const told = wrong || hint(spec);
    if (this.words.textContent !== told) this.words.textContent = told;
    this.under.classList.toggle("is-wrong", Boolean(wrong));
    this.catcher.setAttribute("aria-invalid", String(Boolean(wrong)));
    this.under.hidden = !told && this.picker.hidden;
    this.place();
  }

  // As wide as the cell at least, as the window at most; what stands under it goes over it where there is no room.
  place() {
    if (!this.open) return;
    const { grid, catcher, under } = this;
    const { left, top: cell, width, height } = grid.box({ at: grid.atOf(this.open.row), col: this.open.col });
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = grid.scroller;
    const maxWidth = Math.max(width, scrollLeft + clientWidth - left - 8);
    Object.assign(catcher.style, { left: `${left}px`, minWidth: `${width}px`, minHeight: `${height}px`, maxWidth: `${maxWidth}px` });
    const top = Math.min(cell, Math.max(scrollTop + clientHeight - catcher.offsetHeight, cell - catcher.offsetHeight + height));
    catcher.style.top = `${top}px`;
    const below = top + catcher.offsetHeight;
    const fits = below + under.offsetHeight < scrollTop + clientHeight;
    Object.assign(under.style, { left: `${left}px`, top: `${fits ? below : top - under.offsetHeight}px` });
    this.open.tool.list?.place(under.hidden ? catcher : around(catcher, under));
  }

  // Another row order may be shown by now: the row is what counts.
  close({ keep, focus = true }) {
    if (!this.open) return;
    const { row, spec, start, tool, lent } = this.open;
    const value = tool.value();
    this.open = null;
    tool.leave();
    for (const [name, was] of lent) was === null ? this.catcher.removeAttribute(name) : this.catcher.setAttribute(name, was);
    this.catcher.value = "";
    this.catcher.classList.remove("is-open", "is-end");
    Object.assign(this.catcher.style, { minWidth: "", minHeight: "", maxWidth: "" });
    this.under.hidden = true;
    if (focus) this.catcher.focus({ preventScroll: true });
    if (keep && value !== start) this.write(row, spec, value);
    this.grid.queue();
  }

  write(row, spec, value) {
    this.model.write(`Edit ${spec.label}`, "edit", [{ row, field: spec.name, value }]);
    this.say(this.model.mark(row, spec.name)?.w ?? "");
  }

  // Ctrl+Enter: into all that is selected.
  closeInto() {
    const value = this.open.tool.value();
    this.close({ keep: false });
    this.writing.each("Put into", `Edit ${this.grid.cols[this.grid.active.col].label}`, "edit", this.grid.ranges, () => value);
  }

  // Away with the mouse or the focus: what was typed is kept. Another window is not away.
  left({ relatedTarget }) {
    if (!this.open || relatedTarget === this.picker || relatedTarget === this.catcher || !document.hasFocus()) return;
    this.close({ keep: true, focus: false });
  }

  pick() {
    this.picker.value = this.catcher.value.trim().slice(0, 10);
    this.picker.showPicker();
  }

  picked() {
    if (!this.open || !this.picker.value) return;
    this.catcher.value = withDate(this.catcher.value, this.picker.value, this.open.spec);
    this.catcher.focus();
    this.typed();
  }
}

// One box for what stands together: a list lies under both, or over both.
const around = (...elements) => ({
  getBoundingClientRect() {
    const boxes = elements.map((each) => each.getBoundingClientRect());
    return { left: boxes[0].left, top: Math.min(...boxes.map(({ top }) => top)), bottom: Math.max(...boxes.map(({ bottom }) => bottom)) };
  },
});
