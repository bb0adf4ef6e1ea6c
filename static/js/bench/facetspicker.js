// Which column a facet is of: found by name, with the kinds there are for it. The first suits it best.
import { $, make } from "../sheet/make.js";
import { KINDS, made, offered } from "./facetsstate.js";

const STARTS = 6;
const LISTED = 60;

export function bindPicker(panel) {
  const [menu, find, list, button] = ["facets-picker", "facets-find", "facets-fields", "facets-add"].map($);
  const { model, boot, grid } = panel;
  const specs = () => {
    const here = new Set(grid.cols);
    return boot.fields.map(({ name }) => model.spec(name)).sort((a, b) => here.has(b) - here.has(a));
  };
  const add = (kind, field) => {
    menu.hidePopover();
    panel.add(made(kind, field));
  };
  const line = (spec) => {
    const [first, ...others] = offered(spec).filter((kind) => kind !== "state");
    const main = make("button", { type: "button", className: "facets-field", title: spec.name }, make("span", { className: "truncate" }, spec.label), make("span", { className: "muted" }, KINDS[first]));
    main.onclick = () => add(first, spec.name);
    const more = others.map((kind) => {
      const made = make("button", { type: "button", className: "facets-kind" }, KINDS[kind]);
      made.ariaLabel = `${spec.label}: ${KINDS[kind]}`;
      made.onclick = () => add(kind, spec.name);
      return made;
    });
    return make("li", {}, main, make("span", { className: "facets-kinds" }, ...more));
  };
  const rows = () => {
    const main = make("button", { type: "button", className: "facets-field" }, make("span", {}, "State of the row"), make("span", { className: "muted" }, "changed, invalid, failed…"));
    main.onclick = () => add("state", "");
    return make("li", {}, main);
  };
  const draw = () => {
    const wanted = find.value.trim().toLowerCase();
    const found = specs().filter(({ label, name }) => `${label} ${name}`.toLowerCase().includes(wanted));
    const left = found.length - LISTED;
    list.replaceChildren(...(wanted ? [] : [rows()]), ...found.slice(0, LISTED).map(line));
    if (!found.length) list.append(make("li", { className: "muted" }, "No column is called that."));
    if (left > 0) list.append(make("li", { className: "muted" }, `${left} more can be found by name.`));
  };
  find.addEventListener("input", draw);
  menu.addEventListener("keydown", (event) => {
    const lines = [find, ...list.querySelectorAll(".facets-field")];
    const at = lines.indexOf(document.activeElement);
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === find) {
      event.preventDefault();
      return list.querySelector(".facets-field")?.click();
    }
    if (!by || at < 0) return;
    event.preventDefault();
    lines[Math.min(Math.max(at + by, 0), lines.length - 1)].focus();
  });
  menu.addEventListener("toggle", ({ newState }) => {
    button.ariaExpanded = String(newState === "open");
    if (newState !== "open") return;
    find.value = "";
    draw();
    const edge = button.getBoundingClientRect();
    menu.style.left = `${Math.min(edge.left, window.innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.top = `${edge.bottom + 2}px`;
    find.focus();
  });
  const rank = ({ kind }) => (["choice", "boolean", "reference"].includes(kind) ? 0 : 1);
  const starts = specs().filter(({ name }) => name !== boot.resource.id_field && grid.cols.some((spec) => spec.name === name)).sort((a, b) => rank(a) - rank(b));
  $("facets-start").replaceChildren(...starts.slice(0, STARTS).map((spec) => {
    const start = make("button", { type: "button", className: "chip" }, spec.label);
    start.onclick = () => add(offered(spec)[0], spec.name);
    return start;
  }));
}
