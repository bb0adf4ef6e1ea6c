import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, cleared, fromAddress, isActive, made, offered, only, rowsOf, steady, toAddress, toggled, where } from "../../static/js/bench/facetsstate.js";

const city = made("text", "city");

test("a click includes, a second one takes it back, and leaving out takes it from what is included", () => {
  const one = toggled(city, "a");
  assert.deepEqual(one.in, ["a"]);
  assert.deepEqual(toggled(one, "a").in, []);
  const out = toggled(one, "a", true);
  assert.deepEqual([out.in, out.out], [[], ["a"]]);
  assert.deepEqual(only(out, "b"), { ...city, in: ["b"] });
});

test("facets in which nothing is chosen limit nothing, and how one is shown is not sent as a limit", () => {
  const sorted = { ...city, sort: "value", in: ["a"], folded: true };
  assert.deepEqual(where([city, sorted, cleared(sorted)]), [{ facet: "text", field: "city", in: ["a"] }]);
  assert.ok(!isActive({ ...city, not: true }));
});

test("a length from 0 and rows with a number are choices too", () => {
  assert.deepEqual(where([{ ...made("length", "city"), from: 0 }]), [{ facet: "length", field: "city", from: 0 }]);
  assert.deepEqual(where([{ ...made("number", "price"), blank: false }]), [{ facet: "number", field: "price", blank: false }]);
});

test("the address brings back what was chosen, and nothing of fields that are not there", () => {
  const facets = [{ ...city, in: ['["text","A & B"]'], not: true }, { ...made("number", "price"), from: "1", blank: false }, made("state")];
  const search = toAddress("?sort=city", facets);
  assert.equal(new URLSearchParams(search).get("sort"), "city");
  assert.deepEqual(fromAddress(search, () => true), facets);
  assert.deepEqual(fromAddress(search, (name) => name === "price").map(({ facet }) => facet), ["number", "state"]);
  assert.deepEqual(fromAddress("?facets={", () => true), []);
  assert.equal(toAddress(search, []), "?sort=city");
});

test("bits are rows, the lowest first", () => {
  assert.deepEqual([...rowsOf(btoa(String.fromCharCode(0b00000101, 0, 0b10000000)))], [0, 2, 23]);
});

test("values stay where they are while somebody points at them", () => {
  const now = [{ key: "b" }, { key: "new" }, { key: "a" }];
  assert.deepEqual(steady(now, ["a", "b", "gone"]).map(({ key }) => key), ["a", "b", "new"]);
});

test("the first facet offered fits the field", () => {
  const first = Object.fromEntries(["text", "decimal", "datetime", "choice", "json"].map((kind) => [kind, offered({ kind })[0]]));
  assert.deepEqual(first, { text: "text", decimal: "number", datetime: "date", choice: "text", json: "text" });
  assert.equal(asked(city, { search: "x", size: 100 }).search, "x");
});
