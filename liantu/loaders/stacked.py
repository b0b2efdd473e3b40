"""Sheets that hold several tables, below or beside one another, each under a header of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liantu.graph import columns
from liantu.loaders import headers
from liantu.loaders.beside import sides
from liantu.loaders.plain import Records
from liantu.loaders.sources import Sheet
from liantu.vocabulary import normalise

_SEARCHED = 30  # rows in which the first header may stand


def pieces(sheet: Sheet) -> list[Sheet]:
    """Return the tables of a sheet: those side by side, and of each those below one another.

    A table is the rows from one header, its titles included, to the next.

    A further header stands below a blank row or below a title alone in its row, and rows follow it.
    The same header below a blank row continues its table, as on the next page.

    Examples
    --------
    >>> rows = [["支援校", "受援校"], ["甲", "乙"], ["", ""], ["姓名", "派出学校"], ["张某", "甲"]]
    >>> [(piece.first, len(piece.rows)) for piece in pieces(Sheet("a.xlsx", "b", rows))]
    [(0, 3), (3, 2)]
    """
    return [table for side in sides(sheet) for table in _below(side)]


def _below(sheet: Sheet) -> list[Sheet]:
    full = _filled(sheet.rows)
    open_rows = np.flatnonzero((full[1:] > 1) & (full[:-1] <= 1)) + 1
    if not len(open_rows):
        return [sheet]
    head: list[str] | None = None
    data = False  # whether rows stand below the header
    starts = [0]
    asked = set(open_rows.tolist())
    # Up to the first header every row may be one; then only those below a blank row or a title.
    for number in range(len(full)):
        if head is None and number >= _SEARCHED:
            return [sheet]
        if head is not None and number not in asked:
            data = data or full[number] > 1
            continue
        if full[number] < 2 or not headers.is_header_row(sheet.rows[number]):
            data = data or (head is not None and full[number] > 1)
            continue
        names = [normalise(cell) for cell in sheet.rows[number]]
        titled = number > 0 and full[number - 1] == 1
        followed = number + 1 < len(full) and full[number + 1] > 1
        if head is not None and data and followed and (titled or names != head):
            starts.append(_start(full, number))
            data = False
        if head is None or not data:
            head = names
    ends = [*starts[1:], len(full)]
    if len(starts) == 1:
        return [sheet]
    return [
        replace(sheet, rows=sheet.rows[start:end], first=start)
        for start, end in zip(starts, ends, strict=True)
    ]


def _filled(rows: Sequence[list[str]]) -> np.ndarray:
    """Return how many cells of each row are filled."""
    if isinstance(rows, Records):
        return sum(
            (columns.filled(columns.series(cells)).astype(np.int64) for cells in rows.columns),
            start=np.zeros(len(rows), dtype=np.int64),
        )
    counts = (sum(1 for cell in row if cell and not cell.isspace()) for row in rows)
    return np.fromiter(counts, dtype=np.int64, count=len(rows))


def _start(full: np.ndarray, header: int) -> int:
    """Return the first of the titles right above a header."""
    start = header
    while start > 0 and full[start - 1] == 1:
        start -= 1
    return start
