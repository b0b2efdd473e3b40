"""A user's own graph as tables that a mapping reads: one of nodes, one of edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu.errors import DataError
from liantu.exchange import graphs
from liantu.graph.network import Network
from liantu.loaders import foreign
from liantu.loaders.body import body_of
from liantu.loaders.cells import Part
from liantu.loaders.findings import Findings
from liantu.loaders.mapping import Settings, check_places, rules_of, settings_of
from liantu.loaders.mapping_block import Block
from liantu.loaders.written import examined
from liantu.options import parse_date
from liantu.paths import name_of
from liantu.vocabulary import nearest

if TYPE_CHECKING:
    import networkx as nx

NODES, EDGES = "nodes", "edges"


def from_networkx(
    graph: nx.Graph,
    mapping: str | Path | Mapping[str, Any] | None = None,
    *,
    as_of: str | date | None = None,
    title: str = "",
) -> Network:
    """Return the network of a graph; see `Network.from_networkx`."""
    from liantu.loaders.reading import assemble

    said = {"title": title} if title else {}
    if as_of is not None:
        said["as_of"] = parse_date(as_of).isoformat()
    if mapping is None:
        kept = graphs.kept(graph)
        network, report = examined(kept._replace(about=kept.about | said), Path())
    else:
        settings = _settings(mapping, said)
        findings = Findings()
        parts = graph_parts(graph, settings.blocks, findings)
        network, report = assemble(parts, findings, settings, "", mapped=True, create_missing=False)
    if network is None:
        raise DataError(report.of("error"))
    return network


def _settings(mapping: str | Path | Mapping[str, Any], said: Mapping[str, Any]) -> Settings:
    """Return the rules of a mapping; what the caller said of the network goes before."""
    settings, file = rules_of(mapping)
    check_places(settings.blocks, name_of(file), server=False)
    own = settings_of(said, Path("mapping"))
    return replace(settings, title=own.title or settings.title, as_of=own.as_of or settings.as_of)


def graph_parts(graph: nx.Graph, blocks: Sequence[Block], findings: Findings) -> list[Part]:
    """Return the parts that the blocks of a mapping make of a graph's nodes and edges."""
    tables = {NODES: _nodes(graph), EDGES: _edges(graph)}
    parts: list[Part] = []
    for block in blocks:
        names = foreign.wanted(block, list(tables), folder=True)
        if not names:
            near = nearest(block.file, tables) or "–"
            findings.add("error", "mapping_file", value=block.file, nearest=near)
        for name in names:
            rows = range(1, 1 + len(next(iter(tables[name].values()))))
            whole = body_of((name, ""), tables[name], rows, findings)
            parts += foreign.parts_of(whole, block, findings)
    return parts


def _nodes(graph: nx.Graph) -> dict[str, list[str]]:
    return columns(({"node": node, **data} for node, data in graph.nodes(data=True)), ["node"])


def _edges(graph: nx.Graph) -> dict[str, list[str]]:
    """Return an edge a row: its ends, its key, its attributes and those of its ends."""
    keyed = graph.is_multigraph()
    edges = graph.edges(keys=True, data=True) if keyed else graph.edges(data=True)
    ends = {
        end: {
            node: {f"{end}.{key}": value for key, value in data.items()}
            for node, data in graph.nodes(data=True)
        }
        for end in ("source", "target")
    }
    rows = (
        {
            **edge[-1], "source": edge[0], "target": edge[1], "key": edge[2] if keyed else "",
            **ends["source"][edge[0]], **ends["target"][edge[1]],
        }
        for edge in edges
    )  # fmt: skip
    return columns(rows, ["source", "target", "key"])


def columns(rows: Iterable[Mapping[str, Any]], first: Sequence[str]) -> dict[str, list[str]]:
    """Return records as columns of texts: the first ones, then every other key that occurs.

    Examples
    --------
    >>> columns([{"a": 1, "b": True}, {"b": None, "c": 0.5}], ["a"])
    {'a': ['1', ''], 'b': ['true', ''], 'c': ['', '0.5']}
    """
    records = list(rows)
    keys = dict.fromkeys([*first, *(key for record in records for key in record)])
    return {str(key): [cell_text(record.get(key)) for record in records] for key in keys}


def cell_text(value: Any) -> str:
    """Return a value as the text of a cell; a whole number without a point."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)
