"""Graphs for other programs, and other people's graphs as networks."""

from __future__ import annotations

from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hard import hard_network

from liantu import DataError, Network, RequestError, read
from liantu.exchange import export
from liantu.exchange.positions import positions
from liantu.graph.schema import relations

GEXF = "{http://www.gexf.net/1.2draft}"
VIZ = "{http://www.gexf.net/1.2draft/viz}"


def small() -> Network:
    frames = {
        "school": pd.DataFrame(
            {
                "id": ["a", "b", "c"],
                "name": ["甲", None, "丙"],
                "lon": [103.0, 103.01, None],
                "lat": [23.0, 23.0, None],
                "opened": ["1951-09-01", None, None],
                "closed": ["2020-08-31", None, None],
            }
        ),
        "alliance": pd.DataFrame({"id": ["g"], "start": ["2018-01-01"]}),
        "assists": pd.DataFrame(
            {
                "source": ["a", "a"],
                "target": ["b", "b"],
                "start": ["2019-01-01", None],
                "end": ["2019-12-31", None],
            }
        ),
        "member_of": pd.DataFrame(
            {"source": ["a", "b"], "target": ["g", "g"], "role": ["core", "member"]}
        ),
        "delivers": pd.DataFrame(
            {"source": ["a"], "target": ["b"], "date": ["2019-05-01"], "target_kind": "school"}
        ),
        "observations": pd.DataFrame({"id": ["a"], "measure": ["rank"], "value": [3.0]}),
    }
    return Network.from_frames(frames, as_of="2024-06-30", title="县")


def test_graphml_opens_with_labels_dates_and_positions(tmp_path):
    export(small(), tmp_path / "net.graphml", lang="zh")
    graph = nx.read_graphml(tmp_path / "net.graphml")
    node = graph.nodes["school:a"]
    assert (node["label"], node["kind"], node["opened"]) == ("甲", "school", "1951-09-01")
    assert graph.nodes["school:b"]["label"] == "b"  # no name: the id
    assert "synthetic" not in node  # a default says nothing
    edge = graph.edges["school:a", "school:b", "assists-0"]
    assert (edge["label"], edge["relation"], edge["start"]) == ("结对帮扶", "assists", "2019-01-01")
    assert graph.number_of_edges("school:a", "school:b") == 3
    # 0.01° of longitude at latitude 23: 0.01 × 111.32 km × cos 23°
    gap = graph.nodes["school:b"]["x"] - node["x"]
    assert gap == pytest.approx(1.0247, abs=1e-4)
    assert node["y"] == graph.nodes["school:b"]["y"] == 0


def test_gexf_has_intervals_positions_and_colours(tmp_path):
    lost = export(small(), tmp_path / "net.gexf", lang="en")
    assert [message.code for message in lost] == ["gexf_one_way", "gexf_no_observations"]
    root = ElementTree.parse(tmp_path / "net.gexf").getroot()
    graph = root.find(f"{GEXF}graph")
    assert graph.attrib == {
        "defaultedgetype": "directed",
        "mode": "dynamic",
        "name": "县",
        "timeformat": "date",
    }
    nodes = {node.get("id"): node for node in graph.iter(f"{GEXF}node")}
    assert (nodes["school:a"].get("start"), nodes["school:a"].get("end")) == (
        "1951-09-01",
        "2020-08-31",
    )
    assert (nodes["alliance:g"].get("start"), nodes["alliance:g"].get("end")) == (
        "2018-01-01",
        None,
    )
    assert nodes["school:c"].get("start") is None
    for node in nodes.values():
        spot = node.find(f"{VIZ}position")
        assert np.isfinite([float(spot.get(axis)) for axis in "xyz"]).all()
    assert (
        nodes["school:a"].find(f"{VIZ}color").attrib
        != nodes["alliance:g"].find(f"{VIZ}color").attrib
    )
    edges = {edge.get("id"): edge for edge in graph.iter(f"{GEXF}edge")}
    assert set(edges) == {"assists-0", "assists-1", "member_of-0", "member_of-1", "delivers-0"}
    assert (edges["assists-0"].get("start"), edges["assists-0"].get("end")) == (
        "2019-01-01",
        "2019-12-31",
    )
    assert (edges["delivers-0"].get("start"), edges["delivers-0"].get("end")) == (
        "2019-05-01",
        "2019-05-01",
    )
    assert edges["assists-0"].get("label") == "paired assistance"
    declared = {item.get("id") for item in graph.iter(f"{GEXF}attribute")}
    assert {item.get("for") for item in graph.iter(f"{GEXF}attvalue")} <= declared


