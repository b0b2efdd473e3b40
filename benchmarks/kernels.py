"""The kernels of a province and a nation against other programs, same arrays, same run.

Run with ``make bench``; the table goes to ``docs/benchmarks.md``. Everything runs in one process,
each kernel in turn with its opponents, and what stands in the table are medians of processor time:
other work on the machine touches both sides. igraph, rustworkx and networkit are opponents only
(dependency group ``bench``).
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import igraph
import networkit
import networkx as nx
import numpy as np
import rustworkx
from page import machine, write_part
from scipy import sparse
from scipy.sparse import csgraph

from liantu.graph.kernels import Graph, Ints, fast

Job = Callable[[], Any]
NEVER = 1 << 60
SAMPLE = {"province": 400, "nation": 24}  # nodes that all-pairs measures are walked from
DEFAULTS = fast.EDGES, fast.WALKED


class Region(NamedTuple):
    """A region that is not flat: schools with a number that stands for the place."""

    n: int
    ties: Graph
    families: Graph
    cores: Ints


def generated(n: int, seed: int = 5) -> Region:
    """Cores that help members nearby and four cores anywhere, mentoring at random, families.

    One school in twelve is a core; every school has one core nearby, 45 % a second; on average 2.1
    schools anywhere are mentored by each school, so that most reach most. 31 % of the schools are
    village schools below a central school nearby, as in ``liantu generate``.
    """
    rng = np.random.default_rng(seed)
    every, cores = np.arange(n), np.sort(rng.choice(n, n // 12, replace=False))
    k, place = len(cores), np.searchsorted(cores, every)

    def near(schools: Ints) -> Ints:
        return cores[np.clip(place[schools] + rng.integers(-6, 7, len(schools)), 0, k - 1)]

    second, mentors = every[rng.random(n) < 0.45], int(2.1 * n)
    sources = [near(every), near(second), *[cores] * 4, rng.integers(0, n, mentors)]
    far = [cores[rng.integers(0, k, k)] for _ in range(4)]
    targets = [every, second, *far, rng.integers(0, n, mentors)]
    village = np.setdiff1d(every[rng.random(n) < 0.31], cores)
    ties = _distinct(n, np.concatenate(sources), np.concatenate(targets))
    return Region(n, ties, _distinct(n, near(village), village), cores)


def _distinct(n: int, source: Ints, target: Ints) -> Graph:
    apart = source != target
    merged = np.unique(source[apart] * n + target[apart])
    return Graph(n, merged // n, merged % n)


class Pair(NamedTuple):
    """A kernel and its opponents on one region; each with the share of the work it does."""

    ours: Job
    scipy_only: Job | None
    opponents: dict[str, tuple[Job, float]]
    goal: str


def pairs(name: str, region: Region) -> dict[str, Pair]:
    n, ties, families, cores = region
    small = name == "province"
    edges = np.column_stack([ties.source, ties.target])
    directed = igraph.Graph(n=n, edges=edges, directed=True)
    simple = directed.as_undirected(mode="collapse")
    low, high = np.unique(np.sort(edges.T, axis=0), axis=1)
    ones = np.ones(len(low))
    kit = networkit.graph.GraphFromCoo((ones, (low, high)), n=n, directed=False)
    networkit.setNumberOfThreads(1)
    rust = rustworkx.PyDiGraph()
    rust.add_nodes_from(range(n))
    rust.add_edges_from_no_data(list(map(tuple, edges.tolist())))
    starts = np.concatenate([ties.source, families.source, np.full(len(cores), n)])
    stops = np.concatenate([ties.target, families.target, cores])
    joined = sparse.csr_array((np.ones(len(starts)), (starts, stops)), shape=(n + 1, n + 1))
    table = sparse.csr_array((np.ones(len(edges)), (ties.source, ties.target)), shape=(n, n))
    net = nx.DiGraph(edges.tolist()) if small else None

    seeds = np.unique(ties.source)
    pupils = np.random.default_rng(1).integers(0, 900, n).astype(float)
    weights = np.column_stack([np.ones(n), np.arange(n) % 2, pupils])
    drawn = np.sort(np.random.default_rng(2).choice(n, SAMPLE[name], replace=False))
    few = drawn[:10].tolist()
    share = len(drawn) / len(few)
    # 64 targets cost us as much as one: all of a province, 512 of a nation
    targets = np.arange(n) if small else np.sort(np.random.default_rng(3).choice(n, 512, False))
    per_node = len(targets) / len(drawn)

    def reach() -> Any:
        return fast.reach(ties, families, seeds, 2, 0.5, weights)

    def counts() -> Any:
        return [directed.neighborhood_size(order=hops, mode="out") for hops in (1, 2)]

    def reversed_harmonic() -> Any:
        return nx.harmonic_centrality(net, nbunch=few)

    ours: dict[str, Job] = {
        "coverage": lambda: fast.nearest(ties, families, cores),
        "reach": reach,
        "core number": lambda: fast.core_number(ties),
        "components": lambda: fast.components(ties),
        "betweenness": lambda: fast.betweenness(ties, drawn),
        "harmonic": lambda: fast.harmonic(ties, targets),
    }
    goals = {
        "coverage": "SciPy ≤ 1.5",
        "reach": "igraph ≤ 1",
        "core number": "best ≤ 1.2",
        "components": "best ≤ 1.2",
        "betweenness": "igraph ≤ 1/3",
        "harmonic": "igraph ≤ 1/20",
    }
    opponents: dict[str, dict[str, tuple[Job, float]]] = {
        "coverage": {"SciPy": (lambda: csgraph.breadth_first_order(joined, n), 1)},
        "reach": {"igraph": (counts, 1)},
        "core number": {
            "igraph": (simple.coreness, 1),
            "rustworkx": (lambda: rustworkx.core_number(rust), 1),
            "networkit": (lambda: networkit.centrality.CoreDecomposition(kit).run().scores(), 1),
        },
        "components": {
            "SciPy": (lambda: csgraph.connected_components(table, connection="weak"), 1),
            "igraph": (lambda: directed.connected_components(mode="weak"), 1),
            "rustworkx": (lambda: rustworkx.weakly_connected_components(rust), 1),
            "networkit": (lambda: networkit.components.ConnectedComponents(kit).run(), 1),
        },
        "betweenness": {"igraph": (lambda: directed.betweenness(sources=drawn.tolist()), 1)},
        "harmonic": {
            "igraph": (
                lambda: directed.harmonic_centrality(
                    vertices=drawn.tolist(), mode="out", normalized=False
                ),
                per_node,
            )
        },
    }
    if small:  # NetworkX where it ends in time
        opponents["coverage"]["NetworkX"] = (lambda: list(nx.bfs_edges(net, int(cores[0]))), 1)
        plain = nx.Graph(net.edges)
        opponents["core number"]["NetworkX"] = (lambda: nx.core_number(plain), 1)
        opponents["components"]["NetworkX"] = (
            lambda: list(nx.weakly_connected_components(net)),
            1,
        )
        opponents["betweenness"]["NetworkX"] = (
            lambda: nx.betweenness_centrality_subset(net, few, list(net)),
            share,
        )
        opponents["harmonic"]["NetworkX"] = (reversed_harmonic, len(targets) / len(few))
    check(region, directed, simple, drawn)
    return {
        key: Pair(job, None if key in ("betweenness", "harmonic") and not small else job,
                  opponents[key], goals[key])
        for key, job in ours.items()
    }  # fmt: skip


def check(region: Region, directed: Any, simple: Any, drawn: Ints) -> None:
    """Make sure that both sides answer the same question."""
    ties = region.ties
    assert fast.core_number(ties).tolist() == simple.coreness()
    found = fast.betweenness(ties, drawn)
    assert np.allclose(found, directed.betweenness(sources=drawn.tolist()), rtol=1e-9, atol=1e-9)
    assert fast.components(ties).max() == len(directed.connected_components(mode="weak"))
    ones = np.ones((region.n, 1))
    within = fast.reach(ties, region.families, np.arange(region.n), 2, 0.5, ones).within[:, 0]
    assert (within + 1 == directed.neighborhood_size(order=2, mode="out")).all()


def spent(job: Job) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin


def forced(job: Job, least: int) -> Job:
    def run() -> None:
        fast.EDGES = fast.WALKED = least
        job()
        fast.EDGES, fast.WALKED = DEFAULTS

    return run


def measured(pair: Pair, seconds: float) -> dict[str, float]:
    """Return the median processor time of each side, runs in turn until the time is up."""
    jobs = {"liantu": (pair.ours, 1.0), **pair.opponents}
    if pair.scipy_only is not None:
        jobs["without numba"] = (forced(pair.scipy_only, NEVER), 1.0)
    times: dict[str, list[float]] = {name: [] for name in jobs}
    costs = {name: spent(job) for name, (job, _) in jobs.items()}  # warm, and rows built
    begin, rounds = time.process_time(), 0
    while rounds < 3 or (time.process_time() - begin < seconds and rounds < 51):
        rounds += 1
        for name, (job, _) in jobs.items():
            if costs[name] < 10 or rounds <= 1:  # the slowest run twice in all
                times[name].append(spent(job))
    return {name: statistics.median(found) * jobs[name][1] for name, found in times.items()}


def table(regions: dict[str, Region], seconds: float) -> list[str]:
    names = ["SciPy", "igraph", "rustworkx", "networkit", "NetworkX", "without numba"]
    lines = [
        "| kernel | region | liantu ms | goal | reached | " + " | ".join(names) + " | exponent |",
        "|---|---|---:|---|---|" + "---:|" * len(names) + "---:|",
    ]
    times: dict[tuple[str, str], dict[str, float]] = {}
    for name, region in regions.items():
        for key, pair in pairs(name, region).items():
            found = times[key, name] = measured(pair, seconds)
            print(key, name, {side: round(value, 4) for side, value in found.items()}, flush=True)
            ours, whom = found["liantu"], pair.goal.split()[0]
            rivals = [side for side in pair.opponents if whom in ("best", side)]
            limit = {"1/3": 1 / 3, "1/20": 1 / 20}.get(pair.goal.split()[-1]) or float(
                pair.goal.split()[-1]
            )
            ratio = ours / min(found[side] for side in rivals)
            done = f"{ratio:.3g} – " + ("yes" if ratio <= limit else "**missed**")
            cells = [f"{found[side] / ours:.2g}" if side in found else "–" for side in names]
            cells = [f"{float(cell):g}" if cell != "–" else cell for cell in cells]
            exponent = "–"
            if (before := times.get((key, "province"))) and name == "nation" and key not in (
                "betweenness", "harmonic",
            ):  # fmt: skip
                size = len(region.ties.source) / len(regions["province"].ties.source)
                grown = {
                    side: math.log(found[side] / before[side]) / math.log(size)
                    for side in ("liantu", *rivals)
                }
                best = min(rivals, key=lambda side: found[side])
                exponent = f"{grown['liantu']:.2f} ({best} {grown[best]:.2f})"
            lines.append(
                f"| {key} | {name} | {ours * 1000:.3g} | {pair.goal} | {done} | "
                + " | ".join(cells)
                + f" | {exponent} |"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="processor time a kernel")
    given = parser.parse_args()
    regions = {"province": generated(20_000), "nation": generated(500_000)}
    built = {
        name: statistics.median(
            spent(lambda ties=region.ties: _built(ties)) for _ in range(5)
        )
        for name, region in regions.items()
    }  # fmt: skip
    sizes = ", ".join(
        f"{name}: {region.n:,} schools, {len(region.ties.source):,} ties, "
        f"{len(region.families.source):,} village schools, {len(region.cores):,} cores"
        for name, region in regions.items()
    )
    rows = ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in built.items())
    lines = [
        "The kernels alone, compiled and warm, in turn with other programs on the same graph in",
        "the same process. Medians of processor time, for the machine had other work to do; what",
        "is to be read are the ratios. `python benchmarks/kernels.py` (group `bench`) writes this.",
        "",
        f"- Machine: {machine('numba', 'numpy', 'scipy', 'networkx', 'igraph', 'rustworkx')}, "
        f"networkit {networkit.__version__} (one thread)",
        f"- Date: {date.today()}",
        f"- Data: cores help members nearby and cores anywhere, mentoring at random; {sizes}",
        f"- Sorting edges into rows both ways, once a graph: {rows} (not in the times below, as",
        "  little as the opponents' building of their graphs)",
        "",
        *table(regions, given.seconds),
        "",
        "*Goal*: our time ÷ theirs; *reached*: what it was. Then, how many times our time each",
        "other program needs; *without numba*: our own SciPy and numpy. *Exponent*: of growth with",
        "the number of ties from province to nation (goal ≤ 1.2), beside that of the opponent:",
        "what fits the caches of a processor at province does not at nation, on either side.",
        "*Coverage*: hops and smallest label from all cores, inheriting free, against",
        "`breadth_first_order` of SciPy from a node before all cores, which gives neither",
        "(NetworkX: from one core). *Reach*: two hops from every supporter – direct, within,",
        "decayed and inherited sums of three weights – against `neighborhood_size` of igraph at",
        "one and two hops, which only counts, without weights, distances or what is inherited: 16",
        "more schools a supporter beside 28 reached, and the rest of our time. *Core number*:",
        "igraph, networkit, NetworkX on the merged undirected graph. *Betweenness* from",
        f"{SAMPLE['province']} (province) and {SAMPLE['nation']} (nation) drawn nodes on both",
        "sides, ours on all cores, NetworkX from 10. *Harmonic*: all nodes of the province, 512 of",
        "the nation; others from the drawn nodes (NetworkX 10), times the number of nodes.",
    ]
    write_part("Kernels", lines)


def _built(ties: Graph) -> None:
    fresh = Graph(ties.n, ties.source, ties.target)
    _ = fresh.out, fresh.into


if __name__ == "__main__":
    main()
