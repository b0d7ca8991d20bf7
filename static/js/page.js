// What every page does: the theme button, menus that close, times that stay true.
import { startMenus } from "./menus.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

startTheme();
startMenus();
startTimes();
