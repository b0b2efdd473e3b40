"""Queries on a real server: the ready ones agree with the analyses; others only read, and hide."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hard import hard_network
from long import examples, some
from random_network import random_network

import liantu
from liantu.errors import RequestError
from liantu.formats import records
from liantu.graph.network import Network
from liantu.graph.schema import tables
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.stores.server import ServerStore
from liantu.stores.server.connection import Connection
from liantu.stores.server.query import ready, run, run_ready
from liantu.vocabulary import terms

CASES = ("demo", "laizhou", "wenshan", "xiajin", "linyi")
SUPPORTED = ["school", "name", "region", "stage", "urban_rural", "pupils", "rung", "rung_direct"]
SUPPORTED += ["inherited_from", "supporters", "since", "expires"]

HELPER = ["supporter", "kind", "name"]
ENDS = ["source", "source_name", "target", "target_name"]


@pytest.fixture
def put(server_uri) -> Iterator[Callable[[Network], Connection]]:
    """Return a function that writes a network beside others and gives a connection to it."""
    connections: list[Connection] = []

    def once(network: Network) -> Connection:
        uri = f"{server_uri}-{len(connections)}"
        with ServerStore(uri) as store:
            store.write(network)
        connections.append(Connection(uri))
        return connections[-1]

    once.address = server_uri
    yield once
    for number, connection in enumerate(connections):
        connection.close()
        with ServerStore(f"{server_uri}-{number}") as store:
            store.delete()


def rows(table: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    flat = table if table.index.name is None else table.reset_index()
    return records(flat[columns])


def by_pupils(table: pd.DataFrame) -> pd.DataFrame:
    order = ["pupils", "school"]
    return table.sort_values(order, ascending=[False, True], kind="stable")


def expected(network: Network, day: date) -> dict[str, list[dict[str, Any]]]:
    """Return what the analyses say, in the shape of the ready queries."""
    every = liantu.coverage(network, as_of=day, scope="all").table
    reach = liantu.reach(network, as_of=day).table
    ties = liantu.ties(network, as_of=day, current=True).table
    found = {
        "coverage-of-schools": rows(
            every, [*SUPPORTED[:6], "covered", "rung", "rung_direct", "as_core", *SUPPORTED[8:]]
        ),
        "in-force-but-inactive": rows(every[every["rung"] == "in_force"], SUPPORTED),
        "two-step-reach": rows(
            reach,
            [*HELPER, "direct", "within_hops", "rural_within_hops", "pupils_within_hops", "sole"],
        ),
        "heaviest-cores": rows(
            reach.reset_index().sort_values(
                ["direct", "supporter", "kind"], ascending=[False, True, True]
            ),
            [*HELPER, "direct", "sole"],
        ),
        "who-supports-whom": rows(
            ties,
            [*ENDS[:2], "source_kind", *ENDS[2:], "basis", "form", "start", "end"],
        ),
        "teacher-movements": rows(
            liantu.flows(network, as_of=day).tables["movements"],
            [*ENDS, "form", "people"],
        ),
    }
    only = every[every["supporters"] == 1].reset_index()
    firsts = ties[["source", "source_kind", "source_name", "target"]].drop_duplicates("target")
    firsts = firsts.set_axis(["supporter", "kind", "supporter_name", "school"], axis=1)
    only = by_pupils(only.merge(firsts, on="school"))
    columns = [*SUPPORTED[:6], "supporter", "kind", "supporter_name"]
    found["single-supporter-schools"] = rows(only, columns)

    ending = liantu.expiry(network, as_of=day, within="12m", scope="all").table
    for end in ("source", "target"):
        known = ending[f"{end}_kind"] != "teacher"
        ending[f"{end}_name"] = ending[f"{end}_name"].where(known)
    found["expiring-pacts"] = records(ending)

    held = study(network).members(day)
    columns = {key: getattr(held, key) for key in ("alliance", "core", "school")}
    now = pd.DataFrame(columns)
    groups = now.groupby("alliance").agg(core=("core", "any"), members=("school", "nunique"))
    groups = groups[~groups["core"].astype(bool)]
    alliances = network.nodes("alliance").iloc[groups.index].reset_index(names="alliance")
    alliances = alliances.assign(members=groups["members"].to_numpy())
    alliances = alliances.sort_values(["members", "alliance"], ascending=[False, True])
    found["alliances-without-core"] = rows(
        alliances, ["alliance", "name", "region", "form", "members"]
    )
    pacts = network.relation("pact")
    found["pacts-between-regions"] = rows(
        pacts[network.edges("pact").holds(day_number(day))],
        ["source", "target", "alliance", "start", "end"],
    )
    frames = {
        name: network.nodes(name) for name, table in tables().items() if table.nature == "kind"
    }
    frames |= {
        name: network.relation(name) for name, table in tables().items() if table.is_relation
    }
    frames["observations"] = network.observations
    counts = {name: len(frame) for name, frame in frames.items() if len(frame)}
    found["network-inventory"] = [{"table": name, "count": counts[name]} for name in sorted(counts)]
    return found


def agree(network: Network, connection: Connection, day: date) -> None:
    """Compare every ready query with the analyses, row by row."""
    what = f"{network.title} on {day}"
    for name, wanted in expected(network, day).items():
        dated = {"as_of": day} if "as_of" in ready()[name].parameters else {}
        table = run_ready(connection, name, dated, show_teachers=True).table
        table = table[[key for key in table if not wanted or key in wanted[0]]]
        assert records(table) == wanted, f"{name}: {what}"
    for rural in ("strict", "broad"):
        given = {"as_of": day, "rural": rural}
        try:
            table = liantu.coverage(network, as_of=day, rural=rural).table
        except RequestError:
            with pytest.raises(RequestError, match="rural=all"):
                run_ready(connection, "uncovered-rural-schools", given)
            continue
        wanted = rows(table[~table["covered"]], SUPPORTED)
        answer = run_ready(connection, "uncovered-rural-schools", given)
        assert records(answer.table) == wanted, f"{rural}: {what}"
        shown = network.without_teacher_names().fingerprint
        assert (answer.as_of, answer.fingerprint) == (day, shown)


def large_network() -> Network:
    """An alliance of more members than make ties, without a core, and one of just as many that do."""
    ids = [f"{number:04}" for number in range(1001)]
    start = ["2021-01-01"] * 1000 + ["2023-01-01"]
    members = {"source": ids, "target": "large", "start": start}
    small = {"source": ids[:60], "target": "small", "start": None}
    return Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": [*ids, "alone"], "closed": ["2022-01-01"] + [None] * 1001}
            ),
            "member_of": pd.concat([pd.DataFrame(members), pd.DataFrame(small)]),
            "supports": pd.DataFrame(
                {"source": ["p"], "target": "large", "target_kind": "alliance", "form": "funding"}
            ),
        },
        as_of="2022-05-11",
    )


def village_network() -> Network:
    """What hangs below a core that nobody helps: a child, its child, a successor, a closed one."""
    below = {"source": list("cdefg"), "target": list("acaaf"), "form": None}
    below["form"] = ["village_school", None, "successor", None, None]
    return Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": list("abcdefgh"), "closed": [None] * 5 + ["2022-05-11", None, None]}
            ),
            "member_of": pd.DataFrame(
                {"source": list("abbh"), "target": list("xxyy"), "role": ["core", None, None, "core"],
                 "end": [None, None, None, "2022-05-10"]}
            ),
            "affiliated_to": pd.DataFrame(below),
        },
        as_of="2022-05-11",
    )  # fmt: skip


def test_ready_queries_agree_with_the_analyses(put, tmp_path):
    """All networks in one test: side by side each query is planned only once."""
    from liantu.loaders.generate import generate

    generate(tmp_path / "region", schools=300, seed=3)
    networks = [random_network(range(examples(20, 40))), hard_network(), large_network()]
    networks.append(village_network())
    networks.append(liantu.read(tmp_path / "region"))
    networks += [liantu.read(f"case:{case}") for case in some(CASES, 2)]
    connections = [put(network) for network in networks]
    for network, connection in zip(networks, connections, strict=True):
        agree(network, connection, network.as_of)
    for network, connection in zip(networks[:2], connections, strict=False):
        agree(network, connection, network.as_of - timedelta(days=500))


def test_every_column_of_the_ready_queries_has_a_label(put):
    connection = put(small())
    for name, query in ready().items():
        given = {"rural": "all"} if "rural" in query.parameters else {}
        table = run_ready(connection, name, given).table
        assert set(table) - set(terms("column")) == set(), name
        assert query.title("en") != query.title("zh")


def small() -> Network:
    """Three schools, two teachers of one name, of whom one has an id made from it."""
    return Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["0130", "b", "c"], "name": ["一小", "二小", None]}),
            "teacher": pd.DataFrame({"id": ["t1", "一小/张三"], "name": ["张三", "张三"]}),
            "works_at": pd.DataFrame({"source": ["t1", "一小/张三"], "target": "0130"}),
            "assists": pd.DataFrame({"source": ["0130"], "target": ["b"], "start": ["2021-09-01"]}),
        },
        as_of="2022-05-11",
    )


def test_the_server_refuses_to_write(put):
    connection = put(small())
    for statement in (
        "CREATE (:School)",
        "MATCH (n:School) SET n.name = 'x'",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n:School) CALL (n) { SET n.name = 'x' } IN TRANSACTIONS",
        "CREATE CONSTRAINT mine FOR (n:School) REQUIRE n.name IS UNIQUE",
        "DROP INDEX liantu_teacher_name",
        "CREATE USER anna SET PASSWORD 'abcdefgh'",
        "CALL db.createLabel('Mine')",
    ):
        with pytest.raises(RequestError) as error:
            run(connection, statement)
        assert error.value.problems[0].code == "query_writes", statement
    table = run(connection, "MATCH (n:School {network: $network}) RETURN n.name AS name").table
    assert sorted(table["name"].dropna()) == ["一小", "二小"]


REFUSED = [
    ("METCH (n)", {}, "query_refused"),
    ("RETURN 1 AS a, 2 AS a", {}, "query_refused"),
    ("RETURN 1/0", {}, "query_refused"),
    ("", {}, "query_refused"),
    ("RETURN $day", {}, "query_param_missing"),
    ("RETURN $day", {"day": 1, "dya": 2}, "query_param_unknown"),
    ("RETURN date({year: -5})", {}, "query_value"),
    ("RETURN $from", {"as_of": 1}, "query_param_unknown"),
    ("RETURN $from, $as_of", {"as_of": "x"}, "bad_option_date"),
]


def test_what_cannot_be_asked_is_one_line(put):
    connection = put(small())
    for statement, given, code in REFUSED:
        with pytest.raises(RequestError) as error:
            run(connection, statement, given)
        assert [problem.code for problem in error.value.problems] == [code], statement
        lines = [line for lang in ("en", "zh") for line in error.value.lines(lang)]
        assert len(lines) == 2
        assert not any("\n" in line or "{" in line for line in lines), lines


NOT_TAKEN = [
    ("uncovered-rural-school", {}, "query_unknown"),
    ("uncovered-rural-schools", {"network": "x"}, "query_param_unknown"),
    ("uncovered-rural-schools", {"rurla": "all"}, "query_param_unknown"),
    ("uncovered-rural-schools", {"rural": "villages"}, "bad_choice"),
    ("uncovered-rural-schools", {"as_of": "2021-13"}, "bad_option_date"),
    ("uncovered-rural-schools", {}, "query_no_urban_rural"),
]


def test_what_a_ready_query_does_not_take(put):
    connection = put(small())
    for name, given, code in NOT_TAKEN:
        with pytest.raises(RequestError) as error:
            run_ready(connection, name, given)
        assert [problem.code for problem in error.value.problems] == [code], given


def test_an_unfinished_network_is_refused(put):
    connection = put(small())
    name = connection.whole()["network"]
    connection.write(
        "MATCH (h:LiantuNetwork {network: $network}) SET h.state = 'writing'", network=name
    )
    for ask in (run_ready, run):
        with pytest.raises(RequestError, match="being written"):
            ask(connection, "network-inventory" if ask is run_ready else "RETURN $network")


def test_values_of_the_network_stand_in_for_missing_ones(put):
    connection = put(small())
    answer = run(connection, "RETURN $network AS n, $as_of AS a, $from AS f, $until AS u")
    assert records(answer.table[["a", "f", "u"]]) == [
        {"a": "2022-05-11", "f": "2021-05-11", "u": "2023-05-11"}
    ]
    assert answer.parameters["network"] == connection.whole()["network"] == answer.table["n"][0]
    shown = small().without_teacher_names().fingerprint
    assert (answer.as_of, answer.fingerprint) == (date(2022, 5, 11), shown)
    answer = run_ready(connection, "coverage-of-schools", {"as_of": "2021-08"})
    assert answer.parameters["from"] == date(2020, 8, 31)
    assert answer.table["rung"].tolist() == ["none", "named", "none"]
    answer = run(connection, "RETURN 1 AS one")
    assert (answer.as_of, answer.fingerprint, dict(answer.parameters)) == (None, None, {})


def test_only_what_is_neither_text_nor_comment_is_a_parameter(put):
    connection = put(small())
    answer = run(connection, "RETURN 'US$who \\' $x' AS a, \"$y\" AS b, $n AS n // $z\n", {"n": 1})
    assert answer.table.iloc[0].tolist() == ["US$who ' $x", "$y", 1]
    with pytest.raises(RequestError, match="who"):
        run(connection, "RETURN '$who'", {"who": 1})


def test_a_name_that_is_not_there_is_told_and_so_are_all_networks_asked(put):
    put(small())
    connection = put(small())
    answer = run(connection, "MATCH (s:School) RETURN count(s) AS n")
    assert [note.code for note in answer.notes] == ["query_all_networks"]
    assert run(connection, "MATCH (s:School {network: $network}) RETURN s.id").notes == ()
    with (
        closing(Connection(f"{put.address}-none")) as other,
        pytest.raises(RequestError, match="is not there"),
    ):
        run(other, "MATCH (s:School) RETURN count(s) AS n")


def test_what_an_error_quotes_is_hidden(put):
    connection = put(small())
    statement = "MATCH (t:Teacher {network: $network}) RETURN substring(t.name, 0, t.name)"
    with pytest.raises(RequestError) as caught:
        run(connection, statement)
    assert not any(name in str(caught.value) for name in ("张三", "李四"))
    with pytest.raises(RequestError, match="张三"):
        run(connection, statement + " ORDER BY t.id DESC", show_teachers=True)


def test_names_of_teachers_are_hidden_at_any_depth(put):
    connection = put(small())
    statement = """
        MATCH path = (t:Teacher {network: $network})-[r:WORKS_AT]->(s)
        WHERE t.name = $who
        RETURN t.id AS id, t.name AS name, t, path, [[t.name]] AS list, {a: {b: t.id}} AS map,
               s.name AS school, $who AS asked, t.name + '老师' AS longer
        ORDER BY id
    """
    shown = run(connection, statement, {"who": "张三"}, show_teachers=True)
    assert shown.table["name"].tolist() == ["张三", "张三"]
    assert shown.table["id"].tolist() == ["t1", "一小/张三"]
    assert shown.notes == ()
    found = run(connection, statement, {"who": "张三"})
    row = records(found.table.drop(columns="longer"))[1]
    assert "张三" not in str(row)
    assert row["id"] == row["map"]["a"]["b"] == row["t"]["id"] == row["path"][0]["id"]
    assert row["name"] == row["list"][0][0] == row["asked"] == found.parameters["who"]
    assert re.fullmatch("teacher-[0-9a-f]{16}", row["name"])
    assert row["id"] != row["name"]
    assert row["school"] == "一小"
    assert found.table["id"][0] == "t1"
    assert found.notes[0].params == {"count": 2}
    again = run(connection, "MATCH (t:Teacher {network: $network}) RETURN DISTINCT t.name AS n")
    assert again.table["n"].tolist() == [row["name"]]  # the same in every query
    # a name within a longer text is beyond what can be known
    assert found.table["longer"][0] == "张三老师"


def test_pseudonyms_are_those_of_every_command(put):
    statement = "MATCH (t:Teacher {network: $network}) RETURN t.id AS id ORDER BY id"
    for network in (small(), small().without("teacher", ["t1"])):
        ids = run(put(network), statement).table["id"].tolist()
        assert sorted(ids) == network.without_teacher_names().nodes("teacher").index.tolist()


def test_a_query_shows_the_fingerprint_without_names(put):
    connection, statement = put(small()), "MATCH (s:School {network: $network}) RETURN s.id"
    assert run(connection, statement).fingerprint == small().without_teacher_names().fingerprint
    assert run(connection, statement, show_teachers=True).fingerprint == small().fingerprint
    [node] = run(connection, "MATCH (h:LiantuNetwork {network: $network}) RETURN h").table["h"]
    assert node["fingerprint"] == small().without_teacher_names().fingerprint
    assert node["about"] == "‹…›"


def test_values_of_every_type(put):
    statement = """
        RETURN 1 AS i, 1.5 AS f, true AS b, null AS n, 'x' AS s, date('2021-09-01') AS d,
               datetime('2020-01-01T00:00:00[Asia/Shanghai]') AS z, localdatetime('2020-01-01') AS l,
               time('10:00+08:00') AS t, duration('P1M2DT3S') AS p, [1, null, 'a'] AS list,
               {a: [date('2021-09-01')]} AS map, point({x: 1, y: 2}) AS here, 0.0 / 0.0 AS nan
    """
    [row] = records(run(put(small()), statement).table)
    assert row == {
        "i": 1, "f": 1.5, "b": True, "n": None, "s": "x", "d": "2021-09-01",
        "z": "2020-01-01T00:00:00.000000000+08:00", "l": "2020-01-01T00:00:00.000000000",
        "t": "10:00:00.000000000+08:00", "p": "P1M2DT3S", "list": [1, None, "a"],
        "map": {"a": ["2021-09-01"]}, "here": {"srid": 7203, "x": 1.0, "y": 2.0}, "nan": None,
    }  # fmt: skip


def test_columns_have_types(put):
    connection = put(small())
    statement = (
        "UNWIND [[1, 'a', date('2021-09-01'), true, 1], [null, null, null, null, 'b']] AS r "
    )
    statement += "RETURN r[0] AS i, r[1] AS s, r[2] AS d, r[3] AS b, r[4] AS mixed"
    table = run(connection, statement).table
    assert [str(dtype) for dtype in table.dtypes] == [
        "Int64", "str", "datetime64[s]", "boolean", "object",
    ]  # fmt: skip
    empty = run(connection, "MATCH (n:Nothing) RETURN n, n.x AS x").table
    assert (list(empty), len(empty)) == (["n", "x"], 0)
    assert run(connection, "MATCH (n:Nothing) FINISH").table.shape == (0, 0)
    many = run(connection, "UNWIND range(1, 20000) AS n RETURN n, 'x' + n AS s").table
    assert (many["n"].sum(), many["s"].iloc[-1]) == (20000 * 20001 // 2, "x20000")
