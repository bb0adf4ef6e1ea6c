// What others do arrives here, what the outbox sends leaves from here, and what a step says is stale is loaded again.
const SEEN = 2000;
const HIDDEN = 5000;
const LONGEST = 30_000;

export class Sync {
  people = [];
  here = { row: "", field: "" };
  #timer = 0;
  #failures = 0;
  #running = false;
  #owed = null; // {marks, chunks}: stale, and not loaded again yet
  #loading = null;

  // data: what `load` returned. Sets where the model and the outbox send to.
  constructor({ urls, model, outbox, post, getJson, data, onPeople = () => {}, onStanding = () => {}, hidden = () => globalThis.document?.hidden, later = (fn, ms) => setTimeout(fn, ms), never = (timer) => clearTimeout(timer) }) {
    Object.assign(this, { urls, model, outbox, post, getJson, data, onPeople, onStanding, hidden, later, never });
    model.send = (step) => outbox.add(step);
    outbox.send = (steps) => this.send(steps);
    outbox.onFeed = (feed) => this.take(feed);
  }

  // Marks first, then what an earlier page could not send, then everything as it happens.
  async start() {
    this.#running = true;
    this.model.takeMarks(await this.getJson(this.urls.marks));
    this.model.restore(await this.outbox.load());
    this.outbox.retry();
    this.#soon();
    globalThis.document?.addEventListener("visibilitychange", () => this.hidden() || this.poll());
    if (this.model.boot.editable) this.#history();
  }

  stop() {
    this.#running = false;
    this.never(this.#timer);
  }

  send(steps) {
    return this.post(this.urls.steps, { since: this.model.version, steps, row: this.here.row, field: this.here.field });
  }

  // Resolves when everything typed is on the server; throws when it cannot be.
  async idle() {
    if (!(await this.outbox.retry())) throw this.outbox.problem ?? new Error("Not everything is saved yet.");
  }

  // Asks what happened. Never rejects: it is asked again.
  async poll() {
    this.never(this.#timer);
    try {
      await this.take(await this.getJson(`${this.urls.steps}?${new URLSearchParams({ since: this.model.version, ...this.here })}`));
      this.#failures = 0;
    } catch {
      this.#failures += 1;
    }
    this.#soon();
  }

  #soon() {
    this.never(this.#timer);
    const wait = (this.hidden() ? HIDDEN : SEEN) * 2 ** Math.min(this.#failures, 4);
    if (this.#running) this.#timer = this.later(() => this.poll(), Math.min(wait, LONGEST));
  }

  // A feed, whoever asked for it.
  async take(feed) {
    const { model } = this;
    const news = (feed.steps ?? []).filter(({ number, reload }) => reload && number > model.version);
    const moved = feed.baseline !== undefined && feed.baseline !== model.baseline;
    for (const { reload } of news) this.#owe(reload);
    if (feed.reload || (moved && !news.some(({ reload }) => Object.keys(reload.chunks ?? {}).length))) this.#owe({ marks: true, chunks: null });
    model.take(feed);
    if (feed.people) this.onPeople((this.people = feed.people));
    if (feed.standing) this.onStanding(feed.standing);
    if (this.#owed) this.#loading = Promise.all([this.#loading, this.#reload(feed.reload)]);
    await this.#loading; // also what another feed began: whoever takes one may count afterwards
  }

  #owe({ marks, chunks }) {
    const owed = (this.#owed ??= { marks: false, chunks: {} });
    owed.marks ||= marks;
    if (!chunks) owed.chunks = null;
    if (!owed.chunks) return;
    for (const [field, parts] of Object.entries(chunks)) owed.chunks[field] = [...new Set([...(owed.chunks[field] ?? []), ...parts])];
  }

  // Values and marks change together; what cannot be loaded now stays owed.
  async #reload(far) {
    const owed = this.#owed;
    this.#owed = null;
    try {
      const put = await this.data.refresh(owed.chunks);
      const marks = owed.marks && (await this.#marks());
      put();
      if (marks) this.model.takeMarks(marks);
      else this.model.changed();
      if (far) await this.#history();
    } catch {
      this.#owe(owed);
    }
  }

  // Not older than what is shown already.
  async #marks() {
    for (;;) {
      const { version } = this.model;
      const marks = await this.getJson(this.urls.marks);
      if (marks.version >= version && marks.version >= this.model.version) return marks;
    }
  }

  async #history() {
    for (;;) {
      const { version } = this.model;
      const told = await this.getJson(this.urls.history).catch(() => null);
      if (!told) return;
      if (version === this.model.version) return void this.model.takeHistory(told);
    }
  }
}
