"""Cells with several names: how many rows they may make."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

MOST_OF_A_ROW = 10_000  # rows that one row may be split into
_MOST = 2_000_000  # rows that a table may grow to by splitting


def beyond(counts: Iterable[np.ndarray]) -> np.ndarray:
    """Return which rows are not to be split.

    Parameters
    ----------
    counts
        How many names stand in each row, for every column of names; a row makes a row of each
        combination.

    Examples
    --------
    >>> beyond([np.array([1, 300, 2]), np.array([5, 300, 0])]).tolist()
    [False, True, False]
    """
    product = np.prod([np.maximum(count, 1) for count in counts], axis=0, dtype=np.float64)
    far = product > MOST_OF_A_ROW
    grown = np.cumsum(np.where(far | (product == 1), 0, product))
    return np.asarray(far | ((product > 1) & (grown > _MOST)))
