import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/js/sheet/outbox.js";

const step = (token, value = "a") => ({ token, kind: "edit", label: "Edit", cells: { name: { rows: [0], before: [false], after: [value], raw: [value] } } });
const failing = (message, more = {}) => Object.assign(new Error(message), more);

// A clock moved by hand, a server that answers as told, and what is kept on this machine.
function setUp({ answers = [], kept = [] } = {}) {
  const clock = { now: 0, timers: [] };
  const seen = { sent: [], states: [], feeds: [], kept: new Map(kept.map((each) => [each.token, each])), online: true };
  const keep = { all: async () => [...seen.kept.values()], put: async (each) => void seen.kept.set(each.token, each), drop: async (tokens) => tokens.forEach((token) => seen.kept.delete(token)) };
  const outbox = new Outbox({
    keep,
    send: async (steps) => {
      seen.sent.push(steps);
      const answer = answers.length ? answers.shift() : {};
      const made = typeof answer === "function" ? await answer(steps) : answer;
      if (made instanceof Error) throw made;
      return { version: 1, steps: [], ...made };
    },
    onState: (told) => seen.states.push(told),
    onFeed: (feed) => seen.feeds.push(feed),
    later: (fn, ms) => clock.timers.push({ fn, at: clock.now + ms }) && clock.timers.at(-1),
    never: (timer) => (clock.timers = clock.timers.filter((each) => each !== timer)),
    now: () => clock.now,
    online: () => seen.online,
  });
  const settle = async () => {
    for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = async (ms) => {
    for (const end = clock.now + ms; ; ) {
      const next = clock.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      clock.now = next ? next.at : end;
      if (!next) return settle();
      clock.timers = clock.timers.filter((each) => each !== next);
      next.fn();
      await settle();
    }
  };
  return { outbox, seen, clock, pass, settle, tokens: () => seen.sent.map((steps) => steps.map(({ token }) => token)) };
}

test("a step leaves at once, as it was typed, and is kept until it is acknowledged", async () => {
  const { outbox, seen, pass } = setUp();
  outbox.add({ ...step("1"), cells: { name: { rows: [0], before: [false], after: ["2"], raw: ["Done"] } } });
  await Promise.resolve();
  assert.equal(seen.kept.size, 1);
  await pass(0);
  assert.deepEqual(seen.sent, [[{ token: "1", kind: "edit", label: "Edit", cells: { name: { rows: [0], after: ["Done"] } } }]]);
  assert.deepEqual(seen.states.map(({ state }) => state), ["saving", "saving", "saved"]);
  assert.deepEqual(seen.feeds[0].sent, ["1"]);
  assert.equal(seen.kept.size, 0);
});

test("an undo is sent without cells: the server knows them", async () => {
  const { outbox, seen, pass } = setUp();
  outbox.add({ ...step("1"), kind: "undo" });
  await pass(0);
  assert.deepEqual(seen.sent, [[{ token: "1", kind: "undo" }]]);
});

test("one request at a time: what is typed meanwhile goes together in the next, in order", async () => {
  let answer;
  const { outbox, seen, pass, settle, tokens } = setUp({ answers: [() => new Promise((resolve) => (answer = resolve))] });
  outbox.add(step("1"));
  await pass(0);
  outbox.add(step("2"));
  outbox.add(step("3"));
  await pass(100);
  assert.deepEqual(tokens(), [["1"]]);
  answer({});
  await settle();
  assert.deepEqual(tokens(), [["1"], ["2", "3"]]);
  assert.equal(seen.states.at(-1).state, "saved");
});

test("offline for a minute: nothing is lost, it is said, and everything goes as soon as the network is back", async () => {
  const { outbox, seen, pass, tokens, clock } = setUp({ answers: Array.from({ length: 9 }, () => failing("This site cannot be reached.")) });
  seen.online = false;
  clock.now = 5000;
  outbox.add(step("1"));
  await pass(30_000);
  outbox.add(step("2"));
  await pass(30_000);
  const { state, unsent, since, words, kept } = seen.states.at(-1);
  assert.deepEqual({ state, unsent, since, words, kept }, { state: "offline", unsent: 2, since: 5000, words: "This site cannot be reached.", kept: true });
  assert.equal(seen.kept.size, 2);
  const tries = seen.sent.length;
  assert.ok(tries >= 6 && tries <= 9, `${tries} tries`);
  while (seen.sent.length < 9) await outbox.retry();
  seen.online = true;
  assert.equal(await outbox.retry(), true);
  assert.deepEqual(tokens().at(-1), ["1", "2"]);
  assert.equal(seen.states.at(-1).state, "saved");
  assert.deepEqual([seen.kept.size, outbox.unsent, seen.states.at(-1).since], [0, 0, 0]);
});

test("it waits longer and longer between tries", async () => {
  const { outbox, clock, pass } = setUp({ answers: Array.from({ length: 7 }, () => failing("down")) });
  outbox.add(step("1"));
  await pass(0);
  const waits = [];
  for (let n = 0; n < 6; n += 1) {
    waits.push(clock.timers[0].at - clock.now);
    await pass(waits.at(-1));
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15000, 15000]);
});

