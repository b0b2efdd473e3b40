"""A core leaves and coverage is asked again: a changed tie set against a network made anew.

Both in one process, in turn, from the same network; processor time. What both cover must be equal.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from page import machine, write_part

import liantu
from liantu.graph.cover import cover
from liantu.graph.kernels import pick
from liantu.graph.study import study
from liantu.loaders.generate import generate

GOAL = 50


def spent(job: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    found = job()
    return time.process_time() - begin, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "region", schools=given.schools, seed=5)
        network = liantu.read(Path(folder) / "region")
    day, kernels, known = network.as_of, pick("fast"), study(network)
    now, ids = known.tie_set(day), network.nodes("school").index
    cores = np.random.default_rng(1).permutation(np.flatnonzero(known.cores(day)[0]))

    def changed(core: int) -> Any:
        return cover(known, now.without([core]), kernels).covered

    def anew(core: int) -> Any:
        fresh = study(network.without("school", [ids[core]]))
        return np.insert(cover(fresh, fresh.tie_set(day), kernels).covered, core, False)

    first, _ = spent(lambda: changed(cores[0]))
    anew(cores[0])
    ours, theirs = [], []
    for core in cores[1 : given.repeat + 1].tolist():
        (a, mine), (b, full) = spent(lambda c=core: changed(c)), spent(lambda c=core: anew(c))
        assert (mine == full).all()
        ours.append(a)
        theirs.append(b)
    many = [spent(lambda c=core: changed(c))[0] for core in cores[:200].tolist()]
    ratio = median(b / a for a, b in zip(ours, theirs, strict=True))
    lines = [
        "One core leaves a generated province and coverage is asked again: `TieSet.without` and",
        "`cover` against `Network.without`, ties and `cover` of the new network. In turn in one",
        "process, processor time, medians over drawn cores; what is covered is equal.",
        "`python benchmarks/whatif.py` writes this.",
        "",
        f"- Machine: {machine('pandas', 'numpy', 'numba')}",
        f"- Date: {date.today()}",
        f"- Data: `liantu generate --schools {given.schools} --seed 5`, {len(cores)} cores",
        "",
        "| job | changed tie set ms | network anew ms | goal | reached |",
        "|---|---:|---:|---|---|",
        f"| one core leaves, coverage again | {median(ours) * 1000:.3g} | "
        f"{median(theirs) * 1000:.3g} | ≥ {GOAL} × | {ratio:.0f} × – "
        f"{'yes' if ratio >= GOAL else '**missed**'} |",
        "",
        f"The slowest of 200 cores took {max(many) * 1000:.3g} ms. The first question of all,",
        f"which finds what can take the place of other ties, took {first * 1000:.0f} ms.",
    ]
    print(*lines, sep="\n")
    write_part("What-ifs", lines)


if __name__ == "__main__":
    main()
