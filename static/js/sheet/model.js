// The worksheet as this page knows it: columns as read, marks as the server told them, and on top of these what was typed
// here and is not acknowledged yet. Every change is one step; `send(step)` takes it away to the outbox.
import { Column, isMissing, text } from "./column.js";
import { ORDER, Tally, editOf, isPlain, marked, stateOf } from "./marks.js";
import { Steps, again, rowsOf, size } from "./steps.js";
import { parse } from "./types.js";

export class Model {
  send = () => {};
  columns = new Map();
  #listeners = new Set();
  // field → {spec, column, marks, under}: marks by row as shown; under, {mark, token}: what the server has where a step
  // of ours is unsent, and that step.
  #places = new Map([["", { marks: new Map(), under: new Map() }]]);
  #steps = new Steps();
  #settling = []; // acknowledged, but the marks are still to come
  #tally;

  constructor(boot) {
    this.boot = boot;
    this.rows = boot.rows;
    this.version = boot.version;
    this.baseline = boot.baseline;
    for (const spec of boot.fields) {
      const column = new Column();
      this.columns.set(spec.name, column);
      this.#places.set(spec.name, { spec, column, marks: new Map(), under: new Map() });
    }
    this.#reset();
  }

  on(fn) {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  // rows: a Set of those that changed, null for any.
  changed(rows = null) {
    for (const fn of this.#listeners) fn({ rows });
  }

  spec(name) {
    return this.#places.get(name)?.spec;
  }

  base(row, name) {
    return this.#places.get(name)?.column?.get(row);
  }

  #shown(row, name) {
    return this.#places.get(name)?.marks.get(row);
  }

  mark(row, name) {
    const mark = this.#shown(row, name);
    return isPlain(mark) ? { e: mark } : mark;
  }

  // All marks of a field: [row, mark], a plain edit as {e}.
  *marks(name) {
    for (const [row, mark] of this.#places.get(name)?.marks ?? []) yield [row, isPlain(mark) ? { e: mark } : mark];
  }

  edit(row, name) {
    return editOf(this.#shown(row, name));
  }

  // Text or null; undefined while it is not loaded.
  value(row, name) {
    const place = this.#places.get(name);
    const edit = editOf(place?.marks.get(row));
    if (edit !== false) return edit;
    const wire = place?.column?.get(row);
    return wire === undefined ? undefined : text(wire);
  }

  missing(row, name) {
    const wire = this.base(row, name);
    return wire !== undefined && isMissing(wire) && this.edit(row, name) === false;
  }

  state(row, name) {
    return stateOf(this.#shown(row, name));
  }

  rowState(row) {
    if (this.#shown(row, "")?.gone) return "gone";
    let best = ORDER.length;
    for (const { marks } of this.#places.values()) {
      const state = stateOf(marks.get(row));
      if (state) best = Math.min(best, ORDER.indexOf(state));
    }
    return ORDER[best] ?? "";
  }

  note(row, name) {
    const mark = this.#shown(row, name);
    if (isPlain(mark) || mark === undefined) return "";
    return mark.w ?? mark.m?.join(" ") ?? "";
  }

  writable(row, name) {
    const { editable, resource } = this.boot;
    return Boolean(editable && this.spec(name)?.editable && name !== resource.id_field && !this.#shown(row, "")?.gone);
  }

  id(row) {
    return text(this.base(row, this.boot.resource.id_field)) ?? "";
  }

  title(row) {
    const { title_field, singular } = this.boot.resource;
    const title = text(this.base(row, title_field));
    return title?.trim() ? title : `${singular} ${this.id(row)}`;
  }

  counts() {
    return { ...this.#tally.count };
  }

  // What can be undone and redone next, by its label; "" for nothing.
  get canUndo() {
    return this.#steps.mine.done.at(-1)?.label ?? "";
  }

  get canRedo() {
    return this.#steps.mine.undone.at(-1)?.label ?? "";
  }

  // writes: [{row, field, value: text | null | false}]. Null when nothing changes.
  write(label, kind, writes) {
    const step = { token: crypto.randomUUID(), kind, label, cells: {} };
    for (const { row, field, value } of writes) if (this.writable(row, field)) this.#type(step, field, row, value);
    return this.#made(step) ? step : null;
  }

  // {label, cells, first, left}; null when there is nothing. Without `first` only the server knows the cells.
  undo() {
    return this.#turn("undo", this.#steps.mine.done, "after", "before");
  }

  redo() {
    return this.#turn("redo", this.#steps.mine.undone, "before", "after");
  }

  #turn(kind, stack, from, to) {
    const entry = stack.at(-1);
    if (!entry && (this.#steps.complete || !this.boot.editable || kind === "redo")) return null;
    const step = { token: crypto.randomUUID(), kind, label: entry?.label ?? "", cells: {} };
    let left = 0;
    for (const [field, held] of Object.entries(entry?.cells ?? {})) {
      held.rows.forEach((row, at) => {
        if (this.edit(row, field) === held[from][at]) this.#type(step, field, row, held[to][at]);
        else left += 1;
      });
    }
    this.#made(step, true);
    const [field, held] = Object.entries(step.cells)[0] ?? [];
    const cells = entry?.cells ? size(step) : (entry?.size ?? null);
    return { label: step.label, cells, first: field ? { row: held.rows[0], field } : null, left };
  }

  // Shows it at once and notes it in the step, unless it is there already.
  #type(step, field, row, raw) {
    const place = this.#places.get(field);
    const { marks, under } = place;
    const { edit, words } = parse(place.spec, raw, place.column.get(row));
    const old = marks.get(row);
    const before = editOf(old);
    const over = under.get(row);
    if (over?.token === step.token) again(step.cells[field], row, edit, raw);
    else if (before === edit) return;
    else {
      const cells = (step.cells[field] ??= { rows: [], before: [], after: [], raw: [] });
      cells.rows.push(row);
      cells.before.push(before);
      cells.after.push(edit);
      cells.raw.push(raw);
      if (over) over.token = step.token;
      else under.set(row, { mark: old, token: step.token });
    }
    this.#show(place, row, marked(old, edit, words));
  }

  #made(step, even = false) {
    if (!even && !Object.keys(step.cells).length) return false;
    this.#steps.add(step);
    this.send(step);
    this.changed(rowsOf(step));
    return true;
  }

  // What an earlier page could not send any more: shown again until it is acknowledged.
  restore(steps) {
    for (const kept of steps) {
      if (this.#steps.unsent.has(kept.token)) continue;
      const step = { ...kept, cells: {} };
      for (const [field, { rows, raw }] of Object.entries(kept.cells)) if (this.spec(field)) rows.forEach((row, at) => this.#type(step, field, row, raw[at]));
      this.#steps.unsent.set(step.token, step);
    }
    this.#steps.replay();
    this.changed();
  }

  // A feed: steps in order, and `sent`: tokens of ours that this answers, `refused` some of them.
  take(feed) {
    const rows = new Set();
    const done = [...(feed.sent ?? [])];
    for (const step of feed.steps ?? []) {
      if (step.number <= this.version) continue;
      this.#serve(step, rows);
      if (step.reload) this.#steps.forget();
      if (step.who.id !== this.boot.me.id) continue;
      this.#steps.acknowledge(step);
      done.push(step.token);
    }
    for (const { token, words } of feed.refused ?? []) this.#refuse(token, words, rows);
    if (feed.reload) this.#settling.push(...done);
    else {
      this.#settle(done, rows);
      this.version = Math.max(this.version, feed.version ?? 0);
    }
    this.baseline = feed.baseline ?? this.baseline;
    if (rows.size || done.length) this.changed(rows.size > 2000 ? null : rows);
  }

  #serve(step, touched) {
    for (const [field, { rows, after, words }] of Object.entries(step.cells)) {
      const place = this.#places.get(field);
      if (!place) continue;
      rows.forEach((row, at) => {
        const under = place.under.get(row);
        const old = under ? under.mark : place.marks.get(row);
        const mark = editOf(old) === after[at] && old?.w === words?.[at] ? old : marked(old, after[at], words?.[at]);
        if (under) under.mark = mark;
        else this.#show(place, row, mark);
        touched.add(row);
      });
    }
  }

  #settle(tokens, rows) {
    for (const token of tokens) {
      for (const [place, row, under] of this.#covered(token)) {
        place.under.delete(row);
        this.#show(place, row, under.mark);
        rows.add(row);
      }
      this.#steps.unsent.delete(token);
    }
    if (tokens.length) this.#steps.replay();
  }

  // The cells that this unsent step was the last to write.
  *#covered(token) {
    for (const [field, { rows, raw }] of Object.entries(this.#steps.unsent.get(token)?.cells ?? {})) {
      const place = this.#places.get(field);
      for (const [at, row] of rows.entries()) {
        const under = place.under.get(row);
        if (under?.token === token) yield [place, row, under, raw[at]];
      }
    }
  }

  // What was typed stays in sight, with the words, until it is typed anew.
  #refuse(token, words, rows) {
    if (/do$/.test(this.#steps.unsent.get(token)?.kind ?? "undo")) return;
    for (const [place, row, under] of this.#covered(token)) {
      const edit = editOf(place.marks.get(row));
      under.token = "";
      this.#show(place, row, { ...(edit === false ? {} : { e: edit }), w: `Not saved: ${words}` });
      rows.add(row);
    }
  }

  takeHistory({ steps }) {
    this.#steps.remember(steps);
    this.changed(new Set());
  }

  takeMarks({ version, baseline, marks: told }) {
    const mine = [...this.#places.values()].map((place) => [place, [...place.under.keys()].map((row) => [row, place.marks.get(row)])]);
    this.#reset();
    for (const [field, { rows, marks }] of Object.entries(told)) if (this.#places.has(field)) rows.forEach((row, at) => this.#show(this.#places.get(field), row, marks[at]));
    for (const [place, cells] of mine) {
      for (const [row, mark] of cells) {
        place.under.get(row).mark = place.marks.get(row);
        this.#show(place, row, mark);
      }
    }
    for (const token of this.#steps.unsent.keys()) this.#recast(token);
    Object.assign(this, { version, baseline });
    this.#settle(this.#settling.splice(0), new Set());
    this.changed();
  }

  // What was typed may come to something else by what is there now, as it will for the server.
  #recast(token) {
    for (const [place, row, under, raw] of this.#covered(token)) {
      const { edit, words } = parse(place.spec, raw, place.column.get(row));
      this.#show(place, row, marked(under.mark, edit, words));
    }
  }

  #reset() {
    for (const place of this.#places.values()) place.marks = new Map();
    this.#tally = new Tally(this.rows);
  }

  #show({ marks }, row, mark) {
    const old = marks.get(row);
    if (old !== undefined) this.#tally.add(row, old, -1);
    if (mark === undefined) marks.delete(row);
    else {
      marks.set(row, mark);
      this.#tally.add(row, mark, 1);
    }
  }
}
