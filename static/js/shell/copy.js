// Copy buttons: [data-copy="text"] copies the text, [data-copy-from="id"] the text of an element.
import { toast } from "./toasts.js";

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // Plain http on another host has no clipboard API; a selected text box still can be copied from.
  const box = document.createElement("textarea");
  box.value = text;
  box.className = "visually-hidden";
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  if (!copied) throw new Error("copy refused");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  try {
    await write(source ? source.textContent : button.dataset.copy);
    toast(`${button.dataset.copyLabel ?? "Text"} copied.`);
    button.focus();
  } catch {
    toast("The browser did not allow copying. Select the text and copy it by hand.", "error");
  }
});
