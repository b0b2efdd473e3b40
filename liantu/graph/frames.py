"""The tables of a network, each whole or a column at a time, made when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.numbering import Codes


class Coded(NamedTuple):
    """A column of text as codes.

    Attributes
    ----------
    codes
        Position of each row's text among the words, −1 where it is missing.
    words
        The texts, each once; not every one need occur.
    """

    codes: Codes
    words: pd.Index

    def over(self, known: pd.Index) -> Codes:
        """Return the position of each row's text among known ones; −1 where it is none of them."""
        places = np.append(known.get_indexer(self.words), -1).astype(np.int32)
        found: Codes = places[self.codes]
        return found


class Rows(Protocol):
    """Where tables come from: a store, or a network that names are taken out of."""

    def load(self) -> None:
        """Read whatever is kept, so that any damage is found."""

    def size(self, name: str) -> int:
        """Return the number of rows of a table."""

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table in its final shape."""

    def ids(self, kind: str) -> pd.Index:
        """Return the ids of a kind."""

    def column(self, name: str, key: str) -> pd.Series:
        """Return a column of a table, rows counted from 0; not the id."""

    def coded(self, name: str, key: str) -> Coded:
        """Return a column of text as codes."""

    def keeps_codes(self, name: str) -> bool:
        """Return whether the texts of a table are kept as codes."""

    def arrays(self, name: str) -> dict[str, pa.ChunkedArray]:
        """Return the columns of a table that keeps its texts as codes, but those without values."""

    def numbers(self, name: str, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end of a relation, if they are at hand."""


class Frames(Mapping[str, pd.DataFrame]):
    """The tables of a network by name.

    Some are frames; the others come from where they are kept, and only what is asked for.

    Parameters
    ----------
    own
        Tables in their final shape.
    below
        Where the tables that are not among them come from.

    Examples
    --------
    >>> schools = pd.DataFrame({"id": ["a", "b"], "stage": ["primary", None]}).set_index("id")
    >>> frames = Frames({"school": schools})
    >>> frames.size("school"), frames.coded("school", "stage").codes.tolist()
    (2, [0, -1])
    """

    def __init__(self, own: Mapping[str, pd.DataFrame], below: Rows | Frames | None = None) -> None:
        self._own: dict[str, pd.DataFrame] = dict(own)
        self._below: Rows | None
        if isinstance(below, Frames):  # never a chain, however often a network is altered
            self._own, self._below = {**below._own, **own}, below._below
        else:
            self._below = below

    def __getitem__(self, name: str) -> pd.DataFrame:
        rows = self._kept(name)
        return self._own[name] if rows is None else rows.frame(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._own if self._below is None else schema.tables())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _kept(self, name: str) -> Rows | None:
        """Return where a table comes from; None for one of its own."""
        return None if name in self._own else self._below

    def load(self) -> None:
        """Read whatever a store keeps, so that any damage is found."""
        if self._below is not None:
            self._below.load()

    def size(self, name: str) -> int:
        """Return the number of rows of a table."""
        rows = self._kept(name)
        return len(self._own[name]) if rows is None else rows.size(name)

    def ids(self, kind: str) -> pd.Index:
        """Return the ids of a kind."""
        rows = self._kept(kind)
        return self._own[kind].index if rows is None else rows.ids(kind)

    def column(self, name: str, key: str) -> pd.Series:
        """Return a column of a table, rows counted from 0; not the id."""
        rows = self._kept(name)
        return numbered(self._own[name][key]) if rows is None else rows.column(name, key)

    def keeps_codes(self, name: str) -> bool:
        """Return whether the texts of a table are kept as codes, its frame not yet made of them."""
        rows = self._kept(name)
        return rows is not None and rows.keeps_codes(name)

    def arrays(self, name: str) -> dict[str, pa.ChunkedArray] | None:
        """Return the columns of a table as they are kept, if its texts are kept as codes."""
        rows = self._kept(name)
        return None if rows is None or not rows.keeps_codes(name) else rows.arrays(name)

    def columns(self, name: str, *keys: str) -> pd.DataFrame:
        """Return some columns of a table; nodes by id."""
        rows = self._kept(name)
        if rows is None:
            return self._own[name][list(keys)]
        index = rows.ids(name) if schema.tables()[name].nature == "kind" else None
        found = {key: rows.column(name, key).array for key in keys}
        return pd.DataFrame(found, index=index, copy=False)

    def coded(self, name: str, key: str) -> Coded:
        """Return a column of text as codes."""
        rows = self._kept(name)
        return coded(self._own[name][key]) if rows is None else rows.coded(name, key)

    def numbers(self, name: str, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end of a relation, if they are at hand."""
        rows = self._kept(name)
        if rows is None or not self._own.keys().isdisjoint(schema.kinds()):
            return None  # numbers kept below may be others
        return rows.numbers(name, end)


def numbered(values: pd.Series) -> pd.Series:
    """Return a column with its rows counted from 0, without copying it."""
    return pd.Series(values.array, copy=False)


def coded(values: pd.Series) -> Coded:
    """Return a column of text as codes."""
    codes, words = pd.factorize(values)
    return Coded(codes.astype(np.int32), pd.Index(words))
