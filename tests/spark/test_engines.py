"""Engines of frames find what the engines of arrays find, row by row.

What is told once for all engines is held against arrays on DuckDB, which starts at once; Spark has
its own words for a few things, and one test of its own: a session and its jobs are dear.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from long import LONG
from random_network import random_network
from spark.side_by_side import STOPS, arrow, assert_same, everything, side_by_side

import liantu
import liantu.spark
from liantu.cli import main
from liantu.errors import LiantuError, RequestError
from liantu.graph.network import Network
from liantu.spark.__main__ import main as job
from liantu.spark.network import EngineNetwork
from liantu.stores import open_store


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("everything") / "net.liantu"
    with open_store(path) as store:
        store.write(everything())
    return path


@pytest.fixture(scope="module")
def ducks(stored: Path) -> EngineNetwork:
    return liantu.spark.open(duckdb.connect(), stored)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("small") / "net.liantu"
    with open_store(path) as store:
        store.write(random_network(range(2)))
    return path


IN_MEMORY = "nearest_core_km"  # of coverage; engines know no distance
ENGINES = ("fast", "reference") if LONG else ("fast",)


@cache
def centrality() -> pd.DataFrame:
    found = liantu.centrality(everything(), betweenness="off", harmonic="off")
    return found.table.reset_index()


def check_ties(network: EngineNetwork) -> None:
    meant = liantu.ties(everything())
    assert_same(arrow(network.ties()), meant.table)
    assert network.frames.notes(everything().as_of) == meant.notes


def check_coverage(network: EngineNetwork, **options: object) -> None:
    for engine in ENGINES:
        meant = liantu.coverage(everything(), engine=engine, **options)
        meant = meant.table.reset_index().drop(columns=IN_MEMORY)
        assert_same(arrow(network.coverage(**options)), meant)


def check_reach(network: EngineNetwork, **options: object) -> None:
    for engine in ENGINES:
        meant = liantu.reach(everything(), engine=engine, **options)
        assert_same(arrow(network.reach(**options)), meant.table.reset_index())


def check_components(network: EngineNetwork) -> None:
    meant = centrality().sort_values(["component", "node", "kind"])
    columns = ["node", "kind", "name", "component"]
    assert_same(arrow(network.components()), meant, columns)


def check_timeline(network: EngineNetwork, measure: str) -> None:
    by = ",".join(map(str, STOPS))
    meant = liantu.timeline(everything(), by=by, measure=measure).table.reset_index(drop=True)
    assert_same(arrow(network.timeline(STOPS, measure=measure)), meant)


def check_expiry(network: EngineNetwork) -> None:
    meant = liantu.expiry(everything(), scope="all", within="12m")
    assert_same(arrow(network.expiry(within="12m")), meant.table)


def test_ties(ducks):
    check_ties(ducks)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"scope": "all", "hops": 1, "window": "3y", "sustained_months": 2},
        {"basis": ("assists", "delivers"), "rural": "broad", "stage": ("primary",)},
    ],
)
def test_coverage(ducks, options):
    check_coverage(ducks, **options)


def test_reach(ducks):
    check_reach(ducks, hops=3, decay=0.3, rural="broad")


def test_components(ducks):
    check_components(ducks)


def test_support_rank(ducks, tmp_path):
    # rounds are dear, so the whole of them on a small network, and the same few on the large one
    small = random_network(range(2))
    with open_store(tmp_path / "net.liantu") as store:
        store.write(small)
    network = liantu.spark.open(duckdb.connect(), tmp_path / "net.liantu")
    order = ["support_rank", "node", "kind"]
    meant = liantu.centrality(small, betweenness="off", harmonic="off").table.reset_index()
    found = arrow(network.support_rank()).to_pandas().set_index(["node", "kind"])
    meant = meant.set_index(["node", "kind"])["support_rank"]
    assert sorted(found.index) == sorted(meant.index)
    assert (found["support_rank"] - meant).abs().max() < 1e-12
    assert list(found.index) == list(
        found.reset_index().sort_values(order, ascending=[False, True, True])
        .set_index(["node", "kind"]).index
    )  # fmt: skip


@pytest.mark.parametrize("measure", ["membership", "coverage"])
def test_timeline(ducks, measure):
    check_timeline(ducks, measure)


def test_expiry(ducks):
    check_expiry(ducks)


def test_what_is_odd_is_counted(tmp_path):
    frames = {
        "school": pd.DataFrame(
            {"id": ["a", "b", "c"], "lon": [0.0, 30.0, None], "lat": [0.0, 110.0, None],
             "opened": [None, None, "2024-01-01"]}
        ),
        "teacher": pd.DataFrame({"id": ["t1"]}),
        "member_of": pd.DataFrame(
            {"source": ["a", "a", "b"], "target": "g", "role": ["core", "member", "member"],
             "start": ["2020-01-01", None, None]}
        ),
        "posted_to": pd.DataFrame(
            {"source": ["t1"], "source_kind": "teacher", "target": "b", "start": "2015-01-01"}
        ),
    }  # fmt: skip
    frames["school"].loc[1, "lat"] = 80.0
    network = Network.from_frames(frames, as_of="2022-05-11")
    with open_store(tmp_path / "net.liantu") as store:
        store.write(network)
    found = arrow(liantu.spark.open(duckdb.connect(), tmp_path / "net.liantu").checks())
    counts = {row["code"]: row["count"] for row in found.to_pylist()}
    assert counts == {
        "after_as_of": 1, "home_missing": 1, "old_open_posting": 1, "self_listed": 1,
        "swapped_coordinates": 1, "zero_coordinates": 1,
    }  # fmt: skip
    said = {problem.code for problem in network.report.problems}
    assert counts.keys() <= said


def parts(folder: Path) -> tuple[list[Path], Network]:
    """Return two stores that share a partner and a region, and both as one network."""
    shared = {
        "partner": pd.DataFrame({"id": ["大学"]}),
        "region": pd.DataFrame({"id": ["省"], "level": "province"}),
    }
    found = []
    for place, key in enumerate("乙甲"):
        own = side_by_side({key: random_network([place])})
        frames = {name: own.frame(name) for name in own.frames}
        school = frames["school"].reset_index()
        ties = pd.DataFrame({"source": ["大学"], "target": [school["id"].iloc[0]], "target_kind": "school"})  # fmt: skip
        merged = {
            "partner": shared["partner"], "region": shared["region"],
            "school": school.assign(region="省"), "supports": ties,
            **{name: frames[name] for name in ("member_of", "assists", "affiliated_to")},
            "alliance": frames["alliance"].reset_index().assign(region=None),
        }  # fmt: skip
        network = Network.from_frames(merged, as_of="2022-05-11")
        path = folder / f"{place}.liantu"
        with open_store(path) as store:
            store.write(network)
        found.append(path)
    from liantu.graph.merge import merge

    return found, merge(*(liantu.read(path) for path in found))


def check_parts(engine: object, folder: Path) -> None:
    paths, whole = parts(folder)
    network = liantu.spark.open(engine, *paths)
    assert_same(arrow(network.ties()), liantu.ties(whole).table)
    meant = liantu.coverage(whole, scope="all").table.reset_index().drop(columns=IN_MEMORY)
    assert_same(arrow(network.coverage(scope="all")), meant)
    assert network.network().fingerprint == whole.fingerprint


def test_stores_are_parts_of_one_network(tmp_path):
    check_parts(duckdb.connect(), tmp_path)


def test_parts_that_differ_are_refused(tmp_path):
    for place, name in enumerate(("甲校", "乙校")):
        with open_store(tmp_path / f"{place}.liantu") as store:
            store.write(
                Network.from_frames({"school": pd.DataFrame({"id": ["a"], "name": [name]})})
            )
    both = [tmp_path / "0.liantu", tmp_path / "1.liantu"]
    with pytest.raises(RequestError) as told:
        arrow(liantu.spark.open(duckdb.connect(), *both).ties(as_of=date(2024, 1, 1)))
    assert told.value.problems[0].code == "spark_parts_differ"


@pytest.mark.parametrize(
    ("name", "options"),
    [("ties", {"current": True}), ("coverage", {"hops": 2}), ("reach", {}), ("reach", {"hops": 1})],
)
def test_the_whole_result_is_the_same(ducks, name, options):
    analysis = getattr(liantu, name)
    found, meant = (analysis(n, **options).to_dict() for n in (ducks, everything()))
    for row in meant["table"]:
        row.pop(IN_MEMORY, None)
    assert found == meant


def test_what_does_not_run_here_says_so(ducks):
    with pytest.raises(RequestError) as told:
        liantu.load(ducks)
    assert told.value.problems[0].code == "spark_not_here"


def test_back_into_memory(ducks):
    assert ducks.network().fingerprint == everything().fingerprint


def test_written_once(ducks, tmp_path):
    rows = ducks.timeline(STOPS)
    ducks.write(rows, str(tmp_path / "out"))
    assert len(pd.read_parquet(tmp_path / "out")) == len(STOPS)
    with pytest.raises(LiantuError) as told:
        ducks.write(rows, str(tmp_path / "out"))
    assert told.value.problems[0].code == "spark_output_there"


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "store_empty"), ("{", "store_damaged"), ('{"format": 99}', "store_newer")],
)
def test_what_is_no_store(tmp_path, content, code):
    if content is not None:
        (tmp_path / "liantu.json").write_text(content)
    with pytest.raises(LiantuError) as told:
        liantu.spark.open(duckdb.connect(), tmp_path)
    assert told.value.problems[0].code == code


# -- the command line --------------------------------------------------------------------------


def test_a_command_says_the_same(small, capsys):
    said = []
    for source in (f"duckdb:{small}", str(small)):
        assert main(["reach", source, "--format", "json", "--lang", "zh"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["load", "duckdb:{}"], "does not run on Spark or DuckDB"),
        (["info", "duckdb:{}"], "needs the network in memory"),
        (["coverage", "duckdb:{}", "--region", "x"], "--region is not for networks on Spark"),
        (["coverage", "duckdb:{}/nowhere"], "holds no network yet"),
        (["ties", "duckdb:{}", "--basis", "pact"], "pact"),
    ],
)
def test_what_a_command_cannot_do_on_an_engine(small, capsys, command, told):
    assert main([word.format(small) for word in command] + ["--lang", "en"]) in (1, 2)
    found = capsys.readouterr()
    assert found.out == ""
    assert len(found.err.splitlines()) == 1 and told in found.err


def test_names_of_teachers_stay_hidden(tmp_path, capsys):
    frames = {
        "school": pd.DataFrame({"id": ["a", "b"]}),
        "teacher": pd.DataFrame({"id": ["王芳"], "name": ["王芳"]}),
        "posted_to": pd.DataFrame({"source": ["王芳"], "source_kind": "teacher", "target": "b", "home": "a"}),
    }  # fmt: skip
    with open_store(tmp_path / "net.liantu") as store:
        store.write(Network.from_frames(frames, as_of="2024-06-30"))
    source = f"duckdb:{tmp_path / 'net.liantu'}"
    assert main(["ties", source, "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert "made from names" in said.err and "王芳" not in said.out + said.err
    assert main(["ties", source, "--show-teachers", "--format", "json"]) == 0
    assert "王芳" in capsys.readouterr().out
    hidden = EngineNetwork(liantu.spark.open(duckdb.connect(), stored_code(tmp_path)).source, hidden=True)  # fmt: skip
    rows = arrow(hidden.expiry(as_of="2024-06-30", within="12m")).to_pylist()
    assert [(row["source"], row["source_name"]) for row in rows] == [("T-17", None)]


def stored_code(folder: Path) -> Path:
    """Return a store with a teacher whose id is a code and whose posting ends."""
    frames = {
        "school": pd.DataFrame({"id": ["a", "b"]}),
        "teacher": pd.DataFrame({"id": ["T-17"], "name": ["王芳"]}),
        "posted_to": pd.DataFrame(
            {"source": ["T-17"], "source_kind": "teacher", "target": "b", "home": "a", "end": "2024-08-31"}
        ),
    }  # fmt: skip
    with open_store(folder / "code.liantu") as store:
        store.write(Network.from_frames(frames, as_of="2024-06-30"))
    return folder / "code.liantu"


# -- Spark -------------------------------------------------------------------------------------

# Little is compiled, for everything runs once.
QUICK = {
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    from liantu.spark.session import session

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI") == "true":
            pytest.fail("no Java 17 for Spark")
        pytest.skip("no Java 17 for Spark")
    found = session("local[2]", QUICK)
    yield found
    found.stop()


def test_spark_finds_the_same(spark, stored, tmp_path):
    """Ties and coverage go through all of the engine's own words but `ranked`, the others in LONG."""
    network = liantu.spark.open(spark, stored)
    assert_same(arrow(network.ties()), liantu.ties(everything()).table)
    check_coverage(network)
    network.write(spark.range(3), str(tmp_path / "out"))
    assert sorted(pd.read_parquet(tmp_path / "out")["id"]) == [0, 1, 2]
    with pytest.raises(LiantuError) as told:
        network.write(spark.range(3), str(tmp_path / "out"))
    assert told.value.problems[0].code == "spark_output_there"
    # the job of spark-submit
    assert job(["ties", str(tmp_path / "nowhere"), str(tmp_path / "ties")]) == 1
    with pytest.raises(SystemExit) as end:
        job(["coverage", str(stored), str(tmp_path / "rows"), "--within", "12m"])
    assert end.value.code == 2
    if LONG:
        assert job(["expiry", str(stored), str(tmp_path / "rows"), "--within", "12m"]) == 0
        assert len(pd.read_parquet(tmp_path / "rows")) == len(
            liantu.expiry(everything(), scope="all", within="12m").table
        )
        check_ties(network)
        check_reach(network, hops=3, decay=0.3)
        check_components(network)
        check_timeline(network, "coverage")
        check_expiry(network)
        check_parts(spark, tmp_path)
        assert network.network().fingerprint == everything().fingerprint
