// One name with what it may mean: a tick for the sure one, a choice of several, or a search.
import { equip } from "../sheet/editors.js";
import { counted, make } from "../sheet/make.js";
import { icon } from "../sheet/paint.js";

const OTHERS = 4; // spellings that are named
let numbered = 0;

export class ResolveLine {
  // `picked(id)` is told the id, "" for none.
  constructor(name, { id, spec, picked }) {
    Object.assign(this, { name, id, spec, picked, group: `resolve-${(numbered += 1)}` });
    const rows = name.rows ? make("span", { className: "number" }, counted(name.rows, "row")) : "";
    this.choices = make("div", { className: "resolve-choices", role: "radiogroup", ariaLabel: `Who is ${name.text}` });
    const head = make("div", { className: "resolve-name" }, make("span", { className: "resolve-text" }, name.text), rows, ...this.others());
    this.element = make("div", { className: name.sure ? "resolve-line is-sure" : "resolve-line" }, head, this.choices);
    this.draw();
  }

  others() {
    const others = this.name.texts.slice(1);
    if (!others.length) return [];
    const more = others.length - OTHERS;
    const words = others.slice(0, OTHERS).join(" · ") + (more > 0 ? ` · ${counted(more, "more spelling")}` : "");
    return [make("span", { className: "help", title: others.join("\n") }, `also ${words}`)];
  }

  draw() {
    const { name, id, spec } = this;
    const own = id && !name.candidates.some((each) => each.id === id);
    if (name.sure) this.choices.replaceChildren(this.tick(name.candidates[0]));
    else this.choices.replaceChildren(...name.candidates.map((each) => this.radio(each)));
    if (spec?.find && !name.sure) this.choices.append(this.search(own ? id : ""));
    if (name.candidates.length && !name.sure) this.choices.append(this.radio(null));
    this.element.classList.toggle("is-set", Boolean(id));
  }

  set(id) {
    this.id = id;
    this.element.classList.toggle("is-set", Boolean(id));
    this.picked(id);
  }

  tick(candidate) {
    const input = make("input", { type: "checkbox", checked: this.id === candidate.id });
    input.onchange = () => this.set(input.checked ? candidate.id : "");
    return make("label", { className: "resolve-choice" }, input, ...about(candidate));
  }

  radio(candidate) {
    const input = make("input", { type: "radio", name: this.group, checked: candidate ? this.id === candidate.id : false });
    input.onchange = () => this.set(candidate?.id ?? "");
    return make("label", { className: "resolve-choice" }, input, ...(candidate ? about(candidate) : [make("span", { className: "muted" }, "None of these: leave it alone")]));
  }

  // Any other record, by a part of its name or its id.
  search(start) {
    const input = make("input", { className: "input small", placeholder: this.name.candidates.length ? "Another, by name or id" : "Search by name or id", ariaLabel: `Who is ${this.name.text}`, autocomplete: "off", spellcheck: false });
    const editor = equip(input, this.spec, { start: start || "" });
    input.oninput = () => editor.changed();
    input.onkeydown = (event) => {
      if (editor.key(event) || (event.key === "Enter" && editor.list?.shown)) event.preventDefault();
      if (event.key === "Escape" && editor.list?.shown) {
        editor.leave();
        event.preventDefault();
      }
    };
    input.onchange = () => {
      const value = editor.value() ?? "";
      const good = value === "" || /^\d+$/.test(value);
      input.setAttribute("aria-invalid", String(!good));
      if (good) this.set(value);
    };
    input.onblur = () => editor.leave();
    return make("span", { className: "resolve-search" }, icon("search"), input);
  }
}

function about({ id, title, facts, active, how }) {
  const telling = facts.map(([label, text]) => make("span", { title: label }, text));
  return [
    make("span", { className: "resolve-who" }, make("strong", {}, title), active ? "" : make("span", { className: "badge warning" }, "inactive"), make("span", { className: "mono muted" }, id)),
    make("span", { className: "resolve-facts" }, ...telling, make("span", { className: "resolve-how-so" }, how)),
  ];
}
