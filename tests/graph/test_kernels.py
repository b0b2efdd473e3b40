"""The fast kernels give what NetworkX gives, and both give answers worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph import kernels
from liantu.graph.kernels import Graph, Kernels, fast, pick, reference

NEVER = 1 << 60


class Forced:
    """The fast kernels with one way to compute, whatever the size."""

    def __init__(self, least: int):
        self.least = least

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            if self.least == 0:
                pytest.importorskip("numba")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fast, "EDGES", self.least)
                patch.setattr(fast, "WALKED", self.least)
                return getattr(fast, name)(*args)

        return run


SCIPY, NUMBA = Forced(NEVER), Forced(0)
FAST = {"scipy": SCIPY, "numba": NUMBA}
ENGINES = FAST | {"reference": pick("reference")}
BOTH = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
QUICK = pytest.mark.parametrize("quick", FAST.values(), ids=FAST)


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


@BOTH
def test_some_sources_and_targets(engine: Kernels) -> None:
    # 0 → 1 → 3 and 0 → 2 → 3 → 4: two paths to 3
    ties = graph(5, (0, 1), (0, 2), (1, 3), (2, 3), (3, 4))
    assert engine.betweenness(ties, np.array([0])).tolist() == [0, 1, 1, 1, 0]
    assert engine.betweenness(ties, np.array([2, 4])).tolist() == [0, 0, 0, 1, 0]
    assert engine.harmonic(ties, np.array([4])).tolist() == pytest.approx([1 / 3, 0.5, 0.5, 1, 0])
    assert engine.harmonic(ties, np.array([3, 1])).tolist() == [1.5, 1, 1, 0, 0]
    none = np.array([], dtype=np.int64)
    assert (
        engine.betweenness(ties, none).tolist() == engine.harmonic(ties, none).tolist() == [0] * 5
    )


@BOTH
def test_core_number_counts_a_pair_once(engine: Kernels) -> None:
    # a triangle with a tail, its first tie both ways
    ties = graph(5, (0, 1), (1, 0), (1, 2), (2, 0), (3, 2))
    assert engine.core_number(ties).tolist() == [2, 2, 2, 1, 0]


@BOTH
def test_a_seed_inherits_from_what_it_reaches(engine: Kernels) -> None:
    # 0 reaches 1; 1 hands down to 0, and 0 to 2
    found = engine.reach(
        graph(3, (0, 1)), graph(3, (1, 0), (0, 2)), np.array([0]), 1, 1.0, np.ones((3, 1))
    )
    assert found.inherited.tolist() == [[1]], "2, but not itself"


@BOTH
def test_weights_may_be_many_or_none(engine: Kernels) -> None:
    weights = np.arange(25.0).reshape(5, 5)
    found = engine.reach(STAR, graph(5, (1, 0)), np.array([0, 1]), 2, 0.5, weights)
    assert found.within.tolist() == [weights[1:].sum(axis=0).tolist(), [0] * 5]
    none = engine.reach(STAR, graph(5), np.array([0]), 2, 0.5, np.zeros((5, 0)))
    assert none.within.shape == (1, 0)
    assert none.reached.tolist() == [False, True, True, True, True]


@BOTH
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_codes_of_either_width(engine: Kernels, dtype: type) -> None:
    ties = Graph(3, np.array([0, 1], dtype=dtype), np.array([1, 2], dtype=dtype))
    assert [part.tolist() for part in engine.nearest(ties, ties, np.array([0]))] == [[0] * 3] * 2
    assert engine.betweenness(ties).tolist() == [0, 1, 0]
    assert engine.core_number(ties).tolist() == [1, 1, 1]
    assert ties.out.ends.dtype == ties.into.begin.dtype == np.int32
    assert ties.out is ties.out, "built once"


def _chain(n: int, backwards: bool) -> tuple[int, np.ndarray, Graph]:
    order = np.arange(n)[::-1] if backwards else np.arange(n)
    return n, order, Graph(n, order[:-1], order[1:])


@BOTH
@pytest.mark.parametrize("backwards", [False, True])
def test_a_deep_chain(engine: Kernels, backwards: bool) -> None:
    n = 600 if engine is reference else 5_000
    n, order, ties = _chain(n, backwards)
    hops, label = engine.nearest(ties, graph(n), order[:1])
    assert hops[order].tolist() == list(range(n))
    assert set(label.tolist()) == {order[0]}
    hops, label = engine.nearest(graph(n), ties, np.sort(order[[0, 9]]))
    assert set(hops.tolist()) == {0}
    assert label[order[20]] == min(order[0], order[9])
    assert engine.core_number(ties).tolist() == [1] * n
    assert engine.components(ties).tolist() == [1] * n
    n, order, ties = _chain(n // 5, backwards)  # what follows walks to the end for each node
    far = engine.reach(ties, graph(n), order[:3], n, 1.0, np.ones((n, 1)))
    assert far.within[:, 0].tolist() == [n - 1, n - 2, n - 3]
    below = engine.reach(graph(n, (0, 1)), graph(n, (1, 2)), order[:1], 1, 1.0, np.ones((n, 1)))
    assert below.inherited.sum() == (0 if backwards else 1)
    some = order[:3]  # from the first, each but the ends lies between it and all behind
    between = engine.betweenness(ties, some)[order]
    assert between[:5].tolist() == [0, n - 2, 2 * (n - 3), 3 * (n - 4), 3 * (n - 5)]
    assert engine.harmonic(ties, order[-2:])[order[0]] == pytest.approx(1 / (n - 1) + 1 / (n - 2))


@BOTH
def test_a_big_star_both_ways(engine: Kernels) -> None:
    n = 400 if engine is reference else 3_000
    leaves, centre = np.arange(1, n), np.zeros(n - 1, dtype=np.int64)
    ties = Graph(n, np.append(centre, leaves), np.append(leaves, centre))
    assert engine.core_number(ties).tolist() == [1] * n
    assert engine.betweenness(ties).tolist() == [(n - 1) * (n - 2)] + [0] * (n - 1)
    assert engine.harmonic(ties) == pytest.approx(np.append(n - 1, 1 + (n - 2) / 2 + 0 * leaves))
    assert engine.nearest(ties, graph(n), np.array([0]))[0].tolist() == [0] + [1] * (n - 1)


@QUICK
def test_many_sources_need_several_words_and_batches(
    quick: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "_PAIRS", 1_000)
    ties = graph(150, *nx.gnp_random_graph(150, 0.02, seed=3, directed=True).edges())
    seeds, weights = np.arange(0, 150, 2), np.ones((150, 1))
    assert quick.harmonic(ties) == pytest.approx(reference.harmonic(ties), rel=1e-12)
    assert quick.betweenness(ties) == pytest.approx(reference.betweenness(ties), rel=1e-12)
    found = quick.reach(ties, graph(150), seeds, 3, 0.5, weights)
    slow = reference.reach(ties, graph(150), seeds, 3, 0.5, weights)
    for left, right in zip(found, slow, strict=True):
        assert np.array_equal(left, right)


def test_engines_give_the_same_above_the_threshold() -> None:
    """A generated graph, neither flat nor connected, of more ties than numba begins at."""
    pytest.importorskip("numba")
    rng, n = np.random.default_rng(8), 16_000
    pairs = rng.integers(0, n, (2, int(1.2 * fast.EDGES)))
    pairs[1, :20_000] = pairs[0, :20_000] // 40 * 40  # many to one
    merged = np.unique(pairs[0] * n + pairs[1])
    merged = merged[merged // n != merged % n]
    assert len(merged) > fast.EDGES
    ties = Graph(n, merged // n, merged % n)
    child = rng.permutation(n)[: n // 4]
    children = Graph(n, child // 10 * 10, child)
    apart = children.source != children.target
    children = Graph(n, children.source[apart], children.target[apart])
    seeds, some = np.flatnonzero(np.arange(n) % 13 == 0), np.arange(0, n, 97)
    weights = np.column_stack([np.ones(n), rng.integers(0, 900, n).astype(float)])

    def answers(engine: Any, ties: Graph) -> list[np.ndarray]:
        return [
            *engine.nearest(ties, children, seeds),
            *engine.reach(ties, children, seeds, 2, 0.5, weights),
            engine.core_number(ties),
            engine.components(ties),
            engine.harmonic(ties, some),
            engine.betweenness(ties, some),
        ]

    scipy, numba = answers(SCIPY, ties), answers(NUMBA, Graph(n, ties.source, ties.target))
    for left, right in zip(scipy, numba, strict=True):
        if left.dtype.kind == "f":
            assert left == pytest.approx(right, rel=1e-12, abs=0)
        else:
            assert left.tolist() == right.tolist()
    for left, right in zip(numba, answers(NUMBA, ties), strict=True):
        assert np.array_equal(left, right), "the same to the last bit each time"


def test_sums_do_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    ties = graph(200, *nx.gnp_random_graph(200, 0.03, seed=4, directed=True).edges())
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(fast.os, "cpu_count", lambda cores=cores: cores)
        found.append((NUMBA.betweenness(ties).tolist(), NUMBA.harmonic(ties).tolist()))
    assert found[0] == found[1] == found[2]


def test_a_county_never_waits_for_a_compiler() -> None:
    ties = graph(
        2_000, *((a, (a * 7 + k) % 2_000) for a in range(0, 2_000, 5) for k in range(1, 9))
    )
    assert fast._compiled(len(ties.source), fast.EDGES) is None
    assert fast._compiled(ties.n * len(ties.source), fast.WALKED) is None


def test_all_works_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)  # what import makes of a missing package
    monkeypatch.delitem(sys.modules, "liantu.graph.kernels.compiled", raising=False)
    monkeypatch.delattr("liantu.graph.kernels.compiled", raising=False)
    monkeypatch.setattr(fast, "EDGES", 0)
    monkeypatch.setattr(fast, "WALKED", 0)
    assert fast._compiled(1 << 40, 0) is None
    assert fast.betweenness(CHAIN).tolist() == [0, 1, 0]
    assert fast.nearest(CHAIN, graph(3), np.array([0]))[0].tolist() == [0, 1, 2]


def test_kernels_compile_where_no_folder_can_be_written() -> None:
    pytest.importorskip("numba")
    code = """
