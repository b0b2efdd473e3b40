"""The graph to take away, against the table of ties, and in other libraries."""

from __future__ import annotations

import builtins
from datetime import date
from functools import cache

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from long import some
from random_network import AS_OF, random_network

import liantu
from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.support import SupportGraph
from liantu.graph.weights import merged, tie_weights

# many parts that do not touch, at once
SEEDS = pytest.mark.parametrize("seeds", some([range(n, n + 20) for n in range(0, 400, 20)], 1))
KINDS = {"source_kind": "school", "target_kind": "school"}


def lessons(*days: str, weight: list[float | None] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"source": "a", "target": "b", **KINDS, "date": list(days)})
    return frame if weight is None else frame.assign(weight=weight)


@cache
def demo() -> SupportGraph:
    return liantu.read("case:demo").support_graph()


def test_a_pair_bears_what_its_ties_say():
    assists = {"source": ["a", "a"], "target": ["b", "b"], "form": ["paired", "trusteeship"]}
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b", "c"], "stage": ["primary", None, None]}),
            "assists": pd.DataFrame({**assists, "start": ["2023-09-01", "2024-01-01"]}),
            "delivers": lessons("2024-05-02", "2024-05-30", "2024-06-01"),
        }
    )
    graph = network.support_graph("2024-06-30")
    assert list(graph) == ["school:a", "school:b", "school:c"]  # c stands alone
    assert graph.nodes["school:a"]["stage"] == "primary"
    closeness = max(
        f.closeness or 0 for f in liantu.graph.schema.forms().values() if f.name in assists["form"]
    )
    assert graph.edges["school:a", "school:b"] == {
        "basis": "assists|delivers",
        "form": "paired|trusteeship",
        **({"closeness": closeness} if closeness else {}),
        "in_force": True,
        "months": 2,
        "ties": 5,
        "weight": 5.0,
        "since": date(2023, 9, 1),
    }


@SEEDS
def test_pairs_and_counts_are_those_of_the_table_of_ties(seeds):
    network = random_network(seeds)
    graph = network.support_graph(AS_OF)
    table = liantu.ties(network, as_of=AS_OF, current=True).table
    key = (table["source_kind"] + ":" + table["source"], "school:" + table["target"])
    groups = table.groupby([*(part.rename(n) for part, n in zip(key, "ab", strict=True))])
    found = {(a, b): data for a, b, data in graph.edges(data=True)}
    assert set(found) == set(groups.groups)
    for pair, rows in groups:
        data = found[pair]
        assert data["basis"] == "|".join(sorted(set(rows["basis"])))
        assert data.get("form", "") == "|".join(sorted(set(rows["form"].dropna())))
        assert (data["ties"], data["weight"]) == (len(rows), len(rows))
        assert data["in_force"] == bool(rows["in_force"].any())
    opened = network.open_schools(AS_OF).sum()
    assert sum(node.startswith("school:") for node in graph) == opened


def test_rows_of_one_tie_add_up_and_rows_without_weight_count_one():
    twice = lessons("2024-05-02", "2024-05-02", "2024-05-03", weight=[1, 1, None])
    network = Network.from_frames({"delivers": twice})
    assert network.support_graph("2024-06-30").edges["school:a", "school:b"]["weight"] == 3.0
    plain = Network.from_frames({"delivers": lessons("2024-05-02", "2024-05-02", "2024-05-03")})
    assert plain.support_graph("2024-06-30").edges["school:a", "school:b"]["weight"] == 2.0


def test_a_membership_weighs_what_the_row_of_the_member_says():
    rows = pd.DataFrame(
        {
            "source": ["core", "m", "n"],
            "target": "g",
            "role": ["core", "member", "member"],
            "weight": [9, 2, None],
        }
    )
    network = Network.from_frames({"member_of": rows})
    edges = network.support_graph("2024-06-30").edges(data="weight")
    assert list(edges) == [("school:core", "school:m", 2.0), ("school:core", "school:n", 1.0)]


