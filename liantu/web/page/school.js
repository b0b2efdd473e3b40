// @ts-check
/* The card of a school: who supports it, and what it hangs on. */
"use strict";
(() => {
  const { el } = liantu;
  /** @typedef {HTMLElement} Root */

  liantu.card("school", (/** @type {Root} */ root, /** @type {number} */ i) => {
    const { data, feed } = liantu;
    const { school } = data;
    const stop = liantu.stopOf();
    const rung = data.rung[stop][i];
    const last = liantu.isWhole(stop);
    const line = liantu.command("coverage", "--scope all", { region: false });
    const path = [];
    for (let at = school.region[i]; at >= 0; at = feed.regions.parent[at]) path.unshift(liantu.regionName(at));
    root.append(
      el("p", { class: "status" }, liantu.figure(rung < 0 ? liantu.word("not_open") : liantu.word(liantu.isCovered(rung) ? "is_covered" : "not_covered"), "covered_word", line, rung >= 0 && !liantu.isCovered(rung) ? "alarm strong" : "strong"),
        " ", liantu.badge(rung), el("span", { class: "quiet" }, " ", feed.stops[stop])),
      liantu.strip(i),
      el("p", { class: "quiet" }, `${feed.stops[0]} – ${feed.stops[feed.stops.length - 1]}`),
      el("p", {}, [path.join(" › "), liantu.wordOf("stage", school.stage, i), liantu.wordOf("urban_rural", school.urban_rural, i),
        school.quality.codes[i] < 0 ? "" : liantu.wordOf("quality", school.quality, i)].filter((text) => text && text !== "–").join(" · ")),
      liantu.facts([
        ["pupils", liantu.number(school.pupils[i]), ""],
        ["supporters", liantu.number(liantu.neighbours(i, stop, "in").length), line],
        ...(last ? [["months_active", liantu.number(school.months[i]), line], ["hops", school.hops[i] < 0 ? "–" : liantu.number(school.hops[i]), line]] : []),
      ]),
      last ? "" : liantu.knownOn(),
      el("div", { class: "row no-print" },
        liantu.button(liantu.word("show_ties"), () => liantu.go({ view: "map", mode: "focus" }), { class: "main" }),
        liantu.button(liantu.word("show_map"), () => liantu.go({ view: "map", mode: "map" }), { class: "plain" })));

    const rows = [...data.into(i)].filter((row) => data.tie.source[row] !== i);
    const now = rows.filter((row) => liantu.holds(row, stop));
    root.append(liantu.part(liantu.word("who_supports"), now.length ? liantu.tieTable(now, "source") : el("p", { class: "quiet" }, liantu.word("nobody"))));
    if (last && school.heir[i] >= 0) {
      root.append(liantu.part(liantu.word("inherited_from"), el("p", {}, liantu.nodeLink(school.heir[i]), " ", liantu.word("inherited_word"))));
    }
    const hangs = [...data.hangsOn(i)].map((row) => feed.falls.supporter[row]);
    if (last && hangs.length) {
      root.append(liantu.part(liantu.word("falls_without"), el("p", { class: "alarm" }, liantu.word("falls_text")), liantu.few(hangs)));
    }
    const past = rows.filter((row) => !liantu.holds(row, stop) && data.tie.basis.words[data.tie.basis.codes[row]] !== "delivers");
    if (past.length) {
      root.append(el("details", { class: "part" }, el("summary", {}, liantu.say("recorded_only", { count: past.length })), liantu.tieTable(past, "source")));
    }
    const groups = [...data.groupsOf(i)].filter((row) => data.member.holds.from[row] <= stop && stop <= data.member.holds.to[row]);
    if (groups.length) {
      root.append(liantu.part(liantu.word("alliances"), el("ul", { class: "names" }, groups.map((row) =>
        el("li", {}, liantu.nodeLink(data.member.alliance[row]), " ", liantu.word(data.member.core[row] ? "role.core" : "role.member"))))));
    }
    for (const [key, of, end] of [["parent_school", data.parentsOf, "parent"], ["child_schools", data.childrenOf, "child"]]) {
      const nodes = [...of(i)].map((row) => feed.families[end][row]);
      if (last && nodes.length) root.append(liantu.part(liantu.word(key), liantu.few(nodes)));
    }
  });
})();
