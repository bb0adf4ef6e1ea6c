import { fields, rows } from "./data.js";
import { tallest, until } from "./probe.js";

let grid, data, names;
const steps = [];

window.bench = {
  make: (count, columns) => ([data, names] = [rows(count, columns), fields(columns)]),
  start() {
    const from = performance.now();
    const columns = names.map((id, at) => ({ id, field: id, name: id, width: at === 1 ? 220 : 110, editor: at ? Slick.Editors.Text : undefined }));
    grid = new Slick.Grid("#grid", data, columns, { editable: true, autoEdit: false, enableCellNavigation: true, rowHeight: 28, frozenColumn: 1 });
    grid.setSelectionModel(new Slick.CellSelectionModel());
    grid.registerPlugin(new Slick.CellExternalCopyManager({
      includeHeaderWhenCopying: false,
      clipboardCommandHandler: (command) => { command.execute(); steps.push(command); },
    }));
    window.addEventListener("keydown", (event) => event.ctrlKey && event.key === "z" && steps.pop()?.undo());
    return until(() => document.querySelectorAll(".slick-row").length > 10, from);
  },
  focus: (row, col) => { grid.scrollRowIntoView(row); grid.setActiveCell(row, col); grid.focus(); },
  scroller: tallest,
  at: () => grid.getActiveCell()?.row,
  openKey: "Enter",
  editing: () => grid.getCellEditor() !== null,
  seen: (row, col) => [...document.querySelectorAll(`.slick-cell.l${col}`)].find((each) => each.parentElement.offsetTop === row * 28)?.textContent,
  held: (row, col) => data[row][names[col]],
  change(count) {
    for (let at = 0; at < count; at += 1) data[Math.floor(at / 5)][names[2 + (at % 5)]] = `changed ${at}`;
    grid.invalidate();
  },
};
