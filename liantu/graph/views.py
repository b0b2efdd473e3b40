"""Views of a network in other libraries' shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.graph import schema

if TYPE_CHECKING:
    import networkx as nx

    from liantu.graph.network import Network


def to_networkx(network: Network) -> nx.MultiDiGraph:
    """Return a ``MultiDiGraph`` of the whole network; see `Network.to_networkx`."""
    import networkx as nx

    graph = nx.MultiDiGraph(title=network.title, as_of=network.as_of)
    for kind in schema.kinds():
        frame = network.nodes(kind)
        keys = [f"{kind}:{key}" for key in frame.index]
        for key, row in zip(keys, _records(frame), strict=True):
            graph.add_node(key, kind=kind, **row)
    for name in schema.relations():
        frame, table = network.relation(name), schema.tables()[name]
        ends = []
        for end in ("source", "target"):
            kinds = frame[f"{end}_kind"] if len(table.ends(end)) > 1 else table.ends(end)[0]
            ends.append((kinds + ":" + frame[end].astype("str")).tolist())
        rest = frame.drop(
            columns=["source", "target", "source_kind", "target_kind"], errors="ignore"
        )
        rows = zip(ends[0], ends[1], _records(rest), strict=True)
        for number, (source, target, row) in enumerate(rows):
            graph.add_edge(source, target, key=(name, number), relation=name, **row)
    return graph


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values without the missing ones; dates as `datetime.date`."""
    columns = {}
    for key in frame.columns:
        values = frame[key]
        plain = values.dt.date if values.dtype.kind == "M" else values.astype(object)
        # a missing date among objects stays a NaT that is not None
        known = zip(plain.tolist(), values.notna().tolist(), strict=True)
        columns[str(key)] = [value if there else None for value, there in known]
    rows = zip(*columns.values(), strict=True) if columns else ([] for _ in range(len(frame)))
    return [
        {key: value for key, value in zip(columns, row, strict=True) if value is not None}
        for row in rows
    ]
