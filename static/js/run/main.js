// A run being followed: rows are not replaced under the reader's hands, and a missed answer is said once, in place.
import "./keys.js";
import "./ticking.js";

const OPEN_PARTS = "details[open], :focus-within, [name=record]:checked";

function isPoll(event) {
  return event.target.matches?.("#progress, #run-forecast, [data-live-rows]");
}

function isSelectedIn(part) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(part, true);
}

function isInHand(part) {
  return part.matches(":focus-within") || part.querySelector(OPEN_PARTS) || isSelectedIn(part);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const rows = event.target;
  const asked = event.detail.requestConfig.triggeringEvent?.type;
  if (rows.matches?.("[data-live-rows]") && asked !== "run-over" && isInHand(rows)) event.preventDefault();
});

function say(text) {
  const note = document.querySelector("#progress .lost");
  if (!note) return;
  note.textContent = text;
  note.hidden = false;
}

const LOST = "This site does not answer just now. The run goes on without this page; trying again.";
const SIGNED_OUT = "You are signed out. The run goes on; sign in again in another tab to follow it here.";

for (const name of ["htmx:sendError", "htmx:timeout"])
  document.addEventListener(
    name,
    (event) => {
      if (!isPoll(event)) return;
      event.stopPropagation(); // the shell's words are about actions, and one a second would pile up
      say(LOST);
    },
    true,
  );

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isPoll(event) || event.detail.xhr.status < 400) return;
  event.detail.shouldSwap = false;
  say(event.detail.xhr.status === 401 ? SIGNED_OUT : LOST);
});
