"""Measures of a whole network, and of places in it, that are classic: each with what chance gives.

Every network here is one of distinct ties without ties to oneself; directions are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Distances, Floats, Graph, Ints

ATTENUATION = 0.1  # of Katz, a step
_STEPS, _SMALL = 2_000, 1e-13
_LARGE = 1e12


class Compared(NamedTuple):
    """A measure, its mean over the permutations, and its two-sided p; None where undefined."""

    observed: float | None
    expected: float | None
    p: float | None


def _compared(observed: float, chance: Floats) -> Compared:
    """Return p: the share of permutations as far from their mean, the observed one counted in."""
    mean = float(chance.mean())
    far = np.abs(chance - mean) >= abs(observed - mean) - 1e-12
    return Compared(observed, mean, float((1 + far.sum()) / (1 + len(chance))))


def reciprocity(graph: Graph, permutations: int, seed: int) -> Compared:
    """Return the share of ties that go both ways, and what chance gives.

    Chance deals out anew who receives: everybody gives and receives as often as before; who would
    give to oneself gives to nobody, and ties that fall together are one.

    Examples
    --------
    >>> found = reciprocity(Graph(3, np.array([0, 1, 1]), np.array([1, 0, 2])), 99, 0)
    >>> round(found.observed, 4)
    0.6667
    """
    ties = len(graph.source)
    if not ties:
        return Compared(None, None, None)
    order = np.lexsort((graph.target, graph.source))
    source, target = graph.source[order].astype(np.int64), graph.target[order].astype(np.int64)
    observed = 2 * _mutual(source, target, graph.n) / ties
    # only who gives and receives can be in a tie both ways
    both = np.zeros(graph.n, dtype=np.bool_)
    both[np.intersect1d(source, target)] = True
    giver, rng = both[source], np.random.default_rng(seed)
    gives, bits = source[giver], graph.n.bit_length()
    chance = np.empty(permutations)
    for number in range(permutations):
        # numbers that hold chance and receiver are sorted sooner than receivers are shuffled
        deal = rng.integers(0, 1 << (62 - bits), ties) << bits | target
        deal.sort()
        taken = deal[: len(gives)] & ((1 << bits) - 1)
        may = both[taken]
        chance[number] = 2 * _mutual(gives[may], taken[may], graph.n) / ties
    return _compared(observed, chance)


def _mutual(source: Ints, target: Ints, n: int) -> int:
    """Return how many pairs of different nodes give to each other."""
    key = (np.minimum(source, target) * n + np.maximum(source, target)) * 2 + (source < target)
    key = key[source != target]
    key.sort()
    return int(((key[1:] - key[:-1] == 1) & (key[:-1] % 2 == 0)).sum())


def group_mixing(graph: Graph, group: Ints, permutations: int, seed: int) -> Compared:
    """Return the E–I index of a grouping, and what chance gives.

    (external − internal) ÷ (external + internal) ties, from −1 (all inside groups) to 1 (all
    between them). Chance deals out anew who is in which group; nodes without a group, −1, and
    their ties do not count.

    References
    ----------
    Krackhardt, D., Stern, R. N. (1988). Informal networks and organizational crises. Social
    Psychology Quarterly 51, 123–140.

    Examples
    --------
    >>> ties = Graph(4, np.array([0, 1, 2]), np.array([1, 2, 3]))
    >>> round(group_mixing(ties, np.array([0, 0, 1, 1]), 99, 0).observed, 4)
    -0.3333
    """
    grouped = np.flatnonzero(group >= 0)
    known = (group[graph.source] >= 0) & (group[graph.target] >= 0)
    if not known.any():
        return Compared(None, None, None)
    place = np.zeros(graph.n, dtype=np.int64)
    place[grouped] = np.arange(len(grouped))
    one, other = place[graph.source[known]], place[graph.target[known]]
    labels, rng = group[grouped], np.random.default_rng(seed)
    observed = ei_index(int((labels[one] == labels[other]).sum()), len(one))
    deal, chance = labels.copy(), np.empty(permutations)
    for number in range(permutations):
        rng.shuffle(deal)
        chance[number] = ei_index(int((deal[one] == deal[other]).sum()), len(one))
    return _compared(observed, chance)


def ei_index(inside: int, ties: int) -> float:
    """Return (external − internal) ÷ all ties."""
    return (ties - 2 * inside) / ties


def centralisation(degree: Ints) -> float | None:
    """Return how far a network hangs on one node: 1 for a star, 0 if all are equal.

    Freeman, L. C. (1979). Centrality in social networks: conceptual clarification. Social Networks
    1, 215–239.

    Examples
    --------
    >>> centralisation(np.array([3, 0, 0, 0])), centralisation(np.array([1, 1, 1]))
    (1.0, 0.0)
    """
    n = len(degree)
    return float((degree.max() - degree).sum() / (n - 1) ** 2) if n > 1 else None


def correlation(one: Floats | Ints, other: Floats | Ints) -> float | None:
    """Return Pearson's correlation, None where one side does not vary."""
    if len(one) < 2 or (one == one[0]).all() or (other == other[0]).all():
        return None
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))


