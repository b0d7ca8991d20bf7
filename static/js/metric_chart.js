// One chart: the server's drawing until the points are there, then uPlot, loaded when it comes into view.
import uPlot from "../npm/uplot/uPlot.esm.js";

const HEIGHT = 150;
const MOST_POINTS = 4_000;

function colour(name) {
  const probe = document.createElement("span");
  probe.className = `probe-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

export class MetricChart {
  constructor(figure, series) {
    Object.assign(this, { figure, steps: [], values: [], early: [] });
    this.plot = figure.querySelector("[data-chart-plot]");
    this.url = `${series}?name=${encodeURIComponent(figure.dataset.chart)}`;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      this.load();
    }, { rootMargin: "200px" });
    seen.observe(figure);
    new ResizeObserver(() => this.chart?.setSize({ width: this.plot.clientWidth, height: HEIGHT })).observe(this.plot);
    document.addEventListener("themechange", () => this.draw());
  }

  async load() {
    const reply = await fetch(this.url);
    if (!reply.ok) return;
    const { points } = await reply.json();
    const known = new Set(points.map(([step, value]) => `${step} ${value}`));
    const fresh = this.early.filter(([step, value]) => !known.has(`${step} ${value}`));
    for (const [step, value] of [...points, ...fresh].sort((one, other) => one[0] - other[0])) {
      this.steps.push(step);
      this.values.push(value);
    }
    this.early = null;
    this.draw();
  }

  add(step, value) {
    this.figure.querySelector("[data-chart-value]").textContent = String(Number(value.toPrecision(6)));
    if (this.early) {
      this.early.push([step, value]);
      return;
    }
    let at = this.steps.length;
    while (at > 0 && this.steps[at - 1] > step) at -= 1;
    this.steps.splice(at, 0, step);
    this.values.splice(at, 0, value);
    if (this.steps.length > MOST_POINTS) this.halve();
  }

  // Keeps every second point once there are too many to draw.
  halve() {
    const isKept = (_, index) => index % 2 === 0 || index === this.steps.length - 1;
    [this.steps, this.values] = [this.steps.filter(isKept), this.values.filter(isKept)];
  }

  paint() {
    if (this.chart) this.chart.setData([this.steps, this.values]);
  }

  draw() {
    if (this.early) return;
    this.chart?.destroy();
    this.plot.replaceChildren();
    const [line, quiet, grid] = ["accent", "quiet", "line"].map(colour);
    const axis = { stroke: quiet, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    this.chart = new uPlot({
      width: this.plot.clientWidth,
      height: HEIGHT,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false },
      scales: { x: { time: false } },
      axes: [{ ...axis, size: 24 }, { ...axis, size: 48 }],
      series: [{}, { stroke: line, width: 1.75, points: { show: this.steps.length < 40, size: 5, fill: line } }],
      hooks: { setCursor: [(chart) => this.say(chart.cursor.idx)] },
    }, [this.steps, this.values], this.plot);
  }

  // Shows the value under the pointer in the caption, and the newest one otherwise.
  say(index) {
    const at = index ?? this.steps.length - 1;
    const words = String(Number(this.values[at].toPrecision(6)));
    this.figure.querySelector("[data-chart-value]").textContent = index === null || index === undefined ? words : `step ${this.steps[at]}: ${words}`;
  }
}
