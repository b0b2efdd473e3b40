"""Thresholds of the indicators in exact arithmetic: how many people there are, how many must be.

A school has whole teachers, so a threshold per 100 pupils is a number of people that must stay.
Figures, rounded to six decimals as they are written, are turned into integers: no threshold is
missed by a binary fraction (in floats ⌈1.1 × 100⌉ is 111).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Bools, Ints

Values = npt.NDArray[np.float64]

UNIT = 10**6  # parts of a figure
_MOST = 10**6  # pupils, and figures; beyond it products do not fit 64 bits

LEVELS = (BELOW, CLOSE, MEETS) = (0, 1, 2)  # below 85 %, from 85 % on, at the threshold
_NEARLY = 85  # per cent that the one indicator must reach that misses its threshold
_ENOUGH = 6  # of the seven that must be met


def parts(values: npt.ArrayLike) -> tuple[Ints, Bools]:
    """Return figures as millionths, and which are known: from 0 to a million.

    Examples
    --------
    >>> parts([1.1, -1.0, float("nan")])
    (array([1100000,       0,       0]), array([ True, False, False]))
    """
    given = np.asarray(values, dtype=float)
    known = (given >= 0) & (given <= _MOST)
    return np.rint(np.where(known, given, 0) * UNIT).astype(np.int64), known


def whole(pupils: npt.ArrayLike) -> tuple[Ints, Bools]:
    """Return numbers of pupils as integers, and which are known: from 1 to a million."""
    given = np.asarray(pupils, dtype=float)
    known = (given >= 1) & (given <= _MOST)
    return np.where(known, given, 0).astype(np.int64), known


def people(figures: Ints, pupils: Ints, per: int = 100) -> Ints:
    """Return how many people a figure per so many pupils stands for, half a person up.

    Examples
    --------
    >>> people(*(np.array([n]) for n in (4_500_000, 1000))).tolist()
    [45]
    """
    base = per * UNIT
    found: Ints = (2 * figures * pupils + base) // (2 * base)
    return found


def needed(threshold: Ints, pupils: Ints, per: int = 100, percent: int = 100) -> Ints:
    """Return the fewest people with whom a threshold, or a share of it, is met.

    Examples
    --------
    >>> needed(np.array([1_100_000]), np.array([10_000])).tolist()
    [110]
    >>> needed(np.array([5_300_000]), np.array([760])).tolist()
    [41]
    """
    found: Ints = -((-percent * threshold * pupils) // (100 * per * UNIT))
    return found


def levels(figures: Ints, threshold: Ints) -> Ints:
    """Return how figures stand to a threshold: `BELOW` 85 % of it, `CLOSE` or `MEETS`.

    Examples
    --------
    >>> levels(*(parts(values)[0] for values in ([0.76, 0.765, 0.9], [0.9] * 3))).tolist()
    [0, 1, 2]
    """
    return np.where(
        figures >= threshold, MEETS, np.where(100 * figures >= _NEARLY * threshold, CLOSE, BELOW)
    )


def levels_of_people(number: Ints, threshold: Ints, pupils: Ints, per: int = 100) -> Ints:
    """Return how numbers of people stand to a threshold per so many pupils."""
    enough = number >= needed(threshold, pupils, per)
    nearly = number >= needed(threshold, pupils, per, _NEARLY)
    return np.where(enough, MEETS, np.where(nearly, CLOSE, BELOW))


def school_rule(found: npt.NDArray[Any]) -> Bools:
    """Return which schools meet at least six of seven, the seventh at 85 % or more.

    Parameters
    ----------
    found
        Levels; shape (schools, 7).

    Examples
    --------
    >>> school_rule(np.array([[2] * 6 + [1], [2] * 6 + [0], [2] * 5 + [1, 1]])).tolist()
    [True, False, False]
    """
    met: Bools = (found == MEETS).sum(axis=1) >= _ENOUGH
    met &= found.min(axis=1, initial=MEETS) >= CLOSE
    return met
