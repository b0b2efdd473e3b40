"""The coverage ladder on arrays: which schools are covered on a day, and by what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liantu.graph.kernels import Bools, Graph, Ints, Kernels
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW
from liantu.graph.study import Study
from liantu.graph.ties import TieSet

RUNGS = ("none", "named", "in_force", "active", "sustained")
NAMED, IN_FORCE, ACTIVE, SUSTAINED = 1, 2, 3, 4


@dataclass(frozen=True)
class Cover:
    """What coverage finds; every array has an item a school.

    Attributes
    ----------
    direct, rung
        Position in `RUNGS`: from own ties, and the highest of own and the parents'.
    heir
        The parent that a higher rung, or the covering role of a core, is inherited from; −1.
    as_core
        Whether the school is core of a working alliance.
    by_tie, by_parent, by_role
        What covers the school; they exclude each other.
    hops, nearest
        Steps from the nearest core, and that core; −1 for none, and where it was not asked.
    no_cores
        Whether there is no core, so that every supporter stood for one.
    """

    direct: Ints
    rung: Ints
    heir: Ints
    as_core: Bools
    by_tie: Bools
    by_parent: Bools
    by_role: Bools
    hops: Ints
    nearest: Ints
    no_cores: bool

    @property
    def covered(self) -> Bools:
        """Which schools are covered."""
        return self.by_tie | self.by_parent | self.by_role


def cover(
    study: Study,
    ties: TieSet,
    kernels: Kernels,
    *,
    sustained_months: int = 4,
    hops: int | None = None,
    roles: bool = True,
    distances: bool = True,
) -> Cover:
    """Return the coverage of every school on the day of a tie set.

    Parameters
    ----------
    study
        The study of the network.
    ties
        What holds on the day; after `TieSet.without` and `TieSet.plus` too. Schools taken out are
        neither covered nor core.
    kernels
        The engine.
    sustained_months
        Different months with an activity that make a school sustained.
    hops
        Covered also needs a core at most this many ties away.
    roles
        Whether being core of a working alliance covers.
    distances
        Whether to find the nearest core; with `hops` it is found anyway.
    """
    schools = ties.ties.schools
    families, _ = study.parents(ties.day, ties.opened)
    leads, works = study.cores(ties.day, ties.opened)
    if not roles:
        works = np.zeros_like(works)
    direct = rungs(ties, sustained_months)
    best, offered = best_parent(kernels, families, direct)
    core, leading = best_parent(kernels, families, works.astype(np.int64))
    below_core = leading > 0
    rung = np.maximum(direct, offered)
    heir = np.where(offered > direct, best, -1)
    heir = np.where((rung < IN_FORCE) & below_core, core, heir)

    steps = label = np.full(schools, -1)
    near, none = np.ones(schools, dtype=np.bool_), not leads.any()
    if distances or hops is not None:
        seeds = np.flatnonzero(leads)
        seeds = np.unique(ties.graph.source) if none else seeds
        steps, label = (x[:schools] for x in kernels.nearest(ties.graph, families, seeds))
    if hops is not None:
        near = (steps >= 0) & (steps <= hops)
    by_tie = near & (direct >= IN_FORCE)
    by_parent = near & ~by_tie & ((rung >= IN_FORCE) | below_core)
    by_role = near & ~by_tie & ~by_parent & works
    return Cover(direct, rung, heir, works, by_tie, by_parent, by_role, steps, label, none)


def rungs(ties: TieSet, sustained_months: int) -> Ints:
    """Return the rung of each school from its own ties."""
    every = ties.ties
    rung = np.zeros(every.schools, dtype=np.int64)
    rung[every.target[ties.recorded]] = NAMED
    rung[ties.loose] = IN_FORCE
    rung[every.target[ties.in_force & every.lifts]] = IN_FORCE
    rung[every.target[ties.active]] = ACTIVE
    rung[months(ties) >= sustained_months] = SUSTAINED
    return rung


def best_parent(kernels: Kernels, families: Graph, score: Ints) -> tuple[Ints, Ints]:
    """Return each school's best ancestor and its score; −1 where it has no parent."""
    padded = np.zeros(families.n, dtype=np.int64)
    padded[: len(score)] = score
    best = kernels.best_ancestor(families, padded)[: len(score)]
    return best, np.where(best < 0, -1, score[best])


def months(ties: TieSet) -> Ints:
    """Return in how many calendar months of the window each school has an activity."""
    every = ties.ties
    return months_by(ties, every.target[ties.active], every.schools)


def months_by(ties: TieSet, key: Codes | Ints, size: int) -> Ints:
    """Return in how many calendar months of the window there is an activity, by a number 0 … size.

    Parameters
    ----------
    ties
        What holds on the day.
    key
        Number of each active tie, such as its receiver or its pair.
    size
        How many numbers there are.
    """
    every, which = ties.ties, np.flatnonzero(ties.active)
    first = np.datetime64(ties.since, "D") + 1
    last = np.datetime64(ties.day, "D")
    zero = first.astype("M8[M]").astype(np.int64)
    width = last.astype("M8[M]").astype(np.int64) - zero + 1
    low, high = int(first.astype(np.int64)), int(last.astype(np.int64))
    spans = np.maximum(every.start[which], low), np.minimum(every.end[which], high)
    number = np.asarray(key, dtype=np.int64)
    # months of all numbers on one line, each number its own stretch of it
    base = number * width - zero
    start, end = (x.astype("M8[D]").astype("M8[M]").astype(np.int64) + base for x in spans)
    order = np.lexsort((end, start))
    start, end = start[order], end[order]
    before = np.concatenate([[-1], np.maximum.accumulate(end)[:-1]])[: len(end)]
    fresh = np.maximum(end - np.maximum(start - 1, before), 0)
    return np.bincount(number[order], fresh, size).astype(np.int64)


def spans(ties: TieSet) -> tuple[Ints, Ints]:
    """Return the earliest start and the latest end of each school's ties in the tie set.

    `HIGH` and `LOW` where no start or no tie, and no tie; an open end is `HIGH`.
    """
    every, now = ties.ties, ties.current
    since = np.full(every.schools, HIGH)
    starts = now & (every.start > LOW)
    np.minimum.at(since, every.target[starts], every.start[starts])
    until = np.full(every.schools, LOW)
    np.maximum.at(until, every.target[now], every.end[now])
    return since, until
