// What a spreadsheet put on the clipboard: its text, with what only its HTML has kept. LibreOffice makes a blank of a line
// end in a cell, and puts no cell in quotes.
import { parse } from "./tsv.js";

export function pasted(clipboard) {
  const text = clipboard.getData("text/plain");
  const html = clipboard.getData("text/html");
  const block = parse(text);
  if (!text.includes('"') && !/<br/i.test(html)) return block;
  const told = cellsOf(html);
  const bare = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const rows = shaped(bare, told) && bare.every((line, down) => line.every((cell, across) => same(cell, told[down][across]))) ? bare : block;
  return shaped(rows, told) ? rows.map((line, down) => line.map((cell, across) => broken(cell, told[down][across]))) : block;
}

// Without its styles and attributes: our policy would complain of them.
function cellsOf(html) {
  const bare = html.replace(/<style.*?<\/style>/gis, "").replace(/<([a-z]\w*)[^>]*>/gi, "<$1>");
  const { body } = new DOMParser().parseFromString(bare, "text/html");
  for (const each of body.querySelectorAll("br")) each.replaceWith("\n");
  return Array.from(body.querySelectorAll("tr"), ({ cells }) => Array.from(cells, ({ textContent }) => textContent));
}

const shaped = (rows, told) => rows.length === told.length && rows.every((line, down) => line.length === told[down].length);
const blanks = (text) => text.replace(/\s/g, " ");
const same = (one, other) => blanks(one) === blanks(other);
const broken = (text, told) => (same(text, told) ? text.replace(/\s/g, (blank, at) => (told[at] === "\n" ? "\n" : blank)) : text);
