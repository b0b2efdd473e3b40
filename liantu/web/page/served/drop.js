// @ts-check
/* Drop workbooks: what they were read as, what is wrong and where, what can be ticked. */
"use strict";
(() => {
  const { el, api } = liantu;
  const ORDER = ["error", "warning", "info"];
  /** @type {any} */
  let upload = null;
  /** @type {Record<string, Record<string, string>>} what is picked, by sheet and row */
  let picks = {};
  let severity = "";
  let text = "";
  /** @type {{cancel: () => void} | null} */
  let running = null;

  const lang = () => liantu.state.lang;

  /** @param {HTMLElement} root */
  function show(root) {
    const told = el("div", { class: "told" });
    const result = el("div", { class: "answer" });
    const files = /** @type {HTMLInputElement} */ (el("input", { type: "file", multiple: true, id: "files", class: "unseen" }));
    const zone = el("div", { class: "zone" },
      el("p", {}, liantu.say("serve_drop_here")), files,
      el("label", { for: "files", class: "button main" }, liantu.word("serve_choose")),
      el("p", { class: "quiet" }, liantu.say("serve_drop_kept")));
    files.addEventListener("change", () => taken([.../** @type {FileList} */ (files.files)], told, result));
    for (const name of ["dragover", "dragenter"]) {
      zone.addEventListener(name, (event) => (event.preventDefault(), zone.classList.add("over")));
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      taken([.../** @type {DragEvent} */ (event).dataTransfer?.files || []], told, result);
    });
    root.append(el("h2", {}, liantu.word("serve_drop")), zone, told, result);
    if (upload?.found) shown(result, told);
  }

  /** @param {File[]} files @param {HTMLElement} told @param {HTMLElement} result */
  async function taken(files, told, result) {
    if (!files.length) return;
    running?.cancel();
    result.replaceChildren();
    picks = {};
    try {
      upload = await (await api.send("POST", "uploads")).json();
      for (const [i, file] of files.entries()) {
        told.replaceChildren(el("p", { role: "status" }, liantu.say("serve_sending", { value: file.name, number: i + 1, total: files.length })));
        const path = "uploads/" + upload.id + "/files/" + encodeURIComponent(file.name);
        await api.send("PUT", path, file);
      }
      await read(told, result);
    } catch (error) {
      api.wrong(told, error);
    }
  }

  /** @param {HTMLElement} told @param {HTMLElement} result @param {any} [given] */
  async function read(told, result, given = {}) {
    try {
      running = api.work({ lang: lang(), ...given }, told, "uploads/" + upload.id + "/read");
      const answer = await /** @type {any} */ (running).ended;
      if (!answer) return;
      upload = answer;
      picks = {};
      shown(result, told);
    } catch (error) {
      api.wrong(told, error);
    }
  }

  /** @param {HTMLElement} result @param {HTMLElement} told */
  function shown(result, told) {
    const { found, network } = upload;
    const open = () => api.open(network).then(() => liantu.go({ view: "overview" }))
      .catch((/** @type {any} */ error) => api.wrong(told, error));
    result.replaceChildren(
      el("p", { class: found.opened ? "good" : "alarm", role: "status" },
        liantu.say(found.opened ? "serve_is_open" : "serve_not_open",
          { errors: found.errors, warnings: found.warnings })),
      network ? liantu.button(liantu.word("serve_open"), open, { class: "main", id: "open" }) : null,
      problems(found),
      unclear(found, told, result),
      el("h3", {}, liantu.word("serve_tables")), sheets(found));
    fitted();
  }

  /** What every table was read as. @param {any} found */
  function sheets(found) {
    const names = (/** @type {string} */ keys) => liantu.listed(keys.split(", ").filter(Boolean)
      .map((key) => api.word("relation", key) === key ? api.word("kind", key) : api.word("relation", key)));
    const head = ["serve_file", "serve_sheet", "serve_read_as", "serve_rows", "serve_unread"];
    const rows = [
      ...found.tables.filter((/** @type {any} */ t) => t.file).map((/** @type {any} */ t) =>
        [t.file, t.sheet, names(t.table), `${t.rows_used} / ${t.rows_read}`, liantu.listed(t.unread)]),
      ...found.unread_sheets.map((/** @type {any} */ t) => [t.file, t.sheet, liantu.word("serve_not_read"), "", ""])];
    return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": liantu.word("serve_tables") }, el("table", {},
      el("thead", {}, el("tr", {}, head.map((key) => el("th", { scope: "col" }, liantu.word(key))))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((/** @type {string} */ cell) => el("td", {}, cell)))))));
  }

  /** What is wrong, with its place, its remedy and a filter. @param {any} found */
  function problems(found) {
    if (!found.problems.length) return null;
    const body = el("tbody");
    const count = el("p", { class: "quiet", role: "status" });
    const filled = () => {
      const given = text.trim().toLowerCase();
      const rows = found.problems
        .filter((/** @type {any} */ p) => (!severity || p.severity === severity)
          && (!given || p.line[lang()].toLowerCase().includes(given)))
        .sort((/** @type {any} */ a, /** @type {any} */ b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
      body.replaceChildren(...rows.slice(0, 500).map((/** @type {any} */ p) => el("tr", { class: p.severity },
        [api.word("severity", p.severity), p.file, p.sheet, p.row ?? "", p.column, p.message[lang()], p.remedy[lang()]]
          .map((cell) => el("td", {}, String(cell))))));
      count.textContent = liantu.say("serve_shown", { shown: Math.min(rows.length, 500), total: found.problems.length + found.more_problems });
    };
    const search = el("input", { type: "search", id: "problem-text", value: text,
      oninput: (/** @type {any} */ e) => ((text = e.target.value), filled()) });
    const head = ["serve_severity", "serve_file", "serve_sheet", "serve_row", "serve_column", "serve_problem", "serve_remedy"];
    const section = el("section", { class: "problems" },
      el("h3", {}, liantu.word("serve_problems")),
      el("div", { class: "fields" },
        liantu.select({ label: liantu.word("serve_severity"), value: severity, attrs: { id: "severity" },
          options: [["", liantu.word("serve_all")], ...ORDER.map((key) => [key, api.word("severity", key)])],
          change: (/** @type {string} */ key) => ((severity = key), filled()) }),
        el("label", { class: "field", for: "problem-text" }, el("span", {}, liantu.word("serve_contains")), search)),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": liantu.word("serve_problems") }, el("table", {},
        el("thead", {}, el("tr", {}, head.map((key) => el("th", { scope: "col" }, liantu.word(key))))), body)), count);
    filled();
    return section;
  }

  /** What can be ticked. @param {any} found @param {HTMLElement} told @param {HTMLElement} result */
  function unclear(found, told, result) {
    const rows = found.unclear?.[lang()];
    if (!rows) return null;
    const open = rows.tables.map((/** @type {any} */ row, /** @type {number} */ i) => [row, i])
      .filter((/** @type {any[]} */ pair) => !pair[0].read_as);
    const parts = [
      ["names", rows.names.map((/** @type {any} */ row, /** @type {number} */ i) => [row, i]), "written"],
      ["columns", rows.columns.map((/** @type {any} */ row, /** @type {number} */ i) => [row, i]), "column"],
      ["tables", open, "file"],
    ].filter((part) => part[1].length);
    if (!parts.length && !rows.left) return null;
    const again = () => read(told, result, { picks: all(rows) });
    return el("section", { class: "unclear" },
      el("h3", {}, liantu.word("serve_unclear")),
      el("p", { class: "quiet" }, liantu.say("serve_unclear_told")),
      parts.map(([sheet, listed, about]) => el("div", {}, el("h4", {}, liantu.word("serve_" + sheet)),
        el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": liantu.word("serve_" + sheet) },
          el("table", {}, el("tbody", {}, listed.map((/** @type {any[]} */ pair) => line(sheet, pair[0], pair[1], about))))))),
      rows.left ? el("p", { class: "quiet" }, liantu.say("serve_unclear_left", { count: rows.left })) : null,
      el("div", { class: "tools" },
        liantu.button(liantu.word("serve_read_again"), again, { class: "main", id: "again" }),
        liantu.button(liantu.word("serve_draft"), () => api.follow("/api/uploads/" + upload.id + "/draft"), { class: "plain draft", hidden: true })));
  }

  /** What is picked in every row: what was ticked, else what is certain. @param {any} rows */
  function all(rows) {
    /** @type {Record<string, Record<string, string>>} */
    const given = {};
    for (const sheet of ["names", "columns", "tables"]) {
      given[sheet] = {};
      rows[sheet].forEach((/** @type {any} */ row, /** @type {number} */ i) => {
        given[sheet][i] = picks[sheet]?.[i] ?? row.pick;
      });
    }
    return given;
  }

  /** @param {string} sheet @param {any} row @param {number} i @param {string} about */
  function line(sheet, row, i, about) {
    const words = [1, 2, 3, 4, 5].map((n) => row["candidate_" + n]).filter(Boolean);
    const pick = picks[sheet]?.[i] ?? row.pick;
    const { choices } = upload.found.unclear[lang()];
    const more = sheet === "tables" ? choices.tables : sheet === "columns" ? choices.columns[row.read_as] || [] : [];
    const options = [...new Set([...words, ...(pick ? [pick] : []), ...(sheet === "names" ? [] : [choices.leave_out]), ...more])];
    const box = /** @type {HTMLSelectElement} */ (el("select", { "aria-label": row[about], class: "pick",
      onchange: (/** @type {any} */ e) => ((picks[sheet] ||= {})[i] = e.target.value) },
      el("option", { value: "" }, liantu.word("serve_undecided")),
      options.map((word) => el("option", { value: word }, word))));
    box.value = pick;
    const where = [row.file, row.sheet, row.row && liantu.say("serve_row_number", { row: row.row })].filter(Boolean).join(" · ");
    return el("tr", {}, el("td", {}, el("b", {}, sheet === "tables" ? row.sheet || row.file : row[about]),
      sheet === "columns" && row.samples ? el("small", {}, " ", row.samples) : null),
      el("td", {}, box), el("td", {}, el("small", {}, row.reason)), el("td", {}, el("small", {}, where)));
  }

  /** The workbook of ticks is there once something was read with them. */
  function fitted() {
    if (!upload?.ticked) return;
    document.querySelectorAll(".draft").forEach((each) => each.removeAttribute("hidden"));
  }

  liantu.view({ key: "drop", title: "serve_drop", alone: true, show });
})();
