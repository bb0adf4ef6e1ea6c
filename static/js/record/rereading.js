// "Read again": the record as it is now under the edits as they stand.
import { adopt } from "./adopting.js";
import * as fields from "./fields.js";
import * as notices from "./notices.js";
import { ask, NoAnswer } from "./server.js";
import { session } from "./session.js";

const button = document.querySelector("[data-read-again]");

async function readAgain() {
  if (session.sending) return;
  button.disabled = true;
  try {
    const { ok, data } = await ask(fields.form.dataset.recordUrl);
    if (ok) tell(adopt(data.record));
    else notices.problem(data);
  } catch (error) {
    const happened = error instanceof NoAnswer ? error.message : "The answer could not be shown.";
    notices.say("error", "The record was not read again", [["What happened", happened], ["What to do", "What you typed is still here; try again in a moment."]]);
  }
  button.disabled = false;
  button.focus();
}

export function tell(moved) {
  notices.clear();
  if (!moved.length) return;
  const labels = moved.map((name) => fields.named(name).dataset.label).join(", ");
  notices.say("conflict", "Somebody else changed fields you are editing", [["Fields", labels], ["What to do", "Your text is still in them and would replace what is stored now, which is struck through beneath. Revert a field to take theirs."]]);
}

button?.addEventListener("click", readAgain);
