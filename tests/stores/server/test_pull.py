"""Reading from a real server: the same network, the same part of it, and what people changed."""

from __future__ import annotations

import uuid
from datetime import date

import pandas as pd
import pytest
from hard import hard_network
from long import examples, some
from pandas.testing import assert_frame_equal
from random_network import random_network

import liantu
from liantu.errors import DataError, OptionError, RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.select import select
from liantu.loaders.generate import generate
from liantu.stores.server import ServerStore, pages, pull

RANDOM = examples(1, 4)  # small networks, beside the hard one and a generated one


def assert_same(found: Network, wanted: Network) -> None:
    for name in schema.tables():
        assert_frame_equal(found.frames[name], wanted.frames[name], obj=name)
    assert found.fingerprint == wanted.fingerprint
    for key in ("title", "as_of", "phases", "goals", "report"):
        assert getattr(found, key) == getattr(wanted, key), key


@pytest.fixture(scope="module")
def held(shared_server, tmp_path_factory):
    """Return networks and the stores that hold them, by name."""
    generate(tmp_path_factory.mktemp("generated") / "lists", schools=300, seed=5)
    networks = {
        "hard": hard_network(),
        "generated": liantu.read(tmp_path_factory.getbasetemp() / "generated0" / "lists"),
        **{f"random {seed}": random_network([seed]) for seed in range(RANDOM)},
    }
    stores = {name: ServerStore(f"{shared_server}?network={uuid.uuid4().hex}") for name in networks}
    for name, store in stores.items():
        store.write(networks[name])
    yield {name: (networks[name], stores[name]) for name in networks}
    for store in stores.values():
        store.delete()
        store.close()


@pytest.fixture
def store(server_uri):
    with ServerStore(server_uri) as opened:
        yield opened


def small(**more: object) -> Network:
    frames = {
        "school": pd.DataFrame(
            {"id": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "opened": ["1950-09-01"] * 3}
        ),
        "region": pd.DataFrame({"id": ["r"], "name": ["县"]}),
        "assists": pd.DataFrame(
            {"source": ["a"], "target": ["b"], "start": ["2020-09-01"], "end": ["2023-08-31"]}
        ),
        "observations": pd.DataFrame({"id": ["b"], "measure": ["pupils"], "value": [81.0]}),
    }
    return Network.from_frames({**frames, **more}, title="小县", as_of="2024-06-30")


def change(store: ServerStore, query: str, **params: object) -> None:
    """Change a network by hand, as people do in Browser; `$n` is its name."""
    store.connection.write(query, n=store.name, **params)


def lines(store: ServerStore, **part: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        store.read(**part)
    return caught.value.lines()


# -- whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3, 10_000])
def test_the_whole_comes_back_as_it_was(held, size, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", size)
    network, store = held["hard"]
    assert_same(store.read(), network)


def test_a_generated_region_comes_back_as_it_was(held):
    network, store = held["generated"]
    assert_same(store.read(), network)


def test_an_empty_network_comes_back(store):
    network = Network.from_frames({}, title="空")
    store.write(network)
    assert_same(store.read(), network)


def test_what_is_not_there_is_said(store):
    with pytest.raises(RequestError, match=r"is not there|holds no network"):
        store.read()


def test_no_page_is_longer_than_a_page(held, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 5)
    sizes = []
    real = pages._page

    def counted(*args, **params):
        page = real(*args, **params)
        sizes.append(max(len(cells) for cells in page.values()))
        return page

    monkeypatch.setattr(pages, "_page", counted)
    _, store = held["hard"]
    store.read()
    assert max(sizes) == 5
    sizes.clear()
    store.read(region="007")
    assert max(sizes) == 5


@pytest.mark.parametrize("size", [1, 4])
def test_a_hub_is_read_in_parts(store, size, monkeypatch):
    """Twenty parallel ties and events at one alliance and one school, in pages that cut them."""
    ids = [f"s{number:02}" for number in range(12)]
    dates = [f"20{year:02}-09-01" for year in range(12)]
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ids}),
            "alliance": pd.DataFrame({"id": ["hub"]}),
            "member_of": pd.DataFrame({"source": ids, "target": "hub"}),
            "assists": pd.DataFrame({"source": "s05", "target": "s06", "start": dates}),
            "delivers": pd.DataFrame({"source": ["s05"] * 8, "target": ["s06"] * 8}),
        }
    )
    store.write(network)
    monkeypatch.setattr(pages, "PAGE", size)
    assert_same(store.read(), network)


