"""The mapping file and ``network.toml``: checked on reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from liantu.errors import LiantuError, Problem, RequestError
from liantu.graph.goals import goal_problems
from liantu.loaders.mapping_block import Block, Checker, block_of
from liantu.loaders.sources import missing, read_toml
from liantu.paths import name_of

_NETWORK = ("title", "title_en", "title_zh", "as_of", "description", "description_en")
_SETTINGS = (*_NETWORK, "network", "phase", "goal", "mapping", "rows", "fingerprint")


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


def rules_of(mapping: str | Path | Mapping[str, Any]) -> tuple[Settings, Path]:
    """Return what a mapping says, a file or its content, and the file that problems name.

    Raises
    ------
    RequestError
        If it cannot be used, or has no rows.
    """
    if isinstance(mapping, Mapping):
        file = Path("mapping")
        settings = settings_of(mapping, file)
    else:
        file = Path(mapping)
        settings = read_settings(file)
    if not settings.blocks:
        raise RequestError.of("mapping_no_rows", file=name_of(file))
    return settings, file


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
    checker = Checker(name_of(path))
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
        blocks=tuple(block_of(row, number, checker) for number, row in enumerate(rows, 1)),
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


def _day(given: Any, where: str, checker: Checker) -> date | None:
    from liantu.options import parse_date

    try:
        if isinstance(given, str | date | datetime):
            return parse_date(given, where)
    except LiantuError:
        pass
    checker.add("bad_date", where, given)
    return None


def _phases(given: Any, checker: Checker) -> tuple[Mapping[str, Any], ...]:
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


def _goals(given: Any, checker: Checker) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        checker.add("goal_table", "goal")
        return ()
    checker.problems += goal_problems(given, checker.file)
    return tuple(given)
