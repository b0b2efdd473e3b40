"""What every store keeps beside the rows, and how a network is made again from what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import Problem
from liantu.graph import schema
from liantu.graph.fingerprint import fingerprint
from liantu.graph.load_report import LoadReport

if TYPE_CHECKING:
    from liantu.graph.network import Network

FORMAT = 1  # of what stores keep; a newer one is refused
MANIFEST = "liantu.json"  # in a Parquet folder
GENERATION = "data-" + "[0-9a-f]" * 16  # the rows in it


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
        "fingerprint": fingerprint(frames),
        "counts": {name: len(frames[name]) for name in schema.tables() if len(frames[name])},
    }


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
                "sheet": problem.sheet,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "params": _written(problem.params),
            }.items()
            if value not in ("", None, {})
        }
        for problem in report.problems
    ]
    return {"tables": [_written(table) for table in report.tables], "problems": problems}


def _load_report(given: Mapping[str, Any]) -> LoadReport:
    problems = tuple(
        Problem(**{**problem, "params": _read(problem.get("params", {}))})
        for problem in given.get("problems", ())
    )
    return LoadReport(tuple(given.get("tables", ())), problems)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; as words it stays the same."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)
