import assert from "node:assert/strict";
import { test } from "node:test";
import { count, find } from "../../static/js/sheet/find.js";
import { Model } from "../../static/js/sheet/model.js";
import { arrange } from "../../static/js/sheet/order.js";
import { toRanges } from "../../static/js/sheet/scope.js";
import { boot, dice, fill, sheet, spec } from "./kit/sheet.mjs";

// One column of these values, beside an id.
function column(kind, values, more = {}) {
  const fields = [spec("id", "integer"), spec("it", kind, more)];
  return fill(new Model(boot(values.length, { fields })), (row, name) => (name === "id" ? row : values[row]));
}

const sorted = (kind, values, down = false, more = {}) => [...arrange(column(kind, values, more), { sort: [{ field: "it", down }] })].map((row) => values[row]);
const kept = (kind, values, filter, more = {}) => [...arrange(column(kind, values, more), { filters: { it: filter } })].map((row) => values[row]);

test("text sorts without regard to case, empty, null and not set last; downwards it is the other way about", () => {
  const values = ["b", null, "A", "", {}, "a", "B", "é"];
  assert.deepEqual(sorted("text", values), ["A", "a", "b", "B", "é", "", null, {}]);
  assert.deepEqual(sorted("text", values, true), [{}, null, "", "é", "b", "B", "A", "a"]);
});

test("numbers sort by number, exactly where floats are alike, and what is no number after them", () => {
  const j = (text) => ({ j: text });
  const values = [j("0.1000000000000000000002"), j("0.1000000000000000000001"), 10, 9, j("-3.50"), "n/a", j("123456789012345678901"), j("123456789012345678900"), null];
  assert.deepEqual(sorted("decimal", values), [j("-3.50"), j("0.1000000000000000000001"), j("0.1000000000000000000002"), 9, 10, j("123456789012345678900"), j("123456789012345678901"), "n/a", null]);
  assert.deepEqual(sorted("decimal", [j("1.50"), j("1.5"), 1, j("1.500")]), [1, j("1.50"), j("1.5"), j("1.500")]);
});

test("dates sort by instant, choices by label, booleans no before yes", () => {
  assert.deepEqual(sorted("datetime", ["2026-02-03T14:00:00+02:00", "2026-02-03 13:00:00", "soon", "2025-01-01T00:00:00Z"], false, { zone: "UTC" }), ["2025-01-01T00:00:00Z", "2026-02-03T14:00:00+02:00", "2026-02-03 13:00:00", "soon"]);
  assert.deepEqual(sorted("choice", [1, 2, 3, "x"], false, { choices: [["1", "Zebra", true, ""], ["2", "ant", true, ""], ["3", "Bee", false, ""]] }), [2, 3, "x", 1]);
  assert.deepEqual(sorted("boolean", [true, 0, "true", false]), [0, false, true, "true"]);
});

test("several keys: the first weighs most, equal rows stay as they were, and edits count", () => {
  const model = sheet(6);
  model.write("Edit", "edit", [0, 1, 2, 3, 4, 5].map((row) => ({ row, field: "name", value: "ab"[row % 2] })));
  model.write("Edit", "edit", [{ row: 4, field: "bid", value: "0.25" }]);
  assert.deepEqual([...arrange(model, { sort: [{ field: "name", down: true }, { field: "bid" }] })], [1, 3, 5, 4, 0, 2]);
});

test("filters of every sort, by the value as it is now", () => {
  const words = ["Apple pie", "pie", "PIE", "apple", "", null, {}];
  assert.deepEqual(kept("text", words, { text: "pie", how: "contains" }), ["Apple pie", "pie", "PIE"]);
  assert.deepEqual(kept("text", words, { text: "Pie", how: "begins" }), ["pie", "PIE"]);
  assert.deepEqual(kept("text", words, { text: "LE", how: "ends" }), ["apple"]);
  assert.deepEqual(kept("text", words, { text: "pie", how: "is" }), ["pie", "PIE"]);
  assert.deepEqual(kept("text", words, { text: "pie", how: "not" }), ["Apple pie", "apple", "", null, {}]);
  assert.deepEqual(kept("text", words, { is: "null" }), [null]);
  assert.deepEqual(kept("text", words, { is: "empty" }), [""]);
  assert.deepEqual(kept("text", words, { is: "unset" }), [{}]);
  assert.deepEqual(kept("text", words, { is: "filled" }), ["Apple pie", "pie", "PIE", "apple"]);
  assert.deepEqual(kept("text", words, { in: ["pie", null] }), ["pie", null]);
  assert.deepEqual(kept("decimal", [1, { j: "2.5" }, { j: "2.500000000000000000001" }, "n/a", null], { from: "1.5", to: "2.5" }), [{ j: "2.5" }]);
  assert.deepEqual(kept("decimal", [1, 2], { from: "", to: "x" }), []);
  const times = ["2026-02-03T00:00:00Z", "2026-02-03T23:59:59Z", "2026-02-04T00:00:00Z", "soon"];
  assert.deepEqual(kept("datetime", times, { from: "2026-02-03", to: "2026-02-03" }, { zone: "UTC" }), times.slice(0, 2));
  assert.deepEqual(kept("datetime", times, { from: "2026-02-03T12:00", to: "" }, { zone: "UTC" }), times.slice(1, 3));
  assert.deepEqual(kept("date", ["2026-02-03", "2026-02-05"], { from: "", to: "2026-02-03" }), ["2026-02-03"]);
  assert.deepEqual(kept("choice", [1, 2], { text: "ze", how: "begins" }, { choices: [["1", "Zebra", true, ""]] }), [1]);
});

