"""From a compact description to the tables of a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from liantu.graph import schema

Row = dict[str, Any]
Rows = dict[str, list[Row]]

SHANDONG = "山东教育发布"


@dataclass(frozen=True)
class Case:
    """What stands in the folder of a case.

    Attributes
    ----------
    frames
        Frames by table.
    about
        Title, date and description.
    phases
        The phases of its history: name, name_en, start, end.
    claims
        The claims of its text; see `cases.claims`.
    goals
        The goals of its policy; see `liantu.graph.goals`.
    """

    frames: dict[str, pd.DataFrame]
    about: dict[str, str]
    phases: list[dict[str, str]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    goals: list[dict[str, Any]] = field(default_factory=list)


def tables(rows: Rows, provenance: str) -> dict[str, pd.DataFrame]:
    """Return frames of rows: columns in the order of the schema, empty ones left out."""
    frames = {}
    for table in schema.tables().values():
        if found := rows.get(table.name):
            whole = {"provenance": provenance, "synthetic": False}
            frame = pd.DataFrame([whole | row for row in found])
            used = [key for key in table.columns if key in frame and frame[key].notna().any()]
            counts = {key: "Int64" for key in used if table.columns[key].type == "int"}
            frames[table.name] = frame[used].astype(counts)
    return frames


def observed(kind: str, id: str, place: str, *figures: tuple[Any, ...]) -> list[Row]:
    """Return observations of one node: (measure, value, unit, period, text, subject, grade)."""
    keys = ("measure", "value", "unit", "period", "text", "subject", "grade")
    return [
        {"kind": kind, "id": id, "place": place} | dict(zip(keys, figure, strict=False))
        for figure in figures
    ]


def said(kind: str, id: str, place: str, **rules: str) -> list[Row]:
    """Return what a text says of one node in words: a rule, an approval, a policy."""
    return observed(
        kind, id, place, *((key, None, None, None, text) for key, text in rules.items())
    )


def filled(place: str, rows: list[Row]) -> list[Row]:
    """Mark rows that only make up a total."""
    return [{"place": place, "synthetic": True, **row} for row in rows]


def placed(place: str, rows: list[Row]) -> list[Row]:
    """Give rows that a text names their place in it."""
    return [{"place": place, **row} for row in rows]


def shandong_frame() -> Rows:
    """Return the provincial policy that the five cases of Shandong refer to."""
    return {
        "region": [{"id": "shandong", "name": "山东省", "level": "province", "place": "编者按"}],
        "partner": [
            {"id": "sd-education", "name": "山东省教育厅", "form": "government",
             "region": "shandong", "place": "编者按"},
        ],
        "observations": [
            *said("region", "shandong", "编者按", policy="强校扩优行动"),
            *observed(
                "region", "shandong", "编者按",
                ("issuing_departments", 4, "个"), ("pairing_mechanisms", 3, "种"),
            ),
        ],
    }  # fmt: skip


def joined(*parts: Rows) -> Rows:
    """Return the rows of several parts, table by table."""
    found: Rows = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found
