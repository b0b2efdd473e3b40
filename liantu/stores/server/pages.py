"""Pages of a table as a server gives them: bounded in rows, turned into columns on the server.

A page is one record of lists. To make a record a row would cost the driver several times as much.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.errors import Problem
from liantu.graph import schema
from liantu.stores.server import model

if TYPE_CHECKING:
    import neo4j

PAGE = 10_000  # rows a page
_FIRST, _LAST = date.min, date.max  # what is no date lies neither before nor after one

Page = Mapping[str, Sequence[Any]]
Period = tuple[date, date]


# -- queries -----------------------------------------------------------------------------------


def nodes(
    tx: neo4j.ManagedTransaction,
    network: str,
    kind: str,
    keys: Collection[str],
    ids: Sequence[str] | None = None,
) -> Iterator[Page]:
    """Give the nodes of a kind, by id; or those of some ids."""
    label, columns = model.label_of(kind), schema.tables()[kind].columns
    shown = {key: _property("n", columns[key]) for key in keys}
    if ids is not None:
        found = f"UNWIND $ids AS id MATCH (n:{label} {{network: $network, id: id}}) "
        for start in range(0, len(ids), PAGE):
            yield _page(tx, found, shown, network=network, ids=ids[start : start + PAGE])
        return
    found = f"{_by_id('n', label)} AND n.id > $after WITH n ORDER BY n.network, n.id LIMIT $limit "
    after = ""
    while True:
        page = _page(tx, found, shown, network=network, after=after, limit=PAGE)
        yield page
        if len(page["id"]) < PAGE:
            return
        after = page["id"][-1]


def rows(
    tx: neo4j.ManagedTransaction,
    network: str,
    name: str,
    keys: Iterable[str],
    kinds: Mapping[str, Sequence[str]],
    by: str,
    periods: Sequence[Period] = (),
    ids: Sequence[str] | None = None,
) -> Iterator[Page]:
    """Give rows of a relation or the observations.

    Parameters
    ----------
    tx
        A read transaction.
    network
        The name of the network.
    name
        The relation, or ``observations``.
    keys
        The columns; ``row`` gives what tells a relationship from all others.
    kinds
        The kinds that ``source`` and ``target`` may be of (of observations: ``source``).
    by
        The column to go by: ``source`` or ``target``, then it is of one kind; a reference, then
        `ids` are needed.
    periods
        Days that states must overlap and events lie in; undated states stay.
    ids
        Only rows with one of these at `by`.
    """
    match, shown = _row(name, keys, kinds)
    dated, days = _dated(name, periods)
    params = {"network": network, "limit": PAGE, **days}
    inside = ["s.network = $network"]
    inside.append("r.network = $network" if name == "observations" else "t.network = $network")
    if by not in ("source", "target"):
        inside.append(f"r.{by} IN $ids")
    where = " AND ".join([*inside, *dated])
    node = by[0]
    label = model.label_of(kinds[by][0]) if by in kinds else ""
    if ids is None:
        # Pages go on at a node, after the rows of it that were had: a hub may have many.
        found = (
            f"{_by_id(node, label)} AND {node}.id >= $after MATCH {match} WHERE {where} "
            f"WITH * ORDER BY {node}.network, {node}.id SKIP $skip LIMIT $limit "
        )
        shown = {"after": f"{node}.id", **shown}
        after, skip = "", 0
        while True:
            page = _page(tx, found, shown, after=after, skip=skip, **params)
            yield page
            last = page["after"]
            if len(last) < PAGE:
                return
            skip = last.count(last[-1]) + (skip if last[-1] == after else 0)
            after = last[-1]
    anchor = f"UNWIND $ids AS id MATCH ({node}:{label} {{network: $network, id: id}}) "
    found = f"{anchor if label else ''}MATCH {match} WHERE {where} WITH * SKIP $skip LIMIT $limit "
    for start in range(0, len(ids), PAGE):
        skip, count = 0, PAGE
        while count == PAGE:
            some = ids[start : start + PAGE]
            page = _page(tx, found, shown, ids=some, skip=skip, **params)
            yield page
            count = len(next(iter(page.values())))
            skip += count


def _by_id(node: str, label: str) -> str:
    """Return a match that goes along the index of the constraint, and so in the order of ids."""
    return (
        f"MATCH ({node}:{label}) USING INDEX {node}:{label}(network, id) "
        f"WHERE {node}.network = $network"
    )


def _row(
    name: str, keys: Iterable[str], kinds: Mapping[str, Sequence[str]]
) -> tuple[str, dict[str, str]]:
    """Return the pattern of a row and what to show of it, by column."""
    table = schema.tables()[name]
    labels = {end: "|".join(map(model.label_of, kinds[end])) for end in kinds}
    fixed = {f"{end}_kind": _kind(end[0], kinds[end]) for end in kinds}
    if name == "observations":
        match = f"(s:{labels['source']})-[:{model.OBSERVED}]->(r:{model.OBSERVATION})"
        fixed |= {"kind": fixed["source_kind"], "id": "s.id"}
    else:
        match = f"(s:{labels['source']})-[r:{model.type_of(name)}]->(t:{labels['target']})"
        fixed |= {"source": "s.id", "target": "t.id", "row": "elementId(r)"}
    return match, {key: fixed.get(key) or _property("r", table.columns[key]) for key in keys}


def _kind(node: str, kinds: Sequence[str]) -> str:
    if len(kinds) == 1:
        return f"'{kinds[0]}'"
    cases = (f"WHEN {node}:{model.label_of(kind)} THEN '{kind}'" for kind in kinds)
    return f"CASE {' '.join(cases)} END"


def _property(node: str, column: schema.Column) -> str:
    value = f"{node}.{column.name}"
    if not column.is_date:
        return value
    # Text is quicker to send; what is no date comes in a list, which nothing else is.
    return (
        f"CASE WHEN $first <= {value} <= $last THEN toString({value}) "
        f"WHEN {value} IS NOT NULL THEN [toStringOrNull({value})] END"
    )


def _dated(name: str, periods: Sequence[Period]) -> tuple[list[str], dict[str, date]]:
    """Return conditions and their parameters."""
    found: list[str] = []
    params: dict[str, date] = {}
    for number, (begin, end) in enumerate(periods):
        params |= {f"begin{number}": begin, f"end{number}": end}
        if schema.tables()[name].nature == "event":
            found.append(f"$begin{number} <= r.date <= $end{number}")
        else:
            found.append(f"NOT coalesce(r.start > $end{number}, false)")
            found.append(f"NOT coalesce(r.end < $begin{number}, false)")
    return (found, params) if schema.tables()[name].is_relation else ([], {})


def _page(
    tx: neo4j.ManagedTransaction, found: str, shown: Mapping[str, str], **params: Any
) -> Page:
    query = (
        f"{found}WITH collect([{', '.join(shown.values())}]) AS rows "
        f"RETURN [place IN range(0, {len(shown) - 1}) | [row IN rows | row[place]]]"
    )
    record = tx.run(query, {"first": _FIRST, "last": _LAST, **params}).single(strict=True)
    return dict(zip(shown, record[0], strict=True))


# -- columns -----------------------------------------------------------------------------------

_ARROW = {
    "str": pa.string(),
    "Int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "datetime64[s]": pa.timestamp("s"),
}
_PANDAS = {
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
# What the driver gives for a dtype, and the problem with everything else.
_GIVEN: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "property_text"),
    "Int64": ((int,), "property_whole"),
    "float64": ((float, int), "property_number"),
    "boolean": ((bool,), "property_bool"),
    "datetime64[s]": ((str,), "property_date"),
}


def frame(
    name: str, keys: Sequence[str], pages: Iterable[Page], problems: list[Problem]
) -> pd.DataFrame:
    """Return pages as one frame of columns in their dtypes; cells of other types are problems."""
    columns = schema.tables()[name].columns
    dtypes = {key: columns[key].dtype if key in columns else "str" for key in keys}
    found: dict[str, list[pa.Array]] = {key: [] for key in keys}
    for page in pages:
        for key, dtype in dtypes.items():
            try:
                array = _array(page[key], _ARROW[dtype])
            except (pa.ArrowException, OverflowError):
                problems += _wrong(name, key, dtype, page)
                array = _array(_fitting(page[key], dtype), _ARROW[dtype])
            found[key].append(array)
    whole = pa.table(
        {key: pa.chunked_array(found[key], _ARROW[dtype]) for key, dtype in dtypes.items()}
    )
    result: pd.DataFrame = whole.to_pandas(types_mapper=_PANDAS.get)
    return result


def _array(cells: Sequence[Any], wanted: pa.DataType) -> pa.Array:
    """Return cells in a type of Arrow; raise an exception of Arrow if one is of another."""
    array = pa.array(cells)  # in the type that they are of
    if array.type == pa.string() and wanted == pa.timestamp("s"):
        array = array.cast(pa.date32())
    elif array.type not in (pa.null(), wanted) and not (
        array.type == pa.int64() and wanted == pa.float64()
    ):
        raise pa.ArrowTypeError("other cells")
    return array.cast(wanted)


def _fitting(cells: Sequence[Any], dtype: str) -> list[Any]:
    """Return cells without those of another type."""
    fits, _ = _GIVEN[dtype]
    kept = [cell if type(cell) in fits else None for cell in cells]
    if dtype == "float64":
        return [None if cell is None else float(cell) for cell in kept]
    return kept


def _wrong(name: str, key: str, dtype: str, page: Page) -> list[Problem]:
    """Return the problems with cells of another type."""
    fits, code = _GIVEN[dtype]
    return [
        Problem("error", code, column=key, value=_shown(cell), **place(name, page, number))
        for number, cell in enumerate(page[key])
        if cell is not None and type(cell) not in fits
    ]


def _shown(cell: Any) -> str:
    """Return a cell in words; what should be a date comes in a list."""
    return str(cell[0] if isinstance(cell, list) and len(cell) == 1 else cell)


def place(name: str, row: Page | pd.DataFrame, position: int) -> dict[str, Any]:
    """Return where a row is: label and id of a node, type and ends of a relationship.

    Examples
    --------
    >>> place("assists", {"source": ["a"], "target": ["007"]}, 0)
    {'file': 'ASSISTS a → 007', 'at': 'a → 007', 'private': False}
    """
    private = name in schema.teacher_tables()
    if name == "observations":
        kind, own = str(row["kind"][position]), row["id"][position]
        file = f"{model.OBSERVATION} ← {model.label_of(kind)}"
        return {"file": f"{file} {own}", "at": own, "private": kind == "teacher"}
    if schema.tables()[name].is_relation:
        ends = f"{row['source'][position]} → {row['target'][position]}"
        return {"file": f"{model.type_of(name)} {ends}", "at": ends, "private": private}
    own = str(row["id"][position])
    return {"file": f"{model.label_of(name)} {own}", "at": own, "private": private}
