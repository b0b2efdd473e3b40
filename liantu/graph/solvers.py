"""Pairs that earn most after their costs: a flow, an assignment, or a whole-number programme."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from liantu.graph.feasible import spread
from liantu.graph.kernels import Bools, Ints
from liantu.graph.offer import Offer

TOGETHER = 20_000  # pairs that are solved at once where they could be apart
EXACT = 2**29  # whole numbers that linear programmes of 64-bit floats tell apart


def dearest(offer: Offer, budget: int, floors: Ints, earned: Ints) -> Bools:
    """Return the pairs that earn most after their costs, as a mask over the offer.

    Parameters
    ----------
    offer
        Who can help whom; no school counts twice.
    budget
        How many pairs at most.
    floors
        How many pairs each county gets at least; reachable.
    earned
        What each school earns, above all costs of a pair.
    """
    flows = find_spec("ortools") is not None
    if not floors.any() and budget >= len(np.unique(offer.school)):
        found = np.zeros(len(offer.core), dtype=np.bool_)
        for part in _parts(offer):
            some, own = _alone(offer, part, earned)
            solve = _free_flow if flows else _assignment
            found[part] = solve(some, own)
        return found
    if flows:
        return _flow(offer, budget, floors, earned)
    if int(earned.max()) < EXACT:
        return _linear(offer, budget, floors, earned)
    covers = np.arange(len(earned))
    return programme(offer, budget, (covers, covers), earned, floors)


def _parts(offer: Offer) -> Iterator[Ints]:
    """Yield pairs that have nothing to do with each other, small groups of them together."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    cores = len(offer.places)
    ends = offer.core, offer.school + cores
    size = cores + len(offer.weight)
    graph = sparse.coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(size, size))
    group = connected_components(graph, directed=False)[1][offer.core]
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    yield from np.split(order, first[1:][np.diff(first // TOGETHER) > 0])


def _alone(offer: Offer, part: Ints, earned: Ints) -> tuple[Offer, Ints]:
    """Return the offer of some pairs, its cores and schools numbered anew, and what these earn."""
    cores, core = np.unique(offer.core[part], return_inverse=True)
    schools, school = np.unique(offer.school[part], return_inverse=True)
    nowhere = np.zeros(len(schools), dtype=np.int64)
    some = Offer(
        core.astype(np.int64), school.astype(np.int64), offer.cost[part], offer.places[cores],
        offer.weight[schools], nowhere,
    )  # fmt: skip
    return some, earned[schools]


def _free_flow(offer: Offer, earned: Ints) -> Bools:
    return _flow(offer, len(earned), np.zeros(1, dtype=np.int64), earned)


def _flow(offer: Offer, budget: int, floors: Ints, earned: Ints) -> Bools:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

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


def _assignment(offer: Offer, earned: Ints) -> Bools:
    """Return what `_flow` does without limits, by places that schools are assigned to.

    Every school also has a place of its own, which costs what it would earn elsewhere.
    """
    from scipy import sparse
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    schools, whole = len(offer.weight), int(offer.places.sum())
    first = np.cumsum(offer.places) - offer.places
    pair, place = spread(first[offer.core], (first + offer.places)[offer.core])
    ends = (
        np.append(offer.school[pair], np.arange(schools)),
        np.append(place, np.arange(schools) + whole),
    )
    cost = np.append(offer.cost[pair], earned).astype(float)
    graph = sparse.csr_array((cost, ends), shape=(schools, whole + schools))
    school, at = min_weight_full_bipartite_matching(graph)
    core = np.repeat(np.arange(len(offer.places)), offer.places)
    by = np.full(schools, -1)
    by[school[at < whole]] = core[at[at < whole]]
    chosen: Bools = by[offer.school] == offer.core
    return chosen


def _linear(offer: Offer, budget: int, floors: Ints, earned: Ints) -> Bools:
    """Return what `_flow` does by a linear programme, whose vertices are whole numbers."""
    from scipy import sparse
    from scipy.optimize import linprog

    pairs = np.arange(len(offer.core))
    ones = np.ones(len(pairs))
    home = offer.county[offer.school]
    parts = (
        (offer.school, len(offer.weight), ones),
        (offer.core, len(offer.places), ones),
        (np.zeros_like(home), 1, ones),
        (home, len(floors), -ones),
    )
    rows: Any = sparse.vstack(
        [sparse.csr_array((v, (at, pairs)), shape=(n, len(pairs))) for at, n, v in parts]
    )
    limits = np.concatenate([np.ones(len(offer.weight)), offer.places, [budget], -floors])
    cost: Any = offer.cost - earned[offer.school]
    found = linprog(cost, A_ub=rows, b_ub=limits, bounds=(0, 1), method="highs-ds")
    if found.x is None:
        raise ArithmeticError(f"linear programme: {found.message}")
    chosen: Bools = found.x > 0.5
    return chosen


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
