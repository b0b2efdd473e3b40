"""Networks made of others keep what does not change."""

from __future__ import annotations

import pandas as pd
import pytest
from random_network import AS_OF, random_network

from liantu.graph.network import Network
from liantu.graph.study import study


@pytest.fixture
def network() -> Network:
    frames = {
        "school": {"id": ["a", "b", "c"]},
        "assists": {"source": ["a"], "target": ["b"], "form": ["paired"], "end": ["2020-01-01"]},
        "affiliated_to": {"source": ["c"], "target": ["b"]},
        "member_of": {"source": ["a", "b"], "target": "g"},
    }
    return Network.from_frames({k: pd.DataFrame(v) for k, v in frames.items()}, as_of="2024-06-30")


def test_edges_of_relations_that_did_not_change_are_the_same(network):
    kept = {name: network.edges(name) for name in ("assists", "affiliated_to", "member_of")}
    more = network.with_edges("affiliated_to", pd.DataFrame({"source": ["a"], "target": ["b"]}))
    assert more.edges("member_of") is kept["member_of"]
    assert more.edges("assists") is kept["assists"]
    assert more.edges("affiliated_to") is not kept["affiliated_to"]
    later = network.at("2024-06-30")
    assert later.edges("member_of") is not None and len(later.edges("assists")) == 0


def test_edges_are_made_anew_where_numbers_or_forms_are_others(network):
    kept = network.edges("member_of")
    assert network.without("school", ["c"]).edges("member_of") is not kept
    rows = pd.DataFrame({"source": ["b"], "target": ["c"], "form": ["counterpart"]})
    other = network.with_edges("assists", rows)  # forms are numbered by name
    assert other.forms == ("counterpart", "paired")
    assert other.edges("member_of") is not kept
    assert other.edges("member_of").form.tolist() == [2, 2]


@pytest.mark.parametrize("relation", ["assists", "member_of", "works_at"])
def test_ties_are_those_of_a_network_that_shares_nothing(relation):
    network = random_network(range(4))
    study(network).tie_set(AS_OF)
    frame = network.plain_frames()[relation]
    changed = network.scenario(
        {"edit": [{"do": "end", "relation": relation, "source": str(frame["source"].iloc[-1])}]}
    )
    fresh = Network.from_frames(changed.plain_frames(), as_of=AS_OF)
    mine, full = (study(each).tie_set(AS_OF) for each in (changed, fresh))
    for key in ("source", "target", "basis", "form", "start", "end", "row"):
        assert getattr(mine.ties, key).tolist() == getattr(full.ties, key).tolist()
    assert mine.notes == full.notes
    left = [0, 3, 5]
    ours, theirs = (each.without(left).current.tolist() for each in (mine, full))
    assert ours == theirs
