// @ts-check
/* The list of schools: narrowed, searched, sorted, exported. */
"use strict";
(() => {
  const { el } = liantu;
  liantu.known({ sort: "" });

  /** Distinct supporters of every school at a stop. @param {number} stop */
  function supporters(stop) {
    const { data } = liantu;
    const found = new Int32Array(data.schools);
    const { tie, into } = data;
    for (let i = 0; i < data.schools; i++) {
      let before = -1;
      for (const row of into(i)) { // rows are sorted by source
        if (tie.source[row] === before || tie.source[row] === i || !liantu.holds(row, stop)) continue;
        before = tie.source[row];
        found[i]++;
      }
    }
    return found;
  }

  /** @param {Int32Array} rows @param {number} stop @param {Int32Array} number */
  function sorted(rows, stop, number) {
    const { data, state } = liantu;
    const { school, rung } = data;
    const by_rank = (/** @type {Int32Array} */ rank) => (/** @type {number} */ a, /** @type {number} */ b) => rank[a] - rank[b];
    const pupils = school.pupils;
    const down = state.sort.endsWith("-d") ? -1 : 1;
    const key = state.sort.split("-")[0];
    /** @type {Record<string, () => (a: number, b: number) => number>} */
    const by = {
      // As the analysis coverage lists them: not covered first, then by pupils, then by id.
      "": () => (a, b) => Number(liantu.isCovered(rung[stop][a])) - Number(liantu.isCovered(rung[stop][b]))
        || (pupils[b] ?? -1) - (pupils[a] ?? -1) || a - b,
      name: () => by_rank(ranks("name")),
      region: () => by_rank(ranks("region")),
      stage: () => (a, b) => school.stage.codes[a] - school.stage.codes[b],
      pupils: () => (a, b) => (pupils[a] ?? -1) - (pupils[b] ?? -1),
      rung: () => (a, b) => step(rung[stop][a]) - step(rung[stop][b]),
      supporters: () => (a, b) => number[a] - number[b],
    };
    const compare = (by[key] || by[""])();
    return rows.slice().sort((a, b) => down * compare(a, b) || a - b);
  }

  const step = (/** @type {number} */ rung) => (rung < 0 ? -1 : liantu.STEP[rung]);

  /** @type {Map<string, Int32Array>} */
  const kept = new Map();
  liantu.on("feed", () => {
    kept.clear();
    // Comparing names takes its time: it is done while nobody waits.
    setTimeout(() => liantu.feed && ["name", "region"].forEach(ranks), 1500);
  });

  /** The place of each school in the order of its name, or of that of its region.
   * @param {string} key */
  function ranks(key) {
    const { data, state } = liantu;
    const name = `${key} ${state.lang}`;
    let found = kept.get(name);
    if (!found) {
      const textOf = key === "name" ? liantu.nameOf : (/** @type {number} */ i) => liantu.regionPath(data.school.region[i]);
      const order = new Intl.Collator(state.lang === "zh" ? "zh-CN" : "en", { numeric: true });
      const own = Array.from({ length: data.schools }, (_, i) => textOf(i));
      const words = [...new Set(own)].sort(order.compare);
      const place = new Map(words.map((word, i) => [word, i]));
      found = Int32Array.from(own, (word) => /** @type {number} */ (place.get(word)));
      kept.set(name, found);
    }
    return found;
  }

  /** @param {HTMLElement} root */
  function show(root) {
    const { data, feed } = liantu;
    const { school } = data;
    let stop = liantu.stopOf();
    let number = supporters(stop);
    /** @type {Int32Array} */
    let rows = new Int32Array(0);
    const bar = el("div", { class: "filters", role: "search" });
    const told = el("p", { class: "told", role: "status", "aria-live": "polite" });
    liantu.fields(bar);
    root.append(bar, el("div", { class: "row" }, told,
      liantu.button(liantu.word("export"), () => liantu.offer(`schools-${liantu.state.date}.csv`, csv(rows, stop)), { class: "plain" })));
    const list = liantu.list(root, {
      label: liantu.word("schools"),
      columns: [
        { key: "name", title: liantu.word("school"), cls: "grow", cell: (/** @type {number} */ i) => [el("span", { class: "name" }, liantu.nameOf(i)),
          el("span", { class: "under" }, liantu.regionPath(school.region[i]))] },
        { key: "region", title: liantu.word("region"), cls: "mid", cell: (/** @type {number} */ i) => liantu.regionPath(school.region[i]) },
        { key: "stage", title: liantu.word("stage_word"), cls: "mid", cell: (/** @type {number} */ i) => liantu.wordOf("stage", school.stage, i) },
        { key: "pupils", title: liantu.word("pupils"), cls: "num", cell: (/** @type {number} */ i) => liantu.number(school.pupils[i]) },
        { key: "rung", title: liantu.word("rung_word"), cls: "rung", cell: (/** @type {number} */ i) => liantu.badge(data.rung[stop][i]) },
        { key: "supporters", title: liantu.word("supporters"), cls: "num few", cell: (/** @type {number} */ i) => liantu.number(number[i]) },
      ],
      open: (/** @type {number} */ i) => liantu.go({ sel: liantu.keyOf(i) }),
      sort: () => liantu.state.sort,
      sortBy: (/** @type {string} */ key) => liantu.go({ sort: liantu.state.sort === key ? key + "-d" : key }),
    });

    function fill(/** @type {boolean} */ keep) {
      rows = sorted(liantu.filtered(stop), stop, number);
      const open = rows.filter((i) => data.rung[stop][i] >= 0);
      const covered = open.filter((i) => liantu.isCovered(data.rung[stop][i])).length;
      told.textContent = liantu.say("listed", { shown: liantu.number(rows.length), covered: liantu.number(covered),
        rate: liantu.percent(covered, open.length), day: feed.stops[stop] });
      list.set(rows, keep);
    }
    fill(false);
    return (/** @type {Set<string>} */ changed) => {
      if (liantu.FILTERS.some((/** @type {string} */ key) => changed.has(key)) && !bar.contains(document.activeElement)) liantu.fields(bar);
      if (changed.has("date")) {
        stop = liantu.stopOf();
        number = supporters(stop);
      }
      if (["scope", "date", "region", "sort", ...liantu.FILTERS].some((key) => changed.has(key))) fill(changed.has("date"));
    };
  }

  /** The selection as CSV for a spreadsheet. @param {ArrayLike<number>} rows @param {number} stop */
  function csv(rows, stop) {
    const { data, feed } = liantu;
    const { school } = data;
    const heads = ["id", "school", "region", "stage_word", "urban_rural_word", "pupils", "rung_word", "covered_word", "supporters", "supporter_names"];
    const lines = Array.from(rows, (i) => {
      const own = liantu.neighbours(i, stop, "in");
      const rung = data.rung[stop][i];
      return [feed.nodes.id[i], liantu.nameOf(i), liantu.regionPath(school.region[i]), liantu.wordOf("stage", school.stage, i),
        liantu.wordOf("urban_rural", school.urban_rural, i), school.pupils[i] ?? "",
        rung < 0 ? "–" : liantu.stepWord(liantu.RUNGS[liantu.STEP[rung]]),
        rung < 0 ? "–" : liantu.word(liantu.isCovered(rung) ? "yes" : "no"), own.length, own.map(liantu.nameOf).join("、")];
    });
    // A text that a spreadsheet would take for a formula gets an apostrophe; ids keep their noughts.
    const cell = (/** @type {any} */ value) => {
      const text = /^[=+\-@\t\r]/.test(String(value)) && String(value) !== "–" ? "'" + value : String(value);
      return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    };
    return "\ufeff" + [heads.map((key) => liantu.word(key)), ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  liantu.view({ key: "schools", title: "schools", show });
  Object.assign(liantu, { csv });
})();
