import assert from "node:assert/strict";
import { test } from "node:test";
import { Server, boot, fill, pending, sheet, spec } from "./kit/sheet.mjs";
import { Model } from "../../static/js/sheet/model.js";

const ME = { id: 1, name: "ada" };
const OTHER = { id: 2, name: "bob" };

// A model whose steps are gathered, to be sent when the test says so.
function page(rows = 10, server = new Server(rows), me = ME) {
  const model = sheet(rows, { me });
  const waiting = [];
  model.send = (step) => waiting.push(step);
  const wire = ({ token, kind, label, cells }) => ({ token, kind, label, cells: Object.fromEntries(Object.entries(cells).map(([field, { rows, raw }]) => [field, { rows, after: raw }])) });
  const save = () => {
    const steps = waiting.splice(0);
    model.take({ ...server.post(me, { since: model.version, steps: steps.map(wire) }), sent: steps.map(({ token }) => token) });
  };
  return { model, server, waiting, save };
}

const write = (row, field, value) => [{ row, field, value }];

test("what is typed is shown, parsed, at once; what changes nothing is no step", () => {
  const { model, waiting } = page();
  const step = model.write("Edit", "edit", [{ row: 0, field: "bid", value: "1.5" }, { row: 1, field: "name", value: "Row 1" }, { row: 2, field: "fixed", value: "no" }]);
  assert.deepEqual(step.cells, { bid: { rows: [0], before: [false], after: ["1.5"], raw: ["1.5"] } });
  assert.equal(model.write("Edit", "edit", write(1, "bid", "01.5")), null, "the same number in other words");
  assert.equal(model.write("Edit", "edit", write(0, "bid", "1.5")), null);
  assert.equal(waiting.length, 1);
  assert.equal(model.value(0, "bid"), "1.5");
  assert.equal(model.state(0, "bid"), "pending");
  assert.deepEqual(model.counts(), { cells: 1, rows: 1, invalid: 0, clashes: 0, failed: 0, moved: 0, done: 0, gone: 0 });
});

test("null, empty text and what is not there are three things", () => {
  const { model } = page();
  model.write("Edit", "edit", [{ row: 0, field: "name", value: null }, { row: 1, field: "name", value: "" }]);
  assert.equal(model.edit(0, "name"), null);
  assert.equal(model.value(1, "name"), "");
  assert.equal(model.edit(2, "name"), false);
  assert.equal(model.missing(0, "fixed"), true);
  assert.equal(model.missing(1, "fixed"), false);
  assert.equal(model.value(1, "fixed"), null);
});

test("what cannot be is kept as typed, with the words; typing what stands there takes it away", () => {
  const { model } = page();
  model.write("Edit", "edit", write(3, "count", "many"));
  assert.equal(model.value(3, "count"), "many");
  assert.equal(model.state(3, "count"), "invalid");
  assert.match(model.note(3, "count"), /not a whole number/);
  assert.equal(model.counts().invalid, 1);
  model.write("Edit", "edit", write(3, "count", "3"));
  assert.equal(model.edit(3, "count"), false);
  assert.equal(model.counts().invalid, 0);
});

test("undo and redo go step by step, shown before the server answers, and the server agrees", () => {
  const { model, server, save } = page();
  model.write("Paste", "paste", [{ row: 0, field: "name", value: "a" }, { row: 1, field: "name", value: "b" }]);
  model.write("Edit Name", "edit", write(0, "name", "c"));
  assert.equal(model.canUndo, "Edit Name");
  assert.deepEqual(model.undo(), { label: "Edit Name", cells: 1, first: { row: 0, field: "name" }, left: 0 });
  assert.equal(model.value(0, "name"), "a");
  assert.deepEqual(model.undo(), { label: "Paste", cells: 2, first: { row: 0, field: "name" }, left: 0 });
  assert.equal(model.counts().cells, 0);
  assert.equal(model.redo().cells, 2);
  save();
  assert.deepEqual(pending(model), { "0 name": { e: "a" }, "1 name": { e: "b" } });
  assert.deepEqual(Object.fromEntries(server.marks), pending(model));
  model.write("Edit", "edit", write(5, "name", "d"));
  assert.equal(model.canRedo, "");
  assert.equal(model.redo(), null);
});

