// Rows ticked to be undone: how many, said on the button that plans it.
function ticksOf(form) {
  return [...form.querySelectorAll("[name=record]")];
}

function draw(form) {
  const ticks = ticksOf(form);
  const ticked = ticks.filter((tick) => tick.checked).length;
  const all = form.querySelector("[data-tick-all]");
  const rows = `${ticked} row${ticked === 1 ? "" : "s"}`;
  form.querySelector(".undo-bar").hidden = !ticked;
  form.querySelector("[data-undo-count]").textContent = ticked ? `${rows} ticked on this page` : "";
  form.querySelector("[data-undo-button] span").textContent = `Plan the undo of ${rows}`;
  all.checked = ticked > 0 && ticked === ticks.length;
  all.indeterminate = ticked > 0 && ticked < ticks.length;
}

function tickAll(form, checked) {
  for (const tick of ticksOf(form)) tick.checked = checked;
  draw(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-undo-some]");
  if (!form || !form.querySelector(".undo-bar")) return;
  if (event.target.matches("[data-tick-all]")) tickAll(form, event.target.checked);
  else if (event.target.matches("[name=record]")) draw(form);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-undo-none]")?.closest("form");
  if (!form) return;
  tickAll(form, false);
  form.querySelector("[data-tick-all]").focus();
});

// Back brings ticks along that nobody sees counted.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-undo-some]")) if (form.querySelector(".undo-bar")) draw(form);
});
