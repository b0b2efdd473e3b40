"""Running cases and judging them, for both files of tests."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from hostile.cases import Case, Source
from hostile.commands import fed, readers
from hostile.contract import Run, Runner, broken, snapshot
from long import LONG, some

FEW = 4  # of a family fewer are all taken
MANY = 8  # commands of a case


def chosen(themes: Iterable[ModuleType]) -> list[Case]:
    """Return the cases of this run: of a large family the short one takes every second, third …"""
    cases = [case for theme in themes for case in theme.cases()]
    names = [case.name for case in cases]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    if LONG:
        return cases
    short = [case for case in cases if not case.long]
    families: dict[str, list[Case]] = {}
    for case in short:
        families.setdefault(case.name.split("-")[0], []).append(case)
    steps = {name: 1 + min(len(family) // FEW, 5) for name, family in families.items()}
    taken = {case.name for name, family in families.items() for case in family[:: steps[name]]}
    return [case for case in short if case.name in taken]


def judge(case: Case, runner: Runner, tmp_path: Path) -> None:
    """Run what a case is about and judge it; every fault of every command is told at once."""
    folder, aside = tmp_path / "case", tmp_path / "aside"
    folder.mkdir()
    faults = []
    wanted = _runs(case, folder)
    before = snapshot(folder)
    for each in wanted:
        found = runner(each, folder, aside)
        after = snapshot(folder)
        said = f"liantu {' '.join(word[:120] for word in each.args)}\n    "
        faults += [said + fault for fault in broken(each, found, before, after, aside)]
        before = after
    assert not faults, "\n".join(faults).encode("utf-8", "backslashreplace").decode()


def _runs(case: Case, folder: Path) -> list[Run]:
    """Return what a case runs: its own commands, or readers of its source.

    The short run takes one reader, by turns, and a few spread over many commands of its own. The
    long run takes all for the cases of the short one, and three for the many that only it has.
    """
    found = case.make(folder)
    if not isinstance(found, Source):
        return some(found, MANY)
    names, turn = readers(), zlib.crc32(case.name.encode())
    quick = [name for name in names if name not in ("check", "report")]
    turned = quick[turn % len(quick)]
    if LONG:
        taken = ["check", turned, quick[(turn + 7) % len(quick)]] if case.long else names
    else:
        taken = ["check" if turn % 2 else turned]
    return [fed(name, found.args, turn // 2 + number) for number, name in enumerate(taken)]
