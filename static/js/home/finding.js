// Finding one of many resources by its name; Enter opens the first that is left.
const box = document.querySelector("[data-find-resource]");
const said = document.querySelector("[data-found]");
const links = [...document.querySelectorAll(".resource-grid a")];

function sift() {
  const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const link of links) {
    const name = `${link.textContent} ${link.title}`.toLowerCase();
    link.parentElement.hidden = !words.every((word) => name.includes(word));
  }
  for (const section of document.querySelectorAll("section:has(> .resource-grid)")) {
    section.hidden = !section.querySelector("li:not([hidden])");
  }
  const left = links.filter((link) => !link.parentElement.hidden).length;
  said.textContent = words.length ? `${left} of ${links.length}` : "";
}

box?.addEventListener("input", sift);
box?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") links.find((link) => !link.parentElement.hidden)?.click();
});
