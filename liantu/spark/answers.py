"""Answers of an engine as a `Result`: the same words and figures as of arrays, in memory.

The engine finds the rows; a row a school, a supporter or a tie comes to the driver, as Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.analyses import coverage as coverages
from liantu.analyses import reach as reaches
from liantu.analyses import ties as every_tie
from liantu.errors import Message
from liantu.graph.scope import rural_schools, schools_in_scope
from liantu.results.core import Result
from liantu.spark.families import affiliations
from liantu.spark.network import EngineNetwork
from liantu.spark.schools import FIGURES


def ties(
    network: EngineNetwork, *, as_of: Any, in_force: bool, current: bool, window: str, basis: Any
) -> Result:
    """Answer `liantu.analyses.ties`."""
    day = network.day(as_of)
    found = network._ties(day, in_force, current, window, basis)
    table = _pandas(network.engine.arrow(found))[list(every_tie.COLUMNS)]
    flags = table.assign(ties=True)[["basis", "ties", "in_force", "active"]]
    by_basis = flags.groupby("basis", sort=True).sum().astype(np.int64).reset_index()
    ends = {
        "sources": len(table[["source_kind", "source"]].drop_duplicates()),
        "targets": table["target"].nunique(),
    }
    return every_tie.answer(table, by_basis, ends, network.frames.notes(day, _listed(basis)))


def coverage(
    network: EngineNetwork, *, as_of: Any, engine: str, scope: Any, rural: Any, stage: Any,
    window: str, sustained_months: int, hops: int | None, basis: Any,
) -> Result:  # fmt: skip
    """Answer `liantu.analyses.coverage`."""
    del engine
    day, light = network.day(as_of), network.light
    counted, inside = schools_in_scope(light, light.open_schools(day), scope, rural)
    if (stages := coverages.stage_keys(stage)) is not None:
        right = light.column("school", "stage").isin(stages).to_numpy(dtype=bool)
        counted, inside = counted & right, inside & right
    frame, found = network._coverage(day, window, sustained_months, hops, basis)
    rows = _pandas(network.engine.arrow(frame)).set_index("school")
    schools = light.columns("school", "name", "region", "stage", "urban_rural", "pupils")
    own = [key for key in rows if key not in schools]
    table = schools.join(rows[own]).rename_axis("school")  # closed ones have no row
    for key in ("covered", "as_core", *FIGURES):
        table[key] = table[key].fillna(False).astype(bool)
    figures = dict(
        zip(
            ("covered_direct", "covered_inherited", "covered_as_core"),
            (table[key].to_numpy() for key in FIGURES),
            strict=True,
        )
    )
    notes = [*network.frames.notes(day, _listed(basis)), *_inherited(network, day)]
    if found.no_cores:
        notes.append(Message("no_cores"))
    table = table.drop(columns=list(FIGURES)).astype({"supporters": "Int64"})
    return coverages.answer(light, table, figures, counted, inside, tuple(notes))


def reach(
    network: EngineNetwork, *, as_of: Any, engine: str, hops: int, decay: float, basis: Any,
    window: str, rural: Any,
) -> Result:  # fmt: skip
    """Answer `liantu.analyses.reach`."""
    del engine
    day, light = network.day(as_of), network.light
    found, met = network._reach(day, hops, decay, basis, window, rural)
    table = _pandas(network.engine.arrow(found))
    counted = light.open_schools(day)
    reached = np.zeros(len(counted), dtype=np.bool_)
    reached[network.engine.arrow(met).column("number").to_numpy()] = True
    village = counted & rural_schools(light, rural)
    schools = light.columns("school", "urban_rural", "pupils")
    notes = (*network.frames.notes(day, _listed(basis)), *_inherited(network, day))
    return reaches.answer(table, reached, village, counted, schools, notes)


ANSWERS: Mapping[str, Callable[..., Result]] = {
    "coverage": coverage,
    "reach": reach,
    "ties": ties,
}


def _listed(basis: Any) -> tuple[str, ...] | None:
    return None if basis is None else tuple(basis)


def _inherited(network: EngineNetwork, day: date) -> list[Message]:
    """Return what `Study.parents` counts."""
    counts = affiliations(network.frames, day)
    return [Message(key, {"count": count}) for key, count in counts.items() if count]


def _pandas(found: pa.Table) -> pd.DataFrame:
    """Return a table of a result in the dtypes that results have."""
    columns: dict[str, Any] = {}
    for name, values in zip(found.column_names, found.columns, strict=True):
        kind = values.type
        if pa.types.is_date(kind):
            columns[name] = values.cast(pa.timestamp("s")).to_numpy()
        elif pa.types.is_integer(kind):
            dtype: Any = pd.Int64Dtype()
            columns[name] = dtype.__from_arrow__(values.cast(pa.int64()))
            if not values.null_count:
                columns[name] = columns[name].to_numpy(dtype=np.int64)
        elif pa.types.is_boolean(kind):
            columns[name] = values.to_numpy().astype(np.bool_)
        elif pa.types.is_floating(kind):
            columns[name] = values.to_numpy()
        else:
            text: Any = pd.StringDtype(na_value=np.nan)
            columns[name] = text.__from_arrow__(values.cast(pa.large_string()))
    return pd.DataFrame(columns)
