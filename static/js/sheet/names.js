// Names of referenced records: asked for when they come into sight, many at once, and kept for this page.
import { post } from "./api.js";

const PAUSE = 60;
const MOST = 200; // ids in one request
const AGAIN = 15_000;

export function namesOf({ url, known }) {
  const [kept, wanted, asked] = [new Map(), new Map(), new Map()];
  let timer = 0;

  const ask = async (field, ids) => {
    try {
      const { names } = await post(url, { field, ids });
      for (const id of ids) kept.set(`${field} ${id}`, names[id] ?? "");
      known();
    } catch {
      for (const id of ids) asked.set(`${field} ${id}`, Date.now());
    }
  };
  const flush = () => {
    for (const [field, ids] of wanted) {
      const list = [...ids];
      for (let at = 0; at < list.length; at += MOST) ask(field, list.slice(at, at + MOST));
    }
    wanted.clear();
  };
  return (field, id) => {
    const key = `${field} ${id}`;
    if (kept.has(key)) return kept.get(key) || undefined;
    if (Date.now() - (asked.get(key) ?? 0) < AGAIN) return undefined;
    asked.set(key, Date.now());
    if (!wanted.has(field)) wanted.set(field, new Set());
    wanted.get(field).add(id);
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE);
    return undefined;
  };
}
