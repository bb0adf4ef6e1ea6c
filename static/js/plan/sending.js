// The last look before sending: what is still lacking, when it goes, and one send for one click.
import { lacking, later, sendLabel, whenSaid } from "./words.js";

const form = document.getElementById("apply-form");
const send = document.getElementById("send-button");
const told = document.getElementById("lacking");
const opened = performance.now();
const blocked = send?.disabled ?? true;
const sent = `sent ${document.getElementById("plan").dataset.plan}`;

// The server's clock and zone, not this machine's.
function now() {
  return later(send.dataset.now, performance.now() - opened);
}

function moments() {
  const given = form.elements;
  return {
    due: given.when.value === "at" ? given.due_at.value : null,
    revert: given.revert.checked ? given.revert_at.value : null,
    now: now(),
    zone: send.dataset.zone,
  };
}

function look() {
  const given = form.elements;
  const when = moments();
  const { send: words, then } = send.dataset;
  document.getElementById("when-said").textContent = whenSaid(when);
  send.textContent = sendLabel({ send: words, then, ...when });
  const left = blocked ? "" : lacking({
    typed: given.typed?.value ?? "",
    wanted: given.typed?.dataset.wanted ?? "",
    note: given.note.value,
    needed: "needed" in given.note.dataset,
    ...when,
  });
  if (told.textContent !== left) told.textContent = left;
  send.title = left;
  send.disabled = blocked || left !== "";
}

form?.addEventListener("input", ({ target }) => {
  if (target.name === "due_at" && target.value) form.elements.when.value = "at";
  if (target.name === "revert_at" && target.value) form.elements.revert.checked = true;
  look();
});
if (form) look();

// One click is one send: the second finds the button at work. Coming back by the browser's back button shows what has
// become of the plan, not the page as it was before.
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  send.setAttribute("aria-disabled", "true");
  sessionStorage.setItem(sent, "yes");
});
window.addEventListener("pageshow", () => {
  if (!form || !sessionStorage.getItem(sent)) return;
  sessionStorage.removeItem(sent);
  location.reload();
});
