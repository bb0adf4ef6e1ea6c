// Matching for the palette, without a DOM: every word of the query must occur; earlier and word-start hits rank first.
export function score(label, query) {
  const text = label.toLowerCase();
  let total = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = text.indexOf(word);
    if (at < 0) return -1;
    const startsWord = at === 0 || /[\s/·(-]/.test(text[at - 1]);
    total += (startsWord ? 100 : 10) - Math.min(at, 9);
  }
  return total;
}

export function rank(entries, query, limit) {
  const scored = entries.map((entry, order) => ({ entry, order, points: score(`${entry.label} ${entry.hint ?? ""}`, query) }));
  const hits = scored.filter(({ points }) => points >= 0);
  hits.sort((a, b) => b.points - a.points || a.order - b.order);
  return hits.slice(0, limit).map(({ entry }) => entry);
}