test("an edit is what a filter sees", () => {
  const model = sheet(4);
  model.write("Edit", "edit", [{ row: 2, field: "name", value: null }, { row: 3, field: "name", value: "new" }]);
  assert.deepEqual([...arrange(model, { filters: { name: { text: "row", how: "begins" } } })], [0, 1]);
  assert.deepEqual([...arrange(model, { filters: { name: { is: "null" } } })], [2]);
});

test("only what is changed, invalid, failed, in conflict, moved, gone or selected", () => {
  const model = sheet(9);
  const marks = { name: { rows: [8, 1, 2, 3, 4], marks: ["x", { e: "x", w: "No." }, { e: "x", o: "unknown" }, { e: "x", c: true, t: "y" }, { t: "y" }] }, "": { rows: [5], marks: [{ gone: true }] }, bid: { rows: [6], marks: [{ o: "done" }] } };
  model.takeMarks({ version: 0, baseline: 1, marks });
  const only = (look) => [...arrange(model, { only: look, selected: new Set([7, 0]) })];
  assert.deepEqual(only("changed"), [1, 2, 3, 8]);
  assert.deepEqual([only("invalid"), only("failed"), only("conflict"), only("moved"), only("gone"), only("selected")], [[1], [2], [3], [4], [5], [0, 7]]);
  assert.equal(only("").length, 9);
});

test("only what was refused, without what was not sent because of it", () => {
  const model = sheet(4);
  const marks = { name: { rows: [0, 1, 2], marks: [{ e: "x", o: "rejected" }, { e: "x", o: "not sent" }, { e: "x", o: "rejected", w: "No." }] } };
  model.takeMarks({ version: 0, baseline: 1, marks });
  assert.deepEqual(["refused", "failed"].map((only) => [...arrange(model, { only })]), [[0], [0, 1, 2]]);
});

test("what is not loaded sorts last and fits no filter", () => {
  const model = new Model(boot(3));
  assert.deepEqual([...arrange(model, { sort: [{ field: "name" }] })], [0, 1, 2]);
  assert.equal(arrange(model, { filters: { name: { is: "filled" } } }).length, 0);
});

test("sorting is what comparing any two says, for random values", () => {
  const { roll } = dice(5);
  const values = Array.from({ length: 3000 }, () => ({ j: `${roll(3) ? "" : "-"}${roll(50)}.${"0".repeat(roll(20))}${roll(10)}` }));
  const exact = (value) => {
    const [whole, fraction] = value.j.replace("-", "").split(".");
    return BigInt(whole + fraction.padEnd(30, "0")) * (value.j.startsWith("-") ? -1n : 1n);
  };
  const wanted = values.map((value, row) => ({ key: exact(value), row })).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.row - b.row));
  assert.deepEqual([...arrange(column("decimal", values), { sort: [{ field: "it" }] })], wanted.map(({ row }) => row));
});

test("rows are told as ranges", () => {
  assert.equal(toRanges([0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
  assert.equal(toRanges(new Set()), "");
  assert.equal(toRanges(Uint32Array.from({ length: 100_000 }, (_, row) => row)), "0-99999");
});

test("find goes on from where it is, backwards too, around the ends, in the order and columns shown", () => {
  const model = sheet(20);
  const columns = [model.spec("id"), model.spec("name")];
  const order = arrange(model, { sort: [{ field: "id", down: true }] });
  const at = (from, more) => find(model, order, columns, "row 1", { from, ...more });
  assert.deepEqual(at({ at: 0, col: 0 }), { at: 0, col: 1 });
  assert.deepEqual(at({ at: 9, col: 1 }), { at: 18, col: 1 });
  assert.deepEqual(at({ at: 18, col: 1 }), { at: 0, col: 1 });
  assert.deepEqual(at({ at: 0, col: 1 }, { back: true }), { at: 18, col: 1 });
  assert.deepEqual(at({ at: 0, col: 0 }, { exact: true }), { at: 18, col: 1 });
  assert.equal(find(model, order, columns, "nowhere"), null);
  assert.equal(find(model, new Uint32Array(0), columns, "row"), null);
});

test("find sees edits, and what is shown as well as what is meant", async () => {
  const model = column("choice", [1, 2, 1], { choices: [["1", "Running", true, ""], ["2", "Done", true, ""]] });
  const [columns, order] = [[model.spec("it")], arrange(model, {})];
  const all = async (text, more) => {
    let last;
    for await (const found of count(model, order, columns, text, more)) last = found;
    return last;
  };
  assert.equal(await all("run"), 2);
  assert.equal(await all("2"), 1);
  model.write("Edit", "edit", [{ row: 0, field: "it", value: "2" }]);
  assert.deepEqual([await all("run"), await all("done"), await all("do", { exact: true })], [1, 2, 0]);
});
