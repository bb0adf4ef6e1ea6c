// Search in all rows and the columns shown. What fits is remembered per distinct value, so that the next hit is at hand.
import { ask, asked, worded } from "./order.js";

const SLICE = 12; // ms of counting before the page gets its turn
const STEP = 500; // rows between looks at the clock

let remembered = {};

// For each column (row) → whether it fits; values are asked anew only when the text is another.
function tests(model, columns, text, exact) {
  const key = `${exact} ${text}`;
  if (remembered.key !== key || remembered.model !== model) remembered = { key, model, made: new Map() };
  return columns.map((spec) => {
    const { version } = model.columns.get(spec.name);
    let made = remembered.made.get(spec.name);
    if (made?.version !== version) {
      const fits = worded(spec, { text, how: exact ? "is" : "contains" });
      made = { fits, version, base: asked(model, spec, fits, false) };
      remembered.made.set(spec.name, made);
    }
    return ask(model, spec, made.fits, false, made.base);
  });
}

// The next hit after `from` ({at, col}), or before it; around at the end. Null when there is none.
export function find(model, order, columns, text, { from = { at: 0, col: -1 }, back = false, exact = false } = {}) {
  const fits = tests(model, columns, text, exact);
  const [wide, cells] = [columns.length, order.length * columns.length];
  const step = back ? cells - 1 : 1;
  let place = from.at * wide + from.col;
  for (let n = 0; n < cells; n += 1) {
    place = (place + step) % cells;
    const col = place % wide;
    const at = (place - col) / wide;
    if (fits[col](order[at])) return { at, col };
  }
  return null;
}

// How many cells fit: the number so far, again and again until all rows are looked at.
export async function* count(model, order, columns, text, { exact = false } = {}) {
  const fits = tests(model, columns, text, exact);
  let [found, since] = [0, Date.now()];
  for (let at = 0; at < order.length; at += 1) {
    for (const fit of fits) if (fit(order[at])) found += 1;
    if (at % STEP || Date.now() - since < SLICE) continue;
    yield found;
    await new Promise((resolve) => setTimeout(resolve));
    since = Date.now();
  }
  yield found;
}
