// The export as a dialog over the worksheet: the rows that only this page knows are ticked, selected or shown ones.
import { make, number } from "../sheet/make.js";
import { toRanges } from "../sheet/scope.js";
import { ExportForm } from "./exportform.js";

export function bind({ grid, model, say }) {
  const dialog = make("dialog", { className: "dialog wide", id: "export" });
  dialog.setAttribute("aria-labelledby", "export-title");
  document.body.append(dialog);
  let form = null;
  dialog.addEventListener("close", () => form?.cancel());
  return {
    async open(url) {
      const response = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
      if (!response?.ok) return say(`The export could not be opened. ${response ? `This site answered ${response.status}.` : "This site cannot be reached."}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      dialog.replaceChildren(document.adoptNode(page.querySelector("form")));
      form = new ExportForm(dialog.firstElementChild, offered(dialog, chosen({ grid, model })));
      dialog.showModal();
    },
  };
}

function chosen({ grid, model }) {
  const range = new Set();
  for (const { top, bottom } of grid.selection?.ranges ?? []) for (let at = top; at <= bottom; at += 1) range.add(grid.order[at]);
  return { ticked: [...grid.ticked], range: range.size > 1 ? [...range] : [], filter: grid.order.length < model.rows ? [...grid.order] : [] };
}

// Shows the choices that there are, takes the one that fits best, and tells the form their rows.
function offered(dialog, rows) {
  for (const [name, held] of Object.entries(rows)) {
    const radio = dialog.querySelector(`[name=rows][value=${name}]`);
    const count = radio.parentElement.querySelector("[data-count]");
    radio.parentElement.hidden = !held.length;
    count.dataset.count = held.length;
    count.textContent = number(held.length);
  }
  const fits = ["ticked", "filter"].find((name) => rows[name].length) ?? "all";
  dialog.querySelector(`[name=rows][value=${fits}]`).checked = true;
  return (name) => (rows[name] ? toRanges(Uint32Array.from(rows[name]).sort()) : null);
}
