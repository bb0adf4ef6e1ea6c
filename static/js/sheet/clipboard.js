// Copy, cut and paste by the browser's own events, so no permission is asked. What cannot be written is spared, and said.
import { emptied } from "./editors.js";
import { counted } from "./make.js";
import { cellsOf, landing } from "./moves.js";
import { pasted } from "./pasted.js";
import { format } from "./tsv.js";
import { READING, sentence } from "./writing.js";

const OURS = "application/x-adminui-nulls"; // which cells of the text are null: only another grid of ours understands it

export function bindClipboard({ grid, editor, writing, say }) {
  function copy(event) {
    if (editor.open) return false;
    event.preventDefault();
    const { rows, cols } = lines(grid.ranges);
    if (!rows) return void say("Not copied: these ranges do not make one rectangle.");
    const block = rows.map((at) => cols.map((col) => grid.value({ at, col })));
    if (block.some((line) => line.includes(undefined))) return void say(READING);
    const text = block.map((line) => line.map((value) => value ?? ""));
    const data = event.clipboardData;
    data.setData("text/plain", format(text));
    data.setData("text/html", table(text));
    data.setData(OURS, JSON.stringify(block.map((line) => line.flatMap((value, index) => (value === null ? index : [])))));
    grid.outline("copy", grid.ranges.length === 1 ? grid.range : null);
    say(`${counted(rows.length * cols.length, "cell")} copied.`);
    return true;
  }

  function cut(event) {
    if (copy(event)) writing.each("Cut", "Cut", "clear", grid.ranges, (spec) => emptied(spec));
  }

  function paste(event) {
    if (editor.open) return;
    event.preventDefault();
    const { types } = event.clipboardData;
    if (!types.includes("text/plain") && !types.includes(OURS)) return say("There is no text on the clipboard.");
    const block = pasted(event.clipboardData);
    const nulls = types.includes(OURS) && JSON.parse(event.clipboardData.getData(OURS));
    const found = land(nulls ? block.map((line, down) => line.map((cell, across) => (nulls[down]?.includes(across) ? null : cell))) : block);
    // Other programs know one kind of empty: what is null or empty here stays what it is.
    if (!nulls) for (const cell of found.cells) cell.value ||= grid.value(cell) ? emptied(grid.cols[cell.col]) : grid.value(cell);
    const told = writing.put("Paste", "paste", found.cells);
    if (found.area) grid.select([found.area]);
    grid.outline("copy", null);
    say(sentence("Pasted", { ...found, ...told }));
  }

  // One value goes into everything selected, a block to the active range.
  function land(block) {
    const value = block.length === 1 && block[0].length === 1 ? block[0][0] : undefined;
    const { range, ranges, size } = grid;
    if (value === undefined || ranges.length === 1) return landing(block, range, size, (cell) => grid.writable(cell));
    const cells = [...cellsOf(ranges, size)];
    const writable = cells.filter((cell) => grid.writable(cell)).map((cell) => ({ ...cell, value }));
    return { cells: writable, spared: cells.length - writable.length };
  }

  for (const [type, fn] of Object.entries({ copy, cut, paste })) grid.catcher.addEventListener(type, fn);
  grid.catcher.addEventListener("keydown", (event) => event.key === "Escape" && grid.outline("copy", null));
}

// The rows and columns of several ranges: those of the same columns go below each other, those of the same rows beside each other.
function lines(ranges) {
  const [{ top, bottom, left, right }] = ranges;
  const [rows, cols] = [span(ranges, "top", "bottom"), span(ranges, "left", "right")];
  const aligned = ranges.every((each) => each.left === left && each.right === right) || ranges.every((each) => each.top === top && each.bottom === bottom);
  return aligned ? { rows, cols } : {};
}

function span(ranges, first, last) {
  const numbers = new Set(ranges.flatMap((range) => Array.from({ length: range[last] - range[first] + 1 }, (_, index) => range[first] + index)));
  return [...numbers].sort((a, b) => a - b);
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (each) => ESCAPES[each]).replace(/\r\n?|\n/g, '<br style="mso-data-placement:same-cell">');

// As text, or a spreadsheet would turn 00123 and long ids into numbers of its own.
function table(text) {
  const cell = (value) => `<td style='white-space:pre-wrap;mso-number-format:"\\@"'>${escaped(value)}</td>`;
  return `<meta charset="utf-8"><table>${text.map((line) => `<tr>${line.map(cell).join("")}</tr>`).join("")}</table>`;
}
