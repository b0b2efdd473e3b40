"""Results written back onto the nodes of a real server: what stands there, and what is left alone."""

from datetime import date

import neo4j
import pandas as pd
import pytest
from graph_dump import dump
from hard import hard_network
from long import some

import liantu
from liantu.cli import main
from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.results import Result
from liantu.stores.server import ServerStore, results

DAY = neo4j.time.Date(2024, 6, 30)


@pytest.fixture
def store(server_uri):
    with ServerStore(server_uri) as opened:
        yield opened


def borne(store, before="liantu_", label=""):
    """Return the properties of results by the id of the node, for nodes that bear any."""
    found = store.connection.read(
        f"MATCH (n{label}) WHERE n.network = $network AND n.id IS NOT NULL "
        "RETURN n.id AS id, properties(n) AS own",
        network=store.name,
    )
    kept = (
        (row["id"], {key: value for key, value in row["own"].items() if key.startswith(before)})
        for row in found
    )
    return {key: own for key, own in kept if own}


def small():
    """Return a core with two members, one of them in no group; a centre shares an id."""
    frames = {
        "school": pd.DataFrame({"id": ["a", "b", "c"], "pupils": [10, None, 5]}),
        "center": pd.DataFrame({"id": ["a", "z"]}),
        "assists": pd.DataFrame({"source": ["a"], "target": ["b"], "start": ["2023-09-01"]}),
    }
    return Network.from_frames(frames, as_of="2024-06-30")


def table(name="coverage", index="school", **columns):
    ids = columns.pop("ids")
    frame = pd.DataFrame(columns, index=pd.Index(ids, name=index, dtype="str"))
    return Result(frame, name=name, as_of=date(2024, 6, 30), fingerprint="sha256:x")


def test_every_column_stands_on_its_node_in_its_type(store):
    store.write(small())
    result = liantu.coverage(small(), scope="all")
    said = [message.code for message in store.write_result(result, small())]
    assert said == ["result_written"]
    found = borne(store)
    assert set(found) == {"a", "b", "c"}
    stamp = {"liantu_coverage_as_of": DAY, "liantu_coverage_fingerprint": small().fingerprint}
    assert found["b"] == stamp | {
        "liantu_coverage_covered": True,
        "liantu_coverage_rung": "in_force",
        "liantu_coverage_rung_direct": "in_force",
        "liantu_coverage_as_core": False,
        "liantu_coverage_supporters": 1,
        "liantu_coverage_supporter_names": "a",
        "liantu_coverage_nearest_core": "a",
        "liantu_coverage_hops": 1,
        "liantu_coverage_since": neo4j.time.Date(2023, 9, 1),
    }
    assert type(found["b"]["liantu_coverage_covered"]) is bool
    assert type(found["b"]["liantu_coverage_hops"]) is int
    assert found["c"] == stamp | {
        "liantu_coverage_pupils": 5,
        "liantu_coverage_covered": False,
        "liantu_coverage_rung": "none",
        "liantu_coverage_rung_direct": "none",
        "liantu_coverage_as_core": False,
        "liantu_coverage_supporters": 0,
    }


@pytest.mark.parametrize(
    "analysis", some(["coverage", "reach", "centrality", "subjects", "flows"], 2)
)
def test_a_result_of_the_demo_stands_there_cell_by_cell(store, analysis):
    network = liantu.read("case:demo")
    store.write(network)
    result = getattr(liantu, analysis)(network)
    (written,) = store.write_result(result, network)
    assert written.params["count"] == len(result.table)
    found = borne(store)
    before = f"liantu_{analysis}_"
    for key, row in zip(result.table.index, result.table.to_dict("records"), strict=True):
        own = {name.removeprefix(before): value for name, value in found.pop(key).items()}
        assert own.pop("fingerprint") == network.fingerprint
        assert own.pop("as_of").to_native() == result.as_of
        native = {k: v.to_native() if hasattr(v, "to_native") else v for k, v in own.items()}
        assert native == {
            k: v.date() if isinstance(v, pd.Timestamp) else v for k, v in row.items() if pd.notna(v)
        }
    assert found == {}


def test_an_earlier_result_is_replaced_whole_and_others_stay(store):
    store.write(small())
    store.write_result(table(ids=["a", "b"], rung=["x", "y"], old=[1, 2]), small())
    store.write_result(table("reach", ids=["a"], direct=[3]), small())
    store.connection.write("MATCH (n:School {network: $n}) SET n.mine = 1", n=store.name)
    store.write_result(table(ids=["b", "c"], rung=["z", None]), small())
    stamp = {"as_of": DAY, "fingerprint": "sha256:x"}
    assert borne(store) == {
        "a": {"liantu_reach_direct": 3} | {f"liantu_reach_{k}": v for k, v in stamp.items()},
        "b": {"liantu_coverage_rung": "z"} | {f"liantu_coverage_{k}": v for k, v in stamp.items()},
        "c": {f"liantu_coverage_{k}": v for k, v in stamp.items()},
    }
    assert borne(store, "mine") == {key: {"mine": 1} for key in "abc"}


