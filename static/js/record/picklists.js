// Dependent picklists offer what belongs to the other field's value; what is held stays, and the server says if it does not fit.
import * as fields from "./fields.js";

function offer(field) {
  const other = fields.named(field.dataset.depends);
  if (!other) return;
  const under = fields.state(other).text;
  const held = fields.base(field).text;
  for (const option of fields.controlOf(field).options) {
    const fits = option.dataset.parent === undefined || option.dataset.parent === under || option.value === held;
    option.hidden = option.disabled = !fits && !option.selected;
  }
}

function offerAll() {
  for (const field of fields.form.querySelectorAll("[data-depends]")) offer(field);
}

for (const kind of ["record:changed", "record:adopted"]) fields.form.addEventListener(kind, offerAll);
export { offerAll as start };
