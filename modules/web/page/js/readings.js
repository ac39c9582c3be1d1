import { byId, element, setText } from "./dom.js";
import { timeOfDay } from "./format.js";
import { loadPlots, Plot } from "./plot.js";
import { describeKey, flatten, groupKeys } from "./units.js";

const drawEvery = 200; // ms
const unplotted = new Set(["uptime_s"]); // a straight line tells nothing

/** What one stream of records has said last, and the last minute of its numbers. */
class StreamReadings {
  #rows = new Map(); // by key: {value, write}
  #groups = [];
  #shape = "";

  constructor(name) {
    this.when = element("span");
    this.section = element("section", { className: "reading-stream", dataset: { stream: name } },
      element("h3", {}, name, this.when));
  }

  receive(value, time) {
    const values = flatten(value);
    const shape = [...values].map(([key, each]) => `${key}:${typeof each}`).join("|");
    if (shape !== this.#shape) this.#build(values, shape);
    for (const [key, each] of values) this.#rows.get(key)?.show(each);
    for (const group of this.#groups) group.plot?.add(time / 1000, group.keys.map((key) => values.get(key)));
    setText(this.when, timeOfDay(time));
    this.section.dataset.time = time;
  }

  draw(library, now) {
    for (const group of this.#groups) {
      if (!group.plot) continue;
      if (library) {
        group.box.dataset.plot = "";
        group.plot.draw(library, now / 1000);
      }
    }
  }

  repaint() {
    for (const group of this.#groups) group.plot?.repaint();
  }

  /** Keys come and go, as a fix of a satellite receiver does; what stays keeps its plot. */
  #build(values, shape) {
    this.#shape = shape;
    const before = new Map(this.#groups.map((group) => [group.id, group]));
    const numbers = [...values.keys()].filter((key) => typeof values.get(key) === "number");
    const groups = [...groupKeys(numbers), ...[...values.keys()].filter((key) => !numbers.includes(key)).map((key) => [key])];
    this.#rows.clear();
    this.#groups = groups.map((keys) => {
      const id = keys.join("|");
      const group = before.get(id) ?? makeGroup(id, keys, typeof values.get(keys[0]) === "number");
      for (const row of group.rows) this.#rows.set(row.key, row);
      return group;
    });
    this.section.replaceChildren(this.section.firstElementChild, ...this.#groups.map((group) => group.box));
  }
}

function makeGroup(id, keys, isNumber) {
  const rows = keys.map((key, index) => makeRow(key, isNumber, index));
  const box = element("div", { className: "reading" }, element("dl", {}, ...rows.map((row) => row.line)));
  const group = { id, keys, rows, box, plot: null };
  if (isNumber && !keys.some((key) => unplotted.has(key))) {
    const host = element("div", { className: "plot" });
    box.append(host);
    group.plot = new Plot(host, keys.length, describeKey(keys[0]));
  }
  return group;
}

function makeRow(key, isNumber, index) {
  const { label, write } = describeKey(key);
  const shown = element("dd", { dataset: { key } });
  return {
    key,
    line: element("div", { className: `series-${index + 1}` }, element("dt", { title: key }, isNumber ? label : key), shown),
    show: (value) => setText(shown, typeof value === "number" ? write(value) : plain(value)),
  };
}

const plain = (value) => (value === null ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value).slice(0, 200));

/** The readings of all record streams. */
export class Readings {
  #streams = new Map();
  #library = undefined; // not asked for yet

  constructor(connection) {
    this.connection = connection;
    this.panel = byId("readings");
    this.list = this.panel.querySelector(".readings-list");
    this.panel.toggleAttribute("data-empty", true);
    connection.listen("hello", (hello) => this.#take(hello.streams.filter((each) => each.kind === "record")));
    connection.listen("record", (message) => this.#receive(message));
    connection.listen("state", (state) => this.panel.toggleAttribute("data-stale", state === "lost"));
    setInterval(() => this.#draw(), drawEvery);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#streams.forEach((each) => each.repaint());
    });
  }

  #take(streams) {
    const names = new Set(streams.map((each) => each.name));
    for (const [name, each] of this.#streams) {
      if (names.has(name)) continue;
      each.section.remove();
      this.#streams.delete(name);
    }
    for (const name of names) this.#streamOf(name);
    this.panel.toggleAttribute("data-empty", names.size === 0);
  }

  #streamOf(name) {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = new StreamReadings(name);
      this.#streams.set(name, stream);
      this.list.append(stream.section);
      this.#fetchPlots();
    }
    return stream;
  }

  async #fetchPlots() {
    if (this.#library !== undefined) return;
    this.#library = null;
    this.#library = await loadPlots();
    this.panel.dataset.plots = this.#library ? "yes" : "no";
    setText(byId("readings-note"), this.#library ? "last 60 s" : "last values");
  }

  #receive({ stream, value, time }) {
    this.panel.toggleAttribute("data-empty", false);
    this.#streamOf(stream).receive(value, time);
  }

  #draw() {
    const now = this.connection.clock.now();
    if (document.visibilityState === "hidden" || this.connection.state !== "live" || !Number.isFinite(now)) return;
    this.#streams.forEach((each) => each.draw(this.#library, now));
  }
}
