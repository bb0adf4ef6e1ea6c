import assert from "node:assert/strict";
import { test } from "node:test";
import { Unticked } from "../../static/js/plan/unticked.js";

test("ticking again leaves nothing behind, and what is kept comes back the same", () => {
  const unticked = new Unticked();
  unticked.fold("abc", 2, false);
  unticked.cell("7\tname", false);
  unticked.row("8", false);
  const again = new Unticked(JSON.parse(JSON.stringify(unticked)));
  assert.ok(again.hasFold("abc", 2) && !again.hasFold("abc", null));
  again.fold("abc", 2, true);
  again.cell("7\tname", true);
  assert.ok(!again.empty);
  again.row("8", true);
  assert.ok(again.empty);
});
