// What changes underneath a page while something typed in it is still on its way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, sheet } from "./kit/sheet.mjs";

test("what was typed comes to something else by what was read meanwhile", () => {
  const model = sheet();
  model.write("Edit", "edit", [{ row: 0, field: "name", value: "a" }]);
  model.write("Edit", "edit", [{ row: 1, field: "name", value: "Row 1" }, { row: 1, field: "count", value: "x" }]);
  fill(model, (row, name) => (name === "name" && row === 0 ? "a" : name === "id" ? row + 1 : null));
  model.takeMarks({ version: 1, baseline: 2, marks: {} });
  assert.equal(model.edit(0, "name"), false);
  assert.equal(model.edit(1, "name"), false); // it was no change when it was typed, and was not sent
  assert.deepEqual(model.mark(1, "count").e, "x");
  assert.equal(model.counts().cells, 1);
  assert.ok(model.write("Edit", "edit", [{ row: 0, field: "name", value: null }]));
});

test("a step that left a cell as it was leaves its mark alone", () => {
  const model = sheet();
  model.takeMarks({ version: 1, baseline: 1, marks: { name: { rows: [0, 1], marks: [{ o: "done", r: 1 }, { e: "b", t: "c", c: true }] } } });
  const step = { number: 2, token: "t", who: { id: 2 }, kind: "edit", label: "Edit", left: 0, reload: null, cells: { name: { rows: [0, 1], after: [false, "b"], words: {} } } };
  model.take({ version: 2, baseline: 1, steps: [step] });
  assert.deepEqual(model.mark(0, "name"), { o: "done", r: 1 });
  assert.equal(model.state(1, "name"), "conflict");
});
