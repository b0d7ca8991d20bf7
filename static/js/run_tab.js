// When the run's state changes, brings the tabs with their counts up to date, which logs there are, and the tab that is
// shown where it does not live on its own (the log and the charts do).
const PAUSE = 400;
let timer = 0;

function swap(fresh, selector) {
  const [present, next] = [document.querySelector(selector), fresh.querySelector(selector)];
  if (present && next) present.replaceWith(document.importNode(next, true));
}

async function refresh() {
  const reply = await fetch(location.href);
  if (!reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  swap(fresh, ".tabs");
  swap(fresh, ".log-streams");
  swap(fresh, "#run-tab[data-refresh]");
  document.dispatchEvent(new CustomEvent("pagechange"));
}

let isFirst = true;

// The first state after the page came is the one that the page shows, unless it changed before the socket was open.
export function refreshSoon(isChanged) {
  const isShown = isFirst && !isChanged;
  isFirst = false;
  if (isShown) return;
  window.clearTimeout(timer);
  timer = window.setTimeout(refresh, PAUSE);
}
