// What is pure in the console's page, in Node: `PAGE=modules/web/page/js node --test tests/browser/page_parts_test.mjs`.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";

const part = (name) => import(pathToFileURL(path.resolve(process.env.PAGE, name)));
const { Backoff } = await part("backoff.js");
const { RecentValues } = await part("age.js");
const { ServerClock } = await part("server_clock.js");
const { describeKey, flatten, groupKeys } = await part("units.js");
const { duration, scaled, short } = await part("format.js");
const { channelsOf, parseMedia } = await part("media.js");
const { JitterBuffer } = await part("jitter_buffer.js");
const { GraphRates, troubles } = await part("graph_rates.js");
const { layoutGraph } = await part("graph_layout.js");
const { HeldKeys } = await part("keys.js");
const { findProblems } = await part("topology.js");
const { roomy, threeSteps } = await part("plot.js");

describe("the server's clock", () => {
  test("takes the sample with the shortest round trip", () => {
    const clock = new ServerClock(() => 1000);
    assert.ok(Number.isNaN(clock.now()));
    clock.add(0, 5040, 5041, 81); // 80 ms on the way, most of it there
    clock.add(100, 5102, 5102, 104);
    clock.add(200, 5290, 5290, 300);
    assert.equal(clock.roundTrip, 4);
    assert.equal(clock.now(), 6000);
  });
  test("forgets what is old, and what cannot be", () => {
    const clock = new ServerClock(() => 0);
    clock.add(0, 1000, 1000, 1);
    for (let i = 0; i < 12; ++i) clock.add(0, 2005, 2005, 10);
    assert.equal(clock.now(), 2000);
    clock.add(10, 5, 5, 0);
    assert.equal(clock.now(), 2000);
  });
});

test("waits grow up to the cap, and are never nothing", () => {
  const backoff = new Backoff({ chance: () => 1 });
  assert.deepEqual(Array.from({ length: 6 }, () => backoff.next()), [250, 500, 1000, 2000, 4000, 5000]);
  backoff.reset();
  backoff.chance = () => 0;
  assert.equal(backoff.next(), 125);
});

test("median and rate are those of the window", () => {
  const values = new RecentValues(1000);
  for (let i = 0; i <= 60; ++i) values.add(i * 33, i === 59 ? 500 : i);
  assert.equal(Math.round(values.rate(60 * 33)), 30);
  assert.ok(values.median(60 * 33) < 60);
  assert.ok(Number.isNaN(values.median(10000)));
  assert.equal(values.rate(10000), 0);
});

describe("readings", () => {
  test("have the unit of their key's ending", () => {
    const shown = (key, value) => `${describeKey(key).label}: ${describeKey(key).write(value)}`;
    assert.equal(shown("network_sent_bytes_per_s", 1234567), "network sent: 1.23 MB/s");
    assert.equal(shown("memory_total_bytes", 999), "memory total: 999 B");
    assert.equal(shown("temperature_celsius", 51.26), "temperature: 51.3 °C");
    assert.equal(shown("speed_m_s", 1.5), "speed: 1.50 m/s");
    assert.equal(shown("uptime_s", 97200), "uptime: 1 d 3 h");
    assert.equal(shown("latitude_deg", 52.5), "latitude: 52.5°");
    assert.equal(shown("load_1min", 0.8), "load 1min: 0.800");
    assert.equal(shown("interfaces.eth0.sent_bytes_per_s", 0), "interfaces · eth0 · sent: 0 B/s");
    assert.equal(shown("hdop", NaN), "hdop: –");
  });
  test("of one unit and one first word are one plot", () => {
    assert.deepEqual(groupKeys(["load_1min", "x_m", "load_5min", "load_a", "load_b", "load_c", "network_sent_bytes", "network_up_m"]),
      [["load_1min", "load_5min", "load_a", "load_b"], ["x_m"], ["load_c"], ["network_sent_bytes"], ["network_up_m"]]);
  });
  test("are flattened within bounds", () => {
    assert.deepEqual([...flatten({ a: { b: [1, "x"] }, c: null })], [["a.b.0", 1], ["a.b.1", "x"], ["c", null]]);
    assert.deepEqual([...flatten(7)], [["value", 7]]);
    assert.equal(flatten(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))).size, 64);
    assert.equal(flatten({ a: { a: { a: { a: { a: 1 } } } } }).size, 0);
  });
});