def closeness(found: Distances) -> Floats:
    """Return closeness along outgoing ties: high means near to many.

    The nodes that are reached ÷ their mean distance, × their share of all others.

    Wasserman, S., Faust, K. (1994). Social Network Analysis. Cambridge University Press.
    """
    reached, n = found.reached, len(found.reached)
    near = np.zeros(n)
    np.divide(reached * reached, found.total * max(n - 1, 1), out=near, where=found.total > 0)
    return near


def weighted_closeness(graph: Graph, weight: Floats) -> Floats:
    """Return closeness along outgoing ties where a tie of weight w is 1/w long: high means near.

    Ties without weight do not count. Opsahl, T., Agneessens, F., Skvoretz, J. (2010). Node
    centrality in weighted networks. Social Networks 32, 245–251.

    Examples
    --------
    >>> weighted_closeness(Graph(2, np.array([0]), np.array([1])), np.array([4.0])).tolist()
    [4.0, 0.0]
    """
    from scipy import sparse
    from scipy.sparse.csgraph import dijkstra

    keep, n = weight > 0, graph.n
    ends = graph.source[keep].astype(np.int64), graph.target[keep].astype(np.int64)
    table = sparse.coo_array((1 / weight[keep], ends), shape=(n, n)).tocsr()
    reached, total = np.zeros(n), np.zeros(n)
    for first in range(0, n, 500):
        some = np.arange(first, min(first + 500, n))
        far = dijkstra(table, indices=some)
        there = np.isfinite(far)
        reached[some], total[some] = there.sum(axis=1) - 1, np.where(there, far, 0).sum(axis=1)
    return closeness(Distances(reached, total, np.zeros(0)))


def eigenvector(graph: Graph, component: Ints) -> Floats:
    """Return eigenvector centrality in the largest component, ties undirected; NaN elsewhere.

    Of unit length. Without direction, for with it most support networks have no cycle and the
    measure is zero; within one component, for several have no common scale.

    Bonacich, P. (1972). Factoring and weighting approaches to status scores and clique
    identification. Journal of Mathematical Sociology 2, 113–120.
    """
    found = np.full(graph.n, np.nan)
    nodes = np.flatnonzero(component == 1)
    if len(nodes) < 2:
        return found
    from scipy import sparse

    place = np.full(graph.n, -1)
    place[nodes] = np.arange(len(nodes))
    keep = place[graph.source] >= 0
    one, other = place[graph.source[keep]], place[graph.target[keep]]
    ends = np.append(one, other), np.append(other, one)
    table = sparse.coo_array((np.ones(len(ends[0])), ends), shape=(len(nodes),) * 2).tocsr()
    table.data[:] = 1  # a tie both ways is one
    if len(nodes) < 10:
        vector = np.linalg.eigh(table.toarray())[1][:, -1]
    else:
        from scipy.sparse.linalg import eigsh

        start = np.ones(len(nodes))
        vector = eigsh(table.astype(np.float64), k=1, which="LA", v0=start, tol=1e-12)[1][:, 0]
    found[nodes] = np.abs(vector)
    return found


def katz(graph: Graph) -> Floats | None:
    """Return Katz centrality along outgoing ties: 1 + Σ 0.1^k × walks of k ties; high means more.

    None where the sum has no end: where ties in circles are so dense that each step leads to ten
    times as many walks as the one before.

    Katz, L. (1953). A new status index derived from sociometric analysis. Psychometrika 18, 39–43.

    Examples
    --------
    >>> chain = Graph(3, np.array([0, 1]), np.array([1, 2]))
    >>> katz(chain).round(2).tolist()
    [1.11, 1.1, 1.0]
    """
    found: Floats = np.ones(graph.n)
    for _ in range(_STEPS):
        walks = np.bincount(graph.source, found[graph.target], graph.n)
        grown: Floats = 1 + ATTENUATION * walks.astype(np.float64)
        change = float(np.abs(grown - found).max(initial=0))
        found = grown
        if change <= _SMALL * float(found.max(initial=1)):
            return found
        if found.max() > _LARGE:
            return None
    return None
