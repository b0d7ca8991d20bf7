// What every page does: the theme button, menus that close, times that stay true, news, what is chosen in view.
import { startCopying } from "./copying.js";
import { startMenus } from "./menus.js";
import { startNews } from "./news.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

// Tabs and long lists scroll in themselves: the chosen one must be seen.
function showChosen() {
  for (const chosen of document.querySelectorAll(".tabs [aria-current], .tree [aria-current]")) {
    const box = chosen.closest(".tabs, .tree");
    const [outer, inner] = [box.getBoundingClientRect(), chosen.getBoundingClientRect()];
    if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
    if (inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 2;
  }
}

startTheme();
startMenus();
startNews();
startTimes();
startCopying();
showChosen();
