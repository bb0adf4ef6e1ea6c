// Edits on their way to the server: gathered for a moment, sent in one call, kept and sent again until acknowledged.
// The latest value of a cell wins. `store` ({read, write}) outlives a reload. `send` resolves to the answer or rejects
// with an error that has `message`, and `final` when sending the same again cannot help.
import { PRISTINE } from "./history.js";

const DELAY = 250;
const RETRIES = [1000, 2000, 5000, 10000];

export class Outbox {
  #waiting = new Map();
  #flying = new Map();
  #timer = 0;
  #failures = 0;
  #flight = null;

  constructor({ send, store, onState, onAnswer, delay = DELAY, retries = RETRIES, later = (run, wait) => setTimeout(run, wait), never = (timer) => clearTimeout(timer) }) {
    Object.assign(this, { send, store, onState, onAnswer, delay, retries, later, never });
    for (const edit of store.read()) this.#put({ ...edit, value: edit.revert ? PRISTINE : edit.value });
    if (this.#waiting.size) this.#soon(0);
  }

  get unsent() {
    return this.#waiting.size + this.#flying.size;
  }

  has(id, field) {
    return this.#waiting.has(key(id, field)) || this.#flying.has(key(id, field));
  }

  waits(id, field) {
    return this.#waiting.has(key(id, field));
  }

  add(edits) {
    for (const edit of edits) this.#put(edit);
    this.#keep();
    this.onState("saving", "");
    this.#soon(this.delay);
  }

  // Resolves to whether everything is acknowledged.
  async flush() {
    this.never(this.#timer);
    while (this.unsent) {
      if (!(await (this.#flight ?? this.#go()))) return false;
    }
    return true;
  }

  #put({ id, field, value }) {
    this.#waiting.set(key(id, field), { id, field, value });
  }

  #soon(delay) {
    this.never(this.#timer);
    this.#timer = this.later(() => this.flush(), delay);
  }

  #go() {
    this.#flight = this.#attempt().finally(() => (this.#flight = null));
    return this.#flight;
  }

  async #attempt() {
    this.#flying = this.#waiting;
    this.#waiting = new Map();
    try {
      const answer = await this.send(body(this.#flying.values()));
      this.#flying = new Map();
      this.#failures = 0;
      this.#keep();
      this.onAnswer(answer);
      this.onState(this.unsent ? "saving" : "saved", "");
      return true;
    } catch (problem) {
      this.#waiting = new Map([...this.#flying, ...this.#waiting]);
      this.#flying = new Map();
      this.#failed(problem);
      return false;
    }
  }

  #failed(problem) {
    if (!problem.final) {
      this.#soon(this.retries[Math.min(this.#failures, this.retries.length - 1)]);
      this.#failures += 1;
    }
    this.onState(problem.final ? "refused" : "retrying", problem.message);
  }

  #keep() {
    const edits = [...this.#flying.values(), ...this.#waiting.values()];
    this.store.write(edits.map(({ id, field, value }) => (value === PRISTINE ? { id, field, revert: true } : { id, field, value })));
  }
}

function key(id, field) {
  return JSON.stringify([id, field]);
}

export function body(edits) {
  const made = { edits: {}, revert: {} };
  for (const { id, field, value } of edits) {
    if (value === PRISTINE) (made.revert[id] ??= []).push(field);
    else (made.edits[id] ??= {})[field] = value;
  }
  return made;
}
