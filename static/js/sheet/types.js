// Values by type: what was typed → an edit, a value → what is shown. As records/casting.py and web/values.py, which
// have the last word.
import { isMissing, text as textOf } from "./column.js";
import { canonical, compare, decimal, read, write } from "./decimals.js";
import * as json from "./json.js";
import { day, moment, spokenDay } from "./times.js";

const LONGEST = 300;
const LEVELS = 50;
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "g");
const ALL_BLANK = new RegExp(`^[${BLANK}]+$`);
const UNKEPT = /[\p{Cs}\0]/u;
const WHOLE = /^([+-]?)0*(\d+)$/;
const SIMPLE = /^-?\d{1,20}(\.\d{1,20})?$/; // a number by its looks: nothing else to be read
const NUMBERS = new Set(["integer", "decimal", "reference"]);
const TRUTH = { 1: "true", 0: "false", true: "true", false: "false" };

export const isNumeric = (spec) => NUMBERS.has(spec.kind);
const strip = (text) => (/^[!-~](.*[!-~])?$/.test(text) ? text : text.replace(ENDS, ""));
const truth = (value) => TRUTH[strip(String(value)).toLowerCase()];
const bad = (words) => ({ words });
const short = (text) => ([...text.slice(0, 90)].length > 40 ? `${[...text.slice(0, 90)].slice(0, 39).join("")}…` : text);
const counted = (n) => n.toLocaleString("en-US");

// {edit: text | null | false, words?}. False: it comes to what is there already.
export function parse(spec, raw, base) {
  const before = base === undefined ? {} : base;
  if (raw === false || untouched(raw, before)) return { edit: false };
  if (!spec.editable) return { edit: raw, words: `${spec.label} is read-only.` };
  const after = raw === null ? nothing(spec) : CASTS[spec.kind](spec, raw, before);
  if (typeof after === "object" && after !== null) return { edit: raw, words: after.words };
  if ((after === null || after === "") && isMissing(before)) return { edit: false };
  return after === before || (after !== null && same(spec, after, before)) ? { edit: false } : { edit: after };
}

function untouched(raw, before) {
  if (before === null || raw === null || isMissing(before)) return before === null && raw === null;
  const text = textOf(before);
  return raw === text || (raw.includes("\ufffd") && raw === text.toWellFormed());
}

function nothing(spec) {
  return spec.nullable ? null : bad(`${spec.label} may not be null.`);
}

// Whether an edit that is not null means the value that is there.
function same(spec, edit, base) {
  if (base === null || isMissing(base)) return false;
  return SAME[spec.kind] ? SAME[spec.kind](spec, edit, base) : edit === base;
}

function sameNumber(spec, edit, base) {
  const text = strip(textOf(base));
  if (typeof base === "boolean" || Number(text) !== Number(edit)) return false; // equal numbers are equal as floats
  const number = read(text);
  return number !== null && canonical(number) === canonical(read(edit));
}

