// The page of an export.
import { ExportForm } from "./exportform.js";

for (const form of document.querySelectorAll("[data-export-form]")) new ExportForm(form);
