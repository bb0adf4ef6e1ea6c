// Importing a file: dropping it, taking a suggestion, and asking again as soon as something else is chosen.
const drop = (event) => event.target.closest?.("[data-drop]");

function show(zone) {
  const [file] = zone.querySelector("input[type=file]").files;
  if (file) zone.querySelector("[data-drop-words]").textContent = file.name;
  zone.classList.toggle("has-file", Boolean(file));
}

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    const zone = drop(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
}

document.addEventListener("dragleave", (event) => drop(event)?.classList.remove("is-over"));

document.addEventListener("drop", (event) => {
  const zone = drop(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  zone.querySelector("input[type=file]").files = event.dataTransfer.files;
  show(zone);
});

document.addEventListener("change", (event) => {
  const zone = drop(event);
  if (zone) show(zone);
  if (event.target.matches("[data-submits] select, [data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (!button) return;
  const select = document.getElementById(button.dataset.for);
  select.value = button.dataset.take;
  select.focus();
  button.hidden = true;
});
