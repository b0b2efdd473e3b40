"""Graph algorithms on arrays of codes: two engines behind one set of names.

`fast` computes with numpy and scipy.sparse, `reference` with NetworkX and plain loops. Both follow
`Kernels`; the same tests run on both.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Graph(NamedTuple):
    """Nodes 0 … n−1 and distinct edges source → target, none from a node to itself."""

    n: int
    source: Ints
    target: Ints


class Reach(NamedTuple):
    """What `Kernels.reach` finds; arrays of shape (seeds, weights) but for the last."""

    direct: Floats
    within: Floats
    decayed: Floats
    inherited: Floats
    reached: Bools  # (n,): within the hops of any seed


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

    def harmonic(self, graph: Graph) -> Floats:
        """Return Σ 1/d(v, t) over the nodes t that v leads to; shape (n,).

        Rochat, Y. (2009). Closeness centrality extended to unconnected graphs: the harmonic
        centrality index. ASNA.
        """

    def betweenness(self, graph: Graph) -> Floats:
        """Return Σ over ordered pairs of the share of shortest paths through v; shape (n,).

        Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of
        Mathematical Sociology 25(2), 163–177.
        """

    def pagerank(self, graph: Graph, damping: float, tolerance: float) -> Floats:
        """Return PageRank, unweighted; nodes without an edge out jump anywhere; shape (n,).

        Stops when a step changes the ranks by less than `tolerance` in sum. Page, L., Brin, S.,
        Motwani, R., Winograd, T. (1999). The PageRank citation ranking. Stanford InfoLab.
        """

    def core_number(self, graph: Graph) -> Ints:
        """Return the largest k such that each node is in the k-core, edges undirected; shape (n,).

        Batagelj, V., Zaveršnik, M. (2003). An O(m) algorithm for cores decomposition of networks.
        arXiv:cs/0310049.
        """

    def components(self, graph: Graph) -> Ints:
        """Return the weak component of each node, 1 the largest, equals by smallest code."""


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