def test_the_hard_network_is_drawn_by_networkx_again(tmp_path):
    network = hard_network()
    export(network, tmp_path / "net.gexf")
    graph = nx.read_gexf(tmp_path / "net.gexf")
    assert len(graph) == len(network)
    assert graph.nodes["school: 甲 小学 "]["label"] == " 甲 小学 "
    assert graph.nodes["school:007"]["start"] == "1951-09-01"
    assert graph.number_of_edges() == sum(len(network.relation(name)) for name in relations())


def test_positions_are_the_mean_of_neighbours_and_never_missing():
    frames = small().plain_frames()
    found = positions(frames)
    one, two = found["school"][:2]
    np.testing.assert_allclose(found["alliance"][0], (one + two) / 2)  # its members are placed
    lost = found["school"][2]  # without tie and place: below the map
    assert lost[1] < min(one[1], two[1])
    assert all(np.isfinite(place).all() for place in found.values())
    again = positions(frames)
    assert all((found[kind] == again[kind]).all() for kind in found)


def test_positions_without_any_coordinates_are_all_different():
    places = np.vstack(
        list(
            positions(hard_network().subnetwork("school", ["true", "３１"]).plain_frames()).values()
        )
    )
    assert np.isfinite(places).all()
    assert len(np.unique(places.round(3), axis=0)) == len(places)


def test_without_coordinates_members_stand_around_their_alliance():
    members = {"source": ["a", "b", "c", "d", "e", "f"], "target": ["x", "x", "x", "y", "y", "y"]}
    regions = {"id": [*members["source"]], "region": "county"}
    frames = {"member_of": pd.DataFrame(members), "school": pd.DataFrame(regions)}
    found = positions(Network.from_frames(frames).plain_frames())
    apart = np.hypot(*(found["school"][:, None] - found["alliance"]).transpose(2, 0, 1))
    assert apart.argmin(axis=1).tolist() == [0, 0, 0, 1, 1, 1]
    assert len(np.unique(found["school"].round(6), axis=0)) == 6


def test_nodes_at_one_place_are_spread():
    teachers = [f"t{n}" for n in range(50)]
    frames = {
        "school": pd.DataFrame({"id": ["a", "b"], "lon": [103.0, 103.5], "lat": [23.0, 23.5]}),
        "works_at": pd.DataFrame({"source": teachers, "target": "a"}),
    }
    places = positions(Network.from_frames(frames).plain_frames())
    assert len(np.unique(places["teacher"].round(6), axis=0)) == 50
    distance = np.hypot(*(places["teacher"] - places["school"][0]).T)
    assert distance.min() > 0
    assert distance.max() < np.hypot(*(places["school"][1] - places["school"][0]))


# -- other people's graphs -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_a_graph_of_any_class_with_our_attributes(kind):
    graph = kind()
    graph.add_node(7, kind="school", pupils=90, label="drawn", x=1.5)
    graph.add_node("school:b", name="乙")  # the key says the kind
    graph.add_edge(7, "school:b", relation="assists", start="2021-09-01", label="drawn")
    network = Network.from_networkx(graph, as_of="2024-06-30", title="图")
    assert network.nodes("school")["pupils"].to_dict()["7"] == 90
    assert network.relation("assists")[["source", "target"]].to_numpy().tolist() == [["7", "b"]]
    assert (str(network.as_of), network.title) == ("2024-06-30", "图")


def test_unknown_attributes_kinds_and_relations_are_named():
    graph = nx.DiGraph()
    graph.add_node("a", kind="school", pupls=90)
    graph.add_node("b", kind="scool")
    graph.add_edge("a", "a", relation="helps")
    with pytest.raises(DataError) as caught:
        Network.from_networkx(graph)
    assert [problem.code for problem in caught.value.problems] == ["graph_kind", "graph_relation"]
    graph.remove_node("b")
    graph.remove_edge("a", "a")
    with pytest.raises(DataError, match="pupils"):
        Network.from_networkx(graph)


