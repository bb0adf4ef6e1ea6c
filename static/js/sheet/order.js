// Which rows are shown, in which order: filters and sort keys over all rows, asked once per distinct value of a column.
import { isMissing, text as textOf } from "./column.js";
import { compare, decimal } from "./decimals.js";
import { everyRow } from "./geometry.js";
import { isNumeric, shown, sortKey } from "./types.js";

const LOOKS = {
  changed: (mark) => "e" in mark,
  invalid: (mark) => mark.w,
  failed: (mark) => "e" in mark && mark.o && mark.o !== "done" && mark.o !== "unchanged",
  refused: (mark) => "e" in mark && !mark.w && !mark.c && (mark.o === "rejected" || mark.o === "conflict"),
  conflict: (mark) => mark.c,
  moved: (mark) => "t" in mark && !mark.c && !("e" in mark),
  gone: (mark) => mark.gone,
};

// sort: [{field, down}], filters: {field: FILTER}, only: one of LOOKS, "selected" or "", within: a Set of rows or null.
export function arrange(model, { sort = [], filters = {}, only = "", within = null, selected = new Set() }) {
  let rows = looked(model, only, selected);
  if (within) rows = rows.filter((row) => within.has(row));
  for (const [field, filter] of Object.entries(filters)) {
    const spec = model.spec(field);
    if (spec) rows = rows.filter(test(model, spec, filter));
  }
  for (const { field, down } of sort.toReversed()) {
    const spec = model.spec(field);
    if (spec) rows = ranked(model, spec, rows, down);
  }
  return rows;
}

export function looked(model, only, selected) {
  if (!only) return everyRow(model.rows);
  if (only === "selected") return Uint32Array.from(selected).sort();
  const rows = new Set();
  for (const name of ["", ...model.columns.keys()]) {
    for (const [row, mark] of model.marks(name)) if (LOOKS[only](mark)) rows.add(row);
  }
  return Uint32Array.from(rows).sort();
}

// (row) → fn(text, missing): of the edit where there is one, else remembered per distinct value.
export function ask(model, spec, fn, otherwise, base = asked(model, spec, fn, otherwise)) {
  const edits = new Map();
  for (const [row, mark] of model.marks(spec.name)) if ("e" in mark) edits.set(row, fn(mark.e, false));
  return edits.size ? (row) => edits.get(row) ?? base(row) : base;
}

export function asked(model, spec, fn, otherwise) {
  return model.columns.get(spec.name).map((wire) => fn(textOf(wire), isMissing(wire)), otherwise);
}

function test(model, spec, filter) {
  return ask(model, spec, predicate(spec, filter), false);
}

function predicate(spec, filter) {
  if (filter.is) return STATES[filter.is];
  if (filter.in) {
    const wanted = new Set(filter.in);
    return (text, missing) => !missing && wanted.has(text);
  }
  if (filter.text !== undefined) return worded(spec, filter);
  return ranged(spec, filter);
}

const STATES = {
  null: (text, missing) => text === null && !missing,
  empty: (text) => text === "",
  filled: (text) => text !== null && text !== "",
  unset: (text, missing) => missing,
};

const WAYS = {
  contains: (text, part) => text.includes(part),
  begins: (text, part) => text.startsWith(part),
  ends: (text, part) => text.endsWith(part),
  is: (text, part) => text === part,
  not: (text, part) => text === part,
};

// By the exact text or by what is shown.
export function worded(spec, { text: wanted, how }) {
  const part = wanted.toLowerCase();
  const fits = WAYS[how];
  const plain = spec.kind === "text" || spec.kind === "long text" || spec.kind === "integer";
  return (text) => {
    const found = text !== null && (fits(text.toLowerCase(), part) || (!plain && text !== "" && fits(shown(spec, text).text.toLowerCase(), part)));
    return how === "not" ? !found : found;
  };
}

function ranged(spec, { from, to }) {
  const low = bound(spec, from, false);
  const high = bound(spec, to, true);
  return (text) => {
    const key = sortKey(spec, text);
    return key !== null && (!low || order(spec, key, text, low) >= 0) && (!high || order(spec, key, text, high) <= 0);
  };
}

// A day as the upper end means all of it; what cannot be read as an end lets nothing through.
function bound(spec, text, upper) {
  if (!text) return null;
  const key = sortKey(spec, text.trim());
  const whole = upper && spec.kind === "datetime" && !/[T ]\d/.test(text.trim());
  return { text: text.trim(), key: whole && key ? `${key.slice(0, 10)}~` : (key ?? NaN) };
}

function order(spec, key, text, end) {
  if (key < end.key) return -1;
  if (key > end.key) return 1;
  if (key !== end.key) return NaN;
  return isNumeric(spec) ? compare(decimal(text), decimal(end.text)) : 0;
}

// Rows by this field, those that are equal in the order they had. Ranks make it one pass over the rows.
function ranked(model, spec, rows, down) {
  const places = new Map();
  const place = (text, missing) => {
    const value = missing ? undefined : text;
    let at = places.get(value);
    if (at === undefined) places.set(value, (at = places.size));
    return at;
  };
  const placeOf = ask(model, spec, place, place(null, true));
  const codes = rows.map(placeOf);
  const { ranks, count } = rank(spec, [...places.keys()]);
  const starts = new Uint32Array(count + 1);
  const at = (code) => (down ? count - 1 - ranks[code] : ranks[code]);
  for (const code of codes) starts[at(code) + 1] += 1;
  for (let n = 1; n <= count; n += 1) starts[n] += starts[n - 1];
  const sorted = new Uint32Array(rows.length);
  for (let n = 0; n < rows.length; n += 1) sorted[starts[at(codes[n])]++] = rows[n];
  return sorted;
}

// The rank of each of these distinct values; numbers before what is none, then empty, null, and not set. A float tells most
// numbers apart; where it does not, they are compared exactly.
function rank(spec, values) {
  const [groups, rest] = [new Map(), []]; // sort key → the values that have it
  values.forEach((text, n) => {
    const key = text ? sortKey(spec, text) : null;
    if (key === null) rest.push(n);
    else if (groups.has(key)) groups.get(key).push(n);
    else groups.set(key, [n]);
  });
  const exact = isNumeric(spec) ? (a, b) => compare(decimal(values[a]), decimal(values[b])) : () => 0;
  const ranks = new Uint32Array(values.length);
  let count = 0;
  for (const key of ascending([...groups.keys()])) {
    const same = groups.get(key);
    if (same.length > 1) same.sort(exact);
    same.forEach((n, at) => {
      if (at && exact(same[at - 1], n)) count += 1;
      ranks[n] = count;
    });
    count += 1;
  }
  rest.sort((a, b) => odd(values[a]) - odd(values[b]) || (values[a] < values[b] ? -1 : 1));
  for (const n of rest) ranks[n] = count++;
  return { ranks, count };
}

// Without a function of ours to compare two, several times as fast.
const ascending = (keys) => (typeof keys[0] === "number" ? Float64Array.from(keys).sort() : keys.sort());

const odd = (value) => (value === undefined ? 3 : value === null ? 2 : value === "" ? 1 : 0);
