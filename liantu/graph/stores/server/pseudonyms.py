"""Teachers are people: pseudonyms for their names, and ids made from names, in what a server says.

`liantu.graph.privacy` does the same for a network in memory.
"""

from __future__ import annotations

from hashlib import blake2b

from liantu.graph.stores.server.connection import Connection

_BATCH = 10_000  # texts looked up at once
_KEYED_BY = 10_000  # teachers that the key is made of


def pseudonyms(connection: Connection, texts: set[str], network: object = None) -> dict[str, str]:
    """Return a pseudonym for each text that is a teacher's name, or an id made from one.

    Parameters
    ----------
    connection
        The connection.
    texts
        The distinct texts of a result.
    network
        The network that the result is about, if any: its key is used for what it knows, so that
        its pseudonyms stay the same whatever else the database holds.
    """
    networks = [node["network"] for node in connection.networks()]
    found: dict[str, str] = {}  # text: network
    words = sorted(texts)
    for start in range(0, len(words), _BATCH):
        rows = connection.read(
            """
            UNWIND $texts AS text
            MATCH (t:Teacher {name: text})
            RETURN DISTINCT text, t.network AS network
            UNION
            UNWIND $texts AS text
            UNWIND $networks AS network
            MATCH (t:Teacher {network: network, id: text}) WHERE t.id CONTAINS t.name
            RETURN text, network
            """,
            texts=words[start : start + _BATCH],
            networks=networks,
        )
        for row in rows:
            here = row["network"] if isinstance(row["network"], str) else ""
            known = [here, found.get(row["text"], here)]
            found[row["text"]] = str(network) if network in known else min(known)
    keys = {where: _key(connection, where) for where in set(found.values())}
    return {
        text: "teacher-" + blake2b(text.encode(), key=keys[where], digest_size=8).hexdigest()
        for text, where in found.items()
    }


def _key(connection: Connection, network: str) -> bytes:
    """Return a key made of the teachers' own data: nobody prints it, nobody can guess it."""
    here = "{network: $network}) WHERE t.id >= ''" if network else ") WHERE t.network IS NULL"
    rows = connection.read(
        f"MATCH (t:Teacher {here} WITH t ORDER BY t.id, t.name LIMIT {_KEYED_BY} "
        "RETURN toStringOrNull(t.id) AS id, toStringOrNull(t.name) AS name",
        network=network,
    )
    return blake2b(repr([tuple(row.values()) for row in rows]).encode()).digest()
