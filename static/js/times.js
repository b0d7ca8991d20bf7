// Keeps relative times and growing durations true, and shows exact moments in the reader's own zone.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function durationInWords(seconds) {
  if (seconds < 9.95) return `${Math.max(seconds, 0).toFixed(1)} s`;
  const whole = Math.round(seconds);
  const pair = (size, large, factor, small) => {
    const rest = Math.floor((whole % size) / factor);
    return `${Math.floor(whole / size)} ${large}${rest ? ` ${rest} ${small}` : ""}`;
  };
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(60, "min", 1, "s");
  if (whole < 86400) return pair(3600, "h", 60, "min");
  return pair(86400, "d", 3600, "h");
}

export function momentInWords(moment, now) {
  const seconds = (now - moment) / 1000;
  const distance = Math.abs(seconds);
  if (distance >= 30 * 86400) return date.format(moment);
  if (distance < 10) return "just now";
  const [step, unit] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].find(([size]) => distance >= size);
  return seconds > 0 ? `${Math.floor(distance / step)} ${unit} ago` : `in ${Math.round(distance / step)} ${unit}`;
}

function refresh() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime);
    const words = momentInWords(moment, now);
    if (element.textContent !== words) element.textContent = words;
    const title = exact.format(moment);
    if (element.title !== title) element.title = title;
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = (now - new Date(element.dataset.since)) / 1000;
    const words = durationInWords(seconds < 10 ? seconds : Math.floor(seconds));
    if (element.textContent !== words) element.textContent = words;
  }
}

export function startTimes() {
  refresh();
  window.setInterval(refresh, 1000);
  document.addEventListener("htmx:afterSwap", refresh);
  document.addEventListener("pagechange", refresh);
}
