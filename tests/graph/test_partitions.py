"""Agreement and modularity against what they are defined by."""

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.graph.partitions import agreement, expected_information, modularity

LABELS = st.integers(2, 6).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 3), min_size=n, max_size=n)] * 2)
)


def entropy(*labels):
    _, counts = np.unique(np.stack(labels), axis=1, return_counts=True)
    share = counts / counts.sum()
    return float(-(share * np.log(share)).sum())


def mutual(one, other):
    return entropy(one) + entropy(other) - entropy(one, other)


def pairs(labels):
    return {(a, b) for b in range(len(labels)) for a in range(b) if labels[a] == labels[b]}


def test_the_known_answer():
    found = agreement([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1])
    assert found.ami == pytest.approx(0.355245, abs=1e-6)
    assert found.ari == pytest.approx(0.324324, abs=1e-6)


def test_random_labels_of_many_small_groups_have_no_agreement_but_for_nmi():
    rng = np.random.default_rng(0)
    found = [agreement(np.arange(120) // 3, rng.permutation(120) // 3) for _ in range(20)]
    ami, _, _, _, nmi = np.mean(found, axis=0)
    assert abs(ami) < 0.02
    assert nmi == pytest.approx(0.71, abs=0.01)


@pytest.mark.parametrize("labels", ([0], [0, 0, 0], [0, 1, 2], [0, 0, 1]))
def test_the_same_groups_agree_fully_whatever_they_are_called(labels):
    assert agreement(labels, [f"g{9 - label}" for label in labels]) == (1, 1, 1, 1, 1)


def test_one_group_knows_nothing():
    assert agreement([0, 0, 1, 1], [0, 0, 0, 0]) == (0, 0, 0, 1, 0)


def test_groupings_of_other_items_are_refused():
    for one, other in (([0], [0, 1]), ([], [])):
        with pytest.raises(ValueError, match="same items"):
            agreement(one, other)


@settings(max_examples=examples(25, 200))
@given(LABELS)
def test_agreement_is_that_of_all_permutations(labels):
    one, other = labels
    every = [mutual(one, shuffled) for shuffled in permutations(other)]
    chance = float(np.mean(every))
    sizes = [np.unique(side, return_counts=True)[1] for side in labels]
    assert expected_information(*sizes) == pytest.approx(chance, abs=1e-12)
    found, room = agreement(one, other), (entropy(one) + entropy(other)) / 2 - chance
    if room > 1e-9:
        assert found.ami == pytest.approx((mutual(one, other) - chance) / room, abs=1e-9)
    first, second, all_ = pairs(one), pairs(other), len(one) * (len(one) - 1) / 2
    expected = len(first) * len(second) / all_
    room = (len(first) + len(second)) / 2 - expected
    if room:
        assert found.ari == pytest.approx((len(first & second) - expected) / room, abs=1e-12)
    if entropy(one):
        assert found.homogeneity == pytest.approx(mutual(one, other) / entropy(one), abs=1e-12)
    assert agreement(other, one).completeness == pytest.approx(found.homogeneity, abs=1e-12)


def test_expected_information_of_large_groups_leaves_nothing_out():
    from scipy.stats import hypergeom

    one, other = np.array([900, 300, 300]), np.array([700, 500, 150, 150])
    total = 0.0
    for a in one:
        for b in other:
            n = np.arange(1, min(a, b) + 1)
            told = n / 1500 * np.log(1500 * n / (a * b)) * hypergeom.pmf(n, 1500, a, b)
            total += told.sum()
    assert expected_information(one, other) == pytest.approx(total, rel=1e-9)


# -- modularity -------------------------------------------------------------------------------

TRIANGLES = ([0, 0, 1, 3, 3, 4, 2], [1, 2, 2, 4, 5, 5, 3])


def test_two_triangles_and_a_bridge():
    assert modularity(*TRIANGLES, [1] * 7, [0, 0, 0, 1, 1, 1]) == pytest.approx(5 / 14)


def test_direction_counts():
    ends = [0, 1, 0, 1, 0, 4], [2, 2, 3, 3, 1, 5]
    assert modularity([], [], [], [0, 1]) is None
    known = nx.DiGraph(zip(*ends, strict=True))
    groups = [{0, 1, 2, 3}, {4, 5}]
    label = [0, 0, 0, 0, 1, 1]
    for directed, graph in ((True, known), (False, known.to_undirected())):
        found = modularity(*ends, [1] * 6, label, directed=directed)
        assert found == pytest.approx(nx.community.modularity(graph, groups))


@settings(max_examples=examples(30, 300))
@given(st.data())
def test_modularity_is_that_of_networkx(data):
    n = data.draw(st.integers(2, 7))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(1, 5))
    edges = data.draw(st.lists(ends.filter(lambda e: e[0] != e[1]), min_size=1, max_size=15))
    label = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    groups = [{v for v in range(n) if label[v] == c} for c in set(label)]
    for directed, kind in ((False, nx.MultiGraph), (True, nx.MultiDiGraph)):
        graph = kind()
        graph.add_nodes_from(range(n))
        graph.add_weighted_edges_from(edges)
        found = modularity(*zip(*edges, strict=True), label, directed=directed)
        assert found == pytest.approx(nx.community.modularity(graph, groups), abs=1e-12)
