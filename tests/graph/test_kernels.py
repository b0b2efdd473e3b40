"""The fast kernels give what NetworkX gives, and both give answers worked out by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.graph.kernels import Graph, Kernels, fast, pick, reference

ENGINES = {"fast": pick("fast"), "reference": pick("reference")}
BOTH = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)


def graph(n: int, *pairs: tuple[int, int]) -> Graph:
    source, target = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2).T
    return Graph(n, source, target)


STAR = graph(5, (0, 1), (0, 2), (0, 3), (0, 4))
CHAIN = graph(3, (0, 1), (1, 2))
ISLANDS = graph(6, (3, 4), (4, 5), (0, 1))
EMPTY = graph(0)


@st.composite
def graphs(draw: st.DrawFn, largest: int = 9) -> Graph:
    n = draw(st.integers(1, largest))
    node = st.integers(0, n - 1)
    pairs = draw(st.sets(st.tuples(node, node).filter(lambda p: p[0] != p[1]), max_size=20))
    return graph(n, *pairs)


@st.composite
def trees(draw: st.DrawFn, n: int) -> Graph:
    """Parent → child without a circle: parents before children in a shuffled order."""
    order = draw(st.permutations(range(n)))
    places = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] < p[1])
    pairs = draw(st.sets(places, max_size=6)) if n > 1 else set()
    return graph(n, *((order[a], order[b]) for a, b in pairs))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Graph, Graph, np.ndarray]:
    ties = draw(graphs())
    seeds = draw(st.sets(st.integers(0, ties.n - 1)))
    return ties, draw(trees(ties.n)), np.array(sorted(seeds), dtype=np.int64)


def test_auto_is_fast() -> None:
    assert pick("auto") is fast
    assert pick("reference") is reference


# -- worked out by hand -----------------------------------------------------------------------


@BOTH
def test_nearest_takes_the_smallest_of_equals_and_inheriting_is_free(engine: Kernels) -> None:
    ties = graph(7, (0, 2), (1, 2), (2, 3), (4, 5))
    hops, label = engine.nearest(ties, graph(7, (3, 4), (0, 1)), np.array([0, 1]))
    assert hops.tolist() == [0, 0, 1, 2, 2, 3, -1]
    assert label.tolist() == [0, 1, 0, 0, 0, 0, -1]


@BOTH
def test_nearest_hands_a_label_on_through_a_seed_that_inherits(engine: Kernels) -> None:
    hops, label = engine.nearest(graph(3), graph(3, (0, 1), (1, 2)), np.array([0, 1]))
    assert hops.tolist() == [0, 0, 0]
    assert label.tolist() == [0, 1, 0]


@BOTH
def test_best_ancestor(engine: Kernels) -> None:
    tree = graph(6, (0, 2), (1, 2), (2, 3), (4, 3))
    best = engine.best_ancestor(tree, np.array([2, 2, 1, 4, 0, 4]))
    assert best.tolist() == [-1, -1, 0, 0, -1, -1]


@BOTH
def test_reach_counts_steps_and_children(engine: Kernels) -> None:
    ties, children = graph(6, (0, 1), (1, 2), (2, 0), (2, 3)), graph(6, (1, 4), (4, 5), (1, 2))
    weights = np.column_stack([np.ones(6), np.arange(6) * 10.0])
    found = engine.reach(ties, children, np.array([0, 3]), 2, 0.5, weights)
    assert found.direct.tolist() == [[1, 10], [0, 0]]
    assert found.within.tolist() == [[2, 30], [0, 0]]
    assert found.decayed.tolist() == [[1.5, 20], [0, 0]]
    assert found.inherited.tolist() == [[2, 90], [0, 0]]
    assert found.reached.tolist() == [False, True, True, False, False, False]


@BOTH
def test_star(engine: Kernels) -> None:
    assert engine.harmonic(STAR).tolist() == [4, 0, 0, 0, 0]
    assert engine.betweenness(STAR).tolist() == [0, 0, 0, 0, 0]
    assert engine.core_number(STAR).tolist() == [1, 1, 1, 1, 1]
    assert engine.components(STAR).tolist() == [1, 1, 1, 1, 1]


@BOTH
def test_chain(engine: Kernels) -> None:
    assert engine.harmonic(CHAIN).tolist() == [1.5, 1, 0]
    assert engine.betweenness(CHAIN).tolist() == [0, 1, 0]
    # a third each of the ranks x, x + 0.85 x, x + 0.85 (x + 0.85 x); the end spreads evenly
    ranks = np.array([1, 1.85, 1 + 0.85 * 1.85])
    assert engine.pagerank(CHAIN, 0.85, 1e-12) == pytest.approx(ranks / ranks.sum(), abs=1e-10)


@BOTH
def test_islands_are_numbered_by_size(engine: Kernels) -> None:
    assert engine.components(ISLANDS).tolist() == [2, 2, 3, 1, 1, 1]


@BOTH
def test_krackhardts_kite(engine: Kernels) -> None:
    kite = nx.krackhardt_kite_graph().to_directed()
    assert (engine.betweenness(graph(10, *kite.edges())) / 2)[7] == pytest.approx(14)
    assert engine.core_number(graph(10, *kite.edges()))[[3, 7, 9]].tolist() == [3, 2, 1]


@BOTH
def test_no_nodes(engine: Kernels) -> None:
    none = np.array([], dtype=np.int64)
    assert [len(part) for part in engine.nearest(EMPTY, EMPTY, none)] == [0, 0]
    assert len(engine.best_ancestor(EMPTY, none)) == 0
    assert engine.reach(EMPTY, EMPTY, none, 2, 0.5, np.zeros((0, 3))).within.shape == (0, 3)
    for kernel in (engine.harmonic, engine.betweenness, engine.core_number, engine.components):
        assert len(kernel(EMPTY)) == 0
    assert len(engine.pagerank(EMPTY, 0.85, 1e-12)) == 0


def test_many_sources_need_several_words_and_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "_PAIRS", 1_000)
    ties = graph(150, *nx.gnp_random_graph(150, 0.02, seed=3, directed=True).edges())
    seeds, weights = np.arange(0, 150, 2), np.ones((150, 1))
    assert fast.harmonic(ties) == pytest.approx(reference.harmonic(ties), rel=1e-12)
    assert fast.betweenness(ties) == pytest.approx(reference.betweenness(ties), rel=1e-12)
    quick = fast.reach(ties, graph(150), seeds, 3, 0.5, weights)
    slow = reference.reach(ties, graph(150), seeds, 3, 0.5, weights)
    for left, right in zip(quick, slow, strict=True):
        assert np.array_equal(left, right)


# -- fast equals reference --------------------------------------------------------------------


@given(cases())
def test_nearest_agrees(case: tuple[Graph, Graph, np.ndarray]) -> None:
    for left, right in zip(fast.nearest(*case), reference.nearest(*case), strict=True):
        assert left.tolist() == right.tolist()


@given(st.data())
def test_best_ancestor_agrees(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    tree = data.draw(trees(n))
    score = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
    quick, slow = fast.best_ancestor(tree, score), reference.best_ancestor(tree, score)
    assert quick.tolist() == slow.tolist()


@given(cases(), st.integers(1, 4), st.sampled_from([0.0, 0.5, 1.0]))
def test_reach_agrees(case: tuple[Graph, Graph, np.ndarray], hops: int, decay: float) -> None:
    weights = np.column_stack([np.ones(case[0].n), np.arange(case[0].n) % 3])
    quick = fast.reach(*case, hops, decay, weights)
    slow = reference.reach(*case, hops, decay, weights)
    for left, right in zip(quick, slow, strict=True):
        assert left == pytest.approx(right, rel=1e-12)


@given(graphs())
@settings(deadline=None)
def test_centralities_agree(ties: Graph) -> None:
    assert fast.harmonic(ties) == pytest.approx(reference.harmonic(ties), rel=1e-12)
    assert fast.betweenness(ties) == pytest.approx(reference.betweenness(ties), rel=1e-9, abs=1e-12)
    quick, slow = fast.pagerank(ties, 0.85, 1e-12), reference.pagerank(ties, 0.85, 1e-12)
    assert quick == pytest.approx(slow, abs=1e-10)
    assert fast.core_number(ties).tolist() == reference.core_number(ties).tolist()
    assert fast.components(ties).tolist() == reference.components(ties).tolist()
