// @ts-check
/* Published texts: what was found in them, and what a person takes over, by mouse or keyboard. */
"use strict";
(() => {
  const { el, api } = liantu;
  /** What a key decides; "" takes a decision back. @type {Record<string, string>} */
  const KEYS = { a: "adopt", r: "reject", u: "" };
  const ASIDE = ["decision", "sure", "evidence", "sentence", "file", "begin", "stop", "method"];
  /** @type {any} */
  let upload = null;
  /** @type {any} */
  let found = null;
  /** @type {Record<string, string>} what is decided, by the number of a row */
  let decided = {};
  let at = 0;
  let network = "";
  /** @type {{cancel: () => void} | null} */
  let running = null;

  const lang = () => liantu.state.lang;

  /** @param {HTMLElement} root */
  function show(root) {
    const told = el("div", { class: "told" });
    const place = el("div", { class: "texts" });
    const files = /** @type {HTMLInputElement} */ (el("input", { type: "file", multiple: true, id: "text-files", class: "unseen", accept: ".txt,.md,.html,.htm,.docx,.pdf" }));
    const list = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "text-list" }));
    list.checked = true;
    const given = () => taken([.../** @type {FileList} */ (files.files)], list.checked, told, place);
    files.addEventListener("change", given);
    root.append(el("h2", {}, liantu.word("serve_texts")),
      el("div", { class: "zone" },
        el("p", {}, liantu.say("serve_texts_drop")), files,
        el("label", { for: "text-files", class: "button main" }, liantu.word("serve_choose")),
        liantu.feed ? el("p", {}, el("label", {}, list, " ", liantu.word("serve_texts_list"))) : null,
        el("p", { class: "quiet" }, liantu.say("serve_drop_kept"))),
      told, place);
    if (found) drawn(told, place);
  }

  /** @param {File[]} files @param {boolean} listed @param {HTMLElement} told @param {HTMLElement} place */
  async function taken(files, listed, told, place) {
    if (!files.length) return;
    running?.cancel();
    place.replaceChildren();
    try {
      upload = await (await api.send("POST", "uploads")).json();
      for (const [i, file] of files.entries()) {
        told.replaceChildren(el("p", { role: "status" }, liantu.say("serve_sending", { value: file.name, number: i + 1, total: files.length })));
        await api.send("PUT", "uploads/" + upload.id + "/files/" + encodeURIComponent(file.name), file);
      }
      const asked = { lang: lang(), ...(listed && api.now() ? { network: api.now() } : {}) };
      running = api.work(asked, told, "uploads/" + upload.id + "/extract");
      const answer = await /** @type {any} */ (running).ended;
      if (!answer) return;
      [found, decided, at, network] = [answer, {}, 0, ""];
      drawn(told, place);
    } catch (error) {
      api.wrong(told, error);
    }
  }

  /** @param {HTMLElement} told @param {HTMLElement} place */
  function drawn(told, place) {
    const text = el("div", { class: "text", tabindex: "0", role: "region", "aria-label": liantu.word("serve_texts") });
    const rows = el("ol", { class: "rows", tabindex: "0", role: "listbox", "aria-label": liantu.word("serve_texts_rows") });
    const count = el("p", { class: "quiet", role: "status" });
    rows.append(...found.rows.map((/** @type {any} */ row, /** @type {number} */ i) => item(row, i)));

    const state = () => {
      const words = Object.values(decided);
      const [adopt, reject] = ["adopt", "reject"].map((key) => words.filter((word) => word === key).length);
      count.textContent = liantu.say("serve_texts_counted", { adopt, reject, open: found.rows.length - adopt - reject });
    };
    /** @param {number} i @param {boolean} [still] */
    const look = (i, still) => {
      at = Math.max(0, Math.min(i, found.rows.length - 1));
      [...rows.children].forEach((each, j) => each.setAttribute("aria-selected", String(j === at)));
      if (!found.rows.length) return;
      rows.setAttribute("aria-activedescendant", "text-row-" + at);
      const chosen = /** @type {HTMLElement} */ (rows.children[at]);
      if (!still) within(rows, chosen);
      written(text, found.rows[at]);
    };
    /** @param {number} i @param {string} word */
    const decide = (i, word) => {
      if (word) decided[i] = word;
      else delete decided[i];
      rows.children[i].replaceWith(item(found.rows[i], i));
      state();
    };
    rows.addEventListener("click", (/** @type {any} */ event) => {
      const line = event.target.closest("li");
      if (!line) return;
      const i = [...rows.children].indexOf(line);
      const word = event.target.closest("button")?.dataset.word;
      if (word) decide(i, decided[i] === word ? "" : word);
      look(i, true);
      rows.focus({ preventScroll: true });
    });
    rows.addEventListener("keydown", (/** @type {any} */ event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[/** @type {"j"} */ (event.key)];
      if (step) look(at + step);
      else if (event.key in KEYS) {
        decide(at, KEYS[event.key]);
        look(event.key === "u" ? at : at + 1);
      } else return;
      event.preventDefault();
    });

    api.put(place,
      el("p", { class: "quiet" }, liantu.say("serve_texts_keys")),
      el("div", { class: "beside" }, text, rows), count,
      el("div", { class: "tools" },
        liantu.button(liantu.word("serve_texts_open"), () => accepted(told, true), { class: "main", id: "text-open" }),
        liantu.button(liantu.word("serve_texts_keep"), () => accepted(told, false), { class: "plain", id: "text-keep" })));
    state();
    look(at);
    rows.focus({ preventScroll: true });
  }

  /** A row with what it says and what is decided. @param {any} row @param {number} i */
  function item(row, i) {
    const cells = row.cells[lang()];
    const says = found.heads[lang()][row.table]
      .filter((/** @type {string[]} */ head) => !ASIDE.includes(head[0]) && cells[head[0]])
      .map((/** @type {string[]} */ head) => el("span", { title: head[1] }, cells[head[0]], " "));
    const word = decided[i] || "";
    return el("li", { id: "text-row-" + i, role: "option", class: [word, "k-" + row.table].filter(Boolean).join(" "), "aria-selected": String(i === at) },
      el("div", {}, el("b", {}, found.titles[lang()][row.table]), " ", says, el("small", { class: "sure " + row.sure }, cells.sure)),
      el("div", {}, el("small", {}, cells.evidence)),
      el("div", { class: "decide" }, ["adopt", "reject"].map((key) =>
        el("button", { type: "button", class: "plain", tabindex: "-1", "data-word": key, "aria-pressed": String(word === key) }, liantu.word("serve_" + key)))));
  }

  /** Write the text that a row stands in, its names and figures coloured, the row's words marked.
   * @param {HTMLElement} place @param {any} row */
  function written(place, row) {
    const own = found.texts.find((/** @type {any} */ each) => each.name === row.file);
    own.signs ||= Array.from(own.text); // places count signs, not halves of rare hanzi
    const parts = [];
    let here = 0;
    /** @param {number} start @param {number} end @param {string} kind */
    const piece = (start, end, kind) => {
      for (const [a, b, chosen] of [[start, Math.min(end, row.start), 0], [Math.max(start, row.start), Math.min(end, row.end), 1], [Math.max(start, row.end), end, 0]]) {
        if (a >= b) continue;
        const words = own.signs.slice(a, b).join("");
        const classes = [kind && "k-" + kind, chosen && "chosen"].filter(Boolean).join(" ");
        parts.push(classes ? el("mark", { class: classes }, words) : words);
      }
    };
    for (const [start, end, kind] of own.marks) {
      if (start < here) continue;
      piece(here, start, "");
      piece(start, end, kind);
      here = end;
    }
    piece(here, own.signs.length, "");
    place.replaceChildren(el("h3", {}, own.name), el("div", { class: "words" }, parts));
    const chosen = /** @type {HTMLElement | null} */ (place.querySelector(".chosen"));
    if (chosen) within(place, chosen);
  }

  /** Scroll a place so that something in it is seen; the page itself stays. @param {HTMLElement} place @param {HTMLElement} part */
  function within(place, part) {
    const top = part.getBoundingClientRect().top - place.getBoundingClientRect().top + place.scrollTop;
    if (top < place.scrollTop || top + part.offsetHeight > place.scrollTop + place.clientHeight) {
      place.scrollTop = Math.max(0, top - place.clientHeight / 3);
    }
  }

  /** Write what was decided; open it or keep the workbook. @param {HTMLElement} told @param {boolean} open */
  async function accepted(told, open) {
    try {
      running = api.work({ lang: lang(), decided, open }, told, "uploads/" + upload.id + "/accept");
      const answer = await /** @type {any} */ (running).ended;
      if (!answer) return;
      if (!open) return api.follow("/api/uploads/" + upload.id + "/candidates");
      network = answer.network;
      await api.open(network);
      liantu.go({ view: "overview" });
    } catch (error) {
      api.wrong(told, error);
    }
  }

  liantu.view({ key: "texts", title: "serve_texts", alone: true, show });
})();
