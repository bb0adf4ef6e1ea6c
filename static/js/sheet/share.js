// The shared change: per field keep, set, null or empty, for the ticked rows or all; counted exactly before it is made.
import { control } from "./editors.js";
import { post } from "./api.js";

const PAUSE = 250;

export class Share {
  constructor({ root, ticks, outbox, refresh, say }) {
    Object.assign(this, { root, ticks, outbox, refresh, say, asked: 0, controls: new Map(), only: new Map() });
    this.panel = document.getElementById("shared");
    this.button = document.getElementById("share-button");
    this.panel.addEventListener("change", (event) => this.changed(event.target));
    this.panel.addEventListener("input", (event) => (event.target.id === "find-field" ? this.search(event.target.value) : this.soon()));
    this.panel.addEventListener("click", (event) => this.clicked(event.target));
    this.button.addEventListener("click", () => this.apply());
  }

  fields() {
    return [...this.panel.querySelectorAll("[data-field]")];
  }

  changed(target) {
    if (target.name?.startsWith("do ")) this.choose(target.closest("[data-field]"), target.value);
    if (target.name === "scope") this.forgetMixes();
    this.soon();
  }

  choose(field, action) {
    const place = field.querySelector(".shared-value");
    field.classList.toggle("is-pending", action !== "keep");
    place.hidden = action !== "set";
    if (action === "set" && !place.firstChild) {
      const made = control({ ...JSON.parse(field.dataset.column), nullable: false }, "");
      made.element.setAttribute("aria-label", `New value of ${JSON.parse(field.dataset.column).label}`);
      this.controls.set(field.dataset.field, made);
      place.append(made.element);
      if (made.element.matches("select")) this.prompt(made.element);
    }
    if (action === "set") place.firstChild.focus();
    if (action !== "keep" && !field.querySelector(".mix")) this.mix(field);
  }

  // Nothing is chosen before somebody chooses it.
  prompt(select) {
    select.querySelector('option[value=""]')?.remove();
    const option = new Option("Choose a value", "");
    option.disabled = true;
    select.prepend(option);
    select.value = "";
  }

  clicked(target) {
    const field = target.closest("[data-field]");
    if (target.closest("[data-values]")) this.mix(field);
    const value = target.closest("[data-only]");
    if (value) this.limit(field, value.dataset.only, value.querySelector(".mixed-value").textContent);
    if (target.closest("[data-only-clear]")) this.limit(field, null, "");
  }

  limit(field, key, words) {
    if (key === null) this.only.delete(field.dataset.field);
    else this.only.set(field.dataset.field, key);
    field.querySelector(".only").hidden = key === null;
    field.querySelector(".only strong").textContent = words;
    this.soon();
  }

  search(text) {
    const wanted = text.trim().toLowerCase();
    for (const field of this.fields()) {
      const { label, name } = JSON.parse(field.dataset.column);
      field.hidden = wanted !== "" && !`${label} ${name}`.toLowerCase().includes(wanted);
    }
    const others = document.getElementById("other-fields");
    if (others && wanted) others.open = true;
  }

  scope(count) {
    const ticked = this.panel.querySelector("[value=ticked]");
    document.getElementById("scope-ticked").textContent = String(count);
    const was = ticked.disabled;
    ticked.disabled = count === 0;
    if (was && count) ticked.checked = true;
    if (!count) this.panel.querySelector("[value=all]").checked = true;
    this.forgetMixes();
    this.soon();
  }

  get ids() {
    return this.panel.querySelector("[value=ticked]").checked ? [...this.ticks.ids] : null;
  }

  changes() {
    const found = [];
    for (const field of this.fields()) {
      const action = field.querySelector("input[type=radio]:checked").value;
      const name = field.dataset.field;
      if (action === "keep" || (action === "set" && this.isUnset(name))) continue;
      found.push({ field: name, action, value: action === "set" ? this.controls.get(name).value() : "", only: this.only.get(name) ?? null });
    }
    return found;
  }

  // “Set” to nothing says nothing: empty text and null have choices of their own.
  isUnset(name) {
    return (this.controls.get(name)?.element.value ?? "") === "";
  }

  async mix(field) {
    const slot = field.querySelector(".mix-slot");
    slot.setAttribute("aria-busy", "true");
    try {
      if (!(await this.outbox.flush())) throw new Error("not saved");
      const data = new FormData();
      data.set("field", field.dataset.field);
      data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      if (this.ids) data.set("ids", this.ids.join(","));
      const answer = await fetch(this.root.dataset.mix, { method: "POST", body: data, headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      slot.innerHTML = await answer.text(); // drawn and escaped by the server
    } catch {
      this.say("The current values could not be read.");
    }
    slot.removeAttribute("aria-busy");
  }

  forgetMixes() {
    for (const slot of this.panel.querySelectorAll(".mix-slot:has(.mix)")) this.mix(slot.closest("[data-field]"));
  }

  // Leaving an input says “changed” once more: what was counted already is not counted again under somebody's click.
  soon() {
    const wanted = JSON.stringify([this.ids, this.changes()]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    clearTimeout(this.timer);
    this.asked += 1;
    this.button.disabled = true;
    this.timer = setTimeout(() => this.count(this.asked), PAUSE);
  }

  async count(asked) {
    const changes = this.changes();
    if (!changes.length) return this.tell("Set a field to see how many rows change.", "Set fields", false);
    try {
      if (!(await this.outbox.flush())) throw new Error("Waiting until what you typed is saved.");
      const told = await post(this.root.dataset.share, { ids: this.ids, changes, keep: false });
      if (asked !== this.asked) return;
      this.tell([told.sentence, ...told.sample].join(" "), told.label, told.changed > 0);
      this.counted = changes;
    } catch (problem) {
      if (asked === this.asked) this.fail(`Not counted. ${problem.message}`);
      this.wanted = null;
    }
  }

  tell(sentence, label, ready) {
    document.getElementById("share-sentence").textContent = sentence;
    document.getElementById("share-problem").hidden = true;
    this.button.textContent = label;
    this.button.disabled = !ready;
  }

  fail(words) {
    const problem = document.getElementById("share-problem");
    problem.textContent = words;
    problem.hidden = false;
  }

  async apply() {
    this.button.disabled = true;
    try {
      if (!(await this.outbox.flush())) throw new Error("Waiting until what you typed is saved.");
      const told = await post(this.root.dataset.share, { ids: this.ids, changes: this.counted, keep: true });
      await this.refresh(told.standing);
      this.clear();
      this.say(`Pending now: ${told.sentence}`);
    } catch (problem) {
      this.fail(`Whether cells were marked is not known: reload to see. ${problem.message}`);
      this.button.disabled = false;
    }
  }

  clear() {
    for (const field of this.fields()) {
      const keep = field.querySelector("input[value=keep]");
      if (!keep.checked) {
        keep.checked = true;
        this.choose(field, "keep");
      }
      if (this.only.has(field.dataset.field)) this.limit(field, null, "");
    }
    this.wanted = null;
    this.forgetMixes();
    this.soon();
  }
}
