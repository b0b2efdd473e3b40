"""Schools in like circumstances: Gower's distance over what they are given, not what they do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Floats, Ints

LEAST = 2  # features that two schools must both have
_BLOCK = 4_000_000  # distances at once
_SAME = 1e-12  # distances that differ by less are one


class Features(NamedTuple):
    """What schools are compared by.

    Attributes
    ----------
    numbers
        Numeric features, NaN where missing; shape (schools, features).
    classes
        Numbers of classes, −1 where missing; shape (schools, features).
    """

    numbers: Floats
    classes: Ints


class Peers(NamedTuple):
    """The nearest of each school, nearest first; arrays of shape (schools asked, k).

    Attributes
    ----------
    peer
        Positions; −1 where there are fewer.
    distance
        Gower's distance, 0 to 1; NaN there.
    features
        Features that both have.
    """

    peer: Ints
    distance: Floats
    features: Ints


def ranges(features: Features, among: Ints) -> Floats:
    """Return the range of each numeric feature among some schools; 0 where none has it."""
    some = features.numbers[among]
    known = ~np.isnan(some)
    high = np.where(known, some, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, some, np.inf).min(axis=0, initial=np.inf)
    return np.where(known.any(axis=0), high - low, 0.0)


def peers(features: Features, asked: Ints, among: Ints, k: int) -> Peers:
    """Return the k schools most alike to each of those asked, never itself.

    Parameters
    ----------
    features
        What schools are compared by.
    asked, among
        Positions of the schools that are asked about, and of those they are compared with,
        ascending.
    k
        How many; of schools equally alike the first by position.

    Notes
    -----
    The distance is the mean over the features that both schools have: of a number the difference ÷
    its range among the schools compared with, of a class 0 or 1. Two schools that share fewer than
    two features are not compared. Gower, J. C. (1971). A general coefficient of similarity and some
    of its properties. Biometrics 27, 857–871.

    Examples
    --------
    >>> one = Features(np.array([[1.0], [2.0], [5.0]]), np.array([[0], [0], [1]]))
    >>> found = peers(one, np.array([0]), np.arange(3), 2)
    >>> found.peer.tolist(), found.distance.tolist()
    ([[1, 2]], [[0.125, 1.0]])
    """
    k = min(k, max(len(among) - 1, 0))
    shape = (len(asked), k)
    found = Peers(np.full(shape, -1), np.full(shape, np.nan), np.zeros(shape, dtype=np.int64))
    if not k or not len(asked):
        return found
    span = ranges(features, among)
    scale = np.divide(1.0, span, out=np.zeros_like(span), where=span > 0)
    numbers, classes = features.numbers * scale, features.classes
    block = max(1, _BLOCK // len(among))
    for first in range(0, len(asked), block):
        here = asked[first : first + block]
        total, count = _sums(numbers, classes, here, among)
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = total / count
        distance[(count < LEAST) | (here[:, None] == among)] = np.inf
        limit = np.partition(distance, k - 1, axis=1)[:, k - 1 : k]
        row, place = np.nonzero(distance <= limit + _SAME)
        value = distance[row, place]
        order = np.lexsort((place, np.round(value / _SAME), row))
        row, place, value = row[order], place[order], value[order]
        number = np.arange(len(row)) - np.searchsorted(row, row)
        keep = (number < k) & np.isfinite(value)
        row, place, number = row[keep], place[keep], number[keep]
        found.peer[first + row, number] = among[place]
        found.distance[first + row, number] = value[keep]
        found.features[first + row, number] = count[row, place]
    return found


def _sums(numbers: Floats, classes: Ints, here: Ints, among: Ints) -> tuple[Floats, Floats]:
    """Return the sum of differences, and how many features both have."""
    total = np.zeros((len(here), len(among)))
    count = np.zeros_like(total)
    for column in numbers.T:
        gap = np.abs(column[here][:, None] - column[among])
        known = ~np.isnan(gap)
        count += known
        total += np.where(known, gap, 0.0)
    for codes in classes.T:
        one, other = codes[here][:, None], codes[among]
        known = (one >= 0) & (other >= 0)
        count += known
        total += known & (one != other)
    return total, count


def apart(features: Features, one: Ints, other: Ints, among: Ints) -> Floats:
    """Return the distance of pairs by the ranges among some schools, NaN where they share too few.

    What lies beyond a range counts as its whole.

    Examples
    --------
    >>> some = Features(np.array([[1.0], [2.0], [9.0]]), np.array([[0], [0], [0]]))
    >>> apart(some, np.array([0, 0]), np.array([1, 2]), np.array([0, 1])).tolist()
    [0.5, 0.5]
    """
    span = ranges(features, among)
    scale = np.divide(1.0, span, out=np.zeros_like(span), where=span > 0)
    gap = np.abs(features.numbers[one] - features.numbers[other]) * scale
    known = ~np.isnan(gap)
    total = np.where(known, np.minimum(gap, 1.0), 0.0).sum(axis=1)
    mine, theirs = features.classes[one], features.classes[other]
    both = (mine >= 0) & (theirs >= 0)
    count = known.sum(axis=1) + both.sum(axis=1)
    total += (both & (mine != theirs)).sum(axis=1)
    return np.where(count >= LEAST, total / np.maximum(count, 1), np.nan)