test("undo leaves alone what somebody changed since, and counts it", () => {
  const { model, server, save } = page();
  model.write("Paste", "paste", [{ row: 0, field: "name", value: "a" }, { row: 1, field: "name", value: "b" }]);
  save();
  server.take(OTHER, { token: "t", kind: "edit", label: "", cells: { name: { rows: [1], after: ["theirs"] } } });
  save();
  assert.equal(model.value(1, "name"), "theirs");
  const told = model.undo();
  assert.equal(told.left, 1);
  save();
  assert.deepEqual(pending(model), { "1 name": { e: "theirs" } });
});

test("a feed of another person does not hide what is typed here and unsent; once sent, the later one stands", () => {
  const { model, server, save } = page();
  server.take(OTHER, { token: "t", kind: "edit", label: "", cells: { name: { rows: [0, 1], after: ["x", "y"] } } });
  model.write("Edit", "edit", write(0, "name", "mine"));
  model.take(server.feed(0));
  assert.equal(model.value(0, "name"), "mine");
  assert.equal(model.value(1, "name"), "y");
  save();
  assert.equal(model.value(0, "name"), "mine");
  assert.equal(server.edit(0, "name"), "mine");
});

test("a step taken before somebody else's shows theirs, although both come in one feed", () => {
  const { model, server, waiting } = page();
  const step = model.write("Edit", "edit", write(0, "name", "mine"));
  server.take(ME, { ...step, cells: { name: { rows: [0], after: ["mine"] } } });
  server.take(OTHER, { token: "t", kind: "edit", label: "", cells: { name: { rows: [0], after: ["theirs"] } } });
  model.take({ ...server.feed(0), sent: [waiting[0].token] });
  assert.equal(model.value(0, "name"), "theirs");
});

test("where the server makes something else of it, that stands", () => {
  const { model } = page();
  const step = model.write("Edit", "edit", [{ row: 0, field: "name", value: "x" }, { row: 1, field: "name", value: "y" }]);
  const told = { number: 1, token: step.token, who: ME, kind: "edit", label: "Edit", reload: null, cells: { name: { rows: [0], after: ["X"], words: { 0: "No." } } } };
  model.take({ version: 1, baseline: 1, steps: [told], sent: [step.token] });
  assert.deepEqual(pending(model), { "0 name": { e: "X", w: "No." } });
  assert.equal(model.undo().first, null, "what it took back is the server's to say");
});

test("the same cell twice in one paste is one cell, the last value", () => {
  const { model, server, save } = page();
  const step = model.write("Paste", "paste", [{ row: 0, field: "name", value: "a" }, { row: 0, field: "name", value: "b" }]);
  assert.deepEqual(step.cells.name.rows, [0]);
  save();
  assert.equal(server.edit(0, "name"), "b");
});

test("typed again before the first was acknowledged: the second stays in sight", () => {
  const { model, server } = page();
  const first = model.write("Edit", "edit", write(0, "name", "a"));
  model.write("Edit", "edit", write(0, "name", "b"));
  server.take(ME, { ...first, cells: { name: { rows: [0], after: ["a"] } } });
  model.take({ ...server.feed(0), sent: [first.token] });
  assert.equal(model.value(0, "name"), "b");
});

test("marks loaded anew go under what is typed and unsent, and come to light when that comes to nothing", () => {
  const { model } = page();
  const { token } = model.write("Edit", "edit", write(0, "name", "mine"));
  model.takeMarks({ version: 4, baseline: 2, marks: { name: { rows: [0, 1], marks: ["theirs", "x"] } } });
  assert.deepEqual([model.value(0, "name"), model.value(1, "name"), model.version], ["mine", "x", 4]);
  assert.equal(model.counts().cells, 2);
  model.take({ version: 4, steps: [], sent: [token] });
  assert.equal(model.value(0, "name"), "theirs");
});

test("a page too far behind keeps its own in sight until the marks are there", () => {
  const { model } = page();
  const { token } = model.write("Edit", "edit", write(0, "name", "mine"));
  model.take({ version: 900, baseline: 1, reload: true, steps: [], sent: [token] });
  assert.deepEqual([model.value(0, "name"), model.version], ["mine", 0]);
  model.takeMarks({ version: 900, baseline: 1, marks: { name: { rows: [0], marks: ["mine, as kept"] } } });
  assert.equal(model.value(0, "name"), "mine, as kept");
});

