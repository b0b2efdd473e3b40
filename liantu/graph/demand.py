"""Whom new pairs would cover, and which pairs are on offer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from liantu.graph.feasible import Feasible, spread
from liantu.graph.kernels import Bools, Ints
from liantu.graph.offer import Offer


@dataclass(frozen=True)
class Demand:
    """Schools without support, and those that would pass it on to them.

    Attributes
    ----------
    needy
        Which schools count and are not covered.
    worth
        What each of them counts for; 0 for all others.
    above, below
        Every ancestor and descendant among the schools, an item a pair.
    tree
        Whether no school has two parents.
    """

    needy: Bools
    worth: Ints
    above: Ints
    below: Ints
    tree: bool

    def brings(self, values: Ints) -> Ints:
        """Return the sum of values over each school and its descendants."""
        size = len(values)
        return values + np.bincount(self.above, values[self.below], size).astype(np.int64)

    def within(self, schools: Ints) -> Bools:
        """Return which schools are covered if these are: they and their descendants."""
        found = np.zeros(len(self.needy), dtype=np.bool_)
        found[schools] = True
        found[self.below[found[self.above]]] = True
        return found

    def without(self, covered: Bools) -> Demand:
        """Return the demand that is left once some schools are covered."""
        stays = self.needy & ~covered
        return replace(self, needy=stays, worth=np.where(stays, self.worth, 0))

    def in_line(self, one: Ints, other: Ints) -> Bools:
        """Return which pairs of schools are of one line of parents and children."""
        size = len(self.needy)
        lines = np.concatenate([self.above * size + self.below, self.below * size + self.above])
        found: Bools = pd.Index(one * size + other).isin(lines)  # a look-up each
        return found


@dataclass(frozen=True)
class Market:
    """An offer in the numbers of the network.

    Schools that cover the same, as a central school and its only village school do, are one school
    of the offer: one of them is enough.

    Attributes
    ----------
    offer
        Cores, schools and counties numbered from 0.
    pair
        Position of each pair among the feasible ones.
    schools
        Position of each school of the offer in the network, of several the one that covers most.
    members
        Positions of all schools on offer in the network, and their numbers in the offer.
    covers
        Which school of the offer covers which item, an item a pair of both.
    items
        Position of each item, a needy school that counts, in the network.
    nested
        Whether an item may be covered by several schools, so that the offer is no flow.
    shared
        Which schools of the offer share an item with another if every core had a place.
    """

    offer: Offer
    pair: Ints
    schools: Ints
    members: tuple[Ints, Ints]
    covers: tuple[Ints, Ints]
    items: Ints
    nested: bool
    shared: Bools


def market(
    demand: Demand, pairs: Feasible, open_: Bools, cores: Ints, places: Ints, county: Ints
) -> Market:
    """Return what is on offer: pairs that cover something and that no better one stands for.

    Parameters
    ----------
    demand
        Whom to cover.
    pairs
        The feasible pairs.
    open_
        Which of them may be chosen.
    cores, places
        Positions of the cores in the network, ascending, and the places that each has left.
    county
        A number for each school.
    """
    gain = demand.brings(demand.worth)
    place = np.zeros(len(gain), dtype=np.int64)
    place[cores] = places
    pair = np.flatnonzero(open_ & (gain[pairs.school] > 0))
    pair = pair[~_stood_for(demand, gain, pairs, pair, county)]
    members = np.flatnonzero(np.bincount(pairs.school[pair], minlength=len(gain)))
    same = _alike(demand, members, county)
    number = np.full(len(gain), -1)
    number[members] = same
    # of a core and schools that cover the same, the pair with the shortest way
    alike = number[pairs.school[pair]]
    rank = alike * (int(pairs.cost.max(initial=0)) + 1) + pairs.cost[pair]
    pair = pair[np.argsort(rank * max(len(gain), 1) + pairs.core[pair], kind="stable")]
    key = number[pairs.school[pair]] * max(len(gain), 1) + pairs.core[pair]
    pair = pair[~pd.Index(key).duplicated()]
    by_size = np.lexsort((members, -demand.brings(demand.needy.astype(np.int64))[members], same))
    schools = members[by_size[np.unique(same[by_size], return_index=True)[1]]]
    _, home = np.unique(county[schools], return_inverse=True)
    offer = Offer(
        core=np.searchsorted(cores, pairs.core[pair]),
        school=number[pairs.school[pair]],
        cost=pairs.cost[pair],
        places=places,
        weight=gain[schools],
        county=home.astype(np.int64),
    )
    number = np.full(len(gain), -1)
    number[schools] = np.arange(len(schools))
    by, item = np.append(demand.above, schools), np.append(demand.below, schools)
    counts = (number[by] >= 0) & (demand.worth[item] > 0)
    items, covered = np.unique(item[counts], return_inverse=True)
    by, covered = number[by[counts]], covered.astype(np.int64)
    live = np.zeros(len(schools), dtype=np.bool_)
    live[offer.school[place[pairs.core[pair]] > 0]] = True
    nested = bool((np.bincount(covered[live[by]]) > 1).any())
    shared = np.zeros(len(schools), dtype=np.bool_)
    shared[by[np.bincount(covered)[covered] > 1]] = True
    return Market(offer, pair, schools, (members, same), (by, covered), items, nested, shared)


def _alike(demand: Demand, schools: Ints, county: Ints) -> Ints:
    """Return a number from 0 for each of some schools, the same for those that cover the same."""
    rng = np.random.default_rng(0)
    marks = rng.integers(0, 2**64, len(demand.needy), dtype=np.uint64)
    marks[demand.worth == 0] = 0
    sums = marks.copy()
    np.add.at(sums, demand.above, marks[demand.below])  # whole numbers that run over, on purpose
    _, own = np.unique(county[schools], return_inverse=True)
    _, mark = np.unique(sums[schools], return_inverse=True)
    # numbered by the first school of each
    key = mark.astype(np.int64) * (len(schools) + 1) + own
    _, first, same = np.unique(key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[same]


def _stood_for(demand: Demand, gain: Ints, pairs: Feasible, pair: Ints, county: Ints) -> Bools:
    """Return which pairs can be left out, for the same core can help an ancestor instead.

    That covers all that the school would cover, and more. Where the rest of it is covered anyhow,
    in a tree some other pair becomes needless; where schools have several parents, the ancestor
    must count itself.
    """
    size = len(demand.needy)
    key = pairs.core[pair] * size + pairs.school[pair]
    order = np.argsort(key)
    ranked = key[order]
    by_low = np.argsort(demand.below, kind="stable")
    low = demand.below[by_low]
    first, last = (
        np.searchsorted(low, pairs.school[pair], side=side) for side in ("left", "right")
    )
    row, place = spread(first, last)
    top = demand.above[by_low][place]
    wanted = pairs.core[pair[row]] * size + top
    found = np.minimum(np.searchsorted(ranked, wanted), max(len(ranked) - 1, 0))
    there = ranked[found] == wanted if len(ranked) else np.zeros(0, dtype=np.bool_)
    one, other = pairs.school[pair[row[there]]], pairs.school[pair[order[found[there]]]]
    better = (gain[other] > gain[one]) & (demand.tree | (demand.worth[other] > 0))
    better &= county[other] == county[one]
    gone = np.zeros(len(pair), dtype=np.bool_)
    gone[row[there][better]] = True
    return gone
