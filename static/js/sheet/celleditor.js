// One editor at a time in its cell, or in the box for long text. Enter and Tab keep, Escape leaves the cell as it was.
import { control } from "./editors.js";

export class CellEditor {
  constructor(view, edits, say) {
    Object.assign(this, { view, edits, say, open: null });
    this.box = document.getElementById("box");
    this.box.addEventListener("cancel", (event) => this.leaveBox(event));
    document.getElementById("box-keep").addEventListener("click", () => this.keepBox());
    document.getElementById("box-cancel").addEventListener("click", () => this.box.close());
    // The browser gives the focus back when the box closes; this event comes later, when the hands may be elsewhere.
    this.box.addEventListener("close", () => document.activeElement === document.body && this.view.cell(this.position)?.focus());
    document.getElementById("box-text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.keepBox();
    });
  }

  // `typed` replaces what stands in the cell; without it the editor starts with that.
  start(position, typed, { byKeys = true } = {}) {
    this.byKeys = byKeys;
    if (!this.view.writable(position)) return this.say(`${this.view.column(position)?.label ?? "Id"} is read-only.`);
    const spec = this.view.column(position);
    const text = this.view.text(position);
    this.position = position;
    if (spec.editor === "long" && (typed === undefined || spec.code)) return this.startBox(spec, text);
    if (text?.includes("\n") && typed === undefined) return this.startBox(spec, text);
    this.startLine(position, spec, text, typed);
  }

  startLine(position, spec, text, typed) {
    const cell = this.view.cell(position);
    const made = control(spec.editor === "long" ? { ...spec, editor: "line" } : spec, text, cell.dataset.parent);
    made.element.classList.add("cell-editor");
    this.open = { made, position, cell, html: cell.innerHTML };
    cell.replaceChildren(made.element);
    made.element.focus();
    if (made.element.matches("select")) return this.startSelect(made.element, typed);
    if (typed === undefined) made.element.select();
    else this.type(made.element, typed);
  }

  // The mouse gets the open list; a typed letter goes to the first choice that begins with it.
  startSelect(element, typed) {
    const begins = [...element.options].find(({ disabled, text }) => typed && !disabled && text.toLowerCase().startsWith(typed.toLowerCase()));
    if (begins) element.value = begins.value;
    if (!this.byKeys && navigator.userActivation?.isActive) element.showPicker?.();
  }

  type(element, typed) {
    element.value = typed;
    element.setSelectionRange(typed.length, typed.length);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Returns whether anything was written.
  close({ keep, focus = true }) {
    if (!this.open) return false;
    const { made, position, cell, html } = this.open;
    const write = keep && made.dirty();
    const value = write ? made.value() : null;
    this.open = null;
    cell.innerHTML = html;
    if (focus) cell.focus({ preventScroll: true });
    if (write) this.say(""); // what was said was of the value before
    return write ? this.edits.write([{ ...position, value }]) > 0 : false;
  }

  startBox(spec, text) {
    const area = document.getElementById("box-text");
    area.value = spec.code ? pretty(text) : (text ?? "");
    area.classList.toggle("code", spec.code);
    document.getElementById("box-title").textContent = spec.label;
    this.help(`${text === null ? "Null now. " : ""}${spec.hint} Ctrl+Enter puts it into the cell.`.trim());
    this.boxStart = area.value;
    this.box.showModal();
    area.focus();
  }

  help(words) {
    document.getElementById("box-help").textContent = words;
  }

  leaveBox(event) {
    if (document.getElementById("box-text").value === this.boxStart) return;
    event.preventDefault();
    this.help("You changed this text. Put it into the cell, or leave the cell as it was, with the buttons below.");
  }

  keepBox() {
    const value = document.getElementById("box-text").value;
    this.box.close();
    if (value !== this.boxStart) this.edits.write([{ ...this.position, value }]);
  }
}

// Numbers must not pass through the browser's floats: only text whose numbers survive the way is laid out anew.
function pretty(text) {
  if (text === null) return "";
  try {
    const parsed = JSON.parse(text);
    const same = JSON.stringify(parsed) === text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted) => quoted ?? "");
    return same ? JSON.stringify(parsed, null, 2) : text;
  } catch {
    return text;
  }
}
