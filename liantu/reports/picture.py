"""The picture of the network: alliances apart, or schools where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.errors import LiantuError, Message
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.plots import layout, style
from liantu.plots.fonts import cut
from liantu.reports.boundaries import Boundaries
from liantu.reports.map import draw_map, draw_regions, name_schools
from liantu.reports.places import located
from liantu.reports.scene import Scene, canvas, draw_lines, draw_marks, scene_of
from liantu.results import registry
from liantu.results.core import AsOf, Result, day_of
from liantu.vocabulary import Lang

LARGEST = 1500  # schools drawn; more would be dust
SINGLES = 600  # of these, schools without ties at most, if clusters need the room
NAMED = 60  # schools without ties that are named
NAMED_IN_CLUSTERS = 300  # schools drawn; beyond, names would cover them
TALLEST = 8.0  # inches, of the clusters
NARROWEST = 9.0  # units; few schools are not blown up beyond this
HEAD = 0.55  # units, for the name of a cluster
MARGIN = 1.1  # units around a cluster
SMALLEST = (2.7, 1.3)  # units of the smallest ground: room for a name
GROUND = "#f3f5f7"


def network_picture(
    network: Network,
    *,
    as_of: AsOf = None,
    window: str = "12m",
    coverage: Result | None = None,
    shape: Literal["auto", "alliances", "map", "regions"] = "auto",
    lang: Lang = "en",
    boundaries: Boundaries | None = None,
) -> Figure:
    """Draw the network so that a person can read it; uncovered schools stand out.

    ``alliances`` draws each alliance as a cluster: the core in the middle, members around it,
    village schools beside their parent; schools without any tie in a block of their own. ``map``
    draws schools at their coordinates, ``regions`` a panel a region. The same network always
    gives the same picture.

    Parameters
    ----------
    network
        The network. Of a network with a focus region, only its schools and those tied to them.
    as_of
        The date; the network's own by default, else today.
    window
        How far back activities count.
    coverage
        A result of ``coverage`` to colour by; computed where it is left out, for rural schools or,
        without urban–rural codes, for all.
    shape
        ``auto`` takes the map where more than half of the schools have coordinates.
    boundaries
        What `read_boundaries` returns, for a map.
    lang
        Language of the labels.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}, as_of="2024-06-30"
    ... )
    >>> len(network_picture(network).axes)
    1
    """
    day = day_of(network, as_of)
    ties = study(network).tie_set(day, window)
    result = coverage if coverage is not None else _coverage(network, day, window)
    scene = scene_of(network, ties, result)
    placed = scene.drawn & located(network)
    as_map = shape == "map" or (shape == "auto" and 2 * placed.sum() > scene.drawn.sum())
    with style.style():
        if not (placed if as_map else scene.drawn).any():
            return style.empty(lang)
        if shape == "regions":
            return draw_regions(network, scene, result, lang, boundaries)
        if as_map:
            return draw_map(network, scene, placed, lang, boundaries)
        return _alliances(network, ties, scene, lang)


def _coverage(network: Network, day: AsOf, window: str) -> Result:
    run = registry()["coverage"].function
    try:
        return run(network, as_of=day, window=window)
    except LiantuError:
        return run(network, as_of=day, window=window, scope="all")


# -- clusters --------------------------------------------------------------------------------


def _alliances(network: Network, ties: TieSet, scene: Scene, lang: Lang) -> Figure:
    trees = layout.forest(network, ties, scene.drawn)
    _, root = layout.depths(trees.parent)
    schools = len(scene.drawn)
    middles, alone = _chosen(scene, root)
    offsets, boxes = layout.radial(trees.parent, trees.inner)
    spread = boxes[middles, 2:] - boxes[middles, :2]
    cards, head, unit = _packed(spread)
    width, height = layout.extent(cards)
    centre = np.full((len(root), 2), np.nan)
    centre[middles] = (
        cards[:, :2]
        + (cards[:, 2:] + [0, head]) / 2
        - (boxes[middles, :2] + boxes[middles, 2:]) / 2
    )
    xy = centre[root] + offsets
    width = max(width, NARROWEST)
    block = _block(scene, alone, unit)
    xy[alone] = block.xy * [width - 0.12 / unit, 1] + [0.1 / unit, height + 0.5 / unit]
    bottom = height + (0.45 / unit + block.height if len(alone) else 0)

    made = style.figure(max(1.2, bottom * unit) + 0.5)
    axes = canvas(made, (0, width), (bottom, 0))
    at = xy[:schools]
    seen = scene.drawn & np.isfinite(at[:, 0])
    _cards(axes, cards, unit)
    _branches(axes, at, trees.parent[:schools], seen)
    draw_lines(axes, at, scene, seen, root)
    draw_marks(axes, at, scene, seen, lang, made, unit)
    titles = network.nodes("alliance")
    heads = titles["name"].fillna(pd.Series(titles.index, index=titles.index)).to_numpy()
    columns = ((cards[:, 2] * unit - 0.2) * 72 / 3.7).astype(int)  # of 7 point type
    for middle, card, wide in zip(middles, cards, columns, strict=True):
        if wide < 7:
            continue
        which = trees.alliance[middle]
        text = cut(str(heads[which] if which >= 0 else scene.names[middle]), wide)
        place = card[:2] + 0.11 / unit
        axes.text(place[0], place[1], text, size=7, va="top", color=style.MUTED)
    shown = int(seen.sum())
    if shown <= NAMED_IN_CLUSTERS:
        tied = seen.copy()
        tied[alone] = False
        name_schools(axes, at, scene, tied, unit * 72, NAMED, 5.5)
    if len(alone):
        title = f"{vocabulary.label('without_ties', lang, 'label')} ({len(alone):,})"
        axes.text(0.04 / unit, height + 0.25 / unit, title, size=8, color=style.MUTED)
        for position, text in zip(xy[alone], block.labels, strict=False):
            axes.text(position[0] + 0.07 / unit, position[1], text, size=7, va="center")
    if seen.sum() < scene.drawn.sum():
        counts = {"shown": int(seen.sum()), "total": int(scene.drawn.sum())}
        axes.set_title(Message("picture_capped", counts).text(lang), size=8, color=style.MUTED)
    return made


def _chosen(scene: Scene, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles of the clusters to draw, large ones first, and the single schools.

    Beyond `LARGEST` schools small clusters are left out; uncovered single schools come first.
    """
    schools = len(scene.drawn)
    number = np.bincount(root[:schools][scene.drawn], minlength=len(root))
    tied = np.zeros(schools, dtype=bool)
    tied[np.concatenate((scene.source, scene.target))] = True
    own = root[:schools] == np.arange(schools)
    single = scene.drawn & own & (number[:schools] == 1) & ~tied
    alone = np.flatnonzero(single)
    alone = alone[np.argsort(scene.marks[alone] != "uncovered_school", kind="stable")]
    number[alone] = 0
    middles = np.flatnonzero(number)
    middles = middles[np.lexsort((middles, -number[middles]))]
    room = LARGEST - min(len(alone), SINGLES)
    fit = middles[number[middles] <= room]
    middles = fit if len(fit) else middles[:1]
    middles = middles[np.append(True, np.cumsum(number[middles])[1:] <= room)[: len(middles)]]
    return middles, alone[: max(SINGLES, LARGEST - int(number[middles].sum()))]


