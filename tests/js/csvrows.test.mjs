// Counting rows of a CSV as it comes, and telling a whole workbook from a part.
import assert from "node:assert/strict";
import test from "node:test";
import { CsvRows, hasEnd } from "../../static/js/files/csvrows.js";

const bytes = (text) => new TextEncoder().encode(text);

test("line ends within quotation marks are none, wherever the blocks are cut", () => {
  const file = bytes('id,name\r\n1,"a\r\nb ""c"""\r\n2,"\r\n"\r\n');
  for (let cut = 0; cut <= file.length; cut += 1) {
    const rows = new CsvRows();
    rows.take(file.slice(0, cut));
    rows.take(file.slice(cut));
    assert.equal(rows.count, 3);
  }
});

test("a workbook without its end is a part of one", () => {
  const end = new Uint8Array([1, 2, 0x50, 0x4b, 5, 6, ...new Uint8Array(18)]);
  assert.equal(hasEnd(end), true);
  assert.equal(hasEnd(end.slice(0, -1)), false);
  assert.equal(hasEnd(new Uint8Array(40)), false);
});
