// The record page: a form whose every change is told as the request it becomes.
import "./saving.js";
import "./clashes.js";
import "./combobox.js";
import "./moments.js";
import "./nested/editor.js";
import "./finding.js";
import * as fields from "./fields.js";
import { restore } from "./leaving.js";
import * as notices from "./notices.js";
import * as picklists from "./picklists.js";
import "./rereading.js";

fields.start();
picklists.start();
const { restored, moved } = restore();
if (restored.length) {
  const facts = [["Fields", restored.join(", ")]];
  if (moved.length) facts.push(["Changed since", `${moved.join(", ")}: stored differently now than when you typed; compare before you send.`]);
  notices.say(moved.length ? "conflict" : "info", "What you typed before you left is back", facts);
}
