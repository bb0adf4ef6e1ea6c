// The shared change: its panel is fetched when it is opened first.
import { $ } from "./make.js";

export function bindShare(parts) {
  let panel = null;
  const withPanel = async (run) => {
    try {
      panel ??= new (await import("./sharepanel.js")).Share(parts);
      run(panel);
    } catch (problem) {
      parts.say(`The panel could not be opened. ${problem.message}`);
    }
  };
  $("fold")?.addEventListener("click", () => withPanel((share) => share.toggle()));
  return { open: (name) => withPanel((share) => share.open(name)) };
}
