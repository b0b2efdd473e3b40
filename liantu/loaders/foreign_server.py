"""A graph of somebody else's on a Neo4j server: its labels and types are tables, by a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu.graph.load_report import LoadReport
from liantu.loaders.body import body_of
from liantu.loaders.cells import Part
from liantu.loaders.findings import Findings, Place
from liantu.loaders.foreign import parts_of
from liantu.loaders.graphs import cell_text
from liantu.loaders.mapping import check_places, rules_of
from liantu.loaders.mapping_block import Block
from liantu.loaders.reading import assemble
from liantu.stores.server.connection import Connection
from liantu.vocabulary import nearest

if TYPE_CHECKING:
    import neo4j

    from liantu.graph.network import Network

# The row of a problem is the last part of the element id, by which a person finds the element.
_NUMBER = "coalesce(toIntegerOrNull(split(elementId(x), ':')[-1]), 0)"


def examine(
    uri: str, mapping: str | Path | Mapping[str, Any], *, create_missing: bool = False
) -> tuple[Network | None, LoadReport]:
    """Read a graph through a mapping and return what loading found, errors included.

    Parameters
    ----------
    uri
        The address of the server and its database.
    mapping
        A mapping file, or its content, whose blocks name a ``label`` or a ``type``.
    create_missing
        Make nodes of ends that no block lists, instead of refusing them.

    Raises
    ------
    RequestError
        If the server or the mapping cannot be used.
    """
    settings, file = rules_of(mapping)
    check_places(settings.blocks, file.name, server=True)
    findings = Findings()
    with closing(Connection(uri)) as connection:
        parts = [part for block in settings.blocks for part in _parts(connection, block, findings)]
        name = str(connection.address)
    return assemble(parts, findings, settings, name, mapped=True, create_missing=create_missing)


def _parts(connection: Connection, block: Block, findings: Findings) -> list[Part]:
    """Read the nodes or relationships of a block, and of these only the properties it uses."""
    if block.label:
        place, pattern = (f"(:{block.label})", ""), f"(x:{quoted(block.label)})"
        there = "CALL db.labels() YIELD label AS name RETURN name"
    else:
        place, pattern = (f"[:{block.type}]", ""), f"(source)-[x:{quoted(block.type)}]->(target)"
        there = "CALL db.relationshipTypes() YIELD relationshipType AS name RETURN name"
    names = [record["name"] for record in connection.read(there)]
    if (name := block.label or block.type) not in names:
        code = "mapping_label" if block.label else "mapping_type"
        findings.add("error", code, place, value=name, nearest=nearest(name, names) or "–")
        return []
    owned = [_owned(column, block) for column in block.columns]
    nodes = ("source", "target") if block.type else ("x",)
    wanted = ", ".join(_cypher(*pair, n, nodes) for n, pair in enumerate(owned))
    query = f"MATCH {pattern} RETURN {_NUMBER}, [{wanted}]"

    def read(tx: neo4j.ManagedTransaction) -> list[tuple[int, list[Any]]]:
        return [(row, cells) for row, cells in tx.run(query, keys=[key for _, key in owned])]

    found = connection.reading(read)
    cells = list(zip(*(cells for _, cells in found), strict=True)) or [()] * len(owned)
    columns = dict(zip(block.columns, cells, strict=True))
    # A property that no element bears does not exist: there is no schema that would name it.
    unknown = [c for c, values in columns.items() if values and all(v is None for v in values)]
    if unknown:
        _tell_unknown(connection, pattern, block, unknown, place, findings)
        return []
    texts = {column: [_text(value) for value in values] for column, values in columns.items()}
    return parts_of(body_of(place, texts, [row for row, _ in found], findings), block, findings)


def _owned(column: str, block: Block) -> tuple[str, str]:
    """Return of what a column is (x, or an end of a relationship) and its key there."""
    owner, point, key = column.partition(".")
    return (owner, key) if block.type and point and owner in ("source", "target") else ("x", column)


def _cypher(owner: str, key: str, number: int, nodes: tuple[str, ...]) -> str:
    if key == "elementId":
        return f"elementId({owner})"
    if key == "labels" and owner in nodes:  # in an order that does not depend on the server
        return f"COLLECT {{ UNWIND labels({owner}) AS label RETURN label ORDER BY label }}"
    return f"{owner}[$keys[{number}]]"


def _tell_unknown(
    connection: Connection, pattern: str, block: Block, unknown: list[str], place: Place,
    findings: Findings,
) -> None:  # fmt: skip
    """Report properties that no node or relationship of a block bears, with the nearest."""
    for column in unknown:
        owner, _ = _owned(column, block)
        query = f"MATCH {pattern} UNWIND keys({owner}) AS key RETURN DISTINCT key"
        before = "" if owner == "x" else f"{owner}."
        keys = [before + record["key"] for record in connection.read(query)]
        near = nearest(column, keys) or "–"
        findings.add("error", "mapping_property", place, column=column, value=column, nearest=near)


def quoted(name: str) -> str:
    r"""Return a label or type as Cypher quotes it; nothing in it can end the quotes.

    Examples
    --------
    >>> print(quoted("a`b"), quoted(r"\u0060"))
    `a``b` `\u005Cu0060`
    """
    return "`" + name.replace("\\", "\\u005C").replace("`", "``") + "`"


def _text(value: Any) -> str:
    """Return a value as a cell: dates in ISO form, the items of a list with 、 between them."""
    if iso := getattr(value, "iso_format", None):  # dates, times and durations of the driver
        return str(iso())
    if isinstance(value, list | tuple):  # a point is a tuple of its coordinates
        return "、".join(map(_text, value))
    return value.hex() if isinstance(value, bytes | bytearray) else cell_text(value)
