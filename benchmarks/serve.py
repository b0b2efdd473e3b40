"""What the served page asks of a province: another day, a plan; as a worker answers it.

Processor time in one process; medians over drawn cores and days.
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
from liantu.formats import to_json
from liantu.loaders.generate import generate
from liantu.stores import open_store
from liantu.web.server.work import Desk, feed, rungs, whatif

PLAN, DAY = 0.5, 0.2  # seconds


def spent(job: Callable[[], Any]) -> float:
    begin = time.process_time()
    to_json(job()).encode()
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "region", schools=given.schools, seed=5)
        network = liantu.read(Path(folder) / "region")
        with open_store(Path(folder) / "net.liantu") as store:
            store.write(network)
        asked = {"store": str(Path(folder) / "net.liantu"), "lang": "zh"}
        cores = liantu.resilience(network, scope="all").table.index
        alone = liantu.coverage(network, scope="all").table.index
        ends = network.relation("assists")
        ends = ends[ends["end"] > "2026-10-01"].head(given.repeat)
        desk, drawn = Desk(), np.random.default_rng(1).permutation(cores[:500])

        def day(number: int) -> float:
            when = f"2025-{number + 1:02d}-15"
            return spent(lambda: rungs(desk, {**asked, "as_of": when}))

        def plan(*edits: dict[str, Any], **more: Any) -> float:
            return spent(
                lambda: whatif(desk, {**asked, "scope": "all", "scenario": {"edit": edits}, **more})
            )

        first = day(0)
        days = [day(number) for number in range(1, given.repeat + 1)]
        plan({"do": "leave", "school": drawn[0]})
        leaves = [plan({"do": "leave", "school": core}) for core in drawn[1 : given.repeat + 1]]
        mixed = [
            plan(
                *({"do": "leave", "school": core} for core in drawn[3 * n : 3 * n + 3]),
                {"do": "pair", "source": drawn[-1], "target": alone[n], "form": "paired"},
                {"do": "pair", "source": drawn[-2], "target": alone[n], "form": "paired"},
            )
            for n in range(given.repeat)
        ]
        renewed = [
            plan({"do": "renew", "years": 1, "relation": "assists", "source": row.source,
                  "target": row.target}, as_of="2027-09-01")
            for row in ends.astype("str").itertuples()
        ]  # fmt: skip
        both = [
            plan(
                {"do": "renew", "years": 1, "relation": "assists", "source": row.source,
                 "target": row.target},
                {"do": "leave", "school": drawn[-3 - number]},
                as_of="2027-09-01",
            )
            for number, row in enumerate(ends.astype("str").itertuples())
        ]  # fmt: skip
        span = {"from": "2026-09-01", "until": "2027-09-01"}
        every = [
            plan({"do": "renew", "years": years, **span}, as_of="2027-09-01")
            for years in range(1, given.repeat + 1)
        ]
        page = spent(lambda: feed(desk, asked))
        again = spent(lambda: feed(desk, {**asked, "as_of": "2026-03-15"}))
    rows = [
        ("another day, every school's rung", days, DAY),
        ("a core leaves", leaves, PLAN),
        ("three cores leave, two pairs come", mixed, PLAN),
        ("an agreement is renewed", renewed, PLAN),
        ("an agreement is renewed, a core leaves", both, PLAN),
        ("all that ends within a year is renewed", every, PLAN),
    ]
    lines = [
        "What the page of `liantu serve` asks of a generated province, as its worker answers it,",
        "JSON included; processor time, medians. `python benchmarks/serve.py` writes this.",
        "",
        f"- Machine: {machine('pandas', 'numpy', 'numba')}",
        f"- Date: {date.today()}",
        f"- Data: `liantu generate --schools {given.schools} --seed 5`",
        "",
        "| question | s | goal | reached |",
        "|---|---:|---:|---|",
        *(
            f"| {name} | {median(found):.2f} | {goal} | "
            f"{'yes' if median(found) <= goal else '**missed**'} |"
            for name, found, goal in rows
        ),
        "",
        f"The first question of all took {first:.1f} s, the data of the page over 36 months",
        f"{page:.1f} s, the same from another day {again:.1f} s.",
        "Renewing all at once changes eight relations, whose ties are then derived again; what is",
        "renewed row by row changes one. The clock of a busy machine is not in these figures.",
    ]
    print(*lines, sep="\n")
    write_part("Served page", lines)


if __name__ == "__main__":
    main()
