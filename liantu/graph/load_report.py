"""What loading did: counts a table and every problem found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from liantu.errors import DataError, Problem
from liantu.formats.card import card, spoken
from liantu.graph import schema
from liantu.vocabulary import cut, label, message

COUNTS = (
    "rows_read",
    "rows_used",
    "rows_filtered",
    "rows_skipped",
    "rows_merged",
    "ends_missing",
    "cells_repaired",
)

MADE = ("nodes_made", "rows_made")  # of tables of the network that no file holds
_UNREAD = ("unknown_sheet", "no_header")


def entry(**given: Any) -> dict[str, Any]:
    """Return the row of a table in a load report: every count, those not given 0.

    Examples
    --------
    >>> entry(file="a.csv", rows_read=3)["rows_read"], entry()["nodes_made"]
    (3, 0)
    """
    start = {"file": "", "sheet": "", "table": "", **dict.fromkeys((*COUNTS, *MADE), 0)}
    return start | given


@dataclass(frozen=True)
class LoadReport:
    """The load report: one row of counts a table read, and the problems.

    Attributes
    ----------
    tables
        One mapping a file or sheet, or a table that was made: ``file, sheet, table`` and the counts
        of `COUNTS` and `MADE`.
    problems
        Every error, warning and piece of information, in the order of files and rows.
    """

    tables: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, severity: str) -> tuple[Problem, ...]:
        """Return the problems of one severity."""
        return tuple(problem for problem in self.problems if problem.severity == severity)

    def hidden(self) -> LoadReport:
        """Return the report without what may name a teacher."""
        return LoadReport(self.tables, tuple(problem.hidden() for problem in self.problems))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: rows of each table, then what is wrong; nobody is named."""
        lang, hidden = spoken(), self.hidden()
        ranks = ("error", "warning", "info")
        counts = {rank: len(self.of(rank)) for rank in ranks}
        names = dict(zip(("errors", "warnings", "notes"), counts.values(), strict=True))
        keys = ["file", "sheet", "table", "rows_read", "rows_used"]
        read = [table for table in self.tables if table.get("file")]
        rows = pd.DataFrame([{key: table[key] for key in keys} for table in read], columns=keys)
        known = {name: table.label(lang) for name, table in schema.tables().items()}
        rows["table"] = [in_words(tables, known) for tables in rows["table"]]
        if len(rows) and not rows["sheet"].any():
            rows = rows.drop(columns="sheet")
        return card(
            label("load_report", lang, "label"),
            lang,
            line=message("card_problems", lang, names),
            table=rows,
            notes=[p.line(lang) for rank in ranks for p in hidden.of(rank)],
        )

    def check(self) -> None:
        """Raise `DataError` with every error, if there is one."""
        if errors := self.of("error"):
            raise DataError(errors)

    def totals(self) -> dict[str, int]:
        """Return the counts summed over all tables.

        Examples
        --------
        >>> LoadReport(tables=({"rows_read": 3},)).totals()["rows_read"]
        3
        """
        return {key: sum(int(table.get(key, 0)) for table in self.tables) for key in COUNTS}

    def by_code(self) -> dict[tuple[str, str], int]:
        """Return how many problems there are of each severity and code."""
        return dict(Counter((problem.severity, problem.code) for problem in self.problems))


def in_words(tables: str, words: Mapping[str, str]) -> str:
    """Return the tables that a sheet was read as, in words.

    Examples
    --------
    >>> in_words("school, assists", {"school": "学校", "assists": "结对帮扶"})
    '学校, 结对帮扶'
    """
    return ", ".join(words.get(name, name) for name in tables.split(", "))


def tables_read(report: LoadReport, shown: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """Return what is known of each table read: counts, why it is that table, unread columns.

    `shown` says how words of the source are shown: whole, or without names of teachers.
    """
    from liantu.formats import plain

    names = ("file", "sheet", "table")
    return [
        {name: shown(str(plain(table.get(name, "")))) for name in names}
        | {count: int(table.get(count, 0)) for count in (*COUNTS, *MADE)}
        | {
            "why": [
                {"by": w[0], "words": cut(shown(w[1]))}
                for w in _listed(table, "why")
                if len(w) == 2
            ],
            "unread": [cut(shown(header)) for header in _listed(table, "unread")],
        }
        for table in report.tables
    ]


def _listed(table: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    """Return what a table lists; older stores keep it as one text, of which nothing is said."""
    value = table.get(key, ())
    return value if isinstance(value, tuple) else ()


def sheets_unread(report: LoadReport) -> list[dict[str, Any]]:
    """Return each file or sheet that was not read, with the tables that it may be."""
    return [
        {
            "file": problem.file,
            "sheet": problem.sheet,
            "candidates": [name for name in _candidates(problem).split(" / ") if name],
        }
        for problem in report.problems
        if problem.code in _UNREAD
    ]


def _candidates(problem: Problem) -> str:
    return str(problem.params.get("candidates", problem.params.get("table", "")))
