// The column picker: ticked fields first and in order; moved by dragging, by buttons, or with Alt and the arrows.
import { catalogue, list } from "./page.js";

const one = (selector) => document.querySelector(selector);
const lines = () => [...document.querySelectorAll("[data-column-list] li")];
let dragged = null;

function line(field, on) {
  const made = one("#column-line").content.firstElementChild.cloneNode(true);
  made.dataset.name = field.name;
  made.querySelector("input").checked = on;
  const label = made.querySelector(".truncate");
  label.textContent = field.label;
  label.title = field.name;
  made.querySelector(".type").textContent = field.kind;
  for (const button of made.querySelectorAll("[data-move]")) {
    button.setAttribute("aria-label", `Move ${field.label} ${button.dataset.move === "1" ? "down" : "up"}`);
  }
  return made;
}

async function fill() {
  const { fields } = await catalogue();
  const chosen = list().columns.split(",").filter(Boolean);
  const free = fields.filter((field) => !field.fixed);
  const first = chosen.map((name) => free.find((field) => field.name === name)).filter(Boolean);
  const rest = free.filter((field) => !chosen.includes(field.name)).sort((a, b) => a.label.localeCompare(b.label));
  one("[data-column-list]").replaceChildren(...first.map((field) => line(field, true)), ...rest.map((field) => line(field, false)));
  note();
}

function ticked() {
  return lines().filter((each) => each.querySelector("input").checked);
}

function note() {
  const number = ticked().length;
  const submit = one("[data-columns-submit]");
  submit.textContent = number === 1 ? "Show this column" : `Show these ${number} columns`;
  submit.disabled = number === 0;
  for (const each of lines()) each.classList.toggle("is-chosen", each.querySelector("input").checked);
}

function move(item, step) {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(item);
  else other.after(item);
  item.scrollIntoView({ block: "nearest" });
  one("[data-column-status]").textContent = `${item.querySelector(".truncate").textContent}, place ${lines().indexOf(item) + 1}`;
}

document.addEventListener("toggle", (event) => {
  if (event.target.id !== "columns" || event.newState !== "open") return;
  fill().catch((problem) => (one("[data-column-list]").textContent = problem.message));
}, true);

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-column-search]")) return;
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const each of lines()) {
    const text = `${each.querySelector(".truncate").textContent} ${each.dataset.name}`.toLowerCase();
    each.hidden = !words.every((word) => text.includes(word));
  }
});

document.addEventListener("change", (event) => event.target.closest("[data-column-list]") && note());

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  move(button.closest("li"), Number(button.dataset.move));
  button.focus();
});

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[data-column-list] li");
  if (event.key === "Enter" && event.target.matches?.("[data-column-search]")) return event.preventDefault();
  if (!item || !(event.key in STEPS)) return;
  event.preventDefault();
  if (event.altKey) move(item, STEPS[event.key]);
  const all = lines().filter((each) => !each.hidden);
  const target = event.altKey ? item : all[all.indexOf(item) + STEPS[event.key]];
  target?.querySelector("input").focus();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-columns-form]")) return;
  const reset = event.submitter?.matches("[data-columns-reset]");
  event.target.elements.columns.value = reset ? "" : ticked().map((each) => each.dataset.name).join(",");
});

document.addEventListener("dragstart", (event) => (dragged = event.target.closest?.("[data-column-list] li") ?? null));
document.addEventListener("dragend", () => (dragged = null));
document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("[data-column-list] li");
  if (!over || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});
document.addEventListener("drop", (event) => dragged && event.preventDefault());
