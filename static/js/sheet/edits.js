// Every change to the grid goes through here: shown at once, remembered for undo, put into the outbox.
import { History } from "./history.js";

export class Edits {
  history = new History();

  constructor(view, outbox, say) {
    Object.assign(this, { view, outbox, say });
  }

  // writes: [{row, col, value}]; one call is one step of undo. Returns how many cells changed.
  write(writes) {
    const step = writes.filter((write) => this.view.writable(write)).map((write) => this.change(write)).filter(Boolean);
    this.history.push(step);
    this.send(step.map(({ id, field, after }) => ({ id, field, value: after })));
    return step.length;
  }

  change({ row, col, value }) {
    const position = { row, col };
    const before = this.view.held(position);
    if (value === before || (value === this.view.text(position) && typeof before === "symbol" && !this.isMissing(position, value))) return null;
    return { id: this.view.id(position), field: this.view.column(position).name, before, after: value };
  }

  // Null put where nothing is set is a change of its own; where null stands it is none.
  isMissing(position, value) {
    return value === null && this.view.cell(position).querySelector(".is-missing") !== null;
  }

  send(edits) {
    for (const { id, field, value } of edits) {
      const position = this.view.find(id, field);
      if (position) this.view.show(position, value);
    }
    if (edits.length) this.outbox.add(edits);
  }

  undo() {
    this.replay(this.history.undo(), "Undone", "Nothing to undo in this page.");
  }

  redo() {
    this.replay(this.history.redo(), "Done again", "Nothing to do again.");
  }

  replay(edits, words, otherwise) {
    if (!edits) return this.say(otherwise);
    this.send(edits);
    const first = this.view.find(edits[0].id, edits[0].field);
    if (first) this.view.activate(first);
    this.say(`${words}: ${edits.length} ${edits.length === 1 ? "cell" : "cells"}.`);
  }
}
