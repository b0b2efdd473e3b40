// @ts-check
/* The months: a slider, a button that plays them, two dates side by side. */
"use strict";
(() => {
  const { el } = liantu;
  const BEAT = 450; // milliseconds a month while it plays
  const ROWS = 50;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let playing;

  function stopPlaying() {
    clearInterval(playing);
    playing = undefined;
  }

  /** @param {HTMLElement} root */
  function show(root) {
    stopPlaying();
    const { feed } = liantu;
    const last = feed.stops.length - 1;
    const shown = el("output", { class: "month" });
    const slider = /** @type {HTMLInputElement} */ (el("input", {
      type: "range", min: 0, max: last, step: 1, id: "month",
      oninput: () => { stopPlaying(); label(); liantu.go({ date: feed.stops[slider.value] }); },
    }));
    const play = liantu.button("", () => {
      if (playing) { stopPlaying(); label(); return; }
      if (liantu.stopOf() === last) liantu.go({ date: feed.stops[0] });
      playing = setInterval(() => {
        const next = liantu.stopOf() + 1;
        if (next > last || !root.isConnected) { stopPlaying(); label(); return; }
        liantu.go({ date: feed.stops[next] });
      }, BEAT);
      label();
    }, { class: "main play" });
    const label = () => {
      play.textContent = liantu.word(playing ? "pause" : "play");
      play.setAttribute("aria-pressed", String(Boolean(playing)));
    };
    const body = el("div", {});
    root.append(el("section", { class: "block slider" },
      el("label", { for: "month" }, liantu.word("month_shown")), shown,
      el("div", { class: "row" }, play, slider)), body);

    function fill() {
      const now = liantu.stopOf();
      const before = liantu.sinceStop();
      slider.value = String(now);
      slider.setAttribute("aria-valuetext", feed.stops[now]);
      shown.textContent = feed.stops[now];
      label();
      const mask = liantu.chosen();
      const values = liantu.rates();
      body.replaceChildren(
        el("section", { class: "block" }, liantu.course({ values, dates: feed.stops, marks: [before, now],
          wide: 1160,
          label: liantu.word("course"), said: (/** @type {number} */ i) => `${feed.stops[i]}  ${liantu.percent(values[i] || 0, 1)}`,
          pick: (/** @type {number} */ i) => liantu.go({ date: feed.stops[i] }) })),
        el("div", { class: "sides" }, side(mask, before, true), side(mask, now, false)),
        moved(mask, before, now));
    }
    fill();
    return (/** @type {Set<string>} */ changed) => {
      if (["scope", "date", "region", "since"].some((key) => changed.has(key))) fill();
    };
  }

  /** One of the two dates. @param {Uint8Array} mask @param {number} stop @param {boolean} choose */
  function side(mask, stop, choose) {
    const { feed } = liantu;
    const found = liantu.count(mask, stop);
    const line = liantu.command("coverage", liantu.scoped(), { date: feed.stops[stop] });
    const options = feed.stops.map((/** @type {string} */ date) => [date, date]).reverse();
    return el("section", { class: "block" },
      choose ? liantu.select({ label: liantu.word("compared_with"), value: feed.stops[stop], options,
        change: (/** @type {string} */ since) => liantu.go({ since }) })
        : el("h2", {}, feed.stops[stop]),
      el("p", { class: "headline" }, liantu.figure(liantu.percent(found.covered, found.in_scope), "rate", line, "big"),
        el("span", { class: "of" }, `${liantu.number(found.covered)} / ${liantu.number(found.in_scope)}`)),
      liantu.ladder(found),
      el("table", { class: "steps" }, el("tbody", {}, liantu.RUNGS.map((/** @type {string} */ step, /** @type {number} */ i) =>
        el("tr", {}, el("th", { scope: "row" }, el("span", { class: "key step-" + step, "aria-hidden": "true" }), liantu.stepWord(step)),
          el("td", { class: "num" }, liantu.number(found.steps[i])))))));
  }

  /** The schools whose rung is another one. @param {Uint8Array} mask @param {number} before @param {number} now */
  function moved(mask, before, now) {
    const { feed, data } = liantu;
    const found = liantu.changes(mask, before, now);
    const order = ["lost", "gained", "closed", "opened", "moved"];
    const rows = order.flatMap((key) => found[key].map((/** @type {number} */ school) => ({ key, school })));
    const line = liantu.command("compare", liantu.scoped(), { date: `${feed.stops[before]},${feed.stops[now]}` });
    return el("section", { class: "block" }, el("h2", {}, liantu.word("schools_changed")),
      liantu.facts(order.map((key) => [key, liantu.number(found[key].length), line])),
      rows.length ? el("table", { class: "plain-table" },
        el("thead", {}, el("tr", {}, [liantu.word("school"), liantu.word("region"), feed.stops[before], feed.stops[now], liantu.word("change")]
          .map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, rows.slice(0, ROWS).map(({ key, school }) => el("tr", {},
          el("td", {}, liantu.nodeLink(school)), el("td", {}, liantu.regionPath(data.school.region[school])),
          el("td", {}, liantu.badge(data.rung[before][school])), el("td", {}, liantu.badge(data.rung[now][school])),
          el("td", {}, liantu.word(key)))))) : el("p", { class: "quiet" }, liantu.word("nothing_changed")),
      rows.length > ROWS ? el("p", { class: "quiet" }, liantu.say("and_more", { count: liantu.number(rows.length - ROWS) })) : null);
  }

  liantu.on("state", (/** @type {Set<string>} */ changed) => { if (changed.has("view")) stopPlaying(); });
  liantu.view({ key: "time", title: "time", show });
})();
