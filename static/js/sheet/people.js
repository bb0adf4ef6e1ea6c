// Who else is in this worksheet: chips in the header, a click goes to their cell.
import { $, make } from "./make.js";

export function bindPeople({ grid, model, say }) {
  let shown = "";
  $("people").addEventListener("click", ({ target }) => {
    const { row, field } = target.closest("button")?.dataset ?? {};
    if (row === undefined) return;
    const at = grid.atOf(Number(row));
    if (at < 0) return say("That row is not among those shown now.");
    grid.activate({ at, col: Math.max(0, grid.cols.findIndex(({ name }) => name === field)) });
    grid.catcher.focus();
  });
  const draw = (people) => {
    const key = JSON.stringify(people);
    if (key === shown) return;
    shown = key;
    const focused = $("people").contains(document.activeElement);
    $("people").replaceChildren(...people.map(({ name, row, field }) => {
      if (row === null || row === undefined || row < 0) return make("li", {}, name);
      const place = `${name} is at ${model.title(row) || model.id(row)}${field ? `, ${model.spec(field)?.label ?? field}` : ""}`;
      const button = make("button", { type: "button", title: place, ariaLabel: place }, name);
      Object.assign(button.dataset, { row, field });
      return make("li", {}, button);
    }));
    if (focused) ($("people").querySelector("button") ?? grid.catcher).focus();
  };
  grid.on("others", draw);
  draw(grid.others);
}
