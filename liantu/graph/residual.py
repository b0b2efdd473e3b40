"""What an optimal choice of pairs would gain or lose if one thing were different.

All of it is read off the residual graph of the flow (Ahuja, Magnanti & Orlin 1993, chapter 9): the
optimum changes by the length of a shortest path, and there is another optimum where a circle costs
nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.feasible import spread
from liantu.graph.kernels import Bools, Ints
from liantu.graph.matching import step_of
from liantu.graph.offer import Offer

NEVER = np.int64(2**61)  # longer than any path


class Arcs(NamedTuple):
    """Arcs of the residual graph; `pairs` of the first belong to the pairs of the offer.

    Nodes are source, sink, cores, schools, counties; the flow goes on from the sink to the source.
    """

    nodes: int
    tail: Ints
    head: Ints
    earned: Ints  # minus the weight that an arc brings
    cost: Ints  # 0 but for pairs
    pairs: int

    def without_schools(self, cores: int, schools: Ints) -> Arcs:
        """Return the arcs without those by which some schools that are not served come in."""
        gone = (self.earned < 0) & np.isin(self.tail - 2 - cores, schools)
        return self._replace(
            tail=self.tail[~gone], head=self.head[~gone], earned=self.earned[~gone],
            cost=self.cost[~gone],
        )  # fmt: skip


def residual(offer: Offer, chosen: Bools, budget: int, floors: Ints) -> Arcs:
    """Return the residual graph of a choice of pairs."""
    cores, schools, counties = len(offer.places), len(offer.weight), len(floors)
    middle, last = 2 + cores, 2 + cores + schools
    used = np.bincount(offer.core[chosen], minlength=cores)
    served = np.zeros(schools, dtype=np.bool_)
    served[offer.school[chosen]] = True
    within = np.bincount(offer.county[served], minlength=counties)
    core, school, county = np.arange(cores), np.arange(schools), np.arange(counties)
    one, other = offer.core + 2, offer.school + middle
    zero = np.zeros_like
    parts = [  # tail, head, earned, cost
        (np.where(chosen, other, one), np.where(chosen, one, other), zero(one),
         np.where(chosen, -offer.cost, offer.cost)),
        (np.where(served, offer.county + last, school + middle),
         np.where(served, school + middle, offer.county + last),
         np.where(served, offer.weight, -offer.weight), zero(school)),
        _hub(0, core[used < offer.places] + 2, outward=True),
        _hub(0, core[used > 0] + 2, outward=False),
        _hub(1, county + last, outward=False),
        _hub(1, county[within > floors] + last, outward=True),
        _hub(1, np.zeros(int(served.sum() < budget), dtype=np.int64), outward=True),
        _hub(1, np.zeros(int(served.sum() > 0), dtype=np.int64), outward=False),
    ]  # fmt: skip
    tail, head, earned, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Arcs(last + counties, tail, head, earned, cost, len(offer.core))


def _hub(hub: int, ends: Ints, *, outward: bool) -> tuple[Ints, Ints, Ints, Ints]:
    """Return arcs that cost nothing from a node to others, or back."""
    at, zero = np.full(len(ends), hub), np.zeros(len(ends), dtype=np.int64)
    return (at, ends, zero, zero) if outward else (ends, at, zero, zero)


def _relaxed(tail: Ints, head: Ints, length: Ints, start: Ints) -> Ints:
    """Return how near each node comes to the start by arcs without a negative circle."""
    order = np.argsort(tail, kind="stable")
    begin = np.searchsorted(tail[order], np.arange(len(start) + 1))
    head, length, far = head[order], length[order], start.copy()
    nearer = np.flatnonzero(far < NEVER)
    while len(nearer):
        row, arc = spread(begin[nearer], begin[nearer + 1])
        before = far.copy()
        np.minimum.at(far, head[arc], far[nearer][row] + length[arc])
        nearer = np.flatnonzero(far < before)
    return far


def gains(arcs: Arcs, cores: int) -> Ints:
    """Return what one more place is worth at each core."""
    start = np.full(arcs.nodes, NEVER)
    start[0] = 0
    found = _relaxed(arcs.head, arcs.tail, arcs.earned, start)[2 : 2 + cores]
    return np.maximum(np.where(found < NEVER, -found, 0), 0)


def losses_one_by_one(arcs: Arcs, offer: Offer, chosen: Bools) -> Ints:
    """Return what is lost if each chosen pair is forbidden, in any case; a search a pair."""
    lost = []
    for core, school in zip(offer.core[chosen], offer.school[chosen], strict=True):
        start = np.full(arcs.nodes, NEVER)
        start[core + 2] = 0
        near = _relaxed(arcs.tail, arcs.head, arcs.earned, start)
        lost.append(near[2 + len(offer.places) + school])
    return np.array(lost, dtype=np.int64)


def losses(offer: Offer, chosen: Bools) -> Ints:
    """Return what is lost if each chosen pair is forbidden, an item a chosen pair, all at once.

    Without floors. The school is served by another core if room can be made; else the lightest
    school that can make it gives way; and the heaviest that the free place can serve comes in.
    """
    cores, schools = len(offer.places), len(offer.weight)
    by = np.full(schools, -1)
    by[offer.school[chosen]] = offer.core[chosen]
    free = np.bincount(offer.core[chosen], minlength=cores) < offer.places
    moves = (by[offer.school] >= 0) & ~chosen
    one, other = offer.core[moves], by[offer.school[moves]]  # one may take over a school of other
    idle = by[offer.school] < 0
    enters = np.zeros(cores, dtype=np.int64)
    np.maximum.at(enters, offer.core[idle], offer.weight[offer.school[idle]])
    enters = -_relaxed(other, one, np.zeros_like(one), -enters)
    gives_way = np.full(cores, NEVER)
    np.minimum.at(gives_way, offer.core[chosen], offer.weight[offer.school[chosen]])
    gives_way = _relaxed(one, other, np.zeros_like(one), gives_way)
    roomy = np.where(free, 0, 1).astype(np.int64)
    roomy = _relaxed(one, other, np.zeros_like(one), roomy) == 0
    circle = _circles(cores, one, other)

    out = offer.weight.copy()  # the school itself gives way
    spare = moves & (roomy[offer.core] | (circle[offer.core] == circle[by[offer.school]]))
    np.minimum.at(out, offer.school[moves], gives_way[offer.core[moves]])
    out[offer.school[spare]] = 0
    comes = np.maximum(enters[offer.core[chosen]], enters[free].max(initial=0))
    school = offer.school[chosen]
    return np.where(out[school] == 0, 0, out[school] - np.minimum(comes, out[school]))


def _circles(nodes: int, tail: Ints, head: Ints) -> Ints:
    """Return the number of the strong component of each node."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(tail), dtype=np.int8)
    graph = sparse.csr_array((ones, (tail, head)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, connection="strong")[1], dtype=np.int64)


def exchangeable(arcs: Arcs, offer: Offer, budget: int, *, fair: bool = False) -> Bools | None:
    """Return which pairs of the offer some optimum has and another has not.

    None if whole numbers of 64 bits are too small to tell. With floors of counties it is `fair`.
    """
    step = step_of(offer, budget, fair=fair)
    if step is None:
        return None
    worth = np.abs(arcs.earned)
    if not fair:
        worth = np.searchsorted(np.append(0, np.unique(offer.weight)), worth)
    length = np.sign(arcs.earned) * step * worth + arcs.cost
    far = _relaxed(arcs.tail, arcs.head, length, np.zeros(arcs.nodes, dtype=np.int64))
    tight = far[arcs.tail] + length == far[arcs.head]
    circle = _circles(arcs.nodes, arcs.tail[tight], arcs.head[tight])
    found: Bools = tight & (circle[arcs.tail] == circle[arcs.head])
    return found[: arcs.pairs]
