"""New pairs of cores and schools: most weight for a budget, then the shortest ways.

A choice of schools that places at cores can serve is independent in a transversal matroid (Edmonds
& Fulkerson 1965), so taking the heaviest school that still fits gives the best choice for every
budget at once. Which core serves which school at the least cost is a flow of minimum cost, whose
vertices are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np

from liantu.graph.kernels import Bools, Ints

MOST = 2**62  # what a sum of costs may come to


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


def heaviest(offer: Offer) -> Ints:
    """Return the schools that can be served together, the heaviest first.

    The first b of them weigh most of all choices of b schools, for every b: a school is taken if
    others can make room for it by moving to other cores.

    Examples
    --------
    >>> whole = np.array
    >>> offer = Offer(
    ...     core=whole([0, 1, 0]), school=whole([0, 0, 1]), cost=whole([1, 2, 1]),
    ...     places=whole([1, 1]), weight=whole([100, 90]), county=whole([0, 0]),
    ... )
    >>> heaviest(offer).tolist()
    [0, 1]
    """
    order = np.argsort(-offer.weight, kind="stable")
    begin = np.searchsorted(offer.school, np.arange(len(offer.weight) + 1)).tolist()
    cores, free = offer.core.tolist(), offer.places.tolist()
    served_by = [-1] * len(offer.weight)
    serves: list[set[int]] = [set() for _ in free]
    seen = [-1] * len(free)  # the last school that came by; one that came in vain bars for ever
    asks = [-1] * len(free)
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
    return np.array(taken, dtype=np.int64)


def assign(offer: Offer, budget: int, floors: Ints | None = None, *, exact: bool = False) -> Bools:
    """Return the pairs that weigh most and then cost least, as a mask over the offer.

    Parameters
    ----------
    offer
        Who can help whom; no school counts twice.
    budget
        How many pairs at most.
    floors
        How many pairs each county gets at least; reachable (`most_even`).
    exact
        Whether to solve as a whole-number programme in any case, for checking.

    Notes
    -----
    A flow source → core → school → county → sink of minimum cost, solved by OR-Tools where it is
    installed, else as a linear programme by SciPy: the same optimum. Weights are replaced by their
    ranks, which leaves the heaviest choices of a matroid what they are, so that costs stay small.

    References
    ----------
    Goldberg, A. V. (1997). An efficient implementation of a scaling minimum-cost flow algorithm.
    Journal of Algorithms 22, 1–29.
    """
    budget = min(budget, len(offer.weight))
    if not len(offer.core) or not budget:
        return np.zeros(len(offer.core), dtype=np.bool_)
    if floors is None:
        floors = np.zeros(int(offer.county.max(initial=-1)) + 1, dtype=np.int64)
    if not exact and find_spec("ortools") is not None and (step := step_of(offer, budget)):
        return _flow(offer, budget, floors, step)
    covers = np.arange(len(offer.weight))
    return programme(offer, budget, (covers, covers), offer.weight, floors)


def step_of(offer: Offer, budget: int) -> int | None:
    """Return what a school must earn more than one of the next rank: above all ways together.

    None if whole numbers of 64 bits are too small for that.
    """
    ranks = len(np.unique(offer.weight))
    step = budget * int(offer.cost.max(initial=0)) + 1
    nodes = len(offer.places) + len(offer.weight) + int(offer.county.max(initial=0)) + 3
    return None if step * (ranks + 1) * (nodes + 1) >= MOST else step


def _flow(offer: Offer, budget: int, floors: Ints, step: int) -> Bools:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    earned = (np.unique(offer.weight, return_inverse=True)[1].astype(np.int64) + 1) * step
    cores, schools, counties = len(offer.places), len(offer.weight), len(floors)
    source, sink, first, middle = 0, 1, 2, 2 + cores
    last = middle + schools
    core, school = np.arange(cores), np.arange(schools)
    ends, whole = np.arange(counties) + last, np.full(counties, budget)
    zero, one = np.zeros_like, np.ones_like
    parts = (  # tail, head, capacity, cost; whole numbers all, for large ones are exact
        (offer.core + first, offer.school + middle, one(offer.core), offer.cost),
        (zero(core), core + first, offer.places, zero(core)),
        (school + middle, offer.county + last, one(school), -earned),
        (ends, one(ends), whole, zero(ends)),
        ([source], [sink], [budget], [0]),
    )
    tail, head, capacity, cost = (
        np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
    )
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    supply = np.zeros(last + counties, dtype=np.int64)
    supply[source], supply[sink] = budget, -(budget - int(floors.sum()))
    supply[last:] = -floors
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"minimum cost flow: {status}")
    found: Bools = solver.flows(np.arange(len(offer.core))) > 0
    return found


def programme(
    offer: Offer,
    budget: int,
    covers: tuple[Ints, Ints],
    worth: Ints,
    floors: Ints,
    *,
    spend: int | None = None,
) -> Bools:
    """Return the fewest pairs that weigh most, at least cost, by whole-number programmes.

    Parameters
    ----------
    offer
        Who can help whom.
    budget
        How many pairs at most.
    covers
        Which school covers which item when it is paired, an item a pair of both.
    worth
        What each item is worth, once.
    floors
        How many pairs each county gets at least.
    spend
        What all pairs together may cost; without it any sum. It makes the model no flow.

    Notes
    -----
    First most worth of the items covered, then fewest pairs, which is all the same where no item is
    covered twice, then least cost; HiGHS (Huangfu & Hall 2018) by SciPy.
    """
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    pairs, items = len(offer.core), len(worth)
    schools, cores, counties = len(offer.weight), len(offer.places), len(floors)
    pair, ones = np.arange(pairs), np.ones(pairs)
    none = sparse.csr_array((schools, items))
    taken = sparse.csr_array((ones, (offer.school, pair)), shape=(schools, pairs))
    at_core = sparse.csr_array((ones, (offer.core, pair)), shape=(cores, pairs))
    county = sparse.csr_array((ones, (offer.county[offer.school], pair)), shape=(counties, pairs))
    by = sparse.csr_array((np.ones(len(covers[0])), (covers[1], covers[0])), shape=(items, schools))
    blocks: list[tuple[Any, Any, Any]] = [
        (sparse.hstack([taken, none]), -np.inf, np.ones(schools)),
        (sparse.hstack([at_core, sparse.csr_array((cores, items))]), -np.inf, offer.places),
        (sparse.csr_array(np.append(ones, np.zeros(items))[None]), -np.inf, np.array([budget])),
        (sparse.hstack([-(by @ taken), sparse.eye_array(items)]), -np.inf, np.zeros(items)),
    ]
    if spend is not None:
        paid = np.append(offer.cost, np.zeros(items))
        blocks.append((sparse.csr_array(paid[None]), -np.inf, np.array([spend])))
    if counties:
        within = sparse.hstack([county, sparse.csr_array((counties, items))])
        blocks.append((within, floors, np.full(counties, np.inf)))
    limits = [LinearConstraint(*block) for block in blocks]
    gain = np.append(np.zeros(pairs), worth).astype(float)
    cost = np.append(offer.cost, np.zeros(items)).astype(float)
    whole = np.append(ones, np.zeros(items))

    def solved(objective: np.ndarray, more: list[LinearConstraint]) -> np.ndarray:
        found = milp(
            objective, integrality=whole.astype(np.int64), bounds=Bounds(0, 1),
            constraints=[*limits, *more], options={"mip_rel_gap": 0},
        )  # fmt: skip
        if found.x is None:
            raise ArithmeticError(f"whole-number programme: {found.message}")
        return np.asarray(found.x)

    # items are covered as far as the pairs allow, so whole pairs make whole items
    best = np.rint(gain @ solved(-gain, []))
    enough = [LinearConstraint(sparse.csr_array(gain[None]), best - 0.5, np.inf)]
    least = np.rint(whole @ solved(whole, enough))
    enough.append(LinearConstraint(sparse.csr_array(whole[None]), -np.inf, least + 0.5))
    found: Bools = solved(cost, enough)[:pairs] > 0.5
    return found


# -- fairness --------------------------------------------------------------------------------


def reachable(offer: Offer, floors: Ints) -> Ints:
    """Return how many pairs each county gets of those asked for, as many together as can be."""
    from scipy import sparse
    from scipy.sparse.csgraph import maximum_flow

    cores, schools, counties = len(offer.places), len(offer.weight), len(floors)
    if not len(offer.core) or not floors.any():
        return np.zeros(counties, dtype=np.int64)
    middle, last = 2 + cores, 2 + cores + schools
    size = last + counties
    used = np.flatnonzero(offer.places > 0)
    tail = np.concatenate(
        [
            np.zeros(len(used)),
            offer.core + 2,
            np.arange(schools) + middle,
            np.arange(counties) + last,
        ]
    )
    head = np.concatenate([used + 2, offer.school + middle, offer.county + last, np.ones(counties)])
    capacity = np.concatenate(
        [offer.places[used], np.ones(len(offer.core) + schools), floors]
    ).astype(np.int32)
    graph = sparse.csr_array((capacity, (tail.astype(int), head.astype(int))), shape=(size, size))
    flow = maximum_flow(graph, 0, 1).flow
    into = flow[:, [1]].toarray().ravel()[last:]
    return into.astype(np.int64)


def floors_of(offer: Offer, floor: int, already: Ints) -> Ints:
    """Return how many pairs each county gets at least: the floor, or as many as it has schools.

    `already` counts the pairs that each county has.
    """
    sizes = np.bincount(offer.county, minlength=len(already))
    return np.clip(floor - already, 0, sizes).astype(np.int64)


def fits(offer: Offer, floors: Ints, budget: int) -> bool:
    """Return whether each county can have its floor within the budget."""
    return int(floors.sum()) <= budget and bool((reachable(offer, floors) == floors).all())


def largest_floor(offer: Offer, floor: int, budget: int, already: Ints) -> int:
    """Return the largest floor, up to one, that each county can have."""
    low, high = 0, floor
    while low < high:
        middle = (low + high + 1) // 2
        if fits(offer, floors_of(offer, middle, already), budget):
            low = middle
        else:
            high = middle - 1
    return low


def most_even(offer: Offer, budget: int, already: Ints) -> Ints:
    """Return the floors ⌈t·n⌉ of the largest share t of its n schools that each county can have.

    `already` counts the pairs that each county has, which stand for schools of it too.
    """
    new = np.bincount(offer.county, minlength=len(already))
    sizes = new + already
    present = np.unique(sizes[new > 0]).tolist()
    shares = sorted({Fraction(q, size) for size in present for q in range(size + 1)})

    def floors(share: Fraction) -> Ints:
        whole = -(-share.numerator * sizes // share.denominator)
        found: Ints = np.clip(whole - already, 0, new).astype(np.int64)
        return found

    low, high = 0, max(len(shares) - 1, 0)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(offer, floors(shares[middle]), budget):
            low = middle
        else:
            high = middle - 1
    return floors(shares[low]) if shares else np.zeros(len(already), dtype=np.int64)
