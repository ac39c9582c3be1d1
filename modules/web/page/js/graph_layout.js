/// Where boxes and edges of a graph stand: layers along the way of the data (after Sugiyama, Tagawa and Toda, 1981). Pure
/// numbers, no elements. A layer's place is called `along`, the place within it `across`.

const dummyAcross = 26; // room for an edge that passes a layer
const portGap = 30; // between edges at one side of a box: room for their labels
const sweeps = 12;
const labelHeight = 31;
const labelPlaces = [0.5, 0.38, 0.62, 0.27, 0.73, 0.18, 0.82]; // parts of the way along an edge, the best first

/**
 * `nodes`: `{id, width, height}`; `edges`: `{id, from, to}`. Gives `{width, height, nodes, edges}`, Maps by id of `{x, y}`
 * (the upper left corner) and of `{path, label: {x, y}, tight}`: `tight` where another label is so near that there is
 * room for one line only. `down`: layers from top to bottom, else from left to right.
 */
export function layoutGraph(nodes, edges, { down = false, layerGap = 128, nodeGap = 30, labelWidth = 104 } = {}) {
  const boxes = new Map(nodes.map((node) => [node.id, {
    id: node.id, along: down ? node.height : node.width, across: down ? node.width : node.height, next: [], before: [],
  }]));
  const wires = edges.filter((edge) => edge.from !== edge.to && boxes.has(edge.from) && boxes.has(edge.to))
    .map((edge) => ({ id: edge.id, from: boxes.get(edge.from), to: boxes.get(edge.to), back: false, chain: [] }));
  breakCycles([...boxes.values()], wires);
  const layers = makeLayers([...boxes.values()], wires);
  orderLayers(layers);
  placeAcross(layers, nodeGap);
  const ends = placeAlong(layers, layerGap);
  return draw(boxes, wires, layers, ends, down, labelWidth);
}

/** Edges that close a cycle are turned round for the layout. */
function breakCycles(boxes, wires) {
  const out = new Map(boxes.map((box) => [box, wires.filter((wire) => wire.from === box)]));
  const state = new Map();
  const visit = (box) => {
    state.set(box, "open");
    for (const wire of out.get(box)) {
      if (state.get(wire.to) === "open") wire.back = true;
      else if (!state.has(wire.to)) visit(wire.to);
    }
    state.set(box, "done");
  };
  const sources = boxes.filter((box) => !wires.some((wire) => wire.to === box));
  for (const box of [...sources, ...boxes]) if (!state.has(box)) visit(box);
}

const head = (wire) => (wire.back ? wire.from : wire.to);
const tail = (wire) => (wire.back ? wire.to : wire.from);

/** The longest way from a source says the layer; a source stands just before what it feeds. */
function makeLayers(boxes, wires) {
  const layerOf = new Map(boxes.map((box) => [box, 0]));
  for (let changed = true, round = 0; changed && round <= boxes.length; ++round) {
    changed = false;
    for (const wire of wires) {
      const least = layerOf.get(tail(wire)) + 1;
      if (layerOf.get(head(wire)) < least) {
        layerOf.set(head(wire), least);
        changed = true;
      }
    }
  }
  for (const box of boxes) {
    const fed = wires.filter((wire) => tail(wire) === box).map((wire) => layerOf.get(head(wire)));
    if (fed.length && !wires.some((wire) => head(wire) === box)) layerOf.set(box, Math.min(...fed) - 1);
  }
  const layers = Array.from({ length: Math.max(0, ...layerOf.values()) + 1 }, () => []);
  for (const [box, layer] of layerOf) layers[layer].push(box);
  for (const wire of wires) {
    const chain = [tail(wire)];
    for (let layer = layerOf.get(tail(wire)) + 1; layer < layerOf.get(head(wire)); ++layer) {
      const dummy = { dummy: true, along: 0, across: dummyAcross, next: [], before: [] };
      layers[layer].push(dummy);
      chain.push(dummy);
    }
    chain.push(head(wire));
    for (let i = 1; i < chain.length; ++i) {
      chain[i - 1].next.push(chain[i]);
      chain[i].before.push(chain[i - 1]);
    }
    wire.chain = chain;
  }
  return layers;
}

/** Fewer crossings: each box near the mean of its neighbours, there and back; the best order that was seen counts. */
function orderLayers(layers) {
  const number = () => layers.forEach((layer) => layer.forEach((box, index) => { box.order = index; }));
  number();
  let best = layers.map((layer) => layer.slice());
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < sweeps && fewest > 0; ++sweep) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : layers.slice().reverse()) {
      const mean = (box) => {
        const near = forward ? box.before : box.next;
        return near.length ? near.reduce((sum, each) => sum + each.order, 0) / near.length : box.order;
      };
      const means = new Map(layer.map((box) => [box, mean(box)]));
      layer.sort((a, b) => means.get(a) - means.get(b));
      layer.forEach((box, index) => { box.order = index; });
    }
    const count = crossings(layers);
    if (count < fewest) {
      fewest = count;
      best = layers.map((layer) => layer.slice());
    }
  }
  best.forEach((layer, index) => { layers[index] = layer; });
  number();
}

function crossings(layers) {
  let count = 0;
  for (const layer of layers) {
    const wires = layer.flatMap((box) => box.next.map((next) => [box.order, next.order]));
    for (let i = 0; i < wires.length; ++i) {
      for (let j = 0; j < i; ++j) if ((wires[i][0] - wires[j][0]) * (wires[i][1] - wires[j][1]) < 0) ++count;
    }
  }
  return count;
}

