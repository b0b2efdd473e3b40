// @ts-check
/* The feed as arrays, and what is counted of them. Rules stand in Python alone: here is only adding
 * up what it judged.
 *
 * Nodes are numbered: schools first, then centres, partners, alliances. A stop is a date judged: the
 * month ends before the as-of date, and that date, the last one. A sign of a text is a small number,
 * "0" and up; "/" is −1, none. `rungs` has a sign for every school and stop: 0 none, 1 named, 2 in
 * force, 3 active, 4 sustained; 5 and 6 are none and named, but covered as a core; / not open.
 */
"use strict";
(() => {
  const ZERO = 48;
  const KINDS = ["school", "center", "partner", "alliance"];

  /** @param {string} text */
  const signs = (text) => Int8Array.from(text, (sign) => sign.charCodeAt(0) - ZERO);

  /** @param {number[]} given */
  function steps(given) {
    const found = new Int32Array(given.length);
    let sum = 0;
    for (let i = 0; i < given.length; i++) found[i] = sum += given[i];
    return found;
  }

  /** @param {{words: string[], codes: string}} column */
  const coded = (column) => ({ words: column.words, codes: signs(column.codes) });

  /** Days: −1 is open, an end of −2 the day of the start. @param {any} rows */
  const dated = (rows) => ({
    days: rows.days,
    start: Int32Array.from(rows.start),
    end: Int32Array.from(rows.end, (/** @type {number} */ day, i) => (day === -2 ? rows.start[i] : day)),
  });

  /** From which to which stop; what never holds ends before it begins.
   * @param {string} from @param {string} number */
  function spans(from, number) {
    const first = signs(from);
    return { from: first, to: signs(number).map((length, i) => first[i] + length - 1) };
  }

  /** Rows of the nodes at one end. @param {number} n @param {ArrayLike<number>} ends */
  function rowsOf(n, ends) {
    const first = new Int32Array(n + 1);
    for (let i = 0; i < ends.length; i++) first[ends[i] + 1]++;
    for (let i = 0; i < n; i++) first[i + 1] += first[i];
    const next = first.slice();
    const rows = new Int32Array(ends.length);
    for (let i = 0; i < ends.length; i++) rows[next[ends[i]]++] = i;
    return (/** @type {number} */ node) => rows.subarray(first[node], first[node + 1]);
  }

  /** @param {any} feed */
  function arrays(feed) {
    const schools = feed.counts.school;
    const n = feed.nodes.id.length;
    const stops = feed.stops.length;
    /** @type {number[]} */
    const base = [];
    KINDS.reduce((sum, kind) => (base.push(sum), sum + feed.counts[kind]), 0);

    const side = signs(feed.rungs);
    const rung = Array.from({ length: stops }, () => new Int8Array(schools));
    for (let school = 0, i = 0; school < schools; school++) {
      for (let stop = 0; stop < stops; stop++) rung[stop][school] = side[i++];
    }

    const s = feed.schools;
    const school = {
      region: Int32Array.from(s.region),
      stage: coded(s.stage), urban_rural: coded(s.urban_rural), quality: coded(s.quality),
      pupils: s.pupils,
      rural: signs(s.rural), reported: signs(s.reported), direct: signs(s.direct),
      heir: Int32Array.from(s.heir), core: signs(s.core), hops: signs(s.hops),
      months: signs(s.months),
    };
    const t = feed.ties;
    const tie = {
      source: steps(t.source), target: steps(t.target), basis: coded(t.basis), form: coded(t.form),
      mutual: signs(t.mutual), ...dated(t),
      force: spans(t.force_from, t.force), active: spans(t.active_from, t.active),
    };
    const m = feed.members;
    const member = {
      school: Int32Array.from(m.school), alliance: steps(m.alliance), core: signs(m.core),
      ...dated(m), holds: spans(m.holds_from, m.holds),
    };
    const parents = feed.regions.parent;
    const children = Array.from(parents, () => /** @type {number[]} */ ([]));
    /** @type {number[]} */
    const roots = [];
    parents.forEach((/** @type {number} */ parent, /** @type {number} */ region) =>
      (parent < 0 ? roots : children[parent]).push(region));
    const supporter = new Map(
      feed.supporters.node.map((/** @type {number} */ node, /** @type {number} */ i) => [node, i]));

    const self = {
      kinds: KINDS, base, n, schools, stops, rung, school, tie, member, children, roots, supporter,
      level: coded(feed.regions.level),
      allianceForm: coded(feed.alliances.form),
      out: rowsOf(n, tie.source), into: rowsOf(n, tie.target),
      membersOf: rowsOf(n, member.alliance), groupsOf: rowsOf(n, member.school),
      childrenOf: rowsOf(n, feed.families.parent), parentsOf: rowsOf(n, feed.families.child),
      fallsWith: rowsOf(n, feed.falls.supporter), hangsOn: rowsOf(n, feed.falls.school),
      x: steps(feed.places.x), y: steps(feed.places.y), there: signs(feed.places.there),
      /** @type {Map<string, number>} */
      numbers: new Map(),
    };
    for (let node = 0; node < n; node++) self.numbers.set(key(node), node);
    return self;

    /** @param {number} node */
    function key(node) {
      let kind = 3;
      while (base[kind] > node) kind--;
      return KINDS[kind] + ":" + feed.nodes.id[node];
    }
  }

  const data = () => liantu.data;

  /** @param {number} node */
  function kindOf(node) {
    const { base } = data();
    let kind = 3;
    while (base[kind] > node) kind--;
    return KINDS[kind];
  }

  /** The key of a node in the state. @param {number} node */
  const keyOf = (node) => kindOf(node) + ":" + liantu.feed.nodes.id[node];

  /** @param {number} node @returns {string} */
  const nameOf = (node) => liantu.feed.nodes.name[node] || liantu.feed.nodes.id[node];

  /** @param {number} region @returns {string} */
  const regionName = (region) =>
    region < 0 ? "–" : liantu.feed.regions.name[region] || liantu.feed.regions.id[region];

  /** A village with what it lies in, for its name alone says little. @param {number} region @returns {string} */
  function regionPath(region) {
    const { level } = liantu.data;
    const parent = region < 0 ? -1 : liantu.feed.regions.parent[region];
    const village = region >= 0 && level.words[level.codes[region]] === "village" && parent >= 0;
    return (village ? regionName(parent) + "·" : "") + regionName(region);
  }

  /** The number of the chosen stop. @param {string} [date] */
  const stopOf = (date = liantu.state.date) => {
    const found = liantu.feed.stops.indexOf(date);
    return found < 0 ? liantu.feed.stops.indexOf(liantu.feed.as_of) : found;
  };

  /** Whether a stop is the date that everything is known of. @param {number} stop */
  const isWhole = (stop) => liantu.feed.stops[stop] === liantu.feed.as_of;

  /** Take in the rungs of one more day, between the stops; of ties and members only what holds
   * before it and after it is taken to hold. @param {string} day @param {string} rungs */
  function withDay(day, rungs) {
    const { feed } = liantu;
    const self = data();
    const later = feed.stops.findIndex((/** @type {string} */ stop) => stop > day);
    const place = later < 0 ? feed.stops.length : later;
    feed.stops.splice(place, 0, day);
    self.stops++;
    self.rung.splice(place, 0, signs(rungs));
    for (const span of [self.tie.force, self.tie.active, self.member.holds]) {
      for (let i = 0; i < span.to.length; i++) {
        if (span.to[i] >= place && span.to[i] >= span.from[i]) span.to[i]++;
        if (span.from[i] >= place) span.from[i]++;
      }
    }
  }

  /** The word of a code in a column. @param {string} group
   * @param {{words: string[], codes: Int8Array}} column @param {number} i */
  const wordOf = (group, column, i) =>
    column.codes[i] < 0 ? "–" : liantu.word(group + "." + column.words[column.codes[i]]);

  /** Which schools count in the scope: only of these are rates. @param {string} [scope] */
  function inScope(scope = liantu.state.scope) {
    const { school, schools } = data();
    const least = scope === "strict" ? 2 : scope === "broad" ? 1 : 0;
    const found = new Uint8Array(schools);
    for (let i = 0; i < schools; i++) {
      found[i] = school.reported[i] && school.rural[i] >= least ? 1 : 0;
    }
    return found;
  }

  /** Which regions lie in one, itself included; all without one. @param {number} region */
  function regionMask(region) {
    const { children } = data();
    const found = new Uint8Array(children.length);
    const open = [region];
    while (open.length) {
      const next = /** @type {number} */ (open.pop());
      found[next] = 1;
      open.push(...children[next]);
    }
    return found;
  }

  /** The number of the chosen region, −1 for none. */
  const chosenRegion = () =>
    liantu.state.region ? liantu.feed.regions.id.indexOf(liantu.state.region) : -1;

  /** Schools that count in scope and chosen region. @param {string} [scope] */
  function chosen(scope) {
    const found = inScope(scope);
    const region = chosenRegion();
    if (region < 0) return found;
    const inside = regionMask(region);
    const own = data().school.region;
    for (let i = 0; i < found.length; i++) if (own[i] < 0 || !inside[own[i]]) found[i] = 0;
    return found;
  }

  /** @param {number} rung */
  const isCovered = (rung) => rung >= 2;

  const RUNGS = ["none", "named", "core_only", "in_force", "active", "sustained"];
  // where a sign of `rungs` stands on the ladder
  const STEP = [0, 1, 3, 4, 5, 2, 2];

  /** An empty tally: schools in scope, covered, and on each step of the ladder. */
  const tally = () => ({ in_scope: 0, covered: 0, steps: new Array(RUNGS.length).fill(0) });

  /** @param {ReturnType<typeof tally>} found @param {number} rung */
  function add(found, rung) {
    found.in_scope++;
    if (isCovered(rung)) found.covered++;
    found.steps[STEP[rung]]++;
  }

  /** Count the schools of a mask that are open at a stop. @param {Uint8Array} mask @param {number} stop */
  function count(mask, stop) {
    const found = tally();
    const rung = data().rung[stop];
    for (let i = 0; i < mask.length; i++) if (mask[i] && rung[i] >= 0) add(found, rung[i]);
    return found;
  }

  /** Count by group. @param {Uint8Array} mask @param {number} stop
   * @param {(school: number) => number} groupOf −1 for none of interest */
  function countBy(mask, stop, groupOf) {
    /** @type {Map<number, ReturnType<typeof tally>>} */
    const found = new Map();
    const rung = data().rung[stop];
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i] || rung[i] < 0) continue;
      const group = groupOf(i);
      let own = found.get(group);
      if (!own) found.set(group, (own = tally()));
      add(own, rung[i]);
    }
    return found;
  }

  /** For each region below a parent (−1: the whole), under which child of it it lies; −1 elsewhere. */
  function under(/** @type {number} */ parent) {
    const { children, roots } = data();
    const found = new Int32Array(children.length).fill(-1);
    for (const top of parent < 0 ? roots : children[parent]) {
      const open = [top];
      while (open.length) {
        const next = /** @type {number} */ (open.pop());
        found[next] = top;
        open.push(...children[next]);
      }
    }
    return found;
  }

  /** Whether a tie holds at a stop: in force, or active in the window before. */
  const inForce = (/** @type {number} */ row, /** @type {number} */ stop) =>
    data().tie.force.from[row] <= stop && stop <= data().tie.force.to[row];
  const isActive = (/** @type {number} */ row, /** @type {number} */ stop) =>
    data().tie.active.from[row] <= stop && stop <= data().tie.active.to[row];
  const holds = (/** @type {number} */ row, /** @type {number} */ stop) =>
    inForce(row, stop) || isActive(row, stop);

  /** A day of ties or memberships, "" where open. @param {any} rows @param {string} end @param {number} row */
  const dayOf = (rows, end, row) => (rows[end][row] < 0 ? "" : rows.days[rows[end][row]]);

  /** Neighbours in the tie set of a stop, each once. @param {number} node @param {number} stop
   * @param {"in" | "out"} way */
  function neighbours(node, stop, way) {
    const { tie, out, into } = data();
    const found = new Set();
    const ends = way === "in" ? tie.source : tie.target;
    for (const row of (way === "in" ? into : out)(node)) {
      if (holds(row, stop) && ends[row] !== node) found.add(ends[row]);
    }
    return [...found];
  }

  Object.assign(liantu, {
    arrays, withDay, isWhole, kindOf, keyOf, nameOf, regionName, regionPath, stopOf, wordOf, inScope, regionMask, chosenRegion,
    chosen, isCovered, RUNGS, STEP, count, countBy, under, inForce, isActive, holds, dayOf,
    neighbours,
  });
})();
