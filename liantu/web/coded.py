"""Columns as short texts and lists: what compresses well and is decoded in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

ZERO = 48  # the sign "0": a code is that many signs after it


def signs(codes: npt.ArrayLike) -> str:
    """Return small numbers as signs; −1 is a slash.

    Examples
    --------
    >>> signs([0, 9, -1, 10])
    '09/:'
    """
    numbers = np.asarray(codes, dtype=np.int64) + ZERO
    return numbers.astype("<u4").tobytes().decode("utf-32-le")


def steps(numbers: npt.ArrayLike) -> list[int]:
    """Return numbers as differences, each from the one before.

    Examples
    --------
    >>> steps([5, 5, 9])
    [5, 0, 4]
    """
    values = np.asarray(numbers, dtype=np.int64)
    return [int(value) for value in np.diff(values, prepend=0)]


def coded(values: pd.Series, order: Sequence[str] = ()) -> dict[str, Any]:
    """Return a column of few words as ``words`` and ``codes``; words in an order, then sorted.

    Examples
    --------
    >>> coded(pd.Series(["junior", None, "primary"]), ["primary", "junior"])
    {'words': ['primary', 'junior'], 'codes': '1/0'}
    """
    text = values.astype("str")
    there = set(text.dropna().unique())
    words = [word for word in order if word in there]
    words += sorted(there - set(words))
    return {
        "words": words,
        "codes": signs(pd.Index(words, dtype="str").get_indexer(pd.Index(text))),
    }


def numbers(values: Any) -> list[Any]:
    """Return figures as plain numbers, missing ones as None.

    Examples
    --------
    >>> numbers(pd.Series([1, None], dtype="Int64"))
    [1, None]
    """
    column = pd.Series(values).astype("Float64").round(4)
    whole = bool((column.dropna() % 1 == 0).all())
    plain = (column.astype("Int64") if whole else column).astype("object")
    return plain.where(plain.notna(), None).tolist()


def texts(values: Any) -> list[str]:
    """Return a column of text, missing ones as empty."""
    return pd.Series(values, dtype="str").fillna("").tolist()
