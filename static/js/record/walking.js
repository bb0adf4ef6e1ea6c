// Previous and next record of the list one came from, whose ids the list leaves in sessionStorage as "walk:<list address>".
const controls = document.querySelector("[data-walk]");
const parts = /^(.*\/)records\/([^/]+)\/$/.exec(location.pathname);

function idsOfList() {
  try {
    const ids = JSON.parse(sessionStorage.getItem(`walk:${parts[1]}`) ?? "[]");
    return Array.isArray(ids) ? ids.map(String) : [];
  } catch {
    return [];
  }
}

if (controls && parts) {
  const ids = idsOfList();
  const here = ids.indexOf(decodeURIComponent(parts[2]));
  controls.hidden = here < 0 || ids.length < 2;
  for (const link of controls.querySelectorAll("[data-walk-step]")) {
    const id = ids[here + Number(link.dataset.walkStep)];
    if (here >= 0 && id !== undefined) link.href = `${parts[1]}records/${encodeURIComponent(id)}/`;
    else link.setAttribute("aria-disabled", "true");
  }
}

const KEYS = { ArrowLeft: "-1", ArrowRight: "1" };

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !(event.key in KEYS) || controls?.hidden) return;
  const link = controls?.querySelector(`[data-walk-step="${KEYS[event.key]}"][href]`);
  if (!controls || event.target.matches?.("input, textarea, select")) return;
  event.preventDefault(); // also at the end of the list, where the browser would leave the page
  link?.click();
});
