"""One ``[[rows]]`` block of a mapping: what it makes of a table, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any

from liantu.errors import Problem
from liantu.graph import schema
from liantu.graph.extras import extra as is_own
from liantu.vocabulary import nearest

_BLOCK = (
    *("file", "sheet", "header", "encoding", "bad_rows", "where", "where_not"),
    *("missing_ends", "empty", "label", "type"),
)
_OF_FILES = ("file", "sheet", "header", "encoding", "bad_rows")
_VALUE = (
    *("column", "columns", "join", "skip_empty", "map", "default", "format", "range", "split"),
    *("scale", "round", "value"),
)
_WIDE = ("pattern", "measure")
_OF_HEADERS = ("measure", "period", "unit", "subject", "grade")  # groups that a pattern may name
_DIGITS = 9  # behind the point
_OF_HOSTS = ("idna", "punycode")  # encodings of names on the net


@dataclass(frozen=True)
class Value:
    """Where a column's value comes from.

    Attributes
    ----------
    skip_empty
        Whether an empty part is left out of a composite value instead of making it empty.
    range
        Whether one cell holds a start and an end.
    split
        What stands between the names of a cell.
    scale, digits
        What a number is multiplied by, and to how many digits it is rounded then.
    """

    columns: tuple[str, ...] = ()
    join: str = ""
    skip_empty: bool = False
    map: Mapping[str, str] | None = None
    default: str | None = None
    format: str = ""
    range: bool = False
    split: tuple[str, ...] = ()
    scale: float | None = None
    digits: int | None = None
    value: str | None = None


@dataclass(frozen=True)
class Rule:
    """What a block makes of a sheet for one table.

    Attributes
    ----------
    wide
        Of observations: which headers are a measure each; what the pattern names is told apart by
        its groups.
    measure
        The measure of all of these, if no group names it.
    matrix
        Of a relation: whether rows and columns are its ends; as a text, the column that takes what
        stands in the cell.
    """

    table: str
    values: Mapping[str, Value]
    wide: re.Pattern[str] | None = None
    measure: str = ""
    matrix: bool | str = False


@dataclass(frozen=True)
class Block:
    """One ``[[rows]]`` block: which tables it reads and what it makes of them."""

    number: int
    file: str = ""
    sheet: str = ""
    header: int | None = None
    encoding: str = "auto"
    bad_rows: str = "error"
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing_ends: str = "error"
    empty: tuple[str, ...] = ("",)
    label: str = ""
    type: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers that the block uses, in their order, each once."""
        used = [*self.where, *self.where_not]
        used += [c for rule in self.rules for v in rule.values.values() for c in v.columns]
        return tuple(dict.fromkeys(used))


