// A person's own steps: those the server has, those that are unsent, and what can be undone and redone next.

const PREDICTED = 50; // own steps whose undo is shown before the server answers
const REMEMBERED = 300;
const NOT_UNDONE = new Set(["applied", "refreshed"]);

export class Steps {
  unsent = new Map(); // token → step
  complete = false; // whether #past begins where history does
  #known = new Set(); // tokens of those the server has
  #past = { done: [], undone: [] };
  mine = this.#past; // the same with the unsent ones

  add(step) {
    this.unsent.set(step.token, step);
    if (this.mine === this.#past) this.mine = copy(this.#past);
    follow(this.mine, step);
  }

  acknowledge(step) {
    if (this.#known.has(step.token)) return;
    this.#known.add(step.token);
    follow(this.#past, this.#settled(step));
  }

  // As the server has it; cells are kept only where they are those that were foreseen.
  #settled(step) {
    const own = this.unsent.get(step.token);
    const fields = Object.entries(step.cells);
    const alike = ([field, { rows }]) => String(rows) === String(own.cells[field]?.rows);
    if (!own || fields.length !== Object.keys(own.cells).length || !fields.every(alike)) return { ...step, cells: null, size: size(step) };
    const cells = fields.map(([field, { rows, after }]) => [field, { rows, after, before: own.cells[field].before }]);
    return { ...step, cells: Object.fromEntries(cells) };
  }

  replay() {
    const waiting = [...this.unsent.values()].filter(({ token }) => !this.#known.has(token));
    this.mine = waiting.length ? waiting.reduce(follow, copy(this.#past)) : this.#past;
  }

  // What undoing them comes to is the server's to say from now on.
  forget() {
    for (const step of [...this.#past.done, ...this.#past.undone]) if (step.cells) Object.assign(step, { size: size(step), cells: null });
  }

  // History, newest first: `cells` are numbers.
  remember(steps) {
    const held = new Map([...this.#past.done, ...this.#past.undone, ...this.unsent.values()].map((step) => [step.token, step.cells]));
    this.#past = { done: [], undone: [] };
    for (const { mine, cells, ...step } of steps.toReversed()) {
      if (!mine) continue;
      this.#known.add(step.token);
      follow(this.#past, { ...step, cells: held.get(step.token) ?? null, size: cells });
    }
    this.complete = true;
    this.replay();
  }
}

// The same cell a second time in one step: the last one counts.
export function again(cells, row, edit, raw) {
  const at = cells.rows.lastIndexOf(row);
  [cells.after[at], cells.raw[at]] = [edit, raw];
}

const copy = ({ done, undone }) => ({ done: [...done], undone: [...undone] });
export const size = ({ cells }) => Object.values(cells ?? {}).reduce((sum, { rows }) => sum + rows.length, 0);
export const rowsOf = ({ cells }) => (size({ cells }) > 2000 ? null : new Set(Object.values(cells).flatMap(({ rows }) => rows)));

// How a person's own steps follow each other: a new one ends what could be done again.
function follow(stacks, step) {
  const { done, undone } = stacks;
  if (step.kind === "undo") done.length && undone.push(done.pop());
  else if (step.kind === "redo") undone.length && done.push(undone.pop());
  else if (!NOT_UNDONE.has(step.kind) && (step.size ?? size(step))) {
    undone.length = 0;
    done.push(step);
    if (done.length > REMEMBERED) done.shift();
    const at = done.length - PREDICTED;
    if (done[at]?.cells) done[at] = { ...done[at], size: size(done[at]), cells: null }; // it may still have to be sent
  }
  return stacks;
}
