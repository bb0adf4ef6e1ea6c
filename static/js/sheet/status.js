// The status bar: what is pending and what planning would come to, and whether what was typed is saved. Never a guess.
const WORDS = { saved: "Saved", saving: "Saving…", retrying: "Not saved, trying again", refused: "Not saved" };

export function showStanding(standing) {
  for (const element of document.querySelectorAll("[data-standing]")) element.textContent = standing[element.dataset.standing];
  for (const element of document.querySelectorAll("[data-standing-if]")) element.hidden = !standing[element.dataset.standingIf];
  const button = document.getElementById("plan-button");
  if (!button) return;
  if (standing.ready) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

export function showSaving(state, message) {
  const element = document.getElementById("saving");
  element.dataset.state = state;
  element.textContent = message ? `${WORDS[state]}: ${message}` : WORDS[state];
}

export function say(words) {
  document.getElementById("said").textContent = words;
}
