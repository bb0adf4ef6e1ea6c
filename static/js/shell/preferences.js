// Theme, density and the folded sidebar: attributes on <html>, kept in cookies so that the server draws them without a flash.
const root = document.documentElement;
const YEAR = 31536000;
const NARROW = 1100;

function remember(name, value) {
  root.dataset[name] = value;
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
  press();
}

function press() {
  for (const name of ["theme", "density"]) {
    for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
      button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === root.dataset[name]));
    }
  }
  const folded = isFolded();
  for (const button of document.querySelectorAll("[data-sidebar-toggle]")) button.setAttribute("aria-expanded", String(!folded));
}

function isFolded() {
  const choice = root.dataset.sidebar;
  return choice === "folded" || (choice !== "open" && window.innerWidth <= NARROW);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-set-theme], [data-set-density], [data-sidebar-toggle]");
  if (!button) return;
  if (button.dataset.setTheme) remember("theme", button.dataset.setTheme);
  if (button.dataset.setDensity) remember("density", button.dataset.setDensity);
  if ("sidebarToggle" in button.dataset) remember("sidebar", isFolded() ? "open" : "folded");
});
document.addEventListener("htmx:afterSettle", press);
press();