import numba.core.caching as caching
caching.CacheImpl._locator_classes = []
import numpy as np
from liantu.graph.kernels import Graph, compiled
row = np.array([0, 1, 1], dtype=np.uint32)
print(compiled.components(row, np.array([1], dtype=np.uint32)).tolist())
"""
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[0, 0]\n"


# -- fast equals reference --------------------------------------------------------------------


@QUICK
@given(cases())
def test_nearest_agrees(quick: Kernels, case: tuple[Graph, Graph, np.ndarray]) -> None:
    for left, right in zip(quick.nearest(*case), reference.nearest(*case), strict=True):
        assert left.tolist() == right.tolist()


@given(st.data())
def test_best_ancestor_agrees(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    tree = data.draw(trees(n))
    score = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
    quick, slow = fast.best_ancestor(tree, score), reference.best_ancestor(tree, score)
    assert quick.tolist() == slow.tolist()


@QUICK
@given(cases(), st.sampled_from([1, 2, 4, 40]), st.sampled_from([0.0, 0.5, 1.0]))
def test_reach_agrees(
    quick: Kernels, case: tuple[Graph, Graph, np.ndarray], hops: int, decay: float
) -> None:
    weights = np.column_stack([np.ones(case[0].n), np.arange(case[0].n) % 3])
    found = quick.reach(*case, hops, decay, weights)
    slow = reference.reach(*case, hops, decay, weights)
    for left, right in zip(found, slow, strict=True):
        assert left == pytest.approx(right, rel=1e-12)


@QUICK
@given(cases())
def test_centralities_agree(quick: Kernels, case: tuple[Graph, Graph, np.ndarray]) -> None:
    ties, _, some = case
    for nodes in (None, some):
        found, slow = quick.harmonic(ties, nodes), reference.harmonic(ties, nodes)
        assert found == pytest.approx(slow, rel=1e-12)
        for left, right in zip(
            quick.distances(ties, nodes), reference.distances(ties, nodes), strict=True
        ):
            assert left.tolist() == right.tolist()
        found, slow = quick.betweenness(ties, nodes), reference.betweenness(ties, nodes)
        assert found == pytest.approx(slow, rel=1e-12, abs=1e-12)
    assert quick.core_number(ties).tolist() == reference.core_number(ties).tolist()
    assert quick.components(ties).tolist() == reference.components(ties).tolist()


@given(graphs())
def test_pagerank_agrees(ties: Graph) -> None:
    quick, slow = fast.pagerank(ties, 0.85, 1e-12), reference.pagerank(ties, 0.85, 1e-12)
    assert quick == pytest.approx(slow, abs=1e-10)


def test_few_edges_are_sorted_into_the_rows_that_many_give(monkeypatch):
    rng = np.random.default_rng(3)
    pairs = np.unique(rng.integers(0, 40, (300, 2)), axis=0)
    pairs = rng.permutation(pairs[pairs[:, 0] != pairs[:, 1]])
    few = kernels.Graph(41, pairs[:, 0], pairs[:, 1])
    found = [few.out, few.into]
    monkeypatch.setattr(kernels, "_FEW", -1)
    many = kernels.Graph(41, pairs[:, 0], pairs[:, 1])
    for rows, others in zip(found, [many.out, many.into], strict=True):
        assert rows.begin.tolist() == others.begin.tolist()
        assert rows.ends.tolist() == others.ends.tolist()
        assert rows.begin.dtype == others.begin.dtype == np.int32
        assert rows.ends.dtype == others.ends.dtype == np.int32


@given(st.data())
def test_weighted_kernels_agree(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 9))
    cells = st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])  # sums of these are exact
    table = data.draw(st.lists(cells, min_size=size * size, max_size=size * size))
    matrix = np.array(table).reshape(size, size)
    np.fill_diagonal(matrix, 0)
    source, target = np.nonzero(matrix)
    graph, length = Graph(size, source, target), matrix[source, target]
    quick, slow = pick("fast"), pick("reference")
    for some in (None, np.arange(0, size, 2)):
        for name in ("weighted_harmonic", "weighted_betweenness"):
            one, other = (getattr(each, name)(graph, length, some) for each in (quick, slow))
            np.testing.assert_allclose(one, other, atol=1e-12)
    ranks = [each.weighted_pagerank(graph, length, 0.85, 1e-12) for each in (quick, slow)]
    np.testing.assert_allclose(*ranks, atol=1e-9)
