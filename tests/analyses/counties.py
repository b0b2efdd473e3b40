"""Small counties whose equity is worked out by hand, and rows of what is found of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from liantu.graph.network import Network
from liantu.results import Result

DAY = "2024-06-30"
PUPILS = [45, 37, 89, 76, 55]
BOOKS = [279, 137, 935, 160, 402]
EACH = [book / pupil for book, pupil in zip(BOOKS, PUPILS, strict=True)]
BACKBONE, SPORTS = "backbone_per_100", "sports_area_per_pupil"


def figures(ids: Any, values: Any, measure: str = BACKBONE, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": list(ids), "measure": measure, "value": values, **columns})


def made(schools: dict[str, Any], *observed: pd.DataFrame, **frames: Any) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    if observed:
        tables["observations"] = pd.concat(observed, ignore_index=True)
    return Network.from_frames({"school": pd.DataFrame(schools), **tables}, as_of=DAY)


def five(stage: str = "primary", measure: str = BACKBONE, **frames: Any) -> Network:
    schools = {"id": list("abcde"), "stage": stage, "pupils": PUPILS}
    return made(schools, figures("abcde", EACH, measure), **frames)


def row(result: Result, indicator: str = BACKBONE, table: str = "", **where: Any) -> pd.Series:
    """Return the one row of an indicator."""
    frame = result.tables[table] if table else result.table
    keep = frame["indicator"] == indicator
    for key, value in where.items():
        keep &= frame[key] == value
    (found,) = [frame.loc[index] for index in frame.index[keep]]
    return found


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}
