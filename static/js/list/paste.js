// Paste ids: a few open as a list with an address, many as a sheet, for which a list is too long.
import { openDialog } from "../shell/dialogs.js";
import { counted, list, spaced } from "./page.js";
import { idsIn } from "./pasted.js";

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-paste-form]");
  if (!form) return;
  const ids = idsIn(form.elements.ids.value);
  const many = ids.length > Number(form.dataset.most);
  const barred = many && !document.querySelector("[data-edit-form]");
  form.querySelector("[data-paste-submit]").disabled = barred;
  form.querySelector("[data-paste-submit]").textContent = many ? `Open ${counted(ids.length)} as a sheet` : `Show ${ids.length ? counted(ids.length) : "these records"}`;
  form.querySelector("[data-paste-count]").textContent = barred
    ? `${spaced(ids.length)} ids. At most ${form.dataset.most} can be shown; more cannot be opened from here.`
    : `${spaced(ids.length)} ${ids.length === 1 ? "id" : "different ids"}. Ids that do not exist there are named.`;
});

// Several ids pasted where one searches: a search box would run them together into one.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  const ids = idsIn(text);
  if (!event.target.matches?.("#find") || ids.length < 2 || !ids.every((id) => /^\d+$/.test(id))) return;
  event.preventDefault();
  const area = document.getElementById("ids");
  openDialog(document.getElementById("paste"));
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-paste-form]")) return;
  const ids = idsIn(form.elements.ids.value);
  const edit = document.querySelector("[data-edit-form]");
  if (ids.length > Number(form.dataset.most) && edit) {
    event.preventDefault();
    Object.assign(edit.elements.ids, { value: ids.join("\n") });
    edit.elements.all.value = edit.elements.where.value = "";
    return edit.submit();
  }
  form.elements.ids.value = ids.join(",");
});
