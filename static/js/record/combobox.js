// Looking a referenced record up by name: what is chosen stands as "name · id"; a bare id is as good.
import * as fields from "./fields.js";
import { ask } from "./server.js";

const DELAY = 250;
const open = { field: null, timer: 0, running: null, at: -1 };

const listOf = (field) => field.querySelector("[data-choices]");
const optionsOf = (field) => [...listOf(field).querySelectorAll("[role=option]")];

function close() {
  clearTimeout(open.timer);
  open.running?.abort();
  if (!open.field) return;
  listOf(open.field).hidden = true;
  const control = fields.controlOf(open.field);
  control.setAttribute("aria-expanded", "false");
  control.removeAttribute("aria-activedescendant");
  Object.assign(open, { field: null, at: -1 });
}

function search(field) {
  if (open.field !== field) close();
  clearTimeout(open.timer);
  open.running?.abort();
  open.timer = setTimeout(() => find(field), DELAY);
}

async function find(field) {
  const control = fields.controlOf(field);
  open.running = new AbortController();
  show(field, [], "Looking…");
  try {
    const query = new URLSearchParams({ q: control.value });
    const { ok, data } = await ask(`${control.dataset.findUrl}?${query}`, { signal: open.running.signal });
    const found = ok ? data.results : [];
    show(field, found, ok ? (found.length ? "" : "Nothing found by this name or id.") : data.what_happened);
  } catch (error) {
    if (error.name !== "AbortError") show(field, [], "The search got no answer. An id can be typed as it is.");
  }
}

function show(field, found, words) {
  open.field = field;
  open.at = -1;
  const place = listOf(field);
  const control = fields.controlOf(field);
  place.querySelector("[role=listbox]").replaceChildren(...found.map((each, i) => option(control.id, each, i)));
  place.querySelector("[role=status]").textContent = words;
  place.hidden = false;
  control.setAttribute("aria-expanded", String(found.length > 0));
}

function option(prefix, { id, label }, number) {
  const element = document.createElement("div");
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.id = `${prefix}-option-${number}`;
  element.dataset.text = `${label} · ${id}`;
  const name = document.createElement("bdi");
  name.textContent = label;
  const key = document.createElement("span");
  key.className = "mono muted";
  key.textContent = id;
  element.append(name, key);
  return element;
}

function choose(chosen) {
  const field = open.field;
  const control = fields.controlOf(field);
  control.value = chosen.dataset.text;
  close();
  control.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));
  control.focus();
}

function move(step) {
  const options = optionsOf(open.field);
  if (!options.length) return;
  open.at = (open.at + step + options.length) % options.length;
  options.forEach((each, i) => each.setAttribute("aria-selected", String(i === open.at)));
  options[open.at].scrollIntoView({ block: "nearest" });
  fields.controlOf(open.field).setAttribute("aria-activedescendant", options[open.at].id);
}

fields.form.addEventListener("input", (event) => {
  if (event.detail !== "chosen" && event.target.matches("[role=combobox]")) search(fields.fieldOf(event.target));
});

fields.form.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=combobox]")) return;
  const field = fields.fieldOf(event.target);
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && !event.altKey) {
    event.preventDefault();
    if (open.field === field) move(steps[event.key]);
    else find(field);
  } else if (event.key === "Enter" && open.field === field && open.at >= 0) choose(optionsOf(field)[open.at]);
  else if (event.key === "Escape" && open.field) {
    event.preventDefault();
    close();
  }
});

// On press, not on click: by then the box has lost the focus and the list is gone.
fields.form.addEventListener("pointerdown", (event) => {
  const chosen = event.target.closest("[data-choices] [role=option]");
  if (!chosen) return;
  event.preventDefault();
  choose(chosen);
});

fields.form.addEventListener("focusout", (event) => {
  if (event.target.matches("[role=combobox]")) close();
});