test("numbers are short", () => {
  assert.deepEqual([0, 7, 0.1234, 12.345, 123.4, 12345].map(short), ["0", "7", "0.123", "12.3", "123", "12345"]);
  assert.deepEqual([0, 999, 1000, 999999].map((each) => scaled(each, "B")), ["0 B", "999 B", "1.00 kB", "1.00 MB"]);
  assert.deepEqual([5, 65, 3600, 90061].map(duration), ["5 s", "1 min 5 s", "1 h", "1 d 1 h"]);
});

test("plots have round steps and room", () => {
  assert.deepEqual(threeSteps(0, 100), [0, 50, 100]);
  assert.ok(threeSteps(-3, 17).length >= 2 && threeSteps(-3, 17).length <= 3);
  assert.deepEqual(roomy(null, null), [0, 1]);
  assert.equal(roomy(5, 5)[0] < 5 && roomy(5, 5)[1] > 5, true);
});

describe("media messages", () => {
  const message = (kind, payload) => {
    const buffer = new ArrayBuffer(32 + payload.byteLength);
    const view = new DataView(buffer);
    view.setUint8(0, 1);
    view.setUint8(1, kind);
    view.setUint16(2, 300, true);
    view.setUint32(4, (2 << 24) | 44100, true);
    view.setBigUint64(8, 77n, true);
    view.setFloat64(16, 1.5, true);
    view.setFloat64(24, 2.5, true);
    new Uint8Array(buffer, 32).set(new Uint8Array(payload));
    return buffer;
  };
  test("are read", () => {
    const read = parseMedia(message(2, new Int16Array([16384, -32768, 0, 32767]).buffer));
    assert.deepEqual({ ...read, payload: 0 }, { kind: 2, stream: 300, rate: 44100, channels: 2, sequence: 77, captured: 1.5, sent: 2.5, payload: 0 });
    assert.deepEqual(channelsOf(read).map((each) => [...each]), [[0.5, 0], [-1, Math.fround(32767 / 32768)]]);
  });
  test("of another kind or length are none", () => {
    assert.equal(parseMedia(new ArrayBuffer(31)), null);
    assert.equal(parseMedia(new ArrayBuffer(40)), null);
    assert.equal(parseMedia("text"), null);
  });
});

describe("the jitter buffer", () => {
  const tone = (from, frames, rate) => Float32Array.from({ length: frames }, (_, i) => 0.5 * Math.sin(((from + i) * 2 * Math.PI * 440) / rate));
  /** Runs a second in blocks of 128, with sound that comes in chunks of 1024 and `ratio` times as fast as it should. */
  const play = (buffer, rate, seconds, ratio = 1) => {
    const outputs = [new Float32Array(128), new Float32Array(128)];
    const heard = [];
    let sent = 0;
    for (let done = 0; done < seconds * buffer.outputRate; done += 128) {
      while (sent < (done / buffer.outputRate) * rate * ratio) {
        buffer.push(rate, [tone(sent, 1024, rate)]);
        sent += 1024;
      }
      buffer.pull(outputs);
      heard.push(...outputs[1]);
    }
    return heard;
  };
  test("plays what comes, resampled, without a gap", () => {
    const buffer = new JitterBuffer(48000);
    const heard = play(buffer, 44100, 3);
    assert.equal(buffer.underruns + buffer.skips, 0);
    const later = heard.slice(48000);
    assert.ok(Math.max(...later) > 0.48 && Math.max(...later) < 0.52);
    const turns = later.filter((each, i) => i && each >= 0 !== later[i - 1] >= 0).length;
    assert.ok(Math.abs(turns / 2 / 2 - 440) < 5, `${turns}`);
    assert.ok(Math.max(...later.map((each, i) => (i ? Math.abs(each - later[i - 1]) : 0))) < 0.05, "no click");
  });
  for (const ratio of [0.9985, 1.0015]) {
    test(`keeps its level where the source's clock goes ${ratio} times as fast`, () => {
      const buffer = new JitterBuffer(48000);
      play(buffer, 44100, 60, ratio);
      assert.equal(buffer.underruns + buffer.skips, 0);
      assert.ok(buffer.level > 10 && buffer.level < 110, `${buffer.level} ms`);
    });
  }
  test("waits longer after a gap, and skips what is late", () => {
    const buffer = new JitterBuffer(48000);
    play(buffer, 48000, 1);
    const aim = buffer.aim;
    const outputs = [new Float32Array(128)];
    for (let i = 0; i < 400; ++i) buffer.pull(outputs);
    assert.equal(buffer.underruns, 1);
    assert.ok(buffer.aim > aim);
    for (let i = 0; i < 40; ++i) buffer.push(48000, [tone(i * 1024, 1024, 48000)]);
    assert.ok(buffer.skips >= 1);
    assert.ok(buffer.level < buffer.aim + 150);
  });
});

