// @ts-check
/* Talking with the server: questions, long work with its progress, files to keep.
 *
 *   liantu.api.ask(path, params)        what a question answers; throws a Refusal
 *   liantu.api.send(method, path, body) the same for what changes something
 *   liantu.api.work(asked, show)        begins long work; {ended, cancel}
 *   liantu.api.keep(key)                offers the file that long work has written
 *   liantu.api.word(group, key)         a word that only the server's page needs
 */
"use strict";
(() => {
  const { el } = liantu;
  /** @type {{words: Record<string, string[]>, reports: string[], kinds: Record<string, string[]>}} */
  let known = { words: {}, reports: [], kinds: {} };

  /** What the server says when it cannot serve: lines in both languages. */
  class Refusal extends Error {
    /** @param {number} status @param {any} told */
    constructor(status, told) {
      super(String(status));
      this.status = status;
      /** @type {any[]} */
      this.errors = told?.errors || [];
    }
    /** @returns {string[]} */
    get lines() {
      const found = this.errors.map((error) => error.line[liantu.state.lang]);
      return found.length ? found : [liantu.say("serve_no_answer")];
    }
    get message() {
      return this.lines.join(" ");
    }
    set message(_) {
      /* made of the lines */
    }
  }

  /** @param {string} path @param {RequestInit} [given] */
  async function fetched(path, given) {
    let answer;
    try {
      answer = await fetch("/api/" + path, { credentials: "same-origin", ...given });
    } catch {
      throw new Refusal(0, null);
    }
    if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
    return answer;
  }

  /** @param {string} path @param {Record<string, any>} [params] */
  async function ask(path, params = {}) {
    const given = new URLSearchParams();
    for (const [key, value] of Object.entries(params)) {
      if (value !== "" && value !== null && value !== undefined) given.set(key, String(value));
    }
    const text = given.toString();
    return (await fetched(path + (text ? "?" + text : ""))).json();
  }

  /** @param {string} method @param {string} path @param {any} [body] */
  async function send(method, path, body) {
    const raw = body instanceof Blob;
    return fetched(path, {
      method,
      headers: raw || body === undefined ? {} : { "content-type": "application/json" },
      body: raw ? body : body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** Begin long work and follow it. @param {any} asked @param {HTMLElement} place where it is told of
   * @param {string} [path]
   * @returns {{ended: Promise<any>, cancel: () => void}} `ended` gives what was found; null if it was
   * cancelled */
  function work(asked, place, path = "jobs") {
    let cancelled = false;
    let key = "";
    const words = el("span", { role: "status" }, liantu.say("serve_waiting"));
    const cancel = () => {
      cancelled = true;
      if (key) send("DELETE", "jobs/" + key).catch(() => {});
    };
    const line = el("p", { class: "work" }, el("span", { class: "spin", "aria-hidden": "true" }),
      words, " ", liantu.button(liantu.word("serve_cancel"), cancel, { class: "plain" }));
    place.replaceChildren(line);

    const ended = (async () => {
      try {
        const job = await (await send("POST", path, asked)).json();
        key = job.id;
        if (cancelled) cancel();
        await followed(key, (told) => {
          const own = told.words[liantu.state.lang];
          words.textContent = own || liantu.say(told.state === "waiting" ? "serve_waiting" : "serve_working");
        });
        const last = await ask("jobs/" + key);
        if (last.state === "cancelled") return null;
        if (last.state === "failed") throw new Refusal(422, last.found);
        return { ...last.found, job: key };
      } finally {
        line.remove();
      }
    })();
    return { ended, cancel };
  }

  /** Listen until a job has ended. @param {string} key @param {(told: any) => void} tell */
  function followed(key, tell) {
    return new Promise((resolve, reject) => {
      const source = new EventSource("/api/jobs/" + key + "/events");
      let faults = 0;
      source.onmessage = (event) => {
        const told = JSON.parse(event.data);
        tell(told);
        if (["done", "failed", "cancelled"].includes(told.state)) {
          source.close();
          resolve(undefined);
        }
      };
      source.onerror = () => {
        if (++faults < 5 && source.readyState !== EventSource.CLOSED) return; // it comes again
        source.close();
        reject(new Refusal(0, null));
      };
    });
  }

  /** @param {string} job */
  const keep = (job) => follow("/api/jobs/" + job + "/file");

  /** Let the browser keep what an address gives. @param {string} href */
  function follow(href) {
    const link = el("a", { href, download: "" });
    document.body.append(link);
    link.click();
    link.remove();
  }

  /** Put other things into a place; lists are taken apart, nothing is left out in silence.
   * @param {HTMLElement} place @param {...LiantuChild} children */
  const put = (place, ...children) => place.replaceChildren(el("div", {}, children));

  /** Lines of an error, in a place of its own. @param {HTMLElement} place @param {any} error */
  function wrong(place, error) {
    const lines = error instanceof Refusal ? error.lines : [String(error?.message || error)];
    place.replaceChildren(el("div", { class: "alarm", role: "alert" },
      lines.slice(0, 20).map((line) => el("p", {}, line))));
  }

  /** @param {string} group @param {string} key @returns {string} */
  function word(group, key) {
    const found = known.words[group + "." + key];
    return found ? found[liantu.state.lang === "zh" ? 1 : 0] : key;
  }

  /** A value as people read it. @param {string} column @param {any} value @returns {string} */
  function cell(column, value) {
    if (value === null || value === undefined) return "–";
    if (typeof value === "boolean") return liantu.word(value ? "serve_yes" : "serve_no");
    if (typeof value === "number") {
      return /(^|_)(rate|share)(_|$)/.test(column)
        ? liantu.percent(value, 1)
        : liantu.number(value, 2);
    }
    if (Array.isArray(value)) return liantu.listed(value.map(String));
    return coded(column, String(value));
  }

  /** A key as its word, where it is one. @param {string} column @param {string} value */
  function coded(column, value) {
    const base = column.replace(/_(base|scenario|direct)$/, "");
    const own = {
      rung: "rung", stage: "stage", urban_rural: "urban_rural", quality: "quality", form: "form",
      role: "role", level: "level", basis: "relation", kind: "kind", source_kind: "kind",
      target_kind: "kind", do: "edit",
    }[base];
    const page = own && liantu.word(own + "." + value);
    if (page && page !== value) return page;
    return word(own || base, value);
  }

  /** A table of records. @param {any[]} rows @param {{columns?: string[], most?: number,
   *  caption?: string, pick?: (row: any) => LiantuChild}} [given] */
  function table(rows, { columns, most = 100, caption = "", pick } = {}) {
    const keys = columns || Object.keys(rows[0] || {});
    let shown = 0;
    const body = el("tbody");
    const left = el("p", { class: "quiet" });
    const more = () => {
      for (const row of rows.slice(shown, shown + most)) {
        body.append(el("tr", {}, pick ? el("td", {}, pick(row)) : null, keys.map((key) =>
          el("td", { class: typeof row[key] === "number" ? "number" : null }, cell(key, row[key])))));
      }
      shown = Math.min(rows.length, shown + most);
      left.replaceChildren(liantu.say("serve_shown", { shown, total: rows.length }), " ",
        shown < rows.length ? liantu.button(liantu.word("serve_more"), more, { class: "plain" }) : "");
    };
    more();
    return el("div", {}, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption || null },
      el("table", {}, caption ? el("caption", {}, caption) : null,
        el("thead", {}, el("tr", {}, pick ? el("th", { scope: "col" }, "") : null,
          keys.map((key) => el("th", { scope: "col" }, word("column", key))))), body)),
      rows.length > most ? left : null);
  }

  /** Figures by key. @param {Record<string, any>} summary @param {string[]} [keys] */
  const figures = (summary, keys = Object.keys(summary)) =>
    el("dl", { class: "figures" }, keys.filter((key) => key in summary).map((key) =>
      el("div", {}, el("dt", {}, word("column", key)), el("dd", {}, cell(key, summary[key])))));

  /** How schools are counted, as the page has it. @returns {Record<string, string>} */
  function counted() {
    const { scope } = liantu.state;
    return { as_of: liantu.state.date, scope: scope === "all" ? "all" : "rural",
      rural: scope === "broad" ? "broad" : "strict" };
  }

  async function prepared() {
    known = await ask("words");
  }

  liantu.api = { ask, send, work, put, keep, follow, wrong, word, cell, table, figures, counted, prepared,
    Refusal, reports: () => known.reports,
    /** The columns in which a relation must say of what kind its ends are. @param {string} relation */
    kinds: (relation) => known.kinds[relation] || [] };
})();