def _packed(spread: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the ground of each cluster, room for its name in units, and inches a unit."""
    unit = 1.0
    for _ in range(2):  # names keep their size however small a unit becomes
        head = max(HEAD, 0.19 / unit)
        cards = layout.shelves(np.maximum(spread + MARGIN, SMALLEST) + np.array([0, head]))
        width, height = layout.extent(cards)
        width = max(width, NARROWEST)
        unit = min(style.WIDTH, TALLEST * width / max(height, 1)) / width
    return cards, head, unit


def _cards(axes: Axes, cards: np.ndarray, unit: float) -> None:
    """Draw a quiet ground behind each cluster, so that alliances stand apart."""
    gap = 0.04 / unit
    low, high = cards[:, :2] + gap, cards[:, :2] + cards[:, 2:] - gap
    corners = np.stack(
        (
            low,
            np.column_stack((high[:, 0], low[:, 1])),
            high,
            np.column_stack((low[:, 0], high[:, 1])),
        ),
        axis=1,
    )
    axes.add_collection(PolyCollection(list(corners), facecolors=GROUND, zorder=0), autolim=False)


def _branches(axes: Axes, at: np.ndarray, parent: np.ndarray, seen: np.ndarray) -> None:
    """Draw dotted lines from village schools and teaching points to their parent."""
    child = np.flatnonzero(seen & (parent >= 0) & (parent < len(at)))
    above = parent[child]
    lines = LineCollection(
        list(np.stack((at[child], at[above]), axis=1)),
        colors="#9aa5b1",
        linewidths=0.7,
        linestyles=(0, (1, 2)),
        zorder=1,
    )
    axes.add_collection(lines, autolim=False)


@dataclass(frozen=True)
class _Block:
    """A block of single schools: x as a share of the width, y in units, labels where few."""

    xy: np.ndarray
    height: float
    labels: list[str]


def _block(scene: Scene, alone: np.ndarray, unit: float) -> _Block:
    labelled = len(alone) <= NAMED
    columns = 4 if labelled else int(style.WIDTH / 0.11)
    step = (0.17 if labelled else 0.11) / unit
    running = np.arange(len(alone))
    xy = np.column_stack((running % columns / columns, running // columns * step))
    texts = [cut(str(scene.names[code]), 30) for code in alone] if labelled else []
    height = (-(-len(alone) // columns)) * step
    return _Block(xy.astype(float), float(height), texts)
