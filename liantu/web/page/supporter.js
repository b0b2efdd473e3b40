// @ts-check
/* The card of who supports: a core school, a centre, a partner – reach, load, whom it alone holds. */
"use strict";
(() => {
  const { el } = liantu;

  /** @param {HTMLElement} root @param {number} node */
  function show(root, node) {
    const { data, feed } = liantu;
    const stop = liantu.stopOf();
    const last = liantu.isWhole(stop);
    if (["center", "partner"].includes(liantu.kindOf(node))) {
      const own = node - data.base[1];
      const { form, tier, region } = feed.helpers;
      const said = [form[own] && liantu.word("form." + form[own]), tier[own] && liantu.word("tier") + (liantu.state.lang === "zh" ? "：" : ": ") + tier[own],
        region[own] >= 0 && liantu.regionPath(region[own])].filter(Boolean);
      if (said.length) root.append(el("p", {}, said.join(" · ")));
    }
    const rows = [...data.out(node)].filter((row) => liantu.holds(row, stop) && data.tie.target[row] !== node);
    const place = data.supporter.get(node);
    if (!rows.length && place === undefined) {
      if (!["school", "alliance"].includes(liantu.kindOf(node))) root.append(el("p", { class: "quiet" }, liantu.word("supports_nobody")));
      return;
    }
    const s = feed.supporters;
    const reach = liantu.command("reach", "--hops 2", { region: false });
    const load = liantu.command("load", "", { region: false });
    /** @type {[string, string, string, string?][]} */
    const given = [["supports_schools", liantu.number(new Set(rows.map((row) => data.tie.target[row])).size), reach]];
    if (last && place !== undefined) {
      given.push(["within_two", liantu.number(s.within_hops[place]), reach], ["pupils_within", liantu.number(s.pupils_within_hops[place]), reach],
        ["sole", liantu.number(s.sole[place]), reach]);
      if (s.pupils_supported[place] !== null) {
        given.push(["pupils_supported", liantu.number(s.pupils_supported[place]), load], ["posted_out", liantu.number(s.posted_out[place]), load],
          ["posted_in", liantu.number(s.posted_in[place]), load]);
        if (s.headroom[place] !== null) given.push(["headroom", liantu.number(s.headroom[place]), load, s.headroom[place] < 0 ? "alarm" : ""]);
      }
    }
    const flags = last && place !== undefined && s.flags[place] ? s.flags[place].split("|") : [];
    root.append(liantu.part(liantu.word("as_supporter"), liantu.facts(given), last ? null : liantu.knownOn(),
      flags.length ? el("p", { class: "alarm" }, liantu.listed(flags.map((/** @type {string} */ flag) => liantu.word("load_flag." + flag)))) : null,
      rows.length ? liantu.tieTable(rows, "target") : null));
    const scope = liantu.inScope();
    const alone = [...data.fallsWith(node)].map((row) => feed.falls.school[row]);
    const counted = alone.filter((school) => scope[school]);
    if (last && alone.length) {
      root.append(liantu.part(liantu.word("holds_alone"),
        liantu.facts([["lost", liantu.number(counted.length), liantu.command("resilience", liantu.scoped(), { region: false }), counted.length ? "alarm" : ""]]),
        liantu.few(counted.length ? counted : alone),
        liantu.button(liantu.word("list_falls"), () => liantu.go({ view: "schools", falls: liantu.keyOf(node), covered: "", rung: "", q: "" }), { class: "link" })));
    }
  }

  for (const kind of ["school", "center", "partner", "alliance"]) liantu.card(kind, show);
})();
