import assert from "node:assert/strict";
import { test } from "node:test";
import { toPairs, toTable } from "../../static/js/bench/pairtext.js";

test("a table as a spreadsheet copies it", () => {
  assert.deepEqual(toPairs("Calif.\tCA\r\nN.Y.\tNY\r\n"), { pairs: [["Calif.", "CA"], ["N.Y.", "NY"]], undecided: 0, problems: [] });
});

test("semicolons, commas and arrows separate where there is no tab", () => {
  for (const text of ["a;b", "a,b", "a → b", "a -> b"]) assert.deepEqual(toPairs(text).pairs, [["a", "b"]]);
  assert.deepEqual(toPairs("Smith, John\tJohn Smith").pairs, [["Smith, John", "John Smith"]]);
});

test("nothing, empty text and null are three things", () => {
  const told = toPairs('a\t\nb\t""\nc\t(null)\nd\t[null]\n');
  assert.deepEqual(told.pairs, [["b", ""], ["c", null], ["d", null]]);
  assert.equal(told.undecided, 1);
});

test("what is no pair is named with its line, and what is said twice alike is said once", () => {
  const told = toPairs("a\tb\nonly\na\tc\na\tb\n\nx\ty\tz");
  assert.deepEqual(told.pairs, [["a", "b"]]);
  assert.deepEqual(told.problems, ["Line 2 has one column, not two.", "Line 3: “a” is to become “b” already.", "Line 6 has 3 columns, not two."]);
});

test("a quote that never closes is plain text", () => {
  assert.deepEqual(toPairs('5" disk\t"open').pairs, [['5" disk', '"open']]);
});

test("what is written is read back the same", () => {
  const pieces = ["a", "\t", "\n", '"', ";", " ", "é", "null"];
  let seed = 11;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 500; round += 1) {
    const text = () => Array.from({ length: 1 + random(4) }, () => pieces[random(pieces.length)]).join("");
    const table = new Map(Array.from({ length: 1 + random(4) }, () => [`k${text()}`, [`v${text()}`, "", null][random(3)]]));
    assert.deepEqual(toPairs(toTable([...table])).pairs, [...table]);
  }
});
