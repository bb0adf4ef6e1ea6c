// JSON without loss: numbers keep their digits (1.10 stays 1.10, ids past 2^53 stay exact). Nodes are
// {type: "object", members: [[name, node], …]} · {type: "array", items} · {type: "string", value} · {type: "number", text} ·
// {type: "boolean", value} · {type: "null"}.
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = { true: { type: "boolean", value: true }, false: { type: "boolean", value: false }, null: { type: "null" } };
const DEEPEST = 100;

export class JsonError extends Error {
  constructor(message, at, text) {
    const before = text.slice(0, at).split("\n");
    super(`${message}, line ${before.length}, column ${before.at(-1).length + 1}`);
  }
}

export function parse(text) {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.space();
  if (reader.at < text.length) reader.fail("Something follows after the value");
  return node;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail(message, at = this.at) {
    throw new JsonError(message, at, this.text);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found?.[0];
  }

  space() {
    this.match(SPACE);
  }

  takes(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    if (depth > DEEPEST) this.fail("Nested too deep");
    if (this.takes("{")) return { type: "object", members: this.members(depth) };
    if (this.takes("[")) return { type: "array", items: this.list("]", () => this.value(depth + 1)) };
    if (this.text[this.at] === '"') return { type: "string", value: this.string() };
    const number = this.match(NUMBER);
    if (number !== undefined) return { type: "number", text: number };
    for (const [word, node] of Object.entries(WORDS)) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return { ...node };
    }
    return this.fail(this.at < this.text.length ? "A value was expected" : "The text ends too early");
  }

  members(depth) {
    const names = new Set();
    return this.list("}", () => {
      this.space();
      const at = this.at;
      const name = this.text[at] === '"' ? this.string() : this.fail("A name in double quotes was expected");
      if (names.has(name)) this.fail(`“${name}” stands twice`, at);
      names.add(name);
      if (!this.takes(":")) this.fail("A colon was expected");
      return [name, this.value(depth + 1)];
    });
  }

  list(end, item) {
    const found = [];
    if (this.takes(end)) return found;
    for (;;) {
      found.push(item());
      if (this.takes(end)) return found;
      if (!this.takes(",")) this.fail(this.at < this.text.length ? `A comma or ${end} was expected` : "The text ends too early");
    }
  }

  string() {
    const quoted = this.match(STRING);
    return quoted === undefined ? this.fail("This text does not end, or holds a character that must be escaped") : JSON.parse(quoted);
  }
}

export function print(node, indent = "  ", margin = "") {
  const inner = margin + indent;
  const [line, gap] = indent ? [`\n${inner}`, ": "] : ["", ":"];
  const close = indent ? `\n${margin}` : "";
  if (node.type === "object") {
    if (!node.members.length) return "{}";
    const lines = node.members.map(([name, value]) => `${JSON.stringify(name)}${gap}${print(value, indent, inner)}`);
    return `{${line}${lines.join(`,${line}`)}${close}}`;
  }
  if (node.type === "array") {
    if (!node.items.length) return "[]";
    return `[${line}${node.items.map((item) => print(item, indent, inner)).join(`,${line}`)}${close}]`;
  }
  if (node.type === "number") return node.text;
  return node.type === "null" ? "null" : JSON.stringify(node.value);
}

export function isNumber(text) {
  NUMBER.lastIndex = 0;
  return NUMBER.exec(text)?.[0].length === text.length && text.length > 0;
}
