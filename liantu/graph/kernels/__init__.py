"""Graph algorithms on arrays of codes: two engines behind one set of names.

`fast` computes with numpy and scipy.sparse, large graphs with numba where it is installed
(docs/decisions/0008-kernels.md); `reference` with NetworkX and plain loops. Both follow `Kernels`;
the same tests run on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


_FEW = 20_000  # edges that are sorted sooner than SciPy is loaded


class Rows(NamedTuple):
    """Neighbours row by row: those of node v are ``ends[begin[v] : begin[v + 1]]``, ascending."""

    begin: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes 0 … n−1 and distinct edges source → target, none from a node to itself.

    The codes may be of 32 or 64 bits. `out` and `into` are built once, when first asked for.

    Examples
    --------
    >>> star = Graph(3, np.array([0, 0]), np.array([2, 1]))
    >>> star.out.begin.tolist(), star.out.ends.tolist()
    ([0, 2, 2, 2], [1, 2])
    >>> star.into.begin.tolist(), star.into.ends.tolist()
    ([0, 0, 1, 2], [0, 0])
    """

    n: int
    source: Ints
    target: Ints

    @cached_property
    def out(self) -> Rows:
        """The targets of each node's edges out."""
        return _rows(self.n, self.source, self.target)

    @cached_property
    def into(self) -> Rows:
        """The sources of each node's edges in."""
        if len(self.source) <= _FEW:
            return _rows(self.n, self.target, self.source)
        from scipy import sparse

        begin, ends = self.out
        ones = np.ones(len(ends), dtype=np.bool_)
        turned = sparse.csr_array((ones, ends, begin), shape=(self.n, self.n)).T.tocsr()
        return Rows(turned.indptr, turned.indices)


def _rows(n: int, source: Ints, target: Ints) -> Rows:
    """Sort edges into rows: counted, not compared, unless they are few."""
    if len(source) <= _FEW:
        order = np.lexsort((target, source))
        begin = np.append(0, np.cumsum(np.bincount(source, minlength=n)))
        return Rows(begin.astype(np.int32), target[order].astype(np.int32))
    from scipy import sparse

    ends = (source.astype(np.int32, copy=False), target.astype(np.int32, copy=False))
    table = sparse.coo_array((np.ones(len(source), dtype=np.bool_), ends), shape=(n, n)).tocsr()
    return Rows(table.indptr, table.indices)


class Reach(NamedTuple):
    """What `Kernels.reach` finds; arrays of shape (seeds, weights) but for the last."""

    direct: Floats
    within: Floats
    decayed: Floats
    inherited: Floats
    reached: Bools  # (n,): within the hops of any seed


class Contacts(NamedTuple):
    """Ties that can be used in spans of days, sorted by source; days count from 0.

    Attributes
    ----------
    n
        Number of nodes.
    source, target
        Codes of the nodes, none to itself.
    start, end
        First and last day, both included, 0 ≤ start ≤ end.
    later
        For each day, from 0 to the last, the day on which who leaves then arrives: never before,
        and never earlier than who left before. An arrival after the last day counts for nothing.
    """

    n: int
    source: Ints
    target: Ints
    start: Ints
    end: Ints
    later: Ints


class Arrived(NamedTuple):
    """Nodes that were reached, sorted by seed and node; an item a pair, the seed itself left out.

    Attributes
    ----------
    seed
        Position among the seeds.
    node
        Code of the node.
    day
        The earliest day of arrival.
    ties
        The fewest ties of any walk in the order of time.
    """

    seed: Ints
    node: Ints
    day: Ints
    ties: Ints


class Distances(NamedTuple):
    """What `Kernels.distances` finds.

    Attributes
    ----------
    reached, total
        Targets that each node leads to, itself not counted, and the sum of the steps to them.
    pairs
        Pairs of a node and a target 1, 2, … steps away, up to the farthest.
    """

    reached: Floats
    total: Floats
    pairs: Floats


