"""What every store keeps beside the rows, and how a network is made again from what was kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import LiantuError, Problem
from liantu.graph import schema
from liantu.graph.fingerprint import fingerprint
from liantu.graph.frames import Frames
from liantu.graph.goals import goal_problems
from liantu.graph.load_report import COUNTS, LoadReport
from liantu.graph.privacy import Hiding, hiding
from liantu.options import parse_date
from liantu.stores.manifest import FORMAT

if TYPE_CHECKING:
    from liantu.graph.network import Network

_FINGERPRINT = re.compile("sha256:[0-9a-f]{64}")
_PLAIN = (str, bool, int, float, date, type(None))


def about_of(network: Network, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what is kept beside the rows, as JSON knows it.

    Parameters
    ----------
    network
        The network.
    frames
        Its rows, for the fingerprint: a masked network bears that of the data it was made from.
    """
    return {
        "format": FORMAT,
        "title": network.title,
        "as_of": None if network.as_of is None else network.as_of.isoformat(),
        "phases": [_written(phase) for phase in network.phases],
        "goals": [_written(goal) for goal in network.goals],
        "report": _report(network.report),
        "fingerprint": _fingerprint(network, frames),
        "counts": {name: size for name in schema.tables() if (size := _size(frames, name))},
    }


def _size(frames: Mapping[str, pd.DataFrame], name: str) -> int:
    return frames.size(name) if isinstance(frames, Frames) else len(frames[name])


def _fingerprint(network: Network, frames: Mapping[str, pd.DataFrame]) -> str:
    return network.fingerprint if network.masking is None else fingerprint(frames)


