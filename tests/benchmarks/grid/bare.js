import { rows } from "./data.js";
import "./probe.js";

window.bench = { make: (count, columns) => { window.data = rows(count, columns); }, start: () => 0 };
