"""The kernels with numpy and scipy.sparse, from some size on with numba where it is installed.

Each is defined in `Kernels`. Which engine computes depends on sizes alone, and none changes an
answer: docs/decisions/0008-kernels.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import (
    Arrived,
    Bools,
    Contacts,
    Distances,
    Floats,
    Graph,
    Ints,
    Reach,
    Rows,
    weighted,
)
from liantu.graph.kernels.rounds import rounds

if TYPE_CHECKING:
    from scipy import sparse

Words = npt.NDArray[np.uint64]
Unsigned = npt.NDArray[np.uint32]
EDGES = 50_000  # from so many on, numba passes over them
WALKED = 10_000_000  # the same for edges × walks over all of them
STRANDS = 8  # parts of a sum over all nodes, the same on every machine
_FAR = 16  # so many steps may lead anywhere
_PAIRS = 5_000_000  # (seed, node) pairs of a batch, at most: some 150 MB


def nearest(graph: Graph, children: Graph, seeds: Ints) -> tuple[Ints, Ints]:
    """Breadth first by levels; a level closes over the free edges before the next one."""
    if compiled := _compiled(len(graph.source) + len(children.source), EDGES):
        ties, below = _unsigned(graph.out), _unsigned(children.out)
        nearby: tuple[Ints, Ints] = compiled.nearest(*ties, *below, seeds.astype(np.uint32))
        return nearby
    hops, label = np.full(graph.n, -1), np.full(graph.n, graph.n)
    place, heirs = np.empty(graph.n, dtype=np.int64), len(children.source) > 0
    hops[seeds], label[seeds] = 0, seeds
    frontier, level = seeds, 0
    while len(frontier):
        fresh, parts = frontier, [frontier]
        while heirs and len(fresh):
            fresh = _hand_on(children.out, fresh, label, hops, level, place)
            hops[fresh] = level
            parts.append(fresh)
        frontier = _distinct(np.concatenate(parts), place) if len(parts) > 2 else frontier
        level += 1
        frontier = _hand_on(graph.out, frontier, label, hops, level, place)
        hops[frontier] = level
    hops[seeds], label[seeds] = 0, seeds
    return hops, np.where(hops < 0, -1, label)


def _hand_on(rows: Rows, nodes: Ints, label: Ints, hops: Ints, level: int, place: Ints) -> Ints:
    """Hand labels on to neighbours of no earlier level where they are smaller; return those."""
    origin, found = _neighbours(rows, nodes)
    better = (label[origin] < label[found]) & ((hops[found] < 0) | (hops[found] == level))
    origin, found = origin[better], found[better]
    np.minimum.at(label, found, label[origin])
    return _distinct(found, place)


def _distinct(nodes: Ints, place: Ints) -> Ints:
    """Return each of some nodes once; `place` is room for a number a node."""
    numbers = np.arange(len(nodes))
    place[nodes] = numbers  # the last of equals stays
    distinct: Ints = nodes[place[nodes] == numbers]
    return distinct


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
    width = weights.shape[1]
    if compiled := _compiled(len(graph.source) + len(children.source), EDGES):
        rows = (*_unsigned(graph.out), *_unsigned(children.out), seeds.astype(np.uint32))
        short = bool((weights.astype(np.float32) == weights).all())  # half as much to look up
        parts, reached = [], np.zeros(graph.n, dtype=np.bool_)
        for first in range(0, max(width, 1), 4):
            some = weights[:, first : first + 4]
            four = np.zeros((graph.n, 4), dtype=np.float32 if short else np.float64)
            four[:, : some.shape[1]] = some
            sums = np.zeros((len(seeds), 4, 4))
            compiled.reach(*rows, hops, float(decay), four, sums, reached)
            parts.append(sums[:, :, : some.shape[1]])
        sums = np.concatenate(parts, axis=2) if len(parts) > 1 else parts[0]
        return Reach(sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3], reached)
    direct, within, decayed, inherited = np.zeros((4, len(seeds), width))
    found = Reach(direct, within, decayed, inherited, np.zeros(graph.n, dtype=np.bool_))
    ties, below = _matrix(graph), _closure(_matrix(children))
    for batch in _batches(_walks(ties, below, hops)[seeds]):
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


def harmonic(graph: Graph, targets: Ints | None = None) -> Floats:
    """Σ 1/d of the same search as `distances`."""
    return _distances(graph, targets)[0, :-1]


def distances(graph: Graph, targets: Ints | None = None) -> Distances:
    """Breadth first against the edges from 64 targets at once, a bit of a word each."""
    sums = _distances(graph, targets)
    pairs = sums[3]
    last = int(pairs.nonzero()[0].max(initial=0))
    return Distances(sums[1, :-1], sums[2, :-1], pairs[1 : last + 1])


def _distances(graph: Graph, targets: Ints | None) -> Floats:
    """Return Σ 1/d, targets and Σ d of each node, and the number of pairs at each distance."""
    targets = np.arange(graph.n) if targets is None else targets
    if compiled := _compiled(len(targets) // 64 * len(graph.source), WALKED):
        out, into = _unsigned(graph.out), _unsigned(graph.into)
        return _in_strands(lambda some: compiled.distances(*out, *into, some), targets, 64)
    sums, (begin, ends) = np.zeros((4, graph.n + 1)), graph.out
    every = np.flatnonzero(np.diff(begin))
    starts = begin[every]
    for first in range(0, len(targets), 64):
        active = targets[first : first + 64]
        words = np.zeros(graph.n, dtype=np.uint64)
        words[active] = np.uint64(1) << np.arange(len(active), dtype=np.uint64)
        seen, step = words.copy(), 0
        while len(active):
            step += 1
            if len(active) > len(every) // 8:
                nodes, arrived = every, np.bitwise_or.reduceat(words[ends], starts)
            else:  # few have news: look at their edges alone
                nodes, arrived = _gathered(graph.into, active, words)
            words[active] = 0
            arrived &= ~seen[nodes]
            active, arrived = nodes[arrived != 0], arrived[arrived != 0]
            words[active] = arrived
            seen[active] |= arrived
            count = np.bitwise_count(arrived).astype(np.float64)
            sums[0, active] += count / step
            sums[1, active] += count
            sums[2, active] += count * step
            if len(active):
                sums[3, step] += count.sum()
    return sums


def _gathered(rows: Rows, active: Ints, words: Words) -> tuple[Ints, Words]:
    """Return the neighbours of some nodes, and all bits that reach each."""
    origin, found = _neighbours(rows, active)
    order = np.argsort(found, kind="stable")
    nodes, starts = np.unique(found[order], return_index=True)
    if not len(nodes):
        return nodes, words[:0]
    return nodes, np.bitwise_or.reduceat(words[origin[order]], starts)


def betweenness(graph: Graph, sources: Ints | None = None) -> Floats:
    """Brandes' sums, a level a sparse product, a batch of sources at a time."""
    degree = np.diff(graph.out.begin)
    sources = np.arange(graph.n) if sources is None else sources
    sources = sources[degree[sources] > 0]  # others lead nowhere
    if compiled := _compiled(len(sources) * len(graph.source), WALKED):
        out = _unsigned(graph.out)
        return _in_strands(lambda some: compiled.betweenness(*out, some), sources, 1)
    forward = _matrix(graph).astype(np.float64)
    back, total = forward.T.tocsr(), np.zeros(graph.n)
    size = max(1, _PAIRS // max(5 * graph.n, 1))  # five times the bytes a pair
    for first in range(0, len(sources), size):
        start = _select(sources[first : first + size], graph.n).astype(np.float64)
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
    from scipy import sparse

    flow = sparse.csr_array(
        (damping / degree[graph.source], (graph.target, graph.source)), shape=(n, n)
    )
    dangling, rank, change = degree == 0, np.full(n, 1 / n), np.inf
    while change >= tolerance:
        lost = damping * rank[dangling].sum() / n
        grown = flow @ rank + lost + (1 - damping) / n
        change, rank = np.abs(grown - rank).sum(), grown
    return rank


weighted_harmonic = weighted.harmonic
weighted_betweenness = weighted.betweenness
weighted_pagerank = weighted.pagerank


def core_number(graph: Graph) -> Ints:
    """Peel off the nodes of least degree, all at once."""
    if compiled := _compiled(len(graph.source), EDGES):
        core: Ints = compiled.core_number(*_unsigned(graph.out), *_unsigned(graph.into))
        return core
    both = _matrix(graph) + _matrix(graph).T.tocsr()
    rows = Rows(both.indptr, both.indices)
    degree = np.diff(rows.begin).astype(np.int64)
    left, place = np.arange(graph.n), np.empty(graph.n, dtype=np.int64)
    while len(left):
        k = degree[left].min()  # what is left has at least this many neighbours in it
        peeled = left[degree[left] == k]
        while len(peeled):
            _, touched = _neighbours(rows, peeled)
            touched = touched[degree[touched] > k]
            np.subtract.at(degree, touched, 1)
            touched = _distinct(touched, place)
            degree[touched] = np.maximum(degree[touched], k)
            peeled = touched[degree[touched] == k]
        left = left[degree[left] > k]
    return degree


def components(graph: Graph) -> Ints:
    """Numbered in the order of their smallest nodes, then anew by size."""
    if graph.n == 0:
        return np.zeros(0, dtype=np.int64)
    if compiled := _compiled(len(graph.source), EDGES):
        label = compiled.components(*_unsigned(graph.out))
    else:
        from scipy.sparse.csgraph import connected_components  # brings all of linear algebra

        _, label = connected_components(_matrix(graph), directed=True, connection="weak")
    first = np.empty(graph.n, dtype=np.int64)
    first[label[::-1]] = np.arange(graph.n)[::-1]  # the last, hence the smallest, stays
    size = np.bincount(label)
    number: Ints = np.empty(len(size), dtype=np.int64)
    number[np.lexsort((first[: len(size)], -size))] = np.arange(1, len(size) + 1)
    numbered: Ints = number[label]
    return numbered


def last_seeds(
    graph: Graph, children: Graph, seeds: Ints, hops: int, width: int, through: bool
) -> Ints:
    """Hand pairs of node and seed on by levels, a batch of new ones at a time.

    One more than asked for is kept, for a seed takes a place on the way back to itself.
    """
    found = np.full((graph.n, width + 1), -1)
    room = np.full(graph.n, width + 1)
    start = np.zeros(graph.n, dtype=np.bool_)
    start[seeds] = True
    node, label = seeds, seeds  # a seed hands itself on, once, and does not keep itself
    for level in range(hops + 1):
        parts = [(node, label)]
        while len(children.source) and len(node):
            if not through:
                own = ~start[node] | (label == node)
                node, label = node[own], label[own]
            node, label = _kept(*_handed(children.out, node, label), found, room)
            parts.append((node, label))
        node, label = (np.concatenate(some) for some in zip(*parts, strict=True))
        if level == hops or not len(node):
            break
        own = ~start[node] | (label == node)
        node, label = _kept(*_handed(graph.out, node[own], label[own]), found, room)
    return found[:, :width]


def _handed(rows: Rows, nodes: Ints, labels: Ints) -> tuple[Ints, Ints]:
    """Return what nodes hand on to all their neighbours, but to nobody the own label."""
    _, found = _neighbours(rows, nodes)
    labels = np.repeat(labels, rows.begin[nodes + 1] - rows.begin[nodes])
    other = found != labels
    return found[other].astype(np.int64), labels[other]


def _kept(node: Ints, label: Ints, found: Ints, room: Ints) -> tuple[Ints, Ints]:
    """Keep labels that are new to their nodes, the smallest first as long as there is room."""
    n, width = found.shape
    key = np.unique(node * n + label)
    node, label = key // max(n, 1), key % max(n, 1)
    new = ~(found[node] == label[:, None]).any(axis=1)
    node, label = node[new], label[new]
    first = np.flatnonzero(np.diff(node, prepend=-1))
    rank = np.arange(len(node)) - np.repeat(first, np.diff(np.append(first, len(node))))
    fits = rank < room[node]
    node, label, rank = node[fits], label[fits], rank[fits]
    found[node, width - room[node] + rank] = label
    np.subtract.at(room, node, 1)
    return node, label


def cut_vertices(graph: Graph) -> Bools:
    """Blocks of a breadth-first tree, a level at a time (Tarjan–Vishkin)."""
    n = graph.n
    if not len(graph.source):
        return np.zeros(n, dtype=np.bool_)
    from scipy import sparse
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    # one tree of all: a root before the first node of each component
    root, component = n, components(graph)
    tops = np.unique(component, return_index=True)[1]
    one = np.concatenate([graph.source, graph.target, np.full(len(tops), root), tops])
    two = np.concatenate([graph.target, graph.source, tops, np.full(len(tops), root)])
    both = sparse.coo_array((np.ones(len(one)), (one, two)), shape=(n + 1, n + 1)).tocsr()
    order, parent = breadth_first_order(both, root, directed=True)
    depth, size = np.zeros(n + 1, dtype=np.int64), np.ones(n + 1, dtype=np.int64)
    levels, level = [order[:1]], order[:1]
    rest = order[1:]
    while len(rest):  # children of one level follow one another
        inside = np.cumsum(~np.isin(parent[rest], level)) == 0
        level, rest = rest[inside], rest[~inside]
        depth[level] = len(levels)
        levels.append(level)
    for level in levels[:0:-1]:
        np.add.at(size, parent[level], size[level])
    number = np.zeros(n + 1, dtype=np.int64)
    for level in levels[1:]:  # before a node stand its parent and its elder siblings' trees
        before = np.cumsum(size[level]) - size[level]
        fresh = np.flatnonzero(np.diff(parent[level], prepend=-1))
        first = np.repeat(before[fresh], np.diff(np.append(fresh, len(level))))
        number[level] = number[parent[level]] + 1 + before - first
    a, b = both.nonzero()
    cross = (parent[a] != b) & (parent[b] != a)
    a, b = a[cross], b[cross]
    low, high = number.copy(), number.copy()
    np.minimum.at(low, a, number[b])
    np.maximum.at(high, a, number[b])
    for level in levels[:0:-1]:
        np.minimum.at(low, parent[level], low[level])
        np.maximum.at(high, parent[level], high[level])
    # edges of the tree, named after their lower ends, that lie on one circle
    apart = number[a] + size[a] <= number[b]
    below = order[depth[order] >= 2]
    above = parent[below]
    around = (low[below] < number[above]) | (high[below] >= number[above] + size[above])
    same = (np.append(a[apart], below[around]), np.append(b[apart], above[around]))
    joined = sparse.coo_array((np.ones(len(same[0])), same), shape=(n + 1, n + 1))
    _, block = connected_components(joined, directed=False)
    # a node in two blocks: its children's, and that of the edge above it unless that is the root's
    pairs = [np.stack([above, block[below]]), np.stack([below, block[below]])]
    key = np.unique(np.concatenate(pairs, axis=1), axis=1)[0]
    found: Bools = np.bincount(key, minlength=n + 1)[:n] > 1
    return found


def arrivals(contacts: Contacts, seeds: Ints) -> Iterator[Arrived]:
    """Labels set in rounds, of all seeds of a batch at once.

    After r rounds a label is the earliest arrival over walks of at most r ties, so the round that
    reaches a node first is the fewest ties.
    """
    begin = np.searchsorted(contacts.source, np.arange(contacts.n + 1))
    arrays = (begin, contacts.target, contacts.start, contacts.end, contacts.later)
    small = [array.astype(np.int32) for array in arrays]
    compiled, width = _compiled(len(contacts.source), EDGES), max(1, _PAIRS // max(contacts.n, 1))
    spread: Callable[..., tuple[Ints, ...]] = compiled.arrivals if compiled else rounds

    def batch(first: int) -> Arrived:
        found = spread(*small, seeds[first : first + width].astype(np.int32))
        return Arrived(found[0] + first, found[1], found[2], found[3])

    return map(batch, range(0, len(seeds), width))


def _compiled(work: int, least: int) -> ModuleType | None:
    """Return the compiled kernels where they are worth loading and numba is installed."""
    if work < least:
        return None
    try:
        from liantu.graph.kernels import compiled
    except ImportError:
        return None
    return compiled


def _unsigned(rows: Rows) -> tuple[Unsigned, Unsigned]:
    """Return rows as the compiled kernels read them: no index can be negative."""
    return rows.begin.view(np.uint32), rows.ends.view(np.uint32)


def _in_strands(sums: Callable[[Unsigned], Floats], nodes: Ints, width: int) -> Floats:
    """Add up sums over nodes, cut into the same parts on every machine, a thread a core.

    `width` nodes that follow one another stay together.
    """
    number = np.arange(len(nodes)) // width % STRANDS
    parts = [nodes[number == strand].astype(np.uint32) for strand in range(STRANDS)]
    with ThreadPoolExecutor(min(STRANDS, os.cpu_count() or 1)) as pool:
        found = list(pool.map(sums, parts))
    total: Floats = np.sum(found, axis=0)
    return total


def _matrix(graph: Graph) -> sparse.csr_array:
    begin, ends = graph.out
    ones = np.ones(len(ends), dtype=np.bool_)
    from scipy import sparse

    return sparse.csr_array((ones, ends, begin), shape=(graph.n, graph.n))


def _select(nodes: Ints, n: int) -> sparse.csr_array:
    """Return a matrix with one row a node and its one True in the node's column."""
    ones = np.ones(len(nodes), dtype=np.bool_)
    from scipy import sparse

    return sparse.csr_array((ones, nodes, np.arange(len(nodes) + 1)), shape=(len(nodes), n))


def _closure(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return who is below whom over any number of generations."""
    below = matrix
    while True:
        grown = below + below @ matrix
        if grown.nnz == below.nnz:
            return below
        below = grown


def _walks(ties: sparse.csr_array, below: sparse.csr_array, hops: int) -> Floats:
    """Return at most how many nodes each node reaches, itself included."""
    n = ties.shape[0]
    heirs = 1.0 + np.diff(below.indptr)
    count = heirs
    for _ in range(min(hops, _FAR)):
        count = np.minimum(heirs + ties @ count, n)
    return count if hops <= _FAR else np.full(n, float(n))


def _batches(cost: Floats) -> Iterator[slice]:
    """Cut items in a row into batches of about `_PAIRS` in cost."""
    number = (np.cumsum(cost) - cost) // _PAIRS
    starts = np.flatnonzero(np.diff(number, prepend=-1)).tolist()
    for start, stop in pairwise([*starts, len(cost)]):
        yield slice(start, stop)


def _neighbours(rows: Rows, nodes: Ints) -> tuple[Ints, Ints]:
    """Return both ends of every edge out of some nodes."""
    begin, ends = rows
    count = begin[nodes + 1] - begin[nodes]
    shift = np.repeat(begin[nodes] - (np.cumsum(count) - count), count)
    return np.repeat(nodes, count), ends[np.arange(len(shift)) + shift]
