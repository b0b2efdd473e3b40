"""CSV texts without anything odd, read by Arrow: the same cells as Python's reader gives.

Odd is what the two might read differently: records of unequal width, blank lines, a carriage return
alone, quotes anywhere but around a whole cell. Of such a text nothing is taken here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

_BLOCK = 1 << 24  # bytes that are read at once; no record may be longer


class Records(Sequence[list[str]]):
    """The records of a file, kept by column; each is made a list when it is asked for."""

    def __init__(self, columns: list[pa.Array]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, place: int) -> list[str]: ...
    @overload
    def __getitem__(self, place: slice) -> list[list[str]]: ...
    def __getitem__(self, place: int | slice) -> list[str] | list[list[str]]:
        """Return a record, or some of them."""
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return [column[place].as_py() for column in self.columns]

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the records."""
        for part in range(0, len(self), 1024):
            cells = [column.slice(part, 1024).to_pylist() for column in self.columns]
            yield from map(list, zip(*cells, strict=True))


def records(
    data: bytes, separator: str, *, longest: int, widest: int, type: pa.DataType | None = None
) -> Records | None:
    r"""Return the records of a CSV text, or None if it holds anything odd.

    Parameters
    ----------
    data
        The whole text in UTF-8, without a mark of the order of bytes.
    separator
        What stands between two cells.
    longest
        Characters of the longest cell that is read.
    widest
        Columns of the widest record that is read.
    type
        The Arrow type of the cells, for texts of less than 2 GB also the smaller one.

    Examples
    --------
    >>> list(records(b"a,b\n1,\n", ",", longest=9, widest=9))
    [['a', 'b'], ['1', '']]
    >>> records(b"a,b\n1\n", ",", longest=9, widest=9)
    """
    if not _regular(data, separator.encode()):
        return None
    try:
        line = (data[: data.find(b"\n") + 1].rstrip(b"\r\n") or data).decode()
    except UnicodeDecodeError:
        return None
    if len(line) > longest:
        return None
    csv.field_size_limit(longest)
    first = next(csv.reader([line], delimiter=separator), [])
    if not any(cell.strip() for cell in first) or len(first) > widest:
        return None
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

    names = [str(number) for number in range(len(first))]
    try:
        table = read_csv(
            pa.py_buffer(data),
            ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            ParseOptions(delimiter=separator, ignore_empty_lines=False),
            ConvertOptions(
                column_types=dict.fromkeys(names, type or pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # no UTF-8, records of unequal width, or one longer than a block
        return None
    columns: list[pa.Array] = []
    while table.num_columns:  # the parts of a column are let go once it is whole
        columns.append(_whole(table.column(0)))
        table = table.remove_column(0)
    sizes = [pc.min_max(pc.binary_length(column)).as_py() for column in columns]
    # No cell has more characters than bytes.
    if any((size["max"] or 0) > longest for size in sizes):
        return None
    # A blank line is read as a record of empty cells: it is looked for where there may be one.
    if not any(size["min"] for size in sizes) and (b"\n\n" in data or b"\n\r\n" in data):
        return None
    return Records(columns)


def _regular(data: bytes, separator: bytes) -> bool:
    """Return whether lines are records and quotes stand around whole cells, once each."""
    # One byte is found much sooner than all of its kind are counted.
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if data.startswith((b"\n", b"\r\n")):
        return False
    if b'"' not in data:
        return True
    mark = re.escape(separator)
    quoted = re.compile(rb'(?:^|%b)"[^"\r\n]*"(?=%b|\r?$)' % (mark, mark), re.MULTILINE)
    return sum(1 for _ in quoted.finditer(data)) * 2 == data.count(b'"')


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found
