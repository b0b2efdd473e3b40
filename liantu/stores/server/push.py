"""Write a network into Neo4j: batch by batch, each exactly once, and marked whole at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu import progress
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.stores.contents import served_about
from liantu.stores.manifest import FORMAT
from liantu.stores.server import model

if TYPE_CHECKING:
    import neo4j

    from liantu.graph.network import Network
    from liantu.stores.server.connection import Connection

BATCH = 10_000  # rows a transaction
Frames = Mapping[str, pd.DataFrame]


def replace(connection: Connection, name: str, network: Network) -> None:
    """Make the network of a name in the database exactly this one.

    What is not ours stays: other networks, other labels, other nodes and their relationships to
    nodes that stay.
    """
    frames = network.plain_frames()
    first = connection.head() is None
    writer = _begin(connection, name, served_about(network, frames))
    present = _present(connection, name)
    if not first or any(present.values()):
        _clear(writer, frames, present)
    for kind in schema.kinds():
        # Without a node of the name there is none to be found first.
        verb = "MERGE" if present[kind] else "CREATE"
        writer.nodes(kind, frames[kind], verb)
    _rows(writer, frames)
    writer.finish()


def merge(
    connection: Connection, head: Mapping[str, Any], present: Network, merged: Network
) -> None:
    """Add to a network what `merged` has beyond what is `present` there; nothing is deleted."""
    name = str(head["network"])
    old, new = present.plain_frames(), merged.plain_frames()
    about = served_about(merged, new)
    if head["state"] != "whole" and head["fingerprint"] != about["fingerprint"]:
        raise RequestError.of("merge_unfinished", value=name)
    writer = _begin(connection, name, about, head["token"])
    added = {table: beyond(old[table], new[table]) for table in schema.tables()}
    for kind in schema.kinds():
        writer.nodes(kind, added[kind], "MERGE", keep=True)
    _rows(writer, added)
    writer.finish()


def delete(connection: Connection, name: str) -> None:
    """Remove the network of a name."""
    frames = {kind: pd.DataFrame({"id": []}) for kind in schema.kinds()}
    writer = _begin(connection, name, {"fingerprint": "", "title": "", "as_of": None})
    _clear(writer, frames, _present(connection, name))
    connection.write(
        f"MATCH (h:{model.NETWORK} {{network: $network, token: $token}}) DELETE h",
        network=name,
        token=writer.token,
    )


def beyond(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `new` that `old` lacks; of equal rows as many as it lacks.

    Examples
    --------
    >>> old, new = pd.DataFrame({"a": ["x", "y"]}), pd.DataFrame({"a": ["x", "x", "z"]})
    >>> beyond(old, new)["a"].tolist()
    ['x', 'z']
    """
    if old.empty or new.empty:
        return new
    keys = list(new.columns)
    numbered = [
        frame.assign(_number=frame.groupby(keys, dropna=False, sort=False).cumcount())
        for frame in (old, new)
    ]
    both = numbered[1].merge(numbered[0], on=[*keys, "_number"], how="left", indicator="_found")
    return new[(both["_found"] == "left_only").to_numpy()]


# -- the writer --------------------------------------------------------------------------------

_TAKE = f"""
MATCH (h:{model.NETWORK} {{network: $network}})
SET h.state = 'writing'  // locks the node: what is read next cannot change before the commit
WITH h WHERE h.token = $token
WITH h, h.step AS step SET h.step = $step + 1
RETURN step
"""


