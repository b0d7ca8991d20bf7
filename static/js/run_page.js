// The page of one run: one socket brings its state, its log and its metrics.
import { LogViewer } from "./log_viewer.js";
import { LiveMetrics } from "./metrics.js";
import { RunSocket } from "./socket.js";
import { SystemLogTail } from "./system_log.js";
import { refreshSoon } from "./run_tab.js";

const EVERY = 10_000;
const page = document.getElementById("run-page");
const status = () => document.getElementById("run-status");
const isOver = () => "finished" in status().dataset;

// The last contact with the target changes without an event, so the head is looked at again from time to time.
async function lookAgain() {
  if (document.hidden) return;
  try {
    const reply = await fetch(page.dataset.status);
    if (reply.ok && !isOver()) showStatus(await reply.text(), false);
  } catch {
    // The socket says that the server is away; the next look tries again.
  }
}

function showStatus(html, isNews = true) {
  const parsed = new DOMParser().parseFromString(html, "text/html").getElementById("run-status");
  if (!parsed) return;
  const isChanged = parsed.dataset.state !== status().dataset.state;
  const hadFocus = status().contains(document.activeElement);
  status().replaceWith(document.importNode(parsed, true));
  document.dispatchEvent(new CustomEvent("pagechange"));
  if (hadFocus) page.focus();
  for (const action of document.querySelectorAll(".cancel-action")) action.hidden = !("cancelable" in parsed.dataset);
  for (const action of document.querySelectorAll(".archive-action")) action.hidden = !isOver();
  document.title = document.title.replace(/^(Run \d+) \w+/, `$1 ${parsed.dataset.state}`);
  if (isNews || isChanged) refreshSoon(isChanged);
}

async function start() {
  const logRoot = document.querySelector("[data-log]");
  const viewer = logRoot && new LogViewer(logRoot);
  const metricsRoot = document.querySelector("[data-metrics]");
  const metrics = metricsRoot && new LiveMetrics(metricsRoot);
  if (viewer) await viewer.load();
  if (viewer && viewer.root.dataset.stream !== "log") new SystemLogTail(viewer).start(isOver);
  const showsLog = viewer && viewer.root.dataset.stream === "log" && viewer.isAtEnd;
  if (isOver()) {
    if (viewer) viewer.say("ended");
    return;
  }
  const from = showsLog ? viewer.end : Number(page.dataset.logBytes);
  const places = { from, after_metric: Number(page.dataset.afterMetric), log: Boolean(showsLog) };
  const socket = new RunSocket(page.dataset.socket, places, {
    onState: (state) => viewer && viewer.say(state),
    onMessage: (message) => {
      if (message.type === "status") showStatus(message.html);
      else if (message.type === "metric" && metrics) metrics.add(message);
      else if (message.type === "log" && showsLog) viewer.add(message.data);
      else if (message.type === "reset" && showsLog) viewer.reset();
    },
  });
  socket.open();
  if (page.dataset.status) {
    const timer = window.setInterval(() => (isOver() ? window.clearInterval(timer) : lookAgain()), EVERY);
  }
}

start();
