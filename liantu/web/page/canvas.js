// @ts-check
/* Drawing: points, lines, names without overlap. Colours are told apart by colour-blind readers,
 * and forms say the same: a square is not covered, a circle is, a ring is a core. */
"use strict";
(() => {
  /** @type {Record<string, Record<string, string>>} */
  const PALETTES = {
    light: { ground: "#ffffff", ink: "#1f2933", halo: "#ffffff", dim: "#d5dbe1", in: "#0b6e6e", out: "#b35900",
      family: "#9aa5b1", none: "#c23b50", named: "#d9932c", core_only: "#7b8794", in_force: "#8fbbd6", active: "#4a8cb9",
      sustained: "#174f78", other: "#5f6b7a" },
    dark: { ground: "#12181f", ink: "#e6ebf0", halo: "#12181f", dim: "#36414d", in: "#4fc3c3", out: "#f0a04b",
      family: "#5f6b7a", none: "#ff7a8a", named: "#f2c063", core_only: "#98a4b1", in_force: "#3d6d8f", active: "#5fa3d1",
      sustained: "#a9d3f2", other: "#aab4bf" },
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;
  addEventListener("beforeprint", () => { printing = true; liantu.tell("colours"); });
  addEventListener("afterprint", () => { printing = false; liantu.tell("colours"); });
  dark.addEventListener("change", () => liantu.tell("colours"));
  const palette = () => PALETTES[dark.matches && !printing ? "dark" : "light"];

  /** Fit a canvas to its box and the screen. @param {HTMLCanvasElement} canvas */
  function fit(canvas) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
      canvas.width = Math.round(wide * ratio);
      canvas.height = Math.round(high * ratio);
    }
    const to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    to.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { to, wide, high };
  }

  /** One mark. @param {CanvasRenderingContext2D} to @param {string} form @param {number} x @param {number} y @param {number} r */
  function mark(to, form, x, y, r) {
    if (form === "square") to.rect(x - r, y - r, 2 * r, 2 * r);
    else if (form === "triangle") {
      to.moveTo(x, y - r * 1.2); to.lineTo(x + r * 1.1, y + r * 0.8); to.lineTo(x - r * 1.1, y + r * 0.8); to.closePath();
    } else { to.moveTo(x + r, y); to.arc(x, y, r, 0, 2 * Math.PI); }
  }

  /** Names where there is room, the weightiest first.
   * @param {CanvasRenderingContext2D} to @param {{x: number, y: number, text: string, bold?: boolean, left?: boolean, middle?: boolean}[]} wanted
   * @param {number} wide @param {number} high @param {number} most
   * @param {number[][]} marks places that no name shall cover */
  function names(to, wanted, wide, high, most, marks) {
    const colours = palette();
    const CELL = 40;
    /** @type {Map<number, number[][]>} */
    const taken = new Map();
    const cells = (/** @type {number[]} */ box) => {
      const found = [];
      for (let i = Math.floor(box[0] / CELL); i <= Math.floor(box[2] / CELL); i++) {
        for (let j = Math.floor(box[1] / CELL); j <= Math.floor(box[3] / CELL); j++) found.push(i * 10_000 + j);
      }
      return found;
    };
    const free = (/** @type {number[]} */ box) => cells(box).every((cell) => (taken.get(cell) || []).every((other) =>
      box[2] < other[0] || other[2] < box[0] || box[3] < other[1] || other[3] < box[1]));
    const take = (/** @type {number[]} */ box) => {
      for (const cell of cells(box)) taken.set(cell, [...(taken.get(cell) || []), box]);
    };
    for (const [x, y] of marks) take([x - 4, y - 4, x + 4, y + 4]);
    to.textBaseline = "middle";
    to.lineJoin = "round";
    let number = 0;
    for (const { x, y, text, bold, left: first, middle } of wanted) {
      if (number >= most) break;
      if (x < -20 || y < -20 || x > wide + 20 || y > high + 20) continue;
      to.font = `${bold ? "600 13px" : "12px"} system-ui, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif`;
      const said = text.length > 18 ? text.slice(0, 17) + "…" : text;
      const own = to.measureText(said).width;
      for (const left of middle ? [x - own / 2] : first ? [x - 11 - own, x + 9] : [x + 9, x - 9 - own]) {
        const box = [left - 2, y - 9, left + own + 2, y + 9];
        if (left < 2 || left + own > wide - 2 || !free(box)) continue;
        take(box);
        to.strokeStyle = colours.halo;
        to.lineWidth = 3.5;
        to.strokeText(said, left, y);
        to.fillStyle = colours.ink;
        to.fillText(said, left, y);
        number++;
        break;
      }
    }
    return number;
  }

  /** A line with a head, bent a little so that both ways are seen.
   * @param {CanvasRenderingContext2D} to @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {boolean} head */
  function arrow(to, x1, y1, x2, y2, head) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const long = Math.hypot(dx, dy) || 1;
    const [mx, my] = [(x1 + x2) / 2 - dy * 0.08, (y1 + y2) / 2 + dx * 0.08];
    to.beginPath();
    to.moveTo(x1, y1);
    to.quadraticCurveTo(mx, my, x2, y2);
    to.stroke();
    if (!head || long < 24) return;
    const angle = Math.atan2(y2 - my, x2 - mx);
    const [tx, ty] = [x2 - Math.cos(angle) * 7, y2 - Math.sin(angle) * 7];
    to.beginPath();
    to.moveTo(tx, ty);
    to.lineTo(tx - 8 * Math.cos(angle - 0.4), ty - 8 * Math.sin(angle - 0.4));
    to.lineTo(tx - 8 * Math.cos(angle + 0.4), ty - 8 * Math.sin(angle + 0.4));
    to.closePath();
    to.fill();
  }

  Object.assign(liantu, { palette, fitCanvas: fit, mark, names, arrow });
})();
