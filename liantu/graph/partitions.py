"""Partitions of nodes into groups: how well two of them agree, and how well one fits a network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Floats, Ints

_PAIRS = 50_000  # pairs of sizes that are looked at at once


class Agreement(NamedTuple):
    """How well groups found agree with groups known.

    Attributes
    ----------
    ami
        Adjusted mutual information: 0 is what chance gives, 1 is the same groups.
    ari
        Adjusted Rand index: 0 is what chance gives, 1 is the same groups.
    homogeneity
        1 where every group found lies in one known group.
    completeness
        1 where every known group lies in one group found.
    nmi
        Normalised mutual information; many small groups raise it without any agreement.
    """

    ami: float
    ari: float
    homogeneity: float
    completeness: float
    nmi: float


def agreement(known: npt.ArrayLike, found: npt.ArrayLike) -> Agreement:
    """Return how well two groupings of the same items agree.

    Parameters
    ----------
    known, found
        The group of each item, in any numbers or words; shape (items,).

    Returns
    -------
    Agreement
        Mutual information is adjusted and normalised by the arithmetic mean of the two entropies.
        Two groupings that are both one group, or both nothing but single items, agree fully.

    Raises
    ------
    ValueError
        If the groupings differ in length or are empty.

    References
    ----------
    Vinh, N. X., Epps, J., Bailey, J. (2010). Information theoretic measures for clusterings
    comparison. Journal of Machine Learning Research 11, 2837–2854. Hubert, L., Arabie, P. (1985).
    Comparing partitions. Journal of Classification 2, 193–218. Rosenberg, A., Hirschberg, J.
    (2007). V-measure. EMNLP-CoNLL 2007.

    Examples
    --------
    >>> found = agreement([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1])
    >>> round(found.ami, 6), round(found.ari, 6)
    (0.355245, 0.324324)
    """
    one, other = np.asarray(known), np.asarray(found)
    if one.shape != other.shape or one.ndim != 1 or not len(one):
        raise ValueError("two groupings of the same items, at least one, are needed")
    rows, columns = (np.unique(labels, return_inverse=True)[1] for labels in (one, other))
    sides = np.bincount(rows), np.bincount(columns)
    cells, both = np.unique(rows.astype(np.int64) * len(sides[1]) + columns, return_counts=True)
    row, column = np.divmod(cells, len(sides[1]))
    n = len(one)
    mutual = float((both / n * np.log(n * both / (sides[0][row] * sides[1][column]))).sum())
    entropy = [float(-(side / n * np.log(side / n)).sum()) for side in sides]
    alike = len(sides[0]) == len(sides[1]) in (1, n)
    mean = sum(entropy) / 2
    expected = expected_information(*sides)
    room = mean - expected
    ami = 1.0 if alike or abs(room) < 1e-15 else (mutual - expected) / room
    return Agreement(
        ami=ami,
        ari=_rand(both, *sides),
        homogeneity=min(mutual / entropy[0], 1.0) if entropy[0] else 1.0,
        completeness=min(mutual / entropy[1], 1.0) if entropy[1] else 1.0,
        nmi=min(mutual / mean, 1.0) if mean else 1.0,
    )


def _rand(both: Ints, one: Ints, other: Ints) -> float:
    """Return the adjusted Rand index from the sizes of groups and of what they share, exactly."""
    together, first, second = (int((x * (x - 1) // 2).sum()) for x in (both, one, other))
    n = int(one.sum())
    pairs = n * (n - 1) // 2
    room = (first + second) * pairs - 2 * first * second
    return 1.0 if not room else 2 * (together * pairs - first * second) / room


def expected_information(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Return the mutual information that two groupings of these sizes share by chance, in nats.

    Parameters
    ----------
    one, other
        Sizes of the groups of the two groupings; both have the same sum.

    Examples
    --------
    >>> round(expected_information([2, 2], [2, 2]), 6)  # ln 2 in one of three cases
    0.231049
    """
    (a, times), (b, over) = (
        np.unique(np.asarray(sizes, dtype=np.int64), return_counts=True) for sizes in (one, other)
    )
    n = int((a * times).sum())
    log = np.zeros(n + 1)
    log[1:] = np.log(np.arange(1, n + 1))
    fact = np.cumsum(log)  # logarithms of factorials
    total, rows = 0.0, max(_PAIRS // len(b), 1)
    for first in range(0, len(a), rows):
        some = slice(first, first + rows)
        wide, high = (x.ravel() for x in np.meshgrid(a[some], b, indexing="ij"))
        times_over = np.outer(times[some], over).ravel()
        # what two groups share is hypergeometric; beyond these bounds lies less than 1e-15 of it
        middle = wide * high / n
        margin = 10 * np.sqrt(middle) + 30
        least = np.maximum(np.maximum(wide + high - n, 1), (middle - margin).astype(np.int64))
        most = np.minimum(np.minimum(wide, high), (middle + margin).astype(np.int64) + 1)
        number = np.maximum(most - least + 1, 0)
        place = np.repeat(np.arange(len(wide)), number)
        shared = np.arange(len(place)) - (np.cumsum(number) - number - least)[place]
        constant = fact[wide] + fact[high] + fact[n - wide] + fact[n - high] - fact[n]
        left, right = wide[place] - shared, high[place] - shared
        rest = n - wide[place] - right
        chance = np.exp(constant[place] - fact[shared] - fact[left] - fact[right] - fact[rest])
        told = shared * (log[shared] + (log[n] - log[wide] - log[high])[place]) * chance
        total += float((np.bincount(place, told, len(wide)) * times_over).sum())
    return total / n


def modularity(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    weight: npt.ArrayLike,
    label: npt.ArrayLike,
    *,
    directed: bool = False,
) -> float | None:
    """Return the modularity of a grouping of the nodes of a network (resolution 1).

    Parameters
    ----------
    source, target
        Nodes 0 … n−1 at the ends of each edge; equal edges add up.
    weight
        Weight of each edge, not negative: high means close.
    label
        The group of each node; shape (n,).
    directed
        Whether direction counts; without it an edge and its reverse add up.

    Returns
    -------
    float or None
        None where there is no weight at all.

    References
    ----------
    Newman, M. E. J., Girvan, M. (2004). Finding and evaluating community structure in networks.
    Physical Review E 69, 026113. Leicht, E. A., Newman, M. E. J. (2008). Community structure in
    directed networks. Physical Review Letters 100, 118703.

    Examples
    --------
    Two triangles and a bridge:

    >>> one, other = [0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3]
    >>> round(modularity(one, other, [1] * 7, [0, 0, 0, 1, 1, 1]) * 14)
    5
    """
    ends = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    number = np.unique(np.asarray(label), return_inverse=True)[1]
    weights: Floats = np.asarray(weight, dtype=np.float64)
    one, other = (number[end] for end in ends)
    size, total = len(number), float(weights.sum())
    if not total:
        return None
    inside = float(weights[one == other].sum())
    out: Floats = np.bincount(one, weights, size).astype(np.float64)
    into: Floats = np.bincount(other, weights, size).astype(np.float64)
    if not directed:
        out = into = (out + into) / 2
    return inside / total - float((out / total * (into / total)).sum())
