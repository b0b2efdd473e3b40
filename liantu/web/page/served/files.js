// @ts-check
/* Take along: the report, the clean workbook, the store, the template. */
"use strict";
(() => {
  const { el, api } = liantu;
  let suffix = "";

  /** @param {HTMLElement} root */
  function show(root) {
    const kinds = api.reports();
    suffix = suffix || kinds[0];
    const card = (/** @type {string} */ key, /** @type {() => any} */ asked, /** @type {LiantuChild} */ more = null) => {
      const place = el("div", {});
      const begin = async () => {
        try {
          const answer = await api.work({ lang: liantu.state.lang, ...asked() }, place).ended;
          if (!answer) return;
          api.keep(answer.job);
          place.replaceChildren(el("p", { class: "good", role: "status" }, liantu.say("serve_kept", { value: answer.file })));
        } catch (error) {
          api.wrong(place, error);
        }
      };
      return el("section", { class: "file" }, el("h3", {}, liantu.word(key)),
        el("p", {}, liantu.say(key + "_told")), more,
        liantu.button(liantu.word("serve_fetch"), begin, { class: "main", id: key }), place);
    };
    const network = () => api.now();
    root.append(el("h2", {}, liantu.word("serve_files")), el("div", { class: "files" },
      liantu.feed ? card("serve_report", () => ({ do: "report", network: network(), suffix, region: liantu.state.region, ...api.counted() }),
        liantu.select({ label: liantu.word("serve_format"), value: suffix, attrs: { id: "suffix" },
          options: kinds.map((/** @type {string} */ key) => [key, key.slice(1).toUpperCase()]),
          change: (/** @type {string} */ key) => (suffix = key) })) : null,
      liantu.feed ? card("serve_book", () => ({ do: "export", network: network() })) : null,
      liantu.feed ? card("serve_store", () => ({ do: "store", network: network() })) : null,
      card("serve_template", () => ({ do: "template" }))));
  }

  liantu.view({ key: "files", title: "serve_files", alone: true, show });
})();
