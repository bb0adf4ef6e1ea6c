import assert from "node:assert/strict";
import { test } from "node:test";
import { fillDown, landing, positions, rectangle } from "../../static/js/sheet/ranges.js";

const size = { rows: 5, cols: 4 };
const all = () => true;
const at = (row, col) => rectangle({ row, col }, { row, col });

test("a rectangle is the same from whichever corner it was drawn", () => {
  assert.deepEqual(rectangle({ row: 3, col: 0 }, { row: 1, col: 2 }), { top: 1, bottom: 3, left: 0, right: 2 });
  assert.equal([...positions(rectangle({ row: 0, col: 0 }, { row: 1, col: 2 }))].length, 6);
});

test("one value fills the selection", () => {
  const { writes } = landing([["x"]], rectangle({ row: 0, col: 0 }, { row: 2, col: 1 }), size, all);
  assert.equal(writes.length, 6);
  assert.ok(writes.every(({ value }) => value === "x"));
});

test("a block starts at the top left and repeats in a selection that is a multiple of it", () => {
  const block = [["a", "b"], ["c", "d"]];
  assert.deepEqual(landing(block, at(1, 1), size, all).writes.map(({ row, col, value }) => `${row}${col}${value}`), ["11a", "12b", "21c", "22d"]);
  assert.equal(landing(block, rectangle({ row: 0, col: 0 }, { row: 3, col: 1 }), size, all).writes.length, 8);
  assert.equal(landing(block, rectangle({ row: 0, col: 0 }, { row: 2, col: 1 }), size, all).writes.length, 4);
});

test("read-only cells are spared and what falls beside the grid is counted", () => {
  const block = [["1", "2", "3"], ["4", "5", "6"]];
  const found = landing(block, at(4, 2), size, ({ col }) => col !== 2);
  assert.deepEqual({ ...found, writes: found.writes.length }, { writes: 1, spared: 1, overflow: 4 });
});

test("a ragged block writes nothing where it has no cell", () => {
  assert.deepEqual(landing([["a"], ["b", "c"]], at(0, 0), size, all).writes.map(({ value }) => value), ["a", "b", "c"]);
});

test("null in a block of our own is a value, not a gap", () => {
  assert.equal(landing([[null]], at(0, 0), size, all).writes[0].value, null);
});

test("fill down takes the top row, or for one cell the row above", () => {
  assert.deepEqual(fillDown(rectangle({ row: 0, col: 1 }, { row: 2, col: 1 })).map(({ row, from }) => [row, from.row]), [[1, 0], [2, 0]]);
  assert.deepEqual(fillDown(at(3, 0)).map(({ row, from }) => [row, from.row]), [[3, 2]]);
  assert.deepEqual(fillDown(at(0, 0)), []);
});
