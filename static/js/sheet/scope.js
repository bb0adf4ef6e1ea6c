// Rows as the server takes them: ascending ranges, "0-99,105".
export function toRanges(rows) {
  const ranges = [];
  let last = null;
  for (const row of rows) {
    if (last && row === last[1] + 1) last[1] = row;
    else ranges.push((last = [row, row]));
  }
  return ranges.map(([first, end]) => (first === end ? first : `${first}-${end}`)).join();
}
