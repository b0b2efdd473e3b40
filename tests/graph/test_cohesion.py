"""Brokerage and classic measures against their definitions and NetworkX."""

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.graph import cohesion
from liantu.graph.brokerage import ROLES, brokerage
from liantu.graph.kernels import Graph, pick

FAST = pick("fast")


def made(graph):
    ends = np.array(sorted(graph.edges()), dtype=np.int64).reshape(-1, 2)
    return Graph(len(graph), ends[:, 0], ends[:, 1])


def random(seed, n=14, chance=0.15):
    return nx.gnp_random_graph(n, chance, seed=seed, directed=True)


SEEDS = pytest.mark.parametrize("seed", range(examples(4, 40)))


def roles_of(ties, group):
    """Return the roles of every node, triad by triad."""
    found = {node: dict.fromkeys(ROLES, 0) for node in ties}
    for a, v, c in product(ties, repeat=3):
        if a in (v, c) or not (ties.has_edge(a, v) and ties.has_edge(v, c)) or ties.has_edge(a, c):
            continue
        x, y, z = group[a], group[v], group[c]
        if min(x, y, z) < 0:
            continue
        if x == y == z:
            role = "coordinator"
        elif x == z:
            role = "itinerant"
        elif x == y:
            role = "representative"
        elif y == z:
            role = "gatekeeper"
        else:
            role = "liaison"
        found[v][role] += 1
    return found


@SEEDS
def test_roles_of_every_triad(seed):
    ties, rng = random(seed, 12, 0.3), np.random.default_rng(seed)
    group = rng.integers(-1, 3, 12)
    known = roles_of(ties, group)
    found = brokerage(made(ties), group)
    assert [dict(zip(ROLES, row.tolist(), strict=True)) for row in found] == list(known.values())


def test_nobody_brokers_in_no_network():
    none = np.zeros(0, dtype=np.int64)
    assert brokerage(Graph(2, none, none), np.array([0, 1])).tolist() == [[0] * 5] * 2
    assert brokerage(Graph(2, np.array([0]), np.array([1])), np.array([-1, -1])).sum() == 0


@SEEDS
def test_nearness_is_closeness_looking_outward(seed):
    ties = random(seed)
    known = nx.closeness_centrality(ties.reverse())
    found = cohesion.closeness(FAST.distances(made(ties)))
    assert found.tolist() == pytest.approx([known[node] for node in range(14)])


@SEEDS
def test_weights_make_ties_short(seed):
    ties, rng = random(seed), np.random.default_rng(seed)
    graph = made(ties)
    weight = rng.integers(0, 4, len(graph.source)).astype(float)
    heavy = nx.DiGraph()
    heavy.add_nodes_from(range(14))
    for a, b, w in zip(graph.source.tolist(), graph.target.tolist(), weight, strict=True):
        if w:
            heavy.add_edge(a, b, length=1 / w)
    known = nx.closeness_centrality(heavy.reverse(), distance="length")
    found = cohesion.weighted_closeness(graph, weight)
    assert found.tolist() == pytest.approx([known[node] for node in range(14)])


@SEEDS
def test_katz_is_that_of_networkx(seed):
    ties = random(seed)
    known = nx.katz_centrality(
        ties.reverse(), alpha=0.1, normalized=False, tol=1e-12, max_iter=5000
    )
    assert cohesion.katz(made(ties)).tolist() == pytest.approx(list(known.values()), abs=1e-8)


def test_katz_without_an_end_is_left_out():
    assert cohesion.katz(made(nx.complete_graph(12, nx.DiGraph))) is None  # 11 × 0.1 ≥ 1
    assert cohesion.katz(made(nx.complete_graph(10, nx.DiGraph))).tolist() == pytest.approx(
        [10] * 10
    )


@SEEDS
def test_eigenvector_of_the_largest_component(seed):
    ties = random(seed, 20, 0.09)
    graph = made(ties)
    component = FAST.components(graph)
    found = cohesion.eigenvector(graph, component)
    nodes = np.flatnonzero(component == 1)
    known = nx.eigenvector_centrality_numpy(ties.to_undirected().subgraph(nodes.tolist()))
    assert found[nodes].tolist() == pytest.approx([abs(known[n]) for n in nodes], abs=1e-6)
    assert np.isnan(np.delete(found, nodes)).all()


@SEEDS
def test_degree_mixing_is_that_of_networkx(seed):
    ties = random(seed)
    graph = made(ties)
    out, into = (np.bincount(end, minlength=14) for end in (graph.source, graph.target))
    known = nx.degree_pearson_correlation_coefficient(ties, x="out", y="in")
    assert cohesion.correlation(out[graph.source], into[graph.target]) == pytest.approx(known)


def test_what_does_not_vary_has_no_correlation():
    assert cohesion.correlation(np.array([1, 1, 1]), np.array([1, 2, 3])) is None
    assert cohesion.correlation(np.array([1]), np.array([1])) is None


# -- beside chance ------------------------------------------------------------------------------


@settings(max_examples=examples(15, 100))
@given(st.integers(0, 10_000))
def test_reciprocity_is_that_of_networkx(seed):
    ties = random(seed)
    if ties.number_of_edges():
        found = cohesion.reciprocity(made(ties), 3, 0)
        assert found.observed == pytest.approx(nx.overall_reciprocity(ties))


def test_pairs_that_help_each_other_do_so_more_than_chance():
    one = np.arange(20)
    ties = Graph(40, np.append(one, one + 20), np.append(one + 20, one))
    found = cohesion.reciprocity(ties, 199, 0)
    assert (found.observed, found.p) == (1, 0.005)
    assert found.expected < 0.1
    star = Graph(5, np.zeros(4, dtype=np.int64), np.arange(1, 5))
    assert cohesion.reciprocity(star, 19, 0) == (0, 0, 1)
    none = np.zeros(0, dtype=np.int64)
    assert cohesion.reciprocity(Graph(3, none, none), 19, 0) == (None, None, None)


def test_chance_of_reciprocity_is_that_of_all_permutations():
    """0→1, 1→0, 0→2: of six ways to deal out 1, 0, 2 some give 0 to 0; worked out by listing."""
    from itertools import permutations

    giver, every = [0, 1, 0], []
    for dealt in permutations([1, 0, 2]):
        ties = {(a, b) for a, b in zip(giver, dealt, strict=True) if a != b}
        every.append(sum((b, a) in ties for a, b in ties) / 3)
    found = cohesion.reciprocity(Graph(3, np.array([0, 1, 0]), np.array([1, 0, 2])), 3000, 0)
    assert found.expected == pytest.approx(np.mean(every), abs=0.02)


def test_groups_that_keep_to_themselves():
    one = np.array([0, 1, 2, 4, 5, 6])
    ties = Graph(9, one, one + 1)
    group = np.array([0] * 4 + [1] * 4 + [-1])
    found = cohesion.group_mixing(ties, group, 199, 0)
    assert found.observed == -1
    assert -0.2 < found.expected < 0.5
    assert found.p < 0.05
    assert cohesion.group_mixing(ties, np.full(9, -1), 9, 0) == (None, None, None)
    assert cohesion.group_mixing(ties, np.zeros(9, dtype=np.int64), 9, 0) == (-1, -1, 1)


def test_one_node_on_which_all_hangs():
    assert cohesion.centralisation(np.array([4, 0, 0, 0, 0])) == 1
    assert cohesion.centralisation(np.array([2, 1, 1, 1, 1])) == pytest.approx(4 / 16)
    assert cohesion.centralisation(np.array([0])) is None
