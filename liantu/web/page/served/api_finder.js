// @ts-check
/* Finding a school by name or id: a box that offers what fits. */
"use strict";
(() => {
  const { el } = liantu;
  const MOST = 30; // offered at once
  const nodes = () => liantu.feed.nodes;

  /** Schools that a text may mean. @param {string} text @returns {number[]} */
  function matches(text) {
    const given = text.trim().toLowerCase();
    const hits = [];
    if (!given) return [];
    for (let i = 0; i < liantu.data.schools && hits.length < MOST; i++) {
      if (liantu.nameOf(i).toLowerCase().includes(given) || nodes().id[i].toLowerCase().includes(given)) hits.push(i);
    }
    return hits;
  }

  /** The schools of which a text is the whole id or name. @param {string} text @returns {number[]} */
  function exactly(text) {
    const own = liantu.data.numbers.get("school:" + text);
    if (own !== undefined) return [own];
    const hits = [];
    for (let i = 0; i < liantu.data.schools; i++) if (liantu.nameOf(i) === text) hits.push(i);
    return hits;
  }

  /** A box to find a school in. @param {string} label @param {string} id
   * @returns {{field: HTMLElement, box: HTMLInputElement, meant: () => string}} `meant` gives the id;
   * "" and a word to the user where it is not one school */
  function finder(label, id) {
    const box = /** @type {HTMLInputElement} */ (
      el("input", { id, list: id + "-found", autocomplete: "off", placeholder: liantu.word("serve_find") }));
    const options = el("datalist", { id: id + "-found" });
    box.addEventListener("input", () => {
      box.setCustomValidity("");
      options.replaceChildren(...matches(box.value).map((school) =>
        el("option", { value: nodes().id[school] }, liantu.nameOf(school))));
    });
    const meant = () => {
      const text = box.value.trim();
      const exact = exactly(text);
      const all = exact.length ? exact : matches(text);
      const wrong = all.length === 1 ? "" : liantu.say(all.length ? "serve_several" : "serve_no_school");
      box.setCustomValidity(wrong);
      box.reportValidity();
      return wrong ? "" : nodes().id[all[0]];
    };
    return { box, meant, field: el("label", { class: "field", for: id }, el("span", {}, label), box, options) };
  }

  /** The name of a school by its id. @param {string} id @returns {string} */
  function named(id) {
    const node = liantu.data.numbers.get("school:" + id);
    return node === undefined ? id : liantu.nameOf(node);
  }

  /** What says that pairs are picked: who supports whom, one pair after the other.
   * @param {string} id @param {{source: string, target: string}[]} pairs the list that is changed
   * @param {(pairs: {source: string, target: string}[]) => void} changed */
  function pairs(id, pairs, changed) {
    const list = el("ul", { class: "pairs" });
    const from = finder(liantu.word("serve_from"), id + "-from");
    const to = finder(liantu.word("serve_to"), id + "-to");
    const fill = () => list.replaceChildren(...pairs.map((pair, i) => {
      const text = named(pair.source) + " → " + named(pair.target);
      return el("li", {}, text, " ", liantu.button("×", () => become(pairs.filter((_, j) => j !== i)),
        { class: "plain", "aria-label": liantu.say("serve_remove", { what: text }) }));
    }));
    const become = (/** @type {{source: string, target: string}[]} */ next) => {
      pairs = next;
      changed(next);
      fill();
    };
    const take = () => {
      const [source, target] = [from.meant(), to.meant()];
      if (!source || !target) return;
      if (!pairs.some((pair) => pair.source === source && pair.target === target)) become([...pairs, { source, target }]);
      from.box.value = to.box.value = "";
    };
    fill();
    return el("div", { class: "pairs" }, list, from.field, to.field,
      liantu.button(liantu.word("serve_add"), take, { class: "plain" }));
  }

  Object.assign(liantu.api, { finder, named, pairs });
})();
