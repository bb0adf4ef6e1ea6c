// What is pressed before the rest of the page is here is pressed again when it is; what is typed after such a key was not
// meant for the grid.
const KEYS = /^(f|g|m|t|ArrowDown)$/i; // with Ctrl or Alt: find, go to, settle, menu

export async function afterwards(load) {
  const [held, stop] = [[], new AbortController()];
  const hold = (event) => {
    const { type, target, key, ctrlKey, metaKey, altKey } = event;
    const button = type === "click" && target.closest("button");
    const asked = button || ((ctrlKey || metaKey || altKey) && KEYS.test(key));
    if (!event.isTrusted || !(asked || (held.length && type === "keydown"))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asked) held.push(() => (button ? button.click() : target.dispatchEvent(new KeyboardEvent(type, event))));
  };
  for (const type of ["click", "keydown"]) window.addEventListener(type, hold, { capture: true, signal: stop.signal });
  await load();
  stop.abort();
  for (const again of held) again();
}
