// A formula being typed: what could come next in a list, the spot of what is wrong underlined, the parameters of a function.
// new FormulaBox(textarea, { ask, onChange }): `ask({formula, at})` resolves to what the server says of it (`asking`).
import { post } from "../sheet/api.js";
import { make } from "../sheet/make.js";
import { FormulaList } from "./formulalist.js";
import { called, characters, index, offered, parted, taken, touches, writing } from "./formulatext.js";

const PAUSE = 120;
const PATIENCE = 700; // before something is called wrong where the caret is
let numbered = 0;

// Asks the worksheet; `target()` names the field that is to be changed.
export const asking = (url, target = () => "") => ({ formula, at }) => post(url, { formula, at, field: target() ?? "" });

export class FormulaBox {
  problem = undefined;
  asked = 0;

  constructor(area, { ask, onChange = () => {} }) {
    Object.assign(this, { area, ask, onChange, id: `formula-${(numbered += 1)}` });
    this.mirror = make("div", { className: "formula-mirror", ariaHidden: "true" });
    this.signature = make("p", { className: "formula-signature", id: `${this.id}-signature` });
    this.words = make("p", { className: "formula-problem", id: `${this.id}-problem`, role: "status" });
    this.list = new FormulaList(area, this.id, (completion) => this.take(completion));
    this.wrap();
    this.listen();
    this.check();
  }

  // The textarea keeps its place, its focus and its caret.
  wrap() {
    const { area } = this;
    const [focused, start, end] = [document.activeElement === area, area.selectionStart, area.selectionEnd];
    this.box = make("div", { className: "formula-box" });
    area.before(this.box);
    this.box.append(make("div", { className: "formula-field" }, this.mirror, area), this.signature, this.words);
    if (focused) {
      area.focus({ preventScroll: true });
      area.setSelectionRange(start, end);
    }
    Object.assign(area, { spellcheck: false, autocapitalize: "off", autocomplete: "off" });
    const described = [area.getAttribute("aria-describedby"), this.signature.id, this.words.id];
    area.setAttribute("aria-describedby", described.filter(Boolean).join(" "));
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(area);
  }

  listen() {
    const { area } = this;
    area.addEventListener("input", () => this.typed());
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("scroll", () => this.fit());
    area.addEventListener("blur", () => this.close());
    area.addEventListener("click", () => this.moved());
    area.addEventListener("keyup", ({ key }) => ["ArrowLeft", "ArrowRight", "Home", "End"].includes(key) && this.moved());
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.check();
  }

  get caret() {
    return characters(this.value, this.area.selectionStart);
  }

  focus() {
    this.area.focus();
  }

  close() {
    this.wanted = false;
    this.list.close();
  }

  typed() {
    this.underline(null);
    this.wanted = writing(this.value, this.area.selectionStart);
    if (!this.wanted) this.list.close();
    this.later();
    this.onChange(this.value);
  }

  // The caret went somewhere else: another function may be around it.
  moved() {
    this.close();
    this.later();
  }

  later() {
    clearTimeout(this.waiting);
    this.asked += 1; // an answer on its way is about an earlier text
    this.waiting = setTimeout(() => this.check(), PAUSE);
  }

  async check() {
    const asked = (this.asked += 1);
    clearTimeout(this.waiting);
    const formula = this.value;
    if (!formula.trim() && !this.wanted) return this.told({ completions: [], signature: null, problem: null });
    const told = await this.ask({ formula, at: this.caret }).catch(() => null);
    if (asked !== this.asked || !this.area.isConnected) return;
    if (told) this.told(told);
    else this.list.close();
  }

  told({ completions, signature, problem }) {
    this.problem = problem;
    this.sign(signature);
    this.list.draw(this.wanted ? offered(completions, this.value) : []);
    this.patiently(problem, problem && this.focused && touches(problem, this.caret) ? PATIENCE : 0);
  }

  get focused() {
    return document.activeElement === this.area;
  }

  sign(signature) {
    const [before, here, after] = signature ? called(signature) : ["", "", ""];
    this.signature.replaceChildren(...(signature ? [make("code", {}, before, make("strong", {}, here), after), ` ${signature.help}`] : []));
  }

  // What others say is wrong, {message, at, length}, or null; what the box finds itself, it shows in its own time.
  show(problem) {
    if (!this.problem) this.underline(problem && { ...problem, at: problem.at ?? 0, length: problem.length ?? 1 });
  }

  patiently(problem, after) {
    clearTimeout(this.patient);
    if (after) this.patient = setTimeout(() => this.underline(problem), after);
    else this.underline(problem);
  }

  underline(problem) {
    clearTimeout(this.patient);
    const [before, wrong, behind] = problem ? parted(this.value, problem) : ["", "", ""];
    this.mirror.replaceChildren(...(problem ? [before, make("mark", {}, wrong), behind] : []));
    if (this.words.textContent !== (problem?.message ?? "")) this.words.textContent = problem?.message ?? "";
    this.area.setAttribute("aria-invalid", String(Boolean(problem)));
    this.fit();
  }

  // The mirror wraps and scrolls as the textarea does.
  fit() {
    const { area, mirror } = this;
    mirror.style.width = `${area.clientWidth}px`;
    mirror.style.height = `${area.clientHeight}px`;
    mirror.scrollTop = area.scrollTop;
    this.list.place();
  }

  key(event) {
    const { key, ctrlKey, shiftKey } = event;
    if (key === " " && ctrlKey) {
      event.preventDefault();
      this.wanted = true;
      return this.check();
    }
    if (!this.list.shown) return undefined;
    if (key === "Tab" && shiftKey) return this.close();
    const used = this.list.key(event);
    if (key === "Escape") this.close();
    if (used || key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // neither the panel nor the grid is meant
    }
    return undefined;
  }

  // As if it had been typed, so that the browser can undo it and everybody hears of it.
  take(completion) {
    const { area, value } = this;
    const { text, caret } = taken(value, completion);
    area.focus();
    area.setSelectionRange(index(value, completion.from), index(value, completion.to));
    if (!document.execCommand?.("insertText", false, completion.insert) || area.value !== text) {
      area.value = text;
      area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    area.setSelectionRange(caret, caret);
    this.close();
    this.later();
  }
}
