// A panel at the right: as wide as it was left, folded in and out; Escape goes back to the grid and keeps what is set.
const KEY = "share-width";

// The first child of the panel is its grip, the last of its header the button that closes it; `fold`, where there is
// one, opens it.
export function dock(panel, { opened, closed, leave, fold = null }) {
  const grip = panel.firstElementChild;
  const widen = (wanted) => {
    const width = Math.min(Math.max(wanted, grip.ariaValueMin), grip.ariaValueMax);
    panel.style.width = `${width}px`;
    grip.ariaValueNow = localStorage[KEY] = width;
  };
  const show = (open) => {
    panel.hidden = !open;
    if (fold) fold.ariaExpanded = String(open);
    if (open) {
      widen(localStorage[KEY] ?? panel.dataset.width);
      return opened();
    }
    closed();
    leave();
  };
  widen(localStorage[KEY] ?? panel.dataset.width);
  panel.querySelector("header > button:last-child").onclick = () => show(false);
  panel.addEventListener("keydown", ({ key, defaultPrevented }) => key === "Escape" && !defaultPrevented && leave());
  grip.addEventListener("keydown", ({ key }) => /Left|Right/.test(key) && widen(panel.offsetWidth + (key === "ArrowLeft" ? 24 : -24)));
  grip.onpointerdown = (event) => grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", (event) => grip.hasPointerCapture(event.pointerId) && widen(panel.getBoundingClientRect().right - event.clientX));
  return show;
}
