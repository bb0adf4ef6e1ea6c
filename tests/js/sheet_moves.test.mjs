import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, edge, filled, landing, walk } from "../../static/js/sheet/moves.js";
import { sentence } from "../../static/js/sheet/writing.js";

const at = (row, col) => ({ top: row, bottom: row, left: col, right: col });
const size = { rows: 5, cols: 4 };
const all = () => true;
const on = (line) => (index) => line[index] === "x";

test("Ctrl and an arrow go to the end of a run, over blanks to the next one, else to the edge", () => {
  const line = "xxx..x.xx..";
  const way = [];
  for (let from = 0; from < 10; ) way.push((from = edge(on(line), from, 1, line.length)));
  assert.deepEqual(way, [2, 5, 7, 8, 10]);
  const back = [];
  for (let from = 10; from > 0; ) back.push((from = edge(on(line), from, -1, line.length)));
  assert.deepEqual(back, [8, 7, 5, 2, 0]);
  assert.equal(edge(on(line), 10, 1, line.length), 10);
});

test("Tab goes through a selection line by line, Enter column by column, and around at its end", () => {
  const ranges = [{ top: 1, bottom: 2, left: 1, right: 2 }, at(4, 0)];
  const round = (across, step) => {
    const way = [{ at: 1, col: 1 }];
    for (let n = 0; n < 5; n += 1) way.push(walk(ranges, way.at(-1), step, across));
    return way.map((cell) => `${cell.at}${cell.col}`).join(" ");
  };
  assert.equal(round(true, 1), "11 12 21 22 40 11");
  assert.equal(round(false, 1), "11 21 12 22 40 11");
  assert.equal(round(true, -1), "11 40 22 21 12 11");
});

test("the cells of overlapping ranges come once, and none from beyond the grid", () => {
  const cells = [...cellsOf([{ top: 0, bottom: 1, left: 0, right: 1 }, { top: 1, bottom: 9, left: 1, right: 1 }], size)];
  assert.equal(cells.map((cell) => `${cell.at}${cell.col}`).join(" "), "00 01 10 11 21 31 41");
});

test("fills take the first line of a range, or for a single one the line before it", () => {
  assert.deepEqual(filled({ top: 0, bottom: 2, left: 1, right: 3 }, false), { from: 0, target: { top: 1, bottom: 2, left: 1, right: 3 } });
  assert.deepEqual(filled(at(2, 2), true), { from: 1, target: at(2, 2) });
  assert.equal(filled(at(0, 2), false), null);
});

test("a block starts at the top left, and repeats in a selection that is a multiple of it", () => {
  const block = [["a", "b"], ["c", "d"]];
  const words = ({ cells }) => cells.map((cell) => `${cell.at}${cell.col}${cell.value}`).join(" ");
  assert.equal(words(landing(block, at(1, 1), size, all)), "11a 12b 21c 22d");
  assert.equal(landing(block, { top: 0, bottom: 3, left: 0, right: 1 }, size, all).cells.length, 8);
  assert.equal(landing(block, { top: 0, bottom: 2, left: 0, right: 1 }, size, all).cells.length, 4);
  assert.equal(landing([[null]], { top: 0, bottom: 2, left: 0, right: 1 }, size, all).cells.length, 6);
  assert.equal(words(landing([["a"], ["b", "c"]], at(0, 0), size, all)), "00a 10b 11c");
});

test("what is read-only or beyond the last row or column is counted apart", () => {
  const { cells, spared, below, beside, area } = landing([["1", "2", "3"], ["4", "5", "6"]], at(4, 2), size, ({ col }) => col !== 2);
  assert.deepEqual([cells, spared, below, beside], [[{ at: 4, col: 3, value: "2" }], 1, 3, 1]);
  assert.deepEqual(area, { top: 4, bottom: 4, left: 2, right: 3 });
});

test("what became of a paste is one sentence", () => {
  assert.equal(
    sentence("Pasted", { changed: 1598, already: 0, invalid: 2, spared: 3, below: 10 }),
    "Pasted 1\u202f598 cells; 2 invalid; 3 read-only spared; 10 beyond the last row left out.",
  );
  assert.equal(sentence("Filled", { changed: 1 }), "Filled 1 cell.");
});
