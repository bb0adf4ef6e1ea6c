import assert from "node:assert/strict";
import test from "node:test";
import { Groups, parts } from "../../static/js/bench/clustered.js";
import { Resolved, suggested } from "../../static/js/bench/resolved.js";

const ACME = { key: "a", survivor: "Acme Ltd", values: [["Acme Ltd", 3], ["ACME LTD", 2], ["acme  ltd", 1]] };
const BETA = { key: "b", survivor: "Beta", values: [["Beta", 1], ["beta", 1]] };

function groups() {
  const made = new Groups();
  made.set([ACME, BETA]);
  return made;
}

test("nothing is merged before a group is ticked, then all its values but the survivor", () => {
  const made = groups();
  assert.deepEqual(made.pairs, []);
  made.all[0].judged.on = true;
  assert.deepEqual(made.pairs, [["ACME LTD", "Acme Ltd"], ["acme  ltd", "Acme Ltd"]]);
  assert.deepEqual(made.counts, { values: 3, into: 1 });
});

test("a value that is taken out stays as it is, and a survivor may be none of them", () => {
  const made = groups();
  Object.assign(made.all[0].judged, { on: true, survivor: "ACME Limited" });
  made.all[0].judged.off.add("ACME LTD");
  assert.deepEqual(made.pairs, [["Acme Ltd", "ACME Limited"], ["acme  ltd", "ACME Limited"]]);
  assert.deepEqual(made.counts, { values: 2, into: 1 });
});

test("what was decided stays while the group has the same values", () => {
  const made = groups();
  made.all[0].judged.on = made.all[1].judged.on = true;
  made.set([{ ...ACME, values: [...ACME.values, ["acme", 1]] }, BETA]);
  assert.deepEqual(made.ticked.map(({ key }) => key), ["b"]);
  made.forget();
  made.set([BETA]);
  assert.deepEqual(made.ticked, []);
});

test("groups are found by a value, by their size and by how much lengths differ", () => {
  const made = groups();
  const keys = (what) => made.found(what).map(({ key }) => key);
  assert.deepEqual(keys({ find: "LTD" }), ["a"]);
  assert.deepEqual(keys({ size: 3 }), ["a"]);
  assert.deepEqual(keys({ spread: 0 }), ["b"]);
  assert.deepEqual(keys({}), ["a", "b"]);
  assert.deepEqual([made.all[0].rows, made.all[0].spread], [6, 1]);
});

test("spaces nobody would see are parts of their own", () => {
  assert.deepEqual(parts(" a  b\tc "), [
    { text: " ", space: true }, { text: "a" }, { text: "  ", space: true }, { text: "b" }, { text: "\t", space: true }, { text: "c" }, { text: " ", space: true },
  ]);
  assert.deepEqual(parts("a b"), [{ text: "a b" }]);
  assert.deepEqual(parts("\u200b"), [{ text: "\u200b", space: true }]);
});

const candidate = (id, more = {}) => ({ id, title: `Record ${id}`, facts: [], active: true, how: "the same", ...more });
const name = (text, rows, sure, ...candidates) => ({ text, rows, sure, candidates });

function resolved() {
  const made = new Resolved();
  made.set([
    name("Ann", 5, true, candidate("1")),
    name("Bob", 4, false, candidate("2"), candidate("3")),
    name("BOB", 2, false, candidate("3"), candidate("2")),
    name("Cyd", 1, false, candidate("4", { how: "95% alike" }), candidate("5", { how: "91% alike" })),
    name("who", 1, false),
  ]);
  return made;
}

test("sure names stand for their record, others for none until they are picked", () => {
  const made = resolved();
  assert.deepEqual(made.pairs, [["Ann", "1"]]);
  assert.deepEqual(made.left, { names: 4, rows: 8 });
  made.pick(made.of("sure")[0], "");
  made.pick(made.of("none")[0], "9");
  assert.deepEqual(made.pairs, [["who", "9"]]);
});

test("spellings that may mean the same records are picked once for all", () => {
  const made = resolved();
  const [bob] = made.of("pick");
  assert.deepEqual([bob.texts, bob.rows], [["Bob", "BOB"], 6]);
  made.pick(bob, "3");
  assert.deepEqual(made.pairs, [["Ann", "1"], ["Bob", "3"], ["BOB", "3"]]);
  assert.deepEqual(made.of("pick", "cyd").map(({ text }) => text), ["Cyd"]);
});

test("the likeliest is offered only where one is likelier than the next", () => {
  assert.deepEqual(resolved().likely.map(({ text }) => text), ["Cyd"]);
});

test("a pick is forgotten when its name is gone", () => {
  const made = resolved();
  made.pick(made.of("none")[0], "9");
  made.set([name("Ann", 5, true, candidate("1"))]);
  made.set([name("who", 1, false)]);
  assert.deepEqual(made.pairs, []);
});

test("the field a column's names are meant for is found by the words they share", () => {
  const targets = [
    { name: "parentCompanyID", label: "Parent company ID", reference: "Companies" },
    { name: "ownerResourceID", label: "Owner resource ID", reference: "Resources" },
  ];
  assert.equal(suggested({ name: "udf.Account Owner", label: "Account owner (old CRM)" }, targets), "ownerResourceID");
  assert.equal(suggested({ name: "city", label: "City" }, targets), "");
});
