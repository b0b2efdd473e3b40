"""The leavers with whom most schools fall: one by exact search, one by taking the worst in turn.

What a set loses is more than the sum of its parts, so that taking the worst in turn is no good
guide: two supporters that nobody misses alone may be all that many schools have.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from liantu.graph.backup import Needs
from liantu.graph.kernels import Floats, Ints

_CLOSE = 1e-6
_SQUARE = 3000  # pairs of so many are counted out


def lost_with(needs: Needs, leaving: Ints) -> int:
    """Return how many schools fall when some supporters leave, these themselves not counted.

    Examples
    --------
    >>> needs = Needs(np.array([5, 6]), np.array([[1, -1], [1, 2]]))
    >>> lost_with(needs, np.array([1])), lost_with(needs, np.array([1, 2]))
    (1, 2)
    """
    return len(fallen(needs, leaving))


def fallen(needs: Needs, leaving: Ints) -> Ints:
    """Return which schools fall when some supporters leave, these themselves left out."""
    return np.setdiff1d(_down(needs, leaving), leaving)


def _down(needs: Needs, leaving: Ints) -> Ints:
    hit = (np.isin(needs.units, leaving) | (needs.units < 0)).all(axis=1)
    return needs.school[hit]


def greedy(needs: Needs, number: int) -> Ints:
    """Return who leaves if at each step the one with most further losses does; of equals the first.

    Fewer than `number` where nobody adds a loss.

    Examples
    --------
    >>> needs = Needs(np.array([5, 6, 7]), np.array([[9, -1], [1, 2], [1, 2]]))
    >>> greedy(needs, 2).tolist()
    [9]
    """
    leaving = np.zeros(0, dtype=np.int64)
    for _ in range(number):
        down = fallen(needs, leaving)
        lost = _singles(_left(needs, np.append(down, leaving), leaving))
        unit, count = np.unique(lost[:, 1], return_counts=True)
        count = count - np.isin(unit, down)  # who has fallen and leaves too counts no more
        if not (count > 0).any():
            break
        leaving = np.append(leaving, unit[np.argmax(count)])
    return leaving


def worst(needs: Needs, number: int) -> Ints:
    """Return the leavers with whom most schools fall, at most so many, ascending.

    Exact: one or two by counting, more by an integer programme. Among sets that lose as many, one
    of fewer leavers comes first, and then of smaller numbers.

    Parameters
    ----------
    needs
        The smallest sets with which schools fall, of at least so many places.
    number
        How many leave at most.

    References
    ----------
    Church, R. L., Scaparra, M. P., Middleton, R. S. (2004). Identifying critical infrastructure:
    the median and covering facility interdiction problems. Annals of the Association of American
    Geographers 94(3), 491–502.

    Examples
    --------
    >>> needs = Needs(np.array([5, 6, 7]), np.array([[9, -1], [1, 2], [1, 2]]))
    >>> worst(needs, 2).tolist()
    [1, 2]
    """
    found = greedy(needs, number)
    if number == 1 or not len(needs.school):
        return found
    least, few = lost_with(needs, found), needs
    while True:
        share = _shares(few)
        units, most = np.unique(few.units[few.units >= 0]), np.sort(share)[::-1]
        if most[:number].sum() <= least + _CLOSE:
            return np.sort(found)  # nobody could do more
        small = units[share[units] + most[: number - 1].sum() < least - _CLOSE]
        if not len(small):
            break
        few = few.of(np.asarray(~np.isin(few.units, small).any(axis=1)))
    if number == 2 and len(units) <= _SQUARE:
        return _pair(few, units)
    # as if who leaves could fall too: right at once, unless it does
    found = _set(few, units, number, apart=False)
    if np.isin(found, _down(few, found)).any():
        found = _set(few, units, number, apart=True)
    return found


def _shares(needs: Needs) -> Floats:
    """Return for each unit a bound on what it adds to any set: its share of each school's fall."""
    inside = needs.units >= 0
    part = np.repeat(1 / needs.number, needs.number)
    found: Floats = np.bincount(needs.units[inside], part).astype(np.float64)
    return found


def _left(needs: Needs, schools: Ints, leaving: Ints) -> Needs:
    """Return what must leave beside those that have left, without some schools."""
    stand = ~np.isin(needs.school, schools)
    units = needs.units[stand]
    return Needs(needs.school[stand], np.where(np.isin(units, leaving), -1, units))


