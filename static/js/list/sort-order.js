// Order of cells, without a DOM. Numbers are compared as the digits they are: a float would merge large ids and amounts.
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d+))?$/;

function parts(text) {
  const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  return whole === undefined ? null : { negative: sign === "-", whole: whole.replace(/^0+/, ""), fraction: fraction.replace(/0+$/, "") };
}

function magnitude(a, b) {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  return a.fraction === b.fraction ? 0 : a.fraction < b.fraction ? -1 : 1;
}

export function compareNumbers(left, right) {
  const [a, b] = [parts(left), parts(right)];
  if (!a || !b) return left.localeCompare(right);
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? magnitude(b, a) : magnitude(a, b);
}

const TEXT = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

// rows: [{text, blank}]; returns their positions in order. What is null or empty comes last either way.
export function order(rows, { numeric, descending }) {
  const compare = numeric ? compareNumbers : TEXT.compare;
  const sign = descending ? -1 : 1;
  return rows
    .map((row, index) => ({ ...row, index }))
    .sort((a, b) => a.blank - b.blank || (a.blank ? 0 : sign * compare(a.text, b.text)) || a.index - b.index)
    .map((row) => row.index);
}

export function next(current, name) {
  if (current?.name !== name) return { name, descending: false };
  return current.descending ? null : { name, descending: true };
}