test("a refused step is told, and not sent again; the others are saved", async () => {
  const { outbox, seen, pass } = setUp({ answers: [{ refused: [{ token: "1", words: "No." }] }] });
  outbox.add(step("1"));
  outbox.add(step("2"));
  await pass(60_000);
  assert.equal(seen.sent.length, 1);
  assert.deepEqual(seen.feeds[0].refused, [{ token: "1", words: "No." }]);
  assert.deepEqual(seen.feeds[0].sent, ["1", "2"]);
});

test("a request that is wrong as a whole is taken apart, and only the step at fault is refused", async () => {
  const wrong = (steps) => (steps.some(({ token }) => token === "2") ? failing("Nonsense.", { final: true, status: 400 }) : {});
  const { outbox, seen, pass, tokens } = setUp({ answers: [wrong, wrong, wrong, wrong] });
  for (const token of ["1", "2", "3"]) outbox.add(step(token));
  await pass(0);
  assert.deepEqual(tokens(), [["1", "2", "3"], ["1"], ["2"], ["3"]]);
  assert.deepEqual(seen.feeds.map(({ refused }) => refused), [undefined, [{ token: "2", words: "Nonsense." }], undefined]);
  assert.equal(outbox.unsent, 0);
});

test("who may not save any more is told so; nothing is dropped, and nothing repeated by itself", async () => {
  const { outbox, seen, pass } = setUp({ answers: [failing("You may not.", { final: true, status: 403 })] });
  outbox.add(step("1"));
  await pass(60_000);
  assert.equal(seen.sent.length, 1);
  assert.deepEqual([seen.states.at(-1).state, seen.states.at(-1).words, seen.kept.size], ["refused", "You may not.", 1]);
  assert.equal(await outbox.flush(), true);
});

test("what an earlier page left behind is sent first, with the same tokens", async () => {
  const { outbox, tokens } = setUp({ kept: [step("old 1"), step("old 2")] });
  outbox.add(step("new"));
  assert.deepEqual((await outbox.load()).map(({ token }) => token), ["old 1", "old 2"]);
  await outbox.flush();
  assert.deepEqual(tokens(), [["old 1", "old 2", "new"]]);
});

test("a machine that cannot keep anything is said to", async () => {
  const { outbox, seen, pass } = setUp({ answers: [failing("down")] });
  outbox.keep = { all: () => Promise.reject(new Error()), put: () => Promise.reject(new Error()), drop: () => Promise.reject(new Error()) };
  assert.deepEqual(await outbox.load(), []);
  outbox.add(step("1"));
  await pass(0);
  assert.equal(seen.states.at(-1).kept, false);
});

test("many steps and many cells go in several requests", async () => {
  const { outbox, seen, pass } = setUp();
  for (let n = 0; n < 250; n += 1) outbox.add(step(`${n}`));
  await pass(0);
  assert.deepEqual(seen.sent.map((steps) => steps.length), [100, 100, 50]);
  const rows = Array.from({ length: 60_000 }, (_, row) => row);
  const big = (token) => ({ token, kind: "paste", label: "", cells: { name: { rows, before: rows, after: rows, raw: rows } } });
  for (const token of ["a", "b", "c"]) outbox.add(big(token));
  await pass(0);
  assert.deepEqual(seen.sent.slice(3).map((steps) => steps.length), [1, 1, 1]);
});
