"""Structure, worked out by hand on small networks and by NetworkX on random ones."""

import inspect

import networkx as nx
import pandas as pd
import pytest
from long import examples
from random_network import random_network

from liantu import OptionError
from liantu.analyses.structure import structure
from liantu.graph.network import Network

KINDS = {"source_kind": "school", "target_kind": "school"}


def network(pairs, more=None, **schools):
    ids = sorted({end for pair in pairs for end in pair})
    tables = {
        "school": pd.DataFrame(
            {"id": ids, **{k: [v.get(i) for i in ids] for k, v in schools.items()}}
        ),
        "assists": pd.DataFrame(pairs, columns=["source", "target"]),
        **(more or {}),
    }
    return Network.from_frames(tables, as_of="2024-06-30")


COUNTIES = {"region": pd.DataFrame({"id": ["1", "2", "3"], "level": "county"})}
PLACES = {"A": "1", "B": "1", "C": "1", "D": "2", "X": "3"}
KNOWN = [("A", "B"), ("B", "C"), ("B", "D"), ("X", "B")]


def test_the_known_roles():
    found = structure(network(KNOWN, COUNTIES, region=PLACES))
    row = found.table.loc["B"]
    roles = ["coordinator", "representative", "gatekeeper", "itinerant", "liaison", "brokerage"]
    assert row[roles].tolist() == [1, 1, 1, 0, 1, 4]
    assert found.table.index[0] == "B"
    assert row["county"] == "1"
    assert row["ei_index"] == 0  # two inside, two outside
    assert found.table.loc["A", "ei_index"] == -1
    assert found.summary["ei_index"] == 0
    groups = found.tables["by_group"].set_index("structure_group")
    assert groups[["nodes", "ties_inside", "ties_outside"]].loc["1"].tolist() == [3, 2, 2]


def test_a_star_and_a_chain():
    star = structure(network([("C", leaf) for leaf in "abcd"]))
    figures = star.summary
    assert figures["centralisation_out"] == 1
    assert figures["centralisation_in"] == pytest.approx(1 / 16)
    assert (figures["diameter"], figures["mean_distance"]) == (2, pytest.approx(1.6))
    assert (figures["cut_vertices"], figures["reciprocity"]) == (1, 0)
    assert star.table["brokerage"].sum() == 0
    assert star.table.loc["C", "nearness"] == 1
    assert star.table.loc["C", "katz"] == pytest.approx(1.4)
    assert star.table.loc["C", "eigenvector"] == pytest.approx(2**-0.5)
    chain = structure(network([("a", "b"), ("b", "c"), ("c", "d")]), by="stage")
    assert chain.summary["diameter"] == 3
    assert chain.table["cut_vertex"].to_dict() == {"a": False, "b": True, "c": True, "d": False}
    assert chain.table.loc["a", "nearness"] == pytest.approx(3 / 6)


def test_two_islands_have_one_largest():
    found = structure(network([("a", "b"), ("b", "c"), ("x", "y")]))
    assert (found.summary["largest_component"], found.summary["diameter"]) == (3, 2)
    assert found.table["eigenvector"].isna().to_dict()["x"]


def test_relations_that_a_pair_shares():
    acts = pd.DataFrame({"source": ["b", "b", "a"], "target": ["a", "a", "d"]}).assign(**KINDS)
    acts["date"] = ["2024-01-05", "2024-03-05", "2024-03-05"]
    found = structure(network([("a", "b"), ("a", "c"), ("a", "d")], {"delivers": acts}))
    assert (found.summary["tied_pairs"], found.summary["multiplex_pairs"]) == (3, 2)
    assert found.tables["multiplexity"].to_numpy().tolist() == [[1, 1], [2, 2]]
    assert found.table.loc["b", ["strength_out", "strength_in"]].tolist() == [2, 0]
    assert found.table.loc["b", "nearness_weighted"] > 0
    forms = {"source": ["a", "a"], "target": ["b", "c"], "form": ["partnership", None]}
    close = Network.from_frames({"assists": pd.DataFrame(forms)}, as_of="2024-06-30")
    assert structure(close, weight="closeness").table.loc["a", "strength_out"] == 2


def test_groups_may_be_alliances_or_stages():
    members = {"member_of": pd.DataFrame({"source": ["A", "B", "D"], "target": ["g", "g", "h"]})}
    stages = {"A": "primary", "B": "junior", "C": "junior", "D": "primary", "X": "senior"}
    made = network(KNOWN, members, stage=stages)
    found = structure(made, by="alliance")
    assert found.table.loc["B", "representative"] == 1
    assert [n.params["count"] for n in found.notes if n.code == "structure_ungrouped"] == [2]
    assert structure(made, by="stage").table.loc["B", "itinerant"] == 1  # A and D are primary


def test_teachers_are_where_they_work():
    tables = {
        "school": pd.DataFrame({"id": ["s", "t"], "stage": ["primary", "junior"]}),
        "works_at": pd.DataFrame({"source": ["p", "q"], "target": ["s", "t"]}),
        "mentors": pd.DataFrame({"source": ["p"], "target": ["q"]}).assign(
            source_kind="teacher", target_kind="teacher"
        ),
    }
    made = Network.from_frames(tables, as_of="2024-06-30")
    found = structure(made, layer="mentors", by="stage")
    assert found.table["stage"].to_dict() == {"p": "primary", "q": "junior"}
    assert found.summary["ei_index"] == 1


@pytest.mark.parametrize("seed", range(examples(2, 20)))
def test_random_networks_as_networkx_has_them(seed):
    made = random_network([seed])
    found = structure(made, permutations=9)
    slow = structure(made, permutations=9, engine="reference")
    pd.testing.assert_frame_equal(found.table, slow.table)
    graph = nx.DiGraph()
    graph.add_nodes_from(found.table["kind"] + ":" + found.table.index)
    from liantu.graph.study import study

    ties = study(made).tie_set(made.as_of)
    nodes = study(made).nodes()
    names = (nodes["kind"] + ":" + nodes["id"]).to_numpy()
    graph.add_edges_from(
        (names[a], names[b]) for a, b in zip(ties.graph.source, ties.graph.target, strict=True)
    )
    assert found.summary["ties"] == graph.number_of_edges()
    both = graph.to_undirected()
    part = both.subgraph(max(nx.connected_components(both), key=len))
    assert found.summary["diameter"] == nx.diameter(part)
    assert found.summary["mean_distance"] == pytest.approx(nx.average_shortest_path_length(part))
    cut = set(nx.articulation_points(both))
    assert found.summary["cut_vertices"] == len(cut)
    near = nx.closeness_centrality(graph.reverse())
    table = found.table.set_axis(found.table["kind"] + ":" + found.table.index)
    assert table["nearness"].to_dict() == pytest.approx(near)


def test_what_is_too_large_is_left_out_and_said(monkeypatch):
    module = inspect.unwrap(structure).__globals__
    monkeypatch.setitem(module, "EXACT", 2)
    monkeypatch.setitem(module, "WEIGHTED", 2)
    found = structure(network(KNOWN))
    assert {"distances_off", "weighted_off"} <= {note.code for note in found.notes}
    assert found.table[["nearness", "nearness_weighted"]].isna().all().all()
    assert found.summary["diameter"] is None


@pytest.mark.parametrize(("name", "value"), [("permutations", 0), ("seed", -1), ("by", "county")])
def test_malformed_options_are_refused(name, value):
    with pytest.raises(OptionError, match=f"--{name}"):
        structure(network(KNOWN), **{name: value})
