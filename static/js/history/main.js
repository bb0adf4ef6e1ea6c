// The filter's address holds what was chosen and nothing else, so that it can be shared and Back works.
const form = document.querySelector("[data-shareable]");

function address() {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  return `${form.getAttribute("action")}${chosen.size ? `?${chosen}` : ""}`;
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target === form && event.detail.successful) history.replaceState(history.state, "", address());
});
