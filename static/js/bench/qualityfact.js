// Counts the rules of a worksheet once it is open, for the words in its header; an address with ?rule= opens the panel.
import { post } from "../sheet/api.js";
import { qualityFact } from "./qualitywords.js";

export async function countRules({ boot, sync, panels }) {
  const rule = Number(new URLSearchParams(location.search).get("rule"));
  if (rule) return panels.open("quality", "", { rule });
  await sync.idle();
  qualityFact(await post(boot.urls.quality, { do: "count" }));
}
