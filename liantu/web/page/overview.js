// @ts-check
/* The first view: how many are supported, by region and stage. */
"use strict";
(() => {
  const { el } = liantu;

  /** @param {HTMLElement} root */
  function show(root) {
    const found = liantu.count(liantu.chosen(), liantu.stopOf());
    root.append(
      el("p", { class: "headline" },
        el("b", { class: "big" }, liantu.percent(found.covered, found.in_scope)), " ",
        `${liantu.number(found.covered)} / ${liantu.number(found.in_scope)}`));
  }

  liantu.view({ key: "overview", title: "overview", show });
})();
