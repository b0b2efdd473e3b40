"""Cells left blank below one that was merged: in a CSV, or where somebody took the merges apart.

Where a list groups its rows by school, the school stands in the first row of each group only. Read
as written such a row would have one end; read as continued it is told, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.loaders import headers
from liantu.loaders.body import Body
from liantu.loaders.findings import Findings
from liantu.loaders.headers import Meaning

# What the first row of a group says beside its school, and whose rows may have none of their own.
_DATES = ("start", "end", "span", "date", "signed", "duration", "founded")
_OPTIONAL = ("home", "mentor_school", "mentee_school")  # that a row may well leave out
_SCHOOLS = (*_OPTIONAL, "core", "host", "host_name")


def fill(
    whole: Body, table: str, columns: Mapping[int, Meaning], findings: Findings, *, titled: bool
) -> None:
    """Continue the blank cells below the first row of a group, and warn of each column of them.

    A row continues the one right above it if its leftmost end is blank and another one is filled,
    and something tells of a list made for the eye: the row has no number of its own (序号) where
    others have, or a title stands above the header. The blank ends at its left and, unless it has a
    date of its own, the dates are those above. In a column that a row may leave out this holds only
    for rows without a number. Elsewhere an empty end stays an error.
    """
    if not schema.tables()[table].is_relation or len(whole.rows) < 2:
        return
    ends = [n for n, meaning in columns.items() if _names_an_end(meaning)]
    blank = {n: (whole.frame[n] == "").to_numpy(dtype=bool) for n in columns}
    people = any(columns[n].column.startswith("source") for n in ends)
    optional = _OPTIONAL if people else ()  # schools stand for people where nobody is named
    asked = [n for n in ends if columns[n].column not in optional]
    if len(asked) < 2 or not any(blank[n].any() for n in ends):
        return
    leads = _leads(table, asked, columns)
    follows = np.diff(whole.rows, prepend=whole.rows[0]) == 1
    unnumbered = _unnumbered(whole)
    opens = np.logical_and.reduce([blank[n] for n in leads])
    others = [n for n in asked if n not in leads]
    filled = np.logical_or.reduce([~blank[n] for n in others]) if others else ~opens
    continues = opens & filled & follows & (unnumbered | titled)
    dates = [n for n, meaning in columns.items() if meaning.column in _DATES]
    undated = np.ones(len(opens), dtype=bool)
    for number in dates:
        undated &= blank[number]
    for number in columns:
        if number in leads:
            here = continues
        elif number in dates:
            here = undated & (continues | (unnumbered & follows))
        elif columns[number].column in optional:
            here = blank[number] & unnumbered & follows
        else:
            continue
        _continue(whole, number, here & blank[number], findings)


def _names_an_end(meaning: Meaning) -> bool:
    return _end(meaning) in ("source", "target", "member") or meaning.column in _SCHOOLS


def _leads(table: str, ends: list[int], columns: Mapping[int, Meaning]) -> list[int]:
    """Return the columns that name what a group of rows has in common.

    An alliance or centre and the school that leads it; elsewhere the end that stands at the left.
    """
    if table in ("member_of", "joins"):
        common = [n for n in ends if _end(columns[n]) in ("target", "core", "host", "host_name")]
        if common:
            return common
    first = _end(columns[ends[0]])
    return [n for n in ends if _end(columns[n]) == first]


def _end(meaning: Meaning) -> str:
    return meaning.column.removesuffix("_name")


def _unnumbered(whole: Body) -> np.ndarray:
    """Return which rows have no number of their own where the others do."""
    for number, name in enumerate(whole.headers):
        if name and headers.is_counter(name):
            blank = (whole.frame[number] == "").to_numpy(dtype=bool)
            return blank if not blank.all() and not blank[0] else np.zeros(len(blank), dtype=bool)
    return np.zeros(len(whole.rows), dtype=bool)


def _continue(whole: Body, number: int, here: np.ndarray, findings: Findings) -> None:
    """Put what stands above into blank cells, as far up as the rows above continue as well."""
    texts = whole.frame[number]
    group = np.cumsum(~here)  # a row that does not continue opens a group
    above = texts.groupby(group).transform("first")
    found = here & (above != "").to_numpy(dtype=bool)
    if not found.any():
        return
    whole.frame[number] = texts.mask(pd.Series(found, index=texts.index), above)
    place = whole.sheet.place
    findings.count(place, "cells_repaired", int(found.sum()))
    findings.summed(
        "warning", "cells_continued", place, whole.rows[found], whole.headers[number],
        str(above[found].iloc[0]),
    )  # fmt: skip