/** Boxes want to stand where their neighbours are, and keep their order and distance. */
function placeAcross(layers, gap) {
  for (const layer of layers) {
    let at = 0;
    for (const box of layer) {
      box.at = at + box.across / 2;
      at += box.across + gap;
    }
  }
  for (let sweep = 0; sweep < sweeps; ++sweep) {
    for (const layer of sweep % 2 === 0 ? layers : layers.slice().reverse()) {
      const wanted = layer.map((box) => {
        const near = [...box.before, ...box.next];
        return near.length ? near.reduce((sum, each) => sum + each.at, 0) / near.length : box.at;
      });
      settle(layer, wanted, gap);
    }
  }
  const top = Math.min(...layers.flat().map((box) => box.at - box.across / 2));
  for (const box of layers.flat()) box.at -= top;
}

/** The places nearest to the wanted ones with the distances kept: isotonic regression, by pooling adjacent violators. */
function settle(layer, wanted, gap) {
  let distance = 0;
  const pools = [];
  layer.forEach((box, index) => {
    if (index) distance += (layer[index - 1].across + box.across) / 2 + gap;
    box.distance = distance;
    pools.push({ sum: wanted[index] - distance, boxes: [box] });
    while (pools.length > 1 && mean(pools.at(-2)) > mean(pools.at(-1))) {
      const last = pools.pop();
      pools.at(-1).sum += last.sum;
      pools.at(-1).boxes.push(...last.boxes);
    }
  });
  for (const pool of pools) for (const box of pool.boxes) box.at = mean(pool) + box.distance;
}

const mean = (pool) => pool.sum / pool.boxes.length;

function placeAlong(layers, gap) {
  let at = 0;
  for (const layer of layers) {
    const longest = Math.max(0, ...layer.map((box) => box.along));
    for (const box of layer) {
      box.start = at;
      box.end = at + (box.dummy ? longest : box.along);
    }
    at += longest + gap;
  }
  return at - gap;
}

/** Where each edge leaves and enters: sorted by where it goes, so that edges of one box do not cross at once. */
function spreadPorts(wires) {
  const sides = new Map(); // "box side" -> [{wire, other, set}]
  const attach = (box, side, other, set) => {
    const key = `${box.id} ${side}`;
    if (!sides.has(key)) sides.set(key, { box, ports: [] });
    sides.get(key).ports.push({ other, set });
  };
  for (const wire of wires) {
    attach(wire.chain[0], "out", wire.chain[1].at, (at) => { wire.first = at; });
    attach(wire.chain.at(-1), "in", wire.chain.at(-2).at, (at) => { wire.last = at; });
  }
  for (const { box, ports } of sides.values()) {
    ports.sort((a, b) => a.other - b.other);
    const step = Math.min(portGap, box.across / ports.length);
    ports.forEach((port, index) => port.set(box.at + (index - (ports.length - 1) / 2) * step));
  }
}

function draw(boxes, wires, layers, length, down, labelWidth) {
  spreadPorts(wires);
  const across = Math.max(0, ...layers.flat().map((box) => box.at + box.across / 2));
  const point = (along, at) => (down ? { x: at, y: along } : { x: along, y: at });
  const placed = new Map();
  for (const box of boxes.values()) placed.set(box.id, point(box.start, box.at - box.across / 2));
  const drawn = new Map();
  for (const wire of wires) {
    const stops = [[wire.chain[0].end, wire.first]];
    for (const dummy of wire.chain.slice(1, -1)) stops.push([dummy.start, dummy.at], [dummy.end, dummy.at]);
    stops.push([wire.chain.at(-1).start, wire.last]);
    drawn.set(wire.id, trace(wire.back ? stops.reverse() : stops, point));
  }
  placeLabels([...drawn.values()], labelWidth);
  return { ...(down ? { width: across, height: length } : { width: length, height: across }), nodes: placed, edges: drawn };
}

/** Labels shun each other: each takes the best place that is free, else the usual one. */
function placeLabels(edges, width) {
  const taken = [];
  const free = (at) => taken.every((each) => Math.abs(each.x - at.x) >= width || Math.abs(each.y - at.y) >= labelHeight);
  for (const edge of edges) {
    const places = labelPlaces.map(edge.along);
    const found = places.find(free);
    edge.label = found ?? places[0];
    edge.tight = !found;
    taken.push(edge.label);
  }
}

/** A smooth way through the stops; `along(part)` is a point of its longest curve. */
function trace(stops, point) {
  const text = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  let path = `M${text(point(...stops[0]))}`;
  let along = null;
  let longest = -1;
  for (let i = 1; i < stops.length; ++i) {
    const [from, to] = [stops[i - 1], stops[i]];
    const middle = (from[0] + to[0]) / 2;
    path += `C${text(point(middle, from[1]))} ${text(point(middle, to[1]))} ${text(point(...to))}`;
    const length = Math.abs(to[0] - from[0]);
    if (length > longest) {
      longest = length;
      along = (part) => point(bezier(from[0], middle, middle, to[0], part), bezier(from[1], from[1], to[1], to[1], part));
    }
  }
  return { path, along };
}

function bezier(a, b, c, d, t) {
  const s = 1 - t;
  return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
}
