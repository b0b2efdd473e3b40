"""Where schools stand in the picture: clusters as radial trees, packed on shelves. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet

GAP = 0.66  # distance between neighbours on a ring
WIDEST = 2.6  # a ring wider than this is split into several
CORE_GAP = 0.62


@dataclass(frozen=True)
class Forest:
    """Every node's place in a tree: schools first, then alliances (as empty hubs).

    Attributes
    ----------
    parent
        Position of the node that each one is drawn around, −1 at the middle of a cluster.
    alliance
        Position of the alliance that a cluster stands for, by its middle; −1 elsewhere.
    inner
        Cores that share the middle of a cluster.
    """

    parent: np.ndarray
    alliance: np.ndarray
    inner: np.ndarray


def forest(network: Network, ties: TieSet, drawn: np.ndarray) -> Forest:
    """Return the tree that the picture draws.

    A core stands in the middle of its alliance with the members around it; village schools and
    teaching points stand by their parent; other schools by the supporter that most lean on.

    Parameters
    ----------
    network, ties
        The network and its tie set.
    drawn
        Which schools are drawn.
    """
    schools, alliances = len(drawn), len(network.nodes("alliance"))
    parent = np.full(schools + alliances, -1, dtype=np.int64)
    standing = np.full(schools + alliances, -1, dtype=np.int64)
    inner = np.zeros(schools + alliances, dtype=bool)
    live = study(network).members(ties.day)
    live = live.where(drawn[live.school])
    columns = {"school": live.school, "alliance": live.alliance}
    rows = pd.DataFrame(columns).astype(np.int64).assign(core=live.core).drop_duplicates()
    rows["size"] = rows.groupby("alliance")["school"].transform("size")
    rows = rows.sort_values(
        ["core", "size", "alliance", "school"], ascending=[False, False, True, True]
    )
    rows = rows.drop_duplicates("school")
    cores = rows[rows["core"]]
    alone = cores.drop_duplicates("alliance", keep=False)
    middle = np.arange(schools, schools + alliances)
    middle[alone["alliance"]] = alone["school"]
    placed = rows["school"].to_numpy()
    parent[placed] = middle[rows["alliance"]]
    parent[alone["school"]] = -1
    shared = cores[~cores["alliance"].isin(alone["alliance"])]
    inner[shared["school"]] = True
    standing[middle] = np.arange(alliances)
    free = drawn.copy()
    free[placed] = False
    _attach_children(network, ties, parent, free, drawn)
    helped = _attach_supported(ties, parent, free, drawn)
    loose = _circling(parent)
    parent[helped & loose] = -1  # affiliation alone runs in no circle
    # Children of a core that shares the middle stand around the middle.
    moved = (parent >= 0) & inner[parent]
    parent[moved] = parent[parent[moved]]
    return Forest(parent, standing, inner)


def _attach_children(
    network: Network, ties: TieSet, parent: np.ndarray, free: np.ndarray, drawn: np.ndarray
) -> None:
    families, _ = study(network).parents(ties.day)
    keep = free[families.target] & drawn[families.source]
    order = np.lexsort((families.source[keep], families.target[keep]))
    child, first = np.unique(families.target[keep][order], return_index=True)
    parent[child] = families.source[keep][order][first]
    free[child] = False


def _attach_supported(
    ties: TieSet, parent: np.ndarray, free: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Attach free schools to a supporter; returns which were."""
    source, target = ties.graph.source, ties.graph.target
    between = source < len(drawn)
    source, target = source[between], target[between]
    keep = drawn[source] & drawn[target]
    source, target = source[keep], target[keep]
    gives = np.bincount(source, minlength=len(drawn))
    rank = np.empty(len(drawn), dtype=np.int64)
    rank[np.lexsort((np.arange(len(drawn)), -gives))] = np.arange(len(drawn))
    keep = free[target] & (rank[source] < rank[target])
    source, target = source[keep], target[keep]
    order = np.lexsort((rank[source], target))
    child, first = np.unique(target[order], return_index=True)
    parent[child] = source[order][first]
    helped = np.zeros(len(parent), dtype=bool)
    helped[child] = True
    return helped


def _circling(parent: np.ndarray) -> np.ndarray:
    """Return which nodes never come to a middle."""
    above = np.append(parent, -1)
    for _ in range(len(parent).bit_length() + 1):
        above = above[above]
    return above[:-1] >= 0


