"""What every store promises: the same network comes back, whole or in parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest
from hard import hard_network
from long import LONG, examples, some

import liantu
from liantu.errors import DataError, LiantuError
from liantu.graph import schema
from liantu.graph.merge import merge
from liantu.graph.network import Network
from liantu.graph.select import select
from liantu.loaders.generate import AS_OF, region
from liantu.results import registry
from liantu.stores import Store, is_server


@cache
def generated() -> Network:
    return Network.from_frames(region(60, seed=1), as_of=AS_OF, title="地区")


NETWORKS: dict[str, Callable[[], Network]] = {
    "hard": hard_network,
    "empty": lambda: Network.from_frames({}),
    "demo": cache(lambda: liantu.read("case:demo")),
    "generated": generated,
}


@pytest.fixture(params=["parquet", "server"])
def uri(request, tmp_path) -> str:
    """Return the address of a store that holds nothing yet."""
    if request.param == "server":
        return request.getfixturevalue("server_uri")
    return str(tmp_path / "net.liantu")


@pytest.fixture
def store(uri):
    with liantu.open_store(uri) as opened:
        yield opened


def frames(network: Network) -> dict[str, pd.DataFrame]:
    kinds = {kind: network.nodes(kind) for kind in schema.kinds()}
    rows = {name: network.relation(name) for name in schema.relations()}
    return kinds | rows | {"observations": network.observations}


def assert_same(found: Network, given: Network) -> None:
    for name, frame in frames(given).items():
        pd.testing.assert_frame_equal(frames(found)[name], frame, obj=name)
    for key in ("as_of", "title", "phases", "goals", "report"):
        assert getattr(found, key) == getattr(given, key), key


def results(network: Network) -> dict[str, object]:
    """Return what every analysis finds, or why it cannot be asked."""
    found: dict[str, object] = {}
    for name, analysis in registry().items():
        scoped = "scope" in {parameter.name for parameter in analysis.parameters}
        try:
            result = analysis.function(network, **({"scope": "all"} if scoped else {}))
            found[name] = result.to_dict()
        except LiantuError as error:
            found[name] = str(error)
    return found


@cache
def known(name: str) -> dict[str, object]:
    """Return what every analysis finds in a network as it was made."""
    return results(NETWORKS[name]())


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_comes_back_as_it_was(store: Store, name):
    network = NETWORKS[name]()
    assert store.about() is None
    store.write(network)
    found = store.read()
    assert_same(found, network)
    assert found.fingerprint == network.fingerprint
    assert Network(found.frames, as_of=None, title="", report=found.report).fingerprint == (
        network.fingerprint
    )
    about = store.about()
    assert about is not None
    assert (about["title"], about["state"]) == (network.title, "whole")
    assert about["as_of"] == (network.as_of and network.as_of.isoformat())
    assert about["fingerprint"] == network.fingerprint
    assert about["counts"] == {
        key: len(frame) for key, frame in frames(network).items() if len(frame)
    }


def test_a_store_is_a_source(uri):
    network = hard_network()
    with liantu.open_store(uri) as store:
        store.write(network)
    assert_same(liantu.read(uri), network)


@pytest.mark.parametrize("name", ["hard", "demo"])
def test_every_analysis_finds_the_same(store: Store, name):
    network = NETWORKS[name]()
    store.write(network)
    assert results(store.read()) == known(name)


def test_writing_twice_and_replacing(store: Store):
    first, second = hard_network(), liantu.read("case:wenshan")
    store.write(first)
    store.write(first)
    assert_same(store.read(), first)
    store.write(second)
    assert_same(store.read(), second)


def test_merging(store: Store):
    first, second = liantu.read("case:wenshan"), hard_network()
    store.write(first, merge=True)  # into nothing
    assert_same(store.read(), first)
    store.write(second, merge=True)
    both = merge(first, second)
    assert_same(store.read(), both)
    assert store.about()["fingerprint"] == both.fingerprint
    store.write(second, merge=True)  # nothing new
    assert_same(store.read(), both)


def test_networks_that_do_not_fit_together_leave_the_store_as_it_was(store: Store):
    first = Network.from_frames({"region": pd.DataFrame({"id": ["a", "b"], "parent": ["b", None]})})
    second = Network.from_frames(
        {"region": pd.DataFrame({"id": ["a", "b"], "parent": [None, "a"]})}
    )
    store.write(first)
    with pytest.raises(DataError, match="circle"):
        store.write(second, merge=True)
    assert_same(store.read(), first)


SELECTIONS: list[dict] = [
    {"kinds": ["school"]},
    {"kinds": ["teacher", "region"], "relations": ["mentors", "observations"]},
    {"kinds": ["school", "alliance"], "at": "2021-10-01"},
    {"relations": []},
    {"relations": ["member_of", "posted_to", "delivers"], "between": ("2020-01-01", "2021-12-31")},
    {"relations": ["observations"], "columns": {"observations": ["value"], "school": []}},
    {"columns": {"school": ["name", "urban_rural"], "delivers": ["form"], "posted_to": []}},
    {"columns": {"assists": ["agreement"], "mentors": []}, "at": "2021-10-01"},
    {"at": "1965-05-01"},
    {"between": ("2020-09-01", "2999-12-31")},
    {"at": "2021-10-01", "between": ("2021-01-01", "2021-12-31")},
]


@pytest.mark.parametrize("source", ["hard", "case:xiajin"])
def test_reading_a_part_is_selecting_it(store: Store, uri, source):
    if source != "hard" and is_server(uri) and not LONG:
        pytest.skip("the long run reads parts of both from a server")
    network = hard_network() if source == "hard" else liantu.read(source)
    store.write(network)
    regions = [{"region": key} for key in network.nodes("region").index[: examples(2, 4)]]
    regions += [{"region": key["region"], **SELECTIONS[2]} for key in regions]
    regions += [{"region": key["region"], "columns": {"school": []}} for key in regions[:2]]
    asked = some(SELECTIONS, 4) if is_server(uri) else SELECTIONS  # planning each takes long
    for selection in [*asked, *regions]:
        found, meant = store.read(**selection), select(network, **selection)
        assert_same(found, meant)
        assert found.fingerprint == meant.fingerprint, selection
    whole = {"kinds": schema.kinds(), "relations": (*schema.relations(), "observations")}
    assert_same(store.read(**whole), network)


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        ({"kinds": ["scool"]}, "unknown_kind"),
        ({"relations": ["assist"]}, "unknown_relation"),
        ({"columns": {"schools": []}}, "unknown_table"),
        ({"columns": {"school": ["nam"]}}, "unknown_column"),
        ({"region": "nowhere"}, "unknown_node"),
        ({"at": "soon"}, "bad_option_date"),
        ({"between": ("2021-01-01", "2020-01-01")}, "reversed_dates"),
    ],
)
def test_parts_that_cannot_be(store: Store, selection, code):
    network = hard_network()
    store.write(network)
    with pytest.raises(LiantuError) as told:
        select(network, **selection)
    with pytest.raises(LiantuError) as found:
        store.read(**selection)
    assert told.value.lines() == found.value.lines()
    assert told.value.problems[0].code == code


def test_what_a_focused_or_masked_network_holds_is_kept(store: Store):
    network = hard_network()
    store.write(network.focus("007"))
    assert_same(store.read(), network)
    masked = network.without_teacher_names()
    store.write(masked)
    found = store.read()
    assert_same(found, masked)
    assert found.fingerprint == store.about()["fingerprint"]
    assert len({found.fingerprint, masked.fingerprint, network.fingerprint}) == 3


def test_nothing_to_read(store: Store, uri):
    with pytest.raises(LiantuError) as told:
        store.read()
    (problem,) = told.value.problems
    # Another worker may have networks of its own on the same server.
    known = {"no_network", "no_such_network"} if is_server(uri) else {"store_empty"}
    assert problem.code in known
