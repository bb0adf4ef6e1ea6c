// A person's own runs, on every page: the top bar counts them, and an end or a pause is told once. Asked for every few
// seconds while one is under way, now and then while one waits, and only while the page is looked at; a missed answer
// is no news.
import { toast } from "./toasts.js";

const PAUSE = 5000;
const LONGEST = 60000;
const SLOWLY = 30000; // while one waits for somebody, who may be a colleague
const AT_ONCE = 3; // more stand on the page that the top bar leads to
const KEPT = "runs-told"; // in this tab: what has been told is not told again on the next page
let wait = PAUSE;
let timer = 0;
let asking = false;

function place() {
  return document.querySelector("[data-notice]");
}

function told() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
  } catch {
    return new Set();
  }
}

function remember(keys) {
  sessionStorage.setItem(KEPT, JSON.stringify(keys.slice(-200)));
}

function draw(standing) {
  const button = place();
  const count = document.getElementById("runs-count");
  button.hidden = standing.count === 0;
  button.dataset.active = standing.active;
  button.dataset.news = standing.news;
  button.className = `button quiet runs ${standing.mark}`;
  button.querySelector("[data-notice-label]").textContent = standing.label;
  if (count) [count.textContent, count.hidden] = [standing.count, standing.count === 0];
}

function tell(news) {
  const known = told();
  const fresh = news.filter((each) => !known.has(each.key));
  const elsewhere = fresh.filter((each) => location.pathname !== each.url && location.pathname !== place().pathname);
  for (const each of elsewhere.slice(0, AT_ONCE).reverse()) say(each);
  remember([...known, ...fresh.map((each) => each.key)]);
}

function say(each) {
  const element = toast(`${each.text} `, each.kind);
  if (!element) return;
  const link = document.createElement("a");
  link.href = each.url;
  link.textContent = "Look at it";
  element.querySelector("span").append(link);
  if (each.told) element.querySelector("[data-toast-close]").addEventListener("click", () => acknowledge(each.told));
}

async function acknowledge(address) {
  const headers = { Accept: "application/json", ...JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") };
  try {
    await fetch(address, { method: "POST", headers });
  } finally {
    ask();
  }
}

async function ask() {
  const button = place();
  if (!button || asking) return;
  asking = true;
  try {
    const answer = await fetch(button.dataset.notice, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403 || answer.redirected) return; // signed out: nothing to tell
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const standing = await answer.json();
    wait = PAUSE;
    draw(standing);
    tell(standing.news_told);
    later();
  } catch {
    wait = Math.min(2 * wait, LONGEST);
    later();
  } finally {
    asking = false;
  }
}

function later() {
  clearTimeout(timer);
  const button = place();
  const active = Number(button?.dataset.active) > 0;
  if (!button || (!active && button.hidden)) return;
  timer = setTimeout(() => (document.hidden ? later() : ask()), active ? wait : Math.max(wait, SLOWLY));
}

document.addEventListener("visibilitychange", () => document.hidden || ask());
document.addEventListener("htmx:oobAfterSwap", (event) => event.target.matches?.("[data-notice]") && later());
if (Number(place()?.dataset.news) > 0) ask();
else later();
