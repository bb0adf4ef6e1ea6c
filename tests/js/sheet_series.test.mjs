import assert from "node:assert/strict";
import { test } from "node:test";
import { fill } from "../../static/js/sheet/series.js";
import { spec } from "./kit/sheet.mjs";

const go = (kind, source, n = 3, more = {}) => fill(source, spec("it", kind), n, more);

test("one value repeats, two or more go on; Ctrl is the other way about", () => {
  assert.deepEqual(go("integer", ["5"]), ["5", "5", "5"]);
  assert.deepEqual(go("integer", ["5"], 3, { turned: true }), ["6", "7", "8"]);
  assert.deepEqual(go("integer", ["5", "7"]), ["9", "11", "13"]);
  assert.deepEqual(go("integer", ["5", "7"], 3, { turned: true }), ["5", "7", "5"]);
});

test("numbers go on exactly, down as well as up, and backwards with the nearest first", () => {
  assert.deepEqual(go("decimal", ["0.1", "0.2"]), ["0.3", "0.4", "0.5"]);
  assert.deepEqual(go("decimal", ["1.50", "1.25"], 7).at(-1), "-0.50");
  assert.deepEqual(go("decimal", ["123456789012345678901", "123456789012345678902"], 1), ["123456789012345678903"]);
  assert.deepEqual(go("integer", ["5", "7", "9"], 3, { back: true }), ["3", "1", "-1"]);
  assert.deepEqual(go("integer", ["5"], 2, { back: true, turned: true }), ["4", "3"]);
});

test("uneven steps, nulls and what is no series repeat from the start", () => {
  assert.deepEqual(go("integer", ["1", "2", "4"], 4), ["1", "2", "4", "1"]);
  assert.deepEqual(go("integer", ["1", null], 3), ["1", null, "1"]);
  assert.deepEqual(go("text", ["a", "b"], 3), ["a", "b", "a"]);
  assert.deepEqual(go("text", ["a", "b"], 3, { back: true }), ["b", "a", "b"]);
  assert.deepEqual(go("reference", ["1", "2"], 3), ["1", "2", "1"]);
  assert.deepEqual(go("boolean", ["true", "false"], 3), ["true", "false", "true"]);
});

test("numbered text goes on, with its zeros", () => {
  assert.deepEqual(go("text", ["Banner 08", "Banner 09"]), ["Banner 10", "Banner 11", "Banner 12"]);
  assert.deepEqual(go("text", ["Line 1 (copy)", "Line 3 (copy)"], 2), ["Line 5 (copy)", "Line 7 (copy)"]);
  assert.deepEqual(go("text", ["Line 1", "Row 2"], 2), ["Line 1", "Row 2"]);
});

test("dates go on by days, or by months where the day is the same; the 31st is the last of a shorter month", () => {
  assert.deepEqual(go("date", ["2026-02-27", "2026-02-28"]), ["2026-03-01", "2026-03-02", "2026-03-03"]);
  assert.deepEqual(go("date", ["2026-01-31", "2026-03-31"], 2), ["2026-05-31", "2026-07-31"]);
  assert.deepEqual(go("date", ["2026-10-31", "2026-12-31"], 2), ["2027-02-28", "2027-04-30"]);
  assert.deepEqual(go("date", ["2026-02-03"], 2, { turned: true }), ["2026-02-04", "2026-02-05"]);
  assert.deepEqual(go("date", ["2026-03-01", "2026-03-02"], 1, { back: true }), ["2026-02-28"]);
  assert.deepEqual(go("date", ["9999-12-30", "9999-12-31"], 1), ["9999-12-31"]);
});

test("times go on as they are spelt", () => {
  assert.deepEqual(go("datetime", ["2026-02-03T10:00:00Z", "2026-02-03T22:00:00Z"], 2), ["2026-02-04T10:00:00Z", "2026-02-04T22:00:00Z"]);
  assert.deepEqual(go("datetime", ["2026-01-15 08:30:00", "2026-02-15 08:30:00"], 2), ["2026-03-15 08:30:00", "2026-04-15 08:30:00"]);
});
