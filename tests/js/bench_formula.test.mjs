import assert from "node:assert/strict";
import { test } from "node:test";
import { called, characters, index, marked, offered, parted, taken, touches, writing } from "../../static/js/bench/formulatext.js";

test("places are counted in characters, as the server counts them", () => {
  const text = '"😀" & {na';
  assert.equal(characters(text, text.length), 9);
  assert.equal(index(text, 9), text.length);
  assert.equal(text.slice(0, index(text, 3)), '"😀"');
});

test("what is wrong is parted from what is around it, and a missing end can be underlined too", () => {
  assert.deepEqual(parted('"😀" & x', { at: 6, length: 1 }), ['"😀" & ', "x", ""]);
  assert.deepEqual(parted("1 +", { at: 3, length: 0 }), ["1 +", " ", ""]);
  assert.deepEqual(parted("1", { at: 90, length: 4 }), ["1", " ", ""]);
});

test("a completion takes the place of what was begun, whatever stands before and after it", () => {
  const made = taken('"😀" & {na & "x"', { insert: "{name}", from: 6, to: 9 });
  assert.equal(made.text, '"😀" & {name} & "x"');
  assert.equal(made.text.slice(0, made.caret), '"😀" & {name}');
});

test("a list comes by itself only while a name or field is written", () => {
  for (const text of ["tr", "{", "{Company na", "if(le", "1 + Grö"]) assert.ok(writing(text, text.length), text);
  for (const text of ["", "trim(", "1 + ", "{name}", "12", "a "]) assert.ok(!writing(text, text.length), text);
  assert.ok(writing("trim({na", 3));
});

test("what stands there in full already is not offered", () => {
  const value = { insert: "value", from: 0, to: 5 };
  assert.deepEqual(offered([value], "value"), []);
  assert.deepEqual(offered([value, { insert: "{valueOf}", from: 0, to: 5 }], "value").length, 1);
  assert.deepEqual(offered([{ insert: "trim(", from: 0, to: 2 }], "tr").length, 1);
});

test("arrows go round the list, pages stop at its ends, and other keys are not its own", () => {
  assert.deepEqual([marked("ArrowUp", 0, 3), marked("ArrowDown", 2, 3), marked("PageDown", 1, 3), marked("PageUp", 1, 3)], [2, 0, 2, 0]);
  assert.deepEqual([marked("a", 0, 3), marked("ArrowDown", 0, 0)], [null, null]);
});

test("a problem waits while the caret is at it", () => {
  assert.ok(touches({ at: 3, length: 0 }, 3));
  assert.ok(touches({ at: 0, length: 4 }, 4));
  assert.ok(!touches({ at: 0, length: 4 }, 9));
});

test("the parameter the caret is in stands out of its signature", () => {
  assert.deepEqual(called({ name: "mid", parameters: ["text", "start", "count"], active: 1 }), ["mid(text, ", "start", ", count)"]);
  assert.deepEqual(called({ name: "newline", parameters: [], active: 0 }), ["newline(", "", ")"]);
});