# -- parts -------------------------------------------------------------------------------------

PARTS = [
    {"kinds": ["school"]},
    {"kinds": ["region", "teacher"]},
    {"kinds": ["school", "teacher"], "relations": ["mentors", "posted_to", "observations"]},
    {"kinds": []},
    {"relations": []},
    {"relations": ["delivers"]},
    {"relations": ["observations"], "columns": {"observations": ["value"], "school": []}},
    {"columns": {"assists": [], "school": ["name"], "delivers": ["form"], "member_of": ["end"]}},
    {
        "columns": {"school": ["pupils", "synthetic"], "posted_to": ["certainty"]},
        "at": "2021-06-01",
    },
    {"at": "2021-10-01"},
    {"at": date(1969, 12, 31), "kinds": ["school", "alliance"]},
    {"between": ("2020-01-01", "2021-03")},
    {"between": ("1900", "1966-05-16"), "relations": ["assists", "delivers"]},
    {"between": ("2021-01-01", "2022-12-31"), "at": "2022-05-11"},
]


@pytest.mark.parametrize("name", some(["hard", "generated", "random 0"], 2))
def test_a_part_is_what_select_leaves(held, name, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 100)
    network, store = held[name]
    for part in some(PARTS, 7):  # each is planned anew
        assert_same(store.read(**part), select(network, **part))


REGIONS = [
    ("hard", "007"), ("hard", "东镇"), ("hard", "独"), ("generated", "990101"),
    ("generated", "990101003"), ("generated", "99"),
    *((f"random {seed}", f"{seed:02}-{own}") for seed in range(RANDOM) for own in ("r1", "r2")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "region"), some(REGIONS, 4))
def test_a_region_is_what_select_leaves(held, name, region, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 50)
    network, store = held[name]
    assert_same(store.read(region=region), select(network, region=region))


def test_a_part_of_a_region_is_what_select_leaves(held):
    network, store = held["hard"]
    for part in (
        {"relations": ["posted_to", "works_at"], "columns": {"school": []}},
        {"kinds": ["school", "region"], "at": "2021-10-01"},
        {"between": ("1900", "1966-05-16")},
    ):
        assert_same(store.read(region="r 1", **part), select(network, region="r 1", **part))


@pytest.mark.parametrize("analysis", ["coverage", "expiry"])
def test_results_of_a_region_are_those_of_the_whole(held, analysis):
    network, store = held["generated"]
    run = getattr(liantu, analysis)
    found = run(store.read(region="990101003").focus("990101003"))
    wanted = run(network.focus("990101003"))
    beyond = ["nearest_core_km"] if analysis == "coverage" else []  # of a core elsewhere
    assert_frame_equal(found.table.drop(columns=beyond), wanted.table.drop(columns=beyond))
    assert len(found.table) > 0


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"kinds": ["scool"]}, "school"),
        ({"relations": ["asists"]}, "assists"),
        ({"columns": {"school": ["nam"]}}, "name"),
        ({"region": "东鎮"}, "东"),
        ({"at": "yesterday"}, "yesterday"),
    ],
)
def test_a_part_that_is_none_is_said(held, part, said):
    _, store = held["hard"]
    with pytest.raises(RequestError, match=said):
        store.read(**part)


def test_a_reversed_period_is_said(held):
    _, store = held["hard"]
    with pytest.raises(OptionError):
        store.read(between=("2022-01-01", "2021-01-01"))


