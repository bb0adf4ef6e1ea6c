// What is chosen in facets, as data: what the server is sent, what the address keeps, and in words. No DOM.

export const KINDS = {
  text: "Values",
  number: "Numbers",
  date: "Dates",
  blank: "Filled or not",
  length: "Length",
  shape: "Pattern",
  duplicate: "Duplicates",
  match: "Search",
  state: "State",
};
export const LISTED = new Set(["text", "blank", "shape", "duplicate", "state"]);
export const RANGED = new Set(["number", "date", "length"]);

const NUMBERS = ["number", "text", "duplicate", "length"];
const OFFERED = {
  "text": ["text", "shape", "length", "duplicate", "blank", "match", "number", "date"],
  "long text": ["text", "length", "shape", "duplicate", "blank", "match"],
  "integer": NUMBERS,
  "decimal": NUMBERS,
  "date": ["date", "text", "duplicate"],
  "datetime": ["date", "text", "duplicate"],
  "reference": ["text", "duplicate", "number"],
  "choice": ["text"],
  "boolean": ["text"],
};

// The kinds of facet a field can have, the most fitting first.
export function offered(spec) {
  const own = OFFERED[spec.kind] ?? ["text", "length"];
  return [...own, ...(own.includes("blank") ? [] : ["blank"]), "state"];
}

export const made = (facet, field = "") => ({ facet, field });
export const same = (a, b) => a.facet === b.facet && a.field === b.field;

const CHOSEN = ["in", "out", "from", "to", "closed", "blank", "text", "regex", "case", "as", "not", "rule"];
const VIEW = ["sort", "folded"];

// Only what chooses rows, for a clean-up's `where`.
export function selection(facet) {
  const kept = { facet: facet.facet, field: facet.field };
  for (const name of CHOSEN) if (name in facet && filled(facet[name])) kept[name] = facet[name];
  return kept;
}

const filled = (value) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "" && value !== false);

// `blank` false is a choice of its own: only rows with a number.
export function isActive(facet) {
  if (facet.rule) return true;
  if (RANGED.has(facet.facet)) return filled(facet.from) || filled(facet.to) || facet.from === 0 || (typeof facet.blank === "boolean" && facet.facet !== "length");
  return filled(facet.in) || filled(facet.out) || filled(facet.text);
}

// What the server is asked: a selection, and how it is to be shown.
export function asked(facet, { search = "", size = 0 } = {}) {
  const sent = { ...selection(facet), sort: facet.sort ?? "count" };
  if (RANGED.has(facet.facet)) {
    if (typeof facet.blank === "boolean") sent.blank = facet.blank;
    for (const end of ["from", "to"]) if (facet[end] === 0) sent[end] = 0;
    delete sent.sort;
  }
  if (search) sent.search = search;
  if (size) sent.size = size;
  return sent;
}

// What a clean-up is limited by: facets in which something is chosen.
export function where(facets) {
  return facets.filter(isActive).map((facet) => {
    const { sort: _, ...sent } = asked(facet);
    return sent;
  });
}

// A click on a value: included or not; with `out` left out or not. Choosing the one way takes back the other.
export function toggled(facet, key, out = false) {
  const [here, there] = out ? ["out", "in"] : ["in", "out"];
  const listed = facet[here] ?? [];
  return {
    ...facet,
    [here]: listed.includes(key) ? listed.filter((each) => each !== key) : [...listed, key],
    [there]: (facet[there] ?? []).filter((each) => each !== key),
  };
}

export const only = (facet, key) => ({ ...cleared(facet), in: [key] });

export function cleared(facet) {
  const kept = { ...facet };
  for (const name of CHOSEN) if (!["as", "rule", "regex", "case"].includes(name)) delete kept[name];
  return kept;
}

// In the address: only what is set. What cannot be read is left out.
export function toAddress(search, facets) {
  const query = new URLSearchParams(search);
  const kept = facets.map((facet) => Object.fromEntries(["facet", "field", ...CHOSEN, ...VIEW].filter((name) => filled(facet[name]) || facet[name] === 0 || (name === "blank" && facet.blank === false)).map((name) => [name, facet[name]])));
  if (kept.length) query.set("facets", JSON.stringify(kept));
  else query.delete("facets");
  const text = query.toString();
  return text && `?${text}`;
}

export function fromAddress(search, known) {
  try {
    const found = JSON.parse(new URLSearchParams(search).get("facets") ?? "[]");
    return found.filter((facet) => facet && typeof facet === "object" && facet.facet in KINDS && (facet.field ? known(facet.field) : facet.facet === "state")).map((facet) => ({ field: "", ...facet }));
  } catch {
    return [];
  }
}

// The rows of the server's bits: the lowest bit of the first byte is row 0.
export function rowsOf(bits) {
  const bytes = atob(bits);
  const rows = [];
  for (let at = 0; at < bytes.length; at += 1) {
    let byte = bytes.charCodeAt(at);
    for (let row = at * 8; byte; row += 1, byte >>= 1) if (byte & 1) rows.push(row);
  }
  return Uint32Array.from(rows);
}

// In the toolbar: how many facets narrow the rows.
export function words(facets) {
  const active = facets.filter(isActive);
  return `Facets: ${active.length}`;
}

// Values where they were while somebody points at them; new ones come last.
export function steady(values, before) {
  const places = new Map(before.map((key, at) => [key, at]));
  const place = ({ key }) => places.get(key) ?? Infinity;
  return values.toSorted((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
}
