// What will be sent, told by the server a moment after each change; only the newest answer counts.
import * as fields from "./fields.js";
import { complainAll, markAll } from "./marks.js";
import { notice } from "./notices.js";
import { ask, NoAnswer } from "./server.js";
import { replaces, session } from "./session.js";

const DELAY = 200;
const panel = document.getElementById("send");
const place = document.getElementById("preview");
const button = document.getElementById("save");
const untouched = place.innerHTML;
let timer = 0;
let running = null;

export const ready = { to: "" }; // the edits the button speaks of; it sends nothing else

export function fingerprint(edits) {
  return JSON.stringify([edits, replaces(), session.baseline]);
}

export function offer(label, enabled) {
  button.textContent = label;
  button.disabled = !enabled;
}

export function later() {
  clearTimeout(timer);
  running?.abort();
  ready.to = "";
  const edits = fields.edits();
  if (session.sending) return;
  if (!Object.keys(edits).length) return nothing();
  panel.classList.remove("is-quiet");
  for (const settled of document.querySelectorAll("#ended > details[open]")) settled.open = false;
  offer("Working out what will be sent…", false);
  timer = setTimeout(() => now(edits), DELAY);
}

function nothing() {
  panel.classList.add("is-quiet");
  place.innerHTML = untouched;
  offer("Nothing to send", false);
  complainAll({});
}

async function now(edits) {
  running = new AbortController();
  panel.setAttribute("aria-busy", "true");
  const body = { baseline: session.baseline, edits, replace: replaces() };
  try {
    const { ok, data } = await ask(fields.form.dataset.previewUrl, { body, signal: running.signal });
    if (ok) show(data, edits);
    else refuse(data);
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse(unanswered(error));
  }
  panel.removeAttribute("aria-busy");
}

function show(data, edits) {
  const chosen = place.querySelector("[role=tab][aria-selected=true]")?.id;
  place.innerHTML = data.html;
  if (chosen === "tab-request") document.getElementById(chosen)?.click();
  complainAll(data.invalid);
  const open = unresolved();
  if (open) return offer(`Decide ${open} ${open === 1 ? "clash" : "clashes"} first`, false);
  button.classList.toggle("danger", data.verb === "PUT");
  offer(data.button, data.sendable);
  if (data.sendable) ready.to = fingerprint(edits);
}

export function unresolved() {
  return fields.form.querySelectorAll(".field.is-conflict:not([data-resolved])").length;
}

function refuse(problem) {
  place.replaceChildren(said(problem));
  offer("Nothing can be sent now", false);
}

function said({ title, what_happened: happened, what_next: next }) {
  const kept = "Nothing was sent; what you typed is still here.";
  const box = notice("error", title, [["What happened", happened], ["What was written", kept], ["What to do", next]]);
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button small";
  again.dataset.previewAgain = "";
  again.textContent = "Work it out again";
  box.lastElementChild.append(again);
  return box;
}

function unanswered(error) {
  const happened = error instanceof NoAnswer ? error.message : "This page failed while it worked out what to send.";
  return { title: "What would be sent is not known", what_happened: happened, what_next: "Try again in a moment." };
}

fields.form.addEventListener("record:changed", later);
fields.form.addEventListener("change", (event) => {
  if (event.target.matches("[data-how]")) later();
});
fields.form.addEventListener("click", (event) => {
  if (!event.target.closest("[data-preview-again]")) return;
  markAll();
  later();
});
