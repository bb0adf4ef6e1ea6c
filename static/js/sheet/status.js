// The status bar: rows, what is selected, what is pending, whether it is saved, and what the next click comes to. Never a guess.
import { getJson } from "./api.js";
import { add, compare, decimal, spell } from "./decimals.js";
import { $, counted, make, number } from "./make.js";
import { isNumber } from "./paint.js";
import { shown } from "./types.js";

const SLICE = 20_000; // cells added up before the page gets its turn
const PAUSE = 150;
const SETTLED = 500;

export function bindStatus({ grid, model, boot, looking }) {
  let [turn, rangeTimer, countTimer, standTimer] = [0, 0, 0, 0];

  const rows = () => {
    const here = grid.order.length;
    $("rows-shown").textContent = here === model.rows ? counted(here, "row") : `${number(here)} of ${counted(model.rows, "row")}`;
    const ticked = grid.ticked.size;
    const hidden = here === model.rows ? 0 : [...grid.ticked].filter((row) => grid.atOf(row) < 0).length;
    $("rows-ticked").textContent = `${number(ticked)} ticked${hidden ? `, ${number(hidden)} of them hidden` : ""}`;
    $("rows-ticked").hidden = !ticked;
    if (!$("plan-more")) return;
    const { cells, invalid, clashes } = model.counts();
    $("plan-ticked").hidden = !ticked;
    $("plan-ready").hidden = !invalid && !clashes;
    $("plan-more").hidden = !cells || ($("plan-ticked").hidden && $("plan-ready").hidden);
    $("plan-ticked").textContent = `Plan only the ${ticked === 1 ? "" : `${number(ticked)} `}ticked row${ticked === 1 ? "" : "s"}`;
  };

  // Sums are exact, and made in slices: a column of 100,000 rows takes a while.
  const range = async () => {
    const mine = (turn += 1);
    const place = $("range-facts");
    const cells = grid.ranges.reduce((all, { top, bottom, left, right }) => all + (bottom - top + 1) * (right - left + 1), 0);
    place.hidden = cells < 2;
    if (cells < 2) return;
    const head = grid.ranges.length > 1 ? `${number(cells)} cells` : `${number(grid.range.bottom - grid.range.top + 1)} × ${grid.range.right - grid.range.left + 1}`;
    place.textContent = head;
    const told = await addUp(grid, () => mine === turn);
    if (mine !== turn || !told.count) return;
    const facts = { Sum: spell(told.total), Average: average(told.total, told.count), Min: spell(told.min), Max: spell(told.max) };
    place.replaceChildren(head, ...Object.entries(facts).flatMap(([name, text]) => [` · ${name} `, make("b", {}, shown({ kind: "decimal" }, text).text)]));
  };

  const count = () => {
    const { cells, invalid, clashes } = model.counts();
    const told = { cells: counted(cells, "pending change"), invalid: `${number(invalid)} invalid`, clashes: counted(clashes, "conflict") };
    for (const place of document.querySelectorAll("#status [data-count]")) {
      place.hidden = !{ cells, invalid, clashes }[place.dataset.count];
      place.lastElementChild.textContent = told[place.dataset.count];
    }
    for (const place of document.querySelectorAll("[data-pending]")) place.textContent = cells ? counted(cells, "pending change") : "this worksheet";
  };

  const standing = async () => {
    try {
      const { sentence, plan_words, ready } = await getJson(boot.urls.standing);
      $("consequence").textContent = $("consequence").title = sentence;
      $("consequence").classList.remove("is-old");
      const button = $("plan-button");
      if (!button) return;
      button.textContent = plan_words;
      button.setAttribute("aria-disabled", String(!ready));
    } catch {
      // The bar keeps what it said; the saving state tells that this site cannot be reached.
    }
  };
  const later = () => {
    $("consequence").classList.add("is-old");
    clearTimeout(standTimer);
    standTimer = setTimeout(standing, SETTLED);
  };

  grid.on("range", () => {
    clearTimeout(rangeTimer);
    rangeTimer = setTimeout(range, PAUSE);
  });
  grid.on("ticked", rows);
  looking.on(rows);
  model.on(() => {
    clearTimeout(countTimer);
    countTimer = setTimeout(() => (count(), rows()), 60);
  });
  rows();
  count();
  return later;
}

// Of the numbers in the selected cells: how many, their exact sum, the smallest and the greatest.
async function addUp(grid, wanted) {
  const told = { count: 0, total: { n: 0n, scale: 0 }, min: null, max: null };
  let seen = 0;
  for (const { top, bottom, left, right } of grid.ranges) {
    const specs = grid.cols.slice(left, right + 1).filter((spec) => isNumber(spec) && spec !== grid.cols[0]);
    for (let at = top; specs.length && at <= Math.min(bottom, grid.size.rows - 1); at += 1) {
      for (const { name } of specs) take(told, grid.model.value(grid.rowAt(at), name));
      if ((seen += specs.length) % SLICE >= specs.length) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (!wanted()) return told;
    }
  }
  return told;
}

function take(told, text) {
  const number = text && decimal(text);
  if (!number) return;
  told.count += 1;
  told.total = add(told.total, number);
  if (!told.min || compare(number, told.min) < 0) told.min = number;
  if (!told.max || compare(number, told.max) > 0) told.max = number;
}

// To two places more than the numbers have, halves away from zero.
function average({ n, scale }, count) {
  const [whole, by] = [n * 200n, BigInt(count)];
  const rounded = (whole + (n < 0n ? -by : by)) / (2n * by);
  return spell({ n: rounded, scale: scale + 2 }).replace(/\.?0+$/, "");
}
