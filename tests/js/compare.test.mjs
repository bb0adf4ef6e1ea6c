import assert from "node:assert/strict";
import { test } from "node:test";
import { label, labelOfMany, together } from "../../static/js/compare/words.js";

test("rows that several fields share are counted once", () => {
  assert.equal(together([]), 0);
  assert.equal(together(["0-2,7", "2-4", "7"]), 6);
  assert.equal(together(["5", "", "0-9"]), 10);
});

test("ranges come to what a naive set of rows does", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const texts = [0, 1, 2].map((at) => [0, 1].map((n) => ((seed * 7 + at * 13 + n * 31) % 40)).map((first, n) => (n ? `${first}` : `${first}-${first + (seed % 5)}`)).join(","));
    const rows = new Set(texts.flatMap((text) => text.split(",")).flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, step) => first + step);
    }));
    assert.equal(together(texts), rows.size, texts.join(" | "));
  }
});

test("a button says how many fields go where", () => {
  assert.equal(label(1, "Acme of Live"), "Copy 1 field into Acme of Live");
  assert.equal(label(0, "Acme"), "Copy no field into Acme");
  assert.equal(labelOfMany(6, 1234), "Copy 6 fields in 1\u202f234 records");
});
