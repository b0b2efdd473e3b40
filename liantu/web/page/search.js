// @ts-check
/* Finding nodes by name, first letters of the pinyin, or id. */
"use strict";
(() => {
  /** @type {string[]} */
  let names = [];
  /** @type {string[]} */
  let letters = [];
  /** @type {string[]} */
  let ids = [];
  /** @type {Map<string, string>} */
  let either = new Map();

  liantu.on("feed", () => {
    const { feed } = liantu;
    /** @type {Map<string, string>} */
    const letterOf = new Map();
    either = new Map();
    for (const [letter, signs] of Object.entries(feed.initials)) {
      for (const sign of /** @type {string} */ (signs)) letterOf.set(sign, (letterOf.get(sign) || "") + letter);
    }
    // What is read in two ways gets one sign for both.
    for (const [sign, own] of letterOf) {
      if (own.length < 2) continue;
      if (!either.has(own)) either.set(own, String.fromCharCode(0xe000 + either.size));
      letterOf.set(sign, /** @type {string} */ (either.get(own)));
    }
    names = feed.nodes.name.map((/** @type {string} */ name) => name.toLowerCase());
    ids = feed.nodes.id.map((/** @type {string} */ id) => id.toLowerCase());
    // What has no letter here, such as a rare character, may stand for any: a dot.
    letters = names.map((name) =>
      Array.from(name.replace(/[\s·・（）()]/g, ""), (sign) =>
        letterOf.get(sign) || (/[\u3400-\u9fff]/.test(sign) ? "·" : sign)).join(""));
  });

  /** The signs of what may be read with a letter and with another one. @param {string} letter */
  const twofold = (letter) =>
    [...either].filter(([own]) => own.includes(letter)).map(([, sign]) => sign).join("");

  /** @param {string} text */
  function tester(text) {
    const asked = text.trim().toLowerCase();
    if (!asked) return null;
    const spelt = /^[a-z0-9]+$/.test(asked) && /[a-z]/.test(asked)
      ? new RegExp(Array.from(asked, (sign) => `[${sign}·${twofold(sign)}]`).join("")) : null;
    return (/** @type {number} */ node) =>
      names[node].includes(asked) || ids[node].startsWith(asked) || (spelt !== null && spelt.test(letters[node]));
  }

  /** The first nodes of some that fit. @param {string} text @param {Iterable<number>} among
   * @param {number} most */
  function find(text, among, most) {
    const fits = tester(text);
    const found = [];
    for (const node of among) {
      if (fits && !fits(node)) continue;
      found.push(node);
      if (found.length >= most) break;
    }
    return found;
  }

  /** A field to pick a node by typing. @param {{label: string, value: string,
   *  among: () => Iterable<number>, change: (key: string) => void}} asked */
  function picker({ label, value, among, change }) {
    const { el } = liantu;
    const id = "pick-" + Math.random().toString(36).slice(2);
    const list = el("datalist", { id });
    const said = (/** @type {number} */ node) => `${liantu.nameOf(node)} · ${liantu.feed.nodes.id[node]}`;
    /** @type {Map<string, string>} */
    const offered = new Map();
    const offer = (/** @type {string} */ text) => {
      offered.clear();
      for (const node of find(text, among(), 30)) offered.set(said(node), liantu.keyOf(node));
      list.replaceChildren(...[...offered.keys()].map((each) => el("option", { value: each })));
    };
    const chosen = liantu.data.numbers.get(value);
    const box = /** @type {HTMLInputElement} */ (el("input", {
      type: "search", list: id, autocomplete: "off", placeholder: liantu.word("type_to_find"),
      value: chosen === undefined ? "" : said(chosen),
      onfocus: () => offer(""),
      oninput: () => {
        const key = offered.get(box.value);
        if (key) return change(key);
        if (!box.value) return change("");
        offer(box.value);
        const now = offered.get(box.value);
        if (now) change(now);
      },
      onkeydown: (/** @type {KeyboardEvent} */ e) => {
        if (e.key !== "Enter") return;
        const first = find(box.value, among(), 1)[0];
        if (first !== undefined && box.value) {
          box.value = said(first);
          change(liantu.keyOf(first));
        }
      },
    }));
    return el("label", { class: "field" }, el("span", {}, label), box, list);
  }

  Object.assign(liantu, { tester, picker });
})();
