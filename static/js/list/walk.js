// On leaving, the ids on show in their order are kept for the tab: a record's page walks along them.
import { ROWS } from "./cells.js";
import { list } from "./page.js";

window.addEventListener("pagehide", () => {
  const links = [...document.querySelectorAll(`${ROWS} > th > a, ${ROWS} > td > a[data-nav-item]`)];
  const ids = new Set(links.map((link) => decodeURIComponent(link.pathname.split("/").at(-2))));
  if (ids.size && list()) sessionStorage.setItem(`walk:${list().path}`, JSON.stringify([...ids]));
});
