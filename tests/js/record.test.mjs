// The record page's DOM-free parts: exact JSON, what stands in a field, nested values.
import assert from "node:assert/strict";
import test from "node:test";

import { isNumber, parse, print } from "../../static/js/record/exactjson.js";
import * as model from "../../static/js/record/nested/model.js";
import { counter, idOf, jsonTrouble, posted, same, typed, withDate } from "../../static/js/record/states.js";

test("numbers keep every digit, however long or round", () => {
  const text = '{"a":1.10,"b":90071992547409931,"c":-0.0,"d":1e400}';
  assert.equal(print(parse(text), ""), text);
});

test("a value printed and read again is the same value, escapes and all", () => {
  const text = '{"k\\n":["\\u00e9\\"","</script>",true,false,null,{},[]]}';
  const node = parse(text);
  assert.deepEqual(parse(print(node)), node);
  assert.deepEqual(JSON.parse(print(node)), JSON.parse(text));
});

test("what is not JSON is refused with the place", () => {
  const wrong = ["", "{", "[1,]", '{"a" 1}', "01", "1.", '"a', "NaN", "[1] 2", "{'a':1}", '{"a":1,"a":2}', "\u00a01", "+1", '"\t"'];
  for (const text of wrong) assert.throws(() => parse(text), /line \d+, column \d+/, text);
  assert.match(jsonTrouble('{\n  "a": 1,\n}'), /line 3, column 1/);
  assert.equal(jsonTrouble("  "), "");
});

test("nesting without end is refused instead of running out of stack", () => {
  assert.throws(() => parse("[".repeat(100_000)), /too deep/);
});

test("a reference sends the id behind its name, or what was typed", () => {
  assert.equal(idOf("Northwind · Traders · 88"), "88");
  assert.equal(idOf(" 88 "), "88");
  assert.equal(idOf("-1"), "-1");
  assert.equal(idOf("Suite 88"), "Suite 88");
  assert.equal(posted("reference", { text: "Acme · 0", null: false }), "0");
});

test("null, empty text and untouched are three states", () => {
  assert.equal(same("line", { text: "", null: true }, { text: "", null: false }), false);
  assert.equal(posted("line", { text: "", null: true }), null);
  assert.equal(posted("line", { text: "", null: false }), "");
  assert.equal(posted("line", { text: "0", null: false }), "0");
});

test("an emptied box means what its kind can mean", () => {
  const [text, none] = [{ text: "a", null: false }, { text: "", null: true }];
  assert.deepEqual(typed("line", "", text), { text: "", null: false });
  assert.deepEqual(typed("line", "", none), { text: "", null: true });
  assert.deepEqual(typed("reference", "", text), { text: "", null: true });
  assert.deepEqual(typed("moment", "", { text: "", null: false, missing: true }), { text: "", null: false });
});

test("nested text that only looks different is not a change; another number is", () => {
  const left = { text: '{"a": [1,2]}', null: false };
  assert.equal(same("nested", left, { text: '{\n "a":[ 1, 2 ]}', null: false }), true);
  assert.equal(same("nested", left, { text: '{"a": [1,20]}', null: false }), false);
  assert.equal(same("nested", left, { text: "{", null: false }), false);
});

test("a picked date leaves time, fractions and zone alone", () => {
  assert.equal(withDate("2024-04-18T20:55:30.562Z", "2025-01-02", { time: "T00:00:00Z" }), "2025-01-02T20:55:30.562Z");
  assert.equal(withDate("", "2025-01-02", { time: " 00:00:00" }), "2025-01-02 00:00:00");
  assert.equal(withDate("", "2025-01-02", { time: "" }), "2025-01-02");
});

test("the counter speaks near the limit only, and says how far beyond", () => {
  assert.equal(counter(10, 255), "");
  assert.equal(counter(250, 255), "250 of 255 characters");
  assert.match(counter(10_000, 255), /9,745 too many/);
});

const shape = (kind, more = {}) => ({ name: "x", label: "X", kind, required: false, nullable: true, choices: [], children: [], ...more });

test("a member's types come from the schema, and what is there is always among them", () => {
  assert.deepEqual(model.typesFor(shape("integer")), ["number", "null"]);
  assert.deepEqual(model.typesFor(shape("decimal", { nullable: false })), ["number", "string"]);
  assert.ok(model.typesFor(shape("integer"), { type: "array", items: [] }).includes("array"));
  assert.equal(model.mainType(shape("choice", { choices: [["1", "One"]] })), "number");
  assert.equal(model.mainType(shape("choice", { choices: [["even", "even"]] })), "string");
});

test("changing a type keeps what can be kept", () => {
  assert.deepEqual(model.convert({ type: "string", value: "4.50" }, "number"), { type: "number", text: "4.50" });
  assert.deepEqual(model.convert({ type: "number", text: "4.50" }, "string"), { type: "string", value: "4.50" });
  assert.deepEqual(model.convert({ type: "string", value: "many" }, "number"), { type: "number", text: "0" });
  assert.deepEqual(model.convert(undefined, "object"), { type: "object", members: [] });
});

test("members the API knows are offered though the value lacks them, and nothing is added by looking", () => {
  const node = parse('{"daily": 1, "odd": true}');
  const known = shape("json", { children: [shape("decimal", { name: "lifetime" }), shape("decimal", { name: "daily" })] });
  assert.deepEqual(model.membersOf(node, known).map((m) => [m.name, m.value?.type]), [["daily", "number"], ["odd", "boolean"], ["lifetime", undefined]]);
  assert.equal(print(node, ""), '{"daily":1,"odd":true}');
  model.setMember(node, "lifetime", { type: "null" });
  model.setMember(node, "odd", undefined);
  assert.equal(print(node, ""), '{"daily":1,"lifetime":null}');
});

test("entries are added, moved and never lost at the ends", () => {
  const node = parse("[1,2,3]");
  assert.equal(model.moveItem(node, 0, -1), 0);
  assert.equal(model.moveItem(node, 0, 1), 1);
  assert.equal(print(node, ""), "[2,1,3]");
  node.items.push(model.newItem(node, shape("list")));
  assert.equal(print(node, ""), "[2,1,3,0]");
});

test("a text that is no number does not become one", () => {
  const node = { type: "number", text: "5" };
  assert.equal(model.writeText(node, "5x"), false);
  assert.equal(node.text, "5");
  assert.ok(isNumber("-1.50e+3") && !isNumber("1.") && !isNumber(""));
});
