// Sorting within the page by a click on a header: ascending, descending, the API's order. Stays while pages are turned.
import { valueOf } from "./cells.js";
import { drawn, list } from "./page.js";
import { next, order } from "./sort-order.js";

const NUMERIC = ["integer", "decimal"];
let sorted = null;
let asRead = [];
let table = null;

function take() {
  const found = document.querySelector("#records");
  if (found === table) return;
  table = found;
  asRead = [...document.querySelectorAll("#records tbody tr")];
  draw();
}

// References by name, as they are read; the rest by the exact value.
function cell(row, header) {
  const found = row.cells[header.cellIndex];
  const { value, state } = valueOf(found, header.dataset);
  const blank = state && state !== "cut";
  return { text: header.dataset.kind === "reference" ? found.textContent.trim() : value ?? found.textContent.trim(), blank: blank ? 1 : 0 };
}

function draw() {
  const body = document.querySelector("#records tbody");
  if (!body) return;
  const headers = [...document.querySelectorAll("#records thead th")];
  const by = headers.find((header) => sorted && header.dataset.name === sorted.name);
  for (const header of headers) header.removeAttribute("aria-sort");
  by?.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
  body.replaceChildren(...(by ? arranged(by) : asRead));
  say(by);
}

function arranged(header) {
  const numeric = NUMERIC.includes(header.dataset.kind) || header.classList.contains("col-id");
  const cells = asRead.map((row) => cell(row, header));
  return order(cells, { numeric, descending: sorted.descending }).map((index) => asRead[index]);
}

function say(header) {
  const note = document.querySelector("[data-sorted]");
  if (!note) return;
  note.hidden = !header;
  if (header) note.querySelector("span").textContent = `Sorted by ${label(header)} within this page only`;
}

function label(header) {
  return header.querySelector("button").textContent.trim();
}

document.addEventListener("click", (event) => {
  if (!list()) return;
  const header = event.target.closest("[data-sort]")?.closest("th");
  if (header) sorted = next(sorted, header.dataset.name);
  else if (event.target.closest("[data-sort-none]")) sorted = null;
  else return;
  draw();
});

drawn(take);
