// Live metrics: the table's numbers, and one chart a metric. New points are gathered and painted once a frame.
import { MetricChart } from "./metric_chart.js";

const number = (value) => (value === null ? "–" : String(Number(value.toPrecision(6))));

export class LiveMetrics {
  constructor(root) {
    this.root = root;
    this.rows = new Map([...root.querySelectorAll("tr[data-metric]")].map((row) => [row.dataset.metric, row]));
    this.charts = new Map();
    this.changed = new Set();
    for (const figure of root.querySelectorAll("[data-chart]")) this.addChart(figure);
  }

  addChart(figure) {
    const chart = new MetricChart(figure, this.root.dataset.series);
    this.charts.set(figure.dataset.chart, chart);
    return chart;
  }

  add({ name, step, value, text }) {
    this.showInTable(name, step, value, text);
    if (value === null) return;
    const chart = this.charts.get(name) ?? this.newChart(name);
    if (!chart) return;
    chart.add(step, value);
    this.changed.add(chart);
    this.isAsked ||= requestAnimationFrame(() => {
      this.isAsked = 0;
      for (const each of this.changed) each.paint();
      this.changed.clear();
    });
  }

  // A metric gets its chart with its second number.
  newChart(name) {
    if (Number(this.rows.get(name).querySelector("[data-points]").textContent) < 2 || this.charts.size >= 60) return null;
    const figure = document.createElement("figure");
    figure.className = "card chart";
    figure.dataset.chart = name;
    const caption = document.createElement("figcaption");
    const label = Object.assign(document.createElement("span"), { className: "chart-name", textContent: name, title: name });
    const value = Object.assign(document.createElement("span"), { className: "chart-value" });
    value.dataset.chartValue = "";
    const plot = Object.assign(document.createElement("div"), { className: "chart-plot" });
    plot.dataset.chartPlot = "";
    caption.append(label, value);
    figure.append(caption, plot);
    this.root.querySelector("[data-charts]").append(figure);
    return this.addChart(figure);
  }

  showInTable(name, step, value, text) {
    const row = this.rows.get(name) ?? this.newRow(name, value === null);
    const cell = (part) => row.querySelector(`[data-${part}]`);
    const set = (part, words) => cell(part) && (cell(part).textContent = words);
    set("latest", value === null ? text : number(value));
    set("step", step);
    set("points", Number(cell("points").textContent) + 1);
    if (value === null) return;
    const keep = (part, choose) => {
      const before = Number(cell(part)?.textContent);
      set(part, number(Number.isFinite(before) && cell(part).textContent ? choose(before, value) : value));
    };
    keep("lowest", Math.min);
    keep("highest", Math.max);
  }

  newRow(name, isText) {
    const row = document.createElement("tr");
    row.dataset.metric = name;
    const head = Object.assign(document.createElement("th"), { scope: "row", className: "metric-name", textContent: name });
    row.append(head);
    for (const part of isText ? ["latest", "step", "points"] : ["latest", "lowest", "highest", "step", "points"]) {
      const cell = Object.assign(document.createElement("td"), { className: "number" });
      cell.dataset[part] = "";
      if (isText && part === "latest") Object.assign(cell, { className: "metric-text", colSpan: 3 });
      row.append(cell);
    }
    this.root.querySelector("tbody").append(row);
    this.root.querySelector("[data-metric-table]").hidden = false;
    this.root.querySelector("[data-no-metrics]")?.remove();
    this.rows.set(name, row);
    return row;
  }
}
