// AG Grid Community sells ranges, clipboard and undo in another edition: the shortest handlers of our own stand in for them.
import { fields, rows } from "./data.js";
import { tallest, until } from "./probe.js";

let api, data, names;
const steps = [];
const write = (changes) => {
  const touched = new Set();
  const before = changes.map(([row, name, value]) => {
    const old = [row, name, data[row][name]];
    data[row][name] = value;
    touched.add(data[row]);
    return old;
  });
  api.applyTransaction({ update: [...touched] });
  return before;
};

window.bench = {
  make: (count, columns) => ([data, names] = [rows(count, columns), fields(columns)]),
  start() {
    const from = performance.now();
    const columnDefs = names.map((field, at) => ({ field, width: at === 1 ? 220 : 110, cellDataType: "text", pinned: at < 2 ? "left" : null, editable: at > 0 }));
    api = agGrid.createGrid(document.getElementById("grid"), { theme: "legacy", columnDefs, rowData: data, rowHeight: 28, headerHeight: 32, getRowId: ({ data }) => data.id });
    document.addEventListener("paste", (event) => {
      const { rowIndex, column } = api.getFocusedCell();
      const first = names.indexOf(column.getColId());
      const block = event.clipboardData.getData("text/plain").split("\n").map((line) => line.split("\t"));
      steps.push(write(block.flatMap((cells, down) => cells.map((value, right) => [rowIndex + down, names[first + right], value]))));
    });
    window.addEventListener("keydown", (event) => event.ctrlKey && event.key === "z" && steps.length && write(steps.pop()));
    return until(() => document.querySelectorAll("#grid [row-index]").length > 10, from);
  },
  focus: (row, col) => { api.ensureIndexVisible(row); api.setFocusedCell(row, names[col]); },
  scroller: tallest,
  at: () => api.getFocusedCell()?.rowIndex,
  openKey: "F2",
  editing: () => api.getEditingCells().length > 0,
  seen: (row, col) => document.querySelector(`#grid [row-index="${row}"] [col-id="${names[col]}"]`)?.textContent,
  held: (row, col) => data[row][names[col]],
  change: (count) => write(Array.from({ length: count }, (_, at) => [Math.floor(at / 5), names[2 + (at % 5)], `changed ${at}`])),
};