def depths(parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each node's depth and the middle of its cluster.

    Examples
    --------
    >>> depth, root = depths(np.array([-1, 0, 1, -1]))
    >>> depth.tolist(), root.tolist()
    ([0, 1, 2, 0], [0, 0, 0, 3])
    """
    depth = np.zeros(len(parent), dtype=np.int64)
    root = np.arange(len(parent))
    while (up := parent[root] >= 0).any():
        depth += up
        root = np.where(up, parent[root], root)
    return depth, root


def radial(parent: np.ndarray, inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place the nodes of every cluster around its middle.

    Parameters
    ----------
    parent
        Position of each node's parent, −1 at a middle.
    inner
        Nodes that share the middle.

    Returns
    -------
    offsets : numpy.ndarray
        (n, 2) positions relative to the middle; neighbours on a ring are about `GAP` apart.
    boxes : numpy.ndarray
        (n, 4) left, top, right, bottom of each cluster, at its middle's position; 0 elsewhere.
    """
    depth, root = depths(parent)
    count, size = int(depth.max(initial=0)) + 1, len(parent)
    has_child = np.zeros(size, dtype=bool)
    has_child[parent[(parent >= 0) & ~inner]] = True
    leaves = np.where(has_child | inner, 0, 1).astype(float)
    levels = [np.flatnonzero((depth == level) & ~inner) for level in range(count)]
    for nodes in reversed(levels[1:]):
        np.add.at(leaves, parent[nodes], leaves[nodes])
    start, span = np.zeros(size), np.full(size, 2 * np.pi)
    distance = np.zeros(size)
    outer = _place_inner(parent, inner, start, distance)
    for nodes in levels[1:]:
        ordered = nodes[np.lexsort((nodes, parent[nodes]))]
        above = parent[ordered]
        before = np.cumsum(leaves[ordered]) - leaves[ordered]
        first = np.append(True, above[1:] != above[:-1])
        before -= np.maximum.accumulate(np.where(first, before, 0))
        start[ordered] = start[above] + span[above] * before / leaves[above]
        span[ordered] = span[above] * leaves[ordered] / leaves[above]
        _rings(ordered, root, start, distance, outer)
    angle = np.where(inner, start, start + span / 2)
    angle[depth == 0] = 0
    offsets = np.column_stack((np.cos(angle), np.sin(angle))) * distance[:, None]
    boxes = np.zeros((size, 4))
    np.minimum.at(boxes[:, 0], root, offsets[:, 0])
    np.minimum.at(boxes[:, 1], root, offsets[:, 1])
    np.maximum.at(boxes[:, 2], root, offsets[:, 0])
    np.maximum.at(boxes[:, 3], root, offsets[:, 1])
    return offsets, boxes


def _place_inner(
    parent: np.ndarray, inner: np.ndarray, start: np.ndarray, distance: np.ndarray
) -> np.ndarray:
    """Place the cores that share a middle; returns how far each cluster reaches so far."""
    outer = np.zeros(len(parent))
    nodes = np.flatnonzero(inner)
    middles, which, number = np.unique(parent[nodes], return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    running = np.empty(len(nodes), dtype=np.int64)
    running[order] = np.arange(len(nodes)) - np.repeat(np.cumsum(number) - number, number)
    start[nodes] = 2 * np.pi * running / number[which]
    outer[middles] = np.maximum(CORE_GAP / 2, number * CORE_GAP / (2 * np.pi))
    distance[nodes] = outer[parent[nodes]]
    return outer


def _rings(
    nodes: np.ndarray, root: np.ndarray, start: np.ndarray, distance: np.ndarray, outer: np.ndarray
) -> None:
    """Give the nodes of one level their distance; crowded rings are split into several."""
    middle = root[nodes]
    number = np.bincount(middle, minlength=len(root))
    needed = number * GAP / (2 * np.pi)
    base = np.maximum(outer + 0.95, np.minimum(needed, WIDEST))
    layers = np.maximum(1, np.ceil(needed / np.maximum(base, WIDEST)).astype(np.int64))
    order = np.lexsort((start[nodes], middle))
    heads = np.cumsum(number) - number
    running = np.empty(len(nodes), dtype=np.int64)
    running[order] = np.arange(len(nodes)) - heads[middle[order]]
    distance[nodes] = base[middle] + (running % layers[middle]) * GAP
    touched = np.unique(middle)
    outer[touched] = base[touched] + (layers[touched] - 1) * GAP


def shelves(sizes: np.ndarray, aspect: float = 1.0, stretch: float = 1.4) -> np.ndarray:
    """Pack boxes on shelves from the top left, in their order.

    Boxes of a shelf get its height and are widened, up to `stretch` times, until they fill it.

    Parameters
    ----------
    sizes
        (n, 2) least width and height of each box.
    aspect
        Wanted height ÷ width of the whole; the nearest of a few widths is taken.
    stretch
        How far a box may be widened.

    Returns
    -------
    numpy.ndarray
        (n, 4): left, top (y downwards), width, height of each box.

    Examples
    --------
    >>> shelves(np.ones((4, 2))).tolist()
    [[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    if not len(sizes):
        return np.zeros((0, 4))
    area, widest = float(sizes.prod(axis=1).sum()), float(sizes[:, 0].max())
    tries = {max(widest, float(np.sqrt(area / aspect)) * f): None for f in np.linspace(0.8, 2, 13)}
    packed = [_shelve(sizes, width, stretch) for width in tries]
    return min(
        packed, key=lambda boxes: abs(float(np.log(extent(boxes)[1] / extent(boxes)[0] / aspect)))
    )


def extent(boxes: np.ndarray) -> tuple[float, float]:
    """Return width and height of all boxes together."""
    ends = boxes[:, :2] + boxes[:, 2:]
    return float(ends[:, 0].max(initial=0)), float(ends[:, 1].max(initial=0))


def _shelve(sizes: np.ndarray, limit: float, stretch: float) -> np.ndarray:
    shelf, x, number = np.zeros(len(sizes), dtype=np.int64), 0.0, 0
    for row, wide in enumerate(sizes[:, 0].tolist()):
        if x and x + wide > limit + 1e-9:
            x, number = 0.0, number + 1
        shelf[row] = number
        x += wide
    used = np.bincount(shelf, weights=sizes[:, 0])
    widths = sizes[:, 0] * np.minimum(used.max() / used, stretch)[shelf]
    heights = np.zeros(number + 1)
    np.maximum.at(heights, shelf, sizes[:, 1])
    first = np.append(True, shelf[1:] != shelf[:-1])
    left = np.cumsum(widths) - widths
    left -= np.maximum.accumulate(np.where(first, left, 0))
    top = np.cumsum(heights) - heights
    return np.column_stack((left, top[shelf], widths, heights[shelf]))
