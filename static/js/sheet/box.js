// The box for long text and JSON: what is wrong is said while it is typed, with its line and column.
import { JsonError, parse, print } from "../record/exactjson.js";
import { emptied, hint, isNested } from "./editors.js";
import { $ } from "./make.js";

export class Box {
  constructor() {
    this.dialog = $("box");
    this.area = $("box-text");
    if (!this.dialog) return;
    this.dialog.addEventListener("cancel", (event) => this.leave(event));
    this.area.addEventListener("input", () => this.check());
    this.area.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.keep());
    $("box-keep").addEventListener("click", () => this.keep());
    $("box-cancel").addEventListener("click", () => this.dialog.close());
  }

  open(now) {
    const { spec, text, typed, editable } = (this.now = now);
    this.area.value = isNested(spec) ? pretty(text) : (text ?? "");
    this.start = this.area.value;
    if (typed !== undefined) this.area.value = typed;
    this.area.readOnly = !editable;
    this.area.classList.toggle("code", isNested(spec));
    $("box-title").textContent = spec.label;
    $("box-keep").hidden = !editable;
    this.check();
    this.dialog.showModal();
    this.area.focus();
  }

  check() {
    const { spec, text, editable, check } = this.now;
    const { value } = this.area;
    const wrong = (isNested(spec) && trouble(value)) || (value !== this.start && check(value)) || "";
    this.tell(wrong || [!editable && "Read-only.", text === null && "Null now.", hint(spec).replace(/[^.]$/, "$&."), editable && "Ctrl+Enter puts it into the cell."].filter(Boolean).join(" "), wrong);
  }

  tell(words, wrong) {
    const help = $("box-help");
    help.textContent = words;
    help.className = wrong ? "field-error" : "help";
    this.area.setAttribute("aria-invalid", String(Boolean(wrong)));
  }

  leave(event) {
    if (this.area.value === this.start) return;
    event.preventDefault();
    this.tell("You changed this text. Put it into the cell, or leave the cell as it was, with the buttons below.", true);
  }

  keep() {
    const { value } = this.area;
    this.dialog.close();
    if (value !== this.start && !this.area.readOnly) this.now.keep(value === "" ? emptied(this.now.spec) : value);
  }
}

// Laid out anew, every number with its digits.
function pretty(text) {
  try {
    return text === null ? "" : print(parse(text));
  } catch {
    return text;
  }
}

function trouble(text) {
  try {
    if (text.trim()) parse(text);
    return "";
  } catch (problem) {
    if (problem instanceof JsonError) return `${problem.message}.`;
    throw problem;
  }
}
