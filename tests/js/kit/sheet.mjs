// A worksheet for tests: its page data, its columns, and a server that keeps steps as the real one does.
import { Model } from "../../../static/js/sheet/model.js";
import { parse } from "../../../static/js/sheet/types.js";

const PLAIN = { editable: true, nullable: true, blank: true, required: false, max_length: null, min: null, max: null, digits: null, places: null, choices: [], reference: "", zone: "", unordered: false };
export const spec = (name, kind, more = {}) => ({ ...PLAIN, name, label: name[0].toUpperCase() + name.slice(1), kind, ...more });

export const FIELDS = [
  spec("id", "integer", { editable: false }),
  spec("name", "text", { max_length: 20 }),
  spec("bid", "decimal", { places: 2, min: 0 }),
  spec("count", "integer", { nullable: false }),
  spec("fixed", "text", { editable: false }),
];

const wire = (row) => ({ id: row + 1, name: `Row ${row}`, bid: { j: `${row}.50` }, count: row, fixed: row % 2 ? null : {} });

export function boot(rows, more = {}) {
  return { rows, version: 0, baseline: 1, editable: true, me: { id: 1, name: "ada" }, resource: { id_field: "id", title_field: "name", singular: "Thing" }, fields: FIELDS, urls: { data: "/data", steps: "/steps", marks: "/marks", history: "/history" }, ...more };
}

export function fill(model, values = (row, name) => wire(row)[name]) {
  for (const { name } of model.boot.fields) {
    for (let part = 0; part * 10000 < model.rows; part += 1) {
      const size = Math.min(10000, model.rows - part * 10000);
      model.columns.get(name).put(part, { values: Array.from({ length: size }, (_, at) => values(part * 10000 + at, name)) });
    }
  }
  return model;
}

export const sheet = (rows = 10, more = {}) => fill(new Model(boot(rows, more)));

// Numbers that are the same in every run.
export function dice(seed) {
  let state = seed;
  const roll = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return { roll, pick: (list) => list[roll(list.length)] };
}

export class Server {
  steps = [];
  marks = new Map(); // "row field" → {e?, w?}
  baseline = 1;

  constructor(rows) {
    this.page = sheet(rows);
  }

  edit(row, field) {
    return this.marks.get(`${row} ${field}`)?.e ?? (this.marks.get(`${row} ${field}`)?.e === null ? null : false);
  }

  #put(told, field, row, raw) {
    const { edit: after, words } = parse(this.page.spec(field), raw, this.page.base(row, field));
    const before = this.edit(row, field);
    if (before !== after) {
      if (after === false) this.marks.delete(`${row} ${field}`);
      else this.marks.set(`${row} ${field}`, words ? { e: after, w: words } : { e: after });
    } else if (after === raw) return;
    const cells = (told[field] ??= { rows: [], before: [], after: [], words: {} });
    if (words) cells.words[cells.rows.length] = words;
    cells.rows.push(row);
    cells.before.push(before);
    cells.after.push(after);
  }

  #record(who, token, kind, label, cells, left = 0) {
    const changed = Object.values(cells).reduce((sum, { before, after }) => sum + before.filter((edit, at) => edit !== after[at]).length, 0);
    const step = { number: this.steps.length + 1, token, who, kind, label, cells, left, changed, undone: false, dropped: false, reload: null };
    this.steps.push(step);
    return step;
  }

  #mine(who) {
    return this.steps.filter((step) => step.who.id === who.id && step.changed && step.kind !== "undo" && step.kind !== "redo");
  }

  take(who, { token, kind, label, cells }) {
    if (this.steps.some((step) => step.token === token)) return null;
    if (kind === "undo" || kind === "redo") return this.#turn(who, token, kind);
    const told = {};
    for (const [field, { rows, after }] of Object.entries(cells)) {
      if (new Set(rows).size !== rows.length || !this.page.spec(field).editable) return { token, words: "These are not rows of this worksheet." };
      rows.forEach((row, at) => this.#put(told, field, row, after[at]));
    }
    const made = this.#record(who, token, kind, label, told);
    if (made.changed) for (const step of this.#mine(who)) if (step.undone) step.dropped = true;
    return null;
  }

  #turn(who, token, kind) {
    const back = kind === "undo";
    const mine = this.#mine(who);
    const step = back ? mine.findLast((each) => !each.undone) : mine.find((each) => each.undone && !each.dropped);
    if (!step) return { token, words: `There is nothing of yours to ${kind}.` };
    const source = step.turn ?? step;
    const told = {};
    let left = 0;
    for (const [field, { rows, before, after }] of Object.entries(source.cells)) {
      rows.forEach((row, at) => {
        if (this.edit(row, field) === after[at]) this.#put(told, field, row, before[at]);
        else left += 1;
      });
    }
    step.turn = this.#record(who, token, kind, step.label, told, left);
    step.undone = back;
    return null;
  }

  feed(since) {
    const told = this.steps.slice(since).map(({ number, token, who, kind, label, cells, left, reload }) => ({ number, token, who, kind, label, left, reload, cells: without(cells) }));
    return JSON.parse(JSON.stringify({ version: this.steps.length, baseline: this.baseline, steps: told, people: [], standing: {}, reload: false }));
  }

  post(who, { since, steps }) {
    const refused = steps.map((step) => this.take(who, step)).filter(Boolean);
    return { ...this.feed(since), refused };
  }

  document() {
    const marks = {};
    for (const [key, mark] of this.marks) {
      const [row, field] = key.split(" ");
      const held = (marks[field] ??= { rows: [], marks: [] });
      held.rows.push(Number(row));
      held.marks.push(mark.w ? mark : mark.e);
    }
    return { version: this.steps.length, baseline: this.baseline, marks };
  }

  history(who) {
    return { steps: this.steps.map((step) => ({ number: step.number, token: step.token, kind: step.kind, label: step.label, cells: step.changed, mine: step.who.id === who.id })).reverse() };
  }
}

const without = (cells) => Object.fromEntries(Object.entries(cells).map(([field, { rows, after, words }]) => [field, { rows, after, words }]));

// All that a model shows as pending, and that it counts the same.
export function pending(model) {
  const found = {};
  for (const { name } of model.boot.fields) {
    for (const [row, { e, w }] of model.marks(name)) if (e !== undefined || w) found[`${row} ${name}`] = w ? { e, w } : { e };
  }
  return found;
}
