"""Measures as data: a small closed set, read from TOML and checked against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from liantu.errors import Problem
from liantu.graph import schema, values
from liantu.results import Analysis, Parameter, registry
from liantu.vocabulary import nearest

Where = tuple[tuple[str, tuple[Any, ...]], ...]

# The measures: the key that names one, with the keys that may stand beside it.
KEYS = {
    "count": ("where",),
    "distinct": ("of", "where"),
    "sum": ("of", "where"),
    "max": ("of", "where"),
    "min": ("of", "where"),
    "ratio": (),
    "analysis": ("parameters", "summary", "table", "row", "column"),
    "observation": ("where",),
    "attribute": ("is",),
    "missing": ("zh",),
}
REGIONS = ("region", "source_region", "target_region")


@dataclass(frozen=True)
class Measure:
    """What a claim measures; two that are equal ask for the same figure.

    Attributes
    ----------
    kind
        A key of `KEYS`.
    table
        The table counted, or the name of an analysis.
    column
        The column counted or summed, the attribute, or the column of an analysis' cell.
    where
        Which rows: columns with their values, by column.
    parts
        Numerator and denominator of a ratio.
    parameters, summary, inner, row
        Of an analysis: its parameters, the key of its summary, or table and row of the cell.
    text, zh
        The value of an attribute; which rows are missing, in English and Chinese.
    """

    kind: str
    table: str = ""
    column: str = ""
    where: Where = ()
    parts: tuple[Measure, ...] = ()
    parameters: tuple[tuple[str, Any], ...] = ()
    summary: str = ""
    inner: str = "table"
    row: Where = ()
    text: str = ""
    zh: str = ""


@dataclass
class Notes:
    """Gathers what is wrong with a file of claims."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(
        self, code: str, where: str, value: object = "", *, private: bool = False, **params: object
    ) -> None:
        """Note a problem; `where` is the claim and its key."""
        self.problems.append(
            Problem(
                "error", code, self.file, column=where, value=str(value), params=params,
                private=private,
            )
        )  # fmt: skip

    def keys(self, given: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
        """Note unknown keys, with the nearest one and all that are known."""
        for key in given:
            if key not in allowed:
                near = nearest(key, allowed) or "–"
                self.add("claim_key", where, key, nearest=near, allowed=", ".join(allowed))

    def text(self, given: Any, where: str) -> str:
        """Return a text, noted where it is none."""
        if not isinstance(given, str) or not given.strip():
            self.add("claim_text", where, given)
            return ""
        return given.strip()


def regions_of(measure: Measure) -> Iterator[str]:
    """Give the regions that a measure and its parts are limited to."""
    for key, wanted in measure.where:
        if key in REGIONS:
            yield from wanted
    for part in measure.parts:
        yield from regions_of(part)


def read_measure(given: Any, where: str, notes: Notes) -> Measure | None:
    """Read a measure; None where it cannot be used, which is noted."""
    if not isinstance(given, Mapping):
        notes.add("claim_measure", where, given, allowed=", ".join(KEYS))
        return None
    named = [key for key in KEYS if key in given]
    if len(named) != 1:
        shown = ", ".join(named or map(str, given))
        notes.add("claim_measure", where, shown, allowed=", ".join(KEYS))
        return None
    kind, before = named[0], len(notes.problems)
    notes.keys(given, (kind, *KEYS[kind]), where)
    readers = {
        "ratio": _ratio,
        "analysis": _analysis,
        "observation": _observation,
        "attribute": _attribute,
        "missing": _missing,
    }
    found = readers.get(kind, _rows)(kind, given, where, notes)
    return found if len(notes.problems) == before else None


def _rows(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    """Read a count, a number of distinct values, a sum, a maximum or a minimum."""
    table = notes.text(given["count"] if kind == "count" else given.get("of"), where)
    column = "" if kind == "count" else notes.text(given[kind], where)
    if table not in schema.tables():
        if table:
            near = nearest(table, schema.tables()) or "–"
            notes.add("unknown_table", where, table, nearest=near)
        return Measure(kind)
    if column:
        stored = schema.tables()[table].columns
        if column not in stored:
            _no_column(notes, table, column, where, tuple(stored))
        elif kind != "distinct" and not stored[column].is_number:
            notes.add("claim_no_number", where, column)
    return Measure(kind, table, column, _where(given.get("where", {}), table, where, notes))


def _ratio(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    pair = given["ratio"]
    if not isinstance(pair, list) or len(pair) != 2:
        notes.add("claim_ratio", where, pair)
        return Measure(kind)
    read = [read_measure(part, f"{where}.ratio {n}", notes) for n, part in enumerate(pair, 1)]
    for part in read:
        if part is not None and part.kind in ("ratio", "attribute", "missing"):
            notes.add("claim_ratio", where, part.kind)
    return Measure(kind, parts=tuple(part for part in read if part is not None))


def _observation(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    name = notes.text(given["observation"], where)
    rest = _where(given.get("where", {}), "observations", where, notes)
    return Measure(kind, "observations", "value", tuple(sorted((*rest, ("measure", (name,))))))


def _attribute(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    name = notes.text(given["attribute"], where)
    return Measure(kind, column=name, text=notes.text(given.get("is"), f"{where}.is"))


def _missing(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    english = notes.text(given["missing"], where)
    return Measure(kind, text=english, zh=notes.text(given.get("zh", english), f"{where}.zh"))


def _analysis(kind: str, given: Mapping[str, Any], where: str, notes: Notes) -> Measure:
    name = notes.text(given["analysis"], where).replace("-", "_")
    if name not in registry():
        near = nearest(name, registry()) or "–"
        allowed = ", ".join(registry())
        notes.add("claim_analysis", where, name, nearest=near, allowed=allowed)
        return Measure(kind)
    parameters = _parameters(registry()[name], given.get("parameters", {}), where, notes)
    if ("summary" in given) == ("column" in given):
        notes.add("claim_cell", where)
        return Measure(kind)
    if "summary" in given:
        notes.keys(given, ("analysis", "parameters", "summary"), where)
        key = notes.text(given["summary"], where)
        return Measure(kind, name, parameters=parameters, summary=key)
    row = given.get("row")
    if not isinstance(row, Mapping) or not row:
        notes.add("claim_cell", where)
        return Measure(kind)
    return Measure(
        kind,
        name,
        column=notes.text(given["column"], where),
        parameters=parameters,
        inner=notes.text(given.get("table", "table"), where),
        row=tuple(sorted((str(key), (_word(value),)) for key, value in row.items())),
    )


def _parameters(
    analysis: Analysis, given: Any, where: str, notes: Notes
) -> tuple[tuple[str, Any], ...]:
    known = {p.name: p for p in analysis.parameters if p.name not in ("as_of", "engine")}
    if not isinstance(given, Mapping):
        notes.add("claim_text", f"{where}.parameters", given)
        return ()
    notes.keys(given, tuple(known), f"{where}.parameters")
    for key, value in given.items():
        here = f"{where}.parameters.{key}"
        if key not in known:
            continue
        if known[key].choices and value not in known[key].choices:
            notes.add("claim_choice", here, value, allowed=", ".join(known[key].choices))
        elif not _fits(known[key], value):
            notes.add("claim_parameter", here, value, command=analysis.command)
    pairs = ((key, tuple(v) if isinstance(v, list) else v) for key, v in given.items())
    return tuple(sorted(pairs))


def _fits(parameter: Parameter, value: Any) -> bool:
    """Return whether a value is of the type of a parameter."""
    if parameter.is_list and isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    if parameter.scalar in (int, float):
        kinds = int if parameter.scalar is int else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, parameter.scalar)


def _where(given: Any, table: str, where: str, notes: Notes) -> Where:
    """Read a filter: each column with the values it may have, typed as the column is."""
    if not isinstance(given, Mapping):
        notes.add("claim_text", f"{where}.where", given)
        return ()
    columns = schema.tables()[table].columns
    extra: tuple[str, ...] = REGIONS if schema.tables()[table].is_relation else ()
    extra = REGIONS[:1] if table == "region" else extra  # itself and its descendants
    found = []
    for key, value in given.items():
        items = value if isinstance(value, list) else [value]
        if key not in columns and key not in extra:
            _no_column(notes, table, key, where, (*columns, *extra))
        elif not items or any(isinstance(item, list | Mapping) for item in items):
            notes.add("claim_text", f"{where}.where.{key}", value)
        else:
            texts = [_word(item) for item in items]
            typed = _typed(columns[key], texts, where, notes) if key in columns else texts
            found.append((str(key), tuple(sorted(set(typed)))))
    return tuple(sorted(found))


def _typed(column: schema.Column, texts: list[str], where: str, notes: Notes) -> list[Any]:
    """Return values as the column holds them: keys of codes, numbers, dates, yes and no."""
    given = pd.Series(texts, dtype="str")
    if column.is_date:
        found, states = values.read_dates(given, last=column.type == "last")
    elif column.is_number:
        found, states = values.read_numbers(given, whole=False)
    elif column.type == "bool":
        found, states = values.read_bools(given)
    elif column.type in ("code", "open_code", "form"):
        group = column.values[0] if column.values else "form"
        found, states = values.read_codes(given, group, closed=column.type == "code")
    else:
        return texts
    for text in given[states == "bad"]:
        notes.add("claim_value", f"{where}.where.{column.name}", text)
    return [value for value in found.tolist() if not pd.isna(value)]


def _no_column(notes: Notes, table: str, column: str, where: str, allowed: tuple[str, ...]) -> None:
    near = nearest(column, allowed) or "–"
    notes.add("claim_column", where, column, table=table, nearest=near, allowed=", ".join(allowed))


def _word(value: Any) -> str:
    """Return a value of TOML as it would stand in a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value).strip()
