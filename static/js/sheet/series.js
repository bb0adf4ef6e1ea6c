// How values go on: numbers, dates and numbered text by the step between them; others again and again.
import { add, decimal, spell } from "./decimals.js";
import { isoDay, moment } from "./times.js";

const NUMBERED = /^(.*?)(\d+)(\D*)$/s;
const DAY_MS = 86_400_000;

// n values after `source` (with `back` before it), the nearest first. A single value repeats and a series goes on;
// `turned` is the other way about.
export function fill(source, spec, n, { back = false, turned = false } = {}) {
  const from = back ? source.toReversed() : source;
  const next = turned === (source.length === 1) ? goesOn(from, spec, back ? -1n : 1n) : null;
  return Array.from({ length: n }, (_, index) => (next ? next(BigInt(index + 1)) : from[index % from.length]));
}

function goesOn(from, spec, one) {
  if (from.some((text) => !text) || spec.kind === "reference" || spec.kind === "choice" || spec.kind === "boolean") return null;
  if (spec.kind === "date" || spec.kind === "datetime") return dates(from, one);
  return numbers(from.map(decimal), one) ?? numbered(from, one);
}

function numbers(values, one) {
  if (values.includes(null)) return null;
  const step = values.length > 1 ? minus(values[1], values[0]) : { n: one, scale: 0 };
  const even = values.every((value, at) => !at || same(minus(value, values[at - 1]), step));
  return even ? (index) => spell(add(values.at(-1), { n: step.n * index, scale: step.scale })) : null;
}

const minus = (a, b) => add(a, { n: -b.n, scale: b.scale });
const same = (a, b) => minus(a, b).n === 0n;

// “Banner 09”, “Banner 10”, …
function numbered(from, one) {
  const parts = from.map((text) => NUMBERED.exec(text));
  if (parts.includes(null) || parts.some((part) => part[1] !== parts[0][1] || part[3] !== parts[0][3])) return null;
  const next = numbers(parts.map((part) => decimal(part[2])), one);
  const [, before, digits, after] = parts.at(-1);
  return next && ((index) => before + (next(index).startsWith("-") ? digits : next(index).padStart(digits.length, "0")) + after);
}

// Whole months where the day of the month is the same, else even spaces of time.
function dates(from, one) {
  const moments = from.map(moment);
  if (moments.includes(null)) return null;
  const rest = (text) => (index) => put(from.at(-1), moments.at(-1), text(index));
  const months = moments.map(({ day, time }) => [BigInt(day.slice(0, 4)) * 12n + BigInt(day.slice(5, 7)) - 1n, day.slice(8) + time]);
  if (months.length > 1 && months.every(([, other]) => other === months[0][1]) && months[0][0] !== months[1][0]) {
    const next = numbers(months.map(([n]) => ({ n, scale: 0 })), one);
    return next && rest((index) => monthly(BigInt(next(index)), moments.at(-1)));
  }
  const next = numbers(moments.map(at), one * BigInt(DAY_MS));
  return next && rest((index) => new Date(Number(next(index))));
}

const at = ({ day, time }) => ({ n: BigInt(Date.parse(`${day}T${time.slice(0, 8)}Z`)), scale: 0 });

// The 31st is the last day of a month that is shorter.
function monthly(month, { day, time }) {
  const [year, index] = [Number(month / 12n), Number(month % 12n)];
  const last = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, index, Math.min(Number(day.slice(8)), last)) + Number(at({ day: "1970-01-01", time }).n));
}

// Another instant, spelt as this one was.
function put(text, { time }, date) {
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 1) return text;
  const day = isoDay(date);
  return text.length <= 10 ? day : `${day}${text[10]}${date.toISOString().slice(11, 19)}${time.slice(8)}${text.endsWith("Z") ? "Z" : ""}`;
}
