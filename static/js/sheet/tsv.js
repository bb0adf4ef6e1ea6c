// Tab-separated text as spreadsheets write it: a cell with a tab, a quote or a line end stands in quotes, quotes doubled.

export function parse(text) {
  const source = text.replace(/\r\n?/g, "\n");
  const rows = source.includes('"') ? withQuotes(source) : source.split("\n").map((line) => line.split("\t"));
  const last = rows.at(-1);
  if (rows.length > 1 && last.length === 1 && last[0] === "") rows.pop(); // the line end after the last row
  return rows;
}

function withQuotes(source) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at <= source.length) {
    const [cell, next] = source[at] === '"' ? quoted(source, at) : plain(source, at);
    row.push(cell);
    if (source[next] !== "\t") {
      rows.push(row);
      row = [];
    }
    at = next + 1;
  }
  return rows;
}

function plain(source, start) {
  let end = start;
  while (end < source.length && source[end] !== "\t" && source[end] !== "\n") end += 1;
  return [source.slice(start, end), end];
}

// A quote that never closes, or text after the closing one, was no quoting at all.
function quoted(source, start) {
  let cell = "";
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] !== '"') cell += source[at];
    else if (source[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (at + 1 === source.length || source[at + 1] === "\t" || source[at + 1] === "\n") return [cell, at + 1];
    else break;
  }
  return plain(source, start);
}

export function format(rows) {
  const cell = (text) => (/["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join("\t")).join("\n");
}
