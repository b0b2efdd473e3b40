// @ts-check
/* The ladder as bars, the course of a figure as a line, tables of groups. */
"use strict";
(() => {
  const { el, svg } = liantu;

  /** @param {string} step */
  const stepWord = (step) => liantu.word(step === "core_only" ? "core_only" : "rung." + step);

  /** @param {{in_scope: number, steps: number[]}} found */
  const inWords = (found) =>
    liantu.listed(liantu.RUNGS.map((/** @type {string} */ step, /** @type {number} */ i) =>
      `${stepWord(step)} ${liantu.number(found.steps[i])}`));

  /** A stacked bar of the steps. @param {{in_scope: number, covered: number, steps: number[]}} found */
  const ladder = (found) =>
    el("div", { class: "ladder", role: "img", "aria-label": inWords(found), title: inWords(found) },
      found.steps.map((number, i) => number
        ? el("span", { class: "step step-" + liantu.RUNGS[i], style: { flexGrow: String(number) } }) : null));

  const legend = () =>
    el("ul", { class: "legend" }, liantu.RUNGS.map((/** @type {string} */ step) =>
      el("li", {}, el("span", { class: "key step-" + step, "aria-hidden": "true" }),
        liantu.figure(stepWord(step), step === "core_only" ? "core_only" : "rung." + step, "", "word"))));

  /** A mark of the rung of one school. @param {number} rung as in `rungs` */
  function badge(rung) {
    if (rung < 0) return el("span", { class: "badge" }, "–");
    const step = liantu.RUNGS[liantu.STEP[rung]];
    return el("span", { class: "badge" }, el("span", { class: "key step-" + step, "aria-hidden": "true" }), stepWord(step));
  }

  /** Groups and how they are covered, the least covered first.
   * @param {{title: string, head: string, groups: {name: string, found: any, open?: () => void}[],
   *   line: string}} asked */
  function groups({ title, head, groups: given, line }) {
    const order = [...given].sort((a, b) =>
      a.found.covered / a.found.in_scope - b.found.covered / b.found.in_scope
      || b.found.in_scope - a.found.in_scope || (a.name < b.name ? -1 : 1));
    return el("section", { class: "block" }, el("h2", {}, title),
      el("table", { class: "groups" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, head),
          el("th", { scope: "col", class: "wide" }, liantu.word("ladder")),
          el("th", { scope: "col", class: "num" }, liantu.word("covered_of")),
          el("th", { scope: "col", class: "num" }, liantu.word("rate")))),
        el("tbody", {}, order.map(({ name, found, open }) => el("tr", {},
          el("th", { scope: "row" }, open ? liantu.button(name, open, { class: "link" }) : name),
          el("td", { class: "wide" }, ladder(found)),
          el("td", { class: "num" }, `${liantu.number(found.covered)} / ${liantu.number(found.in_scope)}`),
          el("td", { class: "num" }, liantu.figure(liantu.percent(found.covered, found.in_scope), "rate", line)))))));
  }

  /** The course of a number over the stops.
   * @param {{values: (number | null)[], dates: string[], label: string, said: (i: number) => string,
   *   marks?: number[], top?: number, wide?: number, pick?: (i: number) => void}} asked */
  function course({ values, dates, label, said, marks = [], top = 1, wide = 640, pick }) {
    const [high, low] = [150, 26];
    wide = Math.min(wide, Math.max(300, innerWidth - 70)); // so that words keep their size
    const x = (/** @type {number} */ i) => 8 + ((wide - 16) * i) / Math.max(values.length - 1, 1);
    const y = (/** @type {number} */ value) => 12 + (high - low - 12) * (1 - value / (top || 1));
    let path = "", pen = false;
    values.forEach((value, i) => {
      if (value === null) { pen = false; return; }
      path += `${pen ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
    });
    // The first of two names stands below its point, so that they do not meet.
    const side = (/** @type {number} */ place, /** @type {number} */ at) =>
      place < marks.length - 1 && at < high - low - 20 ? at + 20 : Math.max(at - 9, 11);
    const every = Math.ceil(values.length / Math.max(2, Math.floor(wide / 110)));
    const made = svg("svg", { viewBox: `0 0 ${wide} ${high}`, class: "course", role: "img", "aria-label": label },
      [0, 0.5, 1].map((part) => svg("line", { class: "grid", x1: 8, x2: wide - 8, y1: y(part * top), y2: y(part * top) })),
      dates.map((date, i) => (values.length - 1 - i) % every ? null
        : svg("text", { x: x(i), y: high - 8, class: "tick", "text-anchor": i === 0 ? "start" : i === values.length - 1 ? "end" : "middle" },
          liantu.month(date))),
      svg("path", { d: path, class: "line" }),
      marks.map((i, place) => values[i] === null || values[i] === undefined ? null
        : svg("g", { class: "mark mark-" + place },
          svg("circle", { cx: x(i), cy: y(/** @type {number} */ (values[i])), r: 4.5 }),
          svg("text", { x: x(i) + (x(i) > wide - 130 ? -7 : 7), y: side(place, y(/** @type {number} */ (values[i]))),
            "text-anchor": x(i) > wide - 130 ? "end" : "start" }, said(i)))));
    if (pick) made.addEventListener("click", (/** @type {any} */ e) => {
      const box = made.getBoundingClientRect();
      const at = (e.clientX - box.left) / box.width * wide;
      pick(Math.max(0, Math.min(values.length - 1, Math.round(((at - 8) / (wide - 16)) * (values.length - 1)))));
    });
    return made;
  }

  /** The rungs of one school, a cell a stop. @param {number} school */
  const strip = (school) => {
    const { rung } = liantu.data;
    const stops = liantu.feed.stops;
    const now = liantu.stopOf();
    return el("div", { class: "strip", role: "img", "aria-label": liantu.word("by_month") },
      stops.map((/** @type {string} */ date, /** @type {number} */ i) => {
        const own = rung[i][school];
        const step = own < 0 ? "closed" : liantu.RUNGS[liantu.STEP[own]];
        return el("span", { class: `step step-${step}${i === now ? " now" : ""}`,
          title: `${date} ${own < 0 ? "–" : stepWord(step)}` }, own < 0 ? "–" : "");
      }));
  };

  Object.assign(liantu, { ladder, legend, badge, groups, course, strip, stepWord, inWords });
})();