test("a refused step stays in sight with the words until it is typed anew", () => {
  const { model } = page();
  const step = model.write("Edit", "edit", write(0, "name", "mine"));
  model.take({ version: 0, steps: [], refused: [{ token: step.token, words: "Too late." }], sent: [step.token] });
  assert.equal(model.value(0, "name"), "mine");
  assert.equal(model.note(0, "name"), "Not saved: Too late.");
  assert.equal(model.canUndo, "");
  model.takeMarks({ version: 0, baseline: 1, marks: {} });
  assert.equal(model.note(0, "name"), "Not saved: Too late.");
  model.write("Edit", "edit", write(0, "name", "again"));
  assert.equal(model.state(0, "name"), "pending");
});

test("after a reload undo and redo ask the server, which knows the steps", () => {
  const { model: before, server, save: saveBefore } = page();
  before.write("Paste", "paste", [{ row: 0, field: "name", value: "a" }, { row: 1, field: "name", value: "b" }]);
  before.write("Fill", "fill", write(2, "name", "c"));
  saveBefore();
  const { model, save } = page(10, server);
  model.takeMarks(server.document());
  assert.deepEqual(pending(model), pending(before));
  model.takeHistory(server.history(ME));
  assert.equal(model.canUndo, "Fill");
  assert.deepEqual(model.undo(), { label: "Fill", cells: 1, first: null, left: 0 });
  assert.deepEqual(model.undo(), { label: "Paste", cells: 2, first: null, left: 0 });
  assert.equal(model.undo(), null);
  save();
  assert.deepEqual(pending(model), {});
  assert.deepEqual(model.redo(), { label: "Paste", cells: 2, first: null, left: 0 });
  save();
  assert.deepEqual(Object.keys(pending(model)), ["0 name", "1 name"]);
});

test("before the history is known, undo asks the server all the same", () => {
  const { model: before, server, save: saveBefore } = page();
  before.write("Edit", "edit", write(0, "name", "a"));
  saveBefore();
  const { model, save } = page(10, server);
  model.takeMarks(server.document());
  assert.deepEqual(model.undo(), { label: "", cells: null, first: null, left: 0 });
  save();
  assert.deepEqual(pending(model), {});
});

test("what an earlier page could not send is shown again, and sent with the same tokens counts once", () => {
  const { model: before, server, waiting } = page();
  before.write("Edit", "edit", write(0, "name", "a"));
  before.write("Edit", "edit", write(0, "name", "b"));
  const kept = structuredClone(waiting);
  server.take(ME, { ...kept[0], cells: { name: { rows: [0], after: ["a"] } } }); // the answer was lost
  const { model } = page(10, server);
  model.takeMarks(server.document());
  model.restore(kept);
  assert.equal(model.value(0, "name"), "b");
  assert.deepEqual(kept.map(({ token }) => token), waiting.map(({ token }) => token));
  const steps = kept.map((step) => ({ ...step, cells: { name: { rows: [0], after: step.cells.name.raw } } }));
  model.take({ ...server.post(ME, { since: model.version, steps }), sent: kept.map(({ token }) => token) });
  assert.equal(model.value(0, "name"), "b");
  assert.equal(server.steps.length, 2);
});

test("what waits to be sent is left whole by history, by runs that come home and by many steps after it", () => {
  const { model, server, waiting } = page();
  const step = model.write("Edit", "edit", write(0, "name", "a"));
  server.take(ME, { ...step, cells: { name: { rows: [0], after: ["a"] } } });
  model.takeHistory(server.history(ME));
  model.take({ version: 1, baseline: 1, steps: [{ number: 1, token: "run", who: OTHER, kind: "applied", label: "", cells: {}, reload: { marks: true, chunks: {} } }] });
  for (let n = 0; n < 60; n += 1) model.write("Edit", "edit", write(1, "name", `${n}`));
  assert.deepEqual(waiting[0].cells.name, { rows: [0], before: [false], after: ["a"], raw: ["a"] });
  assert.ok(waiting.every(({ cells }) => cells.name.raw.length === 1));
});

