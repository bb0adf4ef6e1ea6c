// The filter as data, without a DOM: ["and", ["name", "contains", "x"], ["or", …]], as the address holds it.
const JOINS = ["and", "or"];

export function isGroup(item) {
  return Array.isArray(item) && JOINS.includes(item[0]);
}

// What cannot be read is no filter; numbers stay the text they are in the address, so nothing is rounded.
export function parse(text) {
  if (!text) return ["and"];
  try {
    const data = JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g, (all, quoted, number) => quoted ?? `"${number}"`));
    return isGroup(data) ? data : ["and"];
  } catch {
    return ["and"];
  }
}

export function write(where) {
  return where.length > 1 ? JSON.stringify(where) : "";
}

// One more condition that must hold; an earlier one of the same kind on the same field makes room.
export function also(where, condition) {
  if (where[0] === "or" && where.length > 2) return ["and", where, condition];
  const kept = where.slice(1).filter((item) => isGroup(item) || item[0] !== condition[0] || item[1] !== condition[1]);
  return ["and", ...kept, condition];
}

// The condition that a cell's value meets; null where this API cannot be asked.
export function meets(field, cell) {
  const blank = cell.state === "null" || cell.state === "empty";
  if (blank) return field.ops.includes("empty") ? [field.name, "empty"] : null;
  if (cell.state === "cut" || cell.state === "missing" || !cell.value) return null;
  return field.ops.includes("eq") ? [field.name, "eq", cell.value] : null;
}

export function lacks(condition, withoutValue) {
  const [, op, value] = condition;
  if (withoutValue.includes(op)) return false;
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
