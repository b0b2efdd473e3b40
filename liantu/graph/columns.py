"""Columns of text as Arrow arrays: what pandas does with a Python object a cell, done compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Blanks, and whatever has another shape in full or half width: plain is visible ASCII alone.
_UNPLAIN = r"[^\x21-\x7e]"
# Many texts are looked up in few at less cost than few in many, from this ratio on.
_FEW = 4


def arrow(texts: pd.Series | pd.Index) -> pa.Array:
    """Return a column of text as one Arrow array, missing as null."""
    found = pa.array(texts.array, type=pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def series(cells: pa.Array, index: pd.Index | None = None) -> pd.Series:
    """Return a column of text of an Arrow array, without copying it."""
    return pd.Series(cells, index=index, dtype="str")


def mask(flags: Any) -> np.ndarray:
    """Return an Arrow array of yes and no as a mask; unknown is no."""
    return np.array(pc.fill_null(flags, False), dtype=bool)


def filled(texts: pd.Series) -> np.ndarray:
    """Return which texts are neither missing nor empty."""
    return mask(pc.greater(pc.binary_length(arrow(texts)), 0))


def unplain(texts: pd.Series) -> list[str]:
    """Return the distinct texts that hold anything but visible ASCII, in order of appearance."""
    return holding(texts, _UNPLAIN)


def holding(texts: pd.Series, pattern: str) -> list[str]:
    """Return the distinct texts in which a regular expression is found, in order of appearance."""
    cells = arrow(texts)
    hit = pc.match_substring_regex(cells, pattern)
    return list(pc.unique(cells.filter(hit)).to_pylist()) if pc.any(hit).as_py() else []


def places(texts: pd.Series | pd.Index, known: pd.Series | pd.Index) -> np.ndarray:
    """Return the position of each text in known distinct ones, −1 where it is none of them."""
    return places_among(arrow(texts), arrow(known))


def places_among(cells: pa.Array, among: pa.Array) -> np.ndarray:
    """Return the position of each text in known distinct ones, −1 where it is none of them."""
    if not cells.null_count and cells.equals(among):
        return np.arange(len(cells))
    if len(among) <= _FEW * len(cells):
        found = pc.index_in(cells, value_set=among, skip_nulls=True)
        return np.array(pc.fill_null(found, -1), dtype=np.int64)
    asked = cells.dictionary_encode()
    hits = np.array(pc.fill_null(pc.index_in(among, value_set=asked.dictionary), -1))
    place = np.full(len(asked.dictionary) + 1, -1, dtype=np.int64)  # the last is that of missing
    place[hits[hits >= 0]] = np.flatnonzero(hits >= 0)
    return np.asarray(place[np.array(pc.fill_null(asked.indices, len(place) - 1))])


def is_in(texts: pd.Series | pd.Index, known: pd.Series | pd.Index) -> np.ndarray:
    """Return which texts are among known ones; missing is among them where one of them is.

    Numbers may stand for the texts on both sides.
    """
    if texts.dtype.kind == "i":
        return np.isin(texts.to_numpy(), known.to_numpy())
    cells, among = arrow(texts), arrow(known)
    if len(among) > _FEW * len(cells):
        among = among.filter(pc.is_in(among, value_set=cells))
    return mask(pc.is_in(cells, value_set=among))


def ascending(texts: pd.Series | pd.Index) -> bool:
    """Return whether every text is known and greater than the one before it."""
    cells = arrow(texts)
    # The order of bytes in UTF-8 is that of code points, hence of Python's texts.
    rising = pc.all(pc.less(cells[:-1], cells[1:])).as_py()
    return not cells.null_count and rising is not False
