// The comparison's curves: one chart a metric, one line a run, each run in the same colour and dash everywhere.
import uPlot from "../npm/uplot/uPlot.esm.js";

const HEIGHT = 220;
const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

// The theme decides what a class looks like, so the canvas asks the page.
function colour(name) {
  const probe = document.createElement("span");
  probe.className = name;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

async function pointsOf(address, name) {
  const reply = await fetch(`${address}?name=${encodeURIComponent(name)}`);
  if (!reply.ok) return [[], []];
  const { points } = await reply.json();
  return [points.map(([step]) => step), points.map(([, value]) => value)];
}

class ComparedChart {
  constructor(figure, runs) {
    const has = figure.dataset.has.split(" ");
    Object.assign(this, { figure, runs: runs.filter((run) => has.includes(run.number)), plot: figure.querySelector("[data-plot]") });
    new ResizeObserver(() => this.chart?.setSize({ width: this.plot.clientWidth, height: HEIGHT })).observe(this.plot);
    document.addEventListener("themechange", () => this.draw());
  }

  async load() {
    const tables = await Promise.all(this.runs.map((run) => pointsOf(run.series, this.figure.dataset.curve)));
    this.data = uPlot.join(tables);
    this.draw();
  }

  draw() {
    if (!this.data) return;
    this.chart?.destroy();
    this.plot.replaceChildren();
    const axis = { stroke: colour("text-secondary"), grid: { stroke: colour("curve-grid"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const lines = this.runs.map(({ number, place }) => ({
      label: `Run ${number}`, stroke: colour(`curve-${place}`), width: 1.75, dash: DASHES[place % DASHES.length], spanGaps: true,
    }));
    this.chart = new uPlot({
      width: this.plot.clientWidth,
      height: HEIGHT,
      legend: { live: true },
      scales: { x: { time: false } },
      axes: [{ ...axis, size: 24 }, { ...axis, size: 48 }],
      series: [{ label: "step" }, ...lines],
    }, this.data, this.plot);
  }
}

const root = document.querySelector("[data-curves]");
if (root) {
  const runs = [...root.querySelectorAll("[data-run]")].map((run, place) => ({ number: run.dataset.run, series: run.dataset.series, place }));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((each) => each.isIntersecting)) {
      seen.unobserve(entry.target);
      new ComparedChart(entry.target, runs).load();
    }
  }, { rootMargin: "200px" });
  for (const figure of root.querySelectorAll("[data-curve]")) seen.observe(figure);
}
