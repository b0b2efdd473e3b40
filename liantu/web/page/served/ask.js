// @ts-check
/* Any analysis: its options come from the registry, its answer is shown as it is. */
"use strict";
(() => {
  const { el, api } = liantu;
  const HIDDEN = ["engine"];
  /** @type {any[] | null} */
  let analyses = null;
  let chosen = "pairing";
  /** @type {Record<string, Record<string, any>>} values by analysis */
  const values = {};
  /** @type {any} */
  let found = null;
  /** @type {{cancel: () => void} | null} */
  let running = null;

  const zh = () => liantu.state.lang;

  /** @param {HTMLElement} root */
  async function show(root) {
    const place = el("div", { class: "answer" });
    try {
      analyses = analyses || (await api.ask("analyses"));
    } catch (error) {
      return api.wrong(root, error);
    }
    const one = () => /** @type {any[]} */ (analyses).find((each) => each.name === chosen);
    const form = el("form", { class: "options" });
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      run(one(), place);
    });
    const fill = () => {
      const own = one();
      form.replaceChildren(
        el("p", { class: "meaning" }, own.text[zh()].split("\n\n")[0]),
        el("div", { class: "fields" }, own.parameters
          .filter((/** @type {any} */ p) => !HIDDEN.includes(p.name))
          .map((/** @type {any} */ p) => field(own.name, p))),
        el("button", { type: "submit", class: "main" }, liantu.word("serve_run")));
    };
    root.append(
      el("h2", {}, liantu.word("serve_ask")),
      liantu.select({
        label: liantu.word("serve_analysis"), value: chosen,
        options: /** @type {any[]} */ (analyses).map((/** @type {any} */ each) => [each.name, each.title[zh()].split(/[:：]/)[0]]),
        change: (/** @type {string} */ name) => {
          chosen = name;
          found = null;
          running?.cancel();
          place.replaceChildren();
          fill();
        },
        attrs: { id: "analysis" },
      }),
      form, place);
    fill();
    if (found) answered(place, one());
  }

  /** @param {string} name @param {any} p */
  function field(name, p) {
    const own = (values[name] ||= {});
    const start = /** @type {Record<string, string>} */ (api.counted());
    if (!(p.name in own) && p.name in start) own[p.name] = start[p.name];
    const change = (/** @type {any} */ event) => {
      const box = event.target;
      own[p.name] = box.type === "checkbox" ? (box.checked ? "true" : "") : box.value;
    };
    if (p.type === "pairs" && liantu.feed) {
      return el("div", { class: "field wide" }, el("span", {}, p.help[zh()].split(/[:：]/)[0]),
        api.pairs("option-" + p.name, own[p.name] || [], (/** @type {any[]} */ pairs) => (own[p.name] = pairs)),
        el("small", {}, el("code", {}, p.option)));
    }
    const given = own[p.name] ?? (p.type === "bool" || p.default === null ? "" : String(p.default));
    const id = "option-" + p.name;
    let box;
    if (p.type === "bool") {
      box = el("input", { type: "checkbox", id, checked: given === "true", onchange: change });
    } else if (p.choices.length) {
      box = el("select", { id, onchange: change },
        p.default === null ? el("option", { value: "" }, "–") : null,
        p.choices.map((/** @type {string} */ word) => el("option", { value: word }, word)));
      /** @type {HTMLSelectElement} */ (box).value = given;
    } else {
      const type = p.type === "date" ? "date" : p.type === "int" || p.type === "float" ? "number" : "text";
      box = el("input", { type, id, value: given, onchange: change,
        step: p.type === "float" ? "any" : null });
    }
    return el("label", { class: "field wide", for: id }, el("span", {}, p.help[zh()]), box,
      el("small", {}, el("code", {}, p.option)));
  }

  /** What was filled in. @param {any} own */
  function given(own) {
    /** @type {Record<string, any>} */
    const said = {};
    for (const p of own.parameters) {
      const value = values[own.name]?.[p.name];
      if (value !== undefined && value !== "" && !(Array.isArray(value) && !value.length)) said[p.name] = value;
    }
    return said;
  }

  /** @param {any} own @param {HTMLElement} place @param {string} [suffix] */
  async function run(own, place, suffix) {
    running?.cancel();
    const told = suffix ? place.querySelector(".told") || place : place;
    const asked = { do: "analysis", network: api.now(), name: own.name, options: given(own), region: liantu.state.region,
      lang: zh(), ...(suffix ? { suffix } : {}) };
    try {
      running = api.work(asked, /** @type {HTMLElement} */ (told));
      const answer = await /** @type {any} */ (running).ended;
      if (!answer) return;
      if (suffix) return api.keep(answer.job);
      found = answer;
      answered(place, own);
    } catch (error) {
      api.wrong(/** @type {HTMLElement} */ (told), error);
    }
  }

  /** @param {HTMLElement} place @param {any} own */
  function answered(place, own) {
    const pairs = own.name === "pairing" && found.table.length > 0;
    api.put(place,
      el("p", { class: "stamp" }, liantu.say("serve_as_of", { day: found.as_of })),
      api.figures(found.summary, own.highlights),
      el("details", {}, el("summary", {}, liantu.word("serve_figures")), api.figures(found.summary)),
      el("div", { class: "tools" },
        pairs ? liantu.button(liantu.word("serve_take_pairs"), () => taken(), { class: "main" }) : null,
        liantu.button(liantu.word("serve_as_xlsx"), () => run(own, place, ".xlsx"), { class: "plain" }),
        liantu.button(liantu.word("serve_as_csv"), () => run(own, place, ".csv"), { class: "plain" }),
        el("span", { class: "told" })),
      found.table.length ? api.table(found.table, { caption: own.title[zh()] })
        : el("p", { class: "quiet" }, liantu.word("serve_none")),
      ...Object.entries(found.tables).filter(([, rows]) => rows.length).map(([key, rows]) =>
        el("details", {}, el("summary", {}, api.word("column", key)), api.table(rows, { caption: key }))),
      el("ul", { class: "quiet" }, found.notes.map((/** @type {string} */ note) => el("li", {}, note))));
  }

  /** Take the new pairs into the plan. */
  function taken() {
    api.plan(found.table.map((/** @type {any} */ row) =>
      ({ do: "pair", source: row.supporter, target: row.school, form: "paired" })));
    liantu.go({ view: "plan" });
  }

  liantu.view({ key: "ask", title: "serve_ask", show: (/** @type {HTMLElement} */ root) => void show(root) });
})();
