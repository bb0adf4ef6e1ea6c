// The list of a resource. One behaviour per module, listeners delegated to the document.
import "./dress.js";
import "./turning.js";
import "./selection.js";
import "./sorting.js";
import "./filter.js";
import "./cell-menu.js";
import "./columns.js";
import "./paste.js";
import "./hints.js";
import "./walk.js";
