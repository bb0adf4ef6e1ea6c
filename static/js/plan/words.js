// What the sending button says, without the page. Moments are texts such as 2026-11-22T14:05, in the installation's zone.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 86_400_000;

function dayOf(text) {
  return Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8, 10)));
}

export function said(moment, now, zone) {
  const days = (dayOf(moment) - dayOf(now)) / DAY;
  const date = `${Number(moment.slice(8, 10))} ${MONTHS[Number(moment.slice(5, 7)) - 1]}`;
  const year = moment.slice(0, 4) === now.slice(0, 4) ? "" : ` ${moment.slice(0, 4)}`;
  const day = days === 0 ? "today" : days === 1 ? "tomorrow" : `on ${date}${year}`;
  return `${moment.slice(11, 16)} ${zone} ${day}`;
}

// `due` and `revert`: null when not wanted, empty when wanted and not given yet.
export function sendLabel({ send, then, due, revert, now, zone }) {
  const at = due ? ` at ${said(due, now, zone)}` : "";
  const undone = revert ? `, undone at ${said(revert, now, zone)}` : "";
  return `${send}${at}${then}${undone}`;
}

// In short, on the button that opens the choice: the sending button says it in full.
export function whenSaid({ due, revert }) {
  return `${due === null ? "Now" : "Scheduled"}${revert === null ? "" : ", then undone"}`;
}

// What still has to be given before it can be sent; empty when nothing is.
export function lacking({ typed, wanted, note, needed, due, revert, now }) {
  const left = [];
  if (wanted && typed.replace(/\D/g, "") !== wanted) left.push(`type ${wanted}`);
  if (needed && !note.trim()) left.push("give a note or ticket");
  if (due === "") left.push("say when to send");
  if (due && due <= now.slice(0, 16)) left.push("choose a time to send that has not passed");
  if (revert === "") left.push("say when to undo");
  if (revert && revert <= (due || now).slice(0, 16)) left.push("choose a time to undo that is after the sending");
  return left.length ? `To send: ${left.join(", ")}.` : "";
}

export function later(now, milliseconds) {
  return new Date(Date.parse(`${now}Z`) + milliseconds).toISOString().slice(0, 19);
}
