"""Earliest arrivals in the order of time: labels of many seeds at once, a tie a round."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Ints

Small = npt.NDArray[np.int32]
NEVER = np.iinfo(np.int32).max  # the day of who is not reached


def rounds(
    begin: Small, target: Small, start: Small, end: Small, later: Small, seeds: Small
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return seed, node, day of arrival and fewest ties of each pair; see `Kernels.arrivals`.

    The contacts of node v are those from ``begin[v]`` on, up to ``begin[v + 1]``.
    """
    n, last = len(begin) - 1, len(later) - 1
    best = np.full(len(seeds) * n, NEVER, dtype=np.int32)
    ties = np.zeros(len(best), dtype=np.int32)
    place = np.empty(len(best), dtype=np.int64)
    own = np.arange(len(seeds)) * n + seeds
    best[own] = 0
    frontier, number = own, 0
    while len(frontier):
        number += 1
        node = frontier % n
        count = (begin[node + 1] - begin[node]).astype(np.int64)
        shift = np.repeat(begin[node] - (np.cumsum(count) - count), count)
        contact = np.arange(len(shift)) + shift
        leave = np.maximum(np.repeat(best[frontier], count), start[contact])
        there = np.repeat(frontier - node, count) + target[contact]
        usable = leave <= end[contact]
        arrive, there = later[leave[usable]], there[usable]
        better = (arrive <= last) & (arrive < best[there])
        arrive, there = arrive[better], there[better]
        ties[there[best[there] == NEVER]] = number
        np.minimum.at(best, there, arrive)
        place[there] = np.arange(len(there))
        frontier = there[place[there] == np.arange(len(there))]
    best[own] = NEVER
    found = np.flatnonzero(best < NEVER)
    return found // n, found % n, best[found].astype(np.int64), ties[found].astype(np.int64)
