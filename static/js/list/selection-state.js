// Which records are selected, without a DOM: ids in the order ticked, or everything that matches one filter.
export const NONE = Object.freeze({ ids: Object.freeze([]), all: null });

export function tick(state, ids, on) {
  const changed = new Set(ids);
  const held = state.ids.filter((id) => !changed.has(id));
  return { ids: on ? [...held, ...ids] : held, all: null };
}

export function range(order, from, to) {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  if (b < 0) return [];
  return a < 0 ? [to] : order.slice(Math.min(a, b), Math.max(a, b) + 1);
}

export function everything(state, where, count) {
  return { ids: state.ids, all: { where, count } };
}

// "All that match" belongs to the filter it was chosen under; under another one only the ticks are left.
export function under(state, where) {
  return state.all && state.all.where !== where ? { ids: state.ids, all: null } : state;
}

export function describe(state, shown) {
  const onPage = new Set(shown);
  const elsewhere = state.ids.filter((id) => !onPage.has(id)).length;
  const ticked = shown.filter((id) => state.all || state.ids.includes(id)).length;
  return { count: state.all ? state.all.count : state.ids.length, elsewhere: state.all ? 0 : elsewhere, ticked };
}

export function read(text) {
  try {
    const held = JSON.parse(text);
    return { ids: held.ids.map(String), all: held.all ?? null };
  } catch {
    return NONE;
  }
}
