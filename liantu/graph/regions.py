"""The tree of regions as an array: the position of each region's parent, −1 at the roots."""

from __future__ import annotations

import numpy as np

from liantu.graph.kernels import Bools, Ints


def depths(parents: Ints) -> Ints:
    """Return how many regions stand above each region.

    Examples
    --------
    >>> depths(np.array([-1, 0, 1, -1])).tolist()
    [0, 1, 2, 0]
    """
    depth, above = np.append(parents >= 0, False).astype(np.int64), np.append(parents, -1)
    for _ in range(_doublings(parents)):
        depth += depth[above]
        above = above[above]
    return depth[:-1]


def below(parents: Ints, top: int) -> Bools:
    """Return which regions are a region or lie in it; one more item, False, stands for −1.

    Examples
    --------
    >>> below(np.array([-1, 0, 1, -1]), 1).tolist()
    [False, True, True, False, False]
    """
    inside = np.zeros(len(parents) + 1, dtype=np.bool_)
    inside[top] = True
    above = np.append(parents, -1)
    for _ in range(_doublings(parents)):
        inside |= inside[above]
        above = above[above]
    return inside


def rolled_up(parents: Ints, sums: np.ndarray) -> np.ndarray:
    """Return the sums of regions, each with all that lie in it.

    Examples
    --------
    >>> rolled_up(np.array([-1, 0, 1, -1]), np.array([1.0, 2.0, 4.0, 8.0])).tolist()
    [7.0, 6.0, 4.0, 8.0]
    """
    total, depth = sums.copy(), depths(parents)
    order = np.argsort(-depth, kind="stable")
    levels = np.split(order, np.flatnonzero(np.diff(depth[order])) + 1)
    for level in levels[:-1]:  # from the deepest up to below the roots
        np.add.at(total, parents[level], total[level])
    return total


def _doublings(parents: Ints) -> int:
    """Return how often a step upwards must be doubled to come to the top from everywhere."""
    return (len(parents) + 1).bit_length()
