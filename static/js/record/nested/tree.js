// A nested value drawn as members and entries, each with an input of its type; edits go straight into the node.
import { convert, membersOf, moveItem, newItem, NOT_SET, setMember, shapeOfItem, TYPES, typesFor, writeText } from "./model.js";

const icons = document.getElementById("nested-icons")?.content;

// `changed({redraw: path | ""})` is told of every edit; a change of structure asks to be drawn anew.
export function draw(node, shape, changed) {
  const root = { set: null, path: "$", changed };
  return value(node, shape, root);
}

function value(node, shape, place) {
  if (node.type === "object") return object(node, shape, place);
  if (node.type === "array") return list(node, shape, place);
  return scalar(node, shape, place, "Value");
}

function object(node, shape, { path, changed }) {
  const block = make("div", { className: "tree" });
  for (const member of membersOf(node, shape)) {
    const set = (next) => setMember(node, member.name, next);
    const place = { set, path: `${path}.${member.name}`, changed, removable: true };
    block.append(row(member.shape?.label ?? member.name, member.name, member.value, member.shape, place));
  }
  block.append(adder(node, path, changed));
  return block;
}

function list(node, shape, { path, changed }) {
  const block = make("ol", { className: "tree" });
  const item = shapeOfItem(shape);
  node.items.forEach((each, i) => {
    const place = { set: (next) => (node.items[i] = next), path: `${path}[${i}]`, changed };
    const line = make("li");
    line.append(row(`${i + 1}`, "", each, item, place, [
      button("chevron-up", `Move entry ${i + 1} up`, i === 0, () => changed({ redraw: `${path}[${moveItem(node, i, -1)}]` })),
      button("chevron-down", `Move entry ${i + 1} down`, i === node.items.length - 1, () => changed({ redraw: `${path}[${moveItem(node, i, 1)}]` })),
      button("trash", `Remove entry ${i + 1}`, false, () => {
        node.items.splice(i, 1);
        changed({ redraw: path });
      }),
    ]));
    block.append(line);
  });
  const add = make("button", { type: "button", className: "button small" });
  add.append(icon("plus"), "Add an entry");
  add.addEventListener("click", () => {
    node.items.push(newItem(node, shape));
    changed({ redraw: `${path}[${node.items.length - 1}]` });
  });
  const end = make("li", { className: "tree-add" });
  end.append(add);
  block.append(end);
  return block;
}

function row(label, name, node, shape, place, actions = []) {
  const line = make("div", { className: "tree-row" });
  line.dataset.path = place.path;
  const nested = node?.type === "object" || node?.type === "array";
  const words = make("span", { className: "tree-label", textContent: label, title: name });
  const control = nested ? make("span", { className: "grow" }) : scalar(node, shape, place, label);
  line.append(words, control, kinds(node, shape, place, label), ...actions);
  if (!nested) return line;
  const whole = make("div", { className: "tree-nested" });
  whole.append(line, value(node, shape, place));
  return whole;
}

function scalar(node, shape, place, label) {
  if (!node || node.type === "null") return make("span", { className: "tree-none is-null", textContent: node ? "null" : NOT_SET });
  if (node.type === "boolean") return select([["true", "Yes"], ["false", "No"]], String(node.value), label, (chosen) => edit(place, () => (node.value = chosen === "true")));
  if (shape?.choices.length) return choice(node, shape, place, label);
  const long = node.type === "string" && node.value.includes("\n");
  const box = make(long ? "textarea" : "input", { className: long ? "textarea" : "input", value: node.text ?? node.value });
  if (node.type === "number") box.inputMode = "decimal";
  box.setAttribute("aria-label", label);
  box.addEventListener("input", () => {
    const fits = writeText(node, box.value);
    box.toggleAttribute("aria-invalid", false);
    if (!fits) box.setAttribute("aria-invalid", "true");
    place.changed({ invalid: fits ? "" : `“${box.value}” is not a number; ${label} stays ${node.text}.` });
  });
  return box;
}

function choice(node, shape, place, label) {
  const held = node.text ?? node.value;
  const options = shape.choices.some(([each]) => each === held) ? shape.choices : [[held, `${held} (not in the list)`], ...shape.choices];
  return select(options, held, label, (chosen) => edit(place, () => writeText(node, chosen)));
}

function edit(place, act) {
  act();
  place.changed({});
}

function kinds(node, shape, place, label) {
  const types = typesFor(shape, node);
  const options = types.map((type) => [type, TYPES[type]]);
  if (place.removable) options.push([NOT_SET, NOT_SET]);
  const picked = select(options, node?.type ?? NOT_SET, `${label}: type`, (type) => {
    place.set(type === NOT_SET ? undefined : convert(node, type, shape));
    place.changed({ redraw: place.path });
  });
  picked.classList.add("tree-kind");
  return picked;
}

function adder(node, path, changed) {
  const line = make("div", { className: "tree-row tree-add" });
  const name = make("input", { className: "input", placeholder: "name" });
  name.setAttribute("aria-label", "Name of a new member");
  const add = make("button", { type: "button", className: "button small" });
  add.append(icon("plus"), "Add a member");
  const go = () => {
    if (!name.value || node.members.some(([held]) => held === name.value)) return name.focus();
    setMember(node, name.value, { type: "string", value: "" });
    changed({ redraw: `${path}.${name.value}` });
  };
  add.addEventListener("click", go);
  name.addEventListener("keydown", (event) => event.key === "Enter" && go());
  line.append(name, add);
  return line;
}

function select(options, chosen, label, pick) {
  const element = make("select", { className: "select" });
  element.setAttribute("aria-label", label);
  for (const [value_, text] of options) element.append(make("option", { value: value_, textContent: text, selected: value_ === chosen }));
  element.addEventListener("change", () => pick(element.value));
  return element;
}

function button(name, label, disabled, act) {
  const element = make("button", { type: "button", className: "button quiet icon-only", title: label, disabled });
  element.setAttribute("aria-label", label);
  element.append(icon(name));
  element.addEventListener("click", act);
  return element;
}

function icon(name) {
  const found = [...icons.children].find((each) => each.querySelector("use").getAttribute("href").endsWith(`#${name}`));
  return found.cloneNode(true);
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
