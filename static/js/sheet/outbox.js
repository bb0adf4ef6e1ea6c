// Steps on their way to the server: in order, one request at a time, kept on this machine and sent again until
// acknowledged. A token in each makes it harmless to send one twice.
const WAITS = [1000, 2000, 4000, 8000, 15000];
const MOST_STEPS = 100; // in one request
const MOST_CELLS = 100_000;
const WRONG = new Set([400, 413, 422]); // the step itself is at fault, not who sends it or where to

export class Outbox {
  problem = null;
  kept = true;
  since = 0;
  #waiting = [];
  #flight = null;
  #timer = 0;
  #failures = 0;
  #most = MOST_STEPS;

  // send(steps) → feed. keep: {all, put, drop}. onFeed(feed): with `sent`, the tokens it answers.
  constructor({ send, keep, onState = () => {}, onFeed = () => {}, later = (fn, ms) => setTimeout(fn, ms), never = (timer) => clearTimeout(timer), now = Date.now, online = () => globalThis.navigator?.onLine !== false }) {
    Object.assign(this, { send, keep, onState, onFeed, later, never, now, online });
    globalThis.addEventListener?.("online", () => this.retry());
  }

  get unsent() {
    return this.#waiting.length;
  }

  // What an earlier page left behind, oldest first: sent before anything else.
  async load() {
    const found = await this.keep.all().catch(() => []);
    const known = new Set(this.#waiting.map(({ token }) => token));
    const left = found.filter(({ token }) => !known.has(token));
    this.#waiting = [...left, ...this.#waiting];
    return left;
  }

  add(step) {
    this.#waiting.push(step);
    this.keep.put(step).then(null, () => this.#unkept());
    this.#tell("saving");
    if (!this.#flight && !this.#failures) this.#soon(0);
  }

  // At once, whatever failed before. Resolves to whether everything is acknowledged.
  flush() {
    this.never(this.#timer);
    this.#flight ??= this.#run().finally(() => (this.#flight = null));
    return this.#flight;
  }

  retry() {
    return this.#waiting.length ? this.flush() : Promise.resolve(true);
  }

  async #run() {
    if (this.#waiting.length) this.#tell("saving");
    while (this.#waiting.length) {
      const batch = this.#batch();
      try {
        this.#answered(batch, await this.send(batch.map(wire)));
      } catch (problem) {
        if (!this.#failed(batch, problem)) return false;
      }
    }
    this.#tell("saved");
    return true;
  }

  #batch() {
    let cells = 0;
    const end = this.#waiting.findIndex((step, at) => at >= this.#most || ((cells += size(step)) > MOST_CELLS && at > 0));
    return this.#waiting.slice(0, end < 0 ? undefined : end);
  }

  #answered(batch, feed) {
    const sent = batch.map(({ token }) => token);
    this.#waiting.splice(0, batch.length);
    Object.assign(this, { problem: null, since: 0 });
    this.#failures = 0;
    if (!this.#waiting.length) this.#most = MOST_STEPS;
    this.keep.drop(sent).catch(() => {});
    this.onFeed({ ...feed, sent });
  }

  // Whether to go on with the others.
  #failed(batch, problem) {
    this.problem = problem;
    if (problem.final && batch.length > 1) {
      this.#most = 1; // one of them is at fault
      return true;
    }
    if (problem.final && WRONG.has(problem.status)) {
      this.#answered(batch, { refused: [{ token: batch[0].token, words: problem.message }] });
      return true;
    }
    this.since ||= this.now();
    if (!problem.final) this.#soon(WAITS[Math.min(this.#failures, WAITS.length - 1)]);
    this.#failures += problem.final ? 0 : 1;
    this.#tell(problem.final ? "refused" : this.online() ? "retrying" : "offline");
    return false;
  }

  #soon(wait) {
    this.never(this.#timer);
    this.#timer = this.later(() => this.flush(), wait);
  }

  #unkept() {
    this.kept = false;
  }

  #tell(name) {
    const state = name === "saving" && this.#failures ? (this.online() ? "retrying" : "offline") : name;
    this.onState({ state, unsent: this.unsent, kept: this.kept, words: this.problem?.message ?? "", status: this.problem?.status, since: this.since });
  }
}

const size = ({ cells }) => Object.values(cells).reduce((sum, { rows }) => sum + rows.length, 0);

// Of an undo the server knows the cells; of others it is told what was typed.
function wire({ token, kind, label, cells }) {
  if (kind === "undo" || kind === "redo") return { token, kind };
  const told = Object.entries(cells).map(([field, { rows, raw }]) => [field, { rows, after: raw }]);
  return { token, kind, label, cells: Object.fromEntries(told) };
}
