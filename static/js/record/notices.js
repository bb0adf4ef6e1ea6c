// Messages of this page in its panel, built as elements so that nothing from outside is ever read as HTML.
const place = document.getElementById("ended");

export function clear() {
  place.replaceChildren();
}

export function put(html) {
  place.innerHTML = html; // our own template, escaped by it
  place.scrollIntoView({ block: "nearest" });
}

export function problem({ title, what_happened: happened, was_written: written, what_next: next, request_id: id }) {
  const facts = [["What happened", happened], ["What was written", written], ["What to do", next], ["Id to quote", id]];
  say("error", title, facts.filter(([, words]) => words));
}

export function say(kind, title, facts) {
  place.replaceChildren(notice(kind, title, facts));
  place.scrollIntoView({ block: "nearest" });
}

export function notice(kind, title, facts) {
  const box = make("div", `callout ${kind}`);
  box.setAttribute("role", "alert");
  const list = make("dl", "three-answers");
  for (const [name, words] of facts) list.append(make("dt", "", name), make("dd", "", words));
  const body = make("div");
  body.append(make("strong", "", title), list);
  box.append(icon(kind), body);
  return box;
}

// The icons are the server's: one of them stands in the status bar already and lends its sprite.
function icon(name) {
  const found = document.querySelector("[data-status-invalid] .icon").cloneNode(true);
  const use = found.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, `#${name}`));
  return found;
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
