// Rows shown for a moment, to be looked at: whatever narrowed the grid before comes back afterwards.

export class Peek {
  key = null;
  meant = null;

  // `changed` is told when rows are shown and when they are not any more.
  constructor({ grid, model, looking, want }, changed) {
    Object.assign(this, { model, looking, want, changed });
    grid.on("order", () => this.on && !this.turning && looking.within?.words !== this.words && this.gone());
  }

  get on() {
    return this.key !== null;
  }

  // The rows in which a field holds one of the texts; `meant` is what was meant before.
  async at(field, texts, words, meant, key) {
    await this.want([field]);
    const { model, looking } = this;
    const rows = [];
    for (let row = 0; row < model.rows; row += 1) if (texts.has(model.value(row, field))) rows.push(row);
    if (!this.on) this.before = looking.within;
    Object.assign(this, { key, words, meant });
    await this.narrow(rows, words);
    this.changed();
  }

  async end() {
    if (!this.on) return;
    const { before } = this;
    await this.narrow(before?.rows ?? null, before?.words, before?.where);
    this.gone();
  }

  async narrow(...what) {
    this.turning = true;
    await this.looking.narrow(...what);
    this.turning = false;
  }

  // Somebody took the narrowing back in the toolbar.
  gone() {
    Object.assign(this, { key: null, meant: null, before: null });
    this.changed();
  }
}
