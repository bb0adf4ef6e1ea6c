// The form of an export: its button says what will be in the file; the file comes while its rows are counted.
import { fetched, save } from "./download.js";

const spaced = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const KINDS = { csv: "CSV", xlsx: "XLSX" };

export class ExportForm {
  // rangesOf(name) gives the rows of a choice that only the page knows, as ranges; null for those the server knows.
  constructor(form, rangesOf = () => null) {
    Object.assign(this, { form, rangesOf, stop: null });
    this.button = form.querySelector("[type=submit]");
    [this.error, this.said] = form.querySelectorAll("footer p");
    this.bar = form.querySelector("progress");
    form.addEventListener("change", () => this.draw());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.draw();
  }

  count(name) {
    const chosen = this.form.querySelector(`[name="${name}"]:checked`);
    return Number(chosen?.parentElement.querySelector("[data-count]")?.dataset.count ?? 0);
  }

  draw() {
    const { form } = this;
    const named = form.querySelectorAll("[name=names]:checked").length;
    const count = form.querySelector("[data-named]");
    count.dataset.count = count.textContent = named;
    const [rows, columns] = [this.count("rows"), this.count("columns")];
    this.button.textContent = `Export ${spaced(rows)} row${rows === 1 ? "" : "s"} × ${columns} column${columns === 1 ? "" : "s"} as ${KINDS[form.elements.form.value]}`;
  }

  say(words, problem = "") {
    this.said.textContent = words;
    this.error.textContent = problem;
    this.error.hidden = !problem;
  }

  async send() {
    if (this.stop) return;
    const body = new URLSearchParams(new FormData(this.form));
    const ranges = this.rangesOf(body.get("rows"));
    if (ranges !== null) for (const [name, value] of [["rows", "rows"], ["ranges", ranges]]) body.set(name, value);
    this.stop = new AbortController();
    this.busy(true);
    try {
      const file = await fetched(this.form.action, body, { signal: this.stop.signal, watch: (far) => this.far(far) });
      save(file);
      this.say(`${spaced(file.rows)} rows in ${file.name} (${megabytes(file.bytes)}).`);
    } catch (problem) {
      const reached = problem instanceof TypeError ? "This site cannot be reached. No file was written." : problem.message;
      this.say("", this.stop.signal.aborted ? "" : reached);
    }
    this.stop = null;
    this.busy(false);
  }

  busy(on) {
    this.bar.hidden = !on;
    this.bar.removeAttribute("value");
    this.button.setAttribute("aria-disabled", on);
    if (on) this.say("Writing…");
  }

  far({ rows, bytes, total }) {
    if (rows !== null) this.bar.value = (100 * rows) / total;
    this.said.textContent = rows === null ? `${megabytes(bytes)} so far` : `${spaced(rows)} of ${spaced(total)} rows`;
  }

  cancel() {
    this.stop?.abort();
  }
}
