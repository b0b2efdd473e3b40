// @ts-check
/* What the picture shows: where each node stands, and the ties of the selected one. */
"use strict";
(() => {
  /** Places of all schools, as plane coordinates with y downwards. */
  function places() {
    const { data, feed } = liantu;
    const onEarth = feed.places.kind === "map";
    const n = data.schools;
    const [x, y] = [new Float64Array(data.n), new Float64Array(data.n)];
    const there = new Uint8Array(data.n);
    let mean = 0, number = 0;
    for (let i = 0; i < n; i++) if (data.there[i]) { mean += data.y[i] / 10_000; number++; }
    // Degrees of longitude are shorter away from the equator: drawn as long as they are here.
    const narrow = onEarth ? Math.cos(((mean / (number || 1)) * Math.PI) / 180) : 1;
    for (let i = 0; i < n; i++) {
      there[i] = data.there[i];
      x[i] = data.x[i] * narrow;
      y[i] = -data.y[i];
    }
    return { x, y, there };
  }

  /** Nodes within some steps of one, with the ties between: help that comes in, and that goes out.
   * @param {number} node @param {number} stop @param {number} steps @param {string} way in, out, both
   * @returns {{levels: Map<number, number>, edges: {from: number, to: number, way: string, step: number}[]}} */
  function around(node, stop, steps, way) {
    /** @type {Map<number, number>} */
    const levels = new Map([[node, 0]]);
    const edges = [];
    const { member, membersOf, base } = liantu.data;
    if (node >= base[3]) { // an alliance with its members
      for (const row of membersOf(node)) {
        if (stop < member.holds.from[row] || member.holds.to[row] < stop || levels.has(member.school[row])) continue;
        levels.set(member.school[row], 1);
        edges.push({ from: node, to: member.school[row], way: "member", step: 1 });
      }
    }
    for (const side of /** @type {("in" | "out")[]} */ (["in", "out"])) {
      if (way !== "both" && way !== side) continue;
      let edge = [node];
      const seen = new Set([node]);
      for (let step = 1; step <= steps; step++) {
        const next = [];
        for (const from of edge) {
          for (const to of liantu.neighbours(from, stop, side)) {
            edges.push(side === "in" ? { from: to, to: from, way: side, step } : { from, to, way: side, step });
            if (seen.has(to)) continue;
            seen.add(to);
            next.push(to);
            if (!levels.has(to)) levels.set(to, side === "in" ? -step : step);
          }
        }
        edge = next;
      }
    }
    return { levels, edges };
  }

  /** What is no school stands in the middle of the schools that it is tied to.
   * @param {ReturnType<typeof places>} at @param {Iterable<number>} nodes @param {number} stop */
  function placeOthers(at, nodes, stop) {
    for (const node of nodes) {
      if (node < liantu.data.schools) continue;
      let x = 0, y = 0, number = 0;
      const { member, membersOf, base } = liantu.data;
      const own = node < base[3] ? [] : [...membersOf(node)].map((row) => member.school[row]);
      for (const other of own) if (at.there[other]) { x += at.x[other]; y += at.y[other]; number++; }
      for (const way of ["in", "out"]) {
        for (const other of liantu.neighbours(node, stop, way)) {
          if (other >= liantu.data.schools || !at.there[other]) continue;
          x += at.x[other]; y += at.y[other]; number++;
        }
      }
      at.there[node] = number ? 1 : 0;
      if (number) { at.x[node] = x / number; at.y[node] = y / number; }
    }
  }

  /** Each region's place on the way down to it, the top first. @param {number} depth
   * @returns {Int32Array} for every region the one at this depth that it lies in, -1 where none */
  function atDepth(depth) {
    const parent = liantu.feed.regions.parent;
    const found = new Int32Array(parent.length).fill(-1);
    for (let region = 0; region < parent.length; region++) {
      const path = [];
      for (let up = region; up >= 0; up = parent[up]) path.push(up);
      if (path.length > depth) found[region] = path[path.length - 1 - depth];
    }
    return found;
  }

  /** Names for a picture of very many schools: the regions that they lie in, of the first depth with
   * enough of them. @param {ReturnType<typeof places>} at @param {number[]} seen */
  function regionNames(at, seen) {
    const own = liantu.data.school.region;
    for (let depth = 0; depth < 8; depth++) {
      const of = atDepth(depth);
      /** @type {Map<number, {x: number, y: number, number: number}>} */
      const found = new Map();
      for (const i of seen) {
        const region = own[i] < 0 ? -1 : of[own[i]];
        if (region < 0) continue;
        const sum = found.get(region) || { x: 0, y: 0, number: 0 };
        sum.x += at.x[i]; sum.y += at.y[i]; sum.number++;
        found.set(region, sum);
      }
      if (!found.size) return [];
      if (found.size < 6 && depth < 7) continue;
      return [...found].sort((a, b) => b[1].number - a[1].number || a[0] - b[0])
        .map(([region, { x, y, number }]) => ({ x: x / number, y: y / number, text: liantu.regionName(region) }));
    }
    return [];
  }

  /** Columns around one node: who helps on the left, who is helped on the right.
   * @param {Map<number, number>} levels @param {{from: number, to: number}[]} edges */
  function columns(levels, edges) {
    const [x, y] = [new Map(), new Map()];
    /** @type {Map<number, number[]>} */
    const groups = new Map();
    for (const [node, level] of levels) groups.set(level, [...(groups.get(level) || []), node]);
    /** @type {Map<number, number[]>} */
    const near = new Map();
    for (const { from, to } of edges) {
      near.set(from, [...(near.get(from) || []), to]);
      near.set(to, [...(near.get(to) || []), from]);
    }
    const order = [...groups.keys()].sort((a, b) => Math.abs(a) - Math.abs(b) || a - b);
    let reach = /** @type {Record<string, number>} */ ({ left: 0, right: 0 });
    for (const level of order) {
      const nodes = /** @type {number[]} */ (groups.get(level));
      // Near those in the column before, so that few lines cross.
      const mean = (/** @type {number} */ node) => {
        const known = (near.get(node) || []).filter((other) => y.has(other)).map((other) => y.get(other));
        return known.length ? known.reduce((a, b) => a + b, 0) / known.length : 0;
      };
      const ranked = nodes.map((node) => /** @type {[number, number]} */ ([mean(node), node])).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const most = 24;
      const wide = Math.ceil(ranked.length / most);
      const tall = Math.ceil(ranked.length / wide);
      const side = level < 0 ? "left" : "right";
      ranked.forEach(([, node], i) => {
        const column = Math.floor(i / tall);
        x.set(node, level === 0 ? 0 : Math.sign(level) * (reach[side] + 260 + column * 190));
        y.set(node, (i % tall - (Math.min(tall, ranked.length - column * tall) - 1) / 2) * 30);
      });
      if (level !== 0) reach[side] += 260 + (wide - 1) * 190;
    }
    return { x, y };
  }

  Object.assign(liantu, { places, around, placeOthers, columns, regionNames });
})();
