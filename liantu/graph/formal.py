"""Whether groups on paper are groups in fact: activity inside them against chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Floats, Ints
from liantu.graph.numbering import Codes
from liantu.graph.shuffles import shuffles


class Inside(NamedTuple):
    """Activity inside groups; every array has an item a group.

    Attributes
    ----------
    touching
        Events that a member gives or receives.
    observed
        Events between two members.
    expected
        The mean of the same over the permutations.
    p
        The share of permutations with at least as many, the observed one counted in.
    """

    touching: Ints
    observed: Ints
    expected: Floats
    p: Floats


def inside(
    giver: Ints,
    receiver: Ints,
    stratum: Ints,
    member: Ints,
    size: int,
    permutations: int,
    seed: int,
) -> Inside:
    """Return the activity inside groups, and what chance would give.

    Chance deals the receivers of events out anew within strata, so that everybody gives and
    receives as often as before (`liantu.graph.shuffles`).

    Parameters
    ----------
    giver, receiver
        Numbers of the two ends of each event; an event that happened three times stands thrice.
    stratum
        Number of the stratum of each event.
    member
        The groups of each number, −1 where there are no more; shape (numbers, most).
    size
        How many groups there are.
    permutations, seed
        Of chance.

    Examples
    --------
    >>> events = np.array([[0, 0, 0, 0, 2, 2], [1, 1, 1, 3, 1, 3]])  # A gives B three times, …
    >>> found = inside(*events, np.zeros(6, np.int64), np.array([[0], [0], [1], [1]]), 2, 999, 0)
    >>> found.observed.tolist(), found.expected.round(1).tolist(), found.p.round(1).tolist()
    ([3, 1], [2.7, 0.7], [0.6, 0.6])
    """
    columns = [np.ascontiguousarray(column, dtype=np.int32) for column in member.T]
    held = [np.flatnonzero(column[giver] >= 0) for column in columns]
    group = [column[giver[events]] for column, events in zip(columns, held, strict=True)]

    def counted(receivers: Ints | Codes) -> Ints:
        total = np.zeros(size, dtype=np.int64)
        for events, groups in zip(held, group, strict=True):
            taker, both = receivers[events], np.zeros(len(events), dtype=np.bool_)
            for column in columns:
                both |= column[taker] == groups
            total += np.bincount(groups[both], minlength=size)
        return total

    observed = counted(receiver)
    touching = -observed
    for end in (giver, receiver):
        groups = member[end]
        touching += np.bincount(groups[groups >= 0], minlength=size)
    total, extreme = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for receivers in shuffles(giver, receiver, stratum, permutations, seed):
        chance = counted(receivers)
        total += chance
        extreme += chance >= observed
    return Inside(touching, observed, total / permutations, (1 + extreme) / (1 + permutations))


def benjamini_hochberg(p: Floats) -> Floats:
    """Return the q of each p: the least false discovery rate at which it is discovered.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return found
