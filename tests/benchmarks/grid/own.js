// Our grid over the same rows, as the worksheet page puts it together; the server is left out.
import { Card } from "/static/js/sheet/card.js";
import { PART } from "/static/js/sheet/column.js";
import { Grid } from "/static/js/sheet/grid.js";
import { bindHands } from "/static/js/sheet/hands.js";
import { Model } from "/static/js/sheet/model.js";
import { fields, value } from "./data.js";
import { tallest, until } from "./probe.js";

const SPEC = { kind: "text", editable: true, nullable: true, blank: true, required: false, max_length: null, min: null, max: null, digits: null, places: null, choices: [], parent: "", reference: "", find: "", zone: "", unordered: false, key: null, group: "", help: "", hint: "" };
let model, grid, names;

function packed(first, size, at) {
  const places = new Map();
  const codes = [];
  for (let row = first; row < first + size; row += 1) {
    const each = value(row, at);
    if (!places.has(each)) places.set(each, places.size);
    codes.push(places.get(each));
  }
  return places.size === size ? { values: [...places.keys()] } : { values: [...places.keys()], codes };
}

window.bench = {
  make(count, columns) {
    names = fields(columns);
    const specs = names.map((name) => ({ ...SPEC, name, label: name, editable: name !== "id" }));
    model = new Model({ id: 1, title: "Benchmark", version: 0, baseline: 1, rows: count, me: { id: 1, name: "me" }, fields: specs, columns: names.slice(2), layout: null, editable: true, resource: { name: "r", label: "Rows", singular: "row", id_field: "id", title_field: "name" }, urls: {} });
    for (let first = 0; first < count; first += PART) {
      names.forEach((name, at) => model.columns.get(name).put(first / PART, packed(first, Math.min(PART, count - first), at)));
    }
  },
  start() {
    const from = performance.now();
    grid = new Grid(document.getElementById("grid"), { model, names: () => undefined });
    bindHands({ grid, model, say: () => {}, open: () => {} });
    new Card(grid, null);
    return until(() => document.querySelectorAll("#grid [role=gridcell]").length > 100, from);
  },
  focus: (at, col) => { grid.activate({ at, col }); grid.catcher.focus(); },
  scroller: tallest,
  at: () => grid.active.at,
  openKey: "F2",
  editing: () => grid.catcher.classList.contains("is-open"),
  seen: (at, col) => document.querySelector(`#grid [aria-rowindex="${at + 2}"] [aria-colindex="${col + 1}"]`)?.textContent,
  held: (row, col) => model.value(row, names[col]),
  change(count) {
    model.write("Benchmark", "paste", Array.from({ length: count }, (_, at) => ({ row: Math.floor(at / 5), field: names[2 + (at % 5)], value: `changed ${at}` })));
  },
};
