// JSON as the server spells it: numbers stay as written, members keep their order. No float, no loss.
import { canonical, read } from "./decimals.js";

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[[\]{}]/g;

class Num {
  constructor(text) {
    this.text = spelt(text);
  }
}

// As Python's Decimal writes itself; whole numbers as they are.
function spelt(text) {
  if (!/[.eE]/.test(text)) return text === "-0" ? "0" : text;
  const { minus, digits, scale } = read(text) ?? {};
  if (digits === undefined) return text;
  const left = digits.length - scale;
  const point = scale >= 0 && left > -6 ? left : 1;
  const shown = point > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : `0.${"0".repeat(-point)}${digits}`;
  const power = left - point;
  return (minus ? "-" : "") + shown.replace(/\.$/, "") + (power ? `E${power < 0 ? "-" : "+"}${Math.abs(power)}` : "");
}

// Arrays, Maps, text, true, false, null and Num. Throws SyntaxError.
export function parse(text) {
  JSON.parse(text);
  const tokens = text.match(TOKEN);
  let at = 0;
  const value = () => {
    const token = tokens[at++];
    if (token === "[") return items([], (list) => list.push(value()));
    if (token === "{") return items(new Map(), (members) => members.set(value(), value()));
    return /^[-\d]/.test(token) ? new Num(token) : JSON.parse(token);
  };
  const items = (into, take) => {
    while (!/[\]}]/.test(tokens[at]) || tokens[at][0] === '"') take(into);
    at += 1;
    return into;
  };
  return value();
}

export function format(value) {
  if (value instanceof Num) return value.text;
  if (Array.isArray(value)) return `[${value.map(format).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([name, part]) => `${JSON.stringify(name)}: ${format(part)}`).join(", ")}}`;
  return JSON.stringify(value);
}

// Equal text for equal meaning: numbers by value, objects without order of members.
export function frozen(value, unordered = false) {
  if (value instanceof Num) return canonical(read(value.text) ?? { digits: value.text, scale: 0 });
  if (Array.isArray(value)) {
    const parts = value.map((part) => frozen(part));
    return `[${(unordered ? parts.sort() : parts).join()}]`;
  }
  if (value instanceof Map) return `{${[...value].map(([name, part]) => `${JSON.stringify(name)}:${frozen(part)}`).sort().join()}}`;
  return JSON.stringify(value);
}

export function deeper(value, levels) {
  let level = [value];
  while (level.length && levels--) level = level.flatMap((part) => (Array.isArray(part) ? part : part instanceof Map ? [...part.values()] : []));
  return level.length > 0;
}

// For the eye: entries one after another, an object by its members.
export function summary(value) {
  const nested = (part) => Array.isArray(part) || part instanceof Map;
  const word = (part) => (part instanceof Num ? part.text : String(part));
  if (Array.isArray(value)) {
    if (value.some(nested)) return value.length === 1 ? "1 entry" : `${value.length} entries`;
    const python = { null: "None", true: "True", false: "False" };
    return value.map((part) => (typeof part === "string" ? part : (python[part] ?? word(part)))).join(", ") || "no entries";
  }
  if (!(value instanceof Map)) return format(value);
  const told = [...value].filter(([, part]) => part !== null).map(([name, part]) => `${name}: ${nested(part) ? "…" : word(part)}`);
  return told.join(", ") || "no members set";
}
