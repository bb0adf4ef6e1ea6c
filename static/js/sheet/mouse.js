// The mouse in the grid: click to choose, drag or Shift for a range, double click to edit, away to keep.
export function bindMouse({ view, editor }) {
  let dragging = false;

  view.root.addEventListener("mousedown", (event) => {
    const position = event.target.closest("#grid tbody") && view.at(event.target);
    if (!position || event.button !== 0 || event.target.closest(".cell-editor, a, button, input, label")) return;
    event.preventDefault();
    editor.close({ keep: true, focus: false });
    view.activate(position, { extend: event.shiftKey });
    dragging = true;
  });
  view.root.addEventListener("mouseover", (event) => {
    const position = dragging && event.buttons === 1 && event.target.closest("#grid tbody") && view.at(event.target);
    if (position) view.activate(position, { extend: true, focus: false });
  });
  document.addEventListener("mouseup", () => (dragging = false));
  view.root.addEventListener("dblclick", (event) => {
    const position = event.target.closest("#grid tbody") && view.at(event.target);
    if (position && !event.target.closest(".cell-editor, a, button, input")) editor.start(position, undefined, { byKeys: false });
  });
  view.root.addEventListener("focusout", (event) => {
    if (event.target.matches(".cell-editor") && !document.querySelector(".lookup:popover-open:hover")) setTimeout(() => leave(event), 0);
  });
  view.root.addEventListener("change", (event) => {
    // By the keyboard, arrows pass through the choices: Enter or Tab keeps.
    if (event.target.matches("select.cell-editor") && !editor.byKeys) editor.close({ keep: true });
  });
  view.root.addEventListener("focusin", (event) => {
    const position = event.target.matches("#grid tbody :is(td, th)") && view.at(event.target);
    if (position && (position.row !== view.active.row || position.col !== view.active.col)) view.activate(position, { focus: false });
  });

  function leave(event) {
    if (event.target.isConnected && document.hasFocus()) editor.close({ keep: true, focus: false });
  }
}
