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
from liantu.stores.server import model

if TYPE_CHECKING:
    import neo4j

    from liantu.formats.answer import Answer
    from liantu.graph.network import Network
    from liantu.stores.server.connection import Connection

BATCH = 10_000  # rows a transaction


def write(connection: Connection, result: Answer, network: Network) -> list[Message]:
    """Put the columns of a result on the nodes that its rows stand for.

    An earlier result of the same analysis is replaced whole. The fingerprint is written last: a
    node that bears it bears the whole row.

    Parameters
    ----------
    connection
        The server and the address of the network there.
    result
        The result; its table must have a row a node.
    network
        The network that it was made of.

    Returns
    -------
    list of Message
        How many nodes bear the result, and which rows found none.

    Raises
    ------
    RequestError
        If rows are no nodes, or the network is not there or not whole.
    """
    kinds = node_kinds(result)
    head = connection.whole()
    before = prefix(result.name)
    rows = _rows(result.table, before, {f"{before}as_of": result.as_of})
    own = _fingerprint(result, network)
    mark = {f"{before}fingerprint": own}
    _clear(connection, head, before)
    count = _set(connection, head, rows, kinds)
    _set(connection, head, [[item, mark] for item, _ in rows], kinds)
    said = [Message("result_written", {"count": count, "value": before})]
    if missing := len(rows) - count:
        said.append(Message("result_unmatched", {"count": missing}))
    if head["fingerprint"] != own:
        said.append(Message("result_other_data", {"value": head["network"]}))
    return said


def _fingerprint(result: Answer, network: Network) -> str:
    """Return the fingerprint of the data of a result, teachers' names too: a server has them."""
    if network.masking is None or result.fingerprint != network.fingerprint:
        return result.fingerprint
    return network.masking.whole.fingerprint


def remove(connection: Connection, analysis: str) -> Message:
    """Take the result of an analysis off the nodes of a network.

    Returns
    -------
    Message
        How many nodes bore it.
    """
    before = prefix(analysis)
    count = _clear(connection, connection.whole(), before)
    return Message("result_removed", {"count": count, "value": before})


def prefix(analysis: str) -> str:
    """Return how the properties of an analysis begin.

    Examples
    --------
    >>> prefix("coverage")
    'liantu_coverage_'
    """
    return f"liantu_{analysis.replace('-', '_')}_"


def node_kinds(result: Answer) -> list[str]:
    """Return the kind of the node that each row stands for.

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
    else:
        raise RequestError.of("result_no_nodes", value=result.name.replace("_", "-"))
    return kinds.tolist()


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


def _set(
    connection: Connection, head: Mapping[str, Any], rows: Sequence[Sequence[Any]], kinds: list[str]
) -> int:
    """Set properties of nodes; return how many nodes were found."""
    found = 0
    for kind in schema.kinds():
        query = (
            f"UNWIND $rows AS row MATCH (n:{model.label_of(kind)} "
            "{network: $network, id: row[0]}) SET n += row[1] RETURN count(n) AS count"
        )
        here = [row for row, own in zip(rows, kinds, strict=True) if own == kind]
        for start in range(0, len(here), BATCH):
            found += _commit(connection, head, query, rows=here[start : start + BATCH])
    return found


def _clear(connection: Connection, head: Mapping[str, Any], before: str) -> int:
    """Remove every property of a result; return how many nodes bore one."""
    cleared = 0
    own = {"mark": f"{before}as_of", "before": before}
    for kind in schema.kinds():
        node = (
            f"(n:{model.label_of(kind)}) WHERE n.network = $network AND n.id IS NOT NULL "
            "AND n[$mark] IS NOT NULL"
        )
        query = (
            f"MATCH {node} UNWIND keys(n) AS key WITH DISTINCT key "
            "WHERE key STARTS WITH $before RETURN collect(key) AS keys"
        )
        (found,) = connection.read(query, network=head["network"], **own)
        query = f"MATCH {node} WITH n LIMIT $limit SET n += $nothing RETURN count(n) AS count"
        given = {**own, "nothing": dict.fromkeys(found["keys"]), "limit": BATCH}
        count = BATCH if found["keys"] else 0
        while count == BATCH:
            count = _commit(connection, head, query, **given)
            cleared += count
    return cleared


def _commit(connection: Connection, head: Mapping[str, Any], query: str, **params: Any) -> int:
    """Run a query that returns a count in a transaction of its own, which imports wait for."""
    lock = (
        f"MATCH (h:{model.NETWORK} {{network: $network}}) SET h.network = $network "
        "WITH h WHERE h.state = 'whole' AND h.token = $token RETURN count(h) AS count"
    )
    own = {"network": head["network"], "token": head["token"]}

    def work(tx: neo4j.ManagedTransaction) -> int:
        if not tx.run(lock, own).single(strict=True)["count"]:
            raise RequestError.of("network_unfinished", value=head["network"])
        return int(tx.run(query, own, **params).single(strict=True)["count"])

    return connection.writing(work, repeatable=True)
