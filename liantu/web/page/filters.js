// @ts-check
/* What narrows the list of schools. */
"use strict";
(() => {
  const { el } = liantu;
  const KEYS = ["q", "stage", "urban", "rung", "covered", "alliance", "core", "falls"];
  liantu.known(Object.fromEntries(KEYS.map((key) => [key, ""])));

  /** Alliances, those who support, and those with whom alone a school falls. */
  const among = {
    alliance: () => range(liantu.data.base[3], liantu.data.n),
    core: () => liantu.data.supporter.keys(),
    falls: () => new Set(liantu.feed.falls.supporter),
  };

  function* range(/** @type {number} */ from, /** @type {number} */ to) {
    for (let i = from; i < to; i++) yield i;
  }

  /** Which schools are asked for at a stop. @param {number} stop @returns {Int32Array} */
  function filtered(stop) {
    const { data, state } = liantu;
    const { school } = data;
    const mask = liantu.chosen();
    const rung = data.rung[stop];
    const stage = school.stage.words.indexOf(state.stage);
    const urban = school.urban_rural.words.indexOf(state.urban);
    const step = liantu.RUNGS.indexOf(state.rung);
    const fits = liantu.tester(state.q);
    const sets = ["alliance", "core", "falls"].filter((key) => state[key]).map((key) => belonging(key, state[key], stop));
    const found = new Int32Array(data.schools);
    let number = 0;
    for (let i = 0; i < data.schools; i++) {
      if (!mask[i]) continue;
      const own = rung[i];
      // Who is not open yet, or no more, stands in the list only when asked for by name.
      if (own < 0 && !fits) continue;
      if (state.stage && school.stage.codes[i] !== stage) continue;
      if (state.urban && school.urban_rural.codes[i] !== urban) continue;
      if (step >= 0 && (own < 0 || liantu.STEP[own] !== step)) continue;
      if (state.covered && (own < 0 || liantu.isCovered(own) !== (state.covered === "yes"))) continue;
      if (fits && !fits(i)) continue;
      if (sets.some((set) => !set.has(i))) continue;
      found[number++] = i;
    }
    return found.subarray(0, number);
  }

  /** Schools of an alliance, supported by one, or that fall with it. @param {string} key
   * @param {string} value @param {number} stop @returns {Set<number>} */
  function belonging(key, value, stop) {
    const { data, feed } = liantu;
    const node = data.numbers.get(value);
    if (node === undefined) return new Set();
    if (key === "core") return new Set(liantu.neighbours(node, stop, "out"));
    if (key === "falls") return new Set([...data.fallsWith(node)].map((row) => feed.falls.school[row]));
    const { member } = data;
    return new Set([...data.membersOf(node)].filter((row) => member.holds.from[row] <= stop && stop <= member.holds.to[row])
      .map((row) => member.school[row]));
  }

  /** The fields. @param {HTMLElement} root */
  function fields(root) {
    const { data, state } = liantu;
    const box = /** @type {HTMLInputElement} */ (el("input", { type: "search", value: state.q, id: "search",
      placeholder: liantu.word("search_hint"), oninput: () => liantu.go({ q: box.value }) }));
    const any = ["", liantu.word("any")];
    const choice = (/** @type {string} */ key, /** @type {string} */ label, /** @type {[string, string][]} */ options) =>
      liantu.select({ label: liantu.word(label), value: state[key], options: [any, ...options],
        change: (/** @type {string} */ value) => liantu.go({ [key]: value }) });
    const coded = (/** @type {string} */ group, /** @type {{words: string[]}} */ column) =>
      column.words.map((word) => /** @type {[string, string]} */ ([word, liantu.word(group + "." + word)]));
    const pick = (/** @type {"alliance" | "core" | "falls"} */ key, /** @type {string} */ label) =>
      liantu.picker({ label: liantu.word(label), value: state[key], among: among[key],
        change: (/** @type {string} */ value) => liantu.go({ [key]: value }) });
    root.replaceChildren(...[
      el("label", { class: "field search" }, el("span", {}, liantu.word("search")), box),
      choice("covered", "covered_word", [["no", liantu.word("not_covered")], ["yes", liantu.word("is_covered")]]),
      choice("rung", "rung_word", liantu.RUNGS.map((/** @type {string} */ step) => [step, liantu.stepWord(step)])),
      choice("stage", "stage_word", coded("stage", data.school.stage)),
      choice("urban", "urban_rural_word", coded("urban_rural", data.school.urban_rural)),
      data.n > data.base[3] ? pick("alliance", "alliance_word") : null,
      pick("core", "supported_by"),
      liantu.feed.falls.school.length ? pick("falls", "falls_if") : null,
      liantu.button(liantu.word("clear"), () => {
        liantu.go(Object.fromEntries(KEYS.map((key) => [key, ""])));
        fields(root);
      }, { class: "plain" })].filter(Boolean));
  }

  Object.assign(liantu, { filtered, fields, FILTERS: KEYS });
})();
