// @ts-check
/* What the parts of the page share. Contract:
 *
 * The page is one document. Its scripts are classic and run in the order of `document.py`; each is a
 * function called at once that adds to the one global `liantu`. Those of page/served/ are there only
 * when a server gives the page.
 *
 *   liantu.facts           {lang, served, version}
 *   liantu.feed            the data as they came (see data.js); null before they came
 *   liantu.data            the same as arrays, with questions to ask of them (data.js)
 *   liantu.load(feed)      takes other data in their place and draws everything again
 *   liantu.state           view, lang, date, scope, region, sel …; mirrored in location.hash
 *   liantu.go(changes)     changes the state, the address and what is shown; "" = the default again
 *   liantu.known(defaults) names further keys of the state with their defaults
 *   liantu.on(event, f)    events: "feed" (other data), "state" (a set of the changed keys)
 *   liantu.tell(event, x)  calls those who listen
 *   liantu.word(key)       a word in the current language; of another group as "stage.primary"
 *   liantu.meaning(key)    what the word means; "" where nothing is said
 *   liantu.say(code, {})   a message in the current language
 *   liantu.el(tag, attrs, ...children)   an element; texts become text nodes, never HTML
 *   liantu.view({key, title, show(root)})  a tab; `show` may return what is called on later changes
 *   liantu.card(kind, show(root, node))    one more part of the cards of a kind
 *   liantu.tool(show(root))                one more thing in the head of the page
 */
"use strict";
(() => {
  /** @param {string} id */
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const facts = read("facts");
  const words = read("words");
  /** @type {Map<string, Function[]>} */
  const listeners = new Map();
  /** @type {Record<string, string>} */
  const defaults = { view: "overview", lang: facts.lang, date: "", scope: "", region: "", sel: "" };
  /** @type {LiantuView[]} */
  const views = [];
  /** @type {Record<string, Function[]>} */
  const cards = {};
  /** @type {Function[]} */
  const tools = [];
  /** @type {Record<string, string>} */
  let state = { ...defaults };

  /** @param {string} event @param {Function} f */
  const on = (event, f) => listeners.set(event, [...(listeners.get(event) || []), f]);

  /** @param {string} event @param {any} [detail] */
  const tell = (event, detail) => (listeners.get(event) || []).forEach((f) => f(detail));

  const place = () => (state.lang === "zh" ? 1 : 0);

  /** @param {string} key @returns {string} */
  function word(key) {
    const found = words[key];
    return found ? found[place()] : key.slice(key.indexOf(".") + 1);
  }

  /** @param {string} key @returns {string} */
  const meaning = (key) => words[key]?.[2 + place()] || "";

  /** @param {string} code @param {Record<string, any>} [params] */
  function say(code, params = {}) {
    const text = words["page_" + code]?.[place()] ?? code;
    return text.replace(/\{(\w+)\}/g, (/** @type {string} */ all, /** @type {string} */ key) => (key in params ? String(params[key]) : all));
  }

  // -- the state and the address ---------------------------------------------------------------

  function fromHash() {
    const given = new URLSearchParams(location.hash.slice(1));
    const found = { ...defaults };
    for (const key of Object.keys(defaults)) {
      const value = given.get(key);
      if (value !== null) found[key] = value;
    }
    return found;
  }

  function toHash() {
    const given = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      if (value !== defaults[key]) given.set(key, value);
    }
    const text = given.toString();
    return text ? "#" + text : "";
  }

  /** @param {Record<string, string>} next */
  function become(next) {
    const changed = new Set(Object.keys(next).filter((key) => next[key] !== state[key]));
    state = next;
    liantu.state = next;
    if (changed.size) tell("state", changed);
  }

  /** @param {Record<string, any>} changes */
  function go(changes) {
    const next = { ...state };
    for (const [key, value] of Object.entries(changes)) {
      next[key] = value === "" || value == null ? defaults[key] ?? "" : String(value);
    }
    const step = next.view !== state.view || next.sel !== state.sel || next.region !== state.region;
    become(next);
    const hash = toHash();
    if (hash === location.hash) return;
    try {
      // Steps to go back to; a slider makes none. In a frame of a notebook there is no address.
      history[step ? "pushState" : "replaceState"](null, "", hash || "#");
    } catch {
      /* nothing to mirror in */
    }
  }

  /** @param {Record<string, string>} more */
  function known(more) {
    Object.assign(defaults, more);
    state = fromHash();
    liantu.state = state;
  }

  addEventListener("popstate", () => become(fromHash()));
  addEventListener("hashchange", () => become(fromHash()));

  // -- data --------------------------------------------------------------------------------------

  /** @param {any} feed */
  function load(feed) {
    liantu.feed = feed;
    liantu.data = liantu.arrays(feed);
    Object.assign(defaults, { date: feed.as_of, scope: feed.scope });
    state = fromHash();
    if (!feed.stops.includes(state.date)) state.date = feed.as_of;
    if (!feed.scopes.includes(state.scope)) state.scope = feed.scope;
    liantu.state = state;
    tell("feed", feed);
  }

  /** Unpack the data that stand in the page. */
  async function unpack() {
    const text = document.getElementById("feed")?.textContent || "";
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  /** @type {any} */
  const liantu = (window.liantu = {
    facts, feed: null, data: null, state, views, cards, tools,
    on, tell, word, meaning, say, go, known, load, unpack,
    /** @param {LiantuView} view */
    view: (view) => views.push(view),
    /** @param {string} kind @param {Function} show */
    card: (kind, show) => (cards[kind] ||= []).push(show),
    /** @param {Function} show */
    tool: (show) => tools.push(show),
  });
  liantu.known({});
})();