def _singles(needs: Needs) -> Ints:
    """Return the distinct pairs of school and the only one that must leave for it."""
    one = needs.number == 1
    pairs = np.column_stack([needs.school[one], needs.units[one].max(axis=1, initial=-1)])
    return np.unique(pairs, axis=0)


def _pair(needs: Needs, units: Ints) -> Ints:
    """Return the worst two of some: their sum, what both count and themselves off, the rest on."""
    lost, size = _singles(needs), len(units)
    alone: Ints = np.zeros(size, dtype=np.int64)
    np.add.at(alone, np.searchsorted(units, lost[:, 1]), 1)
    both = alone[:, None] + alone
    alike = np.searchsorted(lost[:, 0], lost[:, 0], side="right")
    later = alike - np.arange(len(lost)) - 1
    one = np.repeat(np.arange(len(lost)), later)
    two = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(later) - later, later)
    ends = (np.searchsorted(units, lost[rows, 1]) for rows in (one, two))
    np.subtract.at(both, tuple(ends), 1)
    each = np.isin(lost[:, 0], units)
    one, two = (np.searchsorted(units, column) for column in lost[each].T)
    np.subtract.at(both, (one, two), 1)
    np.subtract.at(both, (two, one), 1)
    together = needs.units[needs.number == 2]
    together = np.sort(together, axis=1)[:, -2:]
    np.add.at(both, tuple(np.searchsorted(units, together).T), 1)
    both[np.tril_indices(size)] = -1
    row, column = divmod(int(np.argmax(both)), size)
    if alone.max() >= both[row, column]:
        return units[[np.argmax(alone)]]
    return units[[row, column]]


def _set(needs: Needs, units: Ints, number: int, *, apart: bool) -> Ints:
    """Return the worst of some by HiGHS: a school falls only with one of its sets, left whole.

    `apart` says whether a school that leaves does not count as fallen.
    """
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    sets, which = np.unique(needs.units, axis=0, return_inverse=True)
    which = which.reshape(-1)
    place = np.unique(needs.school, return_inverse=True)[1]
    # schools that fall with one and the same set alone, and do not leave, are one
    themselves = units if apart else units[:0]
    only = (np.bincount(place)[place] == 1) & ~np.isin(needs.school, themselves)
    weight = np.bincount(which[only], minlength=len(sets))
    several, school = np.unique(needs.school[~only], return_inverse=True)
    leaves = np.flatnonzero(np.isin(several, themselves))
    row, column = np.nonzero(sets >= 0)
    width = (len(units), len(sets), len(several))

    def ones(columns: Ints, width: int) -> Any:
        """Return a matrix with a one a row."""
        places = (np.arange(len(columns)), columns)
        return sparse.coo_array((np.ones(len(columns)), places), shape=(len(columns), width))

    members = np.searchsorted(units, sets[row, column])
    has = (np.ones(len(school)), (school, which[~only]))
    limits = [  # who leaves, sets that have left, schools that have fallen: all at most
        ([-ones(members, width[0]), ones(row, width[1]), None], 0),  # a set with each member
        ([None, -sparse.coo_array(has, shape=width[:0:-1]), sparse.eye_array(width[2])], 0),
        (
            [ones(np.searchsorted(units, several[leaves]), width[0]), None, ones(leaves, width[2])],
            1,
        ),
        ([sparse.coo_array(np.ones((1, width[0]))), None, None], number),
    ]
    high = np.concatenate(
        [np.full(next(b for b in r if b is not None).shape[0], h) for r, h in limits]
    )
    matrix = sparse.block_array([blocks for blocks, _ in limits]).tocsr()
    # of equal sets one of few and small numbers; whole numbers all, or HiGHS speaks on stdout
    rank = np.arange(1, width[0] + 1) / (2 * number * (width[0] + 1))
    gain = np.concatenate([-rank, weight, np.ones(width[2])])
    found = milp(
        -gain, integrality=np.ones(len(gain), dtype=np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, high), options={"mip_rel_gap": 0},
    )  # fmt: skip
    if found.x is None:
        raise RuntimeError(found.message)
    leaving: Ints = units[found.x[: width[0]] > 0.5]
    return leaving
