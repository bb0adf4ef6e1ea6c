// Saving: what the button says is what goes, once; and how it ended, in place.
import { adopt } from "./adopting.js";
import * as fields from "./fields.js";
import { blame, complainAll } from "./marks.js";
import * as notices from "./notices.js";
import { fingerprint, later, offer, ready } from "./preview.js";
import { ask } from "./server.js";
import { replaces, session } from "./session.js";

const note = fields.form.querySelector("[data-note]");
const UNANSWERED = [
  ["What happened", "No answer came back from this site."],
  ["What was written", "It is not known whether the save arrived. What you typed is still in the form."],
  ["What to do", "Press the button again: this page repeats the same save, which cannot be written twice."],
];

async function save() {
  const edits = fields.edits();
  if (session.sending || ready.to !== fingerprint(edits)) return;
  session.sending = true;
  offer("Sending…", false);
  notices.clear();
  const body = { baseline: session.baseline, edits, replace: replaces(), token: session.token, note: note.value };
  try {
    const answer = await ask(fields.form.dataset.saveUrl, { body });
    session.sending = false;
    take(answer);
  } catch {
    session.sending = false;
    notices.say("warning", "It is not known whether this was saved", UNANSWERED);
    later();
  }
}

const KINDS = { ended, clash: clashed, invalid, nothing: later, "on its way": onItsWay };

function take({ data }) {
  if (Object.hasOwn(KINDS, data.kind)) return KINDS[data.kind](data);
  notices.problem(data); // refused as a whole: nothing was written, and the words say so
  later();
}

function ended(data) {
  session.token = data.token;
  notices.put(data.html);
  if (data.outcome === "done") note.value = "";
  if (!data.record) return stuck(data);
  adopt(data.record, data.left);
  object(data.invalid);
  if (!data.left.length) document.querySelector("#record [data-how][value=patch]")?.click();
}

function onItsWay(data) {
  notices.put(data.html);
  later();
}

function object(invalid) {
  blame(invalid);
  const first = Object.keys(invalid).map(fields.named).find(Boolean);
  if (first) fields.controlOf(first).focus();
}

function stuck(data) {
  object(data.invalid);
  offer("Read again first", false);
}

function clashed(data) {
  notices.put(data.html);
  adopt(data.record, data.left);
  fields.form.querySelector("[data-clash] input")?.focus();
}

function invalid(data) {
  complainAll(data.invalid);
  later();
}

fields.form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});

// Enter in a box is not a click on the button, whose words one has not read then.
fields.form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) save();
});
