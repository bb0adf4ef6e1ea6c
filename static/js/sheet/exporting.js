// Export…: a link to a page of its own, and here a dialog that knows which rows are ticked and shown.
export function bindExporting(parts) {
  let dialog = null;
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-export]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    try {
      dialog ??= (await import("../files/export.js")).bind(parts);
      await dialog.open(`${link.href}?part=form`);
    } catch {
      location.assign(link.href);
    }
  });
}
