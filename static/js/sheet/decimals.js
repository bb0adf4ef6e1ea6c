// Numbers as text, exact: read, compared, added, written out. Never by way of a float.

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const MOST = 400; // digits before or after the point, as on the server

// {minus, digits, scale}: digits × 10^-scale; null for what is no number, or none that could be written out.
export function read(text) {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const fraction = found[3] ?? found[4] ?? "";
  const digits = ((found[2] ?? "") + fraction).replace(/^0+(?=\d)/, "");
  const scale = fraction.length - Number(found[5] ?? 0);
  return Math.abs(digits.length - 1 - scale) <= MOST ? { minus: found[1] === "-", digits, scale } : null;
}

export function write({ minus, digits, scale }) {
  const padded = scale > 0 ? digits.padStart(scale + 1, "0") : digits === "0" ? digits : digits + "0".repeat(-scale);
  const point = scale > 0 ? padded.length - scale : padded.length;
  return (minus ? "-" : "") + padded.slice(0, point) + (scale > 0 ? `.${padded.slice(point)}` : "");
}

export function plain(text) {
  const number = read(text);
  return number ? write(number) : text;
}

// The same for every spelling of one number.
export function canonical({ minus, digits, scale }) {
  const short = digits.replace(/0+$/, "");
  return short ? `${minus ? "-" : ""}${short}e${digits.length - short.length - scale}` : "0";
}

export function decimal(text) {
  const number = read(text);
  return number && { n: number.minus ? -BigInt(number.digits) : BigInt(number.digits), scale: number.scale };
}

const raised = ({ n, scale }, to) => n * 10n ** BigInt(to - scale);

export function compare(left, right) {
  const to = Math.max(left.scale, right.scale);
  const [a, b] = [raised(left, to), raised(right, to)];
  return a < b ? -1 : a > b ? 1 : 0;
}

export function add(left, right) {
  const scale = Math.max(left.scale, right.scale);
  return { n: raised(left, scale) + raised(right, scale), scale };
}

export function spell({ n, scale }) {
  const digits = String(n < 0n ? -n : n);
  return write({ minus: n < 0n, digits, scale });
}