def test_removed_it_leaves_no_trace(store):
    store.write(small())
    before = dump(store.connection, store.name)
    store.write_result(table(ids=["a", "b"], rung=["x", "y"]), small())
    message = store.remove_result("coverage")
    assert (message.code, message.params["count"]) == ("result_removed", 2)
    assert dump(store.connection, store.name) == before
    assert store.remove_result("coverage").params["count"] == 0


def test_reading_passes_results_over_and_importing_anew_removes_them(store):
    network = hard_network()
    store.write(network)
    result = liantu.coverage(network, scope="all")
    store.write_result(result, network)
    read = store.read()
    assert read.fingerprint == network.fingerprint
    pd.testing.assert_frame_equal(read.nodes("school"), network.nodes("school"))
    store.write(network)
    assert borne(store) == {}


def test_only_the_network_of_the_address_is_touched(shared_server, store):
    with ServerStore(f"{shared_server}?network=beside-{store.name}") as beside:
        try:
            store.write(small())
            beside.write(small())
            store.write_result(table(ids=["a"], rung=["x"]), small())
            assert set(borne(store)) == {"a"}
            assert borne(beside) == {}
            beside.write_result(table(ids=["b"], rung=["y"]), small())
            store.remove_result("coverage")
            assert set(borne(beside)) == {"b"}
        finally:
            beside.delete()


def test_rows_that_find_no_node_are_counted(store):
    store.write(small().without("school", ["c"]))
    said = store.write_result(table(ids=["b", "c", "d"], rung=["x", "y", "z"]), small())
    assert [(m.code, m.params.get("count")) for m in said] == [
        ("result_written", 1), ("result_unmatched", 2), ("result_other_data", None),
    ]  # fmt: skip
    assert set(borne(store)) == {"b"}


def test_an_id_of_several_kinds_is_told_apart_by_the_kind(store):
    store.write(small())
    result = liantu.centrality(small())
    said = store.write_result(result, small())
    # a is a school and a centre; b and c are schools only
    assert [(m.code, m.params["count"]) for m in said] == [("result_written", len(result.table))]
    rows = result.table.groupby("kind").groups
    assert set(borne(store, label=":School")) == set(rows["school"])
    assert set(borne(store, label=":Center")) == set(rows.get("center", []))
    of_schools = liantu.centrality(small(), layer="assists")  # no centre can be meant
    assert [m.code for m in store.write_result(of_schools, small())] == ["result_written"]
    assert set(borne(store, label=":School")) == {"a", "b", "c"}
    assert borne(store, label=":Center") == {}


def test_kinds_of_a_column(store):
    store.write(small())
    result = table(
        "reach", "supporter", ids=["a", "a", "z"], kind=["school", "center", "center"], n=[1, 2, 3]
    )
    store.write_result(result, small())
    (school,) = borne(store, label=":School").values()
    assert school["liantu_reach_n"] == 1
    assert {k: v["liantu_reach_n"] for k, v in borne(store, label=":Center").items()} == {
        "a": 2,
        "z": 3,
    }


def test_masked_teachers_match_nobody(store):
    frames = {
        "school": pd.DataFrame({"id": ["s"]}),
        "teacher": pd.DataFrame({"id": ["张三", "t2"], "name": ["张三", "李四"]}),
        "mentors": pd.DataFrame(
            {
                "source": ["张三"],
                "source_kind": ["teacher"],
                "target": ["t2"],
                "target_kind": ["teacher"],
            }
        ),
    }
    network = Network.from_frames(frames, as_of="2024-06-30")
    store.write(network)
    masked = network.without_teacher_names()
    said = store.write_result(liantu.centrality(masked, layer="mentors"), masked)
    assert [(m.code, m.params["count"]) for m in said] == [
        ("result_written", 1), ("result_unmatched", 1),
    ]  # fmt: skip
    assert set(borne(store)) == {"t2"}
    assert "liantu_centrality_name" not in borne(store)["t2"]


def test_a_result_without_a_row_a_node_is_refused(store):
    store.write(small())
    with pytest.raises(RequestError) as raised:
        store.write_result(liantu.ties(small()), small())
    assert [problem.code for problem in raised.value.problems] == ["result_no_nodes"]
    assert borne(store) == {}


