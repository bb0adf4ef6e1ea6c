import assert from "node:assert/strict";
import { test } from "node:test";
import { PRISTINE } from "../../static/js/sheet/history.js";
import { Outbox } from "../../static/js/sheet/outbox.js";

// A server that answers as told, and a clock that is moved by hand.
function setUp({ answers = [], kept = [] } = {}) {
  const seen = { sent: [], states: [], answers: [], stored: kept, timers: [] };
  const outbox = new Outbox({
    store: { read: () => seen.stored, write: (edits) => (seen.stored = edits) },
    send: async (body) => {
      seen.sent.push(body);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? {};
    },
    onState: (state) => seen.states.push(state),
    onAnswer: (answer) => seen.answers.push(answer),
    later: (run, delay) => seen.timers.push({ run, delay }),
    never: () => (seen.timers = []),
  });
  return { outbox, seen };
}

const edit = (id, value, field = "name") => ({ id, field, value });

test("edits of a moment go in one call, the last value of a cell wins", async () => {
  const { outbox, seen } = setUp();
  outbox.add([edit("1", "a"), edit("2", null)]);
  outbox.add([edit("1", "b"), edit("3", PRISTINE)]);
  assert.equal(await outbox.flush(), true);
  assert.deepEqual(seen.sent, [{ edits: { 1: { name: "b" }, 2: { name: null } }, revert: { 3: ["name"] } }]);
  assert.equal(outbox.unsent, 0);
  assert.deepEqual(seen.stored, []);
  assert.equal(seen.states.at(-1), "saved");
});

test("what was not acknowledged stays stored, is said, and is sent again", async () => {
  const { outbox, seen } = setUp({ answers: [new Error("no network")] });
  outbox.add([edit("1", "a")]);
  assert.equal(await outbox.flush(), false);
  assert.deepEqual(seen.stored, [edit("1", "a")]);
  assert.equal(seen.states.at(-1), "retrying");
  assert.equal(seen.timers.at(-1).delay, 1000);
  assert.equal(await outbox.flush(), true);
  assert.equal(seen.sent.length, 2);
});

test("an edit made while a failing call was on its way is newer than what comes back", async () => {
  const { outbox, seen } = setUp({ answers: [new Error("no network")] });
  outbox.add([edit("1", "old"), edit("2", "kept")]);
  const flight = outbox.flush();
  outbox.add([edit("1", "new")]);
  await flight;
  await outbox.flush();
  assert.deepEqual(seen.sent.at(-1).edits, { 1: { name: "new" }, 2: { name: "kept" } });
});

test("a refusal is not repeated by itself, and nothing is forgotten", async () => {
  const { outbox, seen } = setUp({ answers: [Object.assign(new Error("You may not"), { final: true })] });
  outbox.add([edit("1", "a")]);
  seen.timers = [];
  assert.equal(await outbox.flush(), false);
  assert.equal(seen.states.at(-1), "refused");
  assert.equal(seen.timers.length, 0);
  assert.equal(seen.stored.length, 1);
});

test("what an earlier page could not send is sent by the next, a revert as a revert", async () => {
  const { outbox, seen } = setUp({ kept: [edit("1", "a"), { id: "2", field: "name", revert: true }] });
  assert.equal(outbox.unsent, 2);
  seen.timers.at(-1).run();
  await outbox.flush();
  assert.deepEqual(seen.sent, [{ edits: { 1: { name: "a" } }, revert: { 2: ["name"] } }]);
});

test("retries wait longer and longer", async () => {
  const { outbox, seen } = setUp({ answers: Array.from({ length: 6 }, () => new Error("down")) });
  outbox.add([edit("1", "a")]);
  const delays = [];
  for (let round = 0; round < 6; round += 1) {
    await outbox.flush();
    delays.push(seen.timers.at(-1).delay);
  }
  assert.deepEqual(delays, [1000, 2000, 5000, 10000, 10000, 10000]);
});
