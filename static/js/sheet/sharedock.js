// The panel at the right: as wide as it was left, folded in and out; Escape goes back to the grid and keeps what is set.
import { $ } from "./make.js";
const KEY = "share-width";

export function dock(panel, { opened, closed, leave }) {
  const grip = panel.firstElementChild;
  const widen = (wanted) => {
    const width = Math.min(Math.max(wanted, grip.ariaValueMin), grip.ariaValueMax);
    panel.style.width = `${width}px`;
    grip.ariaValueNow = localStorage[KEY] = width;
  };
  const show = (open) => {
    panel.hidden = !open;
    $("fold").ariaExpanded = String(open);
    if (open) return opened();
    closed();
    leave();
  };
  widen(localStorage[KEY] ?? panel.dataset.width);
  $("share-close").onclick = () => show(false);
  panel.addEventListener("keydown", ({ key, defaultPrevented }) => key === "Escape" && !defaultPrevented && leave());
  grip.addEventListener("keydown", ({ key }) => /Left|Right/.test(key) && widen(panel.offsetWidth + (key === "ArrowLeft" ? 24 : -24)));
  grip.onpointerdown = (event) => grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", (event) => grip.hasPointerCapture(event.pointerId) && widen(panel.getBoundingClientRect().right - event.clientX));
  return show;
}
