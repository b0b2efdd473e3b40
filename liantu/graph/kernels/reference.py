"""The kernels with NetworkX and plain loops, slow and easy to trust; defined in `Kernels`."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import networkx as nx
import numpy as np

from liantu.graph.kernels import Arrived, Bools, Contacts, Distances, Floats, Graph, Ints, Reach


def nearest(graph: Graph, children: Graph, seeds: Ints) -> tuple[Ints, Ints]:
    """Dijkstra from all seeds; then labels along the edges of shortest paths."""
    ties = _digraph(graph, weight=1)
    ties.add_edges_from(_digraph(children, weight=0).edges(data=True))
    hops, label = np.full(graph.n, -1), np.full(graph.n, -1)
    steps = nx.multi_source_dijkstra_path_length(ties, seeds.tolist()) if len(seeds) else {}
    shortest = nx.DiGraph()
    shortest.add_nodes_from(steps)
    for node in steps:
        for other, edge in ties[node].items():
            if steps[node] + edge["weight"] == steps[other]:
                shortest.add_edge(node, other)
    start = set(seeds.tolist())
    for node in nx.topological_sort(shortest):
        candidates = [label[other] for other in shortest.predecessors(node)]
        label[node] = min([*candidates, node] if node in start else candidates)
        hops[node] = steps[node]
    hops[seeds], label[seeds] = 0, seeds
    return hops, label


def best_ancestor(children: Graph, score: Ints) -> Ints:
    """Look through the ancestors of each node."""
    tree, best = _digraph(children), np.full(children.n, -1)
    for node in tree:
        ancestors = nx.ancestors(tree, node)
        if ancestors:
            best[node] = min(ancestors, key=lambda other: (-score[other], other))
    return best


def reach(
    graph: Graph, children: Graph, seeds: Ints, hops: int, decay: float, weights: Floats
) -> Reach:
    """Breadth first from each seed in turn."""
    ties, tree = _digraph(graph), _digraph(children)
    shape = (len(seeds), weights.shape[1])
    empty = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    found = Reach(*empty, np.zeros(graph.n, dtype=np.bool_))
    for row, seed in enumerate(seeds.tolist()):
        steps = nx.single_source_shortest_path_length(ties, seed, cutoff=hops)
        below: set[int] = set()
        for node, step in steps.items():
            if node == seed:
                continue
            found.direct[row] += weights[node] * (step == 1)
            found.within[row] += weights[node]
            found.decayed[row] += weights[node] * decay ** (step - 1)
            found.reached[node] = True
            below |= nx.descendants(tree, node)
        for node in below - set(steps):
            found.inherited[row] += weights[node]
    return found


def harmonic(graph: Graph, targets: Ints | None = None) -> Floats:
    """NetworkX looks inward, so the graph is reversed."""
    chosen = None if targets is None else targets.tolist()
    return _values(nx.harmonic_centrality(_digraph(graph).reverse(), sources=chosen))


def distances(graph: Graph, targets: Ints | None = None) -> Distances:
    """Breadth first from each node in turn."""
    wanted = set(range(graph.n) if targets is None else targets.tolist())
    reached, total, pairs = np.zeros(graph.n), np.zeros(graph.n), np.zeros(graph.n + 1)
    for node, steps in nx.all_pairs_shortest_path_length(_digraph(graph)):
        far = [step for other, step in steps.items() if step and other in wanted]
        reached[node], total[node] = len(far), sum(far)
        np.add.at(pairs, np.array(far, dtype=np.int64), 1)
    last = int(pairs.nonzero()[0].max(initial=0))
    return Distances(reached, total, pairs[1 : last + 1])


def betweenness(graph: Graph, sources: Ints | None = None) -> Floats:
    """NetworkX, neither normalised nor halved."""
    ties = _digraph(graph)
    if sources is None:
        return _values(nx.betweenness_centrality(ties, normalized=False))
    return _values(nx.betweenness_centrality_subset(ties, sources.tolist(), list(ties)))


def pagerank(graph: Graph, damping: float, tolerance: float) -> Floats:
    """NetworkX multiplies its tolerance by the number of nodes."""
    ties, tolerance = _digraph(graph), tolerance / max(graph.n, 1)
    return _values(nx.pagerank(ties, alpha=damping, tol=tolerance, max_iter=100_000))


def weighted_harmonic(graph: Graph, length: Floats, targets: Ints | None = None) -> Floats:
    """NetworkX looks inward, so the graph is reversed."""
    chosen = None if targets is None else targets.tolist()
    ties = _weighed(graph, length).reverse()
    return _values(nx.harmonic_centrality(ties, distance="weight", sources=chosen))


def weighted_betweenness(graph: Graph, length: Floats, sources: Ints | None = None) -> Floats:
    """NetworkX, neither normalised nor halved."""
    ties = _weighed(graph, length)
    chosen = list(ties) if sources is None else sources.tolist()
    return _values(nx.betweenness_centrality_subset(ties, chosen, list(ties), weight="weight"))


def weighted_pagerank(graph: Graph, weight: Floats, damping: float, tolerance: float) -> Floats:
    """NetworkX multiplies its tolerance by the number of nodes."""
    ties, tolerance = _weighed(graph, weight), tolerance / max(graph.n, 1)
    return _values(nx.pagerank(ties, alpha=damping, tol=tolerance, max_iter=100_000))


def core_number(graph: Graph) -> Ints:
    """NetworkX on the undirected graph."""
    return _values(nx.core_number(_digraph(graph).to_undirected())).astype(np.int64)


def components(graph: Graph) -> Ints:
    """NetworkX, numbered by size and smallest node."""
    found = sorted(nx.weakly_connected_components(_digraph(graph)), key=lambda c: (-len(c), min(c)))
    label = np.zeros(graph.n, dtype=np.int64)
    for number, nodes in enumerate(found, start=1):
        label[list(nodes)] = number
    return label


def last_seeds(
    graph: Graph, children: Graph, seeds: Ints, hops: int, width: int, through: bool
) -> Ints:
    """Dijkstra from each seed, where no other seed hands on over what costs a step."""
    start, ties = set(seeds.tolist()), _digraph(graph, weight=1)
    tree, steps = _digraph(children, weight=0), dict[int, list[tuple[int, int]]]()
    for seed in seeds.tolist():
        others = start - {seed}
        walks = nx.DiGraph()
        walks.add_nodes_from(range(graph.n))
        for edges in (ties, tree):
            blocked = others if edges is ties or not through else set()
            walks.add_edges_from(
                (a, b, w) for a, b, w in edges.edges(data=True) if a not in blocked
            )
        for node, far in nx.single_source_dijkstra_path_length(walks, seed, cutoff=hops).items():
            if node != seed:
                steps.setdefault(node, []).append((far, seed))
    found = np.full((graph.n, width), -1)
    for node, pairs in steps.items():
        nearest = [seed for _, seed in sorted(pairs)[:width]]
        found[node, : len(nearest)] = nearest
    return found


def cut_vertices(graph: Graph) -> Bools:
    """NetworkX on the undirected graph."""
    found = np.zeros(graph.n, dtype=np.bool_)
    found[list(nx.articulation_points(_digraph(graph).to_undirected()))] = True
    return found


def _digraph(graph: Graph, **attributes: int) -> nx.DiGraph:
    result = nx.DiGraph()
    result.add_nodes_from(range(graph.n))
    result.add_edges_from(
        zip(graph.source.tolist(), graph.target.tolist(), strict=True), **attributes
    )
    return result


def _weighed(graph: Graph, weight: Floats) -> nx.DiGraph:
    result = _digraph(graph)
    ends = zip(graph.source.tolist(), graph.target.tolist(), weight.tolist(), strict=True)
    result.add_weighted_edges_from(ends)
    return result


def _values(by_node: dict[int, float]) -> Floats:
    """Return values by code; nodes were added in that order."""
    return np.array([by_node[node] for node in range(len(by_node))], dtype=np.float64)


def arrivals(contacts: Contacts, seeds: Ints) -> Iterator[Arrived]:
    """Dijkstra by days, and breadth first over the days on which each node can be left."""
    leads: dict[int, list[tuple[int, int, int]]] = {}
    every = zip(*(column.tolist() for column in contacts[1:5]), strict=True)
    for source, target, start, end in every:
        leads.setdefault(source, []).append((target, start, end))
    later = contacts.later.tolist()

    def walk(node: int, day: int) -> Iterator[tuple[int, int]]:
        for target, start, end in leads.get(node, ()):
            leave = max(day, start)
            if leave <= end and later[leave] < len(later):
                yield later[leave], target

    for row, seed in enumerate(seeds.tolist()):
        days: dict[int, int] = {}
        queue = [(0, seed)]
        while queue:
            day, node = heappop(queue)
            if node not in days:
                days[node] = day
                for step in walk(node, day):
                    heappush(queue, step)
        fewest, ties, level = {seed: 0}, 0, {(0, seed)}
        known = set(level)
        while level:
            ties += 1
            level = {step for day, node in level for step in walk(node, day)} - known
            known |= level
            for _, node in level:
                fewest.setdefault(node, ties)
        found = sorted(set(days) - {seed})
        columns = [[row] * len(found), found, [days[v] for v in found], [fewest[v] for v in found]]
        yield Arrived(*(np.array(column, dtype=np.int64) for column in columns))
