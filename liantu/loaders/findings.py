"""What loading finds on its way: problems, and counts a file or sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Problem, Severity
from liantu.graph import schema
from liantu.graph.load_report import LoadReport, entry
from liantu.graph.personal_numbers import masked
from liantu.loaders.template import header_of
from liantu.vocabulary import Lang

Place = tuple[str, str]  # file and sheet

_WHOLE = re.compile(r"-?\d+\.0")
_SHOWN = 8  # rows that one summed-up problem names


class Findings:
    """Gathers problems and counts; turned into a `LoadReport` at the end."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._counts: dict[Place, dict[str, Any]] = {}
        self._headers: dict[tuple[Place, str], set[str]] = {}
        self._used: dict[Place, list[np.ndarray]] = {}
        self._made: dict[str, dict[str, int]] = {}
        self._of_kinds: set[Place] = set()

    def add(self, severity: Severity, code: str, place: Place = ("", ""), **given: Any) -> None:
        """Add one problem; keywords beyond row, column and value are its parameters."""
        own = {key: given.pop(key) for key in ("row", "column", "value") if key in given}
        if _WHOLE.fullmatch(str(own.get("value", ""))):  # as a spreadsheet shows it
            own["value"] = own["value"][:-2]
        self.problems.append(Problem(severity, code, place[0], place[1], params=given, **own))

    def each(
        self, severity: Severity, code: str, place: Place, rows: np.ndarray, values: Iterable[Any],
        column: str, **params: Any,
    ) -> None:  # fmt: skip
        """Add a problem for every row; a row that was split into several is told once."""
        for row, value in dict.fromkeys(zip(rows.tolist(), values, strict=True)):
            self.add(severity, code, place, row=row, column=column, value=str(value), **params)

    def summed(
        self, severity: Severity, code: str, place: Place, rows: np.ndarray, column: str,
        value: str = "", **params: Any,
    ) -> None:  # fmt: skip
        """Add one problem for many rows: the first ones are named, all are counted."""
        if not len(rows):
            return
        distinct = np.unique(rows)
        named = ", ".join(map(str, distinct[:_SHOWN].tolist()))
        shown = named + (" …" if len(distinct) > _SHOWN else "")
        self.add(
            severity, code, place, row=int(distinct[0]), column=column, value=value,
            count=len(rows), rows=shown, **params,
        )  # fmt: skip

    def table(self, place: Place, table: str, why: Iterable[tuple[str, str]] = ()) -> None:
        """Note that a file or sheet feeds a table, and what that rests on."""
        entry = self._entry(place)
        if why:
            told = tuple((by, masked(words)) for by, words in why)
            entry["why"] = tuple(dict.fromkeys((*entry.get("why", ()), *told)))
        if table not in entry["table"].split(", "):
            entry["table"] = ", ".join(filter(None, [entry["table"], table]))

    def unread(self, place: Place, headers: Iterable[str]) -> None:
        """Note the columns of a file or sheet that were left unread."""
        entry = self._entry(place)
        entry["unread"] = tuple(dict.fromkeys((*entry.get("unread", ()), *map(masked, headers))))

    def count(self, place: Place, key: str, number: int) -> None:
        """Add to a count of a file or sheet."""
        entry = self._entry(place)
        entry[key] = entry.get(key, 0) + int(number)

    def made(self, table: str, key: str, number: int) -> None:
        """Add to a count of a table of the network (``nodes_made``, ``rows_merged`` …)."""
        if number:
            counts = self._made.setdefault(table, {})
            counts[key] = counts.get(key, 0) + int(number)

    def used(self, place: Place, rows: np.ndarray) -> None:
        """Note rows of a file or sheet that feed the network."""
        self._used.setdefault(place, []).append(rows)

    def of_kinds(self, place: Place) -> None:
        """Note that the figures of a file or sheet are of nodes of any kind."""
        self._of_kinds.add(place)

    def headers(self, place: Place, headers: Mapping[str, str]) -> None:
        """Note under which headers the columns of a table stand in a file or sheet."""
        for column, header in headers.items():
            self._headers.setdefault((place, column), set()).add(header)

    def _entry(self, place: Place) -> dict[str, Any]:
        return self._counts.setdefault(place, entry(file=place[0], sheet=place[1]))

    def report(self, built: LoadReport) -> LoadReport:
        """Return the load report, the counts and problems of building added."""
        for place, rows in self._used.items():
            self._entry(place)["rows_used"] = _distinct(np.concatenate(rows))
        order = {place: number for number, place in enumerate(self._counts)}
        alike = {(p.params["kind"], p.params["id"]) for p in self._told("similar_ids")}
        fresh = (
            problem
            for problem in built.problems
            if problem.code != "duplicate_id"
            or (problem.params["kind"], problem.value) not in alike  # told already
        )
        problems = self._told_once([*self.problems, *map(self._as_written, fresh)])
        problems = [_without_numbers(p) for p in problems]
        problems = [replace(p, private=True) if self._named(p) else p for p in problems]
        problems.sort(key=lambda p: (order.get((p.file, p.sheet), -1), p.row or 0))
        made = [{"table": table, **counts} for table, counts in self._made.items()]
        every = [entry(**row) for row in (*self._counts.values(), *made, *built.tables)]
        return LoadReport(tuple(every), tuple(problems))

    def _named(self, problem: Problem) -> bool:
        """Return whether a problem is about a file or sheet that may name teachers.

        In any column, for a cell that slipped stands under another header. Figures are those of
        schools unless the sheet says of which kind.
        """
        place = (problem.file, problem.sheet)
        tables = self._counts.get(place, {"table": ""})["table"].split(", ")
        return place in self._of_kinds or not schema.teacher_tables().isdisjoint(tables)

    def _told(self, code: str) -> Iterable[Problem]:
        return (problem for problem in self.problems if problem.code == code)

    def _told_once(self, problems: list[Problem]) -> list[Problem]:
        """Return problems without those of cells that are empty only for their formula failed."""
        failed = {(p.file, p.sheet, p.row, p.column) for p in self._told("failed_formula")}
        return [
            p
            for p in problems
            if p.code != "missing_value"
            or failed.isdisjoint((p.file, p.sheet, p.row, c) for c in p.column.split(" / "))
        ]

    def _as_written(self, problem: Problem) -> Problem:
        """Return a problem of building with the header that the file has for its column."""
        if problem.code == "missing_column" and not problem.file:
            used = "".join(header for headers in self._headers.values() for header in headers)
            lang: Lang = "en" if used.isascii() else "zh"  # as the lists themselves are
            named = header_of(str(problem.params["table"]), problem.column, lang)
            return replace(problem, column=named)
        place = (problem.file, problem.sheet)
        headers = self._headers.get((place, problem.column), set())
        if not headers and problem.column == "id":  # made of the name
            headers = self._headers.get((place, "name"), set())
        return replace(problem, column=" / ".join(sorted(headers))) if headers else problem


def _without_numbers(problem: Problem) -> Problem:
    """Return a problem that quotes no number of a person but for its last digits."""

    def hidden(given: Any) -> Any:
        if isinstance(given, tuple):
            return tuple(map(hidden, given))
        return masked(given) if isinstance(given, str) else given

    value, params = masked(problem.value), {k: hidden(v) for k, v in problem.params.items()}
    if value == problem.value and params == problem.params:
        return problem
    return replace(problem, value=value, params=params)


def _distinct(rows: np.ndarray) -> int:
    """Return how many different rows there are; most often all, in order."""
    return len(rows) if (np.diff(rows) > 0).all() else len(np.unique(rows))


def by_value(texts: pd.Series, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each text, in order, with the numbers of its rows."""
    codes, distinct = pd.factorize(texts, sort=True)
    order = np.argsort(codes, kind="stable")
    pieces = np.split(rows[order], np.flatnonzero(np.diff(codes[order])) + 1)
    yield from zip(map(str, distinct), pieces, strict=False)