@dataclass
class _Writer:
    """One import: every batch makes sure that no other has begun, and counts itself."""

    connection: Connection
    name: str
    token: str
    step: int = 0

    def commit(self, query: str, counted: bool = True, **params: Any) -> int:
        """Run a query that returns a count, exactly once, in a transaction of its own."""

        def work(tx: neo4j.ManagedTransaction) -> int:
            own = {"network": self.name, "token": self.token, "step": self.step}
            taken = tx.run(_TAKE, own).single()
            if taken is None:
                raise RequestError.of("import_overtaken", value=self.name)
            if taken["step"] > self.step:
                return -1  # committed before, but its answer was lost
            found = tx.run(query, {"network": self.name, **params}).single()
            count = int(found[0]) if found is not None else 0
            if counted and count != len(params["rows"]):
                raise RequestError.of("import_disturbed", value=self.name)
            return count

        count = self.connection.writing(work, repeatable=True)
        self.step += 1
        return count

    def rows(self, query: str, rows: Sequence[Any]) -> None:
        """Run a query for every batch of rows."""
        for start in range(0, len(rows), BATCH):
            self.commit(query, rows=rows[start : start + BATCH])

    def until_none(self, query: str, **params: Any) -> None:
        """Run a query that deletes up to ``$limit`` things until it finds no more."""
        while self.commit(query, counted=False, limit=BATCH, **params) not in range(BATCH):
            pass

    def nodes(self, kind: str, frame: pd.DataFrame, verb: str, *, keep: bool = False) -> None:
        """Write nodes; what else a node there bears goes, or with `keep` stays."""
        columns = [column for column in model.properties(kind) if frame[column.name].notna().any()]
        label, properties = model.label_of(kind), f"{{network: $network, {_map(columns, 0)}}}"
        if verb == "CREATE":
            found = f"CREATE (n:{label} {properties})"
        else:  # the first column is the id
            found = f"MERGE (n:{label} {{network: $network, id: row[0]}}) "
            found += f"SET n {'+' if keep else ''}= {properties}"
        query = f"UNWIND $rows AS row {found} RETURN count(n)"
        progress.step("step_write", label)
        self.rows(query, _lists(frame, [column.name for column in columns]))

    def relation(self, relation: str, frame: pd.DataFrame) -> None:
        """Create the relationships of a relation, one pair of kinds after the other."""
        progress.step("step_write", model.type_of(relation))
        for source, target in model.pairs(relation):
            rows = frame
            for end, kind in (("source_kind", source), ("target_kind", target)):
                if end in rows:
                    rows = rows[rows[end] == kind]
            columns = [col for col in model.properties(relation) if rows[col.name].notna().any()]
            query = f"""
                UNWIND $rows AS row
                MATCH (a:{model.label_of(source)} {{network: $network, id: row[0]}})
                MATCH (b:{model.label_of(target)} {{network: $network, id: row[1]}})
                CREATE (a)-[:{model.type_of(relation)} {{{_map(columns, 2)}}}]->(b)
                RETURN count(*)"""
            self.rows(query, _lists(rows, ["source", "target", *(col.name for col in columns)]))

    def observations(self, frame: pd.DataFrame) -> None:
        """Create the observations of nodes, one kind after the other."""
        progress.step("step_write", model.OBSERVATION)
        for kind in schema.kinds():
            rows = frame[frame["kind"] == kind]
            columns = [
                col for col in model.properties("observations") if rows[col.name].notna().any()
            ]
            query = f"""
                UNWIND $rows AS row
                MATCH (n:{model.label_of(kind)} {{network: $network, id: row[0]}})
                CREATE (n)-[:{model.OBSERVED}]->
                    (:{model.OBSERVATION} {{network: $network, {_map(columns, 1)}}})
                RETURN count(*)"""
            self.rows(query, _lists(rows, ["id", *(col.name for col in columns)]))

    def finish(self) -> None:
        """Say that the network is whole."""
        self.commit(
            f"MATCH (h:{model.NETWORK} {{network: $network}}) "
            "SET h.state = 'whole', h.written = datetime() RETURN count(h)",
            counted=False,
        )


