// The plan: unticking, planning again without what is unticked, and the last look before sending.
import { Unticked } from "./unticked.js";

const root = document.getElementById("plan");
const revise = document.getElementById("revise-form");
const apply = document.getElementById("apply-form");
const stored = `unticked ${root.dataset.plan}`;
const finding = root.dataset.finding === "" ? null : Number(root.dataset.finding);
const send = document.getElementById("send-button");
const blocked = send?.disabled ?? true;
let unticked = new Unticked(JSON.parse(sessionStorage.getItem(stored) ?? "{}"));
let asked = 0;

// Rows that come later, and the page when one returns to it, show what is unticked.
function mark() {
  for (const box of root.querySelectorAll("[data-fold]")) box.checked = !unticked.hasFold(box.dataset.fold, finding);
  for (const box of root.querySelectorAll("[data-cell]")) {
    const under = box.closest("[data-group]").querySelector(":scope > [data-fold]");
    const out = unticked.rows.has(box.dataset.cell.split("\t")[0]) || (under && !under.checked);
    box.checked = !out && !unticked.cells.has(box.dataset.cell);
    box.disabled = Boolean(out) || !revise;
    box.closest("tr, .change-group").classList.toggle("is-left-out", !box.checked);
  }
  for (const button of root.querySelectorAll("[data-row]")) button.setAttribute("aria-pressed", String(unticked.rows.has(button.dataset.row)));
  for (const group of root.querySelectorAll("[data-group]")) group.classList.toggle("is-left-out", !group.firstElementChild.checked);
}

async function changed() {
  if (!revise) return;
  sessionStorage.setItem(stored, JSON.stringify(unticked));
  mark();
  const button = document.getElementById("revise-button");
  document.getElementById("drop").value = JSON.stringify(unticked);
  revise.hidden = unticked.empty;
  apply.hidden = !unticked.empty;
  if (unticked.empty) return;
  asked += 1;
  button.disabled = true;
  button.textContent = "Counting…";
  const label = await count(asked);
  if (label === null) return;
  button.textContent = label;
  button.disabled = false;
}

// The server counts, because folds can hold thousands of rows that are not in the page. null: a newer count is on its way.
async function count(mine) {
  try {
    const answer = await fetch(root.dataset.revise, { method: "POST", body: new FormData(revise), headers: { Accept: "application/json" } });
    const told = answer.ok ? (await answer.json()).label : "Plan again without what is unticked";
    return mine === asked ? told : null;
  } catch {
    return mine === asked ? "Plan again without what is unticked" : null;
  }
}

root.addEventListener("change", ({ target }) => {
  if (target.matches("[data-fold]")) unticked.fold(target.dataset.fold, finding, target.checked);
  else if (target.matches("[data-cell]")) unticked.cell(target.dataset.cell, target.checked);
  else return;
  changed();
});

root.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-row]");
  if (!button || !revise) return;
  unticked.row(button.dataset.row, unticked.rows.has(button.dataset.row));
  changed();
});

document.getElementById("tick-all")?.addEventListener("click", () => {
  unticked = new Unticked();
  changed();
});

revise?.addEventListener("submit", () => sessionStorage.removeItem(stored));

// Production: the button works once the number is there. The server asks for it again.
const typed = document.getElementById("typed");
function confirmed() {
  if (typed) send.disabled = blocked || typed.value.replace(/\D/g, "") !== typed.dataset.wanted;
}
typed?.addEventListener("input", confirmed);
if (typed) confirmed();

// One click is one send: the second finds the button at work. Coming back by the browser's back button shows what has
// become of the plan, not the page as it was before.
const sent = `sent ${root.dataset.plan}`;
apply?.addEventListener("submit", (event) => {
  if (apply.dataset.sent) return event.preventDefault();
  apply.dataset.sent = "yes";
  send.setAttribute("aria-disabled", "true");
  sessionStorage.setItem(sent, "yes");
});
window.addEventListener("pageshow", () => {
  if (!apply || !sessionStorage.getItem(sent)) return;
  sessionStorage.removeItem(sent);
  location.reload();
});

document.addEventListener("htmx:afterSettle", mark);
if (revise && !unticked.empty) changed();
