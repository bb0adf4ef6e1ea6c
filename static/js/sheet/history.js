// The steps of this worksheet: who did what and when, what was undone; and one's own next undo and redo, in words.
import { getJson } from "./api.js";
import { $, counted, make } from "./make.js";
import { turn } from "./turning.js";

const PAUSE = 500;
const TURNED = { undo: "Undone: ", redo: "Done again: " };
const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function bindHistory({ model, boot, grid, say }) {
  const [panel, list, opener] = [$("history"), $("steps"), $("history-open")];
  let timer = 0;

  const step = ({ who, kind, label, cells, at, undone, mine }) => {
    const time = make("time", { dateTime: at, title: at }, WHEN.format(new Date(at)));
    const facts = [mine ? "you" : who.name, ...(cells ? [counted(cells, "cell")] : [])].join(" · ");
    const made = make("li", { className: undone ? "is-undone" : "" }, make("strong", {}, (TURNED[kind] ?? "") + label), make("span", { className: "muted" }, `${facts} · `, time));
    if (undone) made.append(make("span", { className: "badge" }, "undone"));
    return made;
  };
  const draw = async () => {
    try {
      const { steps } = await getJson(boot.urls.history);
      list.replaceChildren(...(steps.length ? steps.map(step) : [make("li", { className: "muted" }, "Nothing was changed here yet.")]));
    } catch (problem) {
      list.replaceChildren(make("li", { className: "field-error" }, `The steps could not be read. ${problem.message}`));
    }
  };
  const name = (button, verb, label) => {
    if (!button) return;
    const words = label ? `${verb}: ${label}` : `Nothing to ${verb.toLowerCase()}`;
    if (button.id === "history-undo") button.textContent = words;
    else button.ariaLabel = words;
    button.title = words + (label ? ` (Ctrl+${verb === "Undo" ? "Z" : "Y"})` : "");
    button.setAttribute("aria-disabled", String(!label));
  };
  const label = () => {
    name($("undo"), "Undo", model.canUndo);
    name($("history-undo"), "Undo", model.canUndo);
    name($("redo"), "Redo", model.canRedo);
  };
  const turned = (again) => turn({ grid, model, say }, again);
  const show = (open) => {
    panel.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) draw().then(() => list.focus());
    else grid.catcher.focus();
  };

  opener.addEventListener("click", () => show(panel.hidden));
  $("history-close").addEventListener("click", () => show(false));
  panel.addEventListener("keydown", ({ key }) => key === "Escape" && show(false));
  $("undo")?.addEventListener("click", () => turned(false));
  $("redo")?.addEventListener("click", () => turned(true));
  $("history-undo")?.addEventListener("click", () => turned(false));
  model.on(() => {
    label();
    clearTimeout(timer);
    if (!panel.hidden) timer = setTimeout(draw, PAUSE);
  });
  label();
}
