// Keys every page knows: ? shows them, / goes to the filter, j and k walk a list, [ folds the sidebar.
import { openDialog } from "./dialogs.js";

function isTyping(target) {
  return target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") ?? false;
}

function walk(step) {
  const items = [...document.querySelectorAll("[data-nav-item]")].filter((item) => item.offsetParent);
  const here = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[Math.min(Math.max(here + step, 0), items.length - 1)];
  if (!next) return;
  (next.matches("a, button, [tabindex]") ? next : next.querySelector("a, button, input, [tabindex]"))?.focus();
}

const ACTIONS = {
  "?": () => openDialog(document.getElementById("keys")),
  "/": () => document.querySelector("[data-filter-input]")?.focus(),
  j: () => walk(1),
  k: () => walk(-1),
  "[": () => document.querySelector("[data-sidebar-toggle]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || event.target.closest?.("[data-own-keys]")) return;
  const action = Object.hasOwn(ACTIONS, event.key) ? ACTIONS[event.key] : null;
  if (!action) return;
  event.preventDefault();
  action();
});
