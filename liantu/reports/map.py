"""Schools where they lie: one map, or a small one a region where they are many."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from liantu import vocabulary
from liantu.errors import Message
from liantu.graph.network import Network
from liantu.plots import style
from liantu.plots.fonts import cut
from liantu.plots.labels import label_points, shortened
from liantu.reports.boundaries import Boundaries, draw_boundaries, told
from liantu.reports.places import located
from liantu.reports.scene import (
    DENSE,
    MARKS,
    Scene,
    canvas,
    draw_lines,
    draw_marks,
    legend_of,
    plot_marks,
)
from liantu.results.core import Result
from liantu.results.regions import lifted
from liantu.vocabulary import Lang

NEAREST = 0.02  # degrees that a map shows at least
NAMED = 60  # schools of a map that are named at most
LEVEL = 24  # regions of the level that is drawn, if there are so few
PANELS = 20  # regions drawn, those with most uncovered schools
COLUMNS = 4
TALL = 1.55  # inches of a panel
FEW = 8  # schools of a panel that are named at most
KM = 111.32  # kilometres a degree of latitude


def draw_map(
    network: Network, scene: Scene, seen: np.ndarray, lang: Lang, boundaries: Boundaries | None
) -> Figure:
    """Draw schools and ties at their coordinates, with graticule, scale and datum."""
    at = _places(network)
    low, high = _frame(at[seen])
    squeeze = _squeeze(low, high)
    wide, tall = (high - low) * [squeeze, 1]
    height = min(6.5, max(1.5, style.WIDTH * tall / wide))
    made = style.figure(height + 0.5)
    pad = 0.04 * max(wide, tall)
    axes = canvas(
        made,
        (low[0] - pad / squeeze, high[0] + pad / squeeze),
        (low[1] - pad, high[1] + pad),
        aspect=1 / squeeze,
    )
    _graticule(axes)
    draw_boundaries(axes, boundaries)
    draw_lines(axes, at, scene, seen, None)
    draw_marks(axes, at, scene, seen, lang, made, 0.3)
    unit = min(height / (tall + 2 * pad), style.WIDTH / (wide + 2 * pad)) * 72
    name_schools(axes, at, scene, seen, unit * 0.93, NAMED)
    _scale_bar(axes, low, wide, squeeze, pad)
    said = _datum(network, seen, lang, boundaries)
    axes.set_xlabel(said, size=7, color=style.MUTED, loc="right")
    if seen.sum() < scene.drawn.sum():
        counts = {"shown": int(seen.sum()), "total": int(scene.drawn.sum())}
        axes.set_title(Message("map_without", counts).text(lang), size=8, color=style.MUTED)
    return made


def draw_regions(
    network: Network, scene: Scene, coverage: Result, lang: Lang, boundaries: Boundaries | None
) -> Figure:
    """Draw a panel a region, those with most uncovered schools first.

    Schools stand where they lie; in a region where some have no coordinates, in rows by class.
    """
    frame = coverage.tables["by_region"]
    region = pd.Series(network.nodes("school")["region"].to_numpy())
    group = lifted(frame, region, LEVEL)
    group = np.where(scene.drawn, group, -1)
    lacking = np.bincount(group[(group >= 0) & (scene.marks == "uncovered_school")],
                          minlength=len(frame))  # fmt: skip
    number = np.bincount(group[group >= 0], minlength=len(frame))
    shown = np.flatnonzero(number)
    shown = shown[np.lexsort((shown, -number[shown], -lacking[shown]))]
    if not len(shown):
        return style.empty(lang)
    at, known = _places(network), located(network)
    rows = -(-min(len(shown), PANELS) // COLUMNS)
    made = style.figure(TALL * rows + 0.4)
    panels = made.subplots(rows, COLUMNS, squeeze=False).ravel()
    ids, names = frame["region"].to_numpy(), network.nodes("region")["name"]
    inner = np.isin(group[scene.source], shown[: len(panels)])
    pixels = int((inner & (group[scene.source] == group[scene.target])).sum()) > DENSE
    for axes, code in zip(panels, shown, strict=False):
        seen = group == code
        counted = frame.iloc[code]
        title = cut(str(names.get(ids[code], ids[code])), 16)
        axes.set_title(
            f"{title} {counted['covered']}/{counted['in_scope']}", size=7.5, loc="left", pad=2
        )
        on_earth = bool(known[seen].all())
        spots = at if on_earth else _waffle(scene, seen)
        _panel(axes, spots, scene, seen, on_earth=on_earth, pixels=pixels)
        if on_earth:
            draw_boundaries(axes, boundaries)
            _in_km(axes, at[seen])
    for axes in panels:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_color(style.GRID)
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    legend_of(made, scene, scene.drawn, lang)
    note = Message("regions_caption", {"shown": min(len(shown), PANELS), "total": len(shown)})
    text = note.text(lang)
    if known[scene.drawn].any():
        text += f"\n{_datum(network, scene.drawn & known, lang, boundaries)}"
    made.supxlabel(text, size=7, color=style.MUTED)
    return made


def _panel(
    axes: Axes, at: np.ndarray, scene: Scene, seen: np.ndarray, *, on_earth: bool, pixels: bool
) -> None:
    low, high = _frame(at[seen])
    if not on_earth:  # rows keep their distance however few there are
        low, high = low - 0.5, np.maximum(high + 0.5, low + 3)
    squeeze = _squeeze(low, high) if on_earth else 1.0
    centre, half = (low + high) / 2, (high - low) / 2 * 1.12
    ratio = style.WIDTH / COLUMNS / TALL * 0.94  # of a panel on paper
    tall = max(half[1], half[0] * squeeze / ratio)
    axes.set_xlim(centre[0] - tall * ratio / squeeze, centre[0] + tall * ratio / squeeze)
    axes.set_ylim(centre[1] - tall, centre[1] + tall)
    axes.set_aspect(1 / squeeze)
    draw_lines(axes, at, scene, seen, None, pixels=pixels)
    scale = min(0.8, (60 / max(int(seen.sum()), 1)) ** 0.5)
    plot_marks(axes, at, scene, seen, scale, pixels=pixels)
    unit = (TALL - 0.22) / (2 * tall) * 72
    name_schools(axes, at, scene, seen, unit, FEW, 5.0)


def _waffle(scene: Scene, seen: np.ndarray) -> np.ndarray:
    """Return places in rows, classes in the order of the legend from the back."""
    at = np.full((len(seen), 2), np.nan)
    here = np.flatnonzero(seen)
    order = {key: n for n, key in enumerate(reversed(MARKS))}
    rank = np.array([order[key] for key in scene.marks[here]])
    here = here[np.argsort(rank, kind="stable")]
    across = int(np.ceil((len(here) * 1.3) ** 0.5))
    running = np.arange(len(here))
    at[here] = np.column_stack((running % across, -(running // across)))
    return at


def _places(network: Network) -> np.ndarray:
    found: np.ndarray = network.nodes("school")[["lon", "lat"]].to_numpy(dtype=float)
    return found


def _frame(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = at.min(axis=0), at.max(axis=0)
    room = np.maximum(NEAREST - (high - low), 0) / 2
    return low - room, high + room


def _squeeze(low: np.ndarray, high: np.ndarray) -> float:
    return max(0.05, float(np.cos(np.radians((low[1] + high[1]) / 2))))


def name_schools(
    axes: Axes, at: np.ndarray, scene: Scene, seen: np.ndarray, unit: float, most: int,
    points: float = 6.5,
) -> None:  # fmt: skip
    """Name uncovered schools and cores, where there is room."""
    wanted = [
        np.flatnonzero(seen & (scene.marks == key)) for key in ("core_school", "uncovered_school")
    ]
    chosen = np.concatenate(wanted)[:most]
    if len(chosen):
        names = shortened([str(name) for name in scene.names[chosen]])
        label_points(axes, at[chosen], names, at[seen], unit, points)


def _graticule(axes: Axes) -> None:
    """Draw light lines of longitude and latitude with their degrees at the rim."""
    for axis, signs in ((axes.xaxis, "EW"), (axes.yaxis, "NS")):
        axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(
            FuncFormatter(lambda value, _, s=signs: f"{abs(value):.4g}°{s[int(value < 0)]}")
        )
    axes.grid(visible=True, color=style.GRID, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=6.5, colors=style.MUTED)


def _datum(network: Network, seen: np.ndarray, lang: Lang, boundaries: Boundaries | None) -> str:
    """Return what the coordinates are in, and what the boundaries are or that there are none."""
    found = sorted(set(network.nodes("school")["datum"][seen].dropna().astype(str)))
    word = vocabulary.label("datum", lang)
    colon = "：" if lang == "zh" else ": "
    unknown = vocabulary.label("datum_unknown", lang, "label")
    said = f"{word}{colon}{' / '.join(found)}" if found else unknown
    return f"{said}{'；' if lang == 'zh' else '; '}{told(boundaries, lang)}"


def _in_km(axes: Axes, at: np.ndarray) -> None:
    low, high = _frame(at)
    squeeze = _squeeze(low, high)
    x, y = axes.get_xlim(), axes.get_ylim()
    wide = (x[1] - x[0]) * squeeze
    corner = np.array([x[0] + (x[1] - x[0]) * 0.04, y[0] + (y[1] - y[0]) * 0.06])
    _scale_bar(axes, corner, wide, squeeze, 0.0, 5.5)


def _scale_bar(
    axes: Axes, low: np.ndarray, wide: float, squeeze: float, pad: float, points: float = 7
) -> None:
    """Draw a bar of a round number of kilometres, about a fifth of the width."""
    goal = wide * KM / 5
    power = 10.0 ** np.floor(np.log10(goal))
    length = max(step * power for step in (1, 2, 5) if step * power <= goal)
    x, y = low[0], low[1] - pad * 0.6
    end = x + length / KM / squeeze
    axes.plot([x, end], [y, y], color=style.MUTED, linewidth=1.2, solid_capstyle="butt")
    text = axes.text(end, y, f" {length:g} km", size=points, va="center", color=style.MUTED)
    text.set_in_layout(False)
