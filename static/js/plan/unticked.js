// What is unticked in a plan, without the page: whole folds (under the finding looked at), records and single cells.
export class Unticked {
  constructor(data = {}) {
    this.folds = new Map((data.folds ?? []).map((fold) => [JSON.stringify(fold), fold]));
    this.rows = new Set(data.rows ?? []);
    this.cells = new Set(data.cells ?? []);
  }

  fold(key, finding, included) {
    const fold = [key, finding];
    if (included) this.folds.delete(JSON.stringify(fold));
    else this.folds.set(JSON.stringify(fold), fold);
  }

  cell(key, included) {
    if (included) this.cells.delete(key);
    else this.cells.add(key);
  }

  row(id, included) {
    if (included) this.rows.delete(id);
    else this.rows.add(id);
  }

  hasFold(key, finding) {
    return this.folds.has(JSON.stringify([key, finding]));
  }

  get empty() {
    return !this.folds.size && !this.rows.size && !this.cells.size;
  }

  toJSON() {
    return { folds: [...this.folds.values()], rows: [...this.rows], cells: [...this.cells] };
  }
}
