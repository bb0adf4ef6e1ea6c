// A table of two columns as text: old and new, one pair a line, as a spreadsheet copies it or as CSV writes it. A new
// value of (null) is null, "" in quotes is empty text, and nothing at all means that nobody has decided yet.

const NULL = "(null)"; // as the server reads a table, and the token of files
const NULLS = new Set([NULL, "[null]"]);
const SEPARATORS = ["\t", ";", ",", " → ", " -> ", " => "];

// {pairs: [[old, new | null]], undecided, problems: [words]}
export function toPairs(text) {
  const [pairs, problems, known] = [[], [], new Map()];
  let undecided = 0;
  for (const [at, cells] of records(text, separatorOf(text)).entries()) {
    if (cells.every(({ text, quoted }) => !text.trim() && !quoted)) continue;
    const [old, wanted, ...others] = cells;
    if (!wanted || others.some(({ text }) => text.trim())) problems.push(`Line ${at + 1} has ${wanted ? `${cells.length} columns` : "one column"}, not two.`);
    else if (wanted.text === "" && !wanted.quoted) undecided += 1;
    else if (known.has(old.text)) {
      if (known.get(old.text) !== wanted.text) problems.push(`Line ${at + 1}: “${old.text}” is to become “${known.get(old.text)}” already.`);
    } else {
      known.set(old.text, wanted.text);
      pairs.push([old.text, NULLS.has(wanted.text.trim()) ? null : wanted.text]);
    }
  }
  return { pairs, undecided, problems };
}

export function toTable(pairs) {
  return pairs.map(([old, wanted]) => `${written(old)}\t${wanted === "" ? '""' : written(wanted ?? NULL)}`).join("\n");
}

const written = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function separatorOf(text) {
  const first = text.split("\n").find((line) => line.trim()) ?? "";
  return SEPARATORS.find((each) => first.includes(each)) ?? "\t";
}

// Rows of cells {text, quoted}. What is in quotes may hold line breaks; a quote within is doubled, one that never closes
// is plain text.
export function records(text, separator) {
  const source = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const found = [];
  let [row, cell, at] = [[], { text: "", quoted: false }, 0];
  const end = () => {
    row.push(cell);
    cell = { text: "", quoted: false };
  };
  while (at < source.length) {
    const close = source[at] === '"' && cell.text === "" && !cell.quoted ? closing(source, at + 1) : -1;
    if (close >= 0) {
      cell = { text: source.slice(at + 1, close).replaceAll('""', '"'), quoted: true };
      at = close + 1;
    } else if (source.startsWith(separator, at)) {
      end();
      at += separator.length;
    } else if (source[at] === "\n") {
      end();
      found.push(row);
      row = [];
      at += 1;
    } else {
      cell.text += source[at];
      at += 1;
    }
  }
  end();
  return [...found, row];
}

function closing(source, from) {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] !== '"') continue;
    if (source[at + 1] !== '"') return at;
    at += 1;
  }
  return -1;
}
