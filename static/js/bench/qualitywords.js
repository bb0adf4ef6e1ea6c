// What the page says of its quality rules outside their panel, and rows as they come from the server.
import { $, counted } from "../sheet/make.js";

// In the header of the page, where there is little room: “312 rows break rules”.
export function qualityFact({ sentence, rules, broken }) {
  const fact = $("quality-fact");
  if (!fact) return;
  fact.parentElement.hidden = !rules.length;
  fact.textContent = broken ? `${counted(broken, "row")} break${broken === 1 ? "s" : ""} rules` : counted(rules.length, "quality rule");
  fact.title = sentence;
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
