"""The mapping file: checked on reading, one block a table of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError, Problem, RequestError
from liantu.graph import schema
from liantu.graph.goals import goal_problems
from liantu.loaders.sources import missing, read_toml
from liantu.paths import name_of
from liantu.vocabulary import nearest

_BLOCK = (
    *("file", "sheet", "header", "encoding", "bad_rows", "where", "where_not"),
    *("missing_ends", "empty", "label", "type"),
)
_OF_FILES = ("file", "sheet", "header", "encoding", "bad_rows")
_VALUE = ("column", "columns", "join", "map", "default", "format", "split", "value")
_NETWORK = ("title", "title_en", "title_zh", "as_of", "description", "description_en")
_OF_HOSTS = ("idna", "punycode")  # encodings of names on the net
_SETTINGS = (*_NETWORK, "network", "phase", "goal", "mapping", "rows", "fingerprint")


@dataclass(frozen=True)
class Value:
    """Where a column's value comes from."""

    columns: tuple[str, ...] = ()
    join: str = ""
    map: Mapping[str, str] | None = None
    default: str | None = None
    format: str = ""
    split: str = ""
    value: str | None = None


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
    tables: tuple[tuple[str, Mapping[str, Value]], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers that the block uses, in their order, each once."""
        used = [*self.where, *self.where_not]
        used += [c for _, values in self.tables for v in values.values() for c in v.columns]
        return tuple(dict.fromkeys(used))


@dataclass(frozen=True)
class Settings:
    """What a mapping file or ``network.toml`` says."""

    title: str = ""
    as_of: date | None = None
    phases: tuple[Mapping[str, Any], ...] = ()
    goals: tuple[Mapping[str, Any], ...] = ()
    blocks: tuple[Block, ...] = ()
    mapping: Path | None = None
    fingerprint: str = ""  # of the tables as liantu wrote them


class _Checker:
    """Collects what is wrong with a settings file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, code: str, where: str, value: object = "", **params: object) -> None:
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
                self.add("mapping_key_far", where, key, allowed=", ".join(allowed))
        return not unknown

    def text(self, given: Any, where: str) -> str:
        if isinstance(given, str):
            return given
        if isinstance(given, bool):
            return "true" if given else "false"
        if isinstance(given, int | float | date):
            return str(given)
        self.add("mapping_value", where, given)
        return ""


def read_settings(path: Path) -> Settings:
    """Read a mapping file or a ``network.toml``.

    Raises
    ------
    RequestError
        If the file is missing, is no TOML, or holds something unknown: every reason at once.
    """
    if not path.is_file():
        raise missing(path, "mapping_missing")
    return settings_of(read_toml(path, "mapping_syntax"), path)


