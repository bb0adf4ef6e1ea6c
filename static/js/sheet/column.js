// One column of what was read, in parts as they came: each distinct value once, and a code per row. No object per row.
import { plain } from "./decimals.js";

export const PART = 10000;

export function isMissing(wire) {
  return typeof wire === "object" && wire !== null && !("j" in wire);
}

// The text an editor starts with; null for null and for what is not there.
export function text(wire) {
  if (typeof wire === "string") return wire;
  if (wire === null || wire === undefined) return null;
  if (typeof wire !== "object") return String(wire);
  if (wire.j === undefined) return null;
  return /^-?[\d.]+E/.test(wire.j) ? plain(wire.j) : wire.j;
}

export class Column {
  #parts = [];
  version = 0;

  // `packed` null: nothing of this column was ever read here.
  put(part, packed, size = PART) {
    const values = packed ? packed.values : [{}];
    const codes = packed ? packed.codes && Uint16Array.from(packed.codes) : new Uint16Array(size);
    this.#parts[part] = { values, codes };
    this.version += 1;
  }

  get(row) {
    const part = this.#parts[(row / PART) | 0];
    if (!part) return undefined;
    const at = row % PART;
    return part.values[part.codes ? part.codes[at] : at];
  }

  // (row) → fn(value), with fn asked once per distinct value of a part; `missed` for what is not loaded.
  map(fn, missed) {
    const made = [];
    return (row) => {
      const at = (row / PART) | 0;
      const part = this.#parts[at];
      if (!part) return missed;
      const code = part.codes ? part.codes[row % PART] : row % PART;
      const known = (made[at] ??= new Array(part.values.length));
      return known[code] === undefined ? (known[code] = fn(part.values[code])) : known[code];
    };
  }
}
