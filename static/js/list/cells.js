// What a row is made of, read back from the page: which column a cell is in, and the exact value behind what it shows.
import { exactMoment } from "./moments.js";

export const ROWS = "#records tbody tr";
export const TICKS = "#records tbody td:first-child > input";

export function headerOf(cell) {
  return document.querySelectorAll("#records thead th")[cell.cellIndex] ?? null;
}

export function isTitle(cell) {
  return cell.localName === "th";
}

// {value} as text, or {state}: "null", "empty", "missing", or "cut" where only a part of it is here.
export function valueOf(cell, { kind }) {
  const marked = cell.matches(".is-null, .is-empty, .is-missing") ? cell : cell.querySelector(".is-null, .is-empty, .is-missing");
  if (marked) return { state: /is-(\w+)/.exec(marked.className)[1] };
  const link = cell.querySelector("a[href]");
  if (kind === "reference" && link) return { value: decodeURIComponent(link.pathname.split("/").at(-2)) };
  if (kind === "boolean") return { value: String(cell.matches(".is-true")) };
  const text = cell.dataset.exact ?? cell.textContent.trim();
  if (text.endsWith("…")) return { state: "cut" };
  if (kind === "date" || kind === "datetime") return { value: exactMoment(text) };
  return { value: kind === "integer" || kind === "decimal" ? text.replace(/\u202f/g, "") : text };
}
