// What else can be done with a facet: another one of the same column, its place, the column's profile.
import { $, make } from "../sheet/make.js";
import { KINDS, made, offered } from "./facetsstate.js";

export function bindMenu(panel) {
  const menu = $("facet-menu");
  let button = null;
  menu.addEventListener("toggle", ({ newState }) => {
    button?.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed" && (document.activeElement === document.body || menu.contains(document.activeElement))) button?.focus({ preventScroll: true });
  });

  return (card, from) => {
    button = from;
    const item = (text, run, off = false) => {
      const line = make("button", { type: "button", className: "menu-item", disabled: off }, text);
      line.onclick = () => {
        menu.hidePopover();
        run();
      };
      return line;
    };
    const at = panel.cards.indexOf(card);
    const { spec, facet } = card;
    const lines = [];
    if (facet.facet === "duplicate") {
      const alike = facet.as === "fingerprint";
      lines.push(item(alike ? "Count as duplicates only what is the same" : "Count as duplicates also what differs in case, accents, punctuation, order of words", () => panel.change(card, { ...facet, as: alike ? "exact" : "fingerprint" })), make("hr"));
    }
    if (spec) {
      const others = offered(spec).filter((kind) => !panel.cards.some(({ facet }) => facet.facet === kind && facet.field === spec.name));
      lines.push(make("p", { className: "menu-title" }, `Also of ${spec.label}`), ...others.map((kind) => item(KINDS[kind], () => panel.add(made(kind, spec.name)))));
      lines.push(make("hr"), item("Profile of this column", () => panel.panels.open("profile", spec.name)), make("hr"));
    }
    lines.push(item("Move up (Alt ↑)", () => panel.move(card, -1), at === 0), item("Move down (Alt ↓)", () => panel.move(card, 1), at === panel.cards.length - 1));
    menu.replaceChildren(...lines);
    menu.showPopover();
    const edge = from.getBoundingClientRect();
    menu.style.left = `${Math.min(edge.left, window.innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.top = `${Math.max(8, Math.min(edge.bottom + 2, window.innerHeight - menu.offsetHeight - 8))}px`;
    menu.querySelector("button:not(:disabled)")?.focus();
  };
}
