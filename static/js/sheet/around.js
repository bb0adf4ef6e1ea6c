// Everything around the grid: it comes when the grid is up, and what is seldom needed when nothing else is to be done.
import { getJson } from "./api.js";
import { Card } from "./card.js";
import { bindClashes } from "./clashes.js";
import { bindColumnMenu } from "./columnmenu.js";
import { bindColumnsBox } from "./columnsbox.js";
import { bindExporting } from "./exporting.js";
import { bindFilling } from "./filling.js";
import { bindFinder } from "./finder.js";
import { Heading } from "./heading.js";
import { bindHistory } from "./history.js";
import { Layout, bindLayouts } from "./layouts.js";
import { bindLinking } from "./linking.js";
import { Panels } from "./panels.js";
import { bindPeople } from "./people.js";
import { bindPlanning } from "./planning.js";
import { bindRefresh } from "./refresh.js";
import { bindShare } from "./share.js";
import { bindStatus } from "./status.js";
import { bindToolbar } from "./toolbar.js";

// Returns what tells the status bar that something is saved.
export function bindAround(given) {
  const { grid, boot, hands, want } = given;
  const parts = { ...given, layout: new Layout({ grid, boot, want }), heading: new Heading(grid) };
  parts.panels = new Panels(parts);
  hands.fill = bindFilling(hands);
  new Card(grid, ({ row, field }) => getJson(`${boot.urls.last}?${new URLSearchParams({ row, field })}`));
  bindToolbar({ ...parts, openMenu: bindColumnMenu({ ...parts, share: bindShare(parts) }) });
  for (const bind of [bindPeople, bindColumnsBox, bindLayouts, bindFinder, bindHistory, bindRefresh, bindClashes, bindLinking, bindExporting]) bind(parts);
  bindPlanning({ ...parts, editor: hands.editor });
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  idle(() => Promise.all([import("./box.js"), import("./sharepanel.js")]).catch(() => {})); // asked for again at the first use
  if (boot.rules) idle(() => import("../bench/qualityfact.js").then(({ countRules }) => countRules(parts)).catch(() => {})); // said again when their panel is opened
  return bindStatus(parts);
}
