"""Write the result of an analysis back onto the nodes of a network, and take it away again.

A column becomes a property such as ``liantu_coverage_rung``; ``liantu_coverage_as_of`` and
``liantu_coverage_fingerprint`` say of which date and data it is. Reading a network passes these
properties over; importing it anew removes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.stores.server import model

if TYPE_CHECKING:
    import neo4j

    from liantu.analyses import Result
    from liantu.graph.network import Network
    from liantu.graph.stores.server.connection import Connection

BATCH = 10_000  # rows a query; all are one transaction
# Kinds whose nodes support or are supported themselves; teachers count for their schools.
_SUPPORT = ("school", "center", "partner", "alliance")


def write(connection: Connection, result: Result, network: Network) -> list[Message]:
    """Put the columns of a result on the nodes that its rows stand for, in one transaction.

    An earlier result of the same analysis is replaced whole.

    Parameters
    ----------
    connection
        The server and the address of the network there.
    result
        The result; its table must have a row a node.
    network
        The network that it was made of: its kinds tell what an id is of.

    Returns
    -------
    list of Message
        How many nodes bear the result, and which rows found none.

    Raises
    ------
    RequestError
        If rows are no nodes, or the network is not there or not whole.
    """
    kinds, several = node_kinds(result, network)
    head = connection.whole()
    before = prefix(result.name)
    stamp = {f"{before}as_of": result.as_of, f"{before}fingerprint": result.fingerprint}
    rows = _rows(result.table, before, stamp)

    def work(tx: neo4j.ManagedTransaction) -> int:
        _lock(tx, head)
        _clear(tx, head["network"], before)
        found = 0
        for kind in schema.kinds():
            here = [row for row, own in zip(rows, kinds, strict=True) if own == kind]
            query = (
                f"UNWIND $rows AS row MATCH (n:{model.label_of(kind)} "
                "{network: $network, id: row[0]}) SET n += row[1] RETURN count(n) AS count"
            )
            for start in range(0, len(here), BATCH):
                batch = here[start : start + BATCH]
                found += _count(tx.run(query, network=head["network"], rows=batch))
        return found

    count = connection.writing(work, repeatable=True)
    said = [Message("result_written", {"count": count, "value": before})]
    if several:
        said.append(Message("result_ambiguous", {"count": several}))
    if missing := len(rows) - several - count:
        said.append(Message("result_unmatched", {"count": missing}))
    if head["fingerprint"] != result.fingerprint:
        said.append(Message("result_other_data", {"value": head["network"]}))
    return said


def remove(connection: Connection, analysis: str) -> Message:
    """Take the result of an analysis off the nodes of a network.

    Returns
    -------
    Message
        How many nodes bore it.
    """
    head, before = connection.whole(), prefix(analysis)

    def work(tx: neo4j.ManagedTransaction) -> int:
        _lock(tx, head)
        return _clear(tx, head["network"], before)

    count = connection.writing(work, repeatable=True)
    return Message("result_removed", {"count": count, "value": before})


def prefix(analysis: str) -> str:
    """Return how the properties of an analysis begin.

    Examples
    --------
    >>> prefix("coverage")
    'liantu_coverage_'
    """
    return f"liantu_{analysis.replace('-', '_')}_"


def node_kinds(result: Result, network: Network) -> tuple[list[str], int]:
    """Return the kind of the node that each row stands for, "" where nodes of several have the id.

    Returns
    -------
    list of str, int
        The kinds, and how many rows have none.

    Raises
    ------
    RequestError
        If the rows are no nodes.
    """
    table = result.table
    item = table.index.name
    if item in schema.kinds():
        kinds = pd.Series(str(item), index=table.index)
    elif item is not None and "kind" in table:
        kinds = table["kind"].astype("str")
    elif item == "node":
        layer = result.parameters.get("layer")
        among = schema.tables()[layer].ends("source") if layer in schema.relations() else _SUPPORT
        held = {kind: table.index.isin(network.nodes(kind).index) for kind in among}
        kinds = pd.DataFrame(held, index=table.index).pipe(
            lambda frame: frame.idxmax(axis=1).where(frame.sum(axis=1) == 1, "")
        )
    else:
        raise RequestError.of("result_no_nodes", value=result.name.replace("_", "-"))
    return kinds.tolist(), int((kinds == "").sum())


def _rows(table: pd.DataFrame, before: str, stamp: Mapping[str, Any]) -> list[list[Any]]:
    """Return id and properties of every row."""
    names = [f"{before}{column}" for column in table.columns]
    cells = zip(*(_values(table[column]) for column in table.columns), strict=True)
    return [
        [item, dict(zip(names, row, strict=True), **stamp)]
        for item, row in zip(table.index.astype(str), cells, strict=True)
    ]


def _values(column: pd.Series) -> Sequence[Any]:
    """Return values in the types of the server, None where one is missing."""
    if pd.api.types.is_datetime64_dtype(column.dtype):
        found = pd.Series(column.dt.date, dtype=object)
    else:
        found = column.astype(object)
    values: Sequence[Any] = found.where(column.notna(), None).tolist()
    return values


def _lock(tx: neo4j.ManagedTransaction, head: Mapping[str, Any]) -> None:
    """Keep imports of the network waiting; refuse if one began since it was looked at."""
    query = (
        f"MATCH (h:{model.NETWORK} {{network: $network}}) SET h.network = $network "
        "WITH h WHERE h.state = 'whole' AND h.token = $token RETURN count(h) AS count"
    )
    if not _count(tx.run(query, network=head["network"], token=head["token"])):
        raise RequestError.of("network_unfinished", value=head["network"])


def _clear(tx: neo4j.ManagedTransaction, network: str, before: str) -> int:
    """Remove every property of a result; return how many nodes bore one."""
    cleared = 0
    for kind in schema.kinds():
        node = f"(n:{model.label_of(kind)}) WHERE n.network = $network"
        mark = "n[$mark] IS NOT NULL"
        query = (
            f"MATCH {node} AND {mark} UNWIND keys(n) AS key WITH DISTINCT key "
            "WHERE key STARTS WITH $before RETURN collect(key) AS keys"
        )
        own = {"network": network, "mark": f"{before}fingerprint"}
        if found := tx.run(query, own, before=before).single(strict=True)["keys"]:
            query = f"MATCH {node} AND {mark} SET n += $nothing RETURN count(n) AS count"
            nothing = dict.fromkeys(found)
            cleared += _count(tx.run(query, own, nothing=nothing))
    return cleared


def _count(found: neo4j.Result) -> int:
    return int(found.single(strict=True)["count"])
