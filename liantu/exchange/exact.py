"""Cells exactly as they are: typed columns as texts and back, nothing cleaned or repaired.

Every re-importable format keeps the fingerprint of what it holds. If the cells, taken exactly as
written, still have that fingerprint, they are that network; if not, somebody edited them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.build import build, loose
from liantu.graph.extras import columns_of
from liantu.graph.fingerprint import fingerprint
from liantu.graph.load_report import COUNTS, LoadReport
from liantu.graph.network import Network

ABOUT = ("title", "as_of", "fingerprint", "phase", "goal")  # what is kept beside the tables
PHASE = ("name", "name_en", "start", "end")  # of a phase


class Kept(NamedTuple):
    """What a file of our own holds, before it is checked.

    Attributes
    ----------
    about
        What ``network.toml`` would say, and the ``fingerprint``.
    tables
        Cells by table, as they were written.
    place
        File, sheet and row of the first cells of a table.
    """

    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    place: Callable[[str], tuple[str, str, int]]


def about(network: Network, frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what ``network.toml`` says of a network whose plain frames are written.

    The fingerprint is that of the frames: a network without teachers' names reports the one of
    its original.
    """
    said: dict[str, Any] = {"title": network.title} if network.title else {}
    said |= {"as_of": network.as_of.isoformat()} if network.as_of else {}
    said["fingerprint"] = fingerprint(frames)
    if network.phases:
        said["phase"] = [_phase(phase) for phase in network.phases]
    if network.goals:
        said["goal"] = [dict(goal) for goal in network.goals]
    return said


def _phase(phase: Mapping[str, Any]) -> dict[str, str]:
    known = {key: phase[key] for key in PHASE if phase.get(key) is not None}
    return {k: v.isoformat() if isinstance(v, date) else str(v) for k, v in known.items()}


def saying(name: str, frame: pd.DataFrame) -> list[str]:
    """Return the columns of an opened table that say something: required, beyond the default."""
    return [
        key
        for key, column in columns_of(name, frame).items()
        if column.required or stated(frame[key], column).notna().any()
    ]


def stated(values: pd.Series, column: schema.Column) -> pd.Series:
    """Return the values of a column without defaults, which are as good as empty."""
    if not column.default or column.required:
        return values
    default = False if column.type == "bool" else column.default
    return values.mask((values == default).fillna(False).astype(bool))


def texts(values: pd.Series, column: schema.Column) -> pd.Series:
    """Return a column as texts that `typed` reads to the last digit; missing stays missing.

    Examples
    --------
    >>> texts(pd.Series([0.1 + 0.2, 3.0]), schema.tables()["school"].columns["lon"]).tolist()
    ['0.30000000000000004', '3']
    """
    if column.is_date:
        return iso(values)
    if column.type == "bool":
        found = values.map({True: "true", False: "false"}, na_action="ignore")
    elif column.is_number:
        found = pd.Series(pa.array(values, from_pandas=True).cast(pa.string()), values.index)
    else:
        found = values
    return found.astype("str").where(values.notna())


def iso(values: pd.Series) -> pd.Series:
    """Return dates as ISO texts; with the time of day only where one has any."""
    days = values.to_numpy().astype("M8[s]")
    whole = (days.astype("M8[D]") == days) | np.isnat(days)
    found = np.datetime_as_string(days, unit="D" if whole.all() else "s")
    return pd.Series(found, index=values.index).astype("str").where(values.notna())


def typed(name: str, cells: pd.DataFrame) -> pd.DataFrame:
    """Return exact texts (or values) as the columns of a table.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is not as `texts` writes it.
    """
    columns = {**schema.tables()[name].columns, **columns_of(name, cells)}
    found = {str(key): _typed(cells[key], columns[str(key)]) for key in cells.columns}
    return pd.DataFrame(found, index=cells.index)


def _typed(cells: pd.Series, column: schema.Column) -> pd.Series:
    if cells.dtype == column.dtype != "str":
        return cells
    known = cells.notna() & (cells != "")
    given = cells[known]
    if column.dtype == "str":
        if cells.dtype != "str" and not given.map(lambda cell: isinstance(cell, str)).all():
            raise TypeError(column.name)
        return cells.astype("str").where(known)
    found = pd.Series(None, index=cells.index, dtype=column.dtype)
    if column.is_date:
        if not given.astype("str").str.match(r"\d{4}-\d\d-\d\d(?!\d)").all():
            raise ValueError(column.name)
        found[known] = given.astype("str").to_numpy(dtype=str).astype("M8[s]")
    elif column.type == "bool":
        answers = given.map({"true": True, "false": False, True: True, False: False})
        if answers.isna().any():
            raise ValueError(column.name)
        found[known] = answers.astype("boolean")
    elif given.dtype == "str":
        wanted = pa.int64() if column.type == "int" else pa.float64()
        found[known] = pa.array(given, pa.string()).cast(wanted).to_numpy()
    else:
        whole = column.type == "int"
        numbers = [int(cell) if whole else float(cell) for cell in given]
        if whole and any(
            n != cell for n, cell in zip(numbers, given, strict=True) if cell != str(n)
        ):
            raise ValueError(column.name)
        found[known] = pd.Series(numbers, index=given.index, dtype=column.dtype)
    return found


def network(kept: Kept, *, as_of: date | None, **attributes: Any) -> Network | None:
    """Return the network that a file of our own holds, or None if somebody edited the file."""
    try:
        frames = {name: typed(name, cells) for name, cells in kept.tables.items()}
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    built, report = built_of(kept, frames, as_of)
    if not built:
        return None
    found = fingerprint({name: loose(frame) for name, frame in built.items()})
    if found != kept.about.get("fingerprint"):
        return None
    return Network(built, as_of=as_of, report=report, fingerprint=found, **attributes)


def built_of(
    kept: Kept, frames: Mapping[str, pd.DataFrame], as_of: date | None
) -> tuple[dict[str, pd.DataFrame], LoadReport]:
    """Build frames; the report counts their rows and names the places of what is wrong."""

    def locate(name: str, position: int) -> Mapping[str, Any]:
        file, sheet, first = kept.place(name)
        return {"file": file, "sheet": sheet, "row": first + position}

    built, report = build(frames, as_of=as_of, locate=locate, closed=True)
    counts = [_counts(*kept.place(name)[:2], name, len(frame)) for name, frame in frames.items()]
    return built, LoadReport((*counts, *report.tables), report.problems)


def _counts(file: str, sheet: str, table: str, rows: int) -> dict[str, Any]:
    place = {"file": file, "sheet": sheet, "table": table}
    return place | dict.fromkeys(COUNTS, 0) | {"rows_read": rows, "rows_used": rows}
