// @ts-check
/* The card of what is selected: parts registered by kind, one below the other. */
"use strict";
(() => {
  const { el } = liantu;
  /** @type {HTMLElement | null} */
  let from = null;

  /** A part of a card. @param {string} title @param {...LiantuChild} children */
  const part = (title, ...children) => el("section", { class: "part" }, el("h3", {}, title), children);

  function show() {
    const { data, parts, state, feed } = liantu;
    const root = parts.card;
    const node = feed && data.numbers.get(state.sel);
    if (node === undefined || node === null) {
      const was = !root.hidden;
      root.hidden = true;
      root.replaceChildren();
      document.body.classList.remove("with-card");
      if (was && from?.isConnected) from.focus();
      from = null;
      return;
    }
    const fresh = root.dataset.sel !== state.sel || root.hidden;
    const kind = liantu.kindOf(node);
    root.hidden = false;
    root.dataset.sel = state.sel;
    root.setAttribute("aria-label", liantu.nameOf(node));
    document.body.classList.add("with-card");
    const title = el("h2", { tabindex: -1 }, liantu.nameOf(node));
    root.replaceChildren(
      el("div", { class: "card-head" }, el("div", {}, el("p", { class: "quiet" }, liantu.word("kind." + kind), " · ", feed.nodes.id[node]), title),
        liantu.button("×", () => liantu.go({ sel: "" }), { class: "plain close", "aria-label": liantu.word("close") })));
    for (const each of liantu.cards[kind] || []) each(root, node);
    if (fresh) {
      if (!root.contains(document.activeElement)) from = /** @type {HTMLElement} */ (document.activeElement);
      root.scrollTop = 0;
      title.focus({ preventScroll: innerWidth >= 900 });
    }
  }

  addEventListener("keydown", (e) => {
    const typing = /** @type {HTMLElement} */ (e.target).tagName === "INPUT";
    if (e.key === "Escape" && liantu.state.sel && !typing) liantu.go({ sel: "" });
  });

  /** Says of which date alone the other figures of a card are known, and leads there. */
  const knownOn = () => el("p", { class: "quiet" }, liantu.say("known_on", { day: liantu.feed.as_of }), " ",
    liantu.button(liantu.say("show_day", { day: liantu.feed.as_of }), () => liantu.go({ date: liantu.feed.as_of }), { class: "link" }));

  /** Ties as a table: with whom, by what, since and until when.
   * @param {ArrayLike<number>} rows @param {"source" | "target"} end @param {number} most */
  function ties(rows, end, most = 12) {
    const { tie } = liantu.data;
    const stop = liantu.stopOf();
    /** @type {Map<string, {node: number, rows: number[]}>} */
    const groups = new Map();
    for (const row of Array.from(rows)) {
      const key = [tie[end][row], tie.basis.codes[row], tie.form.codes[row]].join();
      const own = groups.get(key);
      if (own) own.rows.push(row);
      else groups.set(key, { node: tie[end][row], rows: [row] });
    }
    const sorted = [...groups.values()].sort((a, b) => a.node - b.node);
    const line = (/** @type {{node: number, rows: number[]}} */ { node, rows: own }) => {
      const first = own[0];
      const events = tie.basis.words[tie.basis.codes[first]] === "delivers";
      const starts = own.map((/** @type {number} */ row) => liantu.dayOf(tie, "start", row)).sort();
      const ends = own.map((/** @type {number} */ row) => liantu.dayOf(tie, "end", row)).sort();
      const form = tie.form.codes[first] < 0 ? "" : tie.form.words[tie.form.codes[first]];
      return el("tr", {}, el("td", {}, liantu.nodeLink(node)),
        el("td", {}, liantu.how(tie.basis.words[tie.basis.codes[first]], form), own.length > 1 ? ` × ${own.length}` : "",
          !events && !own.some((/** @type {number} */ row) => liantu.inForce(row, stop)) && own.some((/** @type {number} */ row) => liantu.isActive(row, stop))
            ? el("span", { class: "quiet" }, " ", liantu.word("ended_active")) : null),
        el("td", { class: "num" }, starts[0] || "–"),
        el("td", { class: "num" }, events ? ends[ends.length - 1] : ends.includes("") ? liantu.word("open_end") : ends[ends.length - 1]));
    };
    const rest = sorted.slice(most);
    const table = (/** @type {any[]} */ given) => el("tbody", {}, given.map(line));
    const more = rest.length ? liantu.button(liantu.say("and_more", { count: rest.length }), () => {
      body.append(...table(rest).children);
      more?.remove();
    }, { class: "link" }) : null;
    const body = table(sorted.slice(0, most));
    return [el("table", { class: "plain-table" }, el("thead", {}, el("tr", {},
      [end === "source" ? "giver" : "receiver", "what", "since", "until"].map((key) => el("th", { scope: "col" }, liantu.word(key))))), body), more];
  }

  liantu.on("feed", show);
  liantu.on("state", (/** @type {Set<string>} */ changed) => {
    if (["sel", "date", "lang", "scope"].some((key) => changed.has(key))) show();
  });
  Object.assign(liantu, { part, knownOn, tieTable: ties, showCard: show });
})();
