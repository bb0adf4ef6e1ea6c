import assert from "node:assert/strict";
import { test } from "node:test";
import { History, PRISTINE } from "../../static/js/sheet/history.js";

const change = (id, before, after) => ({ id, field: "name", before, after });

test("undo puts back what stood there: no edit, null and empty text are three things", () => {
  const history = new History();
  history.push([change("1", PRISTINE, "a"), change("2", null, "a"), change("3", "", "a")]);
  assert.deepEqual(history.undo().map(({ id, value }) => [id, value]), [["3", ""], ["2", null], ["1", PRISTINE]]);
  assert.deepEqual(history.redo().map(({ value }) => value), ["a", "a", "a"]);
});

test("one paste is one step, and a new change ends what could be done again", () => {
  const history = new History();
  history.push([change("1", PRISTINE, "a"), change("2", PRISTINE, "b")]);
  history.push([change("1", "a", "c")]);
  assert.equal(history.undo().length, 1);
  history.push([change("1", "a", "d")]);
  assert.equal(history.redo(), null);
  assert.equal(history.undo()[0].value, "a");
  assert.equal(history.undo().length, 2);
  assert.equal(history.undo(), null);
});

test("a step without changes is no step", () => {
  const history = new History();
  history.push([]);
  assert.equal(history.undo(), null);
});
