"""A nation: copies of a generated province, read from CSV into a store and asked from there.

Processor time and peak memory of whole commands in fresh processes, in turn with polars reading
the same files, all columns, and with a script of polars and arrays on the files of the store
(group `bench`). The province keeps its names; ids are told apart. The counts must be equal.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from page import ROOT, machine, write_part
from whole import COMMAND, compared, spent

IDS = ("id", "source", "target", "region", "parent", "home", "mentor_school", "mentee_school")
READ = """
import sys, polars
from pathlib import Path
types = {"value": polars.Float64}  # the first figures are whole numbers
tables = [polars.read_csv(p, schema_overrides=types) for p in Path(sys.argv[1]).glob("*.csv")]
"""
ASKED = ("coverage", "reach", "expiry", "timeline", "ties")
PLANNED = ("resilience", "load", "equity", "pairing")  # no script does these by hand
HAND = ROOT / "benchmarks" / "by_hand_nation.py"
TIME, MEMORY = 60, 3072  # to reach: seconds of an analysis, MiB of any command


def copied(province: Path, folder: Path, copies: int) -> None:
    """Write copies of a province one below the other, a letter before each id."""
    import polars

    folder.mkdir()
    for path in sorted(province.glob("*.csv")):
        table = polars.read_csv(path, infer_schema=False)
        ids = [name for name in table.columns if name in IDS]
        with (folder / path.name).open("wb") as file:
            for letter in ascii_uppercase[:copies]:
                own = table.with_columns(
                    polars.format(letter + "{}", each).alias(each) for each in ids
                )
                file.write(own.write_csv(include_header=letter == "A").encode())
    said = (province / "network.toml").read_text(encoding="utf-8").splitlines(True)
    unsealed = "".join(line for line in said if not line.startswith("#"))
    (folder / "network.toml").write_text(unsealed, encoding="utf-8")


def counts(path: Path) -> dict[str, object]:
    """Return the summary that a result keeps in its file."""
    import pyarrow.parquet as pq

    found: dict[str, object] = json.loads(pq.read_schema(path).metadata[b"liantu"])["summary"]
    return found


def met(fact: bool) -> str:
    return "yes" if fact else "**missed**"


def row(name: str, found: dict[str, Any], times: float, under: float | None = None) -> str:
    """Return a line of the table, with what was reached of the goals."""
    ratio, (seconds, mib) = found["ratio"][0], found["ours"]
    goals = [f"≤ {times:g} × its time: {ratio:.2f} – {met(ratio <= times)}"]
    if under is not None:
        goals.append(f"under a minute – {met(seconds <= under)}")
    goals.append(f"≤ 3 GiB – {met(mib <= MEMORY)}")
    cells = [f"{s:.1f} | {m:.0f}" for s, m in (found["ours"], found["theirs"])]
    return f"| {name} | {' | '.join(cells)} | {'; '.join(goals)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--copies", type=int, default=25)
    given = parser.parse_args()
    lines = [
        "| job | liantu s | liantu MiB | by hand s | by hand MiB | to reach |",
        "|---|---:|---:|---:|---:|---|",
    ]
    with tempfile.TemporaryDirectory() as place:
        province, folder, store = (Path(place) / name for name in ("province", "nation", "store"))
        spent([*COMMAND, "generate", province, "--schools", "20000", "--seed", "5"])
        copied(province, folder, given.copies)
        shutil.rmtree(province)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        reading = [sys.executable, "-c", READ, folder]
        own = [*COMMAND, "import", folder, store]
        lines.append(
            row("`import` of the CSV into a store", compared(own, reading, given.repeat), 4)
        )
        for name in ASKED:
            output, theirs = Path(place) / f"{name}.parquet", Path(place) / "by_hand.parquet"
            asked = [*COMMAND, name, store, "-o", output]
            found = compared(asked, [sys.executable, HAND, name, store, theirs], given.repeat)
            ours = counts(output)
            said = json.loads(found["said"][1])
            assert said == {key: ours[key] for key in said}, (ours, said)
            lines.append(row(f"`{name}` from the store to Parquet", found, 2, TIME))
        planned = ["| command | s | MiB |", "|---|---:|---:|"]
        for name in PLANNED:
            more = ["--budget", "1000000"] if name == "pairing" else []
            run = spent([*COMMAND, name, store, *more, "-o", Path(place) / f"{name}.parquet"])
            planned.append(f"| `{name}` | {run.seconds:.1f} | {run.mib:.0f} |")
    lines = [
        "Processor time and peak memory of whole commands in fresh processes, in turn with polars",
        "reading all columns of the same CSV, and with a script of polars and arrays on the files",
        "of the same store (`benchmarks/by_hand_nation.py`) that gives the same counts and checks",
        f"nothing. Medians of {given.repeat} runs. `python benchmarks/nation.py` (group `bench`)",
        "writes this.",
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
        "with several times the time and memory.",
        "",
        "Answers of plans from the same store to Parquet, one run each, without a twin by hand:",
        "",
        *planned,
    ]
    print(*lines, sep="\n")
    write_part("A nation", lines)


if __name__ == "__main__":
    main()
