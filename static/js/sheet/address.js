// Order, filters and the look (only…) as they stand in the address, and filters in words. No DOM.

// "?sort=-end_date,name&only=changed&filters={…}"; what cannot be read or is unknown is left out.
export function fromAddress(search, known) {
  const query = new URLSearchParams(search);
  const named = (query.get("sort") ?? "").split(",").map((each) => ({ field: each.replace(/^-/, ""), down: each.startsWith("-") }));
  return { sort: named.filter(({ field }) => known(field)), filters: filtersIn(query.get("filters"), known), only: query.get("only") ?? "" };
}

function filtersIn(text, known) {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text) ?? {}).filter(([name, filter]) => known(name) && filter && typeof filter === "object"));
  } catch {
    return {};
  }
}

export function toAddress(search, { sort, filters, only }) {
  const query = new URLSearchParams(search);
  const put = (name, text) => (text ? query.set(name, text) : query.delete(name));
  put("sort", sort.map(({ field, down }) => (down ? "-" : "") + field).join());
  put("filters", Object.keys(filters).length ? JSON.stringify(filters) : "");
  put("only", only);
  const made = query.toString();
  return made && `?${made}`;
}

export const STATES = { null: "is null", empty: "is empty text", unset: "is not set", filled: "is filled" };
export const HOW = { contains: "contains", begins: "begins with", ends: "ends with", is: "is", not: "is not" };
const MOST = 3; // values named in a chip

export function filterWords(spec, filter, label) {
  if (filter.is) return STATES[filter.is];
  if (filter.in) {
    const named = filter.in.slice(0, MOST).map((text) => (text === null ? "null" : label(text)));
    return `is ${named.join(" or ")}${filter.in.length > MOST ? ` or ${filter.in.length - MOST} more` : ""}`;
  }
  if ("text" in filter) return `${HOW[filter.how]} “${filter.text}”`;
  if (filter.from && filter.to) return `${filter.from} to ${filter.to}`;
  return filter.from ? `from ${filter.from}` : `up to ${filter.to}`;
}
