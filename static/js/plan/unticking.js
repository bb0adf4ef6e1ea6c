// Unticking, other first rows, and planning again: nothing is taken out of a plan but by making a new one.
import { Unticked } from "./unticked.js";

const root = document.getElementById("plan");
const revise = document.getElementById("revise-form");
const apply = document.getElementById("apply-form");
const alone = document.getElementById("first-alone");
const firstRows = document.getElementById("first-rows");
const stored = `unticked ${root.dataset.plan}`;
const finding = root.dataset.finding === "" ? null : Number(root.dataset.finding);
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

// The rows that are to go first, where that is not what the plan has; else empty.
function canary() {
  if (!alone) return "";
  const wanted = alone.checked ? firstRows.value : "0";
  return wanted === alone.dataset.was ? "" : wanted;
}

async function changed() {
  if (!revise) return;
  sessionStorage.setItem(stored, JSON.stringify(unticked));
  mark();
  const button = document.getElementById("revise-button");
  const first = canary();
  const same = unticked.empty && first === "";
  document.getElementById("drop").value = JSON.stringify(unticked);
  document.getElementById("canary").value = first;
  revise.hidden = same;
  apply.hidden = !same;
  asked += 1;
  if (same) return;
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
    const told = answer.ok ? (await answer.json()).label : "";
    return mine === asked ? told || "Plan again with these changes" : null;
  } catch {
    return mine === asked ? "Plan again with these changes" : null;
  }
}

root.addEventListener("change", ({ target }) => {
  if (target.matches("[data-fold]")) unticked.fold(target.dataset.fold, finding, target.checked);
  else if (target.matches("[data-cell]")) unticked.cell(target.dataset.cell, target.checked);
  else if (target !== alone && target !== firstRows) return;
  if (target === firstRows) alone.checked = true;
  changed();
});

firstRows?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  alone.checked = true;
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
  if (alone) {
    alone.checked = alone.dataset.was !== "0";
    firstRows.value = alone.dataset.was === "0" ? "1" : alone.dataset.was;
  }
  changed();
});

// What is typed for the sending goes along into the new plan.
revise?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of new FormData(apply)) {
    if (!formData.has(name)) formData.set(name, value);
  }
});
revise?.addEventListener("submit", () => sessionStorage.removeItem(stored));

document.addEventListener("htmx:afterSettle", mark);
if (revise && !unticked.empty) changed();