MAPPING = {
    "network": {"as_of": "2024-06-30"},
    "rows": [
        {
            "file": "nodes",
            "where": {"type": ["S"]},
            "school": {"id": "node", "name": "title", "pupils": "n"},
        },
        {"file": "nodes", "where": {"type": ["G"]}, "alliance": {"id": "node", "name": "title"}},
        {
            "file": "edges",
            "where": {"target.type": ["G"]},
            "member_of": {
                "source": "source",
                "target": "target",
                "role": {"column": "as", "map": {"head": "core"}, "default": "member"},
            },
        },
        {
            "file": "edges",
            "where": {"target.type": ["S"]},
            "assists": {"source": "source", "target": "target", "start": "since"},
        },
    ],
}


def own() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node(1, type="S", title="甲小学", n=90)
    graph.add_node(2, type="S", title="乙小学", n=None)
    graph.add_node("g", type="G", title="合计")  # a word that tables would end with
    graph.add_edge(1, "g", **{"as": "head"})
    graph.add_edge(2, "g")
    graph.add_edge(1, 2, since="2021-09-01")
    graph.add_edge(1, 2, since="2023-09-01")
    return graph


def test_a_mapping_says_what_any_graph_means(tmp_path):
    network = Network.from_networkx(own(), MAPPING)
    assert network.nodes("school")["name"].tolist() == ["甲小学", "乙小学"]
    assert network.nodes("school")["pupils"].fillna(-1).tolist() == [90, -1]
    assert network.nodes("alliance").index.tolist() == ["g"]
    assert network.relation("member_of")["role"].tolist() == ["core", "member"]
    assert network.relation("assists")["start"].dt.year.tolist() == [2021, 2023]
    assert str(network.as_of) == "2024-06-30"
    path = tmp_path / "own.toml"
    path.write_text(
        '[network]\nas_of = "2024-06-30"\n[[rows]]\nfile = "nodes"\nwhere = { type = ["S"] }\n[rows.school]\nid = "node"\n',
        encoding="utf-8",
    )
    assert len(Network.from_networkx(own(), path).nodes("school")) == 2
    nx.write_graphml_xml(nx.DiGraph([(1, 2)]), tmp_path / "own.graphml")
    path.write_text(
        '[[rows]]\nfile = "nodes"\n[rows.school]\nid = "node"\n[[rows]]\nfile = "edges"\n[rows.assists]\nsource = "source"\ntarget = "target"\n',
        encoding="utf-8",
    )
    assert read(tmp_path / "own.graphml", mapping=path).relation("assists").shape[0] == 1


def test_an_undirected_edge_is_read_once():
    graph = nx.Graph()
    graph.add_edge("b", "a", since="2021")
    rules = {
        "rows": [
            {"file": "nodes", "school": {"id": "node"}},
            {"file": "edges", "assists": {"source": "source", "target": "target"}},
        ]
    }
    assert Network.from_networkx(graph, rules).relation("assists")["source"].tolist() == ["b"]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"rows": [{"file": "node", "school": {"id": "node"}}]}, "mapping_file"),
        ({"rows": [{"file": "nodes", "school": {"id": "nod"}}]}, "mapping_column"),
        ({"row": []}, "mapping_key"),
        ({"network": {"title": "x"}}, "mapping_no_rows"),
        ("no.toml", "mapping_missing"),
    ],
)
def test_mistakes_in_a_mapping_are_named(mapping, code):
    with pytest.raises((DataError, RequestError)) as caught:
        Network.from_networkx(own(), mapping)
    assert code in [problem.code for problem in caught.value.problems]


def test_a_graph_keeps_figures_and_goes_back():
    network = small()
    graph = network.to_networkx()
    assert graph.nodes["school:a"]["observations"] == [
        {"measure": "rank", "value": 3.0, "synthetic": False}
    ]
    graph.nodes["school:a"]["observations"][0]["value"] = 4.0
    assert Network.from_networkx(graph).observations["value"].tolist() == [4.0]
