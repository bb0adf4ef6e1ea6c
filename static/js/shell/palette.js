// The palette: Ctrl/Cmd-K; finds [data-palette] links and buttons of this page at once, and what the server knows a moment later.
import { rank } from "./match.js";
import { openDialog } from "./dialogs.js";

const LIMIT = 12;
const PAUSE = 120;
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const status = dialog?.querySelector("[role=status]");
let entries = [];
let chosen = 0;
let timer = 0;
let asking = null;

function pageEntries() {
  return [...document.querySelectorAll("[data-palette]")].map((element) => ({
    label: element.dataset.palette || element.title || element.textContent.trim().replace(/\s+/g, " "),
    hint: element.dataset.paletteHint ?? "",
    url: element.href,
    element,
  }));
}

function draw() {
  list.replaceChildren(...entries.map(option));
  input.setAttribute("aria-activedescendant", entries.length ? `palette-${chosen}` : "");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

function option(entry, index) {
  const row = document.createElement("div");
  row.id = `palette-${index}`;
  row.role = "option";
  row.ariaSelected = String(index === chosen);
  row.append(text("span", entry.label, "truncate"), text("span", entry.hint, "muted nowrap"));
  return row;
}

function text(tag, content, className) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = content;
  return element;
}

function search() {
  const query = input.value.trim();
  const local = rank(pageEntries(), query, LIMIT);
  show(local, query);
  clearTimeout(timer);
  asking?.abort();
  if (query && dialog.dataset.url) timer = setTimeout(() => ask(query, local), PAUSE);
}

async function ask(query, local) {
  asking = new AbortController();
  try {
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(query)}`, {
      signal: asking.signal,
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const known = new Set(local.map((entry) => entry.url).filter(Boolean));
    const found = (await answer.json()).filter((entry) => !known.has(new URL(entry.url, location.href).href));
    show([...local, ...found].slice(0, 2 * LIMIT), query);
  } catch (problem) {
    if (problem.name !== "AbortError") status.textContent = "The search did not answer; only this page's entries are shown.";
  }
}

function show(next, query) {
  entries = next;
  chosen = 0;
  draw();
  status.textContent = entries.length || !query ? `${entries.length} ${entries.length === 1 ? "entry" : "entries"}` : `Nothing found for “${query}”.`;
}

function go(entry) {
  if (!entry) return;
  dialog.close();
  if (entry.element && !entry.url) entry.element.click();
  else if (isHere(entry.url)) location.assign(entry.url);
}

function isHere(url) {
  return new URL(url, location.href).origin === location.origin;
}

function open() {
  openDialog(dialog);
  input.select();
  search();
}

function move(step) {
  chosen = (chosen + step + entries.length) % Math.max(entries.length, 1);
  draw();
}

const KEYS = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => go(entries[chosen]) };

if (dialog) {
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) go(entries[[...list.children].indexOf(row)]);
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette-open]") && open());
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
}
