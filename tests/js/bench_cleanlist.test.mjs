import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "../../static/js/bench/cleanlist.js";

const ALL = [
  { name: "trim", label: "Trim spaces", group: "Text", help: "Takes spaces off the ends." },
  { name: "title", label: "Title Case", group: "Case", help: "A capital for each word." },
  { name: "phone", label: "Phone number", group: "Contacts", help: "Writes numbers in one way; E.164 in any case." },
];
const names = (groups) => groups.map(([heading, members]) => [heading, members.map(({ name }) => name)]);

test("without words all are listed by group, and those used last stand before them", () => {
  assert.deepEqual(names(found(ALL, "", ["title", "gone"])), [["Used last", ["title"]], ["Text", ["trim"]], ["Case", ["title"]], ["Contacts", ["phone"]]]);
});

test("every word counts, wherever it stands, and a label comes before what is said of it", () => {
  assert.deepEqual(names(found(ALL, "case", ["trim"])), [["Case", ["title"]], ["Contacts", ["phone"]]]);
  assert.deepEqual(names(found(ALL, "CASE e.164", [])), [["Contacts", ["phone"]]]);
  assert.deepEqual(found(ALL, "nothing", []), []);
});
