// Copy and paste by the browser's own events, so no permission is asked. What cannot be written is spared, and said.
import { format, parse } from "./tsv.js";
import { landing } from "./ranges.js";

export function bindClipboard({ view, edits, say }) {
  let last = { text: "", block: [] }; // what we copied ourselves keeps its nulls

  const here = (event) => view.table && event.target.matches?.("#grid tbody :is(td, th)");

  function block() {
    const { top, bottom, left, right } = view.range;
    const rows = [];
    for (let row = top; row <= bottom; row += 1) {
      const cells = [];
      for (let col = left; col <= right; col += 1) cells.push(view.text({ row, col }));
      rows.push(cells);
    }
    return rows;
  }

  function copy(event) {
    if (!here(event)) return;
    event.preventDefault();
    const copied = block();
    last = { text: format(copied.map((row) => row.map((value) => value ?? ""))), block: copied };
    event.clipboardData.setData("text/plain", last.text);
    say(`${counted(copied.length * copied[0].length, "cell")} copied.`);
  }

  function paste(event) {
    if (!here(event)) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (text === "" && last.text !== "") return say("The clipboard is empty.");
    const ours = text.replaceAll("\r\n", "\n") === last.text;
    const found = landing(ours ? last.block : parse(text), view.range, view.size, (at) => view.writable(at));
    const writes = found.writes.map((write) => ({ ...write, value: !ours && write.value === "" ? view.column(write).empty : write.value }));
    const written = edits.write(writes);
    if (found.writes.length) view.select(found.writes);
    say(told(written, writes.length, found));
  }

  document.addEventListener("copy", copy);
  document.addEventListener("paste", paste);
}

export function told(written, tried, { spared, overflow }) {
  const parts = [`${counted(written, "cell")} changed`];
  if (tried > written) parts.push(`${tried - written} already had the value`);
  if (spared) parts.push(`${spared} read-only ${spared === 1 ? "cell" : "cells"} spared`);
  if (overflow) parts.push(`${overflow} beyond the edge of this page left out`);
  return `Pasted: ${parts.join(", ")}.`;
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
