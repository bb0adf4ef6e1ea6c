import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { text } from "../../static/js/sheet/column.js";
import { add, compare, decimal, spell } from "../../static/js/sheet/decimals.js";
import { parse, shown } from "../../static/js/sheet/types.js";

const { specs, cases } = JSON.parse(readFileSync(new URL("casting_cases.json", import.meta.url)));
const plain = (words) => words.replace(/^This is not JSON: .*/s, "This is not JSON"); // each parser has its own words

test("what is typed comes to what the server makes of it, in the same words", () => {
  assert.ok(cases.length > 1000);
  const wrong = [];
  for (const [name, raw, base, edit, words] of cases) {
    const made = parse(specs[name], raw, base);
    if (made.edit !== edit || plain(made.words ?? "") !== plain(words)) wrong.push({ name, raw, base, made, wanted: { edit, words } });
  }
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} of ${cases.length}`);
});

test("a value looks as it does on every other page", () => {
  const wrong = [];
  for (const [name, raw, base, edit, , look] of cases) {
    if (!look) continue;
    const made = shown(specs[name], edit === false ? text(base) : edit);
    if (made.text !== look[0] || made.kind !== look[1]) wrong.push({ name, raw, base, made, look });
  }
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} of ${cases.length}`);
});

test("an edit that was kept comes to itself when it is typed again", () => {
  for (const [name, , base, edit, words] of cases) {
    if (words || edit === false) continue;
    assert.equal(parse(specs[name], edit, base).edit, edit, `${name} ${edit}`);
  }
});

test("a reference shows its name, and its id while that is not known", () => {
  assert.deepEqual(shown(specs.owner, "7", "Ada"), { text: "Ada", kind: "reference" });
  assert.deepEqual(shown(specs.owner, "7", " "), { text: "7", kind: "reference" });
  assert.deepEqual(shown(specs.owner, undefined), { text: "", kind: "loading" });
});

test("numbers are read, added and compared exactly, whatever their places and lengths", () => {
  const added = (...texts) => spell(texts.map(decimal).reduce(add));
  assert.equal(added("0.1", "0.2"), "0.3");
  assert.equal(added("123456789012345678901234567890", "0.000000000000000000000000000001", "-5"), "123456789012345678901234567885.000000000000000000000000000001");
  assert.equal(added("1e3", "1"), "1001");
  assert.deepEqual(decimal("-1.50"), { n: -150n, scale: 2 });
  assert.equal(decimal("1,5"), null);
  assert.deepEqual([["1.50", "1.5"], ["-2", "1e-9"], ["1E+30", "999999999999999999999999999999"]].map(([a, b]) => compare(decimal(a), decimal(b))), [0, -1, 1]);
});
