// What was done, in words, and whether it is saved.
import { $, counted } from "./make.js";

export function say(words) {
  $("said").textContent = words;
  $("said").title = words;
}

// state: saved | saving | retrying | offline | refused; `unsent` changes wait, `kept` says whether this machine keeps them.
// Who signed in again has another token, and may be somebody else: only a page loaded anew sends what waits.
export function showSaving({ state, unsent = 0, kept = true, words = "", status = 0 }) {
  const waiting = counted(unsent, "change");
  const safe = kept ? `${waiting} kept on this machine and sent when back` : `${waiting} not kept anywhere yet: leave this page open`;
  const held = kept ? `${waiting} kept on this machine` : `${waiting} not kept anywhere: copy what you need first`;
  const retrying = status === 401 ? `Signed out: sign in again in another tab, then load this page again; ${held}` : `Not saved yet, trying again: ${safe}`;
  const told = { saved: "Saved", saving: "Saving…", retrying, offline: `Offline: ${safe}`, refused: `Not saved. Load this page again; ${held}. ${words}` };
  const place = $("saving");
  if (place.dataset.state === state && place.textContent === told[state]) return;
  place.dataset.state = state;
  place.textContent = place.title = told[state];
  if (state === "saved" || state === "saving") return;
  $("consequence").textContent = "Nothing can be planned before it is saved."; // what stands there does not know of it
  $("plan-button")?.setAttribute("aria-disabled", "true");
}
