// What the server says of the list on show, and the catalogue of its fields, fetched once when first needed.
export function list() {
  return document.getElementById("list")?.dataset ?? null;
}

export function drawn(action) {
  // Runs now and after each swap, for what has to be put back into a newly drawn page.
  action();
  document.addEventListener("htmx:afterSettle", action);
}

const catalogues = new Map();

export function catalogue() {
  const url = `${list().path}?part=fields`;
  if (!catalogues.has(url)) catalogues.set(url, read(url).catch((problem) => { catalogues.delete(url); throw problem; }));
  return catalogues.get(url);
}

async function read(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.what_happened ?? `The list of fields could not be read (${answer.status}).`);
  return data;
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function spaced(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function counted(number) {
  const { singular, plural } = list();
  return `${spaced(number)} ${Number(number) === 1 ? singular : plural}`;
}
