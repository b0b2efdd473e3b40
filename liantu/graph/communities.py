"""Communities: nodes with more between them than chance would give, found the same way each time.

Both algorithms depend on the order of what they are given and on chance, so edges are sorted
first, every run has a seed of its own, and what most runs agree on is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from liantu.errors import RequestError
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.partitions import agreement, modularity

Method = Literal["auto", "leiden", "louvain"]
TRIALS = 20  # of a run of Leiden, the best of which counts: one reaches the best in 40 % of cases
_WORK = 10_000  # edges × trials of a run, at most
_ROUNDS = 20  # of consensus; two or three are usual
_Run = Callable[[int], Ints]


class Communities(NamedTuple):
    """What `communities` finds.

    Attributes
    ----------
    label
        The community of each node, numbered by its smallest node; shape (n,).
    share
        The share of runs in which a node is with most of its community; shape (n,).
    modularity
        Of the communities; None without edges.
    best
        The highest modularity of a single run; None without edges.
    stability
        Adjusted mutual information of two runs, on average over all pairs of runs; None with
        fewer than two.
    method
        ``leiden`` or ``louvain``.
    """

    label: Ints
    share: Floats
    modularity: float | None
    best: float | None
    stability: float | None
    method: str


def communities(
    n: int,
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    runs: int = 50,
    seed: int = 0,
    method: Method = "auto",
) -> Communities:
    """Return the communities of a network, directions added up.

    Parameters
    ----------
    n
        Number of nodes.
    source, target
        Nodes 0 … n−1 at the ends of each edge, in any order; equal and reverse edges add up,
        edges from a node to itself do not count.
    weight
        Weight of each edge, not negative: high means close; 1 by default.
    runs
        How often the algorithm runs.
    seed
        What the first run begins with; run k has ``seed + k``.
    method
        ``leiden`` (needs ``liantu[communities]``), ``louvain`` (NetworkX), or ``auto``: Leiden
        where it is installed.

    Returns
    -------
    Communities
        The consensus of the runs: ties between nodes weigh as the share of runs that put both
        into one community; shares below one half are dropped (but for the strongest of a node
        that would lose all), and it all runs again until the runs agree.

    Raises
    ------
    RequestError
        If Leiden is asked for and not installed.
    ValueError
        If a weight is negative or missing.

    References
    ----------
    Traag, V. A., Waltman, L., van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing
    well-connected communities. Scientific Reports 9, 5233. Blondel, V. D., Guillaume, J.-L.,
    Lambiotte, R., Lefebvre, E. (2008). Fast unfolding of communities in large networks. Journal of
    Statistical Mechanics, P10008. Lancichinetti, A., Fortunato, S. (2012). Consensus clustering in
    complex networks. Scientific Reports 2, 336.

    Examples
    --------
    >>> one, other = [0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3]
    >>> found = communities(6, one, other, method="louvain")
    >>> found.label.tolist(), round(found.modularity, 4), found.stability
    ([0, 0, 0, 3, 3, 3], 0.3571, 1.0)
    """
    used = _method(method)
    one, other, weights = _pairs(n, source, target, weight)
    every = np.arange(n)
    if not len(one):
        return Communities(every, np.ones(n), None, None, None, used)
    first = _runs(used, n, one, other, weights, runs, seed)
    scores = [modularity(one, other, weights, label) or 0.0 for label in first]
    label = _consensus(used, n, one, other, first, runs, seed)
    return Communities(
        label,
        _share(label, first),
        modularity(one, other, weights, label),
        max(scores),
        _stability(first),
        used,
    )


def _method(method: Method) -> str:
    there = find_spec("graspologic_native") is not None
    if method == "leiden" and not there:
        raise RequestError.of("leiden_missing")
    return method if method != "auto" else "leiden" if there else "louvain"


def _pairs(
    n: int, source: npt.ArrayLike, target: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[Ints, Ints, Floats]:
    """Return each pair of nodes with any weight once, the smaller node first, sorted."""
    one, other = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    given = np.ones(len(one)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not (np.isfinite(given) & (given >= 0)).all():
        raise ValueError("weights must be numbers, none of them negative")
    keep = (one != other) & (given > 0)
    key = np.minimum(one, other)[keep] * n + np.maximum(one, other)[keep]
    order = np.lexsort((given[keep], key))  # sums of equal pairs do not hang on their order
    pairs, start = np.unique(key[order], return_index=True)
    weights = np.add.reduceat(given[keep][order], start) if len(pairs) else np.zeros(0)
    return pairs // max(n, 1), pairs % max(n, 1), weights


def _runs(
    method: str, n: int, one: Ints, other: Ints, weight: Floats, runs: int, seed: int
) -> list[Ints]:
    """Return the communities of each run; nodes without an edge are alone."""
    nodes, code = np.unique(np.concatenate([one, other]), return_inverse=True)
    ends = code[: len(one)], code[len(one) :]
    run = (_leiden if method == "leiden" else _louvain)(len(nodes), *ends, weight)
    found = []
    for number in range(runs):
        label = np.arange(n)
        label[nodes] = nodes[_numbered(run(seed + number))]
        found.append(label)
    return found


def _numbered(label: Ints) -> Ints:
    """Call each community by its smallest node."""
    _, smallest, place = np.unique(label, return_index=True, return_inverse=True)
    found: Ints = smallest[place]
    return found


def _leiden(n: int, one: Ints, other: Ints, weight: Floats) -> _Run:
    from graspologic_native import leiden_csr
    from scipy import sparse

    both = np.concatenate([one, other]), np.concatenate([other, one])
    table = sparse.coo_array((np.tile(weight, 2), both), shape=(n, n)).tocsr()
    begin, ends = table.indptr.astype(np.int64), table.indices.astype(np.int32)
    trials = int(np.clip(_WORK // len(one), 1, TRIALS))

    def run(seed: int) -> Ints:
        _, found = leiden_csr(begin, ends, table.data, n, seed=seed, trials=trials)
        return np.array([found[node] for node in range(n)], dtype=np.int64)

    return run


def _louvain(n: int, one: Ints, other: Ints, weight: Floats) -> _Run:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(one.tolist(), other.tolist(), weight.tolist(), strict=True))

    def run(seed: int) -> Ints:
        label = np.empty(n, dtype=np.int64)
        for number, members in enumerate(nx.community.louvain_communities(graph, seed=seed)):
            label[list(members)] = number
        return label

    return run


def _consensus(
    method: str, n: int, one: Ints, other: Ints, found: list[Ints], runs: int, seed: int
) -> Ints:
    """Run again on how often two tied nodes are together, until all runs agree."""
    for _ in range(_ROUNDS):
        share = np.mean([label[one] == label[other] for label in found], axis=0)
        if np.isin(share, (0, 1)).all():
            break
        keep = (share >= 0.5) | _strongest(one, other, share)
        keep &= share > 0
        one, other = one[keep], other[keep]
        found = _runs(method, n, one, other, share[keep], runs, seed)
    return found[0]


def _strongest(one: Ints, other: Ints, share: Floats) -> Bools:
    """Return the strongest pair of each node, among equals that with the smallest neighbour."""
    node, neighbour = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((neighbour, -np.tile(share, 2), node))
    first = order[np.flatnonzero(np.diff(node[order], prepend=-1))]
    found = np.zeros(len(one), dtype=np.bool_)
    found[first % len(one)] = True
    return found


def _share(label: Ints, runs: list[Ints]) -> Floats:
    """Return the share of runs in which each node is where most of its community is."""
    n, together = len(label), np.zeros(len(label))
    for run in runs:
        key, place, count = np.unique(label * n + run, return_inverse=True, return_counts=True)
        order = np.lexsort((key, -count, key // n))  # of each community its largest part
        largest = order[np.flatnonzero(np.diff(key[order] // n, prepend=-1))]
        together += np.isin(place, largest)
    return together / max(len(runs), 1)


def _stability(runs: list[Ints]) -> float | None:
    """Return the mean agreement of two runs."""
    if len(runs) < 2:
        return None
    return float(np.mean([agreement(one, other).ami for one, other in combinations(runs, 2)]))
