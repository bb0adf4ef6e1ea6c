// Dialogs: [data-dialog-open="id"] opens, [data-dialog-close] closes, a click beside it closes unless it is [data-dialog-keep].
export function openDialog(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    opener.closest("[popover]")?.hidePopover();
    return openDialog(document.getElementById(opener.dataset.dialogOpen));
  }
  if (event.target.closest("[data-dialog-close]")) return event.target.closest("dialog")?.close();
  if (event.target.matches("dialog[open]:not([data-dialog-keep])") && isBeside(event)) event.target.close();
});

function isBeside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
