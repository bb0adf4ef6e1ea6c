// Keys of a run's page: p to Pause or Go on, f to what failed, r the requests, x ticks the row one is on.
const ACTIONS = {
  p: () => document.querySelector("#go-on, #pause")?.focus(),
  f: () => document.querySelector("#to-look-at")?.focus(),
  r: () => document.querySelector("#run-log > summary")?.click(),
  x: () => document.activeElement?.closest("tr")?.querySelector("[name=record]")?.click(),
};

function isTyping(target) {
  return target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]") ?? false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || !Object.hasOwn(ACTIONS, event.key)) return;
  event.preventDefault();
  ACTIONS[event.key]();
});
