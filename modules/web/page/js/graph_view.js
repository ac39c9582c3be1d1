import { setText, shape } from "./dom.js";
import { nanoseconds, perSecond, scaled } from "./format.js";
import { layoutGraph } from "./graph_layout.js";
import { health, keyedViewers, linkKey } from "./graph_rates.js";

const wide = { box: { width: 172, height: 60 }, viewer: { width: 136, height: 42 }, letters: 23 };
const narrow = { box: { width: 138, height: 60 }, viewer: { width: 128, height: 42 }, letters: 17 };
const margin = 16;
const viewersShown = 5; // of one instance; the others are one box

/**
 * The graph as SVG. Laid out anew only when instances, links or viewers come or go; else texts and colours change in
 * place. `onSelect({kind, key})`: an instance by name, an edge by key.
 */
export class GraphView {
  #shape = "";
  #nodes = new Map();
  #edges = new Map();
  #selected = null;
  #size = null;
  #form = wide;

  constructor(host, onSelect) {
    this.host = host;
    this.onSelect = onSelect;
    new ResizeObserver(() => this.#fit()).observe(host);
  }

  update(graph, described) {
    const parts = collect(graph, described);
    const down = this.host.clientWidth > 0 && this.host.clientWidth < 620;
    const asked = JSON.stringify([down, parts.nodes.map((node) => [node.id, node.name, node.type]), parts.edges.map((edge) => edge.id)]);
    if (asked !== this.#shape) {
      this.#shape = asked;
      this.#build(parts, down);
    }
    for (const node of parts.nodes) this.#showNode(this.#nodes.get(node.id), node);
    for (const edge of parts.edges) this.#showEdge(this.#edges.get(edge.id), edge);
  }

  select(selected) {
    this.#selected = selected;
    for (const [id, parts] of [...this.#nodes, ...this.#edges]) {
      parts.group.setAttribute("aria-pressed", String(id === selected));
    }
  }

  #build({ nodes, edges }, down) {
    this.#form = down ? narrow : wide;
    const sizes = nodes.map((node) => ({ id: node.id, ...this.#sizeOf(node) }));
    const layout = layoutGraph(sizes, edges, down ? { down, layerGap: 84, nodeGap: 16, labelWidth: 62 } : {});
    this.#nodes.clear();
    this.#edges.clear();
    this.#size = { width: layout.width + 2 * margin, height: layout.height + 2 * margin };
    const svg = shape("svg", { viewBox: `${-margin} ${-margin} ${this.#size.width} ${this.#size.height}` });
    for (const edge of edges) {
      const place = layout.edges.get(edge.id);
      if (place) svg.append(this.#makeEdge(edge, place, down));
    }
    for (const node of nodes) svg.append(this.#makeNode(node, layout.nodes.get(node.id)));
    this.svg = svg;
    this.host.replaceChildren(svg);
    this.select(this.#selected);
    this.#fit();
  }

  #fit() {
    if (!this.#size) return;
    const style = getComputedStyle(this.host);
    const room = this.host.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const scale = Math.max(0.72, Math.min(1.15, room / this.#size.width));
    this.svg.setAttribute("width", this.#size.width * scale);
    this.svg.setAttribute("height", this.#size.height * scale);
  }

  #sizeOf(node) {
    return node.viewer ? this.#form.viewer : this.#form.box;
  }

  #button(kind, id, attributes) {
    const group = shape("g", { tabindex: 0, role: "button", "aria-pressed": "false", ...attributes });
    const select = () => this.onSelect({ kind, id });
    group.addEventListener("click", select);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      select();
    });
    return group;
  }

  #makeNode(node, { x, y }) {
    const { width, height } = this.#sizeOf(node);
    const group = this.#button("node", node.id, {
      class: `node${node.viewer ? " viewer" : ""}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      ...(node.viewer ? { "data-viewer": node.name } : { "data-instance": node.name }),
    });
    const parts = { group, title: shape("title"), name: shape("text", { class: "name", x: node.viewer ? 10 : 26, y: node.viewer ? 18 : 20 }) };
    group.append(parts.title, shape("rect", { class: "box", width, height, rx: node.viewer ? 6 : 8 }), parts.name);
    // A viewer's name may say behind its address what it takes.
    const [address, ...takes] = node.viewer && /^[^ ]+:\d+ /.test(node.name) ? node.name.split(" ") : [node.name];
    parts.name.textContent = cut(address, node.viewer ? 19 : this.#form.letters - 5);
    if (!node.viewer) {
      parts.note = shape("text", { class: "note", x: 26, y: 51 });
      parts.load = shape("rect", { class: "load", x: 0, y: height - 3, width: 0, height: 3, rx: 1.5 });
      const type = shape("text", { class: "type", x: 26, y: 36 });
      type.textContent = cut(node.type, this.#form.letters);
      group.append(shape("circle", { class: "light", cx: 14, cy: 16, r: 4.5 }), type, parts.note, parts.load);
    }
    if (node.viewer) {
      const note = shape("text", { class: "note", x: 10, y: 33 });
      note.textContent = cut(takes.join(" ") || "viewer", 20);
      group.append(note);
    }
    this.#nodes.set(node.id, parts);
    return group;
  }

  #showNode(parts, node) {
    setText(parts.title, node.title);
    if (node.viewer) return;
    parts.group.setAttribute("data-health", node.health);
    parts.group.setAttribute("aria-label", `${node.name}, ${node.type}: ${node.note}`);
    setText(parts.note, cut(node.note, this.#form.letters + 1));
    parts.load.setAttribute("width", node.busy < 0.03 ? 0 : (Math.min(1, node.busy) * this.#form.box.width).toFixed(1));
  }

  #makeEdge(edge, { path, label, tight }, down) {
    const group = this.#button("edge", edge.id, { class: tight ? "edge tight" : "edge", "data-edge": edge.name });
    const middle = `translate(${label.x.toFixed(1)} ${label.y.toFixed(1)})`;
    const parts = {
      group,
      title: shape("title"),
      line: shape("path", { class: "line", d: path }),
      rate: shape("text", { class: "rate", transform: middle, y: -5 }),
      more: shape("text", { class: "more", transform: middle, y: 14 }),
    };
    const arrow = shape("path", { class: "arrow", d: arrowAt(path, down) });
    group.append(parts.title, shape("path", { class: "touch", d: path }), parts.line, arrow, parts.rate, parts.more);
    this.#edges.set(edge.id, parts);
    return group;
  }

  #showEdge(parts, edge) {
    if (!parts) return;
    parts.group.setAttribute("data-state", edge.flow.state);
    parts.group.setAttribute("data-policy", edge.policy);
    parts.group.setAttribute("aria-label", `${edge.name}: ${edge.rate || "nothing"}, ${edge.more || edge.flow.state}`);
    parts.line.style.setProperty("--weight", Math.max(1.2, Math.min(4, 1 + Math.log10(1 + edge.flow.bytes / 20000))).toFixed(1));
    setText(parts.title, edge.title);
    setText(parts.rate, this.#form === narrow ? edge.rate.split(" · ")[0] : edge.rate);
    setText(parts.more, edge.more);
  }
}

/** A small triangle at the end of a path, in its last direction. */
function arrowAt(path, down) {
  const numbers = path.match(/-?[\d.]+/g).map(Number);
  const [x, y] = numbers.slice(-2);
  const [fromX, fromY] = numbers.slice(-4, -2);
  const along = down ? Math.sign(y - fromY) || 1 : Math.sign(x - fromX) || 1;
  return down ? `M${x} ${y}l-4.5 ${-8 * along}h9z` : `M${x} ${y}l${-8 * along} -4.5v9z`;
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** What is to be drawn: boxes of instances and viewers, edges of links and of viewers, each with what it says. */
function collect(graph, { flows, busy }) {
  const nodes = [];
  const edges = [];
  for (const instance of graph.instances) {
    const state = health(instance);
    const restarts = instance.restarts ? ` · ${instance.restarts}× restarted` : "";
    const note = (state === "good" ? "running" : state === "waiting" ? instance.condition : instance.state) + restarts;
    nodes.push({
      id: instance.name, name: instance.name, type: instance.type, health: state, note, busy: busy.get(instance.name) ?? 0,
      title: [instance.name, instance.type, instance.condition, instance.failure].filter(Boolean).join("\n"),
    });
    addViewers(instance, flows, nodes, edges);
  }
  for (const link of graph.links) {
    const flow = flows.get(linkKey(link));
    edges.push({ id: linkKey(link), name: link.name, from: link.from.instance, to: link.to.instance, policy: link.policy, flow,
      ...words(flow, link.depth, link.head_age_ns, link.delivered ? `p99 ${nanoseconds(link.wait_p99_ns)}` : "", link) });
  }
  return { nodes, edges };
}

function addViewers(instance, flows, nodes, edges) {
  const trouble = ({ key }) => ["dropping", "stalled"].includes(flows.get(key).state);
  const all = keyedViewers(instance).sort((a, b) => trouble(b) - trouble(a));
  const shown = all.length > viewersShown + 1 ? all.slice(0, viewersShown) : all;
  for (const { key, viewer } of shown) {
    const flow = flows.get(key);
    nodes.push({ id: key, name: viewer.name, viewer: true, title: `${viewer.name}\nviewer of ${instance.name}` });
    edges.push({ id: `${key} edge`, name: `${instance.name} -> ${viewer.name}`, from: instance.name, to: key, policy: viewer.policy, flow,
      ...words(flow, viewer.waiting, viewer.age_ns, "", viewer) });
  }
  const others = all.slice(shown.length);
  if (!others.length) return;
  const id = `${instance.name} other viewers`;
  const sum = (part) => others.reduce((total, { key }) => total + flows.get(key)[part], 0);
  const bad = others.filter(trouble).length;
  const flow = { state: bad ? "dropping" : sum("messages") > 0 ? "flowing" : "idle", messages: sum("messages"), bytes: sum("bytes"),
    words: bad ? `${bad} of them drop or stall` : "", drops: [], reasons: "" };
  nodes.push({ id, name: `${others.length} more viewers`, viewer: true, title: `${others.length} more viewers of ${instance.name}` });
  edges.push({ id: `${id} edge`, name: `${instance.name} -> ${others.length} more`, from: instance.name, to: id,
    policy: others[0].viewer.policy, flow, ...words(flow, 0, 0, "", others[0].viewer) });
}

function words(flow, waiting, ageNs, latency, { policy }) {
  const rate = flow.messages > 0 ? `${perSecond(flow.messages)} · ${scaled(flow.bytes, "B/s")}` : "";
  const depth = waiting > 0 && ageNs > 0 ? `${waiting} wait, ${nanoseconds(ageNs)}` : "";
  const more = flow.words || depth || (flow.messages > 0 ? latency : "");
  const drops = flow.drops.filter((each) => each.count > 0).map((each) => `${each.count} ${each.reason}`).join(", ");
  return { rate, more, title: [policy, flow.words, flow.reasons, latency, drops && `dropped: ${drops}`].filter(Boolean).join("\n") };
}
