// @ts-check
/* What if: schools that leave, pairs to add, agreements to renew; what follows, at once. */
"use strict";
(() => {
  const { el, api } = liantu;
  const WAIT = 120; // milliseconds after the last change
  /** @type {any[]} */
  let edits = [];
  /** @type {any[][]} */
  let past = [];
  /** @type {any} */
  let found = null;
  /** @type {any[] | null} */
  let ending = null;
  let asked = 0;
  let timer = 0;
  let years = 1;
  let judged = ""; // the day that was chosen, if one was
  /** @type {HTMLElement} */
  let list;
  /** @type {HTMLElement} */
  let effect;
  /** @type {HTMLElement} */
  let ends;

  const lang = () => liantu.state.lang;
  const nodes = () => liantu.feed.nodes;

  /** @param {string} id @returns {string} */
  const nameOf = (id) => api.named(id);

  /** Renewals come first: what leaves afterwards leaves with what it has. @param {any[]} next */
  function become(next) {
    past.push(edits);
    edits = [...next.filter((edit) => edit.do === "renew"), ...next.filter((edit) => edit.do !== "renew")];
    changed();
  }

  /** @param {string} day */
  function yearOn(day) {
    const found = new Date(day + "T00:00:00Z");
    found.setUTCFullYear(found.getUTCFullYear() + 1);
    return found.toISOString().slice(0, 10);
  }

  const renews = () => edits.some((edit) => edit.do === "renew");

  /** The day on which the plan is judged: a renewal shows only after the end that it puts off. */
  const day = () => judged || (renews() ? yearOn(liantu.state.date) : liantu.state.date);

  /** @param {any[]} more */
  function add(more) {
    const known = new Set(edits.map((edit) => JSON.stringify(edit)));
    become([...edits, ...more.filter((edit) => !known.has(JSON.stringify(edit)))]);
  }

  function undo() {
    if (!past.length) return;
    edits = /** @type {any[]} */ (past.pop());
    changed();
  }

  function changed() {
    if (!list?.isConnected) return;
    listed();
    clearTimeout(timer);
    timer = setTimeout(tried, WAIT);
  }

  /** How is counted: in the region in focus, too. */
  const counted = () => ({ ...api.counted(), region: liantu.state.region });

  const plan = () => ({ scenario: { name: liantu.word("serve_plan_name"), as_of: day() }, edit: edits });

  /** Ask what the plan changes; an answer that came too late is passed over. */
  async function tried() {
    const own = ++asked;
    if (!edits.length) {
      found = null;
      return effected();
    }
    try {
      const path = api.now() + "/whatif";
      const answer = await (await api.send("POST", path, { scenario: plan(), lang: lang(), ...counted(), as_of: day() })).json();
      if (own !== asked) return;
      found = answer;
      effected();
    } catch (error) {
      if (own === asked) api.wrong(effect, error);
    }
  }

  // -- the plan ----------------------------------------------------------------------------------

  /** Cores that hold most, to be ticked. */
  function cores() {
    const ids = liantu.feed.supporters.node
      .filter((/** @type {number} */ node) => node < liantu.data.schools)
      .map((/** @type {number} */ node) => ({ id: nodes().id[node], holds: liantu.data.fallsWith(node).length }))
      .sort((/** @type {any} */ a, /** @type {any} */ b) => b.holds - a.holds || (a.id < b.id ? -1 : 1))
      .slice(0, 12);
    return el("ul", { class: "ticks" }, ids.map((/** @type {any} */ core) => el("li", {}, el("label", {},
      el("input", { type: "checkbox", checked: leaves(core.id),
        "data-edit": JSON.stringify({ do: "leave", school: core.id }),
        onchange: (/** @type {any} */ e) => e.target.checked
          ? add([{ do: "leave", school: core.id }])
          : become(edits.filter((edit) => !(edit.do === "leave" && edit.school === core.id))) }),
      " ", nameOf(core.id)))));
  }

  /** @param {string} id */
  const leaves = (id) => edits.some((edit) => edit.do === "leave" && edit.school === id);

  /** @param {HTMLElement} root */
  function show(root) {
    list = el("ol", { class: "edits" });
    effect = el("section", { class: "effect", "aria-live": "polite" });
    ends = el("div", { class: "ends" });
    const leave = api.finder(liantu.word("serve_leaves"), "leave");
    const from = api.finder(liantu.word("serve_from"), "pair-from");
    const to = api.finder(liantu.word("serve_to"), "pair-to");
    const form = (/** @type {LiantuChild} */ inner, /** @type {() => void} */ act) => {
      const own = el("form", { class: "fields" }, inner, el("button", { type: "submit" }, liantu.word("serve_add")));
      own.addEventListener("submit", (/** @type {Event} */ event) => (event.preventDefault(), act()));
      return own;
    };
    root.append(
      el("h2", {}, liantu.word("serve_plan")),
      el("p", { class: "quiet" }, liantu.say("serve_plan_told")),
      el("div", { class: "split" },
        el("section", { class: "making" },
          el("h3", {}, liantu.word("serve_leaving")), cores(),
          form(leave.field, () => {
            const id = leave.meant();
            if (id) add([{ do: "leave", school: id }]);
          }),
          el("h3", {}, liantu.word("serve_pairing")),
          form([from.field, to.field], () => {
            const ids = [from.meant(), to.meant()];
            if (ids.every(Boolean)) add([{ do: "pair", source: ids[0], target: ids[1], form: "paired" }]);
          }),
          el("h3", {}, liantu.word("serve_renewing")), ends,
          el("h3", {}, liantu.word("serve_edits")), list,
          el("div", { class: "tools" },
            liantu.button(liantu.word("serve_undo"), undo, { id: "undo" }),
            liantu.button(liantu.word("serve_clear"), () => become([]), { class: "plain" }),
            liantu.button(liantu.word("serve_export_plan"), exported, { class: "plain", id: "export-plan" }))),
        effect));
    listed();
    effected();
    renewals();
    if (edits.length) tried();
  }

  /** What an edit says. @param {any} edit @returns {string} */
  function said(edit) {
    if (edit.do === "leave") return liantu.say("serve_edit_leave", { school: nameOf(edit.school) });
    if (edit.do === "pair") {
      return liantu.say("serve_edit_pair", { from: nameOf(edit.source), to: nameOf(edit.target) });
    }
    if (!edit.source) return liantu.say("serve_edit_renew_all", { until: edit.until, years: edit.years });
    return liantu.say("serve_edit_renew", { from: edit.source_name || nameOf(edit.source),
      to: nameOf(edit.target), years: edit.years });
  }

  function listed() {
    list.replaceChildren(...edits.map((edit, i) => el("li", {}, said(edit), " ",
      liantu.button("×", () => become(edits.filter((_, j) => j !== i)),
        { class: "plain", "aria-label": liantu.say("serve_remove", { what: said(edit) }) }))));
    if (!edits.length) list.append(el("li", { class: "quiet none" }, liantu.say("serve_no_edits")));
    for (const box of document.querySelectorAll(".ticks input")) {
      const input = /** @type {HTMLInputElement} */ (box);
      if (input.dataset.edit) input.checked = edits.some((edit) => JSON.stringify(edit) === input.dataset.edit);
    }
  }

  /** What ends within a year, to be renewed. */
  async function renewals() {
    try {
      ending = await api.ask(api.now() + "/expiry", { within: "12m", ...counted(), lang: lang() });
    } catch (error) {
      return api.wrong(ends, error);
    }
    const rows = /** @type {any} */ (ending).table.filter((/** @type {any} */ row) =>
      row.source_kind !== "teacher" && row.target_kind !== "teacher");
    const count = /** @type {HTMLInputElement} */ (el("input", { type: "number", id: "years", min: "1", max: "20", value: String(years) }));
    count.addEventListener("change", () => (years = Math.max(1, Number(count.value) || 1)));
    const all = liantu.button(liantu.word("serve_renew_all"), () =>
      add([{ do: "renew", years, from: liantu.state.date, until: yearOn(liantu.state.date) }]), { class: "plain" });
    api.put(ends,
      el("div", { class: "fields" }, el("label", { class: "field", for: "years" }, el("span", {}, liantu.word("serve_years")), count), all),
      el("ul", { class: "ticks" }, rows.slice(0, 50).map((/** @type {any} */ row) => {
        const edit = () => ({ do: "renew", relation: row.basis, source: row.source, target: row.target, years,
          ...Object.fromEntries(api.kinds(row.basis).map((/** @type {string} */ key) => [key, row[key]])) });
        return el("li", {}, el("label", {}, el("input", { type: "checkbox", "data-edit": JSON.stringify(edit()),
          checked: edits.some((e) => e.do === "renew" && e.relation === row.basis && e.source === row.source && e.target === row.target),
          onchange: (/** @type {any} */ e) => e.target.checked ? add([edit()])
            : become(edits.filter((other) => !(other.do === "renew" && other.relation === row.basis
              && other.source === row.source && other.target === row.target))) }),
          " ", api.word("relation", row.basis), liantu.state.lang === "zh" ? "：" : ": ",
          (row.source_name || row.source) + " → " + (row.target_name || row.target), " ", el("small", {}, row.end)));
      })),
      rows.length ? null : el("p", { class: "quiet" }, liantu.word("serve_none")));
  }

  // -- what follows ------------------------------------------------------------------------------

  function effected() {
    if (!effect?.isConnected) return;
    if (!found) return effect.replaceChildren(el("p", { class: "quiet" }, liantu.say("serve_effect_none")));
    const s = found.summary;
    const change = s.covered_change;
    const box = /** @type {HTMLInputElement} */ (el("input", { type: "date", id: "judged", value: day() }));
    box.addEventListener("change", () => { judged = box.value; changed(); });
    effect.replaceChildren(...[
      el("h3", {}, liantu.word("serve_effect")),
      el("label", { class: "field", for: "judged" }, el("span", {}, liantu.word("serve_judged")), box),
      renews() && !judged ? el("p", { class: "quiet" }, liantu.say("serve_judged_later", { day: day() })) : null,
      el("div", { class: "sides" }, side("serve_before", s.rate_base, s.covered_base, s.in_scope_base),
        el("span", { class: "arrow", "aria-hidden": "true" }, "→"),
        side("serve_after", s.rate_scenario, s.covered_scenario, s.in_scope_scenario)),
      el("p", { class: "quiet" }, [liantu.state.region ? liantu.regionName(liantu.chosenRegion()) : liantu.word("whole"),
        liantu.word("scope_" + liantu.state.scope), found.as_of].join(" · ")),
      el("p", { class: change < 0 ? "alarm" : "" },
        liantu.say(change < 0 ? "serve_fewer" : change > 0 ? "serve_more_covered" : "serve_as_many",
          { count: Math.abs(change) })),
      found.table.length
        ? api.table(found.table, { caption: liantu.word("serve_changed"),
            columns: ["name", "outcome", "stage", "pupils", "rung_base", "rung_scenario"] })
        : el("p", { class: "quiet" }, liantu.say("serve_nothing_changes")),
      whole(),
    ].filter((each) => each !== null));
  }

  /** @param {string} title @param {number | null} rate @param {number} covered @param {number} total */
  const side = (title, rate, covered, total) => el("div", { class: "side" },
    el("span", {}, liantu.word(title)),
    el("b", { class: "big" }, rate === null ? "–" : liantu.percent(covered, total)),
    el("span", { class: "of" }, `${liantu.number(covered)} / ${liantu.number(total)}`));

  /** Everything the plan changes, edit by edit, as long work. */
  function whole() {
    const place = el("div", {});
    const begin = async () => {
      try {
        const asked = { do: "whatif", network: api.now(), scenario: plan(), lang: lang(), ...counted(), as_of: day() };
        const answer = await api.work(asked, place).ended;
        if (!answer) return;
        place.replaceChildren(api.table(answer.tables.by_edit, { caption: liantu.word("serve_by_edit") }),
          api.table(answer.tables.figures, { caption: liantu.word("serve_figures") }));
      } catch (error) {
        api.wrong(place, error);
      }
    };
    return el("div", {}, liantu.button(liantu.word("serve_whole"), begin, { class: "plain" }), place);
  }

  /** The plan as the file that `liantu whatif` takes. */
  async function exported() {
    try {
      const answer = await api.send("POST", "scenario", { scenario: plan() });
      const url = URL.createObjectURL(await answer.blob());
      const link = el("a", { href: url, download: "scenario.toml" });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      api.wrong(effect, error);
    }
  }

  liantu.view({ key: "plan", title: "serve_plan", show });
  /** Another network has another plan; what was ticked is no part of it. */
  liantu.on("feed", () => {
    if (api.planned !== api.now()) {
      edits = [];
      past = [];
      found = null;
      judged = "";
    }
    api.planned = api.now();
  });
  api.plan = add;
})();
