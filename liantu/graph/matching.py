"""New pairs of cores and schools: most weight for a budget, then the shortest ways.

Which core serves which school at the least cost is a flow of minimum cost, whose vertices are whole
numbers.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from liantu.graph.kernels import Bools, Ints
from liantu.graph.offer import Heaviest, Offer, heaviest
from liantu.graph.solvers import dearest, programme

MOST = 2**62  # what a sum of costs may come to


def assign(
    offer: Offer, budget: int, floors: Ints | None = None, *, known: Heaviest | None = None,
    exact: bool = False,
) -> Bools:  # fmt: skip
    """Return the pairs that weigh most and then cost least, as a mask over the offer.

    Parameters
    ----------
    offer, budget, floors
        As `dearest` has them; floors that can be reached are those of `most_even`.
    known
        The heaviest choices of schools, where they are known.
    exact
        Whether to solve as a whole-number programme in any case, for checking.

    Notes
    -----
    A flow source → core → school → county → sink of minimum cost, solved by OR-Tools where it is
    installed, else by SciPy: as an assignment where the budget leaves no choice between schools,
    as a linear programme, whose vertices are whole numbers, where it does. All give the same
    optimum. Without floors, weights are replaced by their ranks, which leaves the heaviest choices
    of a matroid what they are, and schools that are in none of these are left out.

    Weights are multiplied by a step that is small at first and grows until the pairs weigh what
    they can at most. Of all that weigh this they cost the least whatever the step is, and small
    numbers are solved faster.

    References
    ----------
    Goldberg, A. V. (1997). An efficient implementation of a scaling minimum-cost flow algorithm.
    Journal of Algorithms 22, 1–29. Jonker, R., Volgenant, A. (1987). A shortest augmenting path
    algorithm for dense and sparse linear assignment problems. Computing 38, 325–340.
    """
    budget = min(budget, len(offer.weight))
    if not len(offer.core) or not budget:
        return np.zeros(len(offer.core), dtype=np.bool_)
    if floors is None:
        floors = np.zeros(int(offer.county.max(initial=-1)) + 1, dtype=np.int64)
    fair = bool(floors.any())
    if exact or step_of(offer, budget, fair=fair) is None:
        covers = np.arange(len(offer.weight))
        return programme(offer, budget, (covers, covers), offer.weight, floors)
    if fair:
        free = replace(offer, cost=np.zeros_like(offer.cost))
        heavy = offer.weight[offer.school[dearest(free, budget, floors, offer.weight)]]
        return _growing(offer, budget, floors, offer.weight, int(heavy.sum()))
    most = heaviest(offer) if known is None else known
    order = most.order[:budget]
    if not len(order):
        return np.zeros(len(offer.core), dtype=np.bool_)
    keep = most.may & (offer.weight >= offer.weight[order[-1]])
    rank = np.zeros(len(keep), dtype=np.int64)
    rank[keep] = _ranks(offer.weight[keep])
    best = np.zeros(len(keep), dtype=np.bool_)
    best[order] = True
    found = np.zeros(len(offer.core), dtype=np.bool_)
    found[keep[offer.school]] = _growing(
        offer.of(keep), len(order), np.zeros_like(floors), rank[keep], int(rank[order].sum())
    )
    return found


def _growing(offer: Offer, budget: int, floors: Ints, worth: Ints, best: int) -> Bools:
    """Return the pairs that are worth the best that can be, at least cost."""
    step = 8 * int(offer.cost.max()) + 1
    while True:
        found = dearest(offer, budget, floors, worth * step)
        if worth[offer.school[found]].sum() == best:
            return found
        step *= 8


def _ranks(weight: Ints) -> Ints:
    return np.unique(weight, return_inverse=True)[1].astype(np.int64) + 1


def step_of(offer: Offer, budget: int, *, fair: bool = False) -> int | None:
    """Return what a unit of worth must count for more than all ways together.

    None if whole numbers of 64 bits are too small for that. Worth are ranks of weights or, where
    every county gets a share, the weights themselves.
    """
    most = int(offer.weight.max(initial=0)) if fair else len(np.unique(offer.weight))
    step = budget * int(offer.cost.max(initial=0)) + 1
    nodes = len(offer.places) + len(offer.weight) + int(offer.county.max(initial=0)) + 3
    return None if 8 * step * (most + 1) * (nodes + 1) >= MOST else step


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
