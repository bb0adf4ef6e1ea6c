// The shared change: its panel is fetched when it is opened first.
import { $ } from "./make.js";

export function bindShare(parts) {
  let panel = null;
  // Another panel takes the place: what is set here stays set.
  const fold = () => {
    $("shared").hidden = true;
    $("fold").ariaExpanded = "false";
  };
  const withPanel = async (run) => {
    try {
      panel ??= new (await import("./sharepanel.js")).Share(parts);
      parts.panels.opening("shared", fold);
      run(panel);
    } catch (problem) {
      parts.say(`The panel could not be opened. ${problem.message}`);
    }
  };
  $("fold")?.addEventListener("click", () => withPanel((share) => share.toggle()));
  return { open: (name) => withPanel((share) => share.open(name)) };
}
