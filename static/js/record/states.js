// What stands in a field, as {text, null}, and when two of them are the same. No DOM here.
import { parse, print } from "./exactjson.js";

const ID = /(?:^|·)\s*(-?\d+)\s*$/;

// A reference is shown as "name · id"; what is sent is the id, or what was typed when there is none.
export function idOf(text) {
  return ID.exec(text)?.[1] ?? text.trim();
}

export function same(widget, left, right) {
  if (left.null !== right.null) return false;
  if (left.null || left.text === right.text) return true;
  return widget === "nested" && compact(left.text) === compact(right.text);
}

function compact(text) {
  try {
    return print(parse(text), "");
  } catch {
    return text;
  }
}

// What typing leaves behind: an emptied box is null again where null stood before, or where nothing else can be meant.
export function typed(widget, text, base) {
  return { text, null: text === "" && (base.null || (widget !== "line" && widget !== "lines" && !base.missing)) };
}

export function posted(widget, state) {
  if (state.null) return null;
  return widget === "reference" ? idOf(state.text) : state.text;
}

// A picked date replaces the date in what is there and leaves the time, its fractions and its zone alone.
export function withDate(text, date, { time }) {
  const dated = /^\s*\d{4}-\d{2}-\d{2}/;
  if (dated.test(text)) return text.replace(dated, date);
  return time ? `${date}${time}` : date;
}

const NEAR = 0.8;

export function counter(length, max) {
  if (length < max * NEAR) return "";
  const told = `${length.toLocaleString("en-US")} of ${max.toLocaleString("en-US")} characters`;
  return length > max ? `${told}: ${(length - max).toLocaleString("en-US")} too many` : told;
}

export function jsonTrouble(text) {
  if (!text.trim()) return "";
  try {
    parse(text);
    return "";
  } catch (error) {
    return `${error.message}.`;
  }
}
