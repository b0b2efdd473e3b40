"""The tables of a folder of Parquet files, a column read when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.errors import LiantuError
from liantu.graph import schema
from liantu.graph.build import ENDS, bare, ends_of, recoded
from liantu.graph.columns import ascending
from liantu.graph.frames import Coded, numbered
from liantu.graph.numbering import Codes, Numbering, numbering
from liantu.stores.held import HeldTable
from liantu.stores.tables import DamageError, TableFile, blank, coded, series, text

T = TypeVar("T")
Kept = TableFile | HeldTable


class StoredRows:
    """Where the tables of a network come from that a store keeps; safe for several threads.

    The files are open from the beginning: a writer who replaces them takes nothing away. What is
    read is checked when it is first read.

    Parameters
    ----------
    files
        The open file of each table that has rows.
    damaged
        What to raise when a file, here named, is not as it was written.
    """

    def __init__(self, files: Mapping[str, Kept], damaged: Callable[[str], LiantuError]) -> None:
        self._files, self._damaged = files, damaged
        self._lock = RLock()
        self._kept: dict[tuple[str, ...], Any] = {}

    def _keep(self, key: tuple[str, ...], name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._kept:
                with self._told(name):
                    self._kept[key] = make()
            return cast("T", self._kept[key])

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except DamageError:
            raise self._damaged(f"{name}.parquet") from None

    def load(self) -> None:
        """Read whatever is kept, so that any damage is found."""
        for name, file in self._files.items():
            self.frame(name)
            with self._lock, self._told(name):
                file.check()

    def size(self, name: str) -> int:
        """Return the number of rows of a table."""
        return self._files[name].rows if name in self._files else 0

    def ids(self, kind: str) -> pd.Index:
        """Return the ids of a kind."""
        if kind not in self._files:
            return bare(kind).index
        return self._keep(("ids", kind), kind, lambda: _ids(self._files[kind]))

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table in its final shape."""
        if name not in self._files:
            return self._keep(("frame", name), name, lambda: self._without_rows(name))
        return self._keep(("frame", name), name, lambda: self._frame(name))

    def _without_rows(self, name: str) -> pd.DataFrame:
        frame, table = bare(name), schema.tables()[name]
        if not table.is_relation:
            return frame
        ends = {end: recoded(frame[end], self._dtype(table.ends(end))) for end in ENDS}
        return frame.assign(**ends)

    def _frame(self, name: str) -> pd.DataFrame:
        kind = schema.tables()[name].nature == "kind"
        index = self.ids(name) if kind else pd.RangeIndex(self.size(name))
        keys = [key for key in schema.tables()[name].columns if not (kind and key == "id")]
        found = {key: self.column(name, key).array for key in keys}
        return pd.DataFrame(found, index=index, copy=False)

    def column(self, name: str, key: str) -> pd.Series:
        """Return a column of a table, rows counted from 0; not the id."""
        if name not in self._files:
            end = schema.tables()[name].columns[key].type == "end"
            return numbered((self.frame(name) if end else bare(name))[key])
        return self._keep(("column", name, key), name, lambda: self._column(name, key))

    def _column(self, name: str, key: str) -> pd.Series:
        file, column = self._files[name], schema.tables()[name].columns[key]
        if column.type == "end":
            return pd.Series(self._end(name, key), copy=False)
        if file.only(key) == (None,):
            return blank(file.rows, column)
        return pd.Series(series(file.read(key)[key], column), copy=False)

    def _end(self, name: str, end: str) -> pd.Categorical:
        kinds, numbers = schema.tables()[name].ends(end), self.numbers(name, end)
        dtype = self._dtype(kinds)
        if numbers is not None and len(kinds) == 1:
            codes = numbers - np.int32(self.numbering.base(kinds[0]))
            return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)
        codes, words = coded(self._files[name].read(end)[end])
        found = recoded(pd.Series(pd.Categorical.from_codes(codes, categories=words)), dtype)
        if (found.codes < 0).any():  # of no node that is here
            raise DamageError
        return found

    def _dtype(self, kinds: tuple[str, ...]) -> pd.CategoricalDtype:
        """Return the type of the ends of some kinds, the same for all relations."""
        ids = [self.ids(kind) for kind in kinds]
        return self._keep(("ends", *kinds), "", lambda: ends_of(ids))

    def coded(self, name: str, key: str) -> Coded:
        """Return a column of text as codes."""
        if name not in self._files:
            return Coded(np.zeros(0, np.int32), pd.Index([], dtype="str"))
        return self._keep(("coded", name, key), name, lambda: _coded(self._files[name], key))

    def keeps_codes(self, name: str) -> bool:
        """Return whether the texts of a table are kept as codes."""
        return name in self._files

    def arrays(self, name: str) -> dict[str, pa.ChunkedArray]:
        """Return the columns of a table that keeps its texts as codes, but those without values."""
        with self._lock, self._told(name):
            return self._files[name].read(*self._files[name].keys)

    def numbers(self, name: str, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end of a relation, if they are kept."""
        if name not in self._files:
            return np.zeros(0, np.int32)
        return self._keep(("numbers", name, end), name, lambda: self._numbers(name, end))

    def _numbers(self, name: str, end: str) -> Codes | None:
        file, kinds = self._files[name], schema.tables()[name].ends(end)
        numbers = file.numbers(end)
        if numbers is None:
            return None
        if file.entry.get("nodes") != nodes_of(name, self._entries):
            raise DamageError  # rows of other nodes
        inside = np.zeros(len(numbers), dtype=np.bool_)
        for kind in kinds:
            first, beyond = self.numbering.span(kind)
            inside |= (numbers >= first) & (numbers < beyond)
        if not inside.all():
            raise DamageError
        return numbers

    @property
    def _entries(self) -> dict[str, Mapping[str, Any]]:
        return {name: file.entry for name, file in self._files.items()}

    @cached_property
    def numbering(self) -> Numbering:
        """The numbers of the nodes that are kept."""
        return numbering({kind: self.size(kind) for kind in schema.kinds()})


def nodes_of(name: str, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the digests of the ids of the kinds that a relation may name.

    They are kept with the numbers, which mean nothing among other nodes.
    """
    table = schema.tables()[name]
    kinds = {kind for end in ENDS for kind in table.ends(end)}
    return {kind: entries[kind]["columns"]["id"] for kind in sorted(kinds) if kind in entries}


def _coded(file: Kept, key: str) -> Coded:
    if (only := file.only(key)) is not None:
        words = [word for word in only if word is not None]
        codes = np.broadcast_to(np.int32(len(words) - 1), file.rows)
        return Coded(codes, pd.Index(words, dtype="str"))
    codes, texts = coded(file.read(key)[key])
    return Coded(codes, pd.Index(texts))


def _ids(file: Kept) -> pd.Index:
    index: pd.Index = pd.Index(text(file.read("id")["id"]), name="id")
    if not ascending(index):
        raise DamageError
    return index
