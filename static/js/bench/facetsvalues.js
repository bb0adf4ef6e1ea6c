// The values of a facet with their rows: a click includes, with Alt or Shift it leaves out. More are asked for as wanted.
import { $, make, number } from "../sheet/make.js";
import { parts } from "./clustered.js";
import { only, steady, toggled } from "./facetsstate.js";

const PAUSE = 200;
const PAGE = 50;
const MORE = 200;
const MOST = 1000;
const SEARCHED = 12; // values from which on there is something to search
const FEW = new Set(["blank", "duplicate", "state"]); // always the same few

const ACTS = { only: "Only", out: "Leave out", edit: "Edit in all its rows" };

export class Values {
  constructor(card, root) {
    Object.assign(this, { card, root, known: new Map() });
    const { facet, panel } = card;
    this.few = FEW.has(facet.facet);
    this.list = make("ul", { className: "facet-values", tabIndex: -1 });
    this.list.ariaLabel = "Values";
    this.more = make("button", { type: "button", className: "facet-more", hidden: true });
    this.none = make("p", { className: "facet-none", hidden: true });
    this.head = this.few ? null : this.tools();
    root.append(...[this.head, this.list, this.none, this.more].filter(Boolean));
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => this.keyed(event));
    this.list.addEventListener("pointerleave", () => this.held && this.draw(this.held));
    this.more.onclick = () => card.look({ size: Math.min(MOST, (card.view.size ?? PAGE) + MORE) });
    this.editable = facet.facet === "text" && card.spec?.editable && panel.boot.editable && !["list", "json"].includes(card.spec.kind);
  }

  tools() {
    const search = make("input", { type: "search", className: "input small", placeholder: "Search values", autocomplete: "off", spellcheck: false });
    search.ariaLabel = `Search the values of ${this.card.root.ariaLabel}`;
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.card.look({ search: search.value, size: 0 }), PAUSE);
    });
    this.sorts = [["count", "rows", "Most rows first"], ["value", "A–Z", "By value"]].map(([sort, text, title]) => {
      const button = make("button", { type: "button", title }, text);
      button.onclick = () => {
        this.card.set({ sort });
        this.card.look({});
      };
      button.dataset.sort = sort;
      return button;
    });
    const order = make("span", { className: "segmented", role: "group" }, ...this.sorts);
    order.ariaLabel = "Order";
    return make("div", { className: "facet-tools" }, search, order);
  }

  draw(told, edited = false) {
    if (!told?.values) return;
    const keys = [...this.list.children].map(({ dataset }) => dataset.key);
    const still = edited && keys.length && this.list.matches(":hover");
    this.held = still ? told : null;
    const values = still ? steady(told.values, keys) : told.values;
    const most = Math.max(1, ...values.map(({ count }) => count));
    this.known = new Map(values.map((value) => [value.key, value]));
    const lines = new Map([...this.list.children].map((line) => [line.dataset.key, line]));
    const wanted = values.map((value) => this.filled(lines.get(value.key) ?? this.line(value), value, most));
    if (wanted.some((line, at) => line !== this.list.children[at]) || wanted.length !== lines.size) this.placed(wanted);
    this.foot(told, values.length);
    this.mark();
  }

  // What is pointed at and what has the focus stays itself: only others are moved.
  placed(wanted) {
    const focused = this.list.contains(document.activeElement) && document.activeElement;
    this.list.replaceChildren(...wanted);
    if (focused) (focused.isConnected ? focused : (this.list.querySelector(".facet-pick") ?? this.list)).focus({ preventScroll: true });
  }

  line(value) {
    const line = $("facet-value").content.firstElementChild.cloneNode(true);
    line.dataset.key = value.key;
    line.querySelector("[data-do=out]").hidden = this.few;
    return line;
  }

  filled(line, value, most) {
    line.classList.toggle("is-none", !value.count);
    if (line.firstElementChild.tagName === "FORM") return line;
    const [bar, pick, acts] = line.children;
    bar.style.width = `${(value.count / most) * 100}%`;
    const label = pick.children[1];
    label.replaceChildren(...parts(value.label).map(seen));
    label.classList.toggle("is-word", value.plain === false && (value.text === null || value.text === "" || !value.text?.trim()));
    pick.title = value.text && value.text !== value.label ? `${value.label} (${value.text})` : value.label;
    pick.children[2].textContent = number(value.count);
    for (const button of acts.children) button.ariaLabel = `${ACTS[button.dataset.do]}: ${value.label}`;
    acts.querySelector("[data-do=edit]").hidden = !this.editable || !value.count;
    return line;
  }

  foot({ distinct, found, values }, shown) {
    const { search } = this.card.view;
    if (this.head) {
      this.head.hidden = distinct < SEARCHED && !search;
      const sort = this.card.facet.sort ?? "count";
      for (const button of this.sorts) button.ariaPressed = String(button.dataset.sort === sort);
    }
    const left = found - shown;
    const size = this.card.view.size || PAGE;
    this.more.hidden = left <= 0 || this.few;
    this.more.disabled = size >= MOST;
    this.more.textContent = size >= MOST ? `${number(left)} more: search for them` : `Show ${number(Math.min(MORE, left))} more of ${number(found)}${search ? " found" : " values"}`;
    this.none.hidden = values.length > 0;
    this.none.textContent = search ? `No value has “${search}” in it.` : "No row is left by the other facets.";
  }

  mark() {
    const { in: within = [], out: without = [] } = this.card.facet;
    this.list.classList.toggle("is-chosen", within.length > 0);
    for (const line of this.list.children) {
      const { key } = line.dataset;
      const [isIn, isOut] = [within.includes(key), without.includes(key)];
      line.classList.toggle("is-in", isIn);
      line.classList.toggle("is-out", isOut);
      const [, pick, acts] = line.children;
      if (pick?.classList.contains("facet-pick")) {
        pick.ariaPressed = String(isIn);
        acts.querySelector("[data-do=out]").ariaPressed = String(isOut);
      }
    }
  }

  clicked(event) {
    const line = event.target.closest(".facet-value");
    const button = event.target.closest("button");
    if (!line || !button || button.form) return;
    const { card } = this;
    const { key } = line.dataset;
    const { do: act } = button.dataset;
    if (act === "edit") return card.panel.edit(card, this.known.get(key), line);
    if (act === "only") return card.panel.change(card, only(card.facet, key));
    const out = !this.few && (act === "out" || event.altKey || event.shiftKey);
    const isOut = (card.facet.out ?? []).includes(key);
    card.panel.change(card, toggled(card.facet, key, out || isOut));
  }

  keyed(event) {
    const lines = [...this.list.querySelectorAll(".facet-pick")];
    const at = lines.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.altKey) return;
    event.preventDefault();
    lines[Math.min(Math.max(to, 0), lines.length - 1)].focus();
  }
}

// Spaces that nobody would see are marked.
const seen = ({ text, space }) => (space ? make("span", { className: "stray", title: "Spaces" }, text) : text);
