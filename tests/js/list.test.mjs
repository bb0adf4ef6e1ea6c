import assert from "node:assert/strict";
import test from "node:test";
import { also, lacks, meets, parse, write } from "../../static/js/list/filter-data.js";
import { exactMoment } from "../../static/js/list/moments.js";
import { idsIn } from "../../static/js/list/pasted.js";
import { NONE, describe, everything, range, read, tick, under } from "../../static/js/list/selection-state.js";
import { compareNumbers, next, order } from "../../static/js/list/sort-order.js";

test("ticks survive in the order they were made, and a range goes both ways", () => {
  assert.deepEqual(tick(tick(NONE, ["3", "1"], true), ["2"], true).ids, ["3", "1", "2"]);
  assert.deepEqual(tick({ ids: ["1", "2"], all: null }, ["1"], false).ids, ["2"]);
  assert.deepEqual(range(["a", "b", "c", "d"], "d", "b"), ["b", "c", "d"]);
  assert.deepEqual(range(["a", "b"], "elsewhere", "b"), ["b"]);
});

test("what is not on this page is counted apart", () => {
  assert.deepEqual(describe({ ids: ["1", "2", "9"], all: null }, ["1", "2", "3"]), { count: 3, elsewhere: 1, ticked: 2 });
});

test("all that match ends with its filter, the ticks stay", () => {
  const all = everything({ ids: ["7"], all: null }, "f", 1209);
  assert.equal(describe(all, ["1", "2"]).count, 1209);
  assert.equal(under(all, "f"), all);
  assert.deepEqual(under(all, "g"), { ids: ["7"], all: null });
  assert.deepEqual(tick(all, ["1"], true).all, null);
});

test("a selection that cannot be read is none", () => {
  assert.equal(read(null), NONE);
  assert.equal(read("{broken"), NONE);
});

test("numbers are compared digit by digit", () => {
  const sorted = ["10", "9", "-3", "-20", "9007199254740993", "9007199254740992", "0.10", "0.1000001", "+4"].sort(compareNumbers);
  assert.deepEqual(sorted, ["-20", "-3", "0.10", "0.1000001", "+4", "9", "10", "9007199254740992", "9007199254740993"]);
  assert.equal(compareNumbers("1.50", "1.5"), 0);
});

test("null and empty come last in both directions, equals keep their place", () => {
  const rows = [{ text: "b", blank: 0 }, { text: "null", blank: 1 }, { text: "a", blank: 0 }, { text: "b", blank: 0 }];
  assert.deepEqual(order(rows, { numeric: false, descending: false }), [2, 0, 3, 1]);
  assert.deepEqual(order(rows, { numeric: false, descending: true }), [0, 3, 2, 1]);
});

test("a header's clicks go up, down, and back to the API's order", () => {
  const up = next(null, "name");
  assert.deepEqual([up, next(up, "name"), next(next(up, "name"), "name")], [{ name: "name", descending: false }, { name: "name", descending: true }, null]);
});

test("a filter is read without rounding a number, and what is none is none", () => {
  assert.deepEqual(parse('["and",["id","eq",9007199254740993],["n","in",["1 2","3"]]]'), ["and", ["id", "eq", "9007199254740993"], ["n", "in", ["1 2", "3"]]]);
  assert.deepEqual(parse("nonsense"), ["and"]);
  assert.equal(write(["and"]), "");
});

test("one more condition replaces its like and keeps an or whole", () => {
  assert.deepEqual(also(["and", ["a", "eq", "1"], ["b", "eq", "2"]], ["a", "eq", "3"]), ["and", ["b", "eq", "2"], ["a", "eq", "3"]]);
  const either = ["or", ["a", "eq", "1"], ["b", "eq", "2"]];
  assert.deepEqual(also(either, ["c", "empty"]), ["and", either, ["c", "empty"]]);
});

test("a cell's value becomes a condition only where the API can be asked and the whole value is known", () => {
  const field = { name: "f", ops: ["eq", "empty"] };
  assert.deepEqual(meets(field, { value: "x" }), ["f", "eq", "x"]);
  assert.deepEqual(meets(field, { state: "null" }), ["f", "empty"]);
  assert.equal(meets(field, { state: "cut" }), null);
  assert.equal(meets({ name: "f", ops: [] }, { value: "x" }), null);
});

test("a condition without a value is told from one that needs none", () => {
  assert.equal(lacks(["f", "eq", ""], ["empty"]), true);
  assert.equal(lacks(["f", "in", []], ["empty"]), true);
  assert.equal(lacks(["f", "empty"], ["empty"]), false);
});

test("a date as shown leads back to the exact value", () => {
  assert.equal(exactMoment("07 Jun 2026, 00:37:16"), "2026-06-07 00:37:16");
  assert.equal(exactMoment("19 Dec 2025, 00:00"), "2025-12-19 00:00:00");
  assert.equal(exactMoment("19 Dec 2025"), "2025-12-19");
  assert.equal(exactMoment("2025-12-19T00:00:00.5Z"), "2025-12-19T00:00:00.5Z");
});

test("pasted ids are split as the server splits them", () => {
  assert.deepEqual(idsIn(" 12, 13;14\t12\n'15'|16 "), ["12", "13", "14", "15", "16"]);
});
