import { duration, scaled, short } from "./format.js";

/// The unit of a reading is the last part of its key (docs/sensors.md). Longer endings come first.

const plain = (unit) => (value) => `${short(value)} ${unit}`;
const endings = [
  ["_bytes_per_s", (value) => scaled(value, "B/s")],
  ["_bytes", (value) => scaled(value, "B")],
  ["_celsius", plain("°C")],
  ["_percent", plain("%")],
  ["_rad_s", plain("rad/s")],
  ["_m_s2", plain("m/s²")],
  ["_m_s", plain("m/s")],
  ["_rad", plain("rad")],
  ["_deg", (value) => `${Number.isFinite(value) ? value.toFixed(Math.abs(value) < 180.5 ? 5 : 1).replace(/\.?0+$/, "") : "–"}°`],
  ["_hz", plain("Hz")],
  ["_ms", plain("ms")],
  ["_m", plain("m")],
  ["_s", duration],
];

/** What to call a key, and how to write its value: `{label, unit, write}`; `unit` is its ending. */
export function describeKey(key) {
  const last = key.slice(key.lastIndexOf(".") + 1);
  for (const [ending, write] of endings) {
    if (last.endsWith(ending) && last.length > ending.length) {
      return { label: spaced(key.slice(0, -ending.length)), unit: ending.slice(1), write };
    }
  }
  return { label: spaced(key), unit: "", write: short };
}

const spaced = (key) => key.replaceAll("_", " ").replaceAll(".", " · ");

const most = 64; // values of one record that are looked at: a page has to stay one

/** The plain values of a record, with the path of each: `interfaces.eth0.sent_bytes_per_s`. */
export function flatten(value, prefix = "", into = new Map(), depth = 0) {
  if (value === null || typeof value !== "object") {
    if (into.size < most) into.set(prefix || "value", value);
  } else if (depth < 4) {
    for (const [key, each] of Object.entries(value)) flatten(each, prefix ? `${prefix}.${key}` : key, into, depth + 1);
  }
  return into;
}

/**
 * Which keys belong into one plot: the same unit and the same first word, as load_1min and load_5min, four at most. Groups
 * in the order of the keys.
 */
export function groupKeys(keys) {
  const groups = new Map();
  for (const key of keys) {
    const { unit } = describeKey(key);
    const path = key.slice(0, key.lastIndexOf(".") + 1);
    const word = key.slice(path.length).split("_")[0];
    const id = `${path}${word}|${unit}`;
    let name = id;
    for (let more = 2; groups.get(name)?.length === 4; ++more) name = `${id}|${more}`;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(key);
  }
  return [...groups.values()];
}
