"""Rankings side by side: how alike they are, and who is among the first."""

from __future__ import annotations

import numpy as np

from liantu.graph.kernels import Floats, Ints


def kendall_tau_b(one: Floats, other: Floats) -> float:
    """Return Kendall's τ_b of two scores; NaN where one of them is constant.

    Notes
    -----
    Discordant pairs are counted bit by bit of the ranks, n log n in all. Knight, W. R. (1966). A
    computer method for calculating Kendall's tau with ungrouped data. Journal of the American
    Statistical Association 61, 436–439.

    Examples
    --------
    >>> round(kendall_tau_b(np.array([1.0, 2, 2]), np.array([3.0, 2, 3])), 4)
    -0.5
    """
    x, y = (np.unique(score, return_inverse=True)[1].reshape(-1) for score in (one, other))
    pairs = _pairs(np.array([len(x)]))
    tied_x, tied_y = _pairs(np.bincount(x)), _pairs(np.bincount(y))
    both = _pairs(np.unique(x * (int(y.max(initial=0)) + 1) + y, return_counts=True)[1])
    if tied_x == pairs or tied_y == pairs:
        return float("nan")
    discordant = _inversions(y[np.lexsort((y, x))])
    concordant = pairs - tied_x - tied_y + both - discordant
    return (concordant - discordant) / float(np.sqrt((pairs - tied_x) * float(pairs - tied_y)))


def _pairs(counts: Ints) -> int:
    return int((counts * (counts - 1) // 2).sum())


def _inversions(values: Ints) -> int:
    """Return how many pairs stand in falling order."""
    found, group = 0, np.zeros(len(values), dtype=np.int64)
    for bit in range(int(values.max(initial=0)).bit_length() - 1, -1, -1):
        # values that agree in all higher bits stand together, in their first order
        high = (values >> bit) & 1
        before = np.cumsum(high) - high
        begin = np.flatnonzero(np.diff(group, prepend=-1))
        inside = before - np.repeat(before[begin], np.diff(np.append(begin, len(values))))
        found += int(inside[high == 0].sum())
        group = group * 2 + high
        order = np.argsort(group, kind="stable")
        values, group = values[order], group[order]
    return found


def places(scores: Floats) -> tuple[Ints, Ints]:
    """Return for each score how many are above it, and how many equal it, itself included.

    Parameters
    ----------
    scores
        Shape (draws, items).
    """
    line = np.sort(scores, axis=1)
    size, above, tied = scores.shape[1], np.empty_like(scores, dtype=np.int64), []
    for row in range(len(scores)):
        left = np.searchsorted(line[row], scores[row], side="left")
        right = np.searchsorted(line[row], scores[row], side="right")
        above[row] = size - right
        tied.append(right - left)
    return above, np.array(tied, dtype=np.int64).reshape(scores.shape)


def among_first(above: Ints, tied: Ints, k: int) -> Floats:
    """Return how far each item is among the first k: who ties at the border shares the places.

    Examples
    --------
    >>> above, tied = places(np.array([[9.0, 7, 7, 7, 3]]))
    >>> among_first(above, tied, 2).round(2).tolist()
    [[1.0, 0.33, 0.33, 0.33, 0.0]]
    """
    found: Floats = np.clip((k - above) / tied, 0.0, 1.0)
    return found
