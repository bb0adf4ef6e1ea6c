// To the plan: of everything pending, or of the ticked rows. It is made of what is saved, so what is on its way goes first.
import { $ } from "./make.js";
import { toRanges } from "./scope.js";

export function bindPlanning({ grid, editor, sync, say }) {
  const form = $("plan-form");
  if (!form) return;
  const button = $("plan-button");
  const plan = async (rows) => {
    editor.close({ keep: true, focus: false });
    try {
      await sync.idle();
    } catch {
      return say("Not planned: what you typed is not saved yet.");
    }
    if (!rows && button.getAttribute("aria-disabled") === "true") return say($("consequence").textContent || "Nothing is ready to be planned yet.");
    $("plan-rows").value = rows;
    form.action += location.search; // should it not go, the page comes back as it was
    form.submit();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    plan("");
  });
  $("plan-ticked").addEventListener("click", () => {
    $("plan-menu").hidePopover();
    plan(toRanges(Uint32Array.from(grid.ticked).sort()));
  });
}
