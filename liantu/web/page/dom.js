// @ts-check
/* Elements, numbers and dates. Whatever comes from the data becomes a text node. */
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  /** @param {Element} node @param {Record<string, any>} attrs @param {LiantuChild[]} children */
  function fill(node, attrs, children) {
    for (const [key, value] of Object.entries(attrs || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key === "style") Object.assign(/** @type {HTMLElement} */ (node).style, value);
      else if (key === "value" || key === "checked") /** @type {any} */ (node)[key] = value;
      else node.setAttribute(key, value === true ? "" : String(value));
    }
    put(node, children);
    return node;
  }

  /** @param {Element} node @param {LiantuChild[]} children */
  function put(node, children) {
    for (const child of children) {
      if (child === null || child === undefined || child === false) continue;
      if (Array.isArray(child)) put(node, child);
      else node.append(child instanceof Node ? child : String(child));
    }
  }

  /** Return an element; keys that begin with "on" are listeners, `style` is an object.
   * @param {string} tag @param {Record<string, any>} [attrs] @param {...LiantuChild} children */
  const el = (tag, attrs = {}, ...children) =>
    /** @type {HTMLElement} */ (fill(document.createElement(tag), attrs, children));

  /** @param {string} tag @param {Record<string, any>} [attrs] @param {...LiantuChild} children */
  const svg = (tag, attrs = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attrs, children);

  const locale = () => (liantu.state.lang === "zh" ? "zh-CN" : "en-GB");

  /** @param {number | null | undefined} value @param {number} [digits] */
  const number = (value, digits = 0) =>
    value === null || value === undefined || Number.isNaN(value)
      ? "–"
      : value.toLocaleString(locale(), { maximumFractionDigits: digits });

  /** A share of a number, "–" of nothing. @param {number} part @param {number} whole */
  const percent = (part, whole) =>
    whole ? ((100 * part) / whole).toFixed(1).replace(/\.0$/, "") + "%" : "–";

  /** @param {string} iso @returns {string} the month alone */
  const month = (iso) => iso.slice(0, 7);

  /** Words of a list. @param {string[]} words */
  const listed = (words) => words.join(liantu.state.lang === "zh" ? "、" : ", ");

  /** A list of choices. @param {{label: string, value: string, options: [string, string][],
   *  change: (value: string) => void, attrs?: Record<string, any>}} asked */
  function select({ label, value, options, change, attrs = {} }) {
    const box = /** @type {HTMLSelectElement} */ (
      el("select", { ...attrs, onchange: (/** @type {any} */ e) => change(e.target.value) },
        options.map(([key, text]) => el("option", { value: key }, text)))
    );
    box.value = value;
    return el("label", { class: "field" }, el("span", {}, label), box);
  }

  /** @param {LiantuChild} text @param {() => void} act @param {Record<string, any>} [attrs] */
  const button = (text, act, attrs = {}) =>
    el("button", { type: "button", ...attrs, onclick: act }, text);

  /** Offer a text as a file. @param {string} name @param {string} text */
  function offer(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = el("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  Object.assign(liantu, { el, svg, number, percent, month, listed, select, button, offer });
})();
