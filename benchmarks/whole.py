"""Whole commands in fresh processes, in turn with a script of pandas and NetworkX for the same.

Processor time and peak memory of each process; what is to be read are the ratios of paired runs.
The counts must be equal.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from page import ROOT, machine, write_part

# This process stays small: the peak of a process begins with that of the one that started it.
BOTH = """
import json, sys, liantu
network = liantu.read(sys.argv[1])
found = liantu.coverage(network).summary | liantu.reach(network).summary
keys = "in_scope", "covered", "supporters", "schools_reached"
print(json.dumps({key: found[key] for key in keys}))
"""
HAND = ROOT / "benchmarks" / "by_hand.py"
COMMAND: list[str | Path] = [sys.executable, "-m", "liantu"]


class Spent(NamedTuple):
    """What a process took, and what it printed."""

    seconds: float
    mib: float
    said: str


def spent(command: Sequence[str | Path]) -> Spent:
    """Run a command in a process of its own."""
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "liantu-compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=ROOT, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0, command
        out.seek(0)
        seconds = usage.ru_utime + usage.ru_stime
        return Spent(seconds, usage.ru_maxrss / 1024, out.read().decode())


def compared(
    ours: Sequence[str | Path], theirs: Sequence[str | Path], repeat: int
) -> dict[str, Any]:
    """Run two commands in turn; medians, and the median of the ratios of the pairs."""
    pairs = [(spent(ours), spent(theirs)) for _ in range(repeat + 1)][1:]  # the first warms files
    first, second = zip(*pairs, strict=True)
    return {
        "ours": [median(run.seconds for run in first), median(run.mib for run in first)],
        "theirs": [median(run.seconds for run in second), median(run.mib for run in second)],
        "ratio": [
            median(own.seconds / other.seconds for own, other in pairs),
            median(own.mib / other.mib for own, other in pairs),
        ],
        "said": [first[0].said, second[0].said],
    }


def row(name: str, found: dict[str, Any], goal: float, memory: float | None) -> str:
    seconds, mib = found["ratio"]
    met = [f"≤ {goal} × its time: {seconds:.2f} – {'yes' if seconds <= goal else '**missed**'}"]
    if memory:
        met.append(
            f"≤ {memory} × its memory: {mib:.2f} – {'yes' if mib <= memory else '**missed**'}"
        )
    cells = [f"{found[who][0]:.2f} | {found[who][1]:.0f}" for who in ("ours", "theirs")]
    return f"| {name} | {' | '.join(cells)} | {'; '.join(met)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--schools", type=int, default=20_000)
    given = parser.parse_args()
    lines = [
        "| job | liantu s | liantu MiB | by hand s | by hand MiB | to reach |",
        "|---|---:|---:|---:|---:|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        places = {"province": Path(folder) / "province", "county": Path(folder) / "county"}
        for name, schools in (("province", given.schools), ("county", 160)):
            spent([*COMMAND, "generate", places[name], "--schools", str(schools), "--seed", "5"])
        both: list[str | Path] = [sys.executable, "-c", BOTH]
        for name, place in places.items():
            found = compared([*both, place], [sys.executable, HAND, place], given.repeat)
            ours, theirs = map(json.loads, found["said"])
            assert ours == theirs, (ours, theirs)
            province = name == "province"
            goals = (0.8, 1.2) if province else (1.1, None)
            lines.append(row(f"coverage and reach from CSV, {name}", found, *goals))
        county = places["county"]
        command = [*COMMAND, "coverage", county]
        found = compared(command, [sys.executable, HAND, county], given.repeat)
        lines.append(row("`liantu coverage` of a county from CSV", found, 1.1, None))
    imports: list[str | Path] = [sys.executable, "-c", "import pandas, click"]
    found = compared([*COMMAND, "--help"], imports, given.repeat)
    lines.append(row("`liantu --help`, against importing pandas and click", found, 1.3, None))
    print(*lines, sep="\n")
    lines = [
        "Whole commands in fresh processes, in turn with a script of pandas and NetworkX",
        "(`benchmarks/by_hand.py`) that gives the same counts and checks nothing. Medians of",
        "processor time and of the peaks of memory; ratios are medians over paired runs, for the",
        "machine had other work to do. `python benchmarks/whole.py` writes this.",
        "",
        f"- Machine: {machine('pandas', 'pyarrow', 'networkx')}",
        f"- Date: {date.today()}",
        f"- Data: `liantu generate --seed 5` with `--schools {given.schools}` and `--schools 160`",
        "",
        *lines,
        "",
        "The script reads only the ten tables that it needs, neither teachers nor figures, and",
        "believes them; liantu reads, types, checks and hashes all seventeen. Of a province,",
        "reading takes about half of our time, coverage a third; the rest is loading libraries. Of",
        "a county, loading, reading and coverage take about a third each: mostly the fixed cost of",
        "many small steps of pandas and narwhals.",
    ]
    write_part("Whole commands", lines)


if __name__ == "__main__":
    main()
