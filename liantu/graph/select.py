"""Parts of a network: some kinds, relations and columns, a region with what it needs, a date.

What is meant by a part stands here once. Every store gives the same part without reading the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.build import bare, sort_rows, with_categories
from liantu.graph.edges import reference
from liantu.graph.network import Network
from liantu.graph.numbering import Codes
from liantu.vocabulary import nearest

Day = str | date
Marks = dict[str, np.ndarray]  # of each kind, which nodes

_KEYS = ("id", "source", "target", "source_kind", "target_kind")  # never left out
_ORGANISATIONS = ("center", "partner", "alliance")


def select(
    network: Network,
    *,
    kinds: Iterable[str] | None = None,
    relations: Iterable[str] | None = None,
    columns: Mapping[str, Iterable[str]] | None = None,
    region: str | None = None,
    at: Day | None = None,
    between: tuple[Day, Day] | None = None,
) -> Network:
    """Return a part of a network: first the region, then the dates, then tables and columns.

    Parameters
    ----------
    network
        The network.
    kinds
        Nodes of these kinds only; all by default. Rows with an end of another kind go, and so do
        observations of other kinds; references to them become empty.
    relations
        These relations only, ``observations`` being one of them; all by default.
    columns
        By table, the columns wanted beside ids, ends and what they are of; the others stay empty.
        Tables that are not named are whole.
    region
        What results limited to a region rest on (its id or name): its schools, those they are
        affiliated to, the alliances, centres and partners in it or tied to these schools or their
        teachers, every row that touches one of these, and every employment of the teachers in it.
        All regions stay. Unlike `Network.focus` this leaves the rest out: counts over several
        steps away from the region (``reach``, the nearest core) and over the whole network
        (``centrality``) need the rest.
    at
        States in force on a day, events of that day; see `Network.at`.
    between
        States that overlap a period, events within it; see `Network.between`.

    Raises
    ------
    RequestError
        If there is no such kind, relation, column or region.

    Examples
    --------
    >>> network = Network.from_frames({
    ...     "school": pd.DataFrame({"id": ["a", "b"], "stage": ["primary", "junior"]}),
    ...     "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
    ...     "member_of": pd.DataFrame({"source": ["a"], "target": ["x"]}),
    ... })
    >>> select(network, kinds=["school"])
    <Network: 2 school, 1 assists>
    >>> select(network, relations=["member_of"], columns={"school": ["name"]})
    <Network: 2 school, 1 alliance, 1 member_of>
    """
    wanted = columns_of(kinds, relations, columns)
    if region is not None:
        network = _around(network, region)
    if between is not None:
        network = network.between(*between)
    if at is not None:
        network = network.at(at)
    if kinds is None and relations is None and columns is None:
        return network
    return network.replaced(narrow(network.frames, wanted))


def columns_of(
    kinds: Iterable[str] | None = None,
    relations: Iterable[str] | None = None,
    columns: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, tuple[str, ...]]:
    """Return the columns wanted of each table that is wanted; see `select`.

    Examples
    --------
    >>> columns_of(["region"], [], {"region": ["name"]})
    {'region': ('id', 'name')}
    """
    nodes = schema.kinds() if kinds is None else _names(kinds)
    rows = (*schema.relations(), "observations") if relations is None else _names(relations)
    asked = {name: _names(keys) for name, keys in (columns or {}).items()}
    for kind in nodes:
        schema.table(kind, "kind")
    for name in rows:
        schema.table(name, "table" if name == "observations" else "relation")
    for name, keys in asked.items():
        known = schema.table(name).columns
        for key in keys:
            if key not in known:
                near = nearest(key, known) or "–"
                raise RequestError.of("unknown_column", column=key, table=name, nearest=near)
    found: dict[str, tuple[str, ...]] = {}
    for name, table in schema.tables().items():
        if name not in nodes and name not in rows:
            continue
        if table.is_relation and not all(
            set(nodes).intersection(table.ends(end)) for end in ("source", "target")
        ):
            continue  # no row can have both its ends
        keys = asked.get(name, tuple(table.columns))
        needed = (*_KEYS, "kind", "measure") if name == "observations" else _KEYS
        found[name] = tuple(key for key in table.columns if key in keys or key in needed)
    return found


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def narrow(
    frames: Mapping[str, pd.DataFrame], wanted: Mapping[str, tuple[str, ...]]
) -> dict[str, pd.DataFrame]:
    """Return frames with only these tables and columns, in their final shape.

    Parameters
    ----------
    frames
        The wanted tables at least, with nodes by id and rows in canonical order; ends may be
        categoricals over anything.
    wanted
        The columns by table; see `columns_of`.
    """
    kinds = [kind for kind in schema.kinds() if kind in wanted]
    found: dict[str, pd.DataFrame] = {}
    for name, table in schema.tables().items():
        if name not in wanted:
            found[name] = settled(name, bare(name), found, resort=False)
            continue
        frame = frames[name]
        keep = np.ones(len(frame), dtype=bool)
        limited = len(kinds) < len(schema.kinds())
        keys = ("kind",) if name == "observations" else ("source_kind", "target_kind")
        for key in keys:
            if limited and key in frame:
                keep &= frame[key].isin(kinds).to_numpy()
        if not keep.all():
            frame = frame[keep].reset_index(drop=True)
        blank = {
            key: pd.Series(None, index=frame.index, dtype=column.dtype)
            for key, column in table.columns.items()
            if key != "id"
            and (
                key not in wanted[name] or (column.type == "ref" and column.values[0] not in kinds)
            )
            and frame[key].notna().any()
        }
        # an id that two kinds share may now stand where that of the other kind stood
        fewer = len(wanted[name]) < len(table.columns)
        resort = fewer or bool(blank) or (limited and several(name))
        found[name] = settled(name, frame.assign(**blank), found, resort=resort)
    return found


def _refers(column: schema.Column) -> tuple[str, ...]:
    """Return the kind that a reference is of; of other columns, nothing."""
    return column.values if column.type == "ref" else ()


def settled(
    name: str, frame: pd.DataFrame, nodes: Mapping[str, pd.DataFrame], *, resort: bool
) -> pd.DataFrame:
    """Return a table with its ends over the ids of the nodes there are, in canonical order."""
    table = schema.tables()[name]
    if table.nature == "kind":
        return frame
    if table.is_relation:
        frame = with_categories(table, frame, nodes)
    return sort_rows(name, frame) if resort and len(frame) else frame


def several(name: str) -> bool:
    """Return whether a relation has an end that may be of several kinds."""
    table = schema.tables()[name]
    return table.is_relation and any(len(table.ends(end)) > 1 for end in ("source", "target"))


# -- regions ---------------------------------------------------------------------------------


def _around(network: Network, region: str) -> Network:
    """Return what the schools of a region need; see `select`."""
    region = network.focus(region).focus_region or region
    links = _links(network)
    none = {kind: np.zeros(len(network.nodes(kind)), dtype=bool) for kind in schema.kinds()}
    core = {**none, "school": _with_parents(network, network.within("school", region))}
    teachers = dict(none)
    for name in ("works_at", "posted_to"):
        _mark(links[name], _touched(links[name], core), teachers, ("teacher",))
    core["teacher"] = teachers["teacher"]
    near = dict(none)
    for link in links.values():
        _mark(link, _touched(link, core), near, _ORGANISATIONS)
    for kind in (*_ORGANISATIONS, "region"):
        core[kind] = near[kind] | network.within(kind, region)
    rows = {name: _touched(link, core) for name, link in links.items()}
    nodes = {kind: mask.copy() for kind, mask in core.items()}
    for name, link in links.items():
        _mark(link, rows[name], nodes, schema.kinds())
    rows["works_at"] |= _touched(links["works_at"][:1], nodes)  # every job of every teacher in it
    _mark(links["works_at"], rows["works_at"], nodes, ("school",))
    nodes["region"][:] = True

    frames = network.frames
    found: dict[str, pd.DataFrame] = {kind: frames[kind][mask] for kind, mask in nodes.items()}
    for name, mask in rows.items():
        frame = frames[name] if mask.all() else frames[name][mask].reset_index(drop=True)
        found[name] = settled(name, frame, found, resort=several(name))
    figures = frames["observations"]
    keep = np.zeros(len(figures), dtype=bool)
    for kind in schema.kinds():
        index = found[kind].index
        keep |= (figures["kind"] == kind).to_numpy() & (
            index.get_indexer(pd.Index(figures["id"])) >= 0
        )
    found["observations"] = figures[keep].reset_index(drop=True)
    return network.replaced({name: found[name] for name in schema.tables()})


def _links(network: Network) -> dict[str, list[Codes]]:
    """Return the ends, then the references, of every relation as numbers of nodes; −1 for none."""
    found: dict[str, list[Codes]] = {}
    for name in schema.relations():
        edges, columns = network.edges(name), schema.tables()[name].columns
        refs = [reference(network, name, key) for key in columns if columns[key].type == "ref"]
        found[name] = [edges.source, edges.target, *refs]
    return found


def _touched(links: list[Codes], marks: Marks) -> np.ndarray:
    """Return which rows have an end or reference among the marked nodes."""
    marked = np.concatenate([*(marks[kind] for kind in schema.kinds()), [False]])
    touched = np.zeros(len(links[0]), dtype=bool)
    for codes in links:
        touched |= marked[codes]  # the last stands for −1
    return touched


def _mark(links: list[Codes], rows: np.ndarray, marks: Marks, allowed: Iterable[str]) -> None:
    """Mark the nodes of some kinds that some rows tie."""
    hit = np.zeros(sum(map(len, marks.values())) + 1, dtype=bool)
    for codes in links:
        hit[codes[rows]] = True
    start = 0
    for kind in schema.kinds():
        stop = start + len(marks[kind])
        if kind in allowed:
            marks[kind] = marks[kind] | hit[start:stop]
        start = stop


def _with_parents(network: Network, schools: np.ndarray) -> np.ndarray:
    """Return which schools these are or are affiliated to, however many steps up."""
    edges = network.edges("affiliated_to")
    child, parent = edges.source, edges.target
    while True:
        grown = schools.copy()
        grown[parent[schools[child]]] = True
        if (grown == schools).all():
            return grown
        schools = grown
