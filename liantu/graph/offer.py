"""What cores have on offer for schools, and which schools can be served together.

A choice of schools that places at cores can serve is independent in a transversal matroid (Edmonds
& Fulkerson 1965), so taking the heaviest school that still fits gives the best choice for every
budget at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Bools, Ints


@dataclass(frozen=True)
class Offer:
    """Who can help whom.

    Attributes
    ----------
    core, school
        Positions among cores and schools, an item a pair; sorted by school, cost, core.
    cost
        What a pair costs, whole numbers of at least 1.
    places
        How many schools each core can still take.
    weight
        What each school is worth, above 0.
    county
        A number from 0 for each school.
    """

    core: Ints
    school: Ints
    cost: Ints
    places: Ints
    weight: Ints
    county: Ints

    def only(self, keep: Bools) -> Offer:
        """Return the offer of some pairs."""
        return replace(self, core=self.core[keep], school=self.school[keep], cost=self.cost[keep])

    def of(self, schools: Bools) -> Offer:
        """Return the offer to some schools, which are numbered anew."""
        part, number = self.only(schools[self.school]), np.cumsum(schools) - 1
        return replace(
            part, school=number[part.school], weight=self.weight[schools],
            county=self.county[schools],
        )  # fmt: skip


class Heaviest(NamedTuple):
    """The heaviest choices of schools.

    Attributes
    ----------
    order
        Schools that can be served together, the heaviest first; the first b of them weigh most of
        all choices of b schools, for every b.
    may
        Which schools may be in such a choice: all others are in none.
    """

    order: Ints
    may: Bools


def heaviest(offer: Offer) -> Heaviest:
    """Return the schools that can be served together, the heaviest first.

    A school is taken if others can make room for it by moving to other cores. One that nobody can
    make room for stands for another only where that weighs as much.

    Examples
    --------
    >>> whole = np.array
    >>> offer = Offer(
    ...     core=whole([0, 1, 0]), school=whole([0, 0, 1]), cost=whole([1, 2, 1]),
    ...     places=whole([1, 1]), weight=whole([100, 90]), county=whole([0, 0]),
    ... )
    >>> heaviest(offer).order.tolist()
    [0, 1]
    """
    order = np.argsort(-offer.weight, kind="stable")
    begin = np.searchsorted(offer.school, np.arange(len(offer.weight) + 1)).tolist()
    cores, free = offer.core.tolist(), offer.places.tolist()
    served_by = [-1] * len(offer.weight)
    serves: list[set[int]] = [set() for _ in free]
    seen = [-1] * len(free)  # the last school that came by; one that came in vain bars for ever
    asks = [-1] * len(free)
    barred = np.zeros(len(free), dtype=np.int64)  # what weighed the school that came by in vain
    taken = []
    for turn in order.tolist():
        queue, end = [turn], -1
        passed = []
        for school in queue:  # grows on the way
            for core in cores[begin[school] : begin[school + 1]]:
                if seen[core] < 0:
                    seen[core], asks[core] = turn, school
                    passed.append(core)
                    if free[core] > 0:
                        end = core
                        break
                    queue.extend(serves[core])
            if end >= 0:
                break
        if end < 0:
            barred[passed] = offer.weight[turn]
            continue
        for core in passed:
            seen[core] = -1
        free[end] -= 1
        taken.append(turn)
        while end >= 0:
            school = asks[end]
            left, served_by[school] = served_by[school], end
            serves[end].add(school)
            if left >= 0:
                serves[left].remove(school)
            end = left
    may = np.zeros(len(offer.weight), dtype=np.bool_)
    may[offer.school[barred[offer.core] == offer.weight[offer.school]]] = True
    may[taken] = True
    return Heaviest(np.array(taken, dtype=np.int64), may)
