// Random hands at several pages of one worksheet, with answers that are lost and pages that are reloaded: in the end every
// page shows what the server has, and that is what was typed, in the order in which it was taken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/js/sheet/outbox.js";
import { Sync } from "../../static/js/sheet/sync.js";
import { Server, dice, pending, sheet } from "./kit/sheet.mjs";

const ROWS = 12;
const VALUES = { name: ["a", "b", "", null, "Row 3", "far too long for this field"], bid: ["1", "1.50", "2.5", "x", "", null, "-1"], count: ["1", "2", "x", null, "007"] };

class Page {
  constructor(server, me, random) {
    Object.assign(this, { server, me, random, kept: new Map(), offline: false });
    this.open();
  }

  open() {
    this.model = sheet(ROWS, { me: this.me });
    const keep = { all: async () => [...this.kept.values()], put: async (step) => void this.kept.set(step.token, structuredClone(step)), drop: async (tokens) => tokens.forEach((token) => this.kept.delete(token)) };
    this.outbox = new Outbox({ keep, later: () => 0, never: () => {} });
    const post = async (_, data) => this.answer(() => this.server.post(this.me, JSON.parse(JSON.stringify(data))));
    this.sync = new Sync({
      urls: { steps: "/steps?", marks: "/marks", history: "/history" }, model: this.model, outbox: this.outbox, post,
      getJson: async (url) => this.answer(() => this.get(url)), data: { refresh: async () => () => {} }, hidden: () => false, later: () => 0, never: () => {},
    });
  }

  get(url) {
    if (url === "/marks") return this.server.document();
    if (url === "/history") return this.server.history(this.me);
    return this.server.feed(Number(/since=(\d+)/.exec(url)[1]));
  }

  // On its way, taken, and the answer perhaps lost.
  async answer(work) {
    await this.pause();
    if (this.offline || this.random.roll(8) === 0) throw new Error("no network");
    const answer = work();
    await this.pause();
    if (this.random.roll(8) === 0) throw new Error("the answer was lost");
    return structuredClone(answer);
  }

  async pause() {
    for (let n = this.random.roll(4); n > 0; n -= 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async start() {
    for (;;) {
      try {
        return await this.sync.start();
      } catch {
        this.sync.stop();
      }
    }
  }

  act() {
    const { roll, pick } = this.random;
    const what = roll(20);
    if (what < 9) this.type("Edit", "edit", 1);
    else if (what < 12) this.type("Paste", "paste", 2 + roll(8));
    else if (what < 14) this.model.undo();
    else if (what < 15) this.model.redo();
    else if (what < 17) this.outbox.flush();
    else if (what < 18) this.sync.poll();
    else if (what < 19) this.offline = !this.offline;
    else return this.reload();
    return pick([undefined, this.pause()]);
  }

  type(label, kind, size) {
    const { roll, pick } = this.random;
    const writes = Array.from({ length: size }, () => {
      const field = pick(Object.keys(VALUES));
      return { row: roll(ROWS), field, value: roll(6) ? pick(VALUES[field]) : false };
    });
    this.model.write(label, kind, writes);
  }

  // The page is gone in the middle of whatever it did; its requests may still arrive.
  async reload() {
    this.sync.stop();
    this.outbox.onFeed = () => {};
    this.offline = false;
    this.open();
    await this.start();
  }

  async settle() {
    this.offline = false;
    for (let n = 0; n < 200; n += 1) {
      if (await this.outbox.flush()) break;
    }
    const { version } = this.model;
    for (let n = 0; n < 50; n += 1) await this.sync.poll();
    assert.ok(this.model.version >= version);
  }
}

for (let seed = 1; seed <= 40; seed += 1) {
  test(`every page shows in the end what the server has (${seed})`, async () => {
    const random = dice(seed);
    const server = new Server(ROWS);
    const people = [{ id: 1, name: "ada" }, { id: 2, name: "bob" }, { id: 1, name: "ada" }];
    const pages = people.map((me) => new Page(server, me, random));
    for (const page of pages) await page.start();
    for (let turn = 0; turn < 150; turn += 1) await random.pick(pages).act();
    for (const page of [...pages, ...pages]) await page.settle();
    const held = Object.fromEntries(server.marks);
    for (const page of pages) {
      assert.deepEqual(pending(page.model), held);
      assert.equal(page.outbox.unsent, 0);
      assert.equal(page.kept.size, 0);
      const edits = Object.values(held).filter(({ e }) => e !== undefined);
      const { cells, invalid } = page.model.counts();
      assert.deepEqual([cells, invalid], [edits.length, Object.values(held).filter(({ w }) => w).length]);
    }
    assert.deepEqual(replayed(server), held);
  });
}

// The naive way: each step's cells one after another.
function replayed(server) {
  const found = {};
  for (const { cells } of server.steps) {
    for (const [field, { rows, after, words }] of Object.entries(cells)) {
      rows.forEach((row, at) => {
        if (after[at] === false) delete found[`${row} ${field}`];
        else found[`${row} ${field}`] = words[at] ? { e: after[at], w: words[at] } : { e: after[at] };
      });
    }
  }
  return found;
}

test("one person alone: what is shown before the server answers is what it answers", async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = dice(seed);
    const server = new Server(ROWS);
    const page = new Page(server, { id: 1, name: "ada" }, { roll: (n) => (n === 8 ? 1 : random.roll(n)), pick: random.pick });
    await page.start();
    for (let turn = 0; turn < 60; turn += 1) {
      const what = random.roll(10);
      if (what < 5) page.type("Edit", "edit", 1 + random.roll(3));
      else if (what < 8) page.model.undo();
      else page.model.redo();
      if (random.roll(3)) continue;
      const foreseen = pending(page.model);
      await page.outbox.flush();
      assert.deepEqual(pending(page.model), foreseen, `seed ${seed}, turn ${turn}`);
    }
  }
});
