// Ctrl+F: find in all rows and the columns shown, with how many there are; Ctrl+G: go to an id.
import { count, find } from "./find.js";
import { $, number } from "./make.js";

const PAUSE = 120;

export function bindFinder({ grid, model, say }) {
  const [bar, text, exact, goto] = [$("finder"), $("find-text"), $("find-exact"), $("goto-id")];
  const words = $("find-count");
  let [turn, timer, total] = [0, 0, 0];
  const options = () => ({ exact: exact.checked });

  // Counting goes on in slices and is given up as soon as something else is looked for.
  const tally = async () => {
    const mine = (turn += 1);
    words.textContent = "";
    if (!text.value) return;
    for await (const so_far of count(model, grid.order, grid.cols, text.value, options())) {
      if (mine !== turn) return;
      total = so_far;
      words.textContent = `${number(total)}…`;
    }
    if (mine === turn) words.textContent = total ? `${number(total)} found` : `Not found${grid.order.length < model.rows ? " in the rows shown" : ""}`;
  };
  const go = (back, from = grid.active) => {
    const found = text.value && find(model, grid.order, grid.cols, text.value, { from, back, ...options() });
    if (!found) return;
    grid.activate(found);
    say(`${grid.spec(found.col).label} of ${model.title(grid.rowAt(found.at)) || model.id(grid.rowAt(found.at))}: ${grid.value(found)}`);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(tally, PAUSE);
  };
  const close = () => {
    turn += 1;
    bar.hidden = true;
    grid.catcher.focus();
  };
  const jump = () => {
    const wanted = goto.value.trim();
    for (let row = 0; wanted && row < model.rows; row += 1) {
      if (model.id(row) !== wanted) continue;
      const at = grid.atOf(row);
      if (at < 0) return say(`${wanted} is in this worksheet, but not among the rows shown now.`);
      grid.activate({ at, col: grid.active.col });
      return close();
    }
    if (wanted) say(`${wanted} is not in this worksheet.`);
  };

  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === goto) jump();
    else if (event.key === "Enter" && event.target === text) go(event.shiftKey);
    else return;
    event.preventDefault();
  });
  bar.addEventListener("click", ({ target }) => {
    const step = target.closest("[data-find]")?.dataset.find;
    if (step) step === "close" ? close() : go(step === "-1");
  });
  text.addEventListener("input", soon);
  exact.addEventListener("change", soon);
  const open = (input) => {
    bar.hidden = false;
    input.focus();
    input.select();
    if (input === text) soon();
  };
  $("find-open").addEventListener("click", () => open(text));
  // The browser's own search sees only the rows drawn.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    const input = { f: text, g: goto }[event.key.toLowerCase()];
    if (!input || event.defaultPrevented) return;
    event.preventDefault();
    open(input);
  });
  return { find: () => open(text), goto: () => open(goto) };
}