class Kernels(Protocol):
    """What an engine offers. The order of codes is the order of ids: the smallest wins a tie."""

    def nearest(self, graph: Graph, children: Graph, seeds: Ints) -> tuple[Ints, Ints]:
        """Return the fewest steps from any seed to each node, and that seed.

        Parameters
        ----------
        graph
            Edges that cost one step.
        children
            Edges parent → child that cost none.
        seeds
            Codes of the nodes to start from, in ascending order.

        Returns
        -------
        hops, label : ndarray of shape (n,)
            Steps and code of the nearest seed, the smallest among equals; −1 where no seed
            leads to the node. A seed is its own nearest.
        """

    def best_ancestor(self, children: Graph, score: Ints) -> Ints:
        """Return each node's strict ancestor with the highest score, the smallest among equals.

        Parameters
        ----------
        children
            Edges parent → child without a circle.
        score
            Shape (n,), not negative.

        Returns
        -------
        ndarray of shape (n,)
            Codes; −1 where a node has no parent.
        """

    def reach(
        self, graph: Graph, children: Graph, seeds: Ints, hops: int, decay: float, weights: Floats
    ) -> Reach:
        """Return weighted counts of the nodes within some steps of each seed, itself excluded.

        Parameters
        ----------
        graph, children
            Ties, and edges parent → child for what is inherited.
        seeds
            Codes of the nodes to start from.
        hops
            Steps, at least 1.
        decay
            A node d steps away weighs decay^(d−1) in `Reach.decayed`.
        weights
            Shape (n, weights): what each node counts.

        Returns
        -------
        Reach
            Sums over nodes one step away, within the hops, decayed within the hops, and over the
            descendants of those within the hops that are not within themselves.
        """

    def harmonic(self, graph: Graph, targets: Ints | None = None) -> Floats:
        """Return Σ 1/d(v, t) over the nodes t, all or some, that v leads to; shape (n,).

        Rochat, Y. (2009). Closeness centrality extended to unconnected graphs: the harmonic
        centrality index. ASNA.
        """

    def distances(self, graph: Graph, targets: Ints | None = None) -> Distances:
        """Return to how many of the nodes, all or some, each node leads, and in how many steps."""

    def betweenness(self, graph: Graph, sources: Ints | None = None) -> Floats:
        """Return Σ over ordered pairs of the share of shortest paths through v; shape (n,).

        With `sources`, only over the pairs that begin in one of these nodes.

        Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of
        Mathematical Sociology 25(2), 163–177.
        """

    def pagerank(self, graph: Graph, damping: float, tolerance: float) -> Floats:
        """Return PageRank, unweighted; nodes without an edge out jump anywhere; shape (n,).

        Stops when a step changes the ranks by less than `tolerance` in sum. Page, L., Brin, S.,
        Motwani, R., Winograd, T. (1999). The PageRank citation ranking. Stanford InfoLab.
        """

    def weighted_harmonic(
        self, graph: Graph, length: Floats, targets: Ints | None = None
    ) -> Floats:
        """Return `harmonic` where each edge has a length above 0, and a way the sum of its edges'.

        Opsahl, T., Agneessens, F., Skvoretz, J. (2010). Node centrality in weighted networks:
        generalizing degree and shortest paths. Social Networks 32, 245–251.
        """

    def weighted_betweenness(
        self, graph: Graph, length: Floats, sources: Ints | None = None
    ) -> Floats:
        """Return `betweenness` where each edge has a length above 0.

        Brandes, U. (2001), as for `betweenness`.
        """

    def weighted_pagerank(
        self, graph: Graph, weight: Floats, damping: float, tolerance: float
    ) -> Floats:
        """Return `pagerank` where a node hands on more along a heavier edge."""

    def core_number(self, graph: Graph) -> Ints:
        """Return the largest k such that each node is in the k-core, edges undirected; shape (n,).

        Batagelj, V., Zaveršnik, M. (2003). An O(m) algorithm for cores decomposition of networks.
        arXiv:cs/0310049.
        """

    def components(self, graph: Graph) -> Ints:
        """Return the weak component of each node, 1 the largest, equals by smallest code."""

    def last_seeds(
        self, graph: Graph, children: Graph, seeds: Ints, hops: int, width: int, through: bool
    ) -> Ints:
        """Return the nearest seeds from which each node is reached past no other seed.

        Parameters
        ----------
        graph
            Edges that cost one step. On a walk only the first of them may leave a seed.
        children
            Edges parent → child that cost none.
        seeds
            Codes of the nodes to start from, in ascending order.
        hops
            Steps at most.
        width
            How many seeds a node keeps.
        through
            Whether the edges to the children of a seed hand on other seeds beside itself.

        Returns
        -------
        ndarray of shape (n, width)
            Codes, −1 where there are fewer: where a node is full, some of the nearest, else all.
            A seed is not its own.
        """

    def arrivals(self, contacts: Contacts, seeds: Ints) -> Iterator[Arrived]:
        """Give who is reached from each seed, from day 0 on, in the order of time.

        No limit to waiting: who arrives early can leave late.

        Jain, S., Sahni, S. (2022). Algorithms for optimal min hop and foremost paths in interval
        temporal graphs. Applied Network Science 7, 60.

        Parameters
        ----------
        contacts
            The ties.
        seeds
            Codes of the nodes to start from.

        Yields
        ------
        Arrived
            Batches in the order of the seeds.
        """

    def cut_vertices(self, graph: Graph) -> Bools:
        """Return without which nodes a component falls apart, edges undirected; shape (n,).

        Tarjan, R. E., Vishkin, U. (1985). An efficient parallel biconnectivity algorithm. SIAM
        Journal on Computing 14(4), 862–874.
        """


def pick(engine: Literal["auto", "fast", "reference"]) -> Kernels:
    """Return the kernels of an engine; ``auto`` is ``fast`` (docs/decisions/0001-auto-engine.md).

    Examples
    --------
    >>> star = Graph(3, np.array([0, 0]), np.array([1, 2]))
    >>> pick("auto").harmonic(star).tolist()
    [2.0, 0.0, 0.0]
    """
    if engine == "reference":
        from liantu.graph.kernels import reference

        return reference
    from liantu.graph.kernels import fast

    return fast
