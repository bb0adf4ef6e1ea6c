// The panel at the left folds in and out; as wide as it was left.
import { $ } from "../sheet/make.js";

const KEY = "facets-width";

export function foldable(panel, button, leave, folded) {
  const grip = $("facets-grip");
  const widen = (wanted) => {
    const width = Math.min(Math.max(wanted, grip.ariaValueMin), grip.ariaValueMax);
    panel.style.width = `${width}px`;
    grip.ariaValueNow = localStorage[KEY] = Math.round(width);
  };
  const show = (open) => {
    panel.hidden = !open;
    button.ariaExpanded = String(open);
    if (open) widen(localStorage[KEY] ?? panel.dataset.width);
    else leave();
    folded();
  };
  $("facets-close").onclick = () => show(false);
  panel.addEventListener("keydown", ({ key, defaultPrevented, target }) => key === "Escape" && !defaultPrevented && !target.closest("[popover]") && leave());
  grip.addEventListener("keydown", ({ key }) => /Left|Right/.test(key) && widen(panel.offsetWidth + (key === "ArrowRight" ? 24 : -24)));
  grip.onpointerdown = (event) => grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", (event) => grip.hasPointerCapture(event.pointerId) && widen(event.clientX - panel.getBoundingClientRect().left));
  return show;
}
