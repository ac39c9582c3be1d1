import { byId, element, setText } from "./dom.js";
import { nanoseconds, perSecond, scaled } from "./format.js";
import { health, keyedViewers, linkKey } from "./graph_rates.js";

const logEvery = 2000; // ms

/** What is known of one instance or one edge, beside the graph. */
export class Details {
  #chosen = null;
  #log = [];
  #before = null;
  #timer = 0;

  constructor(connection, onClose) {
    this.connection = connection;
    this.host = byId("details");
    this.onClose = onClose;
    connection.listen("log", (message) => {
      if (this.#chosen?.id === message.instance) this.#showLog(message.lines);
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.host.hidden) this.onClose();
    });
  }

  /** `{kind: "node" | "edge", id}` as the graph says it, or null. */
  choose(chosen) {
    this.#chosen = chosen;
    this.#log = [];
    this.#before = null;
    this.host.hidden = !chosen;
    clearInterval(this.#timer);
    if (chosen?.kind === "node") {
      this.#askLog();
      this.#timer = setInterval(() => this.#askLog(), logEvery);
    }
  }

  #askLog() {
    if (document.visibilityState === "visible") this.connection.send({ type: "log", instance: this.#chosen.id });
  }

  #showLog(lines) {
    this.#log = lines;
    const place = this.host.querySelector(".log");
    if (!place) return;
    const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 30;
    setText(place, lines.length ? lines.join("\n") : "It has said nothing yet.");
    if (atEnd) place.scrollTop = place.scrollHeight;
  }

  /** With each new graph. What is selected or read stays: texts change in place where the rows are the same. */
  update(graph, described) {
    if (!this.#chosen) return;
    const made = this.#chosen.kind === "node" ? this.#node(graph, described) : this.#edge(graph, described);
    if (!made) return this.onClose();
    const old = this.host.firstElementChild;
    if (old && sameShape(old, made)) copyTexts(old, made);
    else this.host.replaceChildren(made);
    this.#showLog(this.#log);
  }

  #head(name, type) {
    return element("div", { className: "details-head" }, element("h3", {}, name), element("span", { className: "muted" }, type),
      element("button", { type: "button", className: "quiet", onclick: () => this.onClose() }, "Close"));
  }

  #node(graph, { flows, busy }) {
    const instance = graph.instances.find((each) => each.name === this.#chosen.id);
    if (!instance) return this.#viewer(graph, flows);
    const time = graph.time;
    const metrics = Object.entries(instance.metrics);
    const rates = this.#rates(metrics, time);
    return element("div", { className: "details-all", dataset: { of: instance.name } },
      this.#head(instance.name, instance.type),
      ...(instance.condition ? [element("p", { className: "notice" }, instance.condition)] : []),
      ...(instance.failure ? [element("p", { className: "alarm" }, instance.failure)] : []),
      table("State", [
        ["state", health(instance) === "good" ? "running" : instance.state],
        ["restarts", String(instance.restarts)],
        ["lane", instance.lane],
        ["busy", `${((busy.get(instance.name) ?? 0) * 100).toFixed(1)} % of its lane`],
        ...(instance.address ?? []).map((each) => ["listens at", each]),
        ...instance.outputs.map((each) => [`sent on ${each.name}`, String(each.sent)]),
        ...instance.outputs.filter((each) => each.post_dropped).map((each) => [`posts dropped on ${each.name}`, String(each.post_dropped)]),
      ]),
      table("Settings", Object.entries(instance.settings ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])),
      table("Counts", metrics.map(([name, { value, help }]) => [help || name, rates.has(name) ? `${value} · ${perSecond(rates.get(name))}` : String(value)])),
      element("div", {}, element("h4", {}, "Log"), element("pre", { className: "log", tabIndex: 0 }, "…")));
  }

  #rates(metrics, time) {
    const rates = new Map();
    const before = this.#before;
    if (before && time > before.time) {
      for (const [name, { value }] of metrics) {
        const change = value - (before.values.get(name) ?? value);
        if (change > 0) rates.set(name, (change * 1000) / (time - before.time));
      }
    }
    if (!before || time - before.time > 2000) this.#before = { time, values: new Map(metrics.map(([name, { value }]) => [name, value])) };
    return rates;
  }

  #viewer(graph, flows) {
    for (const instance of graph.instances) {
      const found = keyedViewers(instance).find(({ key }) => key === this.#chosen.id || `${key} edge` === this.#chosen.id);
      if (found) return this.#flow(found.viewer.name, `viewer of ${instance.name}`, found.viewer, flows.get(found.key), [
        ["waiting", String(found.viewer.waiting)], ["age of what is being sent", nanoseconds(found.viewer.age_ns)]]);
    }
    return null;
  }

  #edge(graph, { flows }) {
    const link = graph.links.find((each) => linkKey(each) === this.#chosen.id);
    if (!link) return this.#viewer(graph, flows);
    return this.#flow(link.name, "link", link, flows.get(linkKey(link)), [
      ["waiting", `${link.depth} · ${scaled(link.depth_bytes, "B")}`],
      ["age of the oldest", nanoseconds(link.head_age_ns)],
      ["wait, median", nanoseconds(link.wait_p50_ns)],
      ["wait, p99", nanoseconds(link.wait_p99_ns)],
    ]);
  }

  #flow(name, type, source, flow, rows) {
    return element("div", { className: "details-all", dataset: { of: name } },
      this.#head(name, type),
      ...(flow.words ? [element("p", { className: "alarm" }, `${flow.words}${flow.reasons ? ` (${flow.reasons})` : ""}`)] : []),
      table("Flow", [
        ["policy", source.policy],
        ["messages", `${perSecond(flow.messages)} · ${source.delivered} in all`],
        ["bytes", `${scaled(flow.bytes, "B/s")} · ${scaled(source.bytes, "B")} in all`],
        ...rows,
      ]),
      table("Drops", flow.drops.map((each) => [each.reason, each.rate ? `${perSecond(each.rate)} · ${each.count} in all` : `${each.count} in all`])));
  }
}

function table(heading, rows) {
  const body = element("table", {}, element("tbody", {}, ...rows.map(([name, value]) =>
    element("tr", {}, element("td", {}, name), element("td", {}, value)))));
  return element("div", { hidden: rows.length === 0 }, element("h4", {}, heading), body);
}

/** Whether both have the same elements in the same order. */
function sameShape(a, b) {
  if (a.tagName !== b.tagName || a.className !== b.className || a.hidden !== b.hidden) return false;
  if (a.dataset.of !== b.dataset.of || a.childElementCount !== b.childElementCount) return false;
  return [...a.children].every((child, index) => sameShape(child, b.children[index]));
}

function copyTexts(to, from) {
  if (to.classList.contains("log")) return;
  if (!from.childElementCount) setText(to, from.textContent);
  else [...from.children].forEach((child, index) => copyTexts(to.children[index], child));
}