def test_the_server_picks_the_part(store):
    """What is not asked for is not sent: bad cells outside the part go unnoticed."""
    network = small(
        school=pd.DataFrame({"id": ["a", "b", "far"], "region": ["r", "r", "other"]}),
        region=pd.DataFrame({"id": ["r", "other"]}),
    )
    store.write(network)
    change(store, "MATCH (n:School {network: $n, id: 'far'}) SET n.pupils = 'many'")
    change(store, "MATCH (:School {network: $n})-[r:ASSISTS]->() SET r.form = 1, r.end = 2")
    assert "many" in lines(store)[0]
    part = {"kinds": ["school"], "relations": [], "columns": {"school": ["region"]}}
    assert_same(store.read(**part), select(network, **part))
    part = {"columns": {"school": ["region"], "assists": ["start"]}}
    assert_same(store.read(**part), select(network, **part))
    assert store.read(at="2019-01-01", columns={"school": []}).relation("assists").empty
    assert all("many" not in line for line in lines(store, region="r"))


# -- changed by hand ---------------------------------------------------------------------------


def test_what_is_foreign_is_left_alone(store):
    store.write(small())
    change(
        store,
        """MATCH (a:School {network: $n, id: 'a'}), (b:School {network: $n, id: 'b'})
        SET a:Favourite, a.colour = 'red', a.liantu_coverage_rung = 'active'
        CREATE (a)-[:KNOWS {since: 1}]->(b), (a)-[:ASSISTS]->(:School {id: 'x'}),
            (a)-[:ASSISTS]->(:Foreign {network: $n, id: 'x'}), (:Observation {network: 'x'})
        SET b.note = [1, 2]""",
    )
    assert_same(store.read(), small())
    change(
        store,
        "MATCH (:School {network: $n, id: 'a'})-[:ASSISTS]->(x) WHERE x.id = 'x' DETACH DELETE x",
    )
    change(store, "MATCH (o:Observation {network: 'x'}) DELETE o")


def test_a_change_by_hand_is_read(store):
    store.write(small())
    change(
        store,
        """MATCH (a:School {network: $n, id: 'a'}), (c:School {network: $n, id: 'c'})
        SET a.pupils = 12, c.name = '' CREATE (a)-[:ASSISTS {form: 'paired'}]->(c)
        CREATE (:School {network: $n, id: 'new', opened: date('2021-09-01')})""",
    )
    found = store.read()
    assert found.nodes("school")["pupils"].to_dict()["a"] == 12
    assert found.nodes("school")["name"].isna().to_dict()["c"]
    assert found.nodes("school")["opened"]["new"] == pd.Timestamp("2021-09-01")
    ties = found.relation("assists")[["source", "target", "certainty"]]
    assert ties.astype(str).values.tolist() == [["a", "b", "stated"], ["a", "c", "stated"]]
    assert found.fingerprint != small().fingerprint


def test_equal_states_are_one_and_loops_are_left_out(store):
    store.write(small())
    change(
        store,
        """MATCH (a:School {network: $n, id: 'a'})-[r:ASSISTS]->(b)
        CREATE (a)-[s:ASSISTS]->(b) SET s = r CREATE (a)-[:ASSISTS]->(a)""",
    )
    found = store.read()
    assert_frame_equal(found.relation("assists"), small().relation("assists"))
    assert [problem.line() for problem in found.report.problems if problem.code == "self_tie"] == [
        problem.line() for problem in found.report.problems
    ]
    assert found.report.problems[0].file == "ASSISTS a → a"
    assert found.report.totals()["rows_merged"] == 1


