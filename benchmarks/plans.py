"""What answers of plans cost: one function a job, each with its part of the page.

`python benchmarks/plans.py resilience` measures one of them, without a name all. Processor time.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from page import machine, write_part

import liantu
from liantu.graph.backup import backup
from liantu.graph.kernels import Graph, pick
from liantu.graph.study import study
from liantu.graph.worst import greedy, lost_with, worst
from liantu.loaders.generate import generate

COPIES = 25  # provinces of a nation
DRAWN = 20  # supporters that the loop takes out


def spent(job: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    found = job()
    return time.process_time() - begin, found


def province() -> liantu.Network:
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "region", schools=20_000, seed=5)
        network = liantu.read(Path(folder) / "region")
        for name in network.frames:
            network.frame(name)
    return network


def resilience() -> None:
    """Who falls with whom: all supporters at once, against a loop that takes one out each time."""
    network, kernels = province(), pick("fast")
    day, known = network.as_of, study(network)
    ties = known.tie_set(day)
    families, _ = known.parents(day)
    backup(known, ties, kernels, size=1)
    backup(known, ties, kernels, size=1, hops=2)

    runs = [spent(lambda: backup(known, ties, kernels, size=1)) for _ in range(5)]
    found = runs[0][1]
    ours = float(np.median([seconds for seconds, _ in runs]))
    reaching = float(
        np.median(
            [spent(lambda: backup(known, ties, kernels, size=1, hops=2))[0] for _ in range(5)]
        )
    )
    three = backup(known, ties, kernels, size=3).needs
    sets = [(size, *spent(lambda m=size: worst(three, m))) for size in (2, 3)]

    # NetworkX: lifting ties and affiliations; covered is who can be reached from a supporter
    lifting = (ties.in_force & ties.ties.lifts) | ties.active
    _, roles = known.cores(day)
    heirs = nx.DiGraph(zip(families.source.tolist(), families.target.tolist(), strict=True))
    pairs = set(
        zip(ties.ties.source[lifting].tolist(), ties.ties.target[lifting].tolist(), strict=True)
    )

    def covered(gone: int) -> set[int]:
        held = {target for source, target in pairs if source != gone}
        held |= set(np.flatnonzero(roles).tolist()) - {gone}
        for school in held & set(heirs):
            held = held | nx.descendants(heirs, school)
        return held

    before, drawn = (
        covered(-1),
        np.random.default_rng(1).choice(found.leavers, DRAWN, replace=False),
    )
    loop, after = spent(lambda: [covered(int(leaver)) for leaver in drawn])
    same = 0
    for leaver, left in zip(drawn.tolist(), after, strict=True):
        lost = before - left - {leaver}
        same += lost == set(np.flatnonzero(found.fallen([leaver])).tolist())
    each = loop / DRAWN
    print("agree", same, "of", DRAWN)
    lines = [
        "Who is lost with whom in a generated province, after the ties, warm: every supporter at",
        "once, against a loop over NetworkX that takes one out and asks again who is covered",
        f"({DRAWN} drawn supporters, times their number; they agree in {same} of {DRAWN}, for in",
        "the loop an alliance never loses its last other member).",
        "Processor time, medians of five. `python benchmarks/plans.py resilience` writes this.",
        "",
        f"- Machine: {machine('numpy', 'scipy', 'networkx')}; load {os.getloadavg()[0]:.1f}",
        f"- Date: {date.today()}",
        f"- Data: `liantu generate --schools 20000 --seed 5`, {len(found.leavers)} supporters,",
        f"  {int(ties.current.sum())} ties; nation: {COPIES} copies of its arrays",
        "",
        "| job | liantu s | NetworkX loop s | goal | reached |",
        "|---|---:|---:|---|---|",
        f"| all supporters, province | {ours:.3f} | {each * len(found.leavers):.0f} | < 0.1 s | "
        f"{'yes' if ours < 0.1 else '**missed**'} |",
        f"| all cores within two ties, province | {reaching:.3f} | – | < 0.1 s | "
        f"{'yes' if reaching < 0.1 else '**missed**'} |",
    ]
    for size, seconds, leaving in sets:
        lost, less = lost_with(three, leaving), lost_with(three, greedy(three, size))
        lines.append(f"| worst {size}: {lost} lost, {less} in turn | {seconds:.2f} | – | – | – |")
    lines += nation(known, ties)
    print(*lines, sep="\n")
    write_part("Resilience", lines)


def nation(known: Any, ties: Any) -> list[str]:
    """Return the rows of a nation, whose arrays are those of a province many times."""
    from dataclasses import fields, replace

    every, size = ties.ties, ties.ties.schools
    rest = every.nodes - size

    def moved(codes: np.ndarray, copy: int) -> np.ndarray:
        """Number schools of all copies first, then all other nodes."""
        other = COPIES * size + copy * rest + codes - size
        return np.where(codes < size, codes + copy * size, other)

    def graph(one: Graph) -> Graph:
        ends = (
            np.concatenate([moved(x, c) for c in range(COPIES)]) for x in (one.source, one.target)
        )
        return Graph(COPIES * every.nodes, *ends)

    many = {}
    for field in fields(every):
        value = getattr(every, field.name)
        if isinstance(value, np.ndarray):
            many[field.name] = np.tile(value, COPIES)
    for end in ("source", "target"):
        many[end] = np.concatenate([moved(getattr(every, end), c) for c in range(COPIES)])
        many[end] = many[end].astype(np.int32)
    order = np.lexsort((many["target"], many["source"]))
    long = [key for key, value in many.items() if len(value) == len(order)]
    many |= {key: many[key][order] for key in long}
    whole = replace(every, schools=COPIES * size, nodes=COPIES * every.nodes, **many)
    masks = {
        key: np.tile(getattr(ties, key), COPIES)[order]
        for key in ("in_force", "active", "recorded")
    }
    masks |= {key: np.tile(getattr(ties, key), COPIES) for key in ("opened", "loose", "gone")}
    big = replace(ties, ties=whole, **masks)
    families, notes = known.parents(ties.day)
    members = known.members(ties.day)
    alliances = known.network.numbering.sizes["alliance"]
    parts = {key: np.tile(getattr(members, key), COPIES) for key in members.__dataclass_fields__}
    shift = np.repeat(np.arange(COPIES), len(members))
    parts["school"] = parts["school"] + shift * size
    parts["alliance"] = parts["alliance"] + shift * alliances

    class Nation:
        network = type(
            "Sizes", (), {"numbering": type("N", (), {"sizes": {"alliance": alliances * COPIES}})}
        )

        def parents(self, *_: Any) -> Any:
            return graph(families), notes

        def cores(self, *_: Any) -> Any:
            return tuple(np.tile(mask, COPIES) for mask in known.cores(ties.day))

        def members(self, *_: Any) -> Any:
            return type(members)(**parts)

    copied: Any = Nation()
    big.graph.out  # noqa: B018  rows are sorted once, with the ties
    rows = []
    for words, options in (("all supporters", {}), ("all cores within two ties", {"hops": 2})):
        backup(copied, big, pick("fast"), size=1, **options)
        seconds, found = spent(lambda o=options: backup(copied, big, pick("fast"), size=1, **o))
        one = backup(known, ties, pick("fast"), size=1, **options)
        assert len(found.needs.school) == COPIES * len(one.needs.school)
        reached = "yes" if seconds < 3 else "**missed**"
        rows.append(f"| {words}, nation | {seconds:.2f} | – | < 3 s | {reached} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        *rows,
        "",
        f"Peak memory of the whole run, province and nation: {peak:.0f} MiB (goal ≤ 3 GiB).",
    ]


JOBS = {"resilience": resilience}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", choices=[*JOBS, []], default=[])
    for name in parser.parse_args().jobs or JOBS:
        JOBS[name]()


if __name__ == "__main__":
    main()
