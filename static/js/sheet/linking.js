// Sharing by link: who may open this worksheet, its address, and who is in it now.
import { post } from "./api.js";
import { $, make } from "./make.js";

export function bindLinking({ grid, boot, model }) {
  const [form, problem, said] = ["link-form", "link-problem", "link-said"].map($);
  if (!form) return;
  let kept = boot.sharing;
  $("link-copy").dataset.copy = $("link-url").value = location.origin + location.pathname;

  form.parentElement.addEventListener("beforetoggle", () => {
    const at = ({ row, field }) => (row >= 0 && field ? ` at ${model.title(row) || model.id(row)}, ${model.spec(field)?.label ?? field}` : "");
    $("link-people").replaceChildren(...["You", ...grid.others.map((each) => each.name + at(each))].map((words) => make("li", {}, words)));
  });
  form.onsubmit = (event) => event.preventDefault();
  form.onchange = async ({ target }) => {
    problem.hidden = true;
    try {
      await post(form.action, { sharing: target.value });
      kept = target.value;
      said.textContent = "Kept.";
    } catch (error) {
      form.elements.sharing.value = kept;
      problem.textContent = `Nothing changed. ${error.message}`;
      problem.hidden = false;
    }
  };
}