test("a step of one's own from another tab can be undone here", () => {
  const { model, server, save } = page();
  model.write("Edit here", "edit", write(0, "name", "a"));
  save();
  server.take(ME, { token: "there", kind: "shared", label: "Shared there", cells: { name: { rows: [5], after: ["s"] } } });
  model.take(server.feed(model.version));
  assert.equal(model.canUndo, "Shared there");
  assert.equal(model.undo().first, null);
  save();
  assert.equal(model.canUndo, "Edit here");
  assert.equal(model.undo().cells, 1);
  save();
  assert.deepEqual(pending(model), {});
});

test("states by what weighs most, and of a row the worst", () => {
  const model = sheet();
  const marks = [
    ["x", "pending"], [null, "pending"], [{ e: "x", w: "No.", c: true }, "invalid"], [{ e: "x", c: true, t: "old", o: "conflict" }, "conflict"],
    [{ e: "x", o: "rejected", m: ["Too", "long."] }, "failed"], [{ e: "x", o: "not sent" }, "unsent"], [{ e: "x", o: "cancelled" }, "unsent"],
    [{ e: "x", o: "unknown" }, "doubtful"], [{ e: "x", o: "accepted but not stored" }, "doubtful"], [{ t: null }, "moved"], [{ o: "done", r: 1 }, "done"],
  ];
  const held = { rows: marks.map((_, row) => row % 10), marks: marks.map(([mark]) => mark) };
  for (const [mark, state] of marks) {
    model.takeMarks({ version: 0, baseline: 1, marks: { name: { rows: [0], marks: [mark] }, bid: { rows: [0], marks: [{ o: "done" }] } } });
    assert.equal(model.state(0, "name"), state);
    assert.equal(model.rowState(0), state);
  }
  model.takeMarks({ version: 0, baseline: 1, marks: { name: { rows: held.rows.slice(0, 10), marks: held.marks.slice(0, 10) }, "": { rows: [7], marks: [{ gone: true }] } } });
  assert.deepEqual(model.counts(), { cells: 9, rows: 9, invalid: 1, clashes: 2, failed: 6, moved: 1, done: 0, gone: 1 });
  assert.equal(model.note(4, "name"), "Too long.");
  assert.equal(model.rowState(7), "gone");
  assert.equal(model.writable(7, "name"), false);
});

test("typing into a cell ends what a run said of it; what moved without a clash stays to be seen", () => {
  const { model } = page();
  model.takeMarks({ version: 0, baseline: 1, marks: { name: { rows: [0, 1, 2], marks: [{ e: "x", o: "rejected", r: 1 }, { t: "old" }, { e: "x", t: "old", c: true }] } } });
  model.write("Edit", "edit", [0, 1, 2].map((row) => ({ row, field: "name", value: "y" })));
  assert.deepEqual([0, 1, 2].map((row) => model.mark(row, "name")), [{ e: "y" }, { e: "y", t: "old" }, { e: "y" }]);
  model.write("Clear", "clear", [0, 1, 2].map((row) => ({ row, field: "name", value: false })));
  assert.deepEqual([0, 1, 2].map((row) => model.mark(row, "name")), [undefined, { t: "old" }, undefined]);
});

test("who may only look writes nothing; a title that is blank is told by kind and id", () => {
  const model = sheet(3, { editable: false });
  assert.equal(model.write("Edit", "edit", write(0, "name", "x")), null);
  assert.equal(model.title(1), "Row 1");
  const untitled = fill(new Model(boot(1, { fields: [spec("id", "integer")], resource: { id_field: "id", title_field: "name", singular: "Thing" } })), () => 7);
  assert.equal(untitled.title(0), "Thing 7");
  assert.equal(untitled.id(0), "7");
});

test("two hundred steps and more can be undone one by one", () => {
  const { model, save } = page();
  for (let n = 0; n < 250; n += 1) model.write(`Edit ${n}`, "edit", write(n % 10, "name", `v${n}`));
  save();
  for (let n = 249; n >= 0; n -= 1) assert.equal(model.undo().label, `Edit ${n}`);
  save();
  assert.deepEqual(pending(model), {});
});