WRONG = [
    (
        "MATCH (:School {network: $n})-[r:ASSISTS]->() SET r.end = date('2019-01-01')",
        ["ASSISTS a → b", "2019-01-01 lies before 2020-09-01"],
    ),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.region = 'gone'", ["School c", "gone"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.stage = 'prep'", ["School c", "prep"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.name = 7", ["School c", "“7”", "text"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.aliases = ['x']", ["School c", "“x”"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.pupils = 1.5", ["1.5", "whole number"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.pupils = true", ["True", "whole number"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.lon = '1'", ["School c", "a number"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.synthetic = 1", ["School c", "“1”"]),
    (
        "MATCH (s:School {network: $n, id: 'c'}) SET s.opened = '1950-09-01'",
        ["School c", "“1950-09-01”", "date"],
    ),
    (
        "MATCH (s:School {network: $n, id: 'c'}) SET s.opened = datetime('1950-09-01T00:00Z')",
        ["School c", "1950-09-01T00:00", "date"],
    ),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.opened = 1950", ["“1950”", "date"]),
    ("MATCH (s:School {network: $n, id: 'c'}) SET s.id = 7", ["School", "no id"]),
    ("MATCH (s:School {network: $n, id: 'c'}) REMOVE s.id", ["School", "no id"]),
    (
        "MATCH (:School {network: $n})-[:OBSERVED]->(o) SET o.measure = NULL",
        ["Observation ← School b", "measure"],
    ),
    (
        "MATCH (s:School {network: $n, id: 'b'}) DETACH DELETE s",
        ["Observation", "1 observation hangs on no node", "network: \"test-"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "said"), some(WRONG, 6))
def test_what_is_no_network_any_more_is_one_clear_line(store, query, said):
    store.write(small())
    change(store, query)
    found = lines(store)
    assert len(found) == 1, found
    assert all(words in found[0] for words in said), found


def test_numbers_of_both_kinds_may_stand_for_a_number(store):
    store.write(small())
    change(store, "MATCH (s:School {network: $n, id: 'a'}) SET s.lon = 104")
    change(store, "MATCH (s:School {network: $n, id: 'b'}) SET s.lon = 104.5")
    assert store.read().nodes("school")["lon"].dropna().tolist() == [104.0, 104.5]
    change(store, "MATCH (:School {network: $n})-[:OBSERVED]->(o) SET o.value = 9007199254740993")
    assert store.read().observations["value"].tolist() == [2.0**53]


# -- side by side ------------------------------------------------------------------------------


def test_networks_side_by_side_do_not_mix(store, shared_server):
    """The same ids in both, and relationships from one to the other."""
    other = hard_network()
    store.write(small())
    with ServerStore(f"{shared_server}?network={uuid.uuid4().hex}") as second:
        second.write(other)
        store.connection.write(
            """MATCH (a:School {network: $a, id: 'a'}), (b:School {network: $b, id: '007'})
            CREATE (a)-[:ASSISTS]->(b), (b)-[:ASSISTS]->(a), (b)-[:AFFILIATED_TO]->(a)""",
            a=store.name,
            b=second.name,
        )
        assert_same(store.read(), small())
        assert_same(second.read(), other)
        assert_same(second.read(region="007"), select(other, region="007"))
        second.delete()


# -- while it is written -----------------------------------------------------------------------


def test_a_network_in_part_is_refused(store):
    store.write(small())
    change(store, "MATCH (h:LiantuNetwork {network: $n}) SET h.state = 'writing'")
    with pytest.raises(RequestError, match="is being written, or writing it was broken off"):
        store.read()
    assert_same(pull.read(store.connection, unfinished=True), small())


@pytest.mark.parametrize("times", [1, 2])
def test_a_network_written_anew_meanwhile_is_read_again(store, times, monkeypatch):
    store.write(small())
    left = [times]
    real = pull._tables

    def disturbed(tx, *args, **params):
        found = real(tx, *args, **params)
        if left[0]:
            left[0] -= 1
            store.write(hard_network())
        return found

    monkeypatch.setattr(pull, "_tables", disturbed)
    if times == 1:
        assert_same(store.read(), hard_network())
    else:
        with pytest.raises(RequestError, match="was written anew while it was read"):
            store.read()