@SEEDS
def test_weights_are_the_same_whatever_the_order_of_rows(seeds):
    rng = np.random.default_rng(seeds[0])
    frames = random_network(seeds).plain_frames()
    for name in liantu.graph.schema.relations():
        size = len(frames[name])
        weight = np.where(rng.random(size) < 0.5, np.nan, rng.integers(1, 9, size))
        frames[name] = frames[name].assign(weight=weight)
    mixed = {name: frame.iloc[rng.permutation(len(frame))] for name, frame in frames.items()}
    one, other = (Network.from_frames(given, as_of=AS_OF) for given in (frames, mixed))
    weights = [tie_weights(each, study(each).tie_set(AS_OF)).tolist() for each in (one, other)]
    assert weights[0] == weights[1]


def test_parallel_edges_merge_and_loops_go():
    ends = np.array([0, 0, 1, 2]), np.array([1, 1, 1, 0])
    assert merged(3, *ends, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [3.0, 8.0]


def test_every_library_has_the_same_edges():
    graph = demo()
    assert isinstance(graph, nx.DiGraph)
    nodes = list(graph)
    expected = {(a, b): w for a, b, w in graph.edges(data="weight")}
    cells = graph.to_scipy().tocoo()
    rows = zip(cells.row.tolist(), cells.col.tolist(), cells.data.tolist(), strict=True)
    assert {(nodes[a], nodes[b]): w for a, b, w in rows} == expected
    table = graph.to_pandas_edgelist()
    assert table.set_index(["source", "target"])["weight"].to_dict() == expected
    igraph = pytest.importorskip("igraph")
    other = graph.to_igraph()
    assert isinstance(other, igraph.Graph)
    names, pairs = other.vs["name"], other.get_edgelist()
    ends = [(names[a], names[b]) for a, b in pairs]
    assert dict(zip(ends, other.es["weight"], strict=True)) == expected
    assert set(other.vs["label"]) == {data.get("name") for _, data in graph.nodes(data=True)}


def test_networkit_has_the_same_edges():
    pytest.importorskip("networkit")
    graph = demo()
    nodes, other = list(graph), graph.to_networkit()
    pairs = [(nodes[a], nodes[b]) for a, b in other.iterEdges()]
    assert sorted(pairs) == sorted(graph.edges)


def test_what_is_taken_out_of_the_graph_is_such_a_graph():
    part = demo().subgraph(["school:1199000048"]).copy()
    assert isinstance(part, SupportGraph)
    assert part.to_scipy().shape == (1, 1)
    assert part.to_pandas_edgelist().empty


@pytest.mark.parametrize("name", ["igraph", "networkit"])
def test_a_library_that_is_missing_is_named(name, monkeypatch):
    whole = builtins.__import__

    def without(asked, *args, **kwargs):
        if asked.split(".")[0] == name:
            raise ImportError(asked)
        return whole(asked, *args, **kwargs)

    graph = Network.from_frames({"delivers": lessons("2024-05-02")}).support_graph("2024-06-30")
    monkeypatch.setattr(
        "liantu.graph.support.import_module", lambda asked: without(asked, None, None)
    )
    with pytest.raises(RequestError, match=f"pip install {name}"):
        getattr(graph, f"to_{name}")()


def test_no_teacher_is_in_it():
    works = pd.DataFrame({"source": ["T1"], "target": ["a"]})
    posted = {"source": ["T1"], "source_kind": ["teacher"], "target": ["b"], "start": "2024-01-01"}
    teachers = pd.DataFrame({"id": ["T1"], "name": ["王小芳"]})
    network = Network.from_frames(
        {"teacher": teachers, "works_at": works, "posted_to": pd.DataFrame(posted)}
    )
    graph = network.support_graph("2024-06-30")
    assert list(graph) == ["school:a", "school:b"]
    assert "王小芳" not in str(list(graph.nodes(data=True)) + list(graph.edges(data=True)))
