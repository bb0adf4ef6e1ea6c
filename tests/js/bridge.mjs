// Worksheet pages without a browser, for tests in Python: one JSON command a line, one answer a line. What a page asks its
// server is asked of the test: {"ask": …}, answered by the next line.
import { createInterface } from "node:readline";
import { text } from "../../static/js/sheet/column.js";
import { load } from "../../static/js/sheet/load.js";
import { Model } from "../../static/js/sheet/model.js";
import { arrange } from "../../static/js/sheet/order.js";
import { Outbox } from "../../static/js/sheet/outbox.js";
import { fill } from "../../static/js/sheet/series.js";
import { Sync } from "../../static/js/sheet/sync.js";
import { parse } from "../../static/js/sheet/tsv.js";

const pages = {};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const hear = async () => JSON.parse((await lines.next()).value ?? "null");

// One question at a time, or answers would be taken for those of others.
let turn = Promise.resolve();
function ask(who, url, data) {
  const answer = turn.then(async () => {
    tell({ ask: { who, url, data } });
    const told = await hear();
    if (told.problem) throw Object.assign(new Error(told.problem), told);
    return told.answer;
  });
  turn = answer.catch(() => {});
  return answer;
}

class Page {
  #kept;
  #taken = [];

  constructor(who, boot, kept = new Map()) {
    this.#kept = kept;
    this.model = new Model(boot);
    const keep = { all: async () => [...kept.values()], put: async (step) => void kept.set(step.token, structuredClone(step)), drop: async (tokens) => tokens.forEach((token) => kept.delete(token)) };
    const quiet = { later: () => 0, never: () => {} };
    this.outbox = new Outbox({ keep, ...quiet });
    const data = load(boot, this.model, boot.fields.map(({ name }) => name), undefined, async (url) => Buffer.from(await ask(who, url), "base64"));
    const post = (url, told) => ask(who, url, told);
    this.sync = new Sync({ urls: boot.urls, model: this.model, outbox: this.outbox, data, post, getJson: (url) => ask(who, url), hidden: () => false, ...quiet });
    this.ready = data.done;
  }

  // Another page of the same browser, which finds what this one could not send.
  again(who, boot) {
    this.sync.stop();
    return new Page(who, boot, this.#kept);
  }

  // Nothing is sent before it is asked for.
  async start() {
    await this.ready;
    this.outbox.retry = async () => false;
    await this.sync.start();
    delete this.outbox.retry;
    this.outbox.onFeed = (feed) => this.#taken.push(this.sync.take(feed));
  }

  // The cells that are sent.
  write({ label, kind, writes }) {
    const step = this.model.write(label, kind, writes.map(([row, field, value]) => ({ row, field, value })));
    return Object.entries(step?.cells ?? {}).flatMap(([field, { rows, raw }]) => rows.map((row, at) => [row, field, raw[at]]));
  }

  // A block of text from its first row on, over fields that are beside each other.
  paste({ rows, fields, block }) {
    const writes = parse(block).flatMap((line, down) => line.map((value, across) => [rows[down], fields[across], value]));
    return this.write({ label: "Paste", kind: "paste", writes });
  }

  // Continues what stands in the first `source` rows; returns what was filled in, and what is sent of it.
  fill({ rows, field, source }) {
    const from = rows.slice(0, source).map((row) => this.model.value(row, field));
    const made = fill(from, this.model.spec(field), rows.length - source);
    return { made, sent: this.write({ label: "Fill", kind: "fill", writes: made.map((value, at) => [rows[source + at], field, value]) }) };
  }

  undo() {
    return this.model.undo() !== null;
  }

  redo() {
    return this.model.redo() !== null;
  }

  async flush() {
    const saved = await this.outbox.flush();
    await Promise.all(this.#taken.splice(0));
    return saved;
  }

  async poll() {
    await this.sync.poll();
    return this.outbox.unsent;
  }

  arrange(how) {
    return [...arrange(this.model, how)];
  }

  told() {
    const { model } = this;
    const names = ["", ...model.columns.keys()];
    const marks = Object.fromEntries(names.map((name) => [name, [...model.marks(name)]]));
    const rows = Array.from({ length: model.rows }, (_, row) => row);
    const base = Object.fromEntries([...model.columns].map(([name, column]) => [name, rows.map((row) => text(column.get(row)))]));
    return { marks, base, counts: model.counts(), version: model.version, unsent: this.outbox.unsent };
  }
}

for (let order = await hear(); order; order = await hear()) {
  const { page, make, boot, what, how } = order;
  if (make) pages[page] = pages[page]?.again(page, boot) ?? new Page(page, boot);
  tell({ done: (await pages[page][what](how)) ?? null });
}
