"""New pairs: the flow of OR-Tools beside SciPy and NetworkX on the same offer.

python benchmarks/pairing.py [--schools N] [--pairs N] [--copies N] [--all] [--scipy]

The offer is drawn: counties on a grid, cores with 0 to 5 places, schools that the cores of their
county and of those beside it can help; a nation is many copies. `--scipy` does without OR-Tools.
`--all` also runs NetworkX and SciPy's whole numbers, which take minutes.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from liantu.graph import matching, residual, solvers
from liantu.graph.offer import Offer, heaviest


def drawn(schools: int, pairs: int) -> Offer:
    """Return an offer of so many schools and about so many pairs."""
    rng = np.random.default_rng(0)
    cores = max(schools // 6, 1)
    school = np.sort(rng.integers(0, schools, pairs))
    near = school * cores // schools + rng.integers(-12, 13, pairs)
    key = np.unique(school * cores + np.clip(near, 0, cores - 1))
    school, core = key // cores, key % cores
    cost = rng.integers(1, 400, len(key))
    order = np.lexsort((core, cost, school))
    return Offer(
        core=core[order],
        school=school[order],
        cost=cost[order],
        places=rng.integers(0, 6, cores),
        weight=rng.integers(5, 900, schools),
        county=np.zeros(schools, dtype=np.int64),
    )


def copied(offer: Offer, copies: int) -> Offer:
    """Return an offer many times, side by side."""
    own = {"core": len(offer.places), "school": len(offer.weight)}
    columns = {
        name: np.concatenate([values + own.get(name, 0) * copy for copy in range(copies)])
        for name, values in vars(offer).items()
    }
    return Offer(**columns)


def timed(name: str, run: Callable[[], Any]) -> Any:
    start, own = time.perf_counter(), time.process_time()
    found = run()
    wall, cpu = time.perf_counter() - start, time.process_time() - own
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:34} {wall:8.2f} s {cpu:8.2f} s of CPU {most:6.2f} GiB at most", flush=True)
    return found


def value(offer: Offer, chosen: np.ndarray) -> tuple[int, int]:
    return int(offer.weight[offer.school[chosen]].sum()), int(offer.cost[chosen].sum())


def by_networkx(offer: Offer, budget: int) -> tuple[int, int]:
    """Return weight and cost of the optimum by NetworkX's network simplex."""
    import networkx as nx

    step = matching.step_of(offer, budget) or 1
    graph = nx.DiGraph()
    graph.add_node("s", demand=-budget)
    graph.add_node("t", demand=budget)
    graph.add_edge("s", "t", capacity=budget, weight=0)
    for core, places in enumerate(offer.places.tolist()):
        graph.add_edge("s", ("c", core), capacity=places, weight=0)
    for school, weight in enumerate(offer.weight.tolist()):
        graph.add_edge(("x", school), "t", capacity=1, weight=-weight * step)
    rows = zip(offer.core.tolist(), offer.school.tolist(), offer.cost.tolist(), strict=True)
    for core, school, cost in rows:
        graph.add_edge(("c", core), ("x", school), capacity=1, weight=cost)
    _, flow = nx.network_simplex(graph)
    taken = [flow[("c", c)][("x", x)] > 0 for c, x in zip(offer.core, offer.school, strict=True)]
    return value(offer, np.array(taken, dtype=bool))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=13_000)
    parser.add_argument("--pairs", type=int, default=150_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--scipy", action="store_true")
    given = parser.parse_args()
    if given.scipy:
        solvers.find_spec = lambda _: None
    offer = copied(drawn(given.schools, given.pairs), given.copies)
    print(f"{len(offer.weight)} schools, {len(offer.places)} cores, {len(offer.core)} pairs")
    known = timed("curve (augmenting greedy)", lambda: heaviest(offer))
    order, budget = known.order, len(known.order)
    chosen = timed(
        "assign (OR-Tools, else SciPy)", lambda: matching.assign(offer, budget, known=known)
    )
    best = value(offer, chosen)
    print(f"{budget} pairs, weight {best[0]}, cost {best[1]}")
    assert best[0] == int(offer.weight[order].sum())
    none = np.zeros(1, dtype=np.int64)
    arcs = residual.residual(offer, chosen, budget, none)
    timed("losses of every pair", lambda: residual.losses(offer, chosen))
    timed("one more place at every core", lambda: residual.gains(arcs, len(offer.places)))
    may, part = offer.of(known.may), chosen[known.may[offer.school]]
    some = residual.residual(may, part, budget, none)
    timed("which pairs could be others", lambda: residual.exchangeable(some, may, budget))
    if given.all:
        exact = timed("SciPy milp (HiGHS)", lambda: matching.assign(offer, budget, exact=True))
        assert value(offer, exact) == best
        simplex = timed("NetworkX network_simplex", lambda: by_networkx(offer, budget))
        assert simplex == best


if __name__ == "__main__":
    main()