def served_about(network: Network, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what a server keeps beside the rows: also the fingerprint that queries may show."""
    return {**about_of(network, frames), "masked_fingerprint": hiding(network).fingerprint}


def kept_about(network: Network) -> dict[str, Any]:
    """Return what a folder keeps beside the rows: also what leaving names out changes.

    It has no part in what a network means: whoever knows it need not look.
    """
    if network.masking is None:  # looked for first: this finds both fingerprints at once
        found = hiding(network)
        about = about_of(network, network.frames)
    else:
        about = about_of(network, network.frames)
        found = hiding(network.replaced({}, fingerprint=about["fingerprint"], masking=None))
    hides = {"ids": found.ids, "tables": list(found.tables), "words": found.words}
    return {**about, "masked_fingerprint": found.fingerprint, "hides": hides}


def hiding_in(about: Mapping[str, Any]) -> Hiding | None:
    """Return what leaving names out changes, if it was kept; see `kept_about`."""
    if "hides" not in about:
        return None
    said = about["hides"]
    return Hiding(about["masked_fingerprint"], said["ids"], tuple(said["tables"]), said["words"])


def attributes_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a network from what was kept: all but its frames."""
    day = about.get("as_of")
    return {
        "as_of": None if day is None else date.fromisoformat(day),
        "title": about.get("title", ""),
        "phases": tuple(_read(phase) for phase in about.get("phases", ())),
        "goals": tuple(_read(goal) for goal in about.get("goals", ())),
        "report": _load_report(about.get("report", {})),
    }


def sound(about: Any) -> bool:
    """Return whether something has the shape that `about_of` gives, whoever wrote it."""
    if not isinstance(about, dict):
        return False
    counts = about.get("counts")
    try:
        json.dumps(about, ensure_ascii=False).encode()  # no half of a character
        said = attributes_of(about)
        return (
            type(about.get("format")) is int
            and about["format"] == FORMAT
            and isinstance(said["title"], str)
            and _FINGERPRINT.fullmatch(about["fingerprint"]) is not None
            and isinstance(counts, dict)
            and schema.tables().keys() >= counts.keys()
            and all(map(is_count, counts.values()))
            and all(map(_sound_phase, said["phases"]))
            and not goal_problems(said["goals"])
            and all(map(_sound_counts, said["report"].tables))
            and _sound_problems(said["report"].problems)
            and _sound_hides(about)
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, LiantuError):
        return False


def _sound_hides(about: Mapping[str, Any]) -> bool:
    if "hides" not in about:  # a store of old
        return True
    said = about["hides"]
    return (
        isinstance(said, dict)
        and type(said.get("ids")) is bool
        and type(said.get("words")) is bool
        and isinstance(said.get("tables"), list)
        and schema.tables().keys() >= set(said["tables"])
        and isinstance(about.get("masked_fingerprint"), str)
        and _FINGERPRINT.fullmatch(about["masked_fingerprint"]) is not None
    )


def is_count(value: Any) -> bool:
    """Return whether a value is a number of things."""
    return type(value) is int and 0 <= value < 2**63


def _sound_phase(phase: Mapping[str, Any]) -> bool:
    for key in ("start", "end"):
        if phase.get(key):
            parse_date(phase[key], key)
    return all(isinstance(value, _PLAIN) for value in phase.values())


def _is_plain(value: Any) -> bool:
    """Return whether a value is a word, a number or a list of such."""
    return all(map(_is_plain, value)) if isinstance(value, tuple) else isinstance(value, _PLAIN)


def _sound_counts(table: Mapping[str, Any]) -> bool:
    return all(
        is_count(value) if key in COUNTS else key in _LISTED or isinstance(value, _PLAIN)
        for key, value in table.items()
    )


def _sound_problems(problems: Iterable[Problem]) -> bool:
    kinds: dict[Any, Problem] = {}
    for problem in problems:
        words = (problem.file, problem.sheet, problem.column, problem.value, problem.at)
        if not (
            problem.severity in ("error", "warning", "info")
            and all(isinstance(word, str) for word in words)
            and (problem.row is None or is_count(problem.row))
            and isinstance(problem.private, bool)
            and all(map(_is_plain, problem.params.values()))
        ):
            return False
        types = tuple((key, type(value)) for key, value in problem.params.items())
        kinds.setdefault((problem.code, types, problem.params.get("codes")), problem)
    return all(problem.line() for problem in kinds.values())  # codes are known, parameters fit


def _written(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a phase, a goal or parameters with dates that can be told from texts."""
    return {
        key: {"date": value.isoformat()} if isinstance(value, date) else _plain(value)
        for key, value in given.items()
    }


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: date.fromisoformat(value["date"])
        if isinstance(value, dict) and list(value) == ["date"]
        else value
        for key, value in given.items()
    }


def _report(report: LoadReport) -> dict[str, Any]:
    problems = [
        {
            key: value
            for key, value in {
                "severity": problem.severity,
                "code": problem.code,
                "file": problem.file,
                "at": problem.at,
                "sheet": problem.sheet,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "params": _written(problem.params),
                "private": problem.private or None,
            }.items()
            if value not in ("", None, {})
        }
        for problem in report.problems
    ]
    return {"tables": [_written(table) for table in report.tables], "problems": problems}


def _load_report(given: Mapping[str, Any]) -> LoadReport:
    problems = tuple(
        Problem(**{**problem, "params": _fixed(_read(problem.get("params", {})))})
        for problem in given.get("problems", ())
    )
    return LoadReport(tuple(map(_table, given.get("tables", ()))), problems)


# What a table of a load report lists, with the number of words of each entry.
_LISTED = {"why": 2, "unread": 1}


def _table(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of a load report; lists of another shape than `_LISTED` are left out."""
    table = {key: value for key, value in given.items() if key not in _LISTED}
    for key, words in _LISTED.items():
        entries = given.get(key)
        if isinstance(entries, list):
            pairs = [entry if words > 1 else [entry] for entry in entries]
            if all(len(p) == words and all(isinstance(w, str) for w in p) for p in pairs):
                table[key] = tuple(tuple(p) if words > 1 else p[0] for p in pairs)
    return table


def _fixed(value: Any) -> Any:
    """Return a value of JSON with tuples for its lists, as reports have them."""
    if isinstance(value, Mapping):
        return {key: _fixed(item) for key, item in value.items()}
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; as words it stays the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)
