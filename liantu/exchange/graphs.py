"""A network as a graph that other programs draw, and a graph as the tables of a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.errors import DataError, Problem, RequestError
from liantu.exchange.exact import Kept, iso, stated
from liantu.exchange.jsonfile import frame_of
from liantu.exchange.positions import positions
from liantu.graph import schema
from liantu.graph.extras import columns_of, opened
from liantu.graph.views import observed
from liantu.vocabulary import Lang, nearest

if TYPE_CHECKING:
    import networkx as nx

    from liantu.graph.network import Network

# What drawing programs add to nodes and ties, and what we write for them.
ASIDE = ("kind", "relation", "label", "x", "y", "z", "observations")

# XML knows no control characters; spreadsheets write them as _x0007_, and so do we.
_FORBIDDEN = r"[\x00-\x08\x0b-\x1f" + "\ufffe\uffff]"
_SIGN = re.compile(f"{_FORBIDDEN}|_(?=x[0-9a-fA-F]{{4}}_)")
_WRITTEN = re.compile("_x(?![dD][89a-fA-F])([0-9a-fA-F]{4})_")  # half a sign is none


def drawn(network: Network, lang: Lang) -> dict[str, pd.DataFrame]:
    """Return the plain frames of a network for drawing: with labels and positions, dates as text.

    Defaults are left out; control characters are written as ``_x0007_``.
    """
    plain = network.plain_frames()
    frames = {name: _written(name, opened(frame)) for name, frame in plain.items()}
    places = positions(plain)
    for kind in schema.kinds():
        frame = frames[kind]
        label = frame["name"].fillna(frame["id"])
        x, y = places[kind].round(6).T
        frames[kind] = frame.assign(label=label, x=x, y=y)
    for name in schema.relations():
        frames[name] = frames[name].assign(label=schema.tables()[name].label(lang))
    return frames


def _written(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    changed = {}
    for key, column in columns_of(name, frame).items():
        values = frame[key]
        if column.is_date:
            values = iso(values)
        elif column.dtype == "str":
            values = escaped(values)
        changed[key] = stated(values, column)
    return frame.assign(**changed)


def escaped(texts: pd.Series) -> pd.Series:
    r"""Return texts without the signs that XML does not know.

    Examples
    --------
    >>> escaped(pd.Series(["bell\x07", "_x0007_", "plain_x"])).tolist()
    ['bell_x0007_', '_x005F_x0007_', 'plain_x']
    """
    odd = texts.str.contains(f"{_FORBIDDEN}|_x[0-9a-fA-F]{{4}}_", regex=True).fillna(False)
    if not odd.any():
        return texts
    return texts.mask(odd.astype(bool), texts[odd.astype(bool)].map(escape))


def escape(text: str) -> str:
    """Return one text without the signs that XML does not know; see `escaped`."""
    return _SIGN.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text)


def unescape(text: str) -> str:
    """Return the text that `escape` wrote."""
    return _WRITTEN.sub(lambda sign: chr(int(sign[1], 16)), text)


def figures_of(figures: pd.DataFrame) -> dict[str, str]:
    """Return the observations of each node as JSON, by its key in the graph."""
    written = _written("observations", opened(figures))
    return {key: json.dumps(rows, ensure_ascii=False) for key, rows in observed(written).items()}


def kept(graph: nx.Graph, file: str = "", *, written: bool = False) -> Kept:
    """Return the tables of a graph such as `Network.to_networkx` gives.

    Parameters
    ----------
    graph
        Nodes with the attribute ``kind`` (or a key that begins with it, ``school:007``), ties with
        ``relation``; every other attribute is a column.
    file
        The file it comes from, for problems.
    written
        Whether texts are escaped, as in GraphML.

    Raises
    ------
    DataError
        If a node has no kind or a tie no relation.
    """
    problems: list[Problem] = []
    kinds, relations = schema.kinds(), schema.relations()
    rows: dict[str, list[dict[str, Any]]] = {}
    ends: dict[Any, tuple[str, str]] = {}
    for node, data in graph.nodes(data=True):
        text = str(node)
        kind = data.get("kind", text.split(":")[0])
        if kind not in kinds:
            problems.append(_unknown("graph_kind", file, text, kind, kinds))
            continue
        ends[node] = kind, str(data.get("id", text.removeprefix(f"{kind}:")))
        row = {key: value for key, value in data.items() if key not in ASIDE}
        rows.setdefault(kind, []).append({**row, "id": ends[node][1]})
        for figure in _records(data.get("observations", ()), file, "observations"):
            figure = {**figure, "kind": kind, "id": ends[node][1]}
            rows.setdefault("observations", []).append(figure)
    for source, target, data in graph.edges(data=True):
        relation = data.get("relation")
        if relation not in relations:
            text = f"{source} → {target}"
            problems.append(_unknown("graph_relation", file, text, relation, relations))
        elif source in ends and target in ends:
            own = ("id", "key")  # of the tie in a file
            row = {key: value for key, value in data.items() if key not in ASIDE + own}
            rows.setdefault(relation, []).append({**_ends(relation, ends, source, target), **row})
    if problems:
        raise DataError(problems)
    tables = {name: frame_of(found) for name, found in rows.items()}
    if written:
        tables = {name: _unescaped(frame) for name, frame in tables.items()}
    said = {key: _read(value) if written else value for key, value in graph.graph.items()}
    prefix = f"{file}: " if file else ""
    return Kept(_about(said, file), tables, lambda name: (f"{prefix}{name}", "", 1))


def _ends(relation: str, ends: Mapping[Any, tuple[str, str]], *nodes: Any) -> dict[str, str]:
    found = {}
    for end, node in zip(("source", "target"), nodes, strict=True):
        kind, found[end] = ends[node]
        if len(schema.tables()[relation].ends(end)) > 1:
            found[f"{end}_kind"] = kind
    return found


def _unknown(code: str, file: str, at: str, given: Any, known: Iterable[str]) -> Problem:
    allowed = list(known)
    near = nearest(str(given or ""), allowed) or ", ".join(allowed)
    params = {"at": at, "nearest": near}
    return Problem("error", code, file=file, value=str(given or ""), params=params, private=True)


def _unescaped(frame: pd.DataFrame) -> pd.DataFrame:
    # not `DataFrame.map`, which makes floats of whole numbers beside gaps
    columns = {key: list(map(_read, frame[key])) for key in frame}
    return pd.DataFrame({key: pd.Series(cells, dtype=object) for key, cells in columns.items()})


def _read(value: Any) -> Any:
    return unescape(value) if isinstance(value, str) and "_x" in value else value


def _records(given: Any, file: str, name: str) -> list[dict[str, Any]]:
    """Return records that a file holds as JSON, and a graph in memory as they are."""
    try:
        found = list(json.loads(given) if isinstance(given, str) else given)
    except (TypeError, ValueError, RecursionError):
        found = [given]
    if not all(isinstance(record, dict) for record in found):
        raise RequestError.of("damaged_table", file=file, value=name)
    return found


def _about(data: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Return what a graph's attributes say of the network."""
    said = {key: data[key] for key in ("title", "as_of", "fingerprint") if data.get(key)}
    for key, tables in (("phase", data.get("phases")), ("goal", data.get("goals"))):
        if tables:
            said[key] = _records(tables, file, key)
    return said
