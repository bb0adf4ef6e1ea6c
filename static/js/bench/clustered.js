// Groups of similar values as somebody judges them: which are merged, into what, and without which values. No DOM.

export class Groups {
  #kept = new Map(); // key → {on, survivor, off: Set}

  constructor() {
    this.set([]);
  }

  // groups: [{key, survivor, values: [[text, rows], …]}], largest first. What was decided stays where the group is the same.
  set(groups) {
    const kept = new Map();
    this.all = groups.map((group) => {
      const texts = group.values.map(([text]) => text).join("\n");
      const before = this.#kept.get(group.key);
      const same = before?.texts === texts ? before : { on: false, survivor: group.survivor, off: new Set(), texts };
      kept.set(group.key, same);
      const lengths = group.values.map(([text]) => text.length);
      return {
        ...group,
        judged: same,
        rows: group.values.reduce((sum, [, rows]) => sum + rows, 0),
        spread: Math.max(...lengths) - Math.min(...lengths),
        low: texts.toLowerCase(),
      };
    });
    this.#kept = kept;
  }

  forget() {
    this.#kept.clear();
    this.set([]);
  }

  found({ find = "", size = 2, spread = Infinity }) {
    const wanted = find.trim().toLowerCase();
    return this.all.filter((group) => group.values.length >= size && group.spread <= spread && (!wanted || group.low.includes(wanted)));
  }

  get ticked() {
    return this.all.filter(({ judged }) => judged.on);
  }

  // [old, new] of every value that becomes another.
  get pairs() {
    return this.ticked.flatMap((group) => merged(group).filter(([text]) => text !== group.judged.survivor).map(([text]) => [text, group.judged.survivor]));
  }

  // How many values become how many; groups in which nothing changes do not count.
  get counts() {
    const merging = this.ticked.map((group) => [merged(group), group.judged.survivor]).filter(([values, survivor]) => values.some(([text]) => text !== survivor));
    return { values: merging.reduce((sum, [values]) => sum + values.length, 0), into: new Set(merging.map(([, survivor]) => survivor)).size };
  }
}

const merged = (group) => group.values.filter(([text]) => !group.judged.off.has(text));

// A text in parts, so that what differs can be seen: spaces that are doubled, at an end, or no plain space.
export function parts(text) {
  const found = [];
  let last = 0;
  for (const { 0: spaces, index } of text.matchAll(/^\s+|\s+$|\s{2,}|[^\S ]|[\u200b-\u200f\u2060\ufeff]/g)) {
    if (index > last) found.push({ text: text.slice(last, index) });
    found.push({ text: spaces, space: true });
    last = index + spaces.length;
  }
  if (last < text.length) found.push({ text: text.slice(last) });
  return found;
}