def _begin(
    connection: Connection, name: str, about: Mapping[str, Any], expected: str | None = None
) -> _Writer:
    """Mark the network as being written; an import of it that still runs finds out and ends.

    With `expected` it must still be the one that this token wrote.
    """
    for statement in model.constraints():
        connection.run(statement)
    connection.run("CALL db.awaitIndexes(300)")
    token = token_hex(8)
    params = {
        "network": name,
        "token": token,
        "expected": expected,
        "fingerprint": about["fingerprint"],
        "title": about["title"],
        "as_of": about["as_of"],
        "about": json.dumps(about, ensure_ascii=False),
        "format": FORMAT,
    }
    query = f"""
        MERGE (h:{model.NETWORK} {{network: $network}})
        SET h.state = 'writing'
        WITH h WHERE $expected IS NULL OR h.token IN [$expected, $token]
        SET h = {{network: $network, state: 'writing', token: $token, step: 0, title: $title,
            as_of: date($as_of), fingerprint: $fingerprint, about: $about, format: $format}}
        RETURN count(h)"""

    def work(tx: neo4j.ManagedTransaction) -> None:
        found = tx.run(query, params).single()
        if found is None or not found[0]:
            raise RequestError.of("import_overtaken", value=name)

    connection.writing(work, repeatable=True)
    return _Writer(connection, name, token)


def _present(connection: Connection, name: str) -> dict[str, list[Any]]:
    """Return the ids of the nodes that are there, by kind."""
    return {
        kind: [
            row["id"]
            for row in connection.read(
                f"MATCH (n:{model.label_of(kind)}) "
                "WHERE n.network = $network AND n.id IS NOT NULL RETURN n.id AS id",
                network=name,
            )
        ]
        for kind in schema.kinds()
    }


def _clear(writer: _Writer, frames: Frames, present: Mapping[str, list[Any]]) -> None:
    """Delete our relationships, observations, and the nodes that the network no longer has."""
    progress.step("step_clear", writer.name)
    types = "|".join(model.type_of(relation) for relation in schema.relations())
    labels = "|".join(model.label_of(kind) for kind in schema.kinds())
    writer.until_none(
        f"MATCH (o:{model.OBSERVATION} {{network: $network}}) WITH o LIMIT $limit "
        "DETACH DELETE o RETURN count(*)"
    )
    for kind, ids in present.items():
        node = f"(n:{model.label_of(kind)} {{network: $network, id: id}})"
        for start in range(0, len(ids), BATCH):
            writer.until_none(
                f"UNWIND $ids AS id MATCH {node}-[r:{types}]->(m:{labels}) "
                "WHERE m.network = $network WITH r LIMIT $limit DELETE r RETURN count(*)",
                ids=ids[start : start + BATCH],
            )
    for kind, ids in present.items():
        writer.until_none(
            f"MATCH (n:{model.label_of(kind)}) WHERE n.network = $network AND n.id IS NULL "
            "WITH n LIMIT $limit DETACH DELETE n RETURN count(*)"
        )
        kept = set(frames[kind]["id"])
        node = f"(n:{model.label_of(kind)} {{network: $network, id: id}})"
        gone = [own for own in ids if not (isinstance(own, str) and own in kept)]
        writer.rows(f"UNWIND $rows AS id MATCH {node} DETACH DELETE n RETURN count(*)", gone)


def _rows(writer: _Writer, frames: Frames) -> None:
    for relation in schema.relations():
        if len(frames[relation]):
            writer.relation(relation, frames[relation])
    if len(frames["observations"]):
        writer.observations(frames["observations"])


# -- rows as the driver sends them -------------------------------------------------------------


def _map(columns: Sequence[schema.Column], first: int) -> str:
    """Return the properties of a map in Cypher, taken from the places of a row."""
    places = enumerate(columns, start=first)
    return ", ".join(
        f"{col.name}: " + (f"date(row[{place}])" if col.is_date else f"row[{place}]")
        for place, col in places
    )


def _lists(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the rows of a frame as tuples of plain values, None where one is missing."""
    return list(zip(*(_values(frame[key]) for key in columns), strict=True))


def _values(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "M":  # as text: quicker to send than a date object
        found = np.datetime_as_string(column.to_numpy().astype("M8[D]")).astype(object)
    else:
        found = column.to_numpy(dtype=object, copy=True)
    found[column.isna().to_numpy()] = None
    return list(found.tolist())
