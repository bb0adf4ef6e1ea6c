// The list of operations: moved by dragging or Alt with the arrows, switched off and on, edited in the panel they came from.
import { $, counted, make, number } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";
import { moved } from "./moved.js";

const PANELS = { replace: "replace", map: "pairs" };
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const wire = (wanted) => wanted.map(({ id, on, step, edited }) => ({ id, on, ...(edited && { step }) }));

export class Done {
  constructor(panel) {
    Object.assign(this, { panel, entries: [], wanted: [], list: $("ops-list"), outcome: new Map(), hands: new Set() });
    const { list } = this;
    list.onclick = ({ target }) => this.act(target.closest("button"));
    list.onchange = ({ target }) => this.turn(target.closest("li").dataset.id, target.checked);
    list.onkeydown = (event) => this.key(event);
    list.ondragstart = (event) => this.lift(event);
    list.ondragover = (event) => this.over(event);
    list.ondrop = (event) => this.drop(event);
    list.ondragend = () => this.mark(null);
  }

  // What the server says; a draft of somebody here stays, with what was done since at its end.
  put(entries) {
    const draft = this.moved ? this.wanted : [];
    const known = new Map(entries.map((entry) => [entry.id, entry]));
    const kept = draft.filter(({ id }) => known.has(id));
    const drafted = new Set(kept.map(({ id }) => id));
    this.entries = entries;
    this.wanted = [...kept, ...entries.filter(({ id }) => !drafted.has(id)).map((entry) => ({ ...entry }))];
    if (draft.length) this.look();
    else this.draw();
  }

  // What was wanted is what there is.
  kept() {
    this.entries = this.wanted.map((entry) => ({ ...entry, edited: false }));
    this.leave();
  }

  leave() {
    this.wanted = this.entries.map((entry) => ({ ...entry }));
    this.outcome.clear();
    this.hands.clear();
    this.draw();
  }

  get moved() {
    return this.wanted.some(({ id, on, edited }, at) => edited || id !== this.entries[at]?.id || on !== this.entries[at]?.on);
  }

  draw() {
    const focused = this.list.contains(document.activeElement) && [document.activeElement.closest("li").dataset.id, document.activeElement.dataset.do ?? "input"];
    this.shifted = moved(this.entries.map(({ id }) => id), this.wanted.map(({ id }) => id), this.hands);
    this.list.replaceChildren(...this.wanted.map((entry, at) => this.line(entry, at)));
    $("ops-empty").hidden = this.wanted.length > 0;
    this.list.hidden = !this.wanted.length;
    this.panel.saving?.allow(!this.moved && this.wanted.some(({ portable, on }) => portable && on), this.moved);
    if (focused) this.list.querySelector(`li[data-id="${focused[0]}"] ${focused[1] === "input" ? "input" : `[data-do=${focused[1]}]`}`)?.focus();
  }

  line(entry, at) {
    const { id, on, label, who, cells, frozen, step, edited } = entry;
    const was = this.entries.find((each) => each.id === id);
    const editable = this.panel.boot.editable && !frozen;
    const outcome = this.outcome.get(id);
    const words = outcome?.label || (edited ? entry.words : label);
    const handle = make("button", { type: "button", className: "ops-handle", "data-do": "move", ariaLabel: `Step ${at + 1}: ${words}`, title: "Drag it, or Alt with ↑ and ↓", disabled: !editable }, number(at + 1));
    const check = make("input", { type: "checkbox", checked: on, disabled: !editable, ariaLabel: `Step ${at + 1} counts` });
    const facts = [who, entry.at && WHEN.format(new Date(entry.at)), !step && cells && counted(cells, "cell")].filter(Boolean).join(" · ");
    const about = make("span", { className: "ops-about" }, make("span", { className: "ops-label" }, words), make("span", { className: "help" }, facts));
    if (entry.where) about.insertBefore(make("span", { className: "ops-where" }, entry.where), about.lastChild);
    if (outcome?.problem) about.append(make("span", { className: "field-error" }, outcome.problem));
    if (frozen) about.append(make("span", { className: "help ops-frozen" }, icon("lock"), frozen));
    const changes = [edited && "edited", was && was.on !== on && (on ? "on again" : "off"), this.shifted.has(id) && "moved"].filter(Boolean);
    if (changes.length) about.append(make("span", { className: "badge info" }, changes.join(", ")));
    const edit = make("button", { type: "button", className: "button quiet icon-only small", "data-do": "edit", ariaLabel: `Edit step ${at + 1}`, title: "Edit its columns and parameters" }, icon("edit"));
    const element = make("li", { className: `ops-line${on ? "" : " is-off"}${frozen ? " is-frozen" : ""}`, draggable: editable }, handle, check, about);
    if (step && editable) element.append(edit);
    element.dataset.id = id;
    return element;
  }

