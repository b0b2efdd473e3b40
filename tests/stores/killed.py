"""Kills writers of a folder and looks at what they leave; run by `test_parquet.py`.

This process only forks: a child writes, is killed, and another child looks at the folder.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from liantu.graph.network import Network
from liantu.loaders.generate import region
from liantu.stores.manifest import GENERATION
from liantu.stores.parquet import ParquetStore


def networks() -> tuple[Network, Network]:
    """Return two networks that share every id, so that a mixture of them could be read."""
    made = region(40, seed=1)
    frames = {name: made[name] for name in ("region", "school", "alliance", "member_of")}
    other = {**frames, "school": frames["school"].assign(pupils=7)}
    other["member_of"] = frames["member_of"].assign(agreement="乙")
    return Network.from_frames(frames, title="甲"), Network.from_frames(other, title="乙")


def child(work: Callable[[], None]) -> int:
    """Run a piece of work in a process of its own and return its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def ended_well(pid: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def write_on(folder: Path, both: tuple[Network, Network]) -> None:
    with ParquetStore(folder) as store:
        while True:
            for network in both:
                store.write(network)


def look(folder: Path, known: dict[str, str]) -> None:
    """Read the folder; its data, worked out anew, must be that of the network it names."""
    with ParquetStore(folder) as store:
        found = store.read()
    again = Network(found.frames, as_of=None, title="", report=found.report)
    if known[found.title] != again.fingerprint or found.fingerprint != again.fingerprint:
        raise AssertionError(f"“{found.title}” is mixed")


def main(folder: Path, times: int) -> None:
    """Print how often a killed writer left rows behind, and which networks were found."""
    first, second = networks()
    known = {network.title: network.fingerprint for network in (first, second)}
    for _ in range(2):  # the second says how long a write takes
        begin = time.monotonic()
        if not ended_well(child(lambda: ParquetStore(folder).write(first))):
            raise SystemExit("the first write failed")
    whole = time.monotonic() - begin
    chance, broken, seen = random.Random(7), 0, set()
    for number in range(times):
        both = (first, second) if number % 2 else (second, first)
        writer = child(lambda both=both: write_on(folder, both))
        time.sleep(chance.uniform(0.2, 1.5) * whole)
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit("a writer ended by itself")
        if not ended_well(child(lambda: look(folder, known))):
            raise SystemExit(f"after kill {number} the folder is damaged")
        broken += len(list(folder.glob(GENERATION))) > 1
        seen.add("甲" if '"title": "甲"' in (folder / "liantu.json").read_text("utf-8") else "乙")
    writer = child(lambda: write_on(folder, (first, second)))  # and readers beside a writer
    readers = [child(lambda: [look(folder, known) for _ in range(10)] and None) for _ in range(2)]
    well = [ended_well(reader) for reader in readers]
    os.kill(writer, signal.SIGKILL)
    _, status = os.waitpid(writer, 0)
    ParquetStore(folder).write(first)  # what all of them left goes
    if len(list(folder.glob(GENERATION))) != 1:
        raise SystemExit("rows of killed writers were left behind")
    if not all(well) or not os.WIFSIGNALED(status):
        raise SystemExit("a reader beside a writer failed")
    print(broken, len(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
