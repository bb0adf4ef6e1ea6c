// The text of a formula, without a page: places in it, what is underlined, what a completion makes of it.
// The server counts characters; JavaScript counts halves of some of them.

export const characters = (text, index) => [...text.slice(0, index)].length;

export const index = (text, characters) => [...text].slice(0, characters).join("").length;

// What stands before a problem, at it and after it; where something is missing at the end, a space stands for it.
export function parted(text, { at, length }) {
  const all = [...text];
  const start = Math.min(at, all.length);
  const end = Math.min(all.length, start + Math.max(length, 1));
  return [all.slice(0, start).join(""), all.slice(start, end).join("") || " ", all.slice(end).join("")];
}

// Whether the caret is at a problem that may be gone with the next letter.
export function touches({ at, length }, caret) {
  return at <= caret && caret <= at + Math.max(length, 1);
}

// Whether a name or field is being written before the caret: only then a list comes by itself.
export const writing = (text, caret) => /(^|[^\p{L}\p{N}_])[\p{L}_][\p{L}\p{N}_]*$|\{[^{}]*$/u.test(text.slice(0, caret));

// Those that would change something.
export function offered(completions, text) {
  const all = [...text];
  const news = ({ insert, from, to }) => all.slice(from, to).join("") !== insert;
  return completions.some((each) => !news(each)) && completions.length === 1 ? [] : completions.filter(news);
}

export function taken(text, { insert, from, to }) {
  const all = [...text];
  const before = all.slice(0, from).join("") + insert;
  return { text: before + all.slice(to).join(""), caret: before.length };
}

const PAGE = 8;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

// The option that is marked after a key; null when it is no key of the list. Arrows go round, pages do not.
export function marked(key, at, length) {
  const step = STEPS[key];
  if (!step || !length) return null;
  if (Math.abs(step) === 1) return (at + step + length) % length;
  return Math.max(0, Math.min(length - 1, at + step));
}

// The signature in three: before, at and after the parameter the caret is in.
export function called({ name, parameters, active }) {
  const before = parameters.slice(0, active).map((each) => `${each}, `).join("");
  const after = parameters.slice(active + 1).map((each) => `, ${each}`).join("");
  return [`${name}(${before}`, parameters[active] ?? "", `${after})`];
}
