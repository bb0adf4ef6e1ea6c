// To the plan: of everything pending, of the ticked rows, or of what can be sent. It is made of what is saved, so what is on its way goes first.
import { $ } from "./make.js";
import { toRanges } from "./scope.js";

export function bindPlanning({ grid, editor, sync, say }) {
  const form = $("plan-form");
  if (!form) return;
  const button = $("plan-button");
  const plan = async (rows, ready = "") => {
    editor.close({ keep: true, focus: false });
    try {
      await sync.idle();
    } catch {
      return say("Not planned: what you typed is not saved yet.");
    }
    if (!rows && !ready && button.getAttribute("aria-disabled") === "true") return say($("consequence").textContent || "Nothing is ready to be planned yet.");
    $("plan-rows").value = rows;
    $("plan-ready-only").value = ready;
    form.action += location.search; // should it not go, the page comes back as it was
    form.submit();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    plan("");
  });
  const choose = (id, which) => $(id).addEventListener("click", () => {
    $("plan-menu").hidePopover();
    plan(...which());
  });
  choose("plan-ticked", () => [toRanges(Uint32Array.from(grid.ticked).sort())]);
  choose("plan-ready", () => ["", "1"]);
}
