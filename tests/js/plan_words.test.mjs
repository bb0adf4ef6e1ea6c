// What the sending button says, and what is still lacking.
import assert from "node:assert/strict";
import test from "node:test";

import { lacking, later, said, sendLabel, whenSaid } from "../../static/js/plan/words.js";

const now = "2026-11-22T10:30:15";
const plain = { send: "Send 3 requests", then: "", due: null, revert: null, now, zone: "UTC" };
const given = { typed: "", wanted: "", note: "", needed: false, due: null, revert: null, now };

test("a moment is said with its zone and its day", () => {
  assert.equal(said("2026-11-22T14:05", now, "UTC"), "14:05 UTC today");
  assert.equal(said("2026-11-23T00:00", now, "UTC"), "00:00 UTC tomorrow");
  assert.equal(said("2026-12-01T09:00", now, "CET"), "09:00 CET on 1 Dec");
  assert.equal(said("2027-01-01T09:00", "2026-12-31T23:00:00", "UTC"), "09:00 UTC tomorrow");
  assert.equal(said("2027-03-01T09:00", now, "UTC"), "09:00 UTC on 1 Mar 2027");
});

test("the button says exactly what the click does", () => {
  assert.equal(sendLabel(plain), "Send 3 requests");
  assert.equal(sendLabel({ ...plain, due: "2026-11-22T14:05" }), "Send 3 requests at 14:05 UTC today");
  assert.equal(
    sendLabel({ ...plain, due: "2026-11-22T14:05", revert: "2026-11-22T18:00" }),
    "Send 3 requests at 14:05 UTC today, undone at 18:00 UTC today",
  );
  assert.equal(sendLabel({ ...plain, revert: "2026-11-23T18:00" }), "Send 3 requests, undone at 18:00 UTC tomorrow");
  assert.equal(
    sendLabel({ ...plain, send: "Send 1 of 3 requests", then: ", then wait", due: "2026-11-22T14:05" }),
    "Send 1 of 3 requests at 14:05 UTC today, then wait",
  );
  assert.equal(sendLabel({ ...plain, due: "", revert: "" }), "Send 3 requests");
});

test("the choice of moments is said in short", () => {
  assert.equal(whenSaid(plain), "Now");
  assert.equal(whenSaid({ ...plain, due: "" }), "Scheduled");
  assert.equal(whenSaid({ ...plain, due: "2026-11-22T14:05", revert: "" }), "Scheduled, then undone");
});

test("what is lacking is said, and nothing when nothing is", () => {
  assert.equal(lacking(given), "");
  assert.equal(lacking({ ...given, wanted: "12", needed: true }), "To send: type 12, give a note or ticket.");
  assert.equal(lacking({ ...given, wanted: "1204", typed: "1,204", needed: true, note: "OPS-1" }), "");
  assert.equal(lacking({ ...given, due: "", revert: "" }), "To send: say when to send, say when to undo.");
});

test("what has passed is not lacking in silence", () => {
  assert.match(lacking({ ...given, due: "2026-11-22T10:30" }), /has not passed/);
  assert.equal(lacking({ ...given, due: "2026-11-22T10:31" }), "");
  assert.match(lacking({ ...given, revert: "2026-11-22T10:30" }), /after the sending/);
  assert.match(lacking({ ...given, due: "2026-11-22T12:00", revert: "2026-11-22T12:00" }), /after the sending/);
  assert.equal(lacking({ ...given, due: "2026-11-22T12:00", revert: "2026-11-22T12:01" }), "");
});

test("the server's clock goes on, over midnight too", () => {
  assert.equal(later(now, 45_000), "2026-11-22T10:31:00");
  assert.equal(later("2026-12-31T23:59:59", 2_000), "2027-01-01T00:00:01");
});
