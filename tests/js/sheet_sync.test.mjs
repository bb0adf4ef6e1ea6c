import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/js/sheet/outbox.js";
import { Sync } from "../../static/js/sheet/sync.js";
import { Server, pending, sheet } from "./kit/sheet.mjs";

const ME = { id: 1, name: "ada" };
const OTHER = { id: 2, name: "bob" };

function setUp(rows = 5) {
  const server = new Server(rows);
  const model = sheet(rows);
  const seen = { asked: [], refreshed: [], timers: [], people: [], hidden: false, down: false };
  const keep = { all: async () => [], put: async () => {}, drop: async () => {} };
  const outbox = new Outbox({ keep, later: () => 0, never: () => {} });
  const reach = (url) => {
    seen.asked.push(url);
    if (seen.down) throw new Error("down");
  };
  const sync = new Sync({
    urls: { steps: "/steps", marks: "/marks", history: "/history" }, model, outbox,
    post: async (url, data) => (reach(url), { ...server.post(ME, JSON.parse(JSON.stringify(data))), ...seen.answer }),
    getJson: async (url) => (reach(url), url === "/marks" ? server.document() : url === "/history" ? server.history(ME) : { ...server.feed(Number(/since=(\d+)/.exec(url)[1])), ...seen.answer }),
    data: { refresh: async (chunks) => (seen.refreshed.push(chunks), () => seen.put?.()) },
    onPeople: (people) => seen.people.push(people),
    hidden: () => seen.hidden,
    later: (fn, ms) => seen.timers.push({ fn, ms }),
    never: () => (seen.timers = []),
  });
  const theirs = (value, row = 0) => server.take(OTHER, { token: crypto.randomUUID(), kind: "edit", label: "", cells: { name: { rows: [row], after: [value] } } });
  return { server, model, outbox, sync, seen, theirs };
}

test("marks come first, then the steps of this person that can be undone", async () => {
  const { sync, model, server, theirs, seen } = setUp();
  theirs("x");
  server.take(ME, { token: "t", kind: "edit", label: "Edit Name", cells: { name: { rows: [1], after: ["y"] } } });
  await sync.start();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(pending(model), { "0 name": { e: "x" }, "1 name": { e: "y" } });
  assert.equal(model.canUndo, "Edit Name");
  assert.deepEqual(seen.asked, ["/marks", "/history"]);
});

test("what others do is asked for every two seconds, five when nobody looks, less often when nothing answers", async () => {
  const { sync, seen, model, theirs } = setUp();
  await sync.start();
  const wait = () => seen.timers.at(-1).ms;
  assert.equal(wait(), 2000);
  theirs("x");
  await seen.timers.at(-1).fn();
  assert.equal(model.value(0, "name"), "x");
  seen.hidden = true;
  await sync.poll();
  assert.equal(wait(), 5000);
  seen.hidden = false;
  seen.down = true;
  const waits = [];
  for (let n = 0; n < 5; n += 1) {
    await sync.poll();
    waits.push(wait());
  }
  assert.deepEqual(waits, [4000, 8000, 16000, 30000, 30000]);
  seen.down = false;
  await sync.poll();
  assert.equal(wait(), 2000);
  sync.stop();
  await sync.poll();
  assert.deepEqual(seen.timers, []);
});

test("where one is goes along, who else is here comes back", async () => {
  const { sync, seen } = setUp();
  sync.here = { row: 3, field: "name" };
  seen.answer = { people: [{ id: 2, name: "bob", row: 1, field: "bid" }] };
  await sync.poll();
  assert.match(seen.asked.at(-1), /since=0&row=3&field=name$/);
  assert.equal(sync.people[0].name, "bob");
  assert.equal(seen.people.length, 1);
});

test("idle waits until everything typed is on the server, and throws where it cannot be", async () => {
  const { sync, model, server, seen } = setUp();
  await sync.start();
  model.write("Edit", "edit", [{ row: 0, field: "name", value: "x" }]);
  await sync.idle();
  assert.equal(server.edit(0, "name"), "x");
  model.write("Edit", "edit", [{ row: 0, field: "name", value: "y" }]);
  seen.down = true;
  await assert.rejects(sync.idle(), /down/);
});

test("a run that came home: values and marks are loaded anew and shown together, what is typed meanwhile stays", async () => {
  const { sync, model, server, seen } = setUp();
  await sync.start();
  model.write("Edit", "edit", [{ row: 0, field: "name", value: "typed" }, { row: 1, field: "name", value: "sent" }]);
  await sync.idle();
  server.steps.push({ number: 2, token: "run", who: ME, kind: "applied", label: "Run 1", cells: {}, left: 0, changed: 0, reload: { marks: true, chunks: { name: [0] } } });
  server.baseline = 2;
  server.marks.delete("1 name");
  const shown = [];
  model.on(() => shown.push([model.base(1, "name"), model.edit(1, "name")].join()));
  seen.put = () => model.columns.get("name").put(0, { values: ["Row 0", "sent", "Row 2", "Row 3", "Row 4"] });
  await sync.poll();
  assert.deepEqual(seen.refreshed, [{ name: [0] }]);
  assert.deepEqual([model.value(0, "name"), model.value(1, "name"), model.edit(1, "name"), model.baseline], ["typed", "sent", false, 2]);
  assert.deepEqual(new Set(shown), new Set(["Row 1,sent", "sent,false"]), "never the new value without its mark, nor the other way about");
  assert.equal(model.undo().first, null, "what it puts back is the server's to say");
});

test("what could not be loaded anew stays owed", async () => {
  const { sync, model, server, seen } = setUp();
  await sync.start();
  server.steps.push({ number: 1, token: "run", who: OTHER, kind: "refreshed", label: "Read again", cells: {}, left: 0, changed: 0, reload: { marks: true, chunks: { name: [0] } } });
  sync.data = { refresh: async () => Promise.reject(new Error("down")) };
  await sync.poll();
  assert.equal(model.version, 1);
  sync.data = { refresh: async (chunks) => (seen.refreshed.push(chunks), () => {}) };
  await sync.poll();
  assert.deepEqual(seen.refreshed, [{ name: [0] }]);
  await sync.poll();
  assert.equal(seen.refreshed.length, 1);
});

test("too far behind, everything is loaded anew", async () => {
  const { sync, model, theirs, seen } = setUp();
  await sync.start();
  theirs("x");
  seen.answer = { reload: true, steps: [], version: 1 };
  await sync.poll();
  assert.deepEqual(seen.refreshed, [null]);
  assert.deepEqual([model.value(0, "name"), model.version], ["x", 1]);
});

test("marks older than what is shown are asked for again", async () => {
  const { sync, model, server, theirs } = setUp();
  await sync.start();
  const { getJson } = sync;
  let late = true;
  sync.getJson = async (url) => {
    const told = await getJson(url);
    if (url !== "/marks" || !late) return told;
    late = false;
    theirs("later");
    model.take(server.feed(model.version));
    return told;
  };
  theirs("x");
  await sync.take({ ...server.feed(0), reload: true, steps: [] });
  assert.equal(model.value(0, "name"), "later");
});
