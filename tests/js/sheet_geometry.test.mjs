import assert from "node:assert/strict";
import { test } from "node:test";
import { CAP, Scale, Tracks, moved, room } from "../../static/js/sheet/geometry.js";
import { Selection, runs } from "../../static/js/sheet/selection.js";

const size = { rows: 100, cols: 10 };

test("rows stand where the scrollbar says as long as the browser can hold them", () => {
  const scale = new Scale(100_000, 28, 800);
  assert.equal(scale.ratio, 1);
  assert.equal(scale.size, 2_800_000);
  assert.equal(scale.y(1000, 12_345), 28_000);
  assert.equal(scale.at(28_000, 28_000), 1000);
});

test("a million rows fit under the cap, and its ends are the first and the last row", () => {
  const scale = new Scale(1_000_000, 28, 800);
  const last = scale.size - 800;
  assert.equal(scale.size, CAP);
  assert.equal(scale.y(0, 0), 0);
  assert.equal(scale.y(999_999, last) + 28, last + 800);
  assert.deepEqual([scale.window(0).from, scale.window(last).to], [0, 1_000_000]);
});

test("every row of a million can be brought into view whole", () => {
  const scale = new Scale(1_000_000, 28, 800);
  for (let at = 0; at < 1_000_000; at += 7919) {
    for (const before of [0, 7_000_000, CAP - 800]) {
      const scroll = scale.reveal(at, before);
      const top = scale.y(at, scroll) - scroll;
      assert.ok(top >= 0 && top + 28 <= 800, `row ${at} from ${before} lies at ${top}`);
      assert.ok(scroll >= 0 && scroll <= CAP - 800);
    }
  }
});

test("what is drawn covers what can be seen, wherever the scrollbar is", () => {
  for (const rows of [3, 40, 100_000, 1_000_000]) {
    const scale = new Scale(rows, 28, 800);
    const end = Math.max(0, scale.size - 800);
    for (const part of [0, 0.1, 0.5, 0.9999, 1]) {
      const scroll = Math.round(end * part);
      const { from, to } = scale.window(scroll);
      assert.ok(from <= scale.at(scroll, scroll));
      assert.ok(to > Math.min(rows - 1, scale.at(scroll + 799, scroll)));
      assert.ok(to - from <= scale.drawn);
    }
  }
});

test("a row that is seen is not scrolled to", () => {
  const scale = new Scale(1000, 28, 800);
  assert.equal(scale.reveal(12, 100), 100);
  assert.equal(scale.reveal(2, 100), 56);
  assert.equal(scale.reveal(40, 100), 41 * 28 - 800);
});

test("frozen columns are found first, and the others by how far they were scrolled", () => {
  const tracks = new Tracks([100, 200, 50, 60, 70], 2);
  assert.equal(tracks.edge, 300);
  assert.equal(tracks.col(299, 80), 1);
  assert.equal(tracks.col(300, 80), 3);
  assert.equal(tracks.x(1, 80), 180);
  assert.equal(tracks.x(3, 80), 350);
});

test("a column under the frozen ones is revealed beside them", () => {
  const tracks = new Tracks([100, 200, 50, 60, 70, 500], 2);
  assert.equal(tracks.reveal(2, 90, 600), 0);
  assert.equal(tracks.reveal(1, 90, 600), 90);
  assert.equal(tracks.reveal(4, 0, 420), 60);
  assert.equal(tracks.reveal(5, 0, 420), 180); // wider than the room there is: from its start
});

test("a range is cut where it goes under the frozen columns", () => {
  const tracks = new Tracks([100, 100, 100, 100, 100], 2);
  assert.deepEqual(tracks.rect({ left: 3, right: 4 }, 0), { left: 300, width: 200 });
  assert.deepEqual(tracks.rect({ left: 2, right: 3 }, 150), { left: 350, width: 50 });
  assert.equal(tracks.rect({ left: 2, right: 2 }, 150), null);
  assert.deepEqual(tracks.rect({ left: 1, right: 2 }, 150), { left: 250, width: 100 });
  assert.deepEqual(tracks.rect({ left: 0, right: 3 }, 150), { left: 150, width: 250 });
});

