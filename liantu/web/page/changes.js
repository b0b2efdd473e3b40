// @ts-check
/* What changed between two stops, and what ends next. */
"use strict";
(() => {
  const { el } = liantu;
  const FEW = 8;
  liantu.known({ since: "" });

  /** The stop that is compared with: chosen, else a year before, else the first. */
  function sinceStop() {
    const chosen = liantu.feed.stops.indexOf(liantu.state.since);
    return chosen >= 0 ? chosen : Math.max(0, liantu.stopOf() - 12);
  }

  /** Schools by what became of them between two stops. @param {Uint8Array} mask
   * @param {number} before @param {number} now */
  function changes(mask, before, now) {
    const { rung } = liantu.data;
    /** @type {Record<string, number[]>} */
    const found = { gained: [], lost: [], opened: [], closed: [], moved: [] };
    for (let i = 0; i < mask.length; i++) {
      if (!mask[i]) continue;
      const [a, b] = [rung[before][i], rung[now][i]];
      if (a === b) continue;
      if (a < 0) found.opened.push(i);
      else if (b < 0) found.closed.push(i);
      else if (liantu.isCovered(b) && !liantu.isCovered(a)) found.gained.push(i);
      else if (liantu.isCovered(a) && !liantu.isCovered(b)) found.lost.push(i);
      else found.moved.push(i);
    }
    return found;
  }

  /** Names to open cards with. @param {number[]} nodes */
  const few = (nodes) => el("ul", { class: "names" },
    nodes.slice(0, FEW).map((node) => el("li", {}, liantu.nodeLink(node))),
    nodes.length > FEW ? el("li", { class: "quiet" }, liantu.say("and_more", { count: liantu.number(nodes.length - FEW) })) : null);

  /** A link that opens the card of a node. @param {number} node */
  const nodeLink = (node) =>
    liantu.button(liantu.nameOf(node), () => liantu.go({ sel: liantu.keyOf(node) }), { class: "link" });

  function changed() {
    const { feed, state } = liantu;
    const [before, now] = [sinceStop(), liantu.stopOf()];
    const found = changes(liantu.chosen(), before, now);
    const options = feed.stops.slice(0, now).map((/** @type {string} */ date) => [date, date]).reverse();
    if (!options.length) return null;
    const line = liantu.command("compare", liantu.scoped(), { date: `${feed.stops[before]},${state.date}` });
    return el("section", { class: "block" },
      el("h2", {}, liantu.word("changed")),
      liantu.select({ label: liantu.word("since_date"), value: feed.stops[before], options,
        change: (/** @type {string} */ since) => liantu.go({ since }) }),
      el("div", { class: "quarters" }, ["gained", "lost", "opened", "closed"].map((key) =>
        el("div", { class: "quarter" }, el("p", { class: "count" }, liantu.figure(liantu.number(found[key].length), key, line),
          el("span", {}, liantu.word(key))), few(found[key])))),
      el("p", {}, liantu.button(liantu.word("side_by_side"), () => liantu.go({ view: "time", since: feed.stops[before] }), { class: "link" })));
  }

  /** What ends within a year of the as-of date, in the chosen region. */
  function ending() {
    const { feed } = liantu;
    const mask = liantu.chosen("all");
    const { ending: rows } = feed;
    const inside = (/** @type {number} */ node) => node >= 0 && node < mask.length && mask[node];
    const all = liantu.chosenRegion() < 0 && !feed.focus;
    /** @type {number[]} */
    const kept = [];
    let number = 0;
    for (let i = 0; i < rows.end.length; i++) {
      if (!all && !inside(rows.source[i]) && !inside(rows.target[i])) continue;
      kept.push(i);
      number += rows.count[i];
    }
    const scope = liantu.chosen();
    /** @type {number[]} */
    const lost = feed.falling.school.filter((/** @type {number} */ school) => school >= 0 && scope[school]);
    const line = liantu.command("expiry", "--within 12m " + liantu.scoped(), { date: feed.as_of });
    const end = (/** @type {string} */ side, /** @type {number} */ i) => rows[side][i] >= 0 ? nodeLink(rows[side][i])
      : rows[side + "_name"][i] || liantu.word("kind." + rows[side + "_kind"][i]);
    return el("section", { class: "block" },
      el("h2", {}, liantu.word("ends_next")),
      el("p", {}, liantu.say("ends_within", { day: feed.as_of })),
      liantu.facts([["ending", liantu.number(number), line], ["falling", liantu.number(lost.length), line, lost.length ? "alarm" : ""]]),
      lost.length ? few(lost) : null,
      kept.length ? el("table", { class: "plain-table" },
        el("thead", {}, el("tr", {}, ["ends_on", "giver", "receiver", "what"].map((key) => el("th", { scope: "col" }, liantu.word(key))))),
        el("tbody", {}, kept.slice(0, FEW).map((i) => el("tr", {},
          el("td", { class: "num" }, rows.end[i]), el("td", {}, end("source", i)), el("td", {}, end("target", i)),
          el("td", {}, liantu.how(rows.basis[i], rows.form[i]), rows.count[i] > 1 ? ` × ${rows.count[i]}` : ""))))) : null,
      kept.length > FEW ? el("p", { class: "quiet" }, liantu.say("and_more", { count: liantu.number(kept.length - FEW) }), " ", el("code", {}, line)) : null);
  }

  /** What a tie is, in words. @param {string} basis @param {string} form */
  const how = (basis, form) =>
    liantu.word("relation." + basis) + (form ? (liantu.state.lang === "zh" ? "：" : ": ") + liantu.word("form." + form) : "");

  Object.assign(liantu, { sinceStop, changes, changed, ending, nodeLink, few, how });
})();