def settings_of(data: Mapping[str, Any], path: Path) -> Settings:
    """Return what a settings file, or a mapping of its shape, says, checked.

    Parameters
    ----------
    data
        What stands in the file.
    path
        The file: its name stands in problems, its folder holds the mapping it names.

    Raises
    ------
    RequestError
        If it holds something unknown: every reason at once.
    """
    checker = _Checker(name_of(path))
    checker.keys(data, _SETTINGS, "")
    network = data.get("network", {})
    if not isinstance(network, dict):
        checker.add("mapping_value", "network", network)
        network = {}
    checker.keys(network, _NETWORK, "network")
    both = {**{k: v for k, v in data.items() if k in _NETWORK}, **network}
    rows = data.get("rows", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        checker.add("mapping_value", "rows", "[rows]")
        rows = []
    settings = Settings(
        title=checker.text(both.get("title", ""), "title"),
        as_of=_day(both["as_of"], "as_of", checker) if "as_of" in both else None,
        phases=_phases(data.get("phase", []), checker),
        goals=_goals(data.get("goal", []), checker),
        blocks=tuple(_block(row, number, checker) for number, row in enumerate(rows, 1)),
        mapping=path.parent / str(data["mapping"]) if "mapping" in data else None,
        fingerprint=checker.text(data.get("fingerprint", ""), "fingerprint"),
    )
    if checker.problems:
        raise RequestError(checker.problems)
    return settings


def check_places(blocks: Iterable[Block], file: str, *, server: bool) -> None:
    """Refuse blocks of files where a server is read, and those of labels and types elsewhere.

    Raises
    ------
    RequestError
        One line a block; `file` is the name of the mapping.
    """
    code = "mapping_needs_label" if server else "mapping_needs_server"
    wrong = [block for block in blocks if bool(block.label or block.type) != server]
    if wrong:
        raise RequestError(
            Problem("error", code, file, column=f"rows {block.number}") for block in wrong
        )


def _day(given: Any, where: str, checker: _Checker) -> date | None:
    from liantu.options import parse_date

    try:
        if isinstance(given, str | date | datetime):
            return parse_date(given, where)
    except LiantuError:
        pass
    checker.add("bad_date", where, given)
    return None


def _phases(given: Any, checker: _Checker) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        checker.add("mapping_value", "phase", given)
        return ()
    for number, row in enumerate(given, 1):
        where = f"phase {number}"
        checker.keys(row, ("name", "name_en", "start", "end"), where)
        days = {k: _day(row[k], f"{where}.{k}", checker) for k in ("start", "end") if k in row}
        found.append({**row, **days})
    return tuple(found)


def _goals(given: Any, checker: _Checker) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        checker.add("goal_table", "goal")
        return ()
    checker.problems += goal_problems(given, checker.file)
    return tuple(given)


def _block(row: Mapping[str, Any], number: int, checker: _Checker) -> Block:
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
        ("bad_rows", ("error", "skip")),
        ("missing_ends", ("error", "skip", "create")),
    ):
        if key in row:
            given[key] = str(row[key])
            if row[key] not in allowed:
                checker.add(
                    "mapping_choice", f"{where}.{key}", row[key], allowed=", ".join(allowed)
                )
    for key in ("where", "where_not"):
        given[key] = _conditions(row.get(key, {}), f"{where}.{key}", checker)
    if "empty" in row:
        given["empty"] = ("", *_texts(row["empty"], f"{where}.empty", checker))
    tables = []
    for name in names:
        found = row.get(name, [])
        for table in found if isinstance(found, list) else [found]:
            if isinstance(table, dict):
                tables.append((name, _table(name, table, f"{where}.{name}", checker)))
            else:
                checker.add("mapping_value", f"{where}.{name}", table)
    if not tables and known:
        checker.add("mapping_empty", where)
    return Block(number=number, tables=tuple(tables), **given)


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


def _texts(given: Any, where: str, checker: _Checker) -> tuple[str, ...]:
    items = given if isinstance(given, list) else [given]
    return tuple(checker.text(item, where).strip() for item in items)


def _conditions(given: Any, where: str, checker: _Checker) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        checker.add("mapping_value", where, given)
        return {}
    return {key: _texts(items, f"{where}.{key}", checker) for key, items in given.items()}


def _table(
    name: str, given: Mapping[str, Any], where: str, checker: _Checker
) -> Mapping[str, Value]:
    columns = schema.tables()[name].all_columns
    checker.keys(given, tuple(columns), where)
    table = schema.tables()[name]
    if table.is_relation:
        sheet = name == "member_of" and ("core" in given or "member" in given)
        for end in ("source", "target"):
            if not (end in given or f"{end}_name" in given or sheet):
                checker.add("mapping_end", where, end)
    elif table.nature == "kind" and not {"id", "name"} & set(given):
        checker.add("mapping_end", where, "id")
    elif table.nature == "observations" and not {"id", "measure"} <= set(given):
        checker.add("mapping_end", where, "id" if "id" not in given else "measure")
    return {key: _value(item, f"{where}.{key}", checker) for key, item in given.items()}


def _value(given: Any, where: str, checker: _Checker) -> Value:
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

    if (form := text("format")) and not _is_format(form):
        checker.add("mapping_format", f"{where}.format", form)
    return Value(
        columns=columns,
        join=text("join") or "",
        map=None
        if pairs is None
        else {k.strip(): checker.text(v, where) for k, v in pairs.items()},
        default=text("default"),
        format=form or "",
        split=text("split") or "",
        value=text("value"),
    )
