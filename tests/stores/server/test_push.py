"""Pushing into a real server: what stands there afterwards, and what is left alone."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from graph_dump import dump, expected, without_head
from hard import hard_network
from long import some

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.stores.server import ServerStore, push


@pytest.fixture
def store(server_uri):
    with ServerStore(server_uri) as opened:
        yield opened


def small(**changes: object) -> Network:
    frames = {
        "school": pd.DataFrame(
            {"id": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "pupils": [90, 80, 70]}
        ),
        "teacher": pd.DataFrame({"id": ["a"], "subject": ["语文"]}),
        "assists": pd.DataFrame({"source": ["a", "a"], "target": ["b", "c"]}),
        "works_at": pd.DataFrame({"source": ["a"], "target": ["a"], "start": ["2020-09-01"]}),
        "observations": pd.DataFrame({"id": ["b"], "measure": ["pupils"], "value": [81.0]}),
    }
    return Network.from_frames({**frames, **changes}, title="小县", as_of="2024-06-30")


def stands(store: ServerStore) -> object:
    return without_head(dump(store.connection, store.name))


@pytest.mark.parametrize("batch", some([7, 1, 10_000], 2))
def test_every_row_stands_there_exactly_once(store, batch, monkeypatch):
    monkeypatch.setattr(push, "BATCH", batch)
    network = hard_network()
    store.write(network)
    assert stands(store) == expected(network, store.name)
    once = dump(store.connection, store.name)
    store.write(network)
    assert dump(store.connection, store.name) == once


def test_the_head_says_what_there_is(store):
    assert store.about() is None
    store.write(small())
    head = store.connection.head()
    assert {key: head[key] for key in ("network", "state", "title", "fingerprint", "format")} == {
        "network": store.name,
        "state": "whole",
        "title": "小县",
        "fingerprint": small().fingerprint,
        "format": 1,
    }
    assert head["as_of"].to_native() == date(2024, 6, 30)
    assert head["written"].to_native().tzinfo is not None
    about = store.about()
    assert about["counts"] == {
        "school": 3, "teacher": 1, "assists": 2, "works_at": 1, "observations": 1,
    }  # fmt: skip
    assert about == {**json.loads(head["about"]), "state": "whole"}


def test_an_empty_network(store):
    network = Network.from_frames({})
    store.write(network)
    assert stands(store) == {}
    assert store.about()["state"] == "whole"


def test_replacing_leaves_exactly_the_new_one(store, monkeypatch):
    monkeypatch.setattr(push, "BATCH", 5)
    store.write(hard_network())
    store.write(small())
    assert stands(store) == expected(small(), store.name)
    store.write(hard_network())
    assert stands(store) == expected(hard_network(), store.name)
    store.write(Network.from_frames({}))
    assert stands(store) == {}


def test_a_value_that_is_gone_is_gone(store):
    store.write(small())
    fewer = small(school=pd.DataFrame({"id": ["a", "b", "c"], "name": ["甲", None, "丙"]}))
    store.write(fewer)
    assert stands(store) == expected(fewer, store.name)


def test_what_is_not_ours_stays(store, server_uri, shared_server):
    """Another network with the same ids, foreign labels, nodes, types, and what they hang on."""
    other_uri = server_uri + "-other"
    mark = store.connection.address.network
    with ServerStore(other_uri) as other:
        try:
            other.write(small())
            before = dump(other.connection, other.name)
            store.write(small())
            store.connection.write(
                """
                MATCH (a:School {network: $mark, id: 'a'}), (b:School {network: $mark, id: 'b'})
                MATCH (c:School {network: $mark, id: 'c'})
                MATCH (far:School {network: $mark + '-other', id: 'a'})
                SET a:Favourite
                CREATE (f:Foreign {of: $mark, id: 'a'}), (g:Foreign {of: $mark, network: $mark})
                CREATE (a)-[:LIKES {of: $mark}]->(b), (a)-[:ASSISTS {of: $mark}]->(f),
                    (f)-[:ASSISTS {of: $mark}]->(b), (a)-[:ASSISTS {of: $mark}]->(g),
                    (a)-[:ASSISTS {of: $mark}]->(far), (far)-[:ASSISTS {of: $mark}]->(a),
                    (c)-[:LIKES {of: $mark}]->(f)
                """,
                mark=mark,
            )
            smaller = small(
                school=pd.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"]}),
                assists=pd.DataFrame({"source": ["b"], "target": ["a"]}),
            )
            store.write(smaller)

            def foreign() -> object:
                return store.connection.read(
                    "MATCH (n)-[r {of: $mark}]->(m) RETURN n.id AS n, type(r) AS type, "
                    "m.id AS m, labels(m) AS lm",
                    mark=mark,
                )

            left = [(row["n"], row["type"], row["m"], row["lm"][0]) for row in foreign()]
            assert sorted(left, key=str) == [
                ("a", "ASSISTS", "a", "Foreign"),
                ("a", "ASSISTS", "a", "School"),
                ("a", "ASSISTS", "a", "School"),
                ("a", "ASSISTS", "b", "School"),
                ("a", "ASSISTS", None, "Foreign"),
                ("a", "LIKES", "b", "School"),
            ]  # only what hung on the node that is gone went with it
            favourites = "MATCH (n:Favourite {network: $mark}) RETURN n.id AS id"
            assert store.connection.read(favourites, mark=mark) == [{"id": "a"}]
            store.connection.write(
                "MATCH (n:Favourite {network: $mark}) REMOVE n:Favourite "
                "WITH 1 AS one MATCH ()-[r {of: $mark}]->() DELETE r",
                mark=mark,
            )
            store.connection.write("MATCH (f:Foreign {of: $mark}) DELETE f", mark=mark)
            assert stands(store) == expected(smaller, store.name)
            assert dump(other.connection, other.name) == before
        finally:
            other.delete()


def test_what_somebody_added_by_hand_goes(store):
    store.write(small())
    store.connection.write(
        """
        MATCH (a:School {network: $name, id: 'a'}), (b:School {network: $name, id: 'b'})
        CREATE (a)-[:ASSISTS {form: 'paired'}]->(b), (a)-[:MENTORS]->(b),
            (x:School {network: $name, id: 'x'})-[:ASSISTS]->(a), (y:School {network: $name, id: 7}),
            (z:School {network: $name})-[:ASSISTS]->(a), (:Region {network: $name, id: ['a']}),
            (:Observation {network: $name, measure: 'alone'})
        SET a.pupils = 'many', a.own = true
        """,
        name=store.name,
    )
    store.write(small())
    assert stands(store) == expected(small(), store.name)


def test_merging_adds_and_never_deletes(store):
    store.write(small())
    store.connection.write(
        "MATCH (n:School {network: $name}) SET n.own = 1, n:Mine", name=store.name
    )
    more = Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": ["a", "b", "c", "d"], "name": [None, None, None, "丁"],
                 "pupils": [None, None, 75, 60]}
            ),
            "assists": pd.DataFrame({"source": ["a", "d"], "target": ["b", "c"]}),
            "delivers": pd.DataFrame(
                {"source": ["d", "d"], "target": ["c", "c"], "source_kind": ["school"] * 2,
                 "target_kind": ["school"] * 2, "date": ["2024-01-02"] * 2}
            ),
        }
    )  # fmt: skip
    for _ in range(2):
        store.write(more, merge=True)
        schools = store.connection.read(
            "MATCH (n:School {network: $name}) RETURN n.id AS id, n.name AS name, "
            "n.pupils AS pupils, n.own AS own, n:Mine AS mine ORDER BY id",
            name=store.name,
        )
        assert [tuple(row.values()) for row in schools] == [
            ("a", "甲", 90, 1, True),
            ("b", "乙", 80, 1, True),
            ("c", "丙", 75, 1, True),
            ("d", "丁", 60, None, False),
        ]
        rows = store.connection.read(
            "MATCH (a {network: $name})-[r]->(b) WHERE a:School "
            "RETURN a.id AS a, type(r) AS r, coalesce(b.id, b.measure) AS b ORDER BY r, a, b",
            name=store.name,
        )
        assert [tuple(row.values()) for row in rows] == [
            ("a", "ASSISTS", "b"),
            ("a", "ASSISTS", "c"),
            ("d", "ASSISTS", "c"),
            ("d", "DELIVERS", "c"),
            ("d", "DELIVERS", "c"),
            ("b", "OBSERVED", "pupils"),
        ]
        assert store.about()["title"] == "小县"


def test_merging_into_nothing_is_writing(store):
    store.write(hard_network(), merge=True)
    assert stands(store) == expected(hard_network(), store.name)


def test_merging_what_does_not_fit_changes_nothing(store):
    regions = {"id": ["r", "s"], "parent": ["s", None]}
    store.write(Network.from_frames({"region": pd.DataFrame(regions)}))
    before = dump(store.connection, store.name)
    circle = Network.from_frames(
        {"region": pd.DataFrame({"id": ["r", "s"], "parent": [None, "r"]})}
    )
    with pytest.raises(Exception, match="circ"):
        store.write(circle, merge=True)
    assert dump(store.connection, store.name) == before


def test_the_later_of_two_imports_wins_and_the_other_is_told(store, server_uri, monkeypatch):
    monkeypatch.setattr(push, "BATCH", 3)
    rows = push._Writer.relation

    def meanwhile(writer, relation, frame):
        monkeypatch.setattr(push._Writer, "relation", rows)
        with ServerStore(server_uri) as second:
            second.write(small())
        rows(writer, relation, frame)

    monkeypatch.setattr(push._Writer, "relation", meanwhile)
    with pytest.raises(RequestError, match="another import") as told:
        store.write(hard_network())
    assert len(told.value.lines()) == len(told.value.lines("zh")) == 1
    assert stands(store) == expected(small(), store.name)
    assert store.about()["state"] == "whole"


def test_a_merge_that_was_overtaken_writes_nothing(store, server_uri):
    store.write(small())
    head, present = store.connection.head(), small()
    with ServerStore(server_uri) as second:
        second.write(hard_network())
    before = dump(store.connection, store.name)
    with pytest.raises(RequestError, match="another import"):
        push.merge(store.connection, head, present, small())
    assert dump(store.connection, store.name) == before


def test_nodes_that_vanish_meanwhile_are_noticed(store, monkeypatch):
    rows = push._Writer.relation

    def meanwhile(writer, relation, frame):
        store.connection.write(
            "MATCH (n:School {network: $name, id: 'b'}) DETACH DELETE n", name=store.name
        )
        rows(writer, relation, frame)

    monkeypatch.setattr(push._Writer, "relation", meanwhile)
    with pytest.raises(RequestError, match="Run the import again"):
        store.write(small())
    assert store.about()["state"] == "writing"
    monkeypatch.undo()
    store.write(small())
    assert stands(store) == expected(small(), store.name)


def test_a_first_push_deletes_nothing(store, monkeypatch):
    monkeypatch.setattr(push, "_clear", lambda *_: pytest.fail("nothing is there to be deleted"))
    store.write(small())


def test_deleting_leaves_the_others(store, server_uri):
    with ServerStore(server_uri + "-other") as other:
        try:
            store.write(small())
            other.write(small())
            before = dump(other.connection, other.name)
            store.delete()
            assert dump(store.connection, store.connection.address.network) == {}
            assert dump(other.connection, other.name) == before
        finally:
            other.delete()


def test_constraints_keep_ids_apart(store):
    store.write(small())
    with pytest.raises(RequestError, match="already exists"):
        store.connection.write("CREATE (:School {network: $name, id: 'a'})", name=store.name)
