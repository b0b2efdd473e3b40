"""Kernels on ties of different lengths or strengths, with SciPy; defined in `Kernels`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Floats, Graph, Ints

_CELLS = 4_000_000  # numbers held at once
_ALIKE = 1e-9  # relative difference up to which two ways are equally long


def harmonic(graph: Graph, length: Floats, targets: Ints | None = None) -> Floats:
    """Dijkstra against the edges, from a batch of targets at once."""
    total = np.zeros(graph.n)
    every = np.arange(graph.n) if targets is None else targets
    for some in _batches(every, graph.n):
        far = _lengths(graph.n, graph.target, graph.source, length, some)
        far[np.arange(len(some)), some] = np.inf
        total += (1 / far).sum(axis=0)
    return total


def betweenness(graph: Graph, length: Floats, sources: Ints | None = None) -> Floats:
    """Brandes' sums along the edges of shortest ways, one edge further for all at once.

    With σ the number of shortest ways to a node and δ what it passes on, g = (1 + δ) / σ is the sum
    of 1/σ over the ends of all ways on from it, so both sums are those of walks in a graph without
    circles.
    """
    n, total = graph.n, np.zeros(graph.n)
    forth = np.lexsort((graph.source, graph.target))
    back = np.lexsort((graph.target, graph.source))
    every = np.arange(n) if sources is None else sources
    for some in _batches(every, max(n, len(length))):
        far = _lengths(n, graph.source, graph.target, length, some)
        way = far[:, graph.source] + length
        with np.errstate(invalid="ignore"):
            tight = np.isfinite(way) & (way <= far[:, graph.target] * (1 + _ALIKE))
        start = np.zeros((len(some), n))
        start[np.arange(len(some)), some] = 1
        ways = _walks(start, graph.source[forth], graph.target[forth], tight[:, forth])
        share = np.divide(1, ways, out=np.zeros_like(ways), where=ways > 0)
        on = _walks(share, graph.target[back], graph.source[back], tight[:, back])
        passed = np.where(ways > 0, ways * on - 1, 0)
        passed[np.arange(len(some)), some] = 0
        total += passed.sum(axis=0)
    return total


def pagerank(graph: Graph, weight: Floats, damping: float, tolerance: float) -> Floats:
    """Power iteration; what a node hands on is shared in proportion to the weights."""
    from scipy import sparse

    n = graph.n
    if n == 0:
        return np.zeros(0)
    strength = np.bincount(graph.source, weight, n)
    share = damping * weight / strength[graph.source]
    flow: Any = sparse.csr_array((share, (graph.target, graph.source)), shape=(n, n))
    dangling, rank, change = strength == 0, np.full(n, 1 / n), np.inf
    while change >= tolerance:
        lost = damping * rank[dangling].sum() / n
        grown = flow @ rank + lost + (1 - damping) / n
        change, rank = np.abs(grown - rank).sum(), grown
    return rank


def _batches(nodes: Ints, width: int) -> list[Ints]:
    size = max(1, _CELLS // max(width, 1))
    return [nodes[first : first + size] for first in range(0, len(nodes), size)]


def _lengths(n: int, source: Ints, target: Ints, length: Floats, some: Ints) -> Floats:
    """Return the length of the shortest way from some nodes to all; shape (some, n)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    table: Any = csr_array((length, (source, target)), shape=(n, n))
    found: Floats = np.atleast_2d(dijkstra(table, indices=some))
    return found


def _walks(start: Floats, source: Ints, target: Ints, open_: npt.NDArray[np.bool_]) -> Floats:
    """Return the sums of what starts at nodes over all walks along open edges, sorted by target."""
    total, step = start.copy(), start
    ends, first = np.unique(target, return_index=True)
    while len(ends) and step.any():
        arrived = np.zeros_like(start)
        arrived[:, ends] = np.add.reduceat(step[:, source] * open_, first, axis=1)
        total += arrived
        step = arrived
    return total
