// The worksheet page: puts together what it takes to look, type, paste, undo and save. Everything around it follows.
import { afterwards } from "./afterwards.js";
import { getJson, post } from "./api.js";
import { Grid } from "./grid.js";
import { bindHands } from "./hands.js";
import { Keep } from "./keep.js";
import { load } from "./load.js";
import { Looking } from "./looking.js";
import { $ } from "./make.js";
import { Model } from "./model.js";
import { namesOf } from "./names.js";
import { Outbox } from "./outbox.js";
import { say, showSaving } from "./saving.js";
import { Sync } from "./sync.js";

const boot = JSON.parse($("boot").textContent);
const { urls } = boot;
// A plan that cannot be made brings back this page under its own address.
if (location.pathname === urls.plan) history.replaceState(null, "", urls.plan.replace(/[^/]*$/, "") + location.search);

const model = new Model(boot);
const names = namesOf({ url: urls.names, known: () => grid.repaint() });
const grid = new Grid($("grid"), { model, names });
const data = load(boot, model, grid.cols.map(({ name }) => name), showLoading);
const outbox = new Outbox({ keep: new Keep(`${boot.me.id} ${boot.id}`), onState });
const sync = new Sync({ urls, model, outbox, post, getJson, data, onPeople: (people) => (grid.others = people) });
const looking = new Looking({ grid, model, boot, want: data.want });
const hands = bindHands({ grid, model, say, open: (url) => location.assign(url) });
const parts = { grid, model, boot, sync, say, looking, hands, want: data.want, only: (only) => looking.set({ only }) };
let standing = () => {};

function onState(told) {
  showSaving(told);
  if (told.state === "saved") standing();
}

function showLoading(here, asked) {
  const [bar, words] = $("loading").children;
  bar.value = (100 * here) / asked;
  words.textContent = `Reading rows, ${Math.floor(bar.value)} %`;
  $("loading").hidden = here >= asked;
}

// Everything that happened, whoever did it: rows stay where they are, but may have to be sorted again.
const sent = model.send;
model.send = (step) => {
  sent(step);
  looking.touched(Object.keys(step.cells));
};
const take = sync.take.bind(sync);
sync.take = async (feed) => {
  const { version } = model;
  for (const { words } of feed.refused ?? []) say(`Not saved: ${words}`);
  await take(feed);
  for (const { number, who, kind, label, cells, reload } of feed.steps ?? []) {
    if (number <= version) continue;
    if (kind === "applied") say(label);
    if (reload || who.id !== boot.me.id) looking.touched(reload ? null : Object.keys(cells));
  }
};
outbox.onFeed = (feed) => sync.take(feed).catch(() => {}); // what could not be loaded stays owed, and is with the next news
grid.on("active", ({ row, field }) => (sync.here = { row: row ?? "", field: field ?? "" }));
model.on(() => outbox.unsent || standing());

const TICKED = `ticked ${boot.id}`;
grid.on("ticked", () => sessionStorage.setItem(TICKED, [...grid.ticked].join()));
const ticked = (sessionStorage.getItem(TICKED) ?? "").split(",").filter(Boolean).map(Number);
if (ticked.length) grid.tick(ticked.filter((row) => row < boot.rows), true);

// Only what is neither on the server nor kept on this machine would be lost.
window.addEventListener("beforeunload", (event) => outbox.unsent && !outbox.kept && event.preventDefault());

async function around() {
  const { bindAround } = await import("./around.js");
  standing = bindAround(parts);
  if (!outbox.unsent) standing();
}

async function start() {
  if (document.activeElement === document.body) grid.catcher.focus({ preventScroll: true });
  const marks = sync.start();
  const rest = afterwards(around);
  await Promise.all([data.first, marks]);
  if (!outbox.unsent) showSaving({ state: "saved" });
  await Promise.all([data.want(looking.fields), rest]);
  $("sheet").removeAttribute("aria-busy");
  await looking.arrange();
  await data.done;
}

$("sheet").setAttribute("aria-busy", "true");
start().catch((problem) => {
  $("loading").hidden = false;
  $("loading").replaceChildren(`${problem.message} Reload the page to try again; what you typed is kept.`);
});
