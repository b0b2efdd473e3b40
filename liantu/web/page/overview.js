// @ts-check
/* The first view: how many are supported, by region and stage; what changed; what ends. */
"use strict";
(() => {
  const { el } = liantu;

  /** How many of the pupils of a mask are in schools that are not covered, and whether all say. */
  function pupils(/** @type {Uint8Array} */ mask, /** @type {number} */ stop) {
    const { rung, school } = liantu.data;
    let sum = 0, told = false;
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i] || rung[stop][i] < 0 || school.pupils[i] === null) continue;
      told = true;
      if (!liantu.isCovered(rung[stop][i])) sum += school.pupils[i];
    }
    return told ? sum : null;
  }

  /** @type {Map<string, (number | null)[]>} */
  const kept = new Map();
  liantu.on("feed", () => kept.clear());

  /** The share at every stop, of the chosen scope and region. */
  function rates() {
    const { feed, state } = liantu;
    const key = state.scope + " " + state.region;
    let found = kept.get(key);
    if (!found) {
      const mask = liantu.chosen();
      found = feed.stops.map((/** @type {string} */ _, /** @type {number} */ stop) => {
        const { covered, in_scope: all } = liantu.count(mask, stop);
        return all ? covered / all : null;
      });
      kept.set(key, /** @type {(number | null)[]} */ (found));
    }
    return found;
  }

  /** @param {Uint8Array} mask @param {number} stop */
  function headline(mask, stop) {
    const { state } = liantu;
    const found = liantu.count(mask, stop);
    const line = liantu.command("coverage", liantu.scoped());
    const lost = found.in_scope - found.covered;
    const children = pupils(mask, stop);
    return el("section", { class: "block hero" },
      el("p", { class: "headline" },
        liantu.figure(liantu.percent(found.covered, found.in_scope), "rate", line, "big"),
        el("span", { class: "of" }, liantu.figure(`${liantu.number(found.covered)} / ${liantu.number(found.in_scope)}`, "covered_of", line), " ", liantu.word("schools_covered"))),
      el("p", { class: "quiet" }, liantu.word("scope_" + state.scope), " · ", state.date, " · ", liantu.meaning("rate")),
      liantu.ladder(found), liantu.legend(),
      el("div", { class: "row" },
        liantu.facts([["uncovered", liantu.number(lost), line, lost ? "alarm" : ""],
          ["pupils_uncovered", liantu.number(children), line]]),
        lost ? liantu.button(liantu.word("list_uncovered"), () => liantu.go({ view: "schools", covered: "no" }), { class: "main" }) : null));
  }

  /** @param {Uint8Array} mask @param {number} stop */
  function byRegion(mask, stop) {
    const { feed, data } = liantu;
    if (!feed.regions.id.length) return null;
    let at = liantu.chosenRegion();
    if (at < 0) at = feed.regions.id.indexOf(feed.focus);
    let top = liantu.under(at);
    // A region with a single part says nothing: begin below it.
    for (let parts = at < 0 ? data.roots : data.children[at]; parts.length === 1 && data.children[parts[0]].length;) {
      at = parts[0];
      top = liantu.under(at);
      parts = data.children[at];
    }
    const own = data.school.region;
    const found = liantu.countBy(mask, stop, (/** @type {number} */ i) => (own[i] < 0 ? -1 : top[own[i]]));
    const groups = [...found].map(([region, tally]) => ({
      found: tally, name: region < 0 ? (at < 0 ? liantu.word("no_region") : liantu.regionName(at) + " " + liantu.word("itself")) : liantu.regionName(region),
      open: region < 0 ? undefined : () => liantu.go({ region: feed.regions.id[region] }),
    }));
    if (!groups.length || (groups.length === 1 && !groups[0].open)) return null;
    return liantu.groups({ title: liantu.word("by_region"), head: liantu.word("region"), groups, line: liantu.command("coverage", liantu.scoped()) });
  }

  /** @param {Uint8Array} mask @param {number} stop */
  function byStage(mask, stop) {
    const { stage } = liantu.data.school;
    const found = liantu.countBy(mask, stop, (/** @type {number} */ i) => stage.codes[i]);
    const groups = [...found].map(([code, tally]) => ({
      found: tally, name: code < 0 ? liantu.word("no_stage") : liantu.word("stage." + stage.words[code]),
      open: code < 0 ? undefined : () => liantu.go({ view: "schools", stage: stage.words[code] }),
    }));
    return groups.length ? liantu.groups({ title: liantu.word("by_stage"), head: liantu.word("stage_word"), groups, line: liantu.command("coverage", liantu.scoped()) }) : null;
  }

  /** @param {number} stop */
  function trend(stop) {
    const { feed } = liantu;
    if (feed.stops.length < 2) return null;
    const values = /** @type {(number | null)[]} */ (rates());
    return el("section", { class: "block" }, el("h2", {}, liantu.word("course")),
      liantu.course({ values, dates: feed.stops, wide: innerWidth > 1100 ? Math.min(innerWidth, 1500) / 2 - 80 : 900, marks: [0, stop], label: liantu.word("course"),
        said: (/** @type {number} */ i) => liantu.percent(values[i] || 0, 1), pick: (/** @type {number} */ i) => liantu.go({ date: feed.stops[i] }) }));
  }

  /** @param {HTMLElement} root */
  function fill(root) {
    const mask = liantu.chosen();
    const stop = liantu.stopOf();
    const regions = byRegion(mask, stop);
    const course = trend(stop);
    root.replaceChildren(headline(mask, stop),
      el("div", { class: "halves" }, el("div", {}, regions || course), el("div", {}, byStage(mask, stop), regions && course)),
      ...[liantu.changed(), liantu.ending()].filter(Boolean));
  }

  liantu.view({
    key: "overview", title: "overview",
    show: (/** @type {HTMLElement} */ root) => {
      fill(root);
      return (/** @type {Set<string>} */ changed) => {
        if (["scope", "date", "region", "since"].some((key) => changed.has(key))) fill(root);
      };
    },
  });
  Object.assign(liantu, { rates, headline });
})();
