// What a histogram reckons: bins as ranges, ranges as places among the bins, and both in words. Only places are floats.
export const TOP = 1000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;

// From the start of bin a to the end of bin b; a length is up to and with its last.
export function rangeOf(bins, a, b, kind) {
  const [low, high] = [bins[a].low, bins[b].high];
  const as = kind === "length" ? Number : (text) => text;
  return { ...(low !== null && { from: as(low) }), ...(high !== null && { to: kind === "length" ? Number(high) - 1 : high }) };
}

// Where a range lies among the bins, from 0 to their number; null for none.
export function place(bins, facet, kind) {
  const [from, to] = [facet.from, facet.to].map((end) => (end === undefined || end === "" ? null : end));
  if (!bins.length || (from === null && to === null)) return null;
  const upper = to === null || (kind !== "length" && !facet.closed) ? to : kind === "length" ? to + 1 : to;
  const left = from === null ? 0 : within(bins, from, kind);
  const right = upper === null ? bins.length : within(bins, upper, kind);
  return [Math.min(left, right), Math.max(left, right)];
}

function within(bins, end, kind) {
  const value = scale(end, kind);
  for (const [at, bin] of bins.entries()) {
    const low = bin.low === null ? -Infinity : scale(bin.low, kind);
    const high = bin.high === null ? Infinity : scale(bin.high, kind);
    if (value <= low) return at;
    if (value < high) return Number.isFinite(low) && Number.isFinite(high) ? at + (value - low) / (high - low) : at + 0.5;
  }
  return bins.length;
}

const scale = (text, kind) => (kind === "date" ? Date.parse(`${text}T00:00:00Z`) : Number(text));

// What was typed; null for nothing, undefined for what is none.
export function clean(text, kind) {
  const typed = String(text).trim().replace(/[\u2009\u00a0\s]/g, "");
  if (!typed) return null;
  if (kind === "date") return /^\d{4}-\d\d-\d\d$/.test(typed) ? typed : undefined;
  if (kind === "length") return /^\d{1,9}$/.test(typed) ? Number(typed) : undefined;
  return NUMBER.test(typed) ? typed : undefined;
}

export const grouped = (text) => String(text).replace(/^(-?)(\d+)/, (_, sign, digits) => sign + digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"));

export function spoken({ low, high }, kind) {
  const said = kind === "date" ? (text) => text : grouped;
  if (low === null) return `before ${said(high)}`.replace(/^before/, kind === "date" ? "before" : "below");
  if (high === null) return `from ${said(low)} on`;
  if (kind === "length") return Number(high) - 1 === Number(low) ? `${low} characters` : `${low} to ${Number(high) - 1} characters`;
  return kind === "date" ? period(low, high) : `${said(low)} to below ${said(high)}`;
}

// A bin of days by what it is: a day, a month, a year.
export function period(low, high) {
  const [from, to] = [new Date(`${low}T00:00:00Z`), new Date(`${high}T00:00:00Z`)];
  const days = Math.round((to - from) / 86_400_000);
  if (days === 1) return low;
  if (low.endsWith("-01-01") && high.endsWith("-01-01")) return Number(high.slice(0, 4)) - Number(low.slice(0, 4)) === 1 ? low.slice(0, 4) : `${low.slice(0, 4)} to ${Number(high.slice(0, 4)) - 1}`;
  if (low.endsWith("-01") && days <= 31) return low.slice(0, 7);
  to.setUTCDate(to.getUTCDate() - 1);
  return `${low} to ${to.toISOString().slice(0, 10)}`;
}

export function labels({ least, most }, kind) {
  if (least === null) return [];
  const said = kind === "date" ? (text) => text : grouped;
  return least === most ? [said(least)] : [said(least), said(most)];
}
