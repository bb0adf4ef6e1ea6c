// Small helps: how old the page is, the whole of a text that its cell cuts off, the exact value of what is shown in short.
import { headerOf, valueOf } from "./cells.js";
const STEP = 15_000;
let read = Date.now();

document.addEventListener("htmx:afterSettle", () => (read = Date.now()));

setInterval(() => {
  const age = document.querySelector("[data-age]");
  if (!age) return;
  const seconds = Math.round((Date.now() - read) / 1000);
  age.textContent = `read ${seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ago`;
  age.classList.toggle("stale", seconds > 600);
}, STEP);

function exact(cell, { kind, zone }) {
  if (kind === "datetime") return [valueOf(cell, { kind }).value, zone].filter(Boolean).join(" ");
  if (kind === "reference" && cell.querySelector("a")) return `${cell.textContent.trim()} · ${valueOf(cell, { kind }).value}`;
  return cell.scrollWidth > cell.clientWidth ? cell.textContent.trim() : "";
}

function hint(event) {
  const cell = event.target.closest?.("#records tbody :is(td, th)");
  const header = cell && headerOf(cell);
  if (!header || cell.title || cell.matches(".is-null, .is-empty, .is-missing")) return;
  const words = exact(cell, header.dataset);
  if (words) cell.title = words;
}

document.addEventListener("mouseover", hint);
document.addEventListener("focusin", hint);