def test_a_network_that_is_not_there_or_not_whole_is_refused(store):
    result = table(ids=["a"], rung=["x"])
    with pytest.raises(RequestError) as raised:
        store.write_result(result, small())
    assert raised.value.problems[0].code in ("no_network", "no_such_network")
    store.write(small())
    store.connection.write(
        "MATCH (h:LiantuNetwork {network: $n}) SET h.state = 'writing'", n=store.name
    )
    for call in (
        lambda: store.write_result(result, small()),
        lambda: store.remove_result("coverage"),
    ):
        with pytest.raises(RequestError) as raised:
            call()
        assert raised.value.problems[0].code == "network_unfinished"
    assert borne(store) == {}


def test_broken_off_it_bears_no_fingerprint_and_the_next_one_heals_it(store, monkeypatch):
    store.write(small())
    commit, calls = results._commit, []

    def failing(connection, head, query, **params):
        calls.append(query)
        if len(calls) == 2:
            raise RequestError.of("server_unreachable", value="x")
        return commit(connection, head, query, **params)

    monkeypatch.setattr(results, "_commit", failing)
    with pytest.raises(RequestError):
        store.write_result(table(ids=["a", "b"], rung=["x", "y"]), small())
    monkeypatch.undo()
    assert {key: sorted(own) for key, own in borne(store).items()} == {
        key: ["liantu_coverage_as_of", "liantu_coverage_rung"] for key in "ab"
    }
    store.write_result(table(ids=["a"], rung=["z"]), small())
    assert {key: own["liantu_coverage_rung"] for key, own in borne(store).items()} == {"a": "z"}


def test_an_import_that_begins_meanwhile_is_not_written_over(store, monkeypatch):
    store.write(small())
    head = store.connection.whole()
    store.write(small())  # the same data, another import
    with pytest.raises(RequestError) as raised:
        results._set(store.connection, head, [["a", {"liantu_x": 1}]], ["school"])
    assert raised.value.problems[0].code == "network_unfinished"
    assert borne(store) == {}


def test_batches_come_to_the_same(store, monkeypatch):
    monkeypatch.setattr(results, "BATCH", 3)
    ids = [f"s{n}" for n in range(10)]
    network = Network.from_frames({"school": pd.DataFrame({"id": ids})})
    store.write(network)
    said = store.write_result(table(ids=ids, n=list(range(10))), network)
    assert said[0].params["count"] == 10
    assert {key: own["liantu_coverage_n"] for key, own in borne(store).items()} == dict(
        zip(ids, range(10), strict=True)
    )
    assert store.remove_result("coverage").params["count"] == 10
    assert borne(store) == {}


def test_the_command_prints_as_usual_and_writes_back(server_uri, capsys):
    source = ["coverage", "case:wenshan", "--lang", "en"]
    assert main(source) == 0
    usual = capsys.readouterr()
    assert main(["import", "case:wenshan", server_uri]) == 0
    capsys.readouterr()
    assert main([*source, "--write-back", server_uri]) == 0
    printed = capsys.readouterr()
    assert printed.out == usual.out
    added = printed.err.removeprefix(usual.err)
    assert added.endswith(
        "3 nodes on the server bear the result; its properties begin with liantu_coverage_\n"
    )
    with ServerStore(server_uri) as store:
        assert {own["liantu_coverage_covered"] for own in borne(store).values()} == {True}
        assert len(borne(store)) == 3
    assert (
        main(["coverage", "case:wenshan", "--remove-write-back", server_uri, "--lang", "en"]) == 0
    )
    removed = capsys.readouterr()
    assert (removed.out, removed.err) == (
        "", "note: removed the properties that begin with liantu_coverage_ from 3 nodes\n",
    )  # fmt: skip
    with ServerStore(server_uri) as store:
        assert borne(store) == {}


@pytest.mark.parametrize(
    ("options", "exit_code", "said"),
    [
        (["--write-back", "lists"], 2, "“lists” is no address of a server"),
        (["--remove-write-back", "lists"], 2, "“lists” is no address of a server"),
        (["--write-back", "neo4j://a", "--remove-write-back", "neo4j://a"], 2, "does not go with"),
    ],
)
def test_wrong_usage_is_one_line(capsys, options, exit_code, said):
    assert main(["coverage", "case:wenshan", "--lang", "en", *options]) == exit_code
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert said in line


def test_the_command_refuses_ties_in_one_line(server_uri, capsys):
    assert main(["import", "case:wenshan", server_uri]) == 0
    capsys.readouterr()
    assert main(["ties", "case:wenshan", "--lang", "en", "--write-back", server_uri]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("error: the rows of “ties” are no nodes")
