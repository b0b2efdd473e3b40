"""How a network stands in Neo4j: a label a kind, a type a relation, a property a column."""

from __future__ import annotations

from functools import cache

from liantu.graph import schema

NETWORK = "LiantuNetwork"  # one node a network: its name, state, title, date …
OBSERVATION, OBSERVED = "Observation", "OBSERVED"
_ENDS = ("source", "target", "source_kind", "target_kind")


def label_of(kind: str) -> str:
    """Return the label of a kind.

    Examples
    --------
    >>> label_of("school"), type_of("member_of")
    ('School', 'MEMBER_OF')
    """
    return schema.table(kind, "kind").name.title()


def type_of(relation: str) -> str:
    """Return the relationship type of a relation."""
    return schema.table(relation, "relation").name.upper()


@cache
def properties(table: str) -> tuple[schema.Column, ...]:
    """Return the columns of a table that are properties: all but the ends of a row.

    Those of ``observations`` leave out kind and id, which are those of the node observed.
    """
    left_out = ("kind", "id") if table == "observations" else _ENDS
    columns = schema.tables()[table].columns
    return tuple(column for key, column in columns.items() if key not in left_out)


def pairs(relation: str) -> list[tuple[str, str]]:
    """Return the kinds that the two ends of a relation may be of, pair by pair."""
    table = schema.table(relation, "relation")
    return [(source, target) for source in table.ends("source") for target in table.ends("target")]


def constraints() -> list[str]:
    """Return the statements that make the constraints and indexes, once for a database."""
    found = [
        f"CREATE CONSTRAINT liantu_{kind}_id IF NOT EXISTS "
        f"FOR (n:{label_of(kind)}) REQUIRE (n.network, n.id) IS UNIQUE"
        for kind in schema.kinds()
    ]
    found.append(
        f"CREATE CONSTRAINT liantu_network IF NOT EXISTS "
        f"FOR (n:{NETWORK}) REQUIRE n.network IS UNIQUE"
    )
    found.append(
        f"CREATE INDEX liantu_observation IF NOT EXISTS FOR (n:{OBSERVATION}) ON (n.network)"
    )
    # queries look up which texts of a result are names of teachers
    found.append("CREATE INDEX liantu_teacher_name IF NOT EXISTS FOR (n:Teacher) ON (n.name)")
    return found
