// Names and the ids they stand for: what is sure, what was picked, what is left alone. No DOM.

export class Resolved {
  #picked = new Map(); // name → id, or "" for none of them

  constructor() {
    this.set([]);
  }

  // names: [{text, rows, sure, candidates: [{id, title, facts, active, how}]}], most rows first.
  set(names) {
    this.all = names;
    const here = new Set(names.map(({ text }) => text));
    for (const text of this.#picked.keys()) if (!here.has(text)) this.#picked.delete(text);
  }

  forget() {
    this.#picked.clear();
    this.set([]);
  }

  static tab({ sure, candidates }) {
    return sure ? "sure" : candidates.length ? "pick" : "none";
  }

  // The names of a list. Spellings that may mean the same records are one entry: picked once for all of them.
  of(tab, find = "") {
    const wanted = find.trim().toLowerCase();
    const groups = new Map();
    for (const name of this.all) {
      if (Resolved.tab(name) !== tab || !(name.text.toLowerCase().includes(wanted) || name.candidates.some(({ title }) => title.toLowerCase().includes(wanted)))) continue;
      const key = tab === "pick" ? name.candidates.map(({ id }) => id).sort().join(" ") : name.text;
      const group = groups.get(key);
      if (!group) groups.set(key, { ...name, texts: [name.text] });
      else {
        group.texts.push(name.text);
        group.rows += name.rows;
      }
    }
    return [...groups.values()].sort((a, b) => b.rows - a.rows);
  }

  // The id an entry stands for now; "" while it stands for none.
  id(name) {
    return this.#picked.get(name.text) ?? (name.sure ? name.candidates[0].id : "");
  }

  pick({ texts, text }, id) {
    for (const each of texts ?? [text]) this.#picked.set(each, id);
  }

  // Those still to be picked whose likeliest record is active and alone at the top.
  get likely() {
    return this.of("pick").filter((name) => !this.#picked.has(name.text) && name.candidates[0].active && (name.candidates.length === 1 || !name.candidates[1].active || name.candidates[0].how !== name.candidates[1].how));
  }

  get pairs() {
    return this.all.map((name) => [name.text, this.id(name)]).filter(([, id]) => id !== "");
  }

  get left() {
    const names = this.all.filter((name) => this.id(name) === "");
    return { names: names.length, rows: names.reduce((sum, { rows }) => sum + rows, 0) };
  }
}

// The field names in a column are likeliest meant for: whose words the column's label shares; "" for no idea.
export function suggested(source, targets) {
  const words = (text) => text.toLowerCase().split(/[^a-z]+|(?<=[a-z])id$/).filter((word) => word.length > 2);
  const wanted = new Set(words(`${source.label} ${source.name.replace(/([a-z])([A-Z])/g, "$1 $2")}`));
  const score = (target) => words(`${target.label} ${target.name.replace(/([a-z])([A-Z])/g, "$1 $2")} ${target.reference}`).filter((word) => wanted.has(word)).length;
  const best = targets.map((target) => [score(target), target]).sort((a, b) => b[0] - a[0])[0];
  return best?.[0] ? best[1].name : "";
}
