// Looking up a reference: typing asks the server for names, arrows choose, Enter takes the id. A typed id needs no look-up.
import { getJson } from "./api.js";
import { place } from "../shell/menus.js";

const PAUSE = 200;
let numbered = 0;

export function lookUp(input, url) {
  const list = makeList(input);
  const state = { options: [], at: -1, taken: null, timer: 0, asking: null };
  const take = (index) => {
    const option = state.options[index];
    if (!option) return false;
    state.taken = { id: option.id, text: `${option.label} · ${option.id}` };
    input.value = state.taken.text;
    hide();
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  const hide = () => {
    if (list.matches(":popover-open")) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    state.at = -1;
  };
  const ask = async () => {
    state.asking?.abort();
    state.asking = new AbortController();
    try {
      const told = await getJson(`${url}?q=${encodeURIComponent(input.value)}`, state.asking.signal);
      if (input.isConnected) draw(told.results);
    } catch (problem) {
      if (problem.name !== "AbortError") draw([], "The search did not answer; an id can be typed.");
    }
  };
  const draw = (options, words = "Nothing found") => {
    state.options = options;
    state.at = -1;
    list.replaceChildren(...(options.length ? options.map((each, index) => entry(list, each, index)) : [note(words)]));
    if (!list.isConnected) (input.closest("dialog") ?? document.body).append(list);
    if (!list.matches(":popover-open")) list.showPopover();
    place(list, input);
    input.setAttribute("aria-expanded", "true");
  };
  const move = (step) => {
    if (!state.options.length) return;
    state.at = (state.at + step + state.options.length) % state.options.length;
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === state.at)));
    input.setAttribute("aria-activedescendant", list.children[state.at].id);
    list.children[state.at].scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (!list.matches(":popover-open")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && state.at >= 0) take(state.at);
    else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      hide();
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the input keeps the focus, so nothing is committed early
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  input.addEventListener("blur", () => {
    clearTimeout(state.timer);
    state.asking?.abort();
    hide();
    list.remove();
  });
  return { chosen: () => (state.taken && input.value === state.taken.text ? state.taken.id : null) };
}

function makeList(input) {
  const list = document.createElement("div");
  list.id = `lookup-${(numbered += 1)}`;
  list.className = "menu lookup";
  list.popover = "manual";
  list.role = "listbox";
  list.setAttribute("aria-label", `Found for ${input.getAttribute("aria-label")}`);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  return list;
}

function entry(list, { id, label }, index) {
  const option = document.createElement("div");
  option.id = `${list.id}-${index}`;
  option.role = "option";
  option.className = "menu-item";
  const name = document.createElement("span");
  name.textContent = label;
  const number = document.createElement("span");
  number.className = "muted mono";
  number.textContent = id;
  option.append(name, number);
  return option;
}

function note(words) {
  const element = document.createElement("div");
  element.className = "menu-title";
  element.role = "option";
  element.setAttribute("aria-disabled", "true");
  element.textContent = words;
  return element;
}
