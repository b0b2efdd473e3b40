"""Many networks as one whose parts do not touch, and tables that are compared cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
from hard import hard_network
from random_network import AS_OF, random_network

import liantu
from liantu.graph import schema
from liantu.graph.build import loose
from liantu.graph.network import Network
from liantu.loaders.sources import case_names


def side_by_side(networks: Mapping[str, Network]) -> Network:
    """Return one network with ids that begin with the key of the network they are of."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for key, network in networks.items():
        for name, table in schema.tables().items():
            frame = loose(network.frames[name])
            named = [
                column.name
                for column in table.columns.values()
                if column.name in frame and (column.type in ("end", "ref") or column.name == "id")
            ]
            named = [k for k in named if not k.endswith("_kind")]
            for column in named:
                frame[column] = (key + "/" + frame[column].astype("str")).where(
                    frame[column].notna(), None
                )
            if len(frame):
                parts.setdefault(name, []).append(frame)
    frames = {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}
    return Network.from_frames(frames, as_of=AS_OF, title="并列")


@cache
def everything() -> Network:
    """Return the bundled cases, the hard network and 40 random ones side by side."""
    found = {name: liantu.read(f"case:{name}") for name in case_names()}
    return side_by_side({**found, "hard": hard_network(), "random": random_network(range(40))})


def cells(values: Any) -> list[Any]:
    """Return the cells of a column as plain values: a missing one None, a date a date."""
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value.date() if hasattr(value, "hour") else value


def assert_same(found: Any, meant: pd.DataFrame, columns: list[str] | None = None) -> None:
    """Check that an Arrow table and a frame hold the same rows in one order; floats to 1e-12."""
    assert found.num_rows == len(meant)
    for key in columns or list(meant.columns):
        got, want = cells(found.column(key).to_pylist()), cells(meant[key])
        for row, pair in enumerate(zip(got, want, strict=True)):
            one, other = pair
            if isinstance(one, float) and isinstance(other, float):
                assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12), (key, row, pair)
            else:
                assert one == other, (key, row, pair)


def arrow(frame: Any) -> Any:
    """Return a frame of either engine as an Arrow table."""
    return frame.toArrow() if hasattr(frame, "toArrow") else frame.to_arrow_table()


STOPS = [date(2021, 9, 30), date(2022, 1, 31), AS_OF]
