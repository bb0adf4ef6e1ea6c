// Undo and redo: where it happened is shown, and what happened is told.
import { counted, number } from "./make.js";

export function turn({ grid, model, say }, again) {
  const done = again ? model.redo() : model.undo();
  if (!done) return say(again ? "Nothing to do again." : "Nothing to undo.");
  const { label, cells, first, left } = done;
  const place = first && { at: grid.atOf(first.row), col: grid.cols.findIndex(({ name }) => name === first.field) };
  if (place && place.at >= 0 && place.col >= 0) grid.activate(place);
  const facts = [label, cells !== null && counted(cells, "cell"), left && `${number(left)} left alone: changed since`].filter(Boolean);
  say(`${[again ? "Done again" : "Undone", facts.join(", ")].filter(Boolean).join(": ")}.`);
}
