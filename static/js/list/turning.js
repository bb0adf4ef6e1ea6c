// Turning pages in place: history is asked of the server again, failures keep what is on show, the new page is announced.
import { list } from "./page.js";

const announcer = document.createElement("div");
announcer.className = "visually-hidden";
announcer.role = "status";
document.body.append(announcer);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.localName !== "main" || event.detail.serverResponse.includes("<main")) return;
  // Not a list: signed out, or a failure of ours. Reading is harmless, so the browser opens it as a page of its own.
  event.detail.shouldSwap = false;
  location.assign(event.detail.pathInfo.responsePath || event.detail.pathInfo.finalRequestPath);
});

document.addEventListener("htmx:afterSettle", () => {
  const title = document.querySelector(".page-facts")?.innerText ?? "";
  announcer.textContent = `${title} ${document.querySelector(".pagination")?.innerText ?? ""}`;
  if (document.activeElement === document.body) (document.getElementById("records") ?? document.getElementById("content")).focus({ preventScroll: true });
});

const TURNS = { n: "Next page", p: "Previous page" };

document.addEventListener("keydown", (event) => {
  if (!Object.hasOwn(TURNS, event.key) || event.ctrlKey || event.metaKey || event.altKey || !list() || isBusy(event.target)) return;
  document.querySelector(`.pagination a[aria-label="${TURNS[event.key]}"][href]`)?.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches?.("#find")) return;
  event.preventDefault(); // a search box would empty itself
  (document.getElementById("records") ?? document.getElementById("content")).focus({ preventScroll: true });
});

export function isBusy(target) {
  const typing = target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  return typing || Boolean(document.querySelector("dialog[open], .menu:popover-open"));
}
