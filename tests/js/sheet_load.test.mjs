import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Column, isMissing, text } from "../../static/js/sheet/column.js";
import { load, unframe } from "../../static/js/sheet/load.js";
import { Model } from "../../static/js/sheet/model.js";
import { boot, spec } from "./kit/sheet.mjs";

const FIELDS = [spec("id", "integer"), spec("name", "text"), spec("bid", "decimal"), spec("late", "text"), spec("never", "text")];

function framed(chunks) {
  return new Uint8Array(Buffer.concat(chunks.flatMap((chunk) => {
    const data = chunk ? gzipSync(JSON.stringify(chunk)) : Buffer.alloc(0);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return [size, data];
  })));
}

// Columns of a worksheet, answered as the server frames them.
function setUp(rows = 25_000) {
  const model = new Model(boot(rows, { fields: FIELDS }));
  const seen = { asked: [], parts: [], version: "", hold: null };
  const chunk = (field, part) => {
    const size = Math.min(10_000, rows - part * 10_000);
    if (field === "never") return null;
    if (field === "bid") return { values: [{ j: "1.50" }, null, {}], codes: Array.from({ length: size }, (_, at) => at % 3) };
    return { values: Array.from({ length: size }, (_, at) => (field === "id" ? part * 10_000 + at : `${field} ${part * 10_000 + at}${seen.version}`)) };
  };
  const get = async (url) => {
    const query = new URLSearchParams(url.split("?")[1]);
    const [fields, parts] = [query.get("fields").split(","), query.get("parts").split(",").map(Number)];
    seen.asked.push([fields.join(), parts.join()]);
    const data = framed(parts.flatMap((part) => fields.map((field) => chunk(field, part))));
    if (seen.hold) await seen.hold;
    return data;
  };
  return { model, seen, start: (fields) => load(model.boot, model, fields, (here, asked) => seen.parts.push([here, asked]), get) };
}

test("first the fields shown in the first rows, then the rest; id and title are among them", async () => {
  const { model, seen, start } = setUp();
  const loading = start(["bid"]);
  await loading.first;
  assert.deepEqual(seen.asked[0], ["id,name,bid", "0"]);
  assert.equal(model.value(9_999, "name"), "name 9999");
  await loading.done;
  assert.deepEqual(seen.asked.slice(1), [["id,name,bid", "1,2"]]);
  assert.equal(model.id(24_999), "24999");
  assert.deepEqual([0, 1, 2].map((row) => model.value(row, "bid")), ["1.50", null, null]);
  assert.deepEqual([1, 2].map((row) => model.missing(row, "bid")), [false, true]);
  assert.equal(model.value(0, "late"), undefined);
  assert.deepEqual(seen.parts, [[3, 9], [9, 9]]);
});

test("other fields come when they are wanted, each once; one that was never read is not set in any row", async () => {
  const { model, seen, start } = setUp();
  const loading = start([]);
  await Promise.all([loading.done, loading.want(["late", "name"]), loading.want(["late", "never", "unknown"])]);
  assert.deepEqual(seen.asked.map(([fields]) => fields).filter((fields) => fields.includes("late")), ["late", "late"]);
  assert.equal(model.value(24_999, "late"), "late 24999");
  assert.equal(model.missing(24_999, "never"), true);
});

test("stale parts are put only when asked to, and never under newer ones", async () => {
  const { model, seen, start } = setUp();
  const loading = start([]);
  await loading.done;
  seen.version = " new";
  const put = await loading.refresh({ name: [1], late: [0] });
  assert.deepEqual(seen.asked.at(-1), ["name", "1"]);
  assert.equal(model.value(10_000, "name"), "name 10000");
  seen.version = " newer";
  (await loading.refresh({ name: [1] }))();
  put();
  assert.equal(model.value(10_000, "name"), "name 10000 newer");
  assert.equal(model.value(0, "name"), "name 0");
  seen.version = " all";
  (await loading.refresh(null))();
  assert.deepEqual([model.value(0, "name"), model.value(24_999, "name")], ["name 0 all", "name 24999 all"]);
});

test("a first loading that arrives after a refresh does not undo it", async () => {
  const { model, seen, start } = setUp(5);
  let release;
  seen.hold = new Promise((resolve) => (release = resolve));
  const loading = start([]);
  seen.hold = null;
  seen.version = " new";
  (await loading.refresh(null))();
  release();
  await loading.done;
  assert.equal(model.value(0, "name"), "name 0 new");
});

test("what could not be read is asked for again the next time it is wanted", async () => {
  const { model, seen, start } = setUp(5);
  const loading = start([]);
  await loading.done;
  seen.hold = Promise.reject(new Error("down"));
  await assert.rejects(loading.want(["late"]), /down/);
  seen.hold = null;
  await loading.want(["late"]);
  assert.equal(model.value(4, "late"), "late 4");
});

test("frames are cut by their lengths", () => {
  const frames = unframe(framed([{ values: [1] }, null, { values: [2] }, { values: [3] }]), ["a", "b"], [0, 1]);
  assert.deepEqual(frames.map(({ part, field, bytes }) => [part, field, Boolean(bytes)]), [[0, "a", true], [0, "b", false], [1, "a", true], [1, "b", true]]);
});

test("a column keeps each value once, and asks a function once for each", () => {
  const column = new Column();
  column.put(0, { values: ["a", null, {}], codes: Array.from({ length: 10_000 }, (_, at) => at % 3) });
  column.put(2, { values: [{ j: "1E+2" }, true, 5] });
  assert.deepEqual([0, 1, 2, 3, 9_999].map((row) => column.get(row)), ["a", null, {}, "a", "a"]);
  assert.equal(column.get(10_000), undefined);
  assert.deepEqual([20_000, 20_001, 20_002].map((row) => text(column.get(row))), ["100", "true", "5"]);
  assert.equal(isMissing(column.get(2)), true);
  let asked = 0;
  const length = column.map((wire) => ((asked += 1), text(wire)?.length ?? 0), -1);
  assert.deepEqual([0, 3, 6, 1, 4, 10_000].map(length), [1, 1, 1, 0, 0, -1]);
  assert.equal(asked, 2);
});
