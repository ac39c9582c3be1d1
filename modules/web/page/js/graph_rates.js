import { perSecond } from "./format.js";

/// What happens on links now, from the totals of two moments: rates, and which of them are in trouble.

const windowMs = 2000; // rates are means of that
const stalledNs = 1e9; // age of what waits, from which on a link that delivers nothing is stalled

/** The viewers of an instance with a key for each: one address may watch twice. */
export function keyedViewers(instance) {
  const times = new Map();
  return instance.viewers.map((viewer) => {
    const time = (times.get(viewer.name) ?? 0) + 1;
    times.set(viewer.name, time);
    return { key: `viewer ${instance.name} ${viewer.name}${time > 1 ? ` ${time}` : ""}`, viewer };
  });
}

export const linkKey = (link) => `link ${link.name}`;

/** Keeps the last moments and compares them. */
export class GraphRates {
  #moments = [];

  /** A message "graph"; gives what `describe` gives. */
  add(graph) {
    const moment = { time: graph.time, counts: counts(graph) };
    const last = this.#moments[this.#moments.length - 1];
    if (last && moment.time <= last.time) this.#moments = []; // another host, or its clock was set
    this.#moments.push(moment);
    while (this.#moments.length > 2 && this.#moments[1].time <= moment.time - windowMs) this.#moments.shift();
    return describe(graph, this.#moments[0], moment);
  }
}

function counts(graph) {
  const all = new Map();
  for (const link of graph.links) all.set(linkKey(link), flowCounts(link));
  for (const instance of graph.instances) {
    all.set(`instance ${instance.name}`, { busy: instance.busy_ns });
    for (const { key, viewer } of keyedViewers(instance)) all.set(key, flowCounts(viewer));
  }
  return all;
}

const flowCounts = ({ delivered, bytes, dropped }) => ({ delivered, bytes, dropped: { ...dropped } });

function describe(graph, before, now) {
  const seconds = (now.time - before.time) / 1000;
  const flows = new Map();
  const flow = (key, source) => {
    const rates = flowRates(before.counts.get(key), now.counts.get(key), seconds);
    flows.set(key, { ...rates, ...judge(source, rates) });
  };
  const busy = new Map();
  for (const link of graph.links) flow(linkKey(link), link);
  for (const instance of graph.instances) {
    const first = before.counts.get(`instance ${instance.name}`);
    // One that was made anew counts from zero again.
    const used = first && seconds ? instance.busy_ns - first.busy : 0;
    busy.set(instance.name, Math.max(0, used / (seconds * 1e9) || 0));
    for (const { key, viewer } of keyedViewers(instance)) flow(key, viewer);
  }
  return { flows, busy };
}

function flowRates(before, now, seconds) {
  const per = (later, earlier) => (before && seconds > 0 ? Math.max(0, later - earlier) / seconds : 0);
  const drops = Object.entries(now.dropped)
    .map(([reason, count]) => ({ reason, count, rate: per(count, before?.dropped[reason] ?? 0) }));
  return {
    messages: per(now.delivered, before?.delivered),
    bytes: per(now.bytes, before?.bytes),
    drops,
    dropRate: drops.reduce((sum, each) => sum + each.rate, 0),
  };
}

/** The queue's policy without its size: "latest". */
export const policyName = (policy) => policy.split(",")[0];

/** A link's state and, where it is in trouble, that in words. */
function judge(source, rates) {
  const waiting = source.depth ?? source.waiting;
  const age = source.head_age_ns ?? source.age_ns;
  if (rates.dropRate > 0) {
    const reasons = rates.drops.filter((each) => each.rate > 0).map((each) => each.reason).join(", ");
    return { state: "dropping", words: `${policyName(source.policy)} drops ${perSecond(rates.dropRate)}`, reasons };
  }
  if (waiting > 0 && age > stalledNs && rates.messages === 0) {
    return { state: "stalled", words: `stalled ${(age / 1e9).toFixed(1)} s, ${waiting} wait`, reasons: "" };
  }
  return { state: rates.messages > 0 ? "flowing" : "idle", words: "", reasons: "" };
}

/** What is wrong in the whole graph: instances and links that need somebody. */
export function troubles(graph, described) {
  const failed = graph.instances.filter((each) => health(each) === "failed" || health(each) === "restarting");
  const bad = [...described.flows].filter(([, flow]) => flow.state === "dropping" || flow.state === "stalled");
  return failed.length + bad.length;
}

/** Of an instance: "good", "waiting" (it says why), "restarting", "failed" or "ended". */
export function health({ state, condition }) {
  if (state === "failed") return "failed";
  if (state === "restarting") return "restarting";
  if (state === "ended") return "ended";
  return condition ? "waiting" : "good";
}
