// What the page says of its quality rules outside their panel, and rows as they come from the server.
import { $ } from "../sheet/make.js";

// In the header of the page: “5 rules, 312 of 10 000 rows broken”.
export function qualityFact({ sentence, rules, broken }) {
  const fact = $("quality-fact");
  if (!fact) return;
  fact.parentElement.hidden = !rules.length;
  fact.textContent = sentence;
  fact.classList.toggle("is-broken", broken > 0);
}

// "0-2,7" as [0, 1, 2, 7].
export function rowsOf(ranges) {
  const rows = [];
  for (const range of ranges ? ranges.split(",") : []) {
    const [first, last = first] = range.split("-").map(Number);
    for (let row = first; row <= last; row += 1) rows.push(row);
  }
  return rows;
}
