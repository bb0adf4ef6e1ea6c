// The transforms there are, found by typing: arrows walk the list and Enter takes one; those used last come first.
import { make } from "../sheet/make.js";

const RECENT = "clean-recent";
const MOST_RECENT = 4;

export const recent = () => JSON.parse(localStorage[RECENT] ?? "[]");

export function used(name) {
  localStorage[RECENT] = JSON.stringify([name, ...recent().filter((each) => each !== name)].slice(0, MOST_RECENT));
}

// [[heading, transforms]]: every word typed is in the label, the help or the group.
export function found(transforms, typed, lately) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ label, help, group, name }) => words.every((word) => `${label} ${group} ${name} ${help}`.toLowerCase().includes(word));
  const inLabel = ({ label }) => words.every((word) => label.toLowerCase().includes(word));
  const left = transforms.filter(fits);
  const groups = new Map();
  if (words.length) left.sort((a, b) => inLabel(b) - inLabel(a));
  else groups.set("Used last", lately.map((name) => left.find((each) => each.name === name)).filter(Boolean));
  for (const each of left) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return [...groups].filter(([, members]) => members.length);
}

export class List {
  // `active` is told of the transform the arrows are at, `taken` of the one that was chosen.
  constructor(input, box, { active, taken }) {
    Object.assign(this, { input, box, active, taken, transforms: [], all: [], at: 0, options: [] });
    input.oninput = () => this.draw();
    input.addEventListener("keydown", (event) => this.key(event));
    box.onclick = ({ target }) => this.take(target.closest("[role=option]"));
  }

  // `all`: also those that do not fit the columns.
  set(transforms, all) {
    Object.assign(this, { transforms, all });
    this.draw();
  }

  draw() {
    this.known = new Map(this.transforms.map((each) => [each.name, each]));
    const groups = found(this.transforms, this.input.value, recent());
    this.box.replaceChildren(...groups.map(([heading, members], at) => this.group(heading, members, at)));
    if (!groups.length) this.box.append(make("p", { className: "help" }, this.nothing));
    this.options = [...this.box.querySelectorAll("[role=option]")];
    this.move(0);
  }

  get nothing() {
    if (!this.transforms.length) return "There is no clean-up for these columns.";
    const other = found(this.all, this.input.value, [])[0]?.[1][0];
    return other ? `“${other.label}” does not fit these columns.` : "No clean-up is called that.";
  }

  group(heading, members, at) {
    const id = `clean-group-${at}`;
    const options = members.map((each, place) =>
      make("div", { role: "option", id: `clean-option-${at}-${place}`, className: "clean-option", "data-name": each.name, ariaSelected: "false" }, make("span", {}, each.label), make("span", { className: "help truncate" }, each.help)),
    );
    return make("div", { role: "group", "aria-labelledby": id }, make("p", { id, className: "menu-title", role: "presentation" }, heading), ...options);
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) this.move(Math.min(Math.max(this.at + steps[event.key], 0), this.options.length - 1));
    else if (event.key === "Enter") this.take(this.options[this.at]);
    else return;
    event.preventDefault();
  }

  move(at) {
    this.options[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const option = this.options[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (at === 0) this.box.scrollTop = 0;
    this.input.setAttribute("aria-activedescendant", option?.id ?? "");
    this.active(option ? this.known.get(option.dataset.name) : null);
  }

  take(option) {
    if (!option) return;
    this.move(this.options.indexOf(option));
    this.taken(this.known.get(option.dataset.name));
  }
}
