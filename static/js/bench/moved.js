// Which of a list were moved: the fewest without which the others stand in their old order. Of two that changed places it
// is the one in `hands`.
export function moved(before, after, hands) {
  const was = new Map(before.map((id, at) => [id, at]));
  const weight = (id) => (hands.has(id) ? 1 : 1.001);
  const best = []; // for each place: the heaviest run in the old order that ends there
  for (const [at, id] of after.entries()) {
    const runs = best.filter(({ last }) => was.get(last) < was.get(id));
    const longest = runs.reduce((most, run) => (run.sum > most.sum ? run : most), { sum: 0, ids: [] });
    best[at] = { last: id, sum: longest.sum + weight(id), ids: [...longest.ids, id] };
  }
  const still = new Set(best.reduce((most, run) => (run.sum > most.sum ? run : most), { sum: 0, ids: [] }).ids);
  return new Set(after.filter((id) => !still.has(id)));
}
