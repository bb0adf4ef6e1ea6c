// What travels with every request of this page: the signed baseline, and the token that makes a save happen once.
import { form } from "./fields.js";

export const session = { baseline: form.dataset.baseline, token: form.dataset.token, sending: false };

export function replaces() {
  return form.querySelector("[data-how]:checked")?.value === "put";
}
