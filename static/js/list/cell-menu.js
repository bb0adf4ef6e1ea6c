// A right click, or the menu key, on a cell: show what has the same value.
import { place } from "../shell/menus.js";
import { headerOf, isTitle, valueOf } from "./cells.js";
import { also, meets, parse } from "./filter-data.js";
import { show } from "./filter.js";
import { catalogue, element, list } from "./page.js";

function entry(cell, field) {
  const condition = meets(field, valueOf(cell, field));
  const shown = cell.textContent.trim();
  if (!condition) return element("p", { class: "menu-note" }, `This API cannot be asked for this value of ${field.label}.`);
  const words = condition.length < 3 ? `Show where ${field.label} is empty` : `Show where ${field.label} is “${shown.slice(0, 60)}”`;
  const button = element("button", { class: "menu-item", type: "button" }, words);
  button.addEventListener("click", () => {
    document.getElementById("cell-menu").hidePopover();
    show(also(parse(list().typed), condition));
  });
  return button;
}

document.addEventListener("contextmenu", async (event) => {
  const cell = event.target.closest?.("#records tbody :is(td, th)");
  const name = cell && headerOf(cell)?.dataset.name;
  const ownMenu = event.target.closest?.("a") && (isTitle(cell) || headerOf(cell).matches(".col-id"));
  if (!name || event.shiftKey || ownMenu) return;
  event.preventDefault();
  const known = await catalogue().catch(() => null);
  const field = known?.fields.find((each) => each.name === name);
  if (!field) return;
  const menu = document.getElementById("cell-menu");
  menu.replaceChildren(entry(cell, field));
  menu.showPopover();
  place(menu, cell);
  menu.querySelector("button")?.focus();
});
