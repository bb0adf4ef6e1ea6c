// What one cell shows: its words, and its classes for kind and state.
import { shown } from "./types.js";

export const TICK = 32; // the tick box takes the start of the id column
const USUAL = {
  id: 124, title: 224, text: 168, "long text": 232, integer: 96, decimal: 116, boolean: 84, choice: 136,
  reference: 176, date: 112, datetime: 184, list: 168, json: 184,
};
export const GLYPHS = {
  text: "Aa", "long text": "¶", integer: "#", decimal: "0.0", boolean: "y/n", choice: "≡",
  reference: "→", date: "date", datetime: "time", list: "[ ]", json: "{ }",
};
const THIN = 3; // px: no letter is narrower, so what is cut off here would not be seen; the card has the whole
const LOADING = { text: "", css: " is-loading" };
const MISSING = { text: "not set", kind: "missing" };

// The width of a column nobody set: by its kind, and wide enough for its label.
export const usual = ({ kind, label }, kept) => Math.max(USUAL[kept ?? kind] ?? USUAL.text, Math.min(240, label.length * 7 + 48));

export const isNumber = ({ kind }) => kind === "integer" || kind === "decimal";

export function look(grid, row, spec, width) {
  const { model } = grid;
  const state = model.state(row, spec.name);
  const edited = model.edit(row, spec.name) !== false;
  if (!edited && model.base(row, spec.name) === undefined) return LOADING;
  const { text, kind } = !edited && model.missing(row, spec.name) ? MISSING : words(grid, spec, model.value(row, spec.name));
  const sign = kind === "boolean" && text === "yes" ? " is-yes" : "";
  return { text: text.slice(0, width / THIN), css: ` is-${kind}${sign}${state && ` is-${state}`}`, state };
}

// A value as people read it.
export function words({ names }, spec, text) {
  return shown(spec, text, spec.kind === "reference" && text ? names(spec.name, text) : undefined);
}

// The icons are the server's: one that stands on the page already lends its sprite.
let sprite;

export function icon(name, classes = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS(svg.namespaceURI, "use");
  sprite ??= document.querySelector("svg use[href*='sprite']")?.getAttribute("href").split("#")[0];
  svg.setAttribute("class", `icon ${classes}`);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite ?? ""}#${name}`);
  svg.append(use);
  return svg;
}
