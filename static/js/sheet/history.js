// Undo and redo: a step is a list of {id, field, before, after}. PRISTINE means no edit at all, which is not null and not "".
export const PRISTINE = Symbol("pristine");

export class History {
  #done = [];
  #undone = [];

  push(step) {
    if (!step.length) return;
    this.#done.push(step);
    this.#undone = [];
  }

  // The writes that take the last step back, or null.
  undo() {
    const step = this.#done.pop();
    if (!step) return null;
    this.#undone.push(step);
    return step.map(({ id, field, before }) => ({ id, field, value: before })).reverse();
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    return step.map(({ id, field, after }) => ({ id, field, value: after }));
  }

  clear() {
    this.#done = [];
    this.#undone = [];
  }
}
