// @ts-check
/* The picture: schools where they stand, or side by side; the ties of the one selected. */
"use strict";
(() => {
  const { el } = liantu;
  liantu.known({ mode: "map", steps: "1", way: "both" });

  /** The node that a key of the state names; −1 for none. */
  const selected = () => liantu.data.numbers.get(liantu.state.sel) ?? -1;

  /** @param {HTMLElement} root */
  function show(root) {
    const { data, feed } = liantu;
    const at = liantu.places();
    const canvas = /** @type {HTMLCanvasElement} */ (el("canvas", { class: "picture", tabindex: 0, role: "img" }));
    const view = { scale: 1, x: 0, y: 0 };
    /** @type {{x: any, y: any, near: ReturnType<typeof liantu.around>} | null} */
    let ego = null;
    /** @type {ReturnType<typeof liantu.around> | null} */
    let near = null;
    const tools = el("div", { class: "filters" });
    const told = el("p", { class: "told", role: "status", "aria-live": "polite" });
    const zoom = el("div", { class: "zoom" },
      liantu.button("+", () => zoomBy(1.5), { "aria-label": liantu.word("zoom_in") }),
      liantu.button("−", () => zoomBy(1 / 1.5), { "aria-label": liantu.word("zoom_out") }),
      liantu.button("⤢", () => { whole(); touched = false; draw(); }, { "aria-label": liantu.word("zoom_all") }));
    const legend = el("div", { class: "key-row" });
    root.append(tools, el("div", { class: "picture-box" }, canvas, zoom), legend, told);

    const mask = () => (ego ? [...near?.levels.keys() || []] : visible);
    /** @type {number[]} */
    let visible = [];

    function bar() {
      const { state } = liantu;
      tools.replaceChildren(
        liantu.picker({ label: liantu.word("find_node"), value: state.sel, among: () => range(data.n),
          change: (/** @type {string} */ sel) => liantu.go({ sel }) }),
        liantu.select({ label: liantu.word("picture"), value: state.mode, options: [["map", liantu.word(feed.places.kind === "map" ? "mode_map" : "mode_layout")], ["focus", liantu.word("mode_focus")]],
          change: (/** @type {string} */ mode) => liantu.go({ mode }) }),
        liantu.select({ label: liantu.word("steps"), value: state.steps, options: [["1", "1"], ["2", "2"]],
          change: (/** @type {string} */ steps) => liantu.go({ steps }) }),
        liantu.select({ label: liantu.word("way"), value: state.way, options: ["both", "in", "out"].map((key) => [key, liantu.word("way_" + key)]),
          change: (/** @type {string} */ way) => liantu.go({ way }) }));
    }

    function* range(/** @type {number} */ n) { for (let i = 0; i < n; i++) yield i; }

    /** Find again what is to be drawn. */
    function gather() {
      const { state } = liantu;
      const stop = liantu.stopOf();
      const region = liantu.chosenRegion();
      const inside = region < 0 ? null : liantu.regionMask(region);
      visible = [];
      for (let i = 0; i < data.schools; i++) {
        if (!at.there[i] || data.rung[stop][i] < 0) continue;
        if (inside && (data.school.region[i] < 0 || !inside[data.school.region[i]])) continue;
        visible.push(i);
      }
      const node = selected();
      near = node < 0 ? null : liantu.around(node, stop, Number(state.steps), state.way);
      if (near) liantu.placeOthers(at, near.levels.keys(), stop);
      ego = null;
      if (near && state.mode === "focus") {
        const found = liantu.columns(near.levels, near.edges);
        ego = { ...found, near };
      }
    }

    const px = (/** @type {number} */ node) => (ego ? ego.x.get(node) : at.x[node]) * view.scale + view.x;
    const py = (/** @type {number} */ node) => (ego ? ego.y.get(node) : at.y[node]) * view.scale + view.y;

    /** Show all of it. */
    function whole() {
      const nodes = mask();
      const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
      let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
      for (const node of nodes) {
        const [x, y] = ego ? [ego.x.get(node), ego.y.get(node)] : [at.x[node], at.y[node]];
        left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
      }
      if (left > right) return;
      const [px0, py0] = ego ? [Math.min(190, wide * 0.16), 40] : [48, 32];
      const most = ego ? 1.2 : Infinity;
      view.scale = Math.min((wide - 2 * px0) / (right - left || 1), (high - 2 * py0) / (bottom - top || 1), most);
      if (!Number.isFinite(view.scale) || view.scale <= 0) view.scale = 1;
      view.x = wide / 2 - ((left + right) / 2) * view.scale;
      view.y = high / 2 - ((top + bottom) / 2) * view.scale;
    }

    /** @param {number} by @param {number} [x] @param {number} [y] */
    function zoomBy(by, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
      view.x = x - (x - view.x) * by;
      view.y = y - (y - view.y) * by;
      view.scale *= by;
      touched = true;
      draw();
    }

    const stepName = (/** @type {number} */ node) => {
      if (node >= data.schools) return "other";
      const own = data.rung[liantu.stopOf()][node];
      return own < 0 ? "dim" : liantu.RUNGS[liantu.STEP[own]];
    };
    const formOf = (/** @type {number} */ node) => node >= data.schools ? "triangle"
      : liantu.isCovered(data.rung[liantu.stopOf()][node]) ? "circle" : "square";

    function draw() {
      const { to, wide, high } = liantu.fitCanvas(canvas);
      const colours = liantu.palette();
      const stop = liantu.stopOf();
      to.fillStyle = colours.ground;
      to.fillRect(0, 0, wide, high);
      const node = selected();
      const many = visible.length;
      const r = ego ? 6 : Math.max(1.4, Math.min(6, 90 / Math.sqrt(many || 1) * Math.sqrt(Math.max(1, view.scale / (base || 1)))));
      if (!ego) points(to, wide, high, r, Boolean(near));
      if (near) {
        for (const { from, to: target, way, step } of [...near.edges].reverse()) {
          if (!placed(from) || !placed(target)) continue;
          to.strokeStyle = to.fillStyle = way === "in" ? colours.in : way === "out" ? colours.out : colours.family;
          to.globalAlpha = step === 1 ? 0.9 : 0.5;
          to.lineWidth = step === 1 ? 1.6 : 1;
          to.setLineDash(way === "out" ? [6, 4] : []);
          liantu.arrow(to, px(from), py(from), px(target), py(target), way !== "member" && near.edges.length < 400);
        }
        to.setLineDash([]);
        to.globalAlpha = 1;
        for (const [each, level] of near.levels) {
          if (!placed(each)) continue;
          to.beginPath();
          liantu.mark(to, formOf(each), px(each), py(each), each === node ? 8 : Math.abs(level) === 1 ? 5.5 : 4);
          to.fillStyle = colours[stepName(each)];
          to.fill();
          to.lineWidth = each === node ? 2.5 : 1;
          to.strokeStyle = each === node ? colours.ink : colours.ground;
          to.stroke();
        }
      }
      liantu.names(to, wanted(), wide, high, ego ? 200 : 70, marks());
      canvas.setAttribute("aria-label", caption(stop));
      told.textContent = caption(stop);
    }

    const placed = (/** @type {number} */ node) => (ego ? ego.x.has(node) : Boolean(at.there[node]));

    /** All schools, one path a colour. @param {CanvasRenderingContext2D} to @param {number} wide
     * @param {number} high @param {number} r @param {boolean} quiet */
    function points(to, wide, high, r, quiet) {
      const colours = liantu.palette();
      const stop = liantu.stopOf();
      /** @type {Record<string, number[]>} */
      const groups = {};
      const rung = data.rung[stop];
      for (const step of liantu.RUNGS) groups[step] = [];
      const lists = liantu.STEP.map((/** @type {number} */ step) => groups[liantu.RUNGS[step]]);
      for (const i of visible) {
        const x = at.x[i] * view.scale + view.x, y = at.y[i] * view.scale + view.y;
        if (x < -9 || y < -9 || x > wide + 9 || y > high + 9) continue;
        lists[rung[i]].push(x, y);
      }
      const small = r < 2.2, size = Math.max(2, Math.round(2 * r)); // whole pixels are drawn faster
      // What is not covered comes last, on top.
      for (const step of ["sustained", "active", "in_force", "core_only", "named", "none"]) {
        to.fillStyle = quiet ? colours.dim : colours[step];
        const form = step === "none" || step === "named" ? "square" : "circle";
        const own = groups[step];
        if (small) { for (let i = 0; i < own.length; i += 2) to.fillRect(Math.round(own[i] - r), Math.round(own[i + 1] - r), size, size); continue; }
        to.beginPath();
        for (let i = 0; i < own.length; i += 2) liantu.mark(to, form, own[i], own[i + 1], r);
        to.fill();
      }
      if (quiet || small) return;
      to.beginPath();
      for (const i of visible) if (data.school.core[i]) liantu.mark(to, "circle", px(i), py(i), r + 2.5);
      to.strokeStyle = colours.ink;
      to.lineWidth = 1.2;
      to.stroke();
    }

    /** The nodes to name, the weightiest first. */
    function wanted() {
      const node = selected();
      /** @type {number[]} */
      let nodes = [];
      if (near) {
        nodes = [...near.levels.keys()].filter(placed).sort((a, b) =>
          Math.abs(near?.levels.get(a) || 0) - Math.abs(near?.levels.get(b) || 0) || a - b);
        if (!ego) nodes = nodes.slice(0, 60);
      } else {
        const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
        const seen = (/** @type {number} */ i) => {
          const x = at.x[i] * view.scale + view.x, y = at.y[i] * view.scale + view.y;
          return x > 0 && y > 0 && x < wide && y < high;
        };
        const inView = visible.filter(seen);
        const weight = (/** @type {number} */ i) => (data.school.core[i] ? 1e6 : 0) + data.out(i).length;
        // Of very many no school is named but where they lie; schools are when one is near enough.
        if (inView.length > 600) {
          const regions = named(inView);
          if (regions.length) return regions;
          nodes = inView.filter((i) => data.school.core[i]);
        } else nodes = inView;
        nodes = nodes.map((i) => /** @type {[number, number]} */ ([weight(i), i])).sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, 150).map(([, i]) => i);
      }
      return nodes.map((each) => ({ x: px(each), y: py(each), text: liantu.nameOf(each), bold: each === node,
        left: ego !== null && (near?.levels.get(each) || 0) <= 0 }));
    }

    /** Regions by name, found again when other schools are seen. @param {number[]} seen */
    function named(seen) {
      const key = `${seen.length} ${seen[0]} ${seen[seen.length - 1]} ${liantu.state.lang}`;
      if (key !== lastSeen) {
        lastSeen = key;
        lastNames = liantu.regionNames(at, seen);
      }
      return lastNames.map((each) => ({ ...each, x: each.x * view.scale + view.x, y: each.y * view.scale + view.y, bold: true, middle: true }));
    }
    let lastSeen = "";
    /** @type {{x: number, y: number, text: string}[]} */
    let lastNames = [];

    /** Where marks stand that no name shall cover; of very many none is spared. */
    function marks() {
      const nodes = near ? [...near.levels.keys()].filter(placed) : visible.length > 800 ? [] : visible;
      return nodes.map((node) => [px(node), py(node)]);
    }

    /** @param {number} stop */
    function caption(stop) {
      const lost = feed.places.kind === "map" ? data.schools - at.there.subarray(0, data.schools).reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) : 0;
      const parts = [liantu.say("drawn", { count: liantu.number(visible.length), day: feed.stops[stop] })];
      const node = selected();
      if (near && node >= 0) parts.unshift(liantu.say("ties_of", { name: liantu.nameOf(node), count: near.levels.size - 1 }));
      else parts.push(liantu.word("pick_one"));
      if (feed.places.kind === "map") parts.push(feed.places.datum ? liantu.say("datum", { datum: feed.places.datum }) : liantu.word("no_datum"), liantu.word("no_borders"));
      else parts.push(liantu.word("arranged"));
      if (lost) parts.push(liantu.say("not_placed", { count: lost }));
      return parts.join(liantu.state.lang === "zh" ? "" : " ");
    }

    function legends() {
      const line = (/** @type {string} */ key) => el("li", {}, el("span", { class: "line-key line-" + key, "aria-hidden": "true" }), liantu.word("line_" + key));
      legend.replaceChildren(liantu.legend(), el("ul", { class: "legend" }, line("in"), line("out"),
        el("li", {}, el("span", { class: "ring", "aria-hidden": "true" }), liantu.word("core_ring"))));
    }

    /** Where the card lies over the lower part of the screen, bring the picture above it. @param {boolean} asked */
    function lookAt(asked) {
      if (asked && selected() >= 0 && innerWidth <= 900) canvas.parentElement?.scrollIntoView({ block: "start" });
    }

    let base = 1;
    let touched = false; // whoever has zoomed keeps what is seen
    function again(/** @type {boolean} */ refit) {
      gather();
      if (refit) { whole(); base = view.scale; touched = false; }
      draw();
    }

    // -- hands ----------------------------------------------------------------------------------

    /** The node at a place of the canvas. @param {number} x @param {number} y */
    function hit(x, y) {
      let [best, far] = [-1, 14 * 14];
      const nodes = near ? new Set([...near.levels.keys(), ...(ego ? [] : visible)]) : visible;
      for (const node of nodes) {
        if (!placed(node)) continue;
        const d = (px(node) - x) ** 2 + (py(node) - y) ** 2;
        if (d < far) [best, far] = [node, d];
      }
      return best;
    }
    /** @type {Map<number, {x: number, y: number}>} */
    const fingers = new Map();
    let moved = 0;
    canvas.addEventListener("pointerdown", (e) => {
      fingers.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
      canvas.setPointerCapture(e.pointerId);
      moved = 0;
    });
    canvas.addEventListener("pointermove", (e) => {
      const before = fingers.get(e.pointerId);
      if (!before) { canvas.style.cursor = hit(e.offsetX, e.offsetY) >= 0 ? "pointer" : "grab"; return; }
      const others = [...fingers].filter(([id]) => id !== e.pointerId);
      if (others.length) { // two fingers zoom
        const other = others[0][1];
        const was = Math.hypot(before.x - other.x, before.y - other.y) || 1;
        zoomBy(Math.hypot(e.offsetX - other.x, e.offsetY - other.y) / was, other.x, other.y);
      } else {
        touched = true;
        view.x += e.offsetX - before.x;
        view.y += e.offsetY - before.y;
        draw();
      }
      moved += Math.abs(e.offsetX - before.x) + Math.abs(e.offsetY - before.y);
      fingers.set(e.pointerId, { x: e.offsetX, y: e.offsetY });
    });
    const up = (/** @type {PointerEvent} */ e) => {
      if (!fingers.delete(e.pointerId) || moved > 5 || e.type === "pointercancel") return;
      const node = hit(e.offsetX, e.offsetY);
      liantu.go({ sel: node < 0 ? "" : liantu.keyOf(node) });
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      zoomBy(e.deltaY < 0 ? 1.2 : 1 / 1.2, e.offsetX, e.offsetY);
    }, { passive: false });
    canvas.addEventListener("keydown", (e) => {
      /** @type {Record<string, () => void>} */
      const acts = {
        ArrowLeft: () => (view.x += 60), ArrowRight: () => (view.x -= 60), ArrowUp: () => (view.y += 60), ArrowDown: () => (view.y -= 60),
        "+": () => zoomBy(1.3), "=": () => zoomBy(1.3), "-": () => zoomBy(1 / 1.3), 0: whole,
      };
      if (!acts[e.key]) return;
      e.preventDefault();
      acts[e.key]();
      draw();
    });

    bar();
    legends();
    again(true);
    requestAnimationFrame(() => lookAt(true));
    let size = `${canvas.clientWidth} ${canvas.clientHeight}`;
    const watch = new ResizeObserver(() => {
      if (!canvas.isConnected) return watch.disconnect();
      const now = `${canvas.clientWidth} ${canvas.clientHeight}`;
      if (now === size) return;
      size = now;
      if (!touched) { whole(); base = view.scale; }
      draw();
    });
    watch.observe(canvas);
    redraw = () => { if (canvas.isConnected) draw(); };
    return (/** @type {Set<string>} */ changed) => {
      if (["sel", "mode", "steps", "way"].some((key) => changed.has(key))) bar();
      const turned = changed.has("region") || changed.has("mode") || (liantu.state.mode === "focus" && ["sel", "steps", "way"].some((key) => changed.has(key)));
      again(turned);
      lookAt(changed.has("sel"));
    };
  }

  let redraw = () => {};
  liantu.on("colours", () => redraw());
  liantu.view({ key: "map", title: "map", show });
})();
