"""The kernels with numpy and scipy.sparse; each is defined in `Kernels`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from liantu.graph.kernels import Floats, Graph, Ints, Reach

Words = npt.NDArray[np.uint64]
_PAIRS = (
    20_000_000  # (seed, node) pairs of a batch if all are reached: some 500 MB, mostly far less
)


def nearest(graph: Graph, children: Graph, seeds: Ints) -> tuple[Ints, Ints]:
    """Breadth first by levels; a level closes over the free edges before the next one."""
    hops, label = np.full(graph.n, -1), np.full(graph.n, graph.n)
    ties, free = _rows(graph), _rows(children)
    hops[seeds], label[seeds] = 0, seeds
    frontier, level = seeds, 0
    while len(frontier):
        fresh = frontier
        while len(fresh):
            fresh = _hand_on(free, fresh, label, (hops == -1) | (hops == level))
            hops[fresh] = level
        frontier = np.flatnonzero(hops == level)
        level += 1
        frontier = _hand_on(ties, frontier, label, hops == -1)
        hops[frontier] = level
    hops[seeds], label[seeds] = 0, seeds
    return hops, np.where(hops < 0, -1, label)


def _hand_on(rows: tuple[Ints, Ints], nodes: Ints, label: Ints, allowed: np.ndarray) -> Ints:
    """Hand labels on to allowed neighbours where they are smaller; return those that changed."""
    origin, found = _neighbours(rows, nodes)
    use = allowed[found]
    origin, found = origin[use], found[use]
    better = label[origin] < label[found]
    origin, found = origin[better], found[better]
    np.minimum.at(label, found, label[origin])
    return np.unique(found)


def best_ancestor(children: Graph, score: Ints) -> Ints:
    """Hand the best key down, a generation a round; a key holds score and code."""
    n = children.n
    own = score * n + (n - 1 - np.arange(n))
    best = np.full(n, -1)
    while True:
        grown = best.copy()
        offered = np.maximum(own, best)[children.source]
        np.maximum.at(grown, children.target, offered)
        if (grown == best).all():
            return np.where(best < 0, -1, n - 1 - best % max(n, 1))
        best = grown


def reach(
    graph: Graph, children: Graph, seeds: Ints, hops: int, decay: float, weights: Floats
) -> Reach:
    """Sparse products, a batch of seeds at a time."""
    ties, below = _matrix(graph), _closure(_matrix(children))
    shape = (len(seeds), weights.shape[1])
    empty = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    found = Reach(*empty, np.zeros(graph.n, dtype=np.bool_))
    for batch in _batches(len(seeds), graph.n):
        start = seeds[batch]
        seen = _select(start, graph.n)
        frontier, itself = seen, seen
        for step in range(1, hops + 1):
            frontier = (frontier @ ties) > seen
            if not frontier.nnz:
                break
            seen = seen + frontier
            sums = frontier @ weights
            if step == 1:
                found.direct[batch] = sums
            found.within[batch] += sums
            found.decayed[batch] += decay ** (step - 1) * sums
            found.reached[frontier.indices] = True
        found.inherited[batch] = (((seen > itself) @ below) > seen) @ weights
    return found


def harmonic(graph: Graph) -> Floats:
    """Breadth first against the edges from 64 targets at once, a bit of a word each."""
    total = np.zeros(graph.n)
    order = np.argsort(graph.source, kind="stable")
    every, starts = np.unique(graph.source[order], return_index=True)
    ends = graph.target[order]
    back = _rows(Graph(graph.n, graph.target, graph.source))
    for first in range(0, graph.n, 64):
        active = np.arange(first, min(first + 64, graph.n))
        words = np.zeros(graph.n, dtype=np.uint64)
        words[active] = np.uint64(1) << np.arange(len(active), dtype=np.uint64)
        seen, step = words.copy(), 0
        while len(active):
            step += 1
            if len(active) > len(every) // 8:
                nodes, arrived = every, np.bitwise_or.reduceat(words[ends], starts)
            else:  # few have news: look at their edges alone
                nodes, arrived = _gathered(back, active, words)
            words[active] = 0
            arrived &= ~seen[nodes]
            active, arrived = nodes[arrived != 0], arrived[arrived != 0]
            words[active] = arrived
            seen[active] |= arrived
            total[active] += np.bitwise_count(arrived) / step
    return total


def _gathered(rows: tuple[Ints, Ints], active: Ints, words: Words) -> tuple[Ints, Words]:
    """Return the neighbours of some nodes, and all bits that reach each."""
    origin, found = _neighbours(rows, active)
    order = np.argsort(found, kind="stable")
    nodes, starts = np.unique(found[order], return_index=True)
    if not len(nodes):
        return nodes, words[:0]
    return nodes, np.bitwise_or.reduceat(words[origin[order]], starts)


def betweenness(graph: Graph) -> Floats:
    """Brandes' sums, a level a sparse product, a batch of sources at a time."""
    forward = _matrix(graph).astype(np.float64)
    back, total = forward.T.tocsr(), np.zeros(graph.n)
    for batch in _batches(graph.n, graph.n * 5):  # five times the bytes a pair
        start = _select(np.arange(batch.start, batch.stop), graph.n).astype(np.float64)
        levels, seen = [start], start.astype(np.bool_)
        while levels[-1].nnz:  # a level holds the number of shortest paths to each node
            paths = levels[-1] @ forward
            new = paths.astype(np.bool_) > seen
            seen = seen + new
            levels.append(paths.multiply(new).tocsr())
        share = levels.pop()  # empty
        for paths in reversed(levels[1:]):
            passed = (share @ back).multiply(paths.astype(np.bool_))
            total += np.asarray(passed.multiply(paths).sum(axis=0)).ravel()
            inverse = paths.copy()
            inverse.data = 1 / inverse.data
            share = (inverse + passed).tocsr()
    return total


