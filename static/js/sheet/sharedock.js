// A panel at the right: as wide as it was left, folded in and out; Escape goes back to the grid and keeps what is set.
// The first child of the panel is its grip, the last of its header the button that closes it; `fold`, where there is
// one, opens it.
export function dock(panel, { opened, closed, leave, fold = null }) {
  const [grip, key] = [panel.firstElementChild, panel.dataset.widthKey ?? "share-width"];
  const widen = (wanted) => {
    const width = Math.min(Math.max(wanted, grip.ariaValueMin), grip.ariaValueMax);
    panel.style.width = `${width}px`;
    grip.ariaValueNow = localStorage[key] = width;
  };
  const show = (open) => {
    panel.hidden = !open;
    if (fold) fold.ariaExpanded = String(open);
    if (open) {
      widen(localStorage[key] ?? panel.dataset.width);
      return opened();
    }
    closed();
    leave();
  };
  widen(localStorage[key] ?? panel.dataset.width);
  panel.querySelector("header > button:last-child").onclick = () => show(false);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && leave());
  grip.addEventListener("keydown", (event) => /Left|Right/.test(event.key) && widen(panel.offsetWidth + (event.key === "ArrowLeft" ? 24 : -24)));
  grip.onpointerdown = (event) => grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", (event) => grip.hasPointerCapture(event.pointerId) && widen(panel.getBoundingClientRect().right - event.clientX));
  return show;
}
