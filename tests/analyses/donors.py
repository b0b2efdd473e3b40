"""Schools that help others, whose load is worked out by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd

from liantu.analyses.load import load
from liantu.graph.indicators import indicators
from liantu.graph.network import Network

DAY = "2024-06-30"
ABOVE, BACKBONE, ARTS = list(indicators())[:3]


def made(
    schools: dict[str, Any], figures: dict[str, dict[str, float]] | None = None, **frames: Any
):
    """Make a network; `figures`: id → measure → value."""
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    rows = [(i, m, v) for i, own in (figures or {}).items() for m, v in own.items()]
    if rows:
        told = pd.DataFrame(rows, columns=["id", "measure", "value"])
        tables["observations"] = told.assign(kind="school", period="2023-2024")
    return Network.from_frames({"school": pd.DataFrame(schools), **tables}, as_of=DAY)


def pairs(*words: str, **more: Any) -> dict[str, Any]:
    """Return sources and targets of words such as "ab": a helps b."""
    return {"source": [w[0] for w in words], "target": [w[1] for w in words], **more}


def donors(*cases: dict[str, Any], **frames: Any) -> Network:
    """Make a network in which 00 helps 00b, 01 helps 01b …

    A case gives pupils, stage, teachers, figures by indicator and the number of people posted to
    the school that is helped, of whom nothing else is known.
    """
    usual = {"pupils": 1000, "stage": "primary", "teachers": 60, "posted": 0}
    rows = [{**usual, **case, "id": f"{n:02}"} for n, case in enumerate(cases)]
    keys = ("id", "pupils", "stage", "teachers")
    schools = [{k: row[k] for k in keys} for row in rows]
    helped = [f"{row['id']}b" for row in rows]
    figures = {row["id"]: {k: v for k, v in row.items() if k in indicators()} for row in rows}
    sent = [row for row in rows if row["posted"]]
    if sent:
        frames["posted_to"] = {
            "source": [row["id"] for row in sent], "source_kind": "school",
            "target": [f"{row['id']}b" for row in sent],
            "count": [row["posted"] for row in sent],
        }  # fmt: skip
    columns = pd.DataFrame([*schools, *({"id": other} for other in helped)]).to_dict("list")
    ties = {"source": [row["id"] for row in rows], "target": helped}
    return made(columns, figures, assists=ties, **frames)


def thresholds(net: Network, key: str) -> pd.DataFrame:
    table = load(net).tables["thresholds"]
    return table[table["indicator"] == key].sort_values("supporter", ignore_index=True)
