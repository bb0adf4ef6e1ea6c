// Popover menus: put under their button, walked with the arrow keys. Opening, Escape and click-away are the browser's own.
const GAP = 4;

function invokerOf(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

export function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const left = Math.min(box.left, window.innerWidth - menu.offsetWidth - 2 * GAP);
  const below = box.bottom + GAP;
  const fits = below + menu.offsetHeight <= window.innerHeight || box.top < menu.offsetHeight;
  menu.style.left = `${Math.max(2 * GAP, left)}px`;
  menu.style.top = `${fits ? below : box.top - GAP - menu.offsetHeight}px`;
}

function itemsOf(menu) {
  return [...menu.querySelectorAll(":is(a, button, label).menu-item:not([hidden])")];
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
  const anchor = event.source ?? invokerOf(menu);
  const open = event.newState === "open";
  anchor?.setAttribute("aria-expanded", String(open));
  if (!open || !anchor) return;
  place(menu, anchor);
  const first = menu.querySelector("[autofocus], [aria-current]") ?? menu.querySelector("input, select, textarea, a, button");
  first?.focus({ preventScroll: true });
}, true);

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  const items = menu ? itemsOf(menu) : [];
  const here = items.indexOf(document.activeElement);
  if (!items.length || event.target.matches("textarea, select")) return;
  let next = -1;
  if (event.key in STEPS) next = here < 0 && event.key === "ArrowUp" ? items.length - 1 : (here + STEPS[event.key] + items.length) % items.length;
  if (event.key === "Home" && here >= 0) next = 0;
  if (event.key === "End" && here >= 0) next = items.length - 1;
  if (next < 0) return;
  event.preventDefault();
  items[next].focus();
});