describe("the graph", () => {
  const graph = (time, changes = {}) => ({
    time,
    instances: [{ name: "a", state: "running", condition: "", busy_ns: time * 1e5, viewers: [
      { name: "v", policy: "latest, 1 item", delivered: 5, bytes: 50, dropped: { replaced: changes.replaced ?? 0 }, waiting: 0, age_ns: 0 }] }],
    links: [{ name: "a.x -> b.y", policy: "wait, 64 items", delivered: changes.delivered ?? 0, bytes: 10 * (changes.delivered ?? 0),
      dropped: { full: 0 }, depth: changes.depth ?? 0, head_age_ns: changes.age ?? 0 }],
  });
  test("has rates, and names the policy that drops", () => {
    const rates = new GraphRates();
    rates.add(graph(1000));
    const now = graph(2000, { delivered: 30, replaced: 12 });
    const described = rates.add(now);
    assert.equal(described.flows.get("link a.x -> b.y").messages, 30);
    assert.equal(described.flows.get("link a.x -> b.y").state, "flowing");
    assert.equal(described.flows.get("viewer a v").state, "dropping");
    assert.equal(described.flows.get("viewer a v").words, "latest drops 12/s");
    assert.ok(Math.abs(described.busy.get("a") - 0.1) < 1e-9);
    assert.equal(troubles(now, described), 1);
  });
  test("says what is stalled, and starts again with a new host", () => {
    const rates = new GraphRates();
    rates.add(graph(1000, { delivered: 30 }));
    assert.equal(rates.add(graph(2000, { delivered: 30, depth: 2, age: 3e9 })).flows.get("link a.x -> b.y").state, "stalled");
    assert.equal(rates.add(graph(500)).flows.get("link a.x -> b.y").messages, 0);
  });

  const nodes = (...ids) => ids.map((id) => ({ id, width: 100, height: 40 }));
  const edge = (text) => ({ id: text, from: text.split(">")[0], to: text.split(">")[1] });
  const overlap = (a, b) => a.x < b.x + 100 && b.x < a.x + 100 && a.y < b.y + 40 && b.y < a.y + 40;
  const checkNoOverlap = ({ nodes: placed }) => {
    const all = [...placed.values()];
    all.forEach((a, i) => all.slice(i + 1).forEach((b) => assert.ok(!overlap(a, b), JSON.stringify([a, b]))));
  };
  test("is laid out along the way of the data", () => {
    const layout = layoutGraph(nodes("a", "b", "c", "d"), ["a>b", "b>c", "a>c", "d>c"].map(edge));
    const x = (id) => layout.nodes.get(id).x;
    assert.ok(x("a") < x("b") && x("b") < x("c"));
    assert.equal(x("d"), x("b"));
    assert.equal(layout.edges.size, 4);
    checkNoOverlap(layout);
  });
  test("may have cycles, loops, single boxes, and nothing", () => {
    const layout = layoutGraph(nodes("a", "b", "c", "alone"), ["a>b", "b>a", "b>c", "c>a", "c>c"].map(edge), { down: true });
    assert.equal(layout.nodes.size, 4);
    assert.equal(layout.edges.size, 4);
    checkNoOverlap(layout);
    assert.deepEqual(layoutGraph([], []).nodes.size, 0);
  });
  test("of many boxes stays free of overlaps", () => {
    const ids = Array.from({ length: 40 }, (_, i) => `n${i}`);
    const edges = ids.slice(1).map((id, i) => edge(`n${(i * 7) % (i + 1)}>${id}`));
    checkNoOverlap(layoutGraph(nodes(...ids), edges));
  });
});

test("keys point where they are held", () => {
  const keys = new HeldKeys();
  assert.equal(keys.press("KeyQ"), false);
  keys.press("KeyW");
  keys.press("ArrowUp");
  assert.deepEqual(keys.direction, { x: 0, y: 1 });
  keys.press("KeyD");
  assert.ok(Math.abs(Math.hypot(keys.direction.x, keys.direction.y) - 1) < 1e-9);
  keys.press("KeyA");
  assert.deepEqual(keys.direction, { x: 0, y: 1 });
  keys.releaseAll();
  assert.deepEqual(keys.direction, { x: 0, y: 0 });
});

test("problems are found with their places", () => {
  assert.deepEqual(findProblems("a/robot.json:21:86: modules.x: expected a number\nnothing here\n"),
    [{ line: 21, column: 86, what: "modules.x: expected a number" }]);
});