def pagerank(graph: Graph, damping: float, tolerance: float) -> Floats:
    """Power iteration."""
    n = graph.n
    if n == 0:
        return np.zeros(0)
    degree = np.bincount(graph.source, minlength=n)
    flow = sparse.csr_array(
        (damping / degree[graph.source], (graph.target, graph.source)), shape=(n, n)
    )
    dangling, rank, change = degree == 0, np.full(n, 1 / n), np.inf
    while change >= tolerance:
        lost = damping * rank[dangling].sum() / n
        grown = flow @ rank + lost + (1 - damping) / n
        change, rank = np.abs(grown - rank).sum(), grown
    return rank


def core_number(graph: Graph) -> Ints:
    """Peel off the nodes of least degree, all at once."""
    pairs = np.unique(np.sort(np.stack([graph.source, graph.target]), axis=0), axis=1)
    low, high = pairs
    rows = _rows(Graph(graph.n, np.concatenate([low, high]), np.concatenate([high, low])))
    degree, core = np.diff(rows[0]), np.full(graph.n, -1)
    left, k = graph.n, 0
    while left:
        k = max(k, int(degree[core < 0].min()))
        peeled = np.flatnonzero((core < 0) & (degree <= k))
        while len(peeled):
            core[peeled] = k
            left -= len(peeled)
            _, touched = _neighbours(rows, peeled)
            np.subtract.at(degree, touched, 1)
            touched = np.unique(touched)
            peeled = touched[(core[touched] < 0) & (degree[touched] <= k)]
    return core


def components(graph: Graph) -> Ints:
    """Connected components of scipy, numbered anew."""
    if graph.n == 0:
        return np.zeros(0, dtype=np.int64)
    _, label = connected_components(_matrix(graph), directed=True, connection="weak")
    _, first, inverse, size = np.unique(
        label, return_index=True, return_inverse=True, return_counts=True
    )
    number = np.empty(len(size), dtype=np.int64)
    number[np.lexsort((first, -size))] = np.arange(1, len(size) + 1)
    return number[inverse]


def _matrix(graph: Graph) -> sparse.csr_array:
    ones = np.ones(len(graph.source), dtype=np.bool_)
    return sparse.csr_array((ones, (graph.source, graph.target)), shape=(graph.n, graph.n))


def _select(nodes: Ints, n: int) -> sparse.csr_array:
    """Return a matrix with one row a node and its one True in the node's column."""
    ones = np.ones(len(nodes), dtype=np.bool_)
    return sparse.csr_array((ones, nodes, np.arange(len(nodes) + 1)), shape=(len(nodes), n))


def _closure(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return who is below whom over any number of generations."""
    below = matrix
    while True:
        grown = below + below @ matrix
        if grown.nnz == below.nnz:
            return below
        below = grown


def _batches(count: int, n: int) -> Iterator[slice]:
    size = max(1, _PAIRS // max(n, 1))
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _rows(graph: Graph) -> tuple[Ints, Ints]:
    """Return where each node's edges begin (n + 1 offsets), and the targets in that order."""
    order = np.argsort(graph.source, kind="stable")
    begin = np.searchsorted(graph.source[order], np.arange(graph.n + 1))
    return begin, graph.target[order]


def _neighbours(rows: tuple[Ints, Ints], nodes: Ints) -> tuple[Ints, Ints]:
    """Return both ends of every edge out of some nodes."""
    begin, targets = rows
    count = begin[nodes + 1] - begin[nodes]
    shift = np.repeat(begin[nodes] - (np.cumsum(count) - count), count)
    return np.repeat(nodes, count), targets[np.arange(len(shift)) + shift]
