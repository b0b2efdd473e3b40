"""Values of a server as plain ones: nodes as maps, paths as lists, times as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def simple(value: Any) -> Any:
    """Return a value as numbers, texts, dates, lists and maps.

    A node is the map of its properties, a relationship that of its own with its type first, a path
    the list of both in turn; a point tells its reference system.

    Examples
    --------
    >>> from neo4j.spatial import WGS84Point
    >>> from neo4j.time import Date, Duration
    >>> simple([Date(2021, 9, 1), Duration(months=1), WGS84Point((104.0, 23.4))])
    [datetime.date(2021, 9, 1), 'P1M', {'srid': 4326, 'x': 104.0, 'y': 23.4}]
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    from neo4j.graph import Node, Path, Relationship
    from neo4j.spatial import Point
    from neo4j.time import Date

    if isinstance(value, Date):
        return value.to_native()
    if isinstance(value, Node):
        return {key: simple(value[key]) for key in sorted(value)}
    if isinstance(value, Relationship):
        return {"type": value.type} | {key: simple(value[key]) for key in sorted(value)}
    if isinstance(value, Path):
        steps = [simple(value.start_node)]
        for relationship, node in zip(value.relationships, value.nodes[1:], strict=True):
            steps += [simple(relationship), simple(node)]
        return steps
    if isinstance(value, Point):
        return {"srid": value.srid} | dict(zip("xyz", value, strict=False))
    if isinstance(value, Mapping):
        return {str(key): simple(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if hasattr(value, "iso_format"):  # a duration is a sequence too
        return value.iso_format()
    if isinstance(value, Sequence):
        return [simple(item) for item in value]
    return str(value)


def texts(value: Any) -> set[str]:
    """Return every distinct text in a plain value, at any depth."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return texts(list(value)) | texts(list(value.values()))
    if isinstance(value, list):
        found = {item for item in value if isinstance(item, str)}
        return found.union(*(texts(item) for item in value if isinstance(item, list | dict)))
    return set()


def replaced(value: Any, words: Mapping[str, str]) -> Any:
    """Return a plain value with some texts replaced, at any depth.

    Examples
    --------
    >>> replaced(["a", {"b": ["a", 1]}], {"a": "x"})
    ['x', {'b': ['x', 1]}]
    """
    if not words:
        return value
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return {words.get(key, key): replaced(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, words) for item in value]
    return value


def frame(keys: Sequence[str], columns: Sequence[list[Any]], rows: int) -> pd.DataFrame:
    """Return columns of plain values as a frame; mixed ones stay objects."""
    import pandas as pd

    found = {key: _column(values) for key, values in zip(keys, columns, strict=True)}
    return pd.DataFrame(found, index=pd.RangeIndex(rows))


def _column(values: list[Any]) -> pd.Series:
    import pandas as pd

    dtypes: dict[type, str] = {
        str: "str",
        bool: "boolean",
        int: "Int64",
        float: "float64",
        date: "datetime64[s]",
    }
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) == 1 and (kind := kinds.pop()) in dtypes:
        return pd.Series(values, dtype=dtypes[kind])
    return pd.Series(values, dtype=object)
