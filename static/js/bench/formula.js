// A plain textarea among a clean-up's parameters becomes a box for formulas.
import { asking, FormulaBox } from "./formulabox.js";

// `target()` names the field that is to be changed, when one is chosen. Edits are heard as "input" events of the textarea.
export function equip(area, { boot, target }) {
  return area.isConnected ? new FormulaBox(area, { ask: asking(boot.urls.formula, target) }) : null;
}
