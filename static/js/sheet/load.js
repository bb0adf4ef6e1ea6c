// Columns from the server, in parts: the fields shown and the first part first, others when they are wanted.
import { PART } from "./column.js";

const FIELDS = 40; // in one request
const PARTS = 3;
const LANES = 3; // requests at a time
const WAITS = [300, 1000, 3000];

// Returns {first, done, want, refresh}: `first` when the first rows are here, `done` when all rows of these fields are.
// onPart(here, asked) counts parts of columns.
export function load(boot, model, fields, onPart = () => {}, get = bytes) {
  return new Loader(boot, model, onPart, get).start(fields);
}

class Loader {
  #asked = new Map(); // field → promise of all its parts
  #turns = new Map(); // field and part → the latest request that was put
  #turn = 0;
  #here = 0;

  constructor(boot, model, onPart, get) {
    Object.assign(this, { boot, model, onPart, get });
    this.parts = Array.from({ length: Math.ceil(boot.rows / PART) }, (_, part) => part);
    this.want = (wanted) => this.#want(wanted);
    this.refresh = (chunks) => this.#refresh(chunks);
  }

  start(fields) {
    const { id_field, title_field } = this.boot.resource;
    this.done = this.#want([id_field, title_field, ...fields]);
    return this;
  }

  // Resolves when all rows of these fields are here; what could not be read is asked for again the next time.
  #want(wanted) {
    const known = [...new Set(wanted)].filter((field) => this.model.spec(field));
    const missing = known.filter((field) => !this.#asked.has(field));
    const all = this.#all(missing);
    for (const field of missing) this.#asked.set(field, all);
    all.catch(() => missing.forEach((field) => this.#asked.delete(field)));
    return Promise.all(known.map((field) => this.#asked.get(field))).then(() => {});
  }

  async #all(fields) {
    if (!fields.length) return;
    const first = this.#lanes(this.#requests(fields, this.parts.slice(0, 1)));
    this.first ??= first;
    await first;
    await this.#lanes(this.#requests(fields, this.parts.slice(1)));
  }

  #requests(fields, parts) {
    return slices(parts, PARTS).flatMap((some) => slices(fields, FIELDS).map((names) => ({ fields: names, parts: some })));
  }

  async #lanes(requests) {
    const lane = async () => {
      for (let next = requests.shift(); next; next = requests.shift()) {
        (await this.#read(next))();
        this.onPart(this.#here, this.#asked.size * this.parts.length);
        this.model.changed();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  // Reads and unpacks; what is returned puts it into the columns, unless something newer is there.
  async #read({ fields, parts }) {
    const turn = (this.#turn += 1);
    const query = `fields=${fields.map(encodeURIComponent).join()}&parts=${parts.join()}`;
    const frames = unframe(await this.get(`${this.boot.urls.data}?${query}`), fields, parts);
    const chunks = await Promise.all(frames.map(async (frame) => ({ ...frame, packed: frame.bytes && (await gunzip(frame.bytes)) })));
    return () => chunks.forEach((chunk) => this.#put(chunk, turn));
  }

  #put({ field, part, packed }, turn) {
    const key = `${part} ${field}`;
    const before = this.#turns.get(key);
    if (before > turn) return;
    if (!before) this.#here += 1;
    this.#turns.set(key, turn);
    this.model.columns.get(field).put(part, packed, Math.min(PART, this.boot.rows - part * PART));
  }

  // chunks: {field: parts} that are stale, null for all that were ever asked for.
  async #refresh(chunks) {
    const stale = chunks ? Object.entries(chunks).filter(([field]) => this.#asked.has(field)) : [...this.#asked.keys()].map((field) => [field, this.parts]);
    const groups = new Map();
    for (const [field, parts] of stale) groups.set(parts.join(), [...(groups.get(parts.join()) ?? []), field]);
    const requests = [...groups].flatMap(([parts, fields]) => this.#requests(fields, parts.split(",").map(Number)));
    const puts = [];
    for (const request of requests) puts.push(await this.#read(request));
    return () => puts.forEach((put) => put());
  }
}

const slices = (list, size) => Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

// For each part, for each field: four bytes of length, then as many of gzip; none where nothing was ever read.
export function unframe(data, fields, parts) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  return parts.flatMap((part) =>
    fields.map((field) => {
      const size = view.getUint32(at);
      const bytes = size ? data.subarray(at + 4, at + 4 + size) : null;
      at += 4 + size;
      return { part, field, bytes };
    }),
  );
}

function gunzip(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

async function bytes(url) {
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return new Uint8Array(await response.arrayBuffer());
    if (tries === WAITS.length || (response && response.status < 500 && response.status !== 429)) throw new Error("The rows of this worksheet cannot be read.");
    await new Promise((resolve) => setTimeout(resolve, WAITS[tries]));
  }
}
