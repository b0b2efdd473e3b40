"""Teachers are people: pseudonyms for their names, and ids made from names, in what a server says.

What is personal, and what stands for it, is said in `liantu.graph.privacy`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from liantu.errors import HIDDEN
from liantu.graph.privacy import personal, pseudonym
from liantu.graph.secret import secret
from liantu.stores.server.connection import Connection

_BATCH = 10_000  # texts looked up at once


def pseudonyms(connection: Connection, texts: set[str]) -> dict[str, str]:
    """Return a pseudonym for each text that is a teacher's name, or an id that says who it is.

    Parameters
    ----------
    connection
        The connection.
    texts
        The distinct texts of a result.
    """
    networks = [node["network"] for node in connection.networks()]
    found: set[str] = set()
    words = sorted(texts)
    for start in range(0, len(words), _BATCH):
        rows = connection.read(
            """
            UNWIND $texts AS text
            MATCH (t:Teacher {name: text})
            RETURN DISTINCT text, true AS named, null AS name
            UNION
            UNWIND $texts AS text
            UNWIND $networks AS network
            MATCH (t:Teacher {network: network, id: text})
            RETURN text, false AS named, toStringOrNull(t.name) AS name
            """,
            texts=words[start : start + _BATCH],
            networks=networks,
        )
        found |= {row["text"] for row in rows if row["named"] or personal(row["text"], row["name"])}
    key = secret() if found else b""
    return {text: pseudonym(text, key) for text in found}


def heads(connection: Connection) -> dict[str, str]:
    """Return what stands for what a server keeps of its networks, where names can be found by it.

    That is the fingerprint of the whole data, for which stands the one without names, and the load
    report, which quotes cells.
    """
    found: dict[str, str] = {}
    for node in connection.networks():
        about = node.get("about") or "{}"
        found[about] = HIDDEN
        found[str(node.get("fingerprint"))] = masked_fingerprint_of(node) or HIDDEN
    return found


def masked_fingerprint_of(head: Mapping[str, Any]) -> str | None:
    """Return the fingerprint without names of a network there; None where nobody wrote it."""
    try:
        found = json.loads(head.get("about") or "{}").get("masked_fingerprint")
    except ValueError:
        return None
    return None if found is None else str(found)
