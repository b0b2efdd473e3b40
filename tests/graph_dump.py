"""What stands in a Neo4j database, and what should stand there, as multisets that can be compared."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from liantu.graph.network import Network

LABELS = {
    "school": "School", "teacher": "Teacher", "center": "Center", "partner": "Partner",
    "alliance": "Alliance", "region": "Region",
}  # fmt: skip
TYPES = {
    "member_of": "MEMBER_OF", "part_of": "PART_OF", "assists": "ASSISTS",
    "affiliated_to": "AFFILIATED_TO", "works_at": "WORKS_AT", "posted_to": "POSTED_TO",
    "mentors": "MENTORS", "joins": "JOINS", "delivers": "DELIVERS", "supports": "SUPPORTS",
    "pact": "PACT", "travel": "TRAVEL",
}  # fmt: skip
ENDS = {
    "member_of": ("school", "alliance"), "part_of": ("alliance", "alliance"),
    "assists": ("school", "school"), "affiliated_to": ("school", "school"),
    "works_at": ("teacher", "school"), "posted_to": ("", "school"), "mentors": ("", ""),
    "joins": ("", "center"), "delivers": ("", ""), "supports": ("partner", ""),
    "pact": ("region", "region"), "travel": ("school", "school"),
}  # fmt: skip
CHANGING = ("token", "step", "written")  # of the node of a network, from one write to the next


def dump(connection: Any, network: str | None = None) -> Counter[Any]:
    """Return every node and relationship of a network, or of the whole database."""
    nodes = connection.read(
        "MATCH (n) WHERE $network IS NULL OR n.network = $network "
        "RETURN labels(n) AS labels, properties(n) AS own",
        network=network,
    )
    rows = connection.read(
        "MATCH (a)-[r]->(b) WHERE $network IS NULL OR a.network = $network "
        "RETURN labels(a) AS la, properties(a) AS a, type(r) AS type, properties(r) AS r, "
        "labels(b) AS lb, properties(b) AS b",
        network=network,
    )
    return Counter(_node(row["labels"], row["own"]) for row in nodes) + Counter(
        (_node(row["la"], row["a"]), row["type"], _own(row["r"]), _node(row["lb"], row["b"]))
        for row in rows
    )


def expected(network: Network, name: str) -> Counter[Any]:
    """Return what a network should be in the database, without the node of the network itself.

    Columns of one's own stand there as the one that keeps them.
    """
    found: Counter[Any] = Counter()
    nodes: dict[tuple[str, str], Any] = {}
    for kind, label in LABELS.items():
        for row in network.frames[kind].reset_index().to_dict("records"):
            nodes[kind, row["id"]] = _node([label], {"network": name, **_known(row)})
    found.update(nodes.values())
    for relation, type_ in TYPES.items():
        for row in network.frames[relation].to_dict("records"):
            ends = []
            for end, kind in zip(("source", "target"), ENDS[relation], strict=True):
                ends.append(nodes[kind or row.pop(f"{end}_kind"), row.pop(end)])
            found[(ends[0], type_, _own(_known(row)), ends[1])] += 1
    for row in network.frames["observations"].to_dict("records"):
        owner = nodes[row.pop("kind"), row.pop("id")]
        observation = _node(["Observation"], {"network": name, **_known(row)})
        found[observation] += 1
        found[(owner, "OBSERVED", _own({}), observation)] += 1
    return found


def without_head(found: Counter[Any]) -> Counter[Any]:
    """Leave out the nodes that stand for networks."""
    return Counter({key: count for key, count in found.items() if key[0] != ("LiantuNetwork",)})


def _node(labels: list[str], own: dict[str, Any]) -> Any:
    return (tuple(sorted(labels)), _own(own))


def _own(own: dict[str, Any]) -> Any:
    values = {
        key: value.to_native() if hasattr(value, "to_native") else value
        for key, value in own.items()
        if key not in CHANGING
    }
    return tuple(sorted((key, type(value).__name__, str(value)) for key, value in values.items()))


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.date() if isinstance(value, pd.Timestamp) else value
        for key, value in row.items()
        if not pd.isna(value)
    }
