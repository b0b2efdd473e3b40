// @ts-check
/* The frame of the page: head, tabs, what is chosen everywhere, the view, the card, the foot. */
"use strict";
(() => {
  const { el } = liantu;
  /** @type {Record<string, HTMLElement>} */
  const parts = {};
  /** @type {void | ((changed: Set<string>) => void)} */
  let update;

  /** Make the empty frame, before the data come. */
  function frame() {
    const names = ["head", "tabs", "bar", "view", "card", "foot"];
    const tags = ["header", "nav", "div", "main", "aside", "footer"];
    names.forEach((name, i) => (parts[name] = el(tags[i], { class: name, id: name })));
    parts.view.tabIndex = -1;
    parts.card.hidden = true;
    const skip = el("a", { class: "skip", href: "#view",
      onclick: (/** @type {Event} */ e) => { e.preventDefault(); parts.view.focus(); } },
      liantu.word("skip"));
    document.body.append(skip, ...["head", "tabs", "bar"].map((name) => parts[name]),
      el("div", { class: "body" }, parts.view, parts.card), parts.foot);
    parts.view.append(el("p", { class: "quiet", role: "status" }, liantu.word("opening")));
  }

  /** Draw everything again. */
  function draw() {
    document.documentElement.lang = liantu.state.lang === "zh" ? "zh-CN" : "en";
    if (liantu.feed) document.title = liantu.feed.title || "liantu";
    head();
    tabs();
    bar();
    view();
    foot();
  }

  function head() {
    const feed = liantu.feed;
    const other = liantu.state.lang === "zh" ? "en" : "zh";
    const language = liantu.button(other === "zh" ? "中文" : "English",
      () => liantu.go({ lang: other }), { lang: other === "zh" ? "zh-CN" : "en", class: "plain" });
    parts.head.replaceChildren(
      el("h1", {}, (feed && feed.title) || liantu.word("page_title")),
      el("div", { class: "tools" },
        liantu.tools.map((/** @type {Function} */ show) => {
          const root = el("span", { class: "tool" });
          show(root);
          return root;
        }),
        feed && liantu.button(liantu.word("print"), () => print(), { class: "plain" }), language));
  }

  /** @returns {LiantuView[]} */
  const views = () => liantu.views.filter((/** @type {any} */ each) => liantu.feed || each.alone);

  const current = () =>
    views().find((each) => each.key === liantu.state.view) || views()[0];

  /** @param {LiantuView} each */
  const title = (each) => (typeof each.title === "function" ? each.title() : liantu.word(each.title));

  function tabs() {
    const now = current();
    parts.tabs.setAttribute("aria-label", liantu.word("views"));
    parts.tabs.replaceChildren(
      el("ul", {}, views().map((each) =>
        el("li", {}, el("a", {
          href: "#view=" + each.key,
          "aria-current": each === now ? "page" : null,
          onclick: (/** @type {MouseEvent} */ e) => {
            if (e.ctrlKey || e.metaKey || e.shiftKey) return;
            e.preventDefault();
            liantu.go({ view: each.key });
          },
        }, title(each))))));
    // On a narrow screen the row of tabs is wider than the screen.
    const row = parts.tabs.firstElementChild;
    const own = /** @type {HTMLElement | null} */ (row?.querySelector("[aria-current]") || null);
    if (row && own) row.scrollLeft = own.offsetLeft - (row.clientWidth - own.offsetWidth) / 2;
  }

  /** What holds for every view: scope, date, region. */
  function bar() {
    const { feed, state } = liantu;
    if (!feed) return parts.bar.replaceChildren();
    const scopes = feed.scopes.map((/** @type {string} */ key) => [key, liantu.word("scope_" + key)]);
    const dates = feed.stops.map((/** @type {string} */ date) => [date, date]).reverse();
    parts.bar.replaceChildren(
      el("div", { class: "crumbs" }, crumbs()),
      el("div", { class: "fields" },
        liantu.select({ label: liantu.word("scope"), value: state.scope, options: scopes,
          change: (/** @type {string} */ scope) => liantu.go({ scope }) }),
        liantu.select({ label: liantu.word("date"), value: state.date, options: dates,
          change: (/** @type {string} */ date) => liantu.go({ date }) })));
  }

  /** The chosen region and those around it, each a step back. */
  function crumbs() {
    const { feed } = liantu;
    const path = [];
    for (let at = liantu.chosenRegion(); at >= 0; at = feed.regions.parent[at]) path.unshift(at);
    const focus = feed.regions.id.indexOf(feed.focus);
    const whole = focus >= 0 ? liantu.regionName(focus) : liantu.word("whole");
    const below = path.slice(path.indexOf(focus) + 1);
    const steps = [
      below.length ? liantu.button(whole, () => liantu.go({ region: "" }), { class: "link" }) : el("b", {}, whole),
      ...below.map((region, i) => i < below.length - 1
        ? liantu.button(liantu.regionName(region),
            () => liantu.go({ region: feed.regions.id[region] }), { class: "link" })
        : el("b", {}, liantu.regionName(region))),
    ];
    return el("nav", { "aria-label": liantu.word("region") },
      el("ol", {}, steps.map((step) => el("li", {}, step))));
  }

  function view() {
    const now = current();
    parts.view.className = "view view-" + now.key;
    parts.view.setAttribute("aria-label", title(now));
    parts.view.replaceChildren();
    update = now.show(parts.view);
  }

  function foot() {
    const { feed } = liantu;
    if (!feed) return parts.foot.replaceChildren();
    const notes = feed.notes.map((/** @type {string[]} */ note) => note[liantu.state.lang === "zh" ? 1 : 0]);
    parts.foot.replaceChildren(
      el("details", {}, el("summary", {}, liantu.word("about")),
        el("p", {}, liantu.say("judged", { day: feed.as_of, window: 12 })),
        el("p", {}, liantu.word("no_teachers")),
        notes.length ? el("ul", {}, notes.map((/** @type {string} */ note) => el("li", {}, note))) : null,
        el("p", { class: "mono" }, feed.fingerprint), el("p", {}, "liantu " + liantu.given.version)));
  }

  /** @param {any} error */
  function failed(error) {
    parts.view.replaceChildren(
      el("p", { class: "alarm", role: "alert" }, liantu.say("failed", { reason: error?.message || error })));
  }

  liantu.on("feed", draw);
  liantu.on("state", (/** @type {Set<string>} */ changed) => {
    if (!liantu.feed && !changed.has("view")) return;
    if (["lang", "view"].some((key) => changed.has(key))) {
      draw();
      if (changed.has("view")) scrollTo(0, 0);
      return;
    }
    if (["scope", "date", "region"].some((key) => changed.has(key))) bar();
    if (update) update(changed);
    else if (![...changed].every((key) => key === "sel")) view();
  });

  Object.assign(liantu, { frame, draw, failed, parts });
})();
