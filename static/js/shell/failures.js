// When a background request gets no answer, say so and claim nothing.
import { toast } from "./toasts.js";

const NO_ANSWER = "No answer from this site. Whether the last action was carried out is not known: reload before you repeat it.";

document.addEventListener("htmx:sendError", () => toast(NO_ANSWER, "error"));
document.addEventListener("htmx:timeout", () => toast(NO_ANSWER, "error"));
