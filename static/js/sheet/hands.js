// The hands of the grid: keys, mouse, clipboard and editors.
import { CellEditor } from "./celleditor.js";
import { bindClipboard } from "./clipboard.js";
import { bindKeys } from "./keys.js";
import { bindMouse } from "./mouse.js";
import { Writing } from "./writing.js";

// Returns its parts; `fill` may be added to them. editor.close({ keep: true }) before what was typed has to count.
export function bindHands({ grid, model, say, open }) {
  const writing = new Writing({ grid, model, say });
  const editor = new CellEditor({ grid, model, say, writing });
  const parts = { grid, model, say, open, writing, editor };
  bindKeys(parts);
  bindMouse(parts);
  bindClipboard(parts);
  return parts;
}
