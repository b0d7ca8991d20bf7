// What every page does: the theme button, menus that close, dialogs that ask, times that stay true.
import { startMenus } from "./menus.js";
import { startDialogs } from "./dialogs.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

startTheme();
startMenus();
startDialogs();
startTimes();
