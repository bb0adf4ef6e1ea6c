// Ticking rows: one, a range with shift, the page, or all that match. Kept for the tab, so that it survives paging and filters.
import { ROWS, TICKS } from "./cells.js";
import "./dress.js";
import { counted, drawn, list, spaced } from "./page.js";
import { NONE, describe, everything, range, read, tick, under } from "./selection-state.js";
import { isBusy } from "./turning.js";

let anchor = null;

const boxes = () => [...document.querySelectorAll(TICKS)];
const one = (selector) => document.querySelector(selector);
const key = () => `selection:${list().key}`;
const held = () => under(read(sessionStorage.getItem(key())), list().where);

function keep(state) {
  sessionStorage.setItem(key(), JSON.stringify(state));
  draw();
}

function draw() {
  if (!list() || !one("#selection")) return;
  const state = held();
  const told = describe(state, boxes().map((box) => box.value));
  const chosen = new Set(state.ids);
  for (const box of boxes()) {
    box.checked = Boolean(state.all) || chosen.has(box.value);
    box.closest("tr").classList.toggle("is-selected", box.checked);
  }
  const page = one("[data-select-page]");
  page.checked = told.ticked > 0 && told.ticked === boxes().length;
  page.indeterminate = told.ticked > 0 && !page.checked;
  bar(state, told);
  status(state, told);
}

function bar(state, told) {
  one("#selection").hidden = told.count === 0;
  one("[data-selection-words]").textContent = state.all ? `All ${counted(told.count)} that match are selected` : `${counted(told.count)} selected${elsewhere(told)}`;
  const all = one("[data-select-all]");
  const total = Number(list().count);
  all.hidden = Boolean(state.all) || !list().bulk || !list().paged || told.ticked < boxes().length || total <= boxes().length;
  all.textContent = `Select all ${spaced(total)} that match`;
  one("[data-selection-note]").textContent = list().bulk && told.count ? "Opens a sheet of these rows; nothing is sent yet." : "";
}

function elsewhere(told) {
  return told.elsewhere ? `, ${spaced(told.elsewhere)} not on this page` : "";
}

function status(state, told) {
  const words = one("[data-selected-words]");
  words.hidden = told.count === 0;
  words.textContent = `${spaced(told.count)} selected${elsewhere(told)}`;
  const cap = list().cap === "" ? Infinity : Number(list().cap);
  const open = one("[data-open-one]");
  open.hidden = state.all !== null || state.ids.length !== 1;
  if (!open.hidden) openOne(open, state.ids[0]);
  one("[data-consequence]").textContent = consequence(told.count, cap);
  edit(state, told, told.count > 0 && told.count <= cap);
}

function consequence(count, cap) {
  if (!count) return "Tick records to edit them";
  if (!list().bulk && count > 1) return "You may edit one record at a time: leave one ticked";
  return list().bulk && count > cap ? `You may edit at most ${spaced(cap)} records at once` : "";
}

function openOne(link, id) {
  link.href = `${list().path}records/${encodeURIComponent(id)}/`;
  link.textContent = `Open ${id}`;
  link.classList.toggle("primary", !list().bulk);
}

function edit(state, told, possible) {
  const form = one("[data-edit-form]");
  if (!form) return;
  form.hidden = !possible;
  form.elements.columns.value = list().columns;
  form.elements.ids.value = state.all ? "" : state.ids.join("\n");
  form.elements.where.value = state.all ? state.all.where : "";
  form.elements.all.value = state.all ? "1" : "";
  form.querySelector("button").textContent = state.all ? `Edit all ${spaced(told.count)} matching` : `Edit ${counted(told.count)}`;
}

function toggle(box, on, wide) {
  const order = boxes().map((each) => each.value);
  // Unticking one of "all that match" leaves the rest of this page: an API cannot be asked for all but some.
  const state = held().all && !on ? tick(held(), order, true) : held();
  keep(tick(state, wide ? range(order, anchor, box.value) : [box.value], on));
  anchor = box.value;
}

document.addEventListener("click", (event) => {
  if (!list()) return;
  if (event.target.matches(TICKS)) return toggle(event.target, event.target.checked, event.shiftKey);
  if (event.target.closest("[data-select-none]")) return keep(NONE);
  if (event.target.closest("[data-select-all]")) return keep(everything(held(), list().where, Number(list().count)));
  if (event.target.matches("[data-select-page]")) keep(tick(held(), boxes().map((box) => box.value), event.target.checked));
  else if (event.target.matches(`${ROWS} > td:first-child`)) event.target.querySelector("input")?.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey || !list() || isBusy(event.target)) return;
  const box = event.target.closest?.(ROWS)?.querySelector("td:first-child > input");
  if (!box) return;
  event.preventDefault();
  toggle(box, !box.checked, event.shiftKey);
});

window.addEventListener("pageshow", draw);
drawn(draw);
