// @ts-check
/* Figures that say what they mean and which command gives them, on hover and on focus. */
"use strict";
(() => {
  const { el } = liantu;
  /** @type {HTMLElement | null} */
  let tip = null;

  const PLAIN = /^[\w@%+:,./-]+$/;

  /** A word as a POSIX shell reads it. @param {string} word */
  const quoted = (word) => (PLAIN.test(word) ? word : "'" + word.replaceAll("'", `'"'"'`) + "'");

  /** The options of the chosen scope. */
  const scoped = () =>
    liantu.state.scope === "all" ? "--scope all" : "--scope rural --rural " + liantu.state.scope;

  /** The command that gives a figure again. @param {string} name @param {string} [options]
   * @param {{date?: string, region?: boolean}} [asked] */
  function command(name, options = "", { date = liantu.state.date, region = true } = {}) {
    const { feed, state } = liantu;
    const where = (region && state.region) || feed.focus;
    return ["liantu", name, feed.source || "SOURCE", options, "--as-of " + date,
      where ? "--region " + quoted(where) : "", feed.extra].filter(Boolean).join(" ");
  }

  /** A figure. @param {string} text @param {string} key what it is, in the vocabulary
   * @param {string} [line] the command that gives it @param {string} [mark] a class */
  function figure(text, key, line = "", mark = "") {
    const show = (/** @type {Event} */ e) => open(/** @type {HTMLElement} */ (e.currentTarget), key, line);
    return el("span", {
      class: "fig " + mark, tabindex: 0, role: "note",
      "aria-label": `${liantu.word(key)}${liantu.state.lang === "zh" ? "：" : ": "}${text}`,
      onmouseenter: show, onfocus: show, onmouseleave: close, onblur: close,
    }, text);
  }

  /** @param {HTMLElement} owner @param {string} key @param {string} line */
  function open(owner, key, line) {
    close();
    const meaning = liantu.meaning(key);
    const shown = el("div", { class: "tip", role: "tooltip", id: "tip" },
      el("b", {}, liantu.word(key)), meaning ? el("p", {}, meaning) : null,
      line ? el("p", {}, el("span", { class: "quiet" }, liantu.word("command_gives")), el("code", {}, line)) : null);
    tip = shown;
    document.body.append(shown);
    owner.setAttribute("aria-describedby", "tip");
    const at = owner.getBoundingClientRect();
    const own = shown.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - own.width - 8));
    const below = at.bottom + 6;
    const top = below + own.height < innerHeight ? below : Math.max(8, at.top - own.height - 6);
    Object.assign(shown.style, { left: left + "px", top: top + "px" });
  }

  function close() {
    if (!tip) return;
    document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
    tip.remove();
    tip = null;
  }

  addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
  addEventListener("scroll", close, true);

  /** Figures side by side. @param {[string, string, string?, string?][]} given */
  const facts = (given) =>
    el("dl", { class: "facts" }, given.map(([key, text, line, mark]) =>
      el("div", {}, el("dt", {}, liantu.word(key)), el("dd", {}, figure(text, key, line, mark)))));

  Object.assign(liantu, { figure, facts, command, scoped, closeTip: close });
})();
