// @ts-check
/* A list of any length: only the rows that are seen are in the document. */
"use strict";
(() => {
  const { el } = liantu;
  const SPARE = 6;

  /** @param {HTMLElement} root
   * @param {{label: string, columns: {key: string, title: string, cls?: string,
   *   cell: (row: number) => LiantuChild}[], open: (row: number) => void,
   *   sort: () => string, sortBy: (key: string) => void}} asked */
  function list(root, { label, columns, open, sort, sortBy }) {
    /** @type {ArrayLike<number>} */
    let rows = [];
    let active = 0;
    const high = () => (innerWidth < 640 ? 58 : 40);
    const inner = el("div", { class: "list-inner", role: "presentation" });
    const box = el("div", { class: "list", role: "grid", tabindex: 0, "aria-label": label });
    const head = el("div", { class: "list-row list-head", role: "row" });
    const wrap = el("div", { class: "list-wrap" }, head, box);
    box.append(inner);
    root.append(wrap);

    function heads() {
      const [key, way] = sort().split("-");
      head.replaceChildren(...columns.map((column) =>
        el("span", { class: "cell " + (column.cls || ""), role: "columnheader",
          "aria-sort": key !== column.key ? null : way ? "descending" : "ascending" },
          liantu.button([column.title, key === column.key ? el("span", { "aria-hidden": "true" }, way ? " ▾" : " ▴") : null],
            () => sortBy(column.key), { class: "link" }))));
    }

    function paint() {
      const tall = high();
      const first = Math.max(0, Math.floor(box.scrollTop / tall) - SPARE);
      const last = Math.min(rows.length, Math.ceil((box.scrollTop + box.clientHeight) / tall) + SPARE);
      inner.style.height = rows.length * tall + "px";
      const shown = [];
      for (let i = first; i < last; i++) {
        shown.push(el("div", {
          class: "list-row" + (i === active ? " active" : ""), role: "row", id: "row-" + i, "aria-rowindex": i + 1,
          "aria-selected": String(i === active), style: { top: i * tall + "px", height: tall + "px" },
          onclick: () => { active = i; paint(); open(rows[i]); },
        }, columns.map((column) => el("span", { class: "cell " + (column.cls || ""), role: "gridcell" }, column.cell(rows[i])))));
      }
      head.style.paddingRight = `calc(1rem + ${box.offsetWidth - box.clientWidth}px)`;
      inner.replaceChildren(...shown);
      if (rows.length) box.setAttribute("aria-activedescendant", "row-" + active);
      else box.removeAttribute("aria-activedescendant");
    }

    /** @param {number} to */
    function move(to) {
      const tall = high();
      active = Math.max(0, Math.min(rows.length - 1, to));
      if (active * tall < box.scrollTop) box.scrollTop = active * tall;
      const low = (active + 1) * tall - box.clientHeight;
      if (low > box.scrollTop) box.scrollTop = low;
      paint();
    }

    box.addEventListener("scroll", paint);
    box.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => {
      const page = Math.max(1, Math.floor(box.clientHeight / high()) - 1);
      /** @type {Record<string, () => void>} */
      const acts = {
        ArrowDown: () => move(active + 1), ArrowUp: () => move(active - 1),
        PageDown: () => move(active + page), PageUp: () => move(active - page),
        Home: () => move(0), End: () => move(rows.length - 1),
        Enter: () => { if (rows.length) open(rows[active]); },
      };
      if (!acts[e.key]) return;
      e.preventDefault();
      acts[e.key]();
    });
    const again = () => { if (box.isConnected) paint(); else removeEventListener("resize", again); };
    addEventListener("resize", again);

    return {
      /** @param {ArrayLike<number>} next @param {boolean} keep */
      set(next, keep = false) {
        rows = next;
        if (!keep) { active = 0; box.scrollTop = 0; }
        box.setAttribute("aria-rowcount", String(rows.length));
        heads();
        paint();
      },
      focus: () => box.focus(),
    };
  }

  Object.assign(liantu, { list });
})();
