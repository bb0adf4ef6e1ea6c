// The dialog over a nested value: members and JSON in step with each other and with the form, so that closing loses nothing.
import { parse, print } from "../exactjson.js";
import * as fields from "../fields.js";
import { jsonTrouble } from "../states.js";
import { openDialog } from "../../shell/dialogs.js";
import { blank, mainType } from "./model.js";
import { draw } from "./tree.js";

const dialog = document.getElementById("nested");
const tree = document.getElementById("nested-tree");
const text = document.getElementById("nested-text");
const trouble = document.getElementById("nested-error");
const at = { field: null, shape: null, before: null, node: null };

function open(field) {
  const shape = JSON.parse(field.dataset.shape);
  Object.assign(at, { field, shape, before: fields.state(field) });
  dialog.querySelector("#nested-title").textContent = field.dataset.label;
  fromText(fields.controlOf(field).value);
  document.getElementById("nested-tab-tree").click();
  openDialog(dialog);
}

function fromText(source) {
  text.value = source;
  const wrong = jsonTrouble(source);
  at.node = wrong ? null : source.trim() ? parse(source) : { type: "null" };
  say(wrong);
  redraw("");
}

function redraw(path) {
  if (!at.node) return tree.replaceChildren(words("This is not JSON yet. Mend it under “JSON”; then its members show here."));
  tree.replaceChildren(at.node.type === "null" ? starter() : draw(at.node, at.shape, changed));
  if (!path) return;
  const row = tree.querySelector(`[data-path="${CSS.escape(path)}"]`);
  (row ?? tree).querySelector("input, textarea, select, button")?.focus();
}

// Null has no members: the first click makes an empty value of the field's own kind.
function starter() {
  const box = words("This is null.");
  const type = mainType(at.shape) === "array" ? "array" : "object";
  const add = document.createElement("button");
  add.type = "button";
  add.className = "button small";
  add.textContent = type === "array" ? "Start a list" : "Set members";
  add.addEventListener("click", () => {
    at.node = blank(type);
    changed({ redraw: "$" });
  });
  box.append(" ", add);
  return box;
}

function words(said) {
  const element = document.createElement("p");
  element.className = "muted";
  element.textContent = said;
  return element;
}

function changed({ redraw: path = "", invalid = "" }) {
  if (path) redraw(path);
  say(invalid);
  text.value = print(at.node);
  toForm({ text: text.value, null: false });
}

function toForm(state) {
  fields.write(at.field, state);
  fields.controlOf(at.field).dispatchEvent(new Event("input", { bubbles: true }));
}

function say(wrong) {
  trouble.querySelector("span").textContent = wrong;
  trouble.hidden = !wrong;
}

fields.form.addEventListener("click", (event) => {
  if (event.target.closest("[data-nested-open]")) open(fields.fieldOf(event.target));
});

text?.addEventListener("input", () => {
  const source = text.value;
  fromText(source);
  toForm({ text: source, null: false });
});

dialog?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-nested-undo]")) return;
  toForm(at.before);
  fromText(fields.controlOf(at.field).value);
});

dialog?.addEventListener("close", () => fields.controlOf(at.field).focus());
