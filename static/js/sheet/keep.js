// Steps that are not acknowledged yet, in the browser's database: they outlive a reload, a crash, a day without network.
// Kept apart by `owner`: one person in one worksheet.
const STORE = "steps";

export class Keep {
  #places = new Map(); // token → key
  #database;
  #turn = Promise.resolve(); // one after another: what is dropped was put before

  constructor(owner, database = globalThis.indexedDB) {
    this.owner = owner;
    this.#database = opened(database);
    this.#database.catch(() => {});
  }

  all() {
    return this.#next(async (store) => {
      const [steps, keys] = await Promise.all([done(store.index("owner").getAll(this.owner)), done(store.index("owner").getAllKeys(this.owner))]);
      steps.forEach(({ step }, at) => this.#places.set(step.token, keys[at]));
      return steps.map(({ step }) => step);
    });
  }

  // After what was typed is painted: to copy ten thousand cells takes a while.
  async put(step) {
    await new Promise((resolve) => setTimeout(resolve));
    await this.#next(async (store) => this.#places.set(step.token, await done(store.add({ owner: this.owner, step }))));
  }

  drop(tokens) {
    return this.#next(async (store) => {
      for (const token of tokens) if (this.#places.has(token)) store.delete(this.#places.get(token));
    });
  }

  #next(work) {
    const result = this.#turn.then(() => this.#database).then((database) => work(database.transaction(STORE, "readwrite").objectStore(STORE)));
    this.#turn = result.catch(() => {});
    return result;
  }
}

async function opened(database) {
  const request = database.open("adminui-unsent", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true }).createIndex("owner", "owner");
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
