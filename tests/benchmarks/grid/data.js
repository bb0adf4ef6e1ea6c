// The same rows for every grid: an id, names all different, few-valued and long texts, numbers as exact text, dates, blanks.
const NAMES = ["Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Wonka"];
const STATES = ["draft", "active", "paused", "done"];

export const fields = (count) => Array.from({ length: count }, (_, at) => (at === 0 ? "id" : at === 1 ? "name" : `f${at}`));

export function value(row, at) {
  if (at === 0) return String(row + 1);
  if (at === 1) return `${NAMES[row % 8]} line ${row}`;
  switch (at % 5) {
    case 0: return STATES[(row * 7 + at) % 4];
    case 1: return `${(row * 37) % 9973}.${String(row % 100).padStart(2, "0")}`;
    case 2: return row % 9 ? `note ${(row * 31) % 5000} of ${NAMES[(row + at) % 8]}` : "";
    case 3: return `2026-${String(1 + (row % 12)).padStart(2, "0")}-${String(1 + (row % 28)).padStart(2, "0")}`;
    default: return String((row * 13 + at) % 1000);
  }
}

export function rows(count, columns) {
  const names = fields(columns);
  return Array.from({ length: count }, (_, row) => Object.fromEntries(names.map((name, at) => [name, value(row, at)])));
}