function sameNested(spec, edit, base) {
  if (base.j === undefined || !/^[[{]/.test(base.j)) return false;
  const [left, right] = [json.parse(edit), json.parse(base.j)];
  return json.frozen(left, spec.unordered) === json.frozen(right, spec.unordered);
}

function sameMoment(spec, edit, base) {
  const value = typeof base === "string" ? moment(strip(base)) : null;
  if (!value) return false;
  return spec.kind === "date" ? value.day === edit : written(spec, value) === edit && (value.aware ? spec.zone === "UTC" : true);
}

const SAME = {
  integer: sameNumber,
  decimal: sameNumber,
  reference: sameNumber,
  boolean: (spec, edit, base) => truth(textOf(base)) === edit,
  choice: (spec, edit, base) => typeof base !== "boolean" && edit === (base.j ?? String(base)),
  date: sameMoment,
  datetime: sameMoment,
  list: sameNested,
  json: sameNested,
};

function castText(spec, raw, before) {
  const own = typeof before === "string" && before.includes("\r\n") && !raw.includes("\r");
  const text = own ? raw.replaceAll("\n", "\r\n") : raw; // browsers turn every line end into \n
  if (UNKEPT.test(text)) return bad(`${spec.label} holds something that is no character; type it anew.`);
  if (text === "" && !spec.blank) return bad(`${spec.label} may not be empty.`);
  const most = spec.max_length;
  if (most && text.length > most && [...text].length > most)
    return bad(`${counted([...text].length)} characters; ${spec.label} takes at most ${counted(most)}.`);
  return text;
}

// An emptied input of a kind that has no empty value means null.
const filled = (cast) => (spec, raw) => {
  const text = strip(raw);
  return text ? cast(spec, text) : nothing(spec);
};

function whole(text) {
  const found = WHOLE.exec(text);
  if (!found || found[2].length > 401) return null;
  return found[1] === "-" && found[2] !== "0" ? `-${found[2]}` : found[2];
}

function castInteger(spec, text) {
  const number = whole(text);
  return number === null ? bad(`“${short(text)}” is not a whole number.`) : ranged(spec, number);
}

function castReference(spec, text) {
  return whole(text) ?? bad(`“${short(text)}” is not an id.`);
}

function castDecimal(spec, text) {
  const number = read(text);
  if (!number) return bad(`“${short(text)}” is not a number.`);
  const { digits, scale } = number;
  if (spec.places !== null && scale > spec.places) return bad(`${spec.label} takes at most ${spec.places} decimal places.`);
  if (spec.digits !== null && Math.max(digits.length - scale, 0) + Math.max(scale, 0) > spec.digits)
    return bad(`${spec.label} takes at most ${spec.digits} digits in all.`);
  return ranged(spec, write(number));
}

function ranged(spec, text) {
  if (spec.min !== null && compare(decimal(text), decimal(String(spec.min))) < 0) return bad(`${spec.label} must be at least ${spec.min}.`);
  if (spec.max !== null && compare(decimal(text), decimal(String(spec.max))) > 0) return bad(`${spec.label} must be at most ${spec.max}.`);
  return text;
}

function castBoolean(spec, text) {
  return truth(text) ?? bad(`“${short(text)}” is neither true nor false.`);
}

export function choice(spec, value) {
  return spec.choices.find((one) => one[0] === value);
}

function castChoice(spec, raw, before) {
  const found = choice(spec, raw) ?? byLabel(spec, raw);
  if (!found) return raw === "" ? nothing(spec) : bad(`“${short(raw)}” is not one of the choices of ${spec.label}.`);
  const [value, label, active] = found;
  if (active || same(spec, value, before)) return value;
  return bad(`“${label}” is inactive and cannot be chosen any more.`);
}

function byLabel(spec, text) {
  if (text === "") return undefined;
  const named = spec.choices.filter((one) => one[1] === text && one[2]);
  return named.length === 1 ? named[0] : undefined;
}

function castDate(spec, text) {
  return day(text) ?? bad(`“${short(text)}” is not a date; write YYYY-MM-DD.`);
}

function castDatetime(spec, text) {
  const value = moment(text);
  if (!value) return bad(`“${short(text)}” is not a date and time; write YYYY-MM-DD HH:MM:SS.`);
  if (value.aware && spec.zone !== "UTC") return bad(`${spec.label} is in ${spec.zone || "local time"}; leave the time zone out.`);
  return written(spec, value);
}

function written(spec, { day, time }) {
  return spec.zone === "UTC" ? `${day}T${time}Z` : `${day} ${time}`;
}

function castNested(spec, raw) {
  if (!strip(raw)) return nothing(spec);
  let value;
  try {
    value = json.parse(raw);
  } catch (error) {
    return bad(`This is not JSON: ${error.message}.`);
  }
  if (value === null) return nothing(spec);
  const fits = Array.isArray(value) || (value instanceof Map && spec.kind === "json");
  if (!fits) return bad(`${spec.label} takes a JSON ${spec.kind === "list" ? "list" : "object or list"}.`);
  if (json.deeper(value, LEVELS)) return bad(`${spec.label} is nested more than ${LEVELS} levels deep.`);
  return json.format(value);
}

const CASTS = {
  text: castText,
  "long text": castText,
  integer: filled(castInteger),
  decimal: filled(castDecimal),
  boolean: filled(castBoolean),
  choice: castChoice,
  reference: filled(castReference),
  date: filled(castDate),
  datetime: filled(castDatetime),
  list: castNested,
  json: castNested,
};

// {text, kind}: how a value looks. `name` is the title of the record it refers to. Undefined: not loaded yet.
export function shown(spec, text, name) {
  if (text === undefined) return { text: "", kind: "loading" };
  if (text === null) return { text: "null", kind: "null" };
  if (text === "") return { text: "empty", kind: "empty" };
  const made = (SHOWN[spec.kind] ?? showText)(spec, text, name) ?? showText(spec, text);
  if (made.text.length > LONGEST) made.text = `${made.text.slice(0, LONGEST - 1)}…`;
  return made;
}

function showText(spec, text) {
  const readable = text.toWellFormed();
  return { text: ALL_BLANK.test(readable) ? "\u2423".repeat([...readable].length) : readable, kind: "text" };
}

function showChoice(spec, text) {
  const found = choice(spec, text);
  if (!found) return { text, kind: "picklist" };
  return found[2] ? { text: found[1], kind: "picklist" } : { text: `${found[1]} (inactive)`, kind: "inactive" };
}

function grouped(text) {
  const [, sign, digits, rest] = /^(-?)0*(\d*)(.*)$/s.exec(text);
  return sign + (digits || "0").replace(/\B(?=(\d{3})+$)/g, "\u202f") + rest;
}

function showMoment(spec, text) {
  const value = moment(strip(text));
  if (!value) return null;
  if (spec.kind === "date") return { text: spokenDay(value.day), kind: "datetime" };
  const time = value.time.endsWith(":00") ? value.time.slice(0, 5) : value.time.slice(0, 8);
  return { text: `${spokenDay(value.day)}, ${time}${spec.zone === "UTC" ? " UTC" : ""}`, kind: "datetime" };
}

function showNested(spec, text) {
  try {
    return { text: json.summary(json.parse(text)).toWellFormed(), kind: "json" };
  } catch {
    return null;
  }
}

const SHOWN = {
  choice: showChoice,
  reference: (spec, text, name) => (spec.reference ? { text: name?.trim() ? name : text, kind: "reference" } : null),
  integer: (spec, text) => ({ text, kind: "number" }),
  decimal: (spec, text) => ({ text: read(strip(text)) && /^-?\d/.test(text) ? grouped(text) : text, kind: "number" }),
  boolean: (spec, text) => (truth(text) ? { text: truth(text) === "true" ? "yes" : "no", kind: "boolean" } : null),
  date: showMoment,
  datetime: showMoment,
  list: showNested,
  json: showNested,
};

// What a text sorts by: a number (equal ones need `compare`), or lower-cased text; null for what has no such value.
export function sortKey(spec, text) {
  if (text === null || text === "") return null;
  if (isNumeric(spec)) return SIMPLE.test(text) || read(text) ? Number(text) : null;
  if (spec.kind === "boolean") return truth(text) ? Number(truth(text) === "true") : null;
  if (spec.kind === "choice") return (choice(spec, text)?.[1] ?? text).toLowerCase();
  if (spec.kind !== "date" && spec.kind !== "datetime") return text.toLowerCase();
  const value = moment(strip(text));
  return value && (spec.kind === "date" ? value.day : `${value.day}T${value.time}`);
}
