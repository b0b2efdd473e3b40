"""A nation: copies of a generated province, read from CSV into a store and asked from there.

Processor time and peak memory of whole commands in fresh processes, in turn with polars reading
the same files, all columns (group `bench`). The province keeps its names; ids are told apart.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from string import ascii_uppercase

from page import machine, write_part
from whole import COMMAND, Spent, spent

IDS = ("id", "source", "target", "region", "parent", "home", "mentor_school", "mentee_school")
READ = """
import sys, polars
from pathlib import Path
tables = [polars.read_csv(p, infer_schema_length=10000) for p in Path(sys.argv[1]).glob("*.csv")]
"""
ASKED = ("coverage", "reach", "expiry", "timeline", "ties")
TIME, MEMORY = 60, 3072  # to reach: seconds of an analysis, MiB of any command


def copied(province: Path, folder: Path, copies: int) -> None:
    """Write copies of a province one below the other, a letter before each id."""
    import polars

    folder.mkdir()
    for path in sorted(province.glob("*.csv")):
        table = polars.read_csv(path, infer_schema=False)
        ids = [polars.col(name) for name in table.columns if name in IDS]
        with (folder / path.name).open("wb") as file:
            for letter in ascii_uppercase[:copies]:
                own = table.with_columns(polars.lit(letter) + each for each in ids)
                file.write(own.write_csv(include_header=letter == "A").encode())
    said = (province / "network.toml").read_text(encoding="utf-8").splitlines(True)
    unsealed = "".join(line for line in said if not line.startswith("#"))
    (folder / "network.toml").write_text(unsealed, encoding="utf-8")


def better(command: Sequence[str | Path], repeat: int) -> Spent:
    """Return the middle of some runs by time, and by memory."""
    runs = [spent(command) for _ in range(repeat)]
    seconds, mib = (median(getattr(run, key) for run in runs) for key in ("seconds", "mib"))
    return Spent(seconds, mib, runs[-1].said)


def met(fact: bool) -> str:
    return "yes" if fact else "**missed**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--copies", type=int, default=25)
    given = parser.parse_args()
    lines = ["| job | liantu s | liantu MiB | to reach |", "|---|---:|---:|---|"]
    with tempfile.TemporaryDirectory() as place:
        province, folder, store = (Path(place) / name for name in ("province", "nation", "store"))
        spent([*COMMAND, "generate", province, "--schools", "20000", "--seed", "5"])
        copied(province, folder, given.copies)
        shutil.rmtree(province)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        polars = better([sys.executable, "-c", READ, folder], given.repeat)
        own = better([*COMMAND, "import", folder, store], given.repeat)
        ratio = own.seconds / polars.seconds
        theirs = f"polars reads all columns in {polars.seconds:.1f} s, {polars.mib:.0f} MiB"
        lines.append(
            f"| `import` of the CSV into a store; {theirs} | {own.seconds:.1f} | {own.mib:.0f} | "
            f"≤ 4 × its time: {ratio:.1f} – {met(ratio <= 4)}; ≤ 3 GiB – {met(own.mib <= MEMORY)} |"
        )
        for name in ASKED:
            output = Path(place) / f"{name}.csv"
            asked = [*COMMAND, name, store, "--format", "csv", "-o", output]
            found = better(asked, given.repeat)
            lines.append(
                f"| `{name}` from the store to CSV | {found.seconds:.1f} | {found.mib:.0f} | "
                f"under a minute – {met(found.seconds <= TIME)}; "
                f"≤ 3 GiB – {met(found.mib <= MEMORY)} |"
            )
    lines = [
        "Processor time and peak memory of whole commands in fresh processes, medians of",
        f"{given.repeat} runs. `python benchmarks/nation.py` (group `bench`) writes this.",
        "",
        f"- Machine: {machine('pandas', 'pyarrow', 'polars')}",
        f"- Date: {date.today()}",
        f"- Data: {given.copies} copies of `liantu generate --schools 20000 --seed 5`, ids told",
        f"  apart by a letter; {size:.0f} MB of CSV",
        "",
        *lines,
        "",
        "The import takes the road for large folders without anything odd: batches of text, codes",
        "by column. A folder that holds anything to repair or to ask is read as text as a whole,",
        "with several times the time and memory. No script of polars and arrays was run beside the",
        "analyses.",
    ]
    print(*lines, sep="\n")
    write_part("A nation", lines)


if __name__ == "__main__":
    main()
