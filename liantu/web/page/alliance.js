// @ts-check
/* The card of an alliance: its members over time, and the activities between them. */
"use strict";
(() => {
  const { el } = liantu;

  /** How many activities there are between two members, at each stop.
   * @param {Set<number>} ever who is or was a member @param {(stop: number) => number[]} members */
  function activities(ever, members) {
    const { tie, into } = liantu.data;
    const rows = [...ever].flatMap((school) => [...into(school)].filter((row) =>
      ever.has(tie.source[row]) && tie.source[row] !== school && tie.active.to[row] >= tie.active.from[row]));
    return liantu.feed.stops.map((/** @type {string} */ _, /** @type {number} */ stop) => {
      const there = new Set(members(stop));
      return rows.filter((row) => liantu.isActive(row, stop) && there.has(tie.source[row]) && there.has(tie.target[row])).length;
    });
  }

  liantu.card("alliance", (/** @type {HTMLElement} */ root, /** @type {number} */ node) => {
    const { data, feed } = liantu;
    const { member, rung } = data;
    const stop = liantu.stopOf();
    const rows = [...data.membersOf(node)];
    const at = (/** @type {number} */ when) => rows.filter((row) => member.holds.from[row] <= when && when <= member.holds.to[row]);
    const schools = (/** @type {number} */ when) => [...new Set(at(when).map((row) => member.school[row]))];
    const numbers = feed.stops.map((/** @type {string} */ _, /** @type {number} */ when) => schools(when).length);
    const busy = feed.stops.map((/** @type {string} */ _, /** @type {number} */ when) =>
      schools(when).filter((school) => [3, 4].includes(rung[when][school])).length);
    const inside = activities(new Set(rows.map((row) => member.school[row])), schools);
    const now = at(stop);
    const cores = now.filter((row) => member.core[row]).map((row) => member.school[row]);
    const others = now.filter((row) => !member.core[row]).map((row) => member.school[row]);
    const own = node - data.base[3];
    const region = feed.alliances.region[own];
    const top = Math.max(1, ...numbers);
    const line = liantu.command("timeline", "--by year", { region: false });
    root.append(...[
      el("p", {}, [liantu.wordOf("form", data.allianceForm, own), liantu.regionName(region)].filter((text) => text !== "–").join(" · ")),
      liantu.facts([["members", liantu.number(numbers[stop]), line], ["activities", liantu.number(inside[stop]), liantu.command("ties", "--current", { region: false })], ["members_active", liantu.number(busy[stop]), liantu.command("coverage", "--scope all", { region: false })]]),
      liantu.part(liantu.word("members_over_time"), feed.stops.length > 1
        ? liantu.course({ values: numbers, dates: feed.stops, top, wide: 360, marks: [0, stop], label: liantu.word("members_over_time"), said: (/** @type {number} */ i) => String(numbers[i]) }) : null),
      liantu.part(liantu.word("activities_over_time"), feed.stops.length > 1
        ? liantu.course({ values: inside, dates: feed.stops, top: Math.max(1, ...inside), wide: 360, marks: [0, stop], label: liantu.word("activities_over_time"), said: (/** @type {number} */ i) => String(inside[i]) }) : null),
      liantu.part(liantu.word("activity_over_time"), feed.stops.length > 1
        ? liantu.course({ values: busy, dates: feed.stops, top, wide: 360, marks: [0, stop], label: liantu.word("activity_over_time"), said: (/** @type {number} */ i) => String(busy[i]) }) : null),
      cores.length ? liantu.part(liantu.word("core_schools"), liantu.few(cores)) : null,
      others.length ? liantu.part(liantu.word("member_schools"), liantu.few(others)) : null,
      now.length ? liantu.button(liantu.word("list_members"), () => liantu.go({ view: "schools", alliance: liantu.keyOf(node), scope: "all" }), { class: "link" }) : null,
    ].filter((each) => each !== null));
  });
})();
