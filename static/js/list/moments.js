// Dates as the list shows them, back to the exact value, without a DOM: "07 Jun 2026, 00:37:16" → "2026-06-07 00:37:16".
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SHOWN = /^(\d{2}) ([A-Z][a-z]{2}) (\d{4})(?:, (\d{2}:\d{2})(:\d{2})?)?$/;

export function exactMoment(text) {
  const [, day, name, year, minutes, seconds = ":00"] = SHOWN.exec(text) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  if (!month) return text;
  const date = `${year}-${String(month).padStart(2, "0")}-${day}`;
  return minutes ? `${date} ${minutes}${seconds}` : date;
}
