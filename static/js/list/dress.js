// What the server leaves out of a hundred rows because each says the same: ticks, and which links the keys walk along.
import { drawn, element } from "./page.js";

export function dress() {
  const ticks = document.querySelector("[data-select-page]") !== null;
  for (const header of document.querySelectorAll("#records thead th[data-name]:not([title])")) {
    header.title = [header.dataset.name, header.dataset.kind, header.dataset.zone].filter(Boolean).join(" · ");
  }
  for (const row of document.querySelectorAll("#records tbody tr:not([data-dressed])")) {
    const [tick, id] = ticks ? row.cells : [null, row.cells[0]];
    const held = id.textContent;
    lead(id, row.querySelector("th a"));
    if (tick) tick.append(element("input", { type: "checkbox", value: held, "aria-label": `Select ${held}` }));
    for (const cell of row.querySelectorAll("td[title]")) cell.dataset.exact = cell.title;
    row.dataset.dressed = "";
  }
}

// The id leads where the title does; the keys walk along the ids, and tabbing need not stop at the same place twice.
function lead(id, title) {
  if (title) {
    title.tabIndex = -1;
    id.replaceChildren(element("a", { href: title.getAttribute("href") }, id.textContent));
  }
  id.querySelector("a").dataset.navItem = "";
}

drawn(dress);