  act(button) {
    if (button?.dataset.do !== "edit") return;
    const entry = this.wanted.find(({ id }) => id === button.closest("li").dataset.id);
    const back = (step) => this.panel.panels.open("operations", "", step ? { id: entry.id, step } : null);
    const drafted = (step) => wire(this.wanted.map((each) => (each.id === entry.id ? { ...each, step, edited: true } : each)));
    this.panel.panels.open(PANELS[entry.step.op] ?? "clean", "", { ...entry, number: this.wanted.indexOf(entry) + 1, back, drafted });
  }

  // What was set elsewhere comes back into the draft as it was left.
  edited(id, step) {
    this.wanted = this.wanted.map((entry) => (entry.id === id ? { ...entry, step, edited: true, words: entry.label } : entry));
  }

  turn(id, on) {
    this.wanted = this.wanted.map((entry) => (entry.id === id ? { ...entry, on } : entry));
    this.look();
  }

  move(id, to) {
    const from = this.wanted.findIndex((entry) => entry.id === id);
    const first = this.wanted.findLastIndex(({ frozen }) => frozen) + 1;
    const place = Math.min(Math.max(to, first), this.wanted.length - 1);
    if (from < first || place === from) return;
    const [entry] = this.wanted.splice(from, 1);
    this.wanted.splice(place, 0, entry);
    this.hands.add(id);
    this.look();
  }

  key(event) {
    const line = event.target.closest("li");
    const up = event.key === "ArrowUp";
    if (!line || (!up && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const at = this.wanted.findIndex(({ id }) => id === line.dataset.id);
    if (event.altKey) this.move(line.dataset.id, at + (up ? -1 : 1));
    else (up ? line.previousElementSibling : line.nextElementSibling)?.querySelector(event.target.tagName === "INPUT" ? "input" : "button")?.focus();
  }

  lift(event) {
    this.held = event.target.closest("li")?.dataset.id;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  }

  over(event) {
    if (!this.held) return;
    event.preventDefault();
    this.mark(event.target.closest("li"));
  }

  mark(line) {
    for (const each of this.list.children) each.classList.toggle("is-target", each === line);
    if (!line) this.held = null;
  }

  drop(event) {
    event.preventDefault();
    const at = this.wanted.findIndex(({ id }) => id === event.target.closest("li")?.dataset.id);
    const { held } = this;
    this.mark(null);
    if (held && at >= 0) this.move(held, at);
  }

  // What the draft would change is looked at first.
  look() {
    this.outcome.clear();
    this.draw();
    const { boot } = this.panel;
    if (!this.moved) return this.panel.changed(null);
    const wanted = wire(this.wanted);
    this.panel.changed({
      url: boot.urls.operations,
      data: { wanted },
      keeping: { keep: true },
      label: ({ cells, rows }) => (cells ? `Keep this list: ${counted(cells, "cell")} in ${counted(rows, "row")} change` : "Keep this list: no cell changes"),
      ready: ({ entries }) => !entries.some(({ problem }) => problem),
      told: ({ entries }) => {
        this.outcome = new Map(entries.map((entry) => [entry.id, entry]));
        this.draw();
      },
    });
  }
}
