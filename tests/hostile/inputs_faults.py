"""Faults of the machine: closed streams, full disks, interrupts, places that cannot be written."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from hostile.cases import LISTS, TABLES, Case, put, small
from hostile.commands import MAKES, OUT, fed, leaves
from hostile.contract import Run, run

STREAMS = ("closed", "broken", "/dev/full")
WRITES = (
    ("ties", LISTS, "-o", f"{OUT}.csv"),
    ("ties", LISTS, "-o", f"{OUT}.xlsx"),
    ("coverage", LISTS, "-o", f"{OUT}.json"),
    ("export", LISTS, f"{OUT}.xlsx"),
    ("export", LISTS, f"{OUT}.json"),
    ("export", LISTS, f"{OUT}.graphml"),
    ("export", LISTS, f"{OUT}.gexf"),
    ("export", LISTS, f"{OUT}.cypher"),
    ("export", LISTS, OUT),
    ("import", LISTS, OUT),
    ("report", LISTS, "-o", f"{OUT}.html"),
    ("report", LISTS, "-o", f"{OUT}.md"),
    ("template", f"{OUT}.xlsx"),
    ("generate", OUT, "--schools", "40"),
    ("demo", "-o", f"{OUT}.html"),
)
# The entry point as pip writes it; SIGINT comes when a module is looked for.
INTERRUPTED = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == getattr(self, "name", ""):
            sys.meta_path.remove(finder)
            os.kill(os.getpid(), signal.SIGINT)
finder = Finder()
sys.meta_path.insert(0, finder)
from liantu.__main__ import run
sys.argv[1:], finder.name = sys.argv[2:], sys.argv[1]
sys.exit(run())
"""
IMPORTS = (
    "click",
    "liantu.commands._analysis",
    "pandas",
    "numpy",
    "liantu.loaders",
    "pyarrow",
    "liantu.analyses.ties",
    "scipy",
)


def cases() -> Iterator[Case]:
    """Return the cases of faults."""
    yield from _streams()
    yield from _full()
    yield from _interrupts()


def _streams() -> Iterator[Case]:
    for name in leaves():

        def short(folder: Path, name: str = name) -> list[Run]:
            put(folder / LISTS / "schools.csv", TABLES["schools.csv"])
            number = zlib.crc32(name.encode())
            plain = fed(name, [f"{LISTS}/schools.csv"], 4)
            return [
                plain._replace(stdout=STREAMS[number % 3]),
                run(*name.split(), "--help", stdout=STREAMS[(number + 1) % 3]),
            ]

        def every(folder: Path, name: str = name) -> list[Run]:
            small(folder)
            plain = fed(name, [LISTS], 4)
            runs = [plain._replace(stdout=stream) for stream in STREAMS]
            runs += [plain._replace(stderr=stream) for stream in STREAMS]
            runs += [plain._replace(stdout=stream, stderr=stream) for stream in STREAMS]
            return runs + [run(*name.split(), "--help", stdout=stream) for stream in STREAMS]

        yield Case(f"streams-{name}", short, long=name == "demo")
        yield Case(f"every-stream-{name}", every, True)

    def labels(folder: Path) -> list[Run]:
        small(folder)
        words = ("coverage", LISTS, "--format", "csv", "--labels")
        return [run(*words, stdout=stream) for stream in STREAMS]

    def bad(folder: Path) -> list[Run]:
        put(folder / "a.csv", b"\xff\xfe\x00")
        words = ("info", "a.csv", "--lang", "zh")
        return [run(*words, stderr=stream) for stream in STREAMS]

    def ascii_only(folder: Path) -> list[Run]:
        small(folder)
        env = (("PYTHONIOENCODING", "ascii"), ("LANG", "C"))
        return [run("ties", LISTS, "--format", kind, env=env) for kind in ("table", "json", "csv")]

    yield Case("labels-to-a-closed-stdout", labels)
    yield Case("problems-to-a-closed-stderr", bad)
    yield Case("console-of-ascii", ascii_only)


def _full() -> Iterator[Case]:
    """A full disk: no file grows beyond some bytes, then nothing is left of the output."""
    for number, words in enumerate(WRITES):
        if words[0] == "demo":
            continue  # what it prints would find no room either
        for size in (600, 4_096, 20_000):

            def make(folder: Path, words: tuple[str, ...] = words, size: int = size) -> list[Run]:
                small(folder)
                return [run(*words, makes=MAKES, file_bytes=size)]

            long = size != 600 and (number + size) % 5 > 0
            yield Case(f"full-disk-{size}-{'-'.join(words)}".replace("/", "-"), make, long)

    def replaced(folder: Path) -> list[Run]:
        small(folder)
        runs = []
        for words in WRITES[:8]:
            place = folder / words[-1]
            put(place, "old")
            runs.append(run(*words, makes=MAKES, file_bytes=600))
        return runs

    def no_temporary_folder(folder: Path) -> list[Run]:
        small(folder)
        env = (("TMPDIR", str(folder / "nowhere")), ("XDG_CACHE_HOME", "/proc/none"))
        return [run(*words, makes=MAKES, env=env) for words in WRITES if words[0] != "generate"]

    def no_home(folder: Path) -> list[Run]:
        small(folder)
        runs = []
        put(folder / "file", "x")
        for home in ("/proc/none", str(folder / "file")):
            env = (("XDG_CONFIG_HOME", home), ("HOME", home), ("LIANTU_KEY", ""))
            runs += [
                run("ties", LISTS, env=env),
                run("export", LISTS, f"{OUT}.json", env=env, makes=MAKES),
            ]
        return runs

    yield Case("full-disk-keeps-the-old", replaced)
    yield Case("no-temporary-folder", no_temporary_folder, True)
    yield Case("no-home", no_home)


def _interrupts() -> Iterator[Case]:
    times = (0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7)
    for number, words in enumerate(WRITES):

        def make(folder: Path, words: tuple[str, ...] = words, number: int = number) -> list[Run]:
            small(folder)
            return [run(*words, makes=MAKES, interrupt=times[number % len(times)])]

        def often(folder: Path, words: tuple[str, ...] = words) -> list[Run]:
            small(folder)
            return [run(*words, makes=MAKES, interrupt=after / 2) for after in range(0, 2)] + [
                run(*words, makes=MAKES, interrupt=after) for after in times
            ]

        name = "-".join(words).replace("/", "-")
        yield Case(f"interrupt-{name}", make)
        yield Case(f"interrupt-often-{name}", often, True)
    for number, module in enumerate(IMPORTS):

        def imports(folder: Path, module: str = module) -> list[Run]:
            put(folder / LISTS / "schools.csv", TABLES["schools.csv"])
            words = (module, "ties", f"{LISTS}/schools.csv")
            return [Run(words, script=INTERRUPTED, codes=(0, 1, 2, 130))]

        yield Case(f"interrupt-at-import-of-{module}", imports, number not in (0, 2, 3))
