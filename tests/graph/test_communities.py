"""Communities by both algorithms: the same whatever the order of the edges."""

from importlib.util import find_spec

import networkx as nx
import numpy as np
import pytest

from liantu.errors import RequestError
from liantu.graph import communities as module
from liantu.graph.communities import communities
from liantu.graph.partitions import modularity

LEIDEN = pytest.mark.skipif(
    find_spec("graspologic_native") is None, reason="graspologic-native is not installed"
)
BOTH = pytest.mark.parametrize("method", [pytest.param("leiden", marks=LEIDEN), "louvain"])
TRIANGLES = ([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3])


@BOTH
def test_two_triangles_and_a_bridge(method):
    found = communities(7, *TRIANGLES, method=method)  # node 6 has no edge
    assert found.label.tolist() == [0, 0, 0, 3, 3, 3, 6]
    assert found.modularity == found.best == pytest.approx(5 / 14)
    assert found.share.tolist() == [1] * 7
    assert (found.stability, found.method) == (1, method)


@BOTH
def test_the_karate_club_reaches_its_best(method):
    graph = nx.karate_club_graph()
    ends = np.array(graph.edges()).T
    found = communities(34, *ends, method=method)
    assert found.best == pytest.approx(0.41978961, abs=1e-8)
    assert found.best >= found.modularity > 0.41
    assert 0 < found.stability <= 1
    assert modularity(*ends, np.ones(78), found.label) == pytest.approx(found.modularity)


@BOTH
def test_order_and_direction_of_edges_change_nothing(method):
    rng, graph = np.random.default_rng(1), nx.les_miserables_graph()
    code = {name: place for place, name in enumerate(sorted(graph))}
    edges = [(code[a], code[b], graph[a][b]["weight"]) for a, b in graph.edges()]
    one, other, weight = (np.array(column) for column in zip(*edges, strict=True))
    known = communities(77, one, other, weight, runs=5, method=method)
    for _ in range(3):
        order, turn = rng.permutation(len(one)), rng.random(len(one)) < 0.5
        ends = np.where(turn, other, one), np.where(turn, one, other)
        found = communities(
            77, ends[0][order], ends[1][order], weight[order], runs=5, method=method
        )
        assert found.label.tolist() == known.label.tolist()
        assert found[2:] == known[2:]
    again = communities(77, one, other, weight, runs=5, method=method, seed=7)
    assert again.best == pytest.approx(known.best, abs=0.01)


@BOTH
def test_without_edges_everybody_is_alone(method):
    for ends, weight in ((([], []), None), (([1], [1]), None), (([0, 1], [1, 2]), [0, 0])):
        found = communities(3, *ends, weight, method=method)
        assert found.label.tolist() == [0, 1, 2]
        assert (found.modularity, found.best, found.stability) == (None, None, None)


def test_a_weight_that_is_none_is_refused():
    for weight in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="negative"):
            communities(2, [0], [1], [weight])


def test_without_leiden_there_is_louvain(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert communities(6, *TRIANGLES).method == "louvain"
    with pytest.raises(RequestError) as caught:
        communities(6, *TRIANGLES, method="leiden")
    assert "liantu[communities]" in str(caught.value)


def test_a_pair_that_half_of_the_runs_put_together_stays():
    runs = [np.array([0, 0, 2]), np.array([0, 1, 1]), np.array([0, 0, 2])]
    shared = module._share(np.array([0, 0, 2]), runs)
    assert shared.tolist() == pytest.approx([1, 2 / 3, 1])
    # 0 and 1 are together in two of three runs, 1 and 2 in one: the first pair is kept
    found = module._consensus("louvain", 3, np.array([0, 1]), np.array([1, 2]), runs, 3, 0)
    assert found.tolist() == [0, 0, 0]  # node 2 keeps its strongest pair, or it would lose all
