"""Tables side by side in a sheet: two halves of one list, or two lists, a blank column between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from liantu.loaders import headers
from liantu.loaders.recognise import read_as, recognise
from liantu.loaders.sources import Sheet
from liantu.vocabulary import normalise

_SEARCHED = 30  # rows in which the header may stand


def sides(sheet: Sheet) -> list[Sheet]:
    """Return the tables that stand side by side in a sheet, each in its own columns.

    Tables stand side by side where the header says the same again, behind a column left blank or
    with a number for the rows of its own, or where a column that is blank throughout parts two
    headers that each tell of a table. Columns keep their letters.

    Examples
    --------
    >>> rows = [["序号", "支援校", "受援校", "序号", "支援校", "受援校"],
    ...         ["1", "甲小学", "乙小学", "2", "丙小学", "丁小学"]]
    >>> [side.rows[1] for side in sides(Sheet("a.xlsx", "结对帮扶", rows))]
    [['1', '甲小学', '乙小学'], ['', '', '', '2', '丙小学', '丁小学']]
    """
    found = next(
        (n for n, cells in enumerate(sheet.rows[:_SEARCHED]) if headers.is_header_row(cells)), -1
    )
    if found < 0:
        return [sheet]
    names = [normalise(cell) for cell in sheet.rows[found]]
    above = [bool(cell.strip()) for cell in sheet.rows[found - 1]] if found else []
    cuts = _again(names)
    if cuts and (sum(above) < 2 or _titled(above, cuts, names)):
        parts = _cut(sheet, found, cuts)
        return parts if all(read_as(part).table for part in parts) else [sheet]
    cuts = [n for n, name in enumerate(names) if name and n and not names[n - 1]]
    cuts = [n for n in cuts if any(names[:n]) and _blank(sheet, found, n - 1)]
    if not cuts:
        return [sheet]
    parts = _cut(sheet, found, cuts)
    apart = all(headers.is_header_row(part.rows[found]) and recognise(part).table for part in parts)
    return parts if apart else [sheet]


def _titled(above: Sequence[bool], cuts: Sequence[int], names: Sequence[str]) -> bool:
    """Return whether each side has a title of its own; two headers are no titles of the same."""
    sides_of = pairwise((0, *cuts, len(above)))
    return all(not names[n - 1] for n in cuts) and all(sum(above[a:b]) < 2 for a, b in sides_of)


def _again(names: Sequence[str]) -> list[int]:
    """Return where a header says from its start what it said before."""
    filled = [number for number, name in enumerate(names) if name]
    for width in range(2, len(filled) // 2 + 1):
        if len(filled) % width:
            continue
        starts = filled[::width]
        blocks = [[names[n] for n in filled[i : i + width]] for i in range(0, len(filled), width)]
        parted = all(not names[n - 1] for n in starts[1:]) or headers.is_counter(names[starts[0]])
        if parted and all(block == blocks[0] for block in blocks):
            return starts[1:]
    return []


def _blank(sheet: Sheet, first: int, column: int) -> bool:
    """Return whether a column is blank from a row on."""
    return not any(len(row) > column and row[column].strip() for row in sheet.rows[first:])


def _cut(sheet: Sheet, header: int, cuts: Sequence[int]) -> list[Sheet]:
    """Return a sheet for each range of columns; a title alone in its row stands above all."""
    found = []
    width = max(map(len, sheet.rows[:_SEARCHED]))
    for start, end in pairwise((0, *cuts, width)):
        rows = [
            row
            if number < header and sum(bool(cell.strip()) for cell in row) < 2
            else [*[""] * start, *row[start:end]]
            for number, row in enumerate(sheet.rows)
        ]
        found.append(replace(sheet, rows=rows))
    return found
