// Edit many: puts the grid's parts together.
import { post } from "./api.js";
import { bindClipboard } from "./clipboard.js";
import { bindKeys } from "./keys.js";
import { bindMouse } from "./mouse.js";
import { CellEditor } from "./celleditor.js";
import { Edits } from "./edits.js";
import { Outbox } from "./outbox.js";
import { Share } from "./share.js";
import { say, showSaving, showStanding } from "./status.js";
import { Ticks } from "./ticks.js";
import { View } from "./view.js";

const root = document.getElementById("sheet");
const view = new View(root);
const stored = `unsent ${root.dataset.sheet}`;
const store = {
  read: () => JSON.parse(sessionStorage.getItem(stored) ?? "[]"),
  write: (edits) => (edits.length ? sessionStorage.setItem(stored, JSON.stringify(edits)) : sessionStorage.removeItem(stored)),
};
const outbox = new Outbox({
  store,
  send: (body) => post(root.dataset.cells, body),
  onState: showSaving,
  onAnswer: (told) => {
    view.apply(told.rows, (id, field) => outbox.waits(id, field));
    showStanding(told.standing);
  },
});
const edits = new Edits(view, outbox, say);
view.onActive = say;
const editor = new CellEditor(view, edits, say);
let share = null;
const ticks = new Ticks(root, (count) => share?.scope(count));
const parts = { view, edits, editor, ticks, say };

bindMouse(parts);
bindKeys(parts);
bindClipboard(parts);
if (document.getElementById("shared")) {
  share = new Share({ root, ticks, outbox, refresh, say });
  share.scope(ticks.ids.size);
}

// The rows as they are now, in place: after a shared change every cell may be another.
async function refresh(standing) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["grid-scroll", "toolbar"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
  edits.history.clear();
  view.reset();
  ticks.draw();
  showStanding(standing);
}

async function settle(button) {
  const position = view.at(button);
  const choices = { [view.id(position)]: { [view.column(position).name]: button.dataset.side } };
  try {
    const told = await post(root.dataset.resolve, { choices });
    view.apply(told.rows, () => false);
    showStanding(told.standing);
    view.activate(position);
    say(`Settled: ${button.textContent.trim().toLowerCase()}.`);
  } catch (problem) {
    say(`Not settled. ${problem.message}`);
  }
}

root.addEventListener("click", (event) => {
  const side = event.target.closest("[data-side]");
  if (side) settle(side);
});

const fold = document.getElementById("fold");
fold?.addEventListener("click", () => {
  const shut = root.classList.toggle("is-folded");
  fold.setAttribute("aria-expanded", String(!shut));
  document.cookie = `shared=${shut ? "folded" : "open"}; path=/; max-age=31536000; samesite=lax`; // drawn so by the server
});

// The plan is made of what is saved: what is still on its way goes first.
const form = document.getElementById("plan-form");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = document.getElementById("plan-button");
  editor.close({ keep: true, focus: false });
  if (!(await outbox.flush())) return say("Not planned: what you typed is not saved yet.");
  if (button.getAttribute("aria-disabled") === "true") return say(document.querySelector("[data-standing=sentence]").textContent);
  form.submit();
});

window.addEventListener("beforeunload", (event) => {
  if (outbox.unsent) event.preventDefault();
});
