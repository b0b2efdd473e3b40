// @ts-check
/* Which network is looked at, and on which day: in the head of the page. */
"use strict";
(() => {
  const { el, api } = liantu;
  /** @type {{networks: any[], dropped: any[]}} */
  let session = { networks: [], dropped: [] };
  /** @type {string} */
  let now = "";
  let day = "";
  /** Days of which the rungs alone are known. @type {Set<string>} */
  const thin = new Set();
  let loading = "";

  liantu.known({ net: "", day: "" });

  /** Fetch the first data; null where there is no network yet. */
  async function fetched() {
    await api.prepared();
    session = await api.ask("networks");
    const wanted = session.networks.find((each) => each.id === liantu.state.net);
    const first = wanted || session.networks[0];
    if (!first) return null;
    return feed(first.id, liantu.state.day);
  }

  /** @param {string} network @param {string} asked */
  async function feed(network, asked) {
    const found = await api.ask("feed", { network, as_of: asked });
    now = network;
    day = asked;
    thin.clear();
    return found;
  }

  /** Show another day: its rungs at once, the rest when something needs it. @param {string} asked */
  async function look(asked) {
    if (!liantu.feed.stops.includes(asked)) {
      const own = liantu.feed;
      const found = await api.ask("rungs", { network: now, as_of: asked });
      if (own !== liantu.feed) return;
      liantu.withDay(asked, found.rungs);
      thin.add(asked);
    }
    liantu.go({ day: asked, date: asked });
    liantu.tell("feed", liantu.feed);
  }

  /** Load all that is known of a day, where a list, a map or a card asks for more than rungs. */
  async function rest() {
    const { date, view, sel } = liantu.state;
    if (!thin.has(date) || loading === date || !(sel || view === "schools" || view === "map")) return;
    const key = now;
    loading = date;
    const told = () => document.querySelector(".day-told");
    told()?.replaceChildren(el("span", { class: "spin", "aria-hidden": "true" }),
      el("span", { role: "status" }, liantu.say("serve_day_rest")));
    try {
      const found = await api.ask("feed", { network: key, as_of: date });
      if (key !== now || liantu.state.date !== date) return;
      day = date;
      thin.clear();
      liantu.load(found);
    } catch (error) {
      const place = told();
      if (place) api.wrong(place, error);
    } finally {
      if (loading === date) loading = "";
    }
  }

  /** Look at a network, at another day perhaps. @param {string} network @param {string} [asked] */
  async function open(network, asked = "") {
    const found = await feed(network, asked);
    session = await api.ask("networks");
    liantu.go({ net: network, day: asked, date: "", region: "", sel: "" });
    liantu.load(found);
  }

  /** @param {HTMLElement} root */
  function show(root) {
    if (session.networks.length > 1) {
      root.append(liantu.select({
        label: liantu.word("serve_network"), value: now,
        options: session.networks.map((each) => [each.id, each.title]),
        change: (/** @type {string} */ key) => tried(root, () => open(key)),
      }));
    }
    if (liantu.feed) {
      const box = /** @type {HTMLInputElement} */ (el("input", { type: "date", value: liantu.state.day || liantu.feed.as_of }));
      box.addEventListener("change", () => box.value && tried(root, () => look(box.value)));
      root.append(el("label", { class: "field" }, el("span", {}, liantu.word("serve_day")), box));
    }
    if (session.dropped.length) {
      root.append(el("p", { class: "quiet dropped", role: "status" }, liantu.say("serve_dropped"), " ",
        session.dropped.map((each) => [liantu.button(each.title, () => tried(root, async () => {
          await api.send("POST", each.id + "/open");
          await open(each.id);
        }), { class: "link" }), " "])));
    }
    root.append(el("span", { class: "told day-told" }));
  }

  /** @param {HTMLElement} root @param {() => Promise<void>} act */
  async function tried(root, act) {
    const told = /** @type {HTMLElement} */ (root.querySelector(".told"));
    told.replaceChildren(el("span", { class: "spin", "aria-hidden": "true" }),
      el("span", { role: "status" }, liantu.say("serve_working")));
    try {
      await act();
    } catch (error) {
      api.wrong(told, error);
    }
  }

  liantu.tool(show);
  liantu.on("state", rest);
  liantu.on("feed", rest);
  Object.assign(liantu, { fetched });
  api.open = open;
  /** The key of the network that is looked at. */
  api.now = () => now;
})();
