// The shell: everything every page can do. One behaviour per module, listeners delegated to the document.
import "./shell/preferences.js";
import "./shell/menus.js";
import "./shell/dialogs.js";
import "./shell/keys.js";
import "./shell/palette.js";
import "./shell/tabs.js";
import "./shell/copy.js";
import "./shell/failures.js";
import "./shell/notice.js";
