"""How unequal schools are: measures weighted by pupils, of many cells at once.

A cell is one set of schools that are compared, such as the primary schools of a county; an item
is a school in it, with a weight (pupils, above 0) and a value (a resource per pupil, at least 0).
Every function takes the items of all cells as arrays and works on them together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Bools, Floats, Ints

_ROUNDING = 1e-12  # of a figure may come from adding in floating point


class Spread(NamedTuple):
    """The measures of each cell; NaN where the mean (McLoone: the median) is 0 or no item is there.

    Attributes
    ----------
    items, weight
        Items and the sum of their weights.
    mean
        X̄ = Σ (Pᵢ/P) Xᵢ.
    cv
        Coefficient of variation, sqrt(Σ (Pᵢ/P)(Xᵢ − X̄)²) / X̄.
    gini
        Σ Σ pᵢ pⱼ |xᵢ − xⱼ| / 2 X̄, with p = P / Σ P.
    theil
        Theil's T, Σ p (x/X̄) ln(x/X̄), 0 · ln 0 = 0.
    median
        Median over the pupils: half of them have no more.
    mcloone
        Mean of those at or below the median, divided by the median.
    """

    items: Ints
    weight: Floats
    mean: Floats
    cv: Floats
    gini: Floats
    theil: Floats
    median: Floats
    mcloone: Floats


class Parts(NamedTuple):
    """What of each cell lies between groups and what within them: variance, and Theil's T.

    ``between + within`` is the variance, ``theil_between + theil_within`` Theil's T.
    """

    groups: Ints
    between: Floats
    within: Floats
    theil_between: Floats
    theil_within: Floats


def spread(cell: Ints, cells: int, weight: Floats, value: Floats) -> Spread:
    """Return the measures of each cell.

    Parameters
    ----------
    cell
        The cell of each item, 0 … cells − 1.
    cells
        How many cells there are.
    weight
        The pupils of each item, above 0; whole numbers where the median is to be that of the
        pupils one by one.
    value
        The value of each item, at least 0.

    Returns
    -------
    Spread
        Arrays of one number a cell.

    References
    ----------
    Gini and Theil by groups: Theil, H. (1967). Economics and Information Theory. North-Holland.
    McLoone index: Berne, R., Stiefel, L. (1984). The Measurement of Equity in School Finance.
    Johns Hopkins University Press.

    Examples
    --------
    >>> pupils = np.array([45.0, 37, 89, 76, 55])
    >>> books = np.array([279.0, 137, 935, 160, 402])
    >>> found = spread(np.zeros(5, dtype=np.int64), 1, pupils, books / pupils)
    >>> round(found.cv[0], 6), round(found.gini[0], 6), round(found.mcloone[0], 6)
    (np.float64(0.515257), np.float64(0.288377), np.float64(0.587995))
    """
    order = np.lexsort((value, cell))
    cell, weight, value = cell[order], weight[order], value[order]
    items = np.bincount(cell, minlength=cells).astype(np.int64)
    total, mean = _means(cell, cells, weight, value)
    apart = value - mean[cell]
    cv = _over(np.sqrt(_over(_sums(cell, cells, weight * apart * apart), total)), mean)
    # the pupils up to each item, in its cell
    up_to = np.cumsum(weight)
    begin = np.cumsum(items) - items
    before = np.where(items > 0, np.append(0.0, up_to)[begin], 0.0)
    up_to = up_to - before[cell]
    rank = _sums(cell, cells, weight * value * (2 * up_to - weight - total[cell]))
    gini = np.maximum(_over(rank, total * total * mean), 0.0)
    median = _medians(cell, cells, up_to, total, value, begin, items)
    low = value <= median[cell]
    _, lower = _means(cell[low], cells, weight[low], value[low])
    return Spread(
        items=items,
        weight=total,
        mean=mean,
        cv=cv,
        gini=gini,
        theil=_theil(cell, cells, weight, value, total, mean),
        median=median,
        mcloone=_over(lower, median),
    )


def parts(cell: Ints, cells: int, group: Ints, weight: Floats, value: Floats) -> Parts:
    """Return what of each cell lies between the groups in it, and what within.

    Parameters
    ----------
    cell, cells, weight, value
        As for `spread`.
    group
        The group of each item, at least 0; a group counts in each cell for itself.

    Examples
    --------
    >>> weight, value = np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0, 4.0])
    >>> found = parts(np.zeros(3, dtype=np.int64), 1, np.array([0, 0, 1]), weight, value)
    >>> found.groups.tolist(), found.between.tolist(), found.within.tolist()
    ([2], [1.0], [0.5])
    """
    wide = int(group.max(initial=0)) + 1
    pairs, own = np.unique(cell.astype(np.int64) * wide + group, return_inverse=True)
    home = pairs // wide
    sums, means = _means(own, len(pairs), weight, value)
    total, mean = _means(cell, cells, weight, value)
    apart, inside = means - mean[home], value - means[own]
    theil = _theil(own, len(pairs), weight, value, sums, means)
    share = np.nan_to_num(sums * means * theil)  # of a group whose mean is 0 nothing is shared
    return Parts(
        groups=np.bincount(home, minlength=cells).astype(np.int64),
        between=_over(_sums(home, cells, sums * apart * apart), total),
        within=_over(_sums(cell, cells, weight * inside * inside), total),
        theil_between=_theil(home, cells, sums, means, total, mean),
        theil_within=_over(_sums(home, cells, share), total * mean),
    )


def pooled(mean: Floats, between: Floats, within: Floats, share: float = 1.0) -> Floats:
    """Return the CV when each group pools a share λ: sqrt(B + (1 − λ)² W) / X̄.

    Examples
    --------
    >>> pooled(np.array([2.0]), np.array([0.64]), np.array([9.0])).tolist()
    [0.4]
    """
    return _over(np.sqrt(between + (1 - share) ** 2 * within), mean)


def least_share(mean: Floats, between: Floats, within: Floats, limit: Floats | float) -> Floats:
    """Return the least share λ that groups must pool for the CV to reach a limit.

    0 where it is reached as it is; NaN where no sharing inside these groups can reach it, and
    where the mean is 0.

    Examples
    --------
    >>> mean, between = np.array([2.0, 2.0]), np.array([0.64, 4.0])
    >>> least_share(mean, between, np.array([9.0, 9.0]), 0.5).tolist()
    [0.8, nan]
    """
    room = (limit * mean) ** 2 - between
    whole = np.where(within > 0, within, 1.0)
    part = np.maximum(1 - np.sqrt(np.maximum(room, 0) / whole), 0.0)
    fits = room - within >= -_ROUNDING * (limit * mean) ** 2  # as it is
    possible = (room >= 0) & (within > 0)
    found: Floats = np.where(fits, 0.0, np.where(possible, part, np.nan))
    return np.where(mean > 0, found, np.nan)


def without_each(cell: Ints, cells: int, weight: Floats, value: Floats) -> Floats:
    """Return for each item the CV of its cell without it; NaN where it is alone.

    Examples
    --------
    >>> weight, value = np.array([1.0, 1.0, 1.0]), np.array([1.0, 3.0, 2.0])
    >>> without_each(np.zeros(3, dtype=np.int64), 1, weight, value).round(4).tolist()
    [0.2, 0.3333, 0.5]
    """
    total, mean = _means(cell, cells, weight, value)
    apart = value - mean[cell]
    whole = _sums(cell, cells, weight * apart * apart)
    alone = np.bincount(cell, minlength=cells)[cell] < 2
    left = np.where(alone, np.nan, total[cell] - weight)
    shift = -weight * apart / left  # of the mean
    variance = (whole[cell] - weight * apart * apart) / left - shift * shift
    # what is left of rounding when all others are alike, or have nothing
    scale = whole[cell] / total[cell]
    variance = np.where(variance < _ROUNDING * scale, 0.0, variance)
    other = mean[cell] + shift
    other = np.where(other < _ROUNDING * mean[cell] * total[cell] / left, 0.0, other)
    return _over(np.sqrt(variance), other)


def shortfall(
    cell: Ints, cells: int, weight: Floats, value: Floats, least: Floats, per: Floats
) -> tuple[Ints, Floats, Floats]:
    """Return for each cell the items below what they need, their weight, and what they lack.

    Parameters
    ----------
    cell, cells, weight, value
        As for `spread`.
    least
        What each item needs, in the unit of its value.
    per
        Pupils that a value is for: 100 of an indicator per 100 pupils, else 1.

    Returns
    -------
    tuple
        Items, weight, and Σ (least − value) · weight / per, in teachers, m² or yuan.

    Examples
    --------
    >>> weight, value, per = np.array([50.0, 100.0]), np.array([2.0, 5.0]), np.array([100.0, 100])
    >>> found = shortfall(np.zeros(2, dtype=np.int64), 1, weight, value, np.array([4.2, 4.2]), per)
    >>> [part.tolist() for part in found]
    [[1], [50.0], [1.1]]
    """
    short = ~reaches(value, least)
    lack = np.where(short, (least - value) * weight / per, 0.0)
    number = np.bincount(cell[short], minlength=cells).astype(np.int64)
    return number, _sums(cell[short], cells, weight[short]), _sums(cell, cells, lack)


def reaches(value: Floats, least: Floats | float) -> Bools:
    """Return which values reach what is needed; what rounding takes off does not count.

    Examples
    --------
    >>> reaches(np.array([0.85 * 4.2, 3.5699]), 3.57).tolist()
    [True, False]
    """
    found: Bools = value >= np.asarray(least) * (1 - _ROUNDING)
    return found


def lorenz(weight: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the Lorenz curve of one cell: shares of pupils and of the resource, from 0 to 1.

    Examples
    --------
    >>> x, y = lorenz(np.array([1.0, 1.0]), np.array([3.0, 1.0]))
    >>> x.tolist(), y.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    order = np.argsort(value, kind="stable")
    weight, amount = weight[order], (weight * value)[order]
    people, owned = np.append(0.0, np.cumsum(weight)), np.append(0.0, np.cumsum(amount))
    return people / (people[-1] or 1.0), owned / (owned[-1] or 1.0)


def _sums(cell: Ints, cells: int, amount: Floats) -> Floats:
    found: Floats = np.bincount(cell, amount, cells).astype(np.float64)
    return found


def _over(top: Floats, bottom: Floats) -> Floats:
    """Return a quotient, NaN where nothing is below."""
    found: Floats = np.full(np.shape(bottom), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


def _means(cell: Ints, cells: int, weight: Floats, value: Floats) -> tuple[Floats, Floats]:
    total = _sums(cell, cells, weight)
    return total, _over(_sums(cell, cells, weight * value), total)


def _theil(
    cell: Ints, cells: int, weight: Floats, value: Floats, total: Floats, mean: Floats
) -> Floats:
    ratio = np.nan_to_num(_over(value, mean[cell]))
    part = ratio * np.log(np.where(ratio > 0, ratio, 1.0))
    found = np.maximum(_over(_sums(cell, cells, weight * part), total), 0.0)
    return np.where(mean > 0, found, np.nan)


def _medians(
    cell: Ints, cells: int, up_to: Floats, total: Floats, value: Floats, begin: Ints, items: Ints
) -> Floats:
    """Return the median of each cell over the pupils; items are sorted by cell and value."""
    below = np.bincount(cell[2 * up_to < total[cell]], minlength=cells)
    at_half = np.bincount(cell[2 * up_to <= total[cell]], minlength=cells)
    some = items > 0
    if not some.any():
        return np.full(cells, np.nan)
    last = np.maximum(begin + items - 1, 0)
    low = value[np.where(some, np.minimum(begin + below, last), 0)]
    high = value[np.where(some, np.minimum(begin + at_half, last), 0)]
    return np.where(some, (low + high) / 2, np.nan)
