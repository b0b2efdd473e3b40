"""What pictures of the network are drawn of: schools by class, ties between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from liantu import vocabulary
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.plots import layout, style
from liantu.results.core import Result
from liantu.vocabulary import Lang

DENSE = 3000  # marks or lines above which a layer becomes pixels inside the SVG

# Colour and shape both tell the classes apart. Drawn in this order, the last on top.
MARKS = {
    "other_school": ("o", "#ffffff", "#9aa5b1", 3.6),
    "supported_school": ("o", style.BLUES[1], "#ffffff", 4.4),
    "core_school": ("o", style.BLUES[2], "#ffffff", 7.0),
    "uncovered_school": ("D", style.ALARM, "#ffffff", 5.0),
}


@dataclass(frozen=True)
class Scene:
    """What is drawn: positions of schools, their class, ties between them."""

    drawn: np.ndarray  # which schools
    marks: np.ndarray  # class of each school, a key of MARKS
    names: np.ndarray
    source: np.ndarray
    target: np.ndarray


def scene_of(network: Network, ties: TieSet, result: Result) -> Scene:
    """Return what is drawn on a day: schools reported on, those tied to them, their ties."""
    schools = network.nodes("school")
    source, target = ties.graph.source, ties.graph.target
    between = source < len(schools)
    source, target = source[between], target[between]
    near = network.reported()
    if network.focus_region is not None:
        beside = near.copy()
        np.logical_or.at(beside, source, near[target])
        np.logical_or.at(beside, target, near[source])
        near = beside
    drawn = near & ties.opened
    judged = result.table["covered"].astype("boolean").reindex(schools.index)
    marks = np.full(len(schools), "other_school", dtype=object)
    known = judged.notna().to_numpy()
    good = judged.fillna(value=False).to_numpy(dtype=bool)
    marks[known & good] = "supported_school"
    members = study(network).members(ties.day)
    marks[members.school[members.core]] = "core_school"
    marks[known & ~good] = "uncovered_school"
    keep = drawn[source] & drawn[target]
    names = schools["name"].fillna(pd.Series(schools.index, index=schools.index)).to_numpy()
    return Scene(drawn, marks, names, source[keep], target[keep])


def canvas(made: Figure, x: tuple[float, float], y: tuple[float, float], aspect: float = 1) -> Axes:
    """Return axes without frame and ticks."""
    axes = made.add_subplot()
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    axes.set_aspect(aspect)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return axes


def draw_lines(
    axes: Axes, at: np.ndarray, scene: Scene, seen: np.ndarray, root: np.ndarray | None,
    *, pixels: bool = False,
) -> None:  # fmt: skip
    """Draw the ties, fainter where they lead from one group to another; many, or `pixels`, flat."""
    keep = seen[scene.source] & seen[scene.target]
    low = np.minimum(scene.source[keep], scene.target[keep])
    high = np.maximum(scene.source[keep], scene.target[keep])
    merged = np.unique(np.column_stack((low, high)), axis=0)  # both directions are one line
    if not len(merged):
        return
    apart = (
        np.ones(len(merged), dtype=bool)
        if root is None
        else root[merged[:, 0]] != root[merged[:, 1]]
    )
    many = len(merged) > DENSE
    looks = ((apart, "#a3b1bf", 0.4, 0.45), (~apart, "#7b9ab3", 0.8, 0.7))
    for rows, colour, wide, strength in looks:
        lines = LineCollection(
            list(at[merged[rows]]),
            colors=colour,
            linewidths=wide,
            alpha=strength / 4 if many else strength,
            zorder=1,
        )
        lines.set_rasterized(many or pixels)
        axes.add_collection(lines, autolim=False)


def draw_marks(
    axes: Axes,
    at: np.ndarray,
    scene: Scene,
    seen: np.ndarray,
    lang: Lang,
    made: Figure,
    unit: float,
) -> None:
    """Draw the schools by class, and what the marks mean above the figure."""
    scale = min(1.25, unit * 72 * layout.GAP / 9, (3000 / max(int(seen.sum()), 1)) ** 0.5)
    plot_marks(axes, at, scene, seen, scale)
    legend_of(made, scene, seen, lang)


def plot_marks(
    axes: Axes, at: np.ndarray, scene: Scene, seen: np.ndarray, scale: float,
    *, pixels: bool = False,
) -> None:  # fmt: skip
    """Draw the schools by class."""
    for order, (key, (marker, face, edge, size)) in enumerate(MARKS.items()):
        here = seen & (scene.marks == key)
        if here.any():
            axes.plot(
                at[here, 0],
                at[here, 1],
                linestyle="",
                marker=marker,
                markerfacecolor=face,
                markeredgecolor=edge,
                markersize=max(1.2, size * scale),
                markeredgewidth=0.6 * min(scale, 1),
                zorder=2 + order,
                rasterized=pixels or bool(here.sum() > DENSE),
            )


def legend_of(made: Figure, scene: Scene, seen: np.ndarray, lang: Lang) -> None:
    """Put what the marks mean, with their numbers, above the figure."""
    numbers = {key: int((seen & (scene.marks == key)).sum()) for key in MARKS}
    handles = [
        Line2D(
            [], [], linestyle="", marker=marker, markerfacecolor=face, markeredgecolor=edge,
            markersize=size, label=f"{vocabulary.label(key, lang, 'label')} {numbers[key]:,}",
        )
        for key, (marker, face, edge, size) in MARKS.items()
        if numbers[key]
    ]  # fmt: skip
    made.legend(
        handles=handles,
        loc="outside upper left",
        ncols=max(1, len(handles)),
        frameon=False,
        fontsize=8,
        handletextpad=0.3,
        columnspacing=1.5,
    )