class Checker:
    """Collects what is wrong with a settings file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, code: str, where: str, value: object = "", **params: object) -> None:
        """Note an error at a place of the file."""
        shown = str(value)
        self.problems.append(
            Problem("error", code, self.file, column=where, value=shown, params=params)
        )

    def keys(self, given: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> bool:
        """Refuse unknown keys; the nearest allowed one is named. Return whether all are known."""
        unknown = [key for key in given if key not in allowed]
        for key in unknown:
            if near := nearest(key, allowed):
                self.add("mapping_key", where, key, nearest=near)
            else:
                self.add("mapping_key_far", where, key, allowed=tuple(allowed))
        return not unknown

    def text(self, given: Any, where: str) -> str:
        """Return a value as text; what is neither text, number nor date is an error."""
        if isinstance(given, str):
            return given
        if isinstance(given, bool):
            return "true" if given else "false"
        if isinstance(given, int | float | date):
            return str(given)
        self.add("mapping_value", where, given)
        return ""


def block_of(row: Mapping[str, Any], number: int, checker: Checker) -> Block:
    """Return a block as the file has it; whatever is wrong is told to the checker."""
    where = f"rows {number}"
    names = tuple(schema.tables())
    known = checker.keys(row, (*_BLOCK, *names), where)
    given: dict[str, Any] = {}
    for key in ("file", "sheet", "encoding", "label", "type"):
        if key in row:
            given[key] = checker.text(row[key], f"{where}.{key}")
    if graph := [key for key in ("label", "type") if key in row]:
        for key in [*graph[1:], *(key for key in _OF_FILES if key in row)]:
            checker.add("mapping_not_both", where, key, other=graph[0])
        if not all(given[key] for key in graph):
            checker.add("mapping_value", f"{where}.{graph[0]}", "")
    encoding = given.get("encoding", "auto")
    if encoding != "auto" and not _is_encoding(encoding):
        checker.add("unknown_encoding", f"{where}.encoding", encoding)
    if "header" in row:
        if isinstance(row["header"], int) and row["header"] >= 1:
            given["header"] = row["header"]
        else:
            checker.add("mapping_value", f"{where}.header", row["header"])
    for key, allowed in (
        ("bad_rows", ("error", "skip", "repair")),
        ("missing_ends", ("error", "skip", "create")),
    ):
        if key in row:
            given[key] = str(row[key])
            if row[key] not in allowed:
                checker.add("mapping_choice", f"{where}.{key}", row[key], allowed=tuple(allowed))
    for key in ("where", "where_not"):
        given[key] = _conditions(row.get(key, {}), f"{where}.{key}", checker)
    if "empty" in row:
        given["empty"] = ("", *_texts(row["empty"], f"{where}.empty", checker))
    rules = []
    for name in names:
        found = row.get(name, [])
        for table in found if isinstance(found, list) else [found]:
            if isinstance(table, dict):
                rules.append(_rule(name, table, f"{where}.{name}", checker))
            else:
                checker.add("mapping_value", f"{where}.{name}", table)
    if not rules and known:
        checker.add("mapping_empty", where)
    return Block(number=number, rules=tuple(rules), **given)


def _is_encoding(name: str) -> bool:
    """Return whether texts can be written in an encoding; codecs of other things have names too."""
    try:
        return "a,1\n".encode(name).decode(name) == "a,1\n" and name.lower() not in _OF_HOSTS
    except (LookupError, ValueError):
        return False


def _is_format(text: str) -> bool:
    """Return whether a day written in a `strptime` format can be read again."""
    try:
        return bool(datetime.strptime(date(2021, 9, 1).strftime(text), text))
    except (ValueError, re.error):  # the latter where something is said twice
        return False


def _texts(given: Any, where: str, checker: Checker) -> tuple[str, ...]:
    items = given if isinstance(given, list) else [given]
    return tuple(checker.text(item, where).strip() for item in items)


def _conditions(given: Any, where: str, checker: Checker) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        checker.add("mapping_value", where, given)
        return {}
    return {key: _texts(items, f"{where}.{key}", checker) for key, items in given.items()}


def _rule(name: str, given: Mapping[str, Any], where: str, checker: Checker) -> Rule:
    table = schema.tables()[name]
    extra = {"observations": ("wide",)}.get(table.nature, ("matrix",) if table.is_relation else ())
    known = {key: item for key, item in given.items() if not is_own(key)}
    checker.keys(known, (*table.all_columns, *extra), where)
    own = {key: item for key, item in given.items() if key not in extra}
    values = {
        is_own(key) or key: _value(item, table.all_columns.get(key), f"{where}.{key}", checker)
        for key, item in own.items()
    }
    matrix = given.get("matrix", False) if table.is_relation else False
    if matrix is not False:
        takes = tuple(key for key in table.columns if key not in ("source", "target"))
        if isinstance(matrix, str) and not is_own(matrix):
            checker.keys({matrix: True}, takes, f"{where}.matrix")
        elif not isinstance(matrix, bool | str):
            checker.add("mapping_value", f"{where}.matrix", matrix)
        if "target" in own:
            checker.add("mapping_conflict", f"{where}.target", "target", other="matrix")
        return Rule(name, values, matrix=matrix)
    spans = {key: value.columns for key, value in values.items() if value.range}
    if len(set(spans.values())) > 1:
        checker.add("mapping_conflict", where, " + ".join(spans), other="range")
    if table.is_relation:
        sheet = name == "member_of" and ("core" in given or "member" in given)
        for end in ("source", "target"):
            if not (end in given or f"{end}_name" in given or sheet):
                checker.add("mapping_end", where, end)
    elif table.nature == "kind" and not {"id", "name"} & set(given):
        checker.add("mapping_end", where, "id")
    elif "wide" in given and name == "observations":
        if "id" not in given:
            checker.add("mapping_end", where, "id")
        return _wide(values, given["wide"], f"{where}.wide", checker)
    elif table.nature == "observations" and not {"id", "measure"} <= set(given):
        checker.add("mapping_end", where, "id" if "id" not in given else "measure")
    return Rule(name, values)


def _wide(values: Mapping[str, Value], given: Any, where: str, checker: Checker) -> Rule:
    """Return the rule for a sheet with one column a measure or period."""
    if not isinstance(given, dict) or not isinstance(given.get("pattern"), str):
        checker.add("mapping_value", where, given)
        return Rule("observations", values)
    checker.keys(given, _WIDE, where)
    measure = checker.text(given.get("measure", ""), f"{where}.measure")
    try:
        pattern = re.compile(given["pattern"])
    except re.error:
        checker.add("mapping_pattern", f"{where}.pattern", given["pattern"])
        return Rule("observations", values)
    checker.keys(pattern.groupindex, _OF_HEADERS, f"{where}.pattern")
    if not measure and "measure" not in pattern.groupindex and "measure" not in values:
        checker.add("mapping_end", where, "measure")
    for key in ("value", "text"):
        if key in values:
            checker.add("mapping_conflict", where, key, other="wide")
    return Rule("observations", values, pattern, measure)


def _value(given: Any, column: schema.Column | None, where: str, checker: Checker) -> Value:
    if isinstance(given, str):
        return Value(columns=(given,))
    if not isinstance(given, dict):
        checker.add("mapping_value", where, given)
        return Value(value="")
    known = checker.keys(given, _VALUE, where)
    if sum(key in given for key in ("column", "columns", "value")) != 1:
        if known:
            checker.add("mapping_value", where, dict(given))
        return Value(value="")
    one = [checker.text(given["column"], where)] if "column" in given else []
    several = given.get("columns", one)
    columns = _texts(several, where, checker)
    if "columns" in given and not (several and isinstance(several, list | str)):
        checker.add("mapping_value", f"{where}.columns", several)
    pairs = given.get("map")
    if pairs is not None and not isinstance(pairs, dict):
        checker.add("mapping_value", f"{where}.map", pairs)
        pairs = None

    def text(key: str) -> str | None:
        return checker.text(given[key], f"{where}.{key}") if key in given else None

    def flag(key: str) -> bool:
        if not isinstance(given.get(key, False), bool):
            checker.add("mapping_value", f"{where}.{key}", given[key])
        return given.get(key) is True

    if (form := text("format")) and not _is_format(form):
        checker.add("mapping_format", f"{where}.format", form)
    span = flag("range")
    if span and not (column is None or column.is_date):
        checker.add("mapping_no_date", f"{where}.range", column.name)
    if span and form:
        checker.add("mapping_conflict", where, "range", other="format")
    scale, digits = _measured(given, column, where, checker)
    return Value(
        columns=columns,
        join=text("join") or "",
        skip_empty=flag("skip_empty"),
        map=None
        if pairs is None
        else {k.strip(): checker.text(v, where) for k, v in pairs.items()},
        default=text("default"),
        format=form or "",
        range=span,
        split=_separators(given, f"{where}.split", checker),
        scale=scale,
        digits=digits,
        value=text("value"),
    )


def _separators(given: Mapping[str, Any], where: str, checker: Checker) -> tuple[str, ...]:
    """Return what stands between the names of a cell: a text, or one of several."""
    if "split" not in given:
        return ()
    found = given["split"] if isinstance(given["split"], list) else [given["split"]]
    if not all(isinstance(item, str) for item in found):
        checker.add("mapping_value", where, given["split"])
        return ()
    return tuple(filter(None, found))


def _measured(
    given: Mapping[str, Any], column: schema.Column | None, where: str, checker: Checker
) -> tuple[float | None, int | None]:
    """Return by what a number is multiplied, and to how many digits it is rounded."""
    for key in ("scale", "round"):
        if key in given and not (column is None or column.is_number):
            checker.add("mapping_no_number", f"{where}.{key}", column.name)
    scale, digits = given.get("scale"), given.get("round")
    if scale is not None and (
        isinstance(scale, bool) or not isinstance(scale, int | float) or not isfinite(scale)
    ):
        checker.add("mapping_value", f"{where}.scale", scale)
        scale = None
    if digits is False:
        digits = None
    if digits is not None and not (isinstance(digits, int) and 0 <= digits <= _DIGITS):
        checker.add("mapping_value", f"{where}.round", digits)
        digits = None
    # `true` is the whole number
    return scale, 0 if digits is True else digits
