"""A table held in memory as codes and typed columns, in place of the file of a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from liantu.graph import schema
from liantu.graph.numbering import Codes


class HeldTable:
    """What `liantu.stores.tables.TableFile` is of a file, of columns that are at hand.

    Parameters
    ----------
    name
        The table.
    rows
        The number of its rows.
    columns
        Its columns in canonical order of rows, those without any value left out; text that
        repeats itself with a dictionary. Not the ends.
    numbers
        By end, the numbers of the nodes.
    ids_of
        Returns the ids of nodes by their numbers.
    """

    def __init__(
        self, name: str, rows: int, columns: Mapping[str, pa.Array], numbers: Mapping[str, Codes],
        ids_of: Callable[[Codes], pa.Array],
    ) -> None:  # fmt: skip
        self.table, self.rows = schema.tables()[name], rows
        self._columns, self._numbers, self._ids_of = columns, numbers, ids_of
        self.keys = tuple(k for k in self.table.columns if k in columns or k in numbers)
        ends = {kind: "" for end in numbers for kind in self.table.ends(end)}
        self.entry: Mapping[str, Any] = {
            "columns": dict.fromkeys(self.keys, ""),
            "nodes": dict(sorted(ends.items())),
        }

    def read(self, *keys: str) -> dict[str, pa.ChunkedArray]:
        """Return some columns of the schema; text that repeats itself with a dictionary."""
        return {key: pa.chunked_array([self._column(key)]) for key in keys}

    def _column(self, key: str) -> pa.Array:
        return self._ids_of(self._numbers[key]) if key in self._numbers else self._columns[key]

    def numbers(self, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end."""
        return self._numbers[end]

    def check(self) -> None:
        """Do nothing: there is no file that could be damaged."""

    def only(self, key: str) -> tuple[Any] | None:
        """Return the one value that every row of a column has, None for none; None if several."""
        column = self._columns.get(key)
        if column is None:
            return None if key in self._numbers else (None,)
        if pa.types.is_dictionary(column.type) and len(column.dictionary) == 1:
            return None if column.null_count else (column.dictionary[0].as_py(),)
        return None
