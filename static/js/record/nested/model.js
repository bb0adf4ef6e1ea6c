// Nested values as one edits them: which types a member may have, new members, and one type made of another. No DOM here.
import { isNumber } from "../exactjson.js";

export const NOT_SET = "not set";
export const TYPES = { string: "text", number: "number", boolean: "yes or no", null: "null", object: "members", array: "list" };

const MAIN = { integer: "number", decimal: "number", reference: "number", boolean: "boolean", list: "array", json: "object" };

export function mainType(shape) {
  if (!shape) return "string";
  if (shape.kind === "choice") return shape.choices.every(([value]) => isNumber(value)) && shape.choices.length ? "number" : "string";
  return MAIN[shape.kind] ?? "string";
}

// A decimal may come as a number or as text; what is there is always among the types, however odd.
export function typesFor(shape, node) {
  if (!shape) return Object.keys(TYPES);
  const types = [mainType(shape)];
  if (shape.kind === "decimal") types.push("string");
  if (shape.kind === "json" && !shape.children.length) types.push("array");
  if (shape.nullable) types.push("null");
  if (node && !types.includes(node.type)) types.push(node.type);
  return types;
}

export function blank(type, shape) {
  const first = shape?.choices?.[0]?.[0];
  if (type === "string") return { type, value: first ?? "" };
  if (type === "number") return { type, text: first ?? "0" };
  if (type === "boolean") return { type, value: false };
  if (type === "object") return { type, members: [] };
  return type === "array" ? { type, items: [] } : { type: "null" };
}

// What one sees stays where the new type can hold it: "4.50" as text becomes the number 4.50.
export function convert(node, type, shape) {
  if (!node) return blank(type, shape);
  const text = node.type === "number" ? node.text : node.type === "null" ? "" : String(node.value ?? "");
  if (type === "number" && isNumber(text)) return { type, text };
  if (type === "string" && text) return { type, value: text };
  if (type === "boolean" && ["true", "1"].includes(text)) return { type, value: true };
  return blank(type, shape);
}

export function shapeOfMember(shape, name) {
  return shape?.children.find((child) => child.name === name);
}

export function shapeOfItem(shape) {
  return shape?.kind === "list" && shape.children.length === 1 ? shape.children[0] : undefined;
}

// The members in their order, then those the API knows and the value does not have.
export function membersOf(node, shape) {
  const held = node.members.map(([name, value]) => ({ name, value, shape: shapeOfMember(shape, name) }));
  const names = new Set(node.members.map(([name]) => name));
  const absent = (shape?.children ?? []).filter((child) => !names.has(child.name));
  return [...held, ...absent.map((child) => ({ name: child.name, value: undefined, shape: child }))];
}

export function setMember(node, name, value) {
  const at = node.members.findIndex(([held]) => held === name);
  if (value === undefined) {
    if (at >= 0) node.members.splice(at, 1);
  } else if (at >= 0) node.members[at][1] = value;
  else node.members.push([name, value]);
}

export function newItem(node, shape) {
  const item = shapeOfItem(shape);
  return blank(item ? mainType(item) : (node.items.at(-1)?.type ?? "string"), item);
}

export function moveItem(node, from, step) {
  const to = from + step;
  if (to < 0 || to >= node.items.length) return from;
  node.items.splice(to, 0, ...node.items.splice(from, 1));
  return to;
}

// What a text box may write into a node; false when it cannot be that.
export function writeText(node, text) {
  if (node.type !== "number") {
    node.value = text;
    return true;
  }
  if (!isNumber(text.trim())) return false;
  node.text = text.trim();
  return true;
}
