"""Teachers are people: pseudonyms for their names, and ids made from names, in what a server says.

`liantu.graph.privacy` does the same for a network in memory.
"""

from __future__ import annotations

from hashlib import blake2b

from liantu.graph.stores.server.connection import Connection

_BATCH = 10_000  # texts looked up at once
_KEYED_BY = 10_000  # teachers that the key is made of


def pseudonyms(connection: Connection, texts: set[str]) -> dict[str, str]:
    """Return a pseudonym for each text that is a teacher's name, or an id made from one."""
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
            network = row["network"] if isinstance(row["network"], str) else ""
            found[row["text"]] = min(network, found.get(row["text"], network))
    keys = {network: _key(connection, network) for network in set(found.values())}
    return {
        text: "teacher-" + blake2b(text.encode(), key=keys[network], digest_size=8).hexdigest()
        for text, network in found.items()
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
