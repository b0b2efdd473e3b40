"""Views of a network in other libraries' shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.formats.card import card, spoken
from liantu.graph import schema
from liantu.graph.extras import opened
from liantu.vocabulary import label

if TYPE_CHECKING:
    import networkx as nx

    from liantu.graph.network import Network


def to_networkx(network: Network) -> nx.MultiDiGraph:
    """Return a real ``MultiDiGraph`` for anything liantu does not offer.

    Node keys are ``kind:id``; every non-empty column is an attribute, and ``observations`` the
    list of a node's figures; edge keys are the relation and a running number. `from_networkx`
    takes the graph back.
    """
    frames = network.plain_frames()
    graph = graph_of(frames, edge_key=lambda name, number: (name, number))
    for node, figures in observed(frames["observations"]).items():
        graph.nodes[node]["observations"] = figures
    graph.graph |= {"title": network.title, "as_of": network.as_of}
    for key, tables in (("phases", network.phases), ("goals", network.goals)):
        if tables:
            graph.graph[key] = [dict(table) for table in tables]
    return graph


def page(network: Network, path: str | Path, **options: Any) -> None:
    """Write the page that people look around in, one HTML file.

    Parameters
    ----------
    path
        The file.
    options
        Those of `liantu.web.write.write_page`: ``as_of``, ``months``, ``scope``, ``rural``,
        ``lang``, ``title``.
    """
    # The page stands above the model; it joins by its name.
    import_module("liantu.web.write").write_page(network, path, **options)


def explore(network: Network, **options: Any) -> Any:
    """Return the page as something that a notebook shows in a frame of its own.

    Parameters
    ----------
    options
        Those of `liantu.web.write.explore`: ``as_of``, ``months``, ``lang``.
    """
    return import_module("liantu.web.write").explore(network, **options)


def shown(network: Network) -> str:
    """Return what a notebook shows of a network: counts, never a name."""
    lang = spoken()
    sizes = ((t.label(lang), network.size(name)) for name, t in schema.tables().items())
    line = f"{label('as_of', lang, 'label')}{'：' if lang == 'zh' else ': '}{network.as_of}"
    return card(
        network.title or label("network", lang, "label"),
        lang,
        line=line if network.as_of else "",
        figures=[(name, f"{size:,}") for name, size in sizes if size],
        mark=network.fingerprint[:23],
    )


def graph_of(
    frames: Mapping[str, pd.DataFrame], edge_key: Callable[[str, int], Any]
) -> nx.MultiDiGraph:
    """Return plain frames as a graph: every filled cell of a node or tie is an attribute."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    for kind in schema.kinds():
        rows = records(opened(frames[kind]).drop(columns="id"))
        keys = (kind + ":" + frames[kind]["id"]).tolist()
        graph.add_nodes_from(
            (key, {"kind": kind, **row}) for key, row in zip(keys, rows, strict=True)
        )
    for name in schema.relations():
        frame, table = frames[name], schema.tables()[name]
        ends = []
        for end in ("source", "target"):
            kinds = frame[f"{end}_kind"] if len(table.ends(end)) > 1 else table.ends(end)[0]
            ends.append((kinds + ":" + frame[end]).tolist())
        aside = ["source", "target", "source_kind", "target_kind"]
        rows = records(opened(frame).drop(columns=aside, errors="ignore"))
        graph.add_edges_from(
            (source, target, edge_key(name, number), {"relation": name, **row})
            for number, (source, target, row) in enumerate(zip(*ends, rows, strict=True))
        )
    return graph


def observed(figures: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each node, by its key in the graph."""
    found: dict[str, list[dict[str, Any]]] = {}
    keys = (figures["kind"] + ":" + figures["id"]).tolist()
    figures = opened(figures)
    for key, row in zip(keys, records(figures.drop(columns=["kind", "id"])), strict=True):
        found.setdefault(key, []).append(row)
    return found


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values without the missing ones; dates as `datetime.date`."""
    columns = {}
    for key in frame.columns:
        values = frame[key]
        known = values.notna()
        if not known.any():
            continue
        plain = values.dt.date if values.dtype.kind == "M" else values.astype(object)
        # a missing date among objects stays a NaT that is not None
        cells = zip(plain.tolist(), known.tolist(), strict=True)
        columns[str(key)] = [value if there else None for value, there in cells]
    rows = zip(*columns.values(), strict=True) if columns else ([] for _ in range(len(frame)))
    return [
        {key: value for key, value in zip(columns, row, strict=True) if value is not None}
        for row in rows
    ]
