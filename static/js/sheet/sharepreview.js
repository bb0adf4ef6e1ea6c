// Row by row what a shared change would do: before and after, fifty at a time, all of them or those of one fate.
import { make, number } from "./make.js";
import { words } from "./paint.js";

const PAGE = 50;
const EARLY = 300; // pixels before the end at which the next rows are asked for

export class Preview {
  // `ask(start, fate)` resolves to the server's answer, or to nothing; `fate` is what is looked at first.
  constructor(root, grid, ask, fate = "") {
    Object.assign(this, { root, grid, ask });
    [this.chips, this.rows] = root.children;
    this.turn(fate);
    this.body = root.querySelector("tbody");
    this.chips.onclick = ({ target }) => this.only(target.closest("button"));
    this.rows.onscroll = () => this.more();
    this.body.onclick = ({ target }) => target.value && grid.activate({ at: grid.atOf(+target.value), col: grid.active.col });
  }

  show(told) {
    const counts = { ...told, "": told.changed + told.already + told.invalid + told.skipped };
    for (const chip of this.chips.children) {
      const { fate } = chip.dataset;
      chip.lastElementChild.textContent = number(counts[fate]);
      chip.hidden = fate !== this.fate && !counts[fate];
    }
    this.root.hidden = false;
    this.draw(told.preview);
  }

  draw(preview) {
    this.body.replaceChildren();
    this.rows.scrollTop = this.read = 0;
    this.add(preview);
  }

  add(preview) {
    this.read += preview.length;
    this.all = preview.length < PAGE;
    this.body.append(...preview.flatMap((row) => this.lines(row)));
  }

  async only(chosen) {
    if (!chosen) return;
    this.turn(chosen.dataset.fate);
    const told = await this.ask(0, this.fate);
    if (told && this.fate === chosen.dataset.fate) this.draw(told.preview);
  }

  turn(fate) {
    this.fate = fate;
    for (const chip of this.chips.children) chip.ariaPressed = String(chip.dataset.fate === this.fate);
    this.root.classList.toggle("is-of-one-fate", this.fate !== "");
  }

  async more() {
    const { rows, read, fate } = this;
    if (this.all || this.asking || rows.scrollTop + rows.clientHeight < rows.scrollHeight - EARLY) return;
    this.asking = true;
    const told = await this.ask(read, fate);
    this.asking = false;
    if (told && read === this.read && fate === this.fate) this.add(told.preview);
  }

  // A line for each cell; who it is stands before the first.
  lines({ row, id, title, cells }) {
    const go = make("button", { className: "share-id mono", type: "button", value: row, title: "Show it in the grid" }, id);
    const who = make("th", { scope: "row", rowSpan: cells.length }, go, make("span", { className: "share-title" }, title));
    return cells.map((cell, at) => make("tr", {}, ...(at ? [] : [who]), ...this.cell(cell)));
  }

  cell({ field, before, after, fate, words: why }) {
    const spec = this.grid.model.spec(field);
    const moves = fate === "changed" || fate === "invalid";
    const change = make("td", { className: `share-change ${fate}` }, moves ? make("del", {}, this.value(spec, before)) : this.value(spec, before));
    if (moves) change.append(" → ", make("ins", {}, this.value(spec, after)));
    if (why) change.append(make("span", { className: "share-words" }, why));
    const word = this.chips.querySelector(`[data-fate=${fate}] span`).textContent;
    return [make("td", { className: "truncate" }, spec.label), change, make("td", { className: `share-fate ${fate}` }, word)];
  }

  value(spec, value) {
    const { text, kind } = words(this.grid, spec, value);
    return make("span", { className: `is-${kind}` }, text);
  }
}
