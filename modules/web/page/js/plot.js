import { element } from "./dom.js";

/// Plots by uPlot, where the build had it: a script of its own that is fetched when the first reading comes.

const seconds = 60; // shown
const most = 1200; // points kept: 20 a second for a minute

let library = null;

/** uPlot, or null where the page was built without it. */
export function loadPlots() {
  library ??= new Promise((resolve) => {
    document.head.append(element("link", { rel: "stylesheet", href: "/plots/uplot.css" }));
    document.head.append(element("script", {
      src: "/plots/uplot.js",
      onload: () => resolve(globalThis.uPlot ?? null),
      onerror: () => resolve(null),
    }));
  });
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The last minute of up to four values of one unit. */
export class Plot {
  #columns;
  #chart = null;

  /** `unit` and `write` as units.js describes a key. */
  constructor(host, series, { unit, write }) {
    this.host = host;
    this.unit = unit;
    this.series = series;
    this.write = write;
    this.#columns = Array.from({ length: series + 1 }, () => []);
  }

  /** `time` in seconds; a value that is none leaves a gap. */
  add(time, values) {
    const [times] = this.#columns;
    if (times.length && time <= times[times.length - 1]) return;
    times.push(time);
    values.forEach((value, index) => this.#columns[index + 1].push(Number.isFinite(value) ? value : null));
    let old = Math.max(0, times.length - most);
    while (old < times.length && times[old] < time - seconds - 1) ++old;
    if (old) this.#columns.forEach((column) => column.splice(0, old));
  }

  /** Draws what there is; `now` is the right edge, seconds of the same clock. */
  draw(Library, now) {
    const width = this.host.clientWidth;
    if (!width) return; // in a view that is not shown
    this.#chart ??= new Library(this.#options(width), this.#columns, this.host);
    if (this.#chart.width !== width) this.#chart.setSize({ width, height: this.host.clientHeight });
    this.#chart.batch(() => {
      this.#chart.setData(this.#columns, false);
      this.#chart.setScale("x", { min: now - seconds, max: now });
    });
    this.host.dataset.points = this.#columns[0].length;
  }

  /** Other colours: made anew at the next drawing. */
  repaint() {
    this.#chart?.destroy();
    this.#chart = null;
  }

  #options(width) {
    const line = colour("--line");
    const text = colour("--muted");
    const font = "10px system-ui, sans-serif";
    return {
      width,
      height: this.host.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 2, 4, 0],
      scales: { x: { time: false }, y: { range: (_, low, high) => (this.unit === "percent" && low >= 0 && high <= 100 ? [0, 100] : roomy(low, high)) } },
      axes: [
        { show: true, size: 0, grid: { stroke: line, width: 1 }, ticks: { show: false }, values: () => [],
          splits: (_, __, low, high) => every(15, low, high) },
        { size: 58, gap: 4, font, stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false },
          splits: (_, __, low, high) => threeSteps(low, high), values: (_, all) => all.map((value) => this.write(value)) },
      ],
      series: [{}, ...Array.from({ length: this.series }, (_, index) => ({
        stroke: colour(`--series-${index + 1}`), width: 1.5, points: { show: false }, spanGaps: false,
      }))],
    };
  }
}

/** Room above and below, from zero where that is near; a constant value lies in the middle. */
export function roomy(low, high) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low || Math.abs(high) || 1;
  const bottom = low >= 0 && low < span ? 0 : low - span * 0.15;
  return [bottom, high + span * 0.15];
}

export function every(step, low, high) {
  const all = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) all.push(at);
  return all;
}

/** Two or three round values from `low` to `high`. */
export function threeSteps(low, high) {
  const rough = (high - low) / 2 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((factor) => factor * power).find((each) => each <= rough) ?? power;
  const all = every(step, low, high);
  return all.length > 3 ? all.filter((_, index) => index % 2 === 0) : all;
}