test("the columns drawn beside the frozen ones cover the window", () => {
  const tracks = new Tracks(Array(60).fill(120), 2);
  for (let scroll = 0; scroll < tracks.total - 1000; scroll += 37) {
    const [from, to] = tracks.window(scroll, 1000);
    assert.ok(from <= tracks.col(241, scroll) && to > tracks.col(999, scroll));
    assert.ok(to - from < 20);
  }
});

test("frozen columns leave room for the others in a narrow window", () => {
  assert.equal(room([100, 200, 300, 50], 3, 1200), 3);
  assert.equal(room([100, 200, 300, 50], 3, 800), 2);
  assert.equal(room([100, 200], 2, 120), 1);
});

test("a column moves before the one it is dropped on", () => {
  assert.deepEqual(moved(["a", "b", "c", "d"], 0, 3), ["b", "c", "a", "d"]);
  assert.deepEqual(moved(["a", "b", "c", "d"], 3, 1), ["a", "d", "b", "c"]);
  assert.deepEqual(moved(["a", "b", "c", "d"], 1, 4), ["a", "c", "d", "b"]);
});

test("extending moves the end of the range and leaves the active cell", () => {
  const selection = new Selection();
  selection.go({ at: 5, col: 3 }, size);
  selection.go({ at: 2, col: 6 }, size, { extend: true });
  assert.deepEqual(selection.active, { at: 5, col: 3 });
  assert.deepEqual(selection.end, { at: 2, col: 6 });
  assert.deepEqual(selection.range, { top: 2, bottom: 5, left: 3, right: 6 });
});

test("a place beyond the grid is its last cell", () => {
  const selection = new Selection();
  assert.deepEqual(selection.go({ at: 1e9, col: -4 }, size), { at: 99, col: 0 });
});

test("adding keeps what was selected, a plain click does not", () => {
  const selection = new Selection();
  selection.go({ at: 1, col: 1 }, size);
  selection.go({ at: 4, col: 4 }, size, { add: true });
  assert.equal(selection.ranges.length, 2);
  assert.equal(selection.spans(4).length, 1);
  selection.go({ at: 9, col: 9 }, size);
  assert.equal(selection.ranges.length, 1);
});

test("walking about inside of a selection keeps it", () => {
  const selection = new Selection();
  selection.set([{ top: 0, bottom: 3, left: 1, right: 2 }]);
  selection.go({ at: 1, col: 2 }, size, { inside: true });
  assert.deepEqual(selection.active, { at: 1, col: 2 });
  assert.deepEqual(selection.range, { top: 0, bottom: 3, left: 1, right: 2 });
});

test("a selection stays with its rows when they are put in another order", () => {
  const selection = new Selection();
  const before = Uint32Array.of(10, 11, 12, 13);
  const after = [13, 10, 99, 12, 11];
  selection.set([{ top: 0, bottom: 1, left: 2, right: 3 }]);
  selection.follow(before, (row) => after.indexOf(row), size);
  const rows = selection.ranges.flatMap(({ top, bottom }) => after.slice(top, bottom + 1));
  assert.deepEqual(rows.sort(), [10, 11]);
  assert.equal(after[selection.active.at], 10);
  assert.ok(selection.range.top <= selection.active.at && selection.active.at <= selection.range.bottom);
});

test("what the filter takes away is not selected any more", () => {
  const selection = new Selection();
  selection.set([{ top: 0, bottom: 3, left: 2, right: 2 }]);
  selection.follow(Uint32Array.of(10, 11, 12, 13), (row) => [11, 10].indexOf(row), size);
  assert.deepEqual(selection.ranges, [{ top: 0, bottom: 1, left: 2, right: 2 }]);
  selection.follow(Uint32Array.of(11, 10), () => -1, size);
  assert.deepEqual(selection.active, { at: 0, col: 2 });
});

test("neighbouring numbers are one run", () => assert.deepEqual(runs([1, 2, 3, 7, 9, 10]), [[1, 3], [7, 7], [9, 10]]));
