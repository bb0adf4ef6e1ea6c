// The list under an input: what its text could stand for. Arrows choose, Enter and Tab take; anything else can still be typed.
import { getJson } from "./api.js";
import { make } from "./make.js";
import { place } from "../shell/menus.js";

const PAUSE = 200;
const SHOWN = 200;
let numbered = 0;

// `ask(text)` gives options [{value, label, facts, note}] or a promise of them; `eager(text)` says whether the first is chosen at once.
export class Suggestions {
  constructor(input, label, ask, eager) {
    Object.assign(this, { input, ask, eager, options: [], at: -1, taken: null, asked: 0 });
    this.list = make("div", { className: "menu lookup", id: `lookup-${(numbered += 1)}`, popover: "manual", role: "listbox", ariaLabel: `Values of ${label}` });
    // A textarea may not be called a combobox; it may have a list.
    if (input.matches("input")) input.role = "combobox";
    else this.list.tabIndex = 0; // Tab is never let through to it
    this.expanded(false);
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the input keeps the focus, so nothing is committed early
      const index = [...this.list.children].indexOf(event.target.closest("[role=option]"));
      if (!this.options[index]) return;
      this.take(index);
      this.onTake?.();
    });
  }

  get shown() {
    return this.list.isConnected;
  }

  // What the text stands for when it came from an option; undefined when it was typed.
  get chosen() {
    return this.taken?.text === this.input.value ? this.taken.value : undefined;
  }

  // Whether the text is still looked for, or something it could stand for is chosen.
  get open() {
    return this.waits || (this.shown && this.at >= 0);
  }

  stand(text, value) {
    this.input.value = text;
    this.taken = { text, value };
  }

  async refresh(text = this.input.value) {
    const asked = (this.asked += 1);
    const told = this.ask(text);
    this.waits = true;
    if (told instanceof Promise) this.mark(-1); // what was found for an earlier text is not what Enter means now
    const options = told instanceof Promise ? await told.catch(() => null) : told;
    if (asked === this.asked && this.input.isConnected) this.draw(options, text);
  }

  draw(options, text) {
    this.options = options ?? [];
    this.waits = false;
    const nothing = options ? "Nothing found" : "The search did not answer; an id can be typed.";
    this.list.replaceChildren(...(this.options.length ? this.options.map((each, index) => this.entry(each, index)) : [make("div", { className: "menu-title", role: "option", ariaDisabled: "true" }, nothing)]));
    if (!this.shown) this.input.after(this.list);
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    this.place(this.anchor);
    this.expanded(true);
    const current = this.options.findIndex(({ value }) => value === this.chosen);
    this.mark(current < 0 && text && this.options.length && this.eager(text) ? 0 : current);
    this.onDraw?.();
  }

  place(anchor = this.input) {
    this.anchor = anchor;
    if (this.shown) place(this.list, anchor);
  }

  entry({ label, facts, note: beside, value }, index) {
    const option = make("div", { className: "menu-item", id: `${this.list.id}-${index}`, role: "option" });
    option.append(make("span", { className: value === null ? "is-null" : "" }, label));
    if (facts) option.append(make("span", { className: "lookup-facts muted" }, facts));
    if (beside) option.append(make("span", { className: "muted mono" }, beside));
    return option;
  }

  mark(index) {
    this.at = index;
    [...this.list.children].forEach((each, other) => each.setAttribute("aria-selected", String(other === index)));
    if (index < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", this.list.children[index].id);
    this.list.children[index].scrollIntoView({ block: "nearest" });
  }

  take(index) {
    const { label, value, note: beside } = this.options[index];
    this.stand(value === null ? "" : beside ? `${label} · ${beside}` : label, value);
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // By hand, from what is seen: an answer still on its way does not change it.
  choose(index) {
    this.asked += 1;
    this.waits = false;
    this.mark(index);
  }

  // Whether the key was for the list. Enter and Tab take what is chosen and go on to whoever listens.
  key({ key, altKey }) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && !this.shown) this.refresh("");
    else if (step && altKey) this.close();
    else if (step && this.options.length) this.choose((this.at + step + this.options.length + (this.at < 0 && step < 0)) % this.options.length);
    else if ((key === "Enter" || key === "Tab") && this.shown && this.at >= 0) this.take(this.at);
    return Boolean(step);
  }

  close() {
    this.asked += 1;
    this.list.remove();
    this.expanded(false);
    this.input.removeAttribute("aria-activedescendant");
  }

  expanded(on) {
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    if (this.input.matches("input")) this.input.setAttribute("aria-expanded", String(on));
  }
}

// The options that hold the text, those that begin with it first.
export function matching(options, text) {
  const wanted = text.trim().toLowerCase();
  const found = options.filter(({ label, value }) => label.toLowerCase().includes(wanted) || value === wanted);
  const begins = ({ label }) => Number(label.toLowerCase().startsWith(wanted));
  return found.sort((a, b) => begins(b) - begins(a)).slice(0, SHOWN);
}

// Names by the server: asked when nothing was typed for a moment.
export function searching(url) {
  let asking = null;
  return async (text) => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    const told = await getJson(`${url}?q=${encodeURIComponent(text)}`, signal);
    return told.results.map(({ id, label, facts }) => ({ value: id, label, facts, note: id }));
  };
}
