// Toasts: short confirmations in a live region. Errors stay until closed; the server may send one as HX-Trigger {"toast": {text, kind}}.
const STAY = 6000;
const region = document.getElementById("toasts");
const template = document.getElementById("toast");

export function toast(text, kind = "success") {
  if (!region || !template) return null;
  const element = template.content.firstElementChild.cloneNode(true);
  element.classList.add(kind);
  element.querySelector("span").textContent = text;
  for (const icon of element.querySelectorAll("[data-toast-icon]")) if (icon.dataset.toastIcon !== kind) icon.remove();
  region.append(element);
  if (kind !== "error") leaveLater(element);
  return element;
}

function leaveLater(element) {
  const leave = () => (element.matches(":hover, :focus-within") ? setTimeout(leave, STAY) : element.remove());
  setTimeout(leave, STAY);
}

region?.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest(".toast").remove();
});
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.kind));
