"""Whatever is asked, wherever it goes, whatever fails: every command keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import inputs_faults, inputs_options
from hostile.cases import LISTS, Case, county
from hostile.commands import fed, leaves
from hostile.contract import Runner
from hostile.judge import LONG, chosen, judge

CASES = chosen((inputs_options, inputs_faults))


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.name)[1:-1])
def test_whatever_is_asked(case: Case, runner: Runner, tmp_path: Path):
    judge(case, runner, tmp_path)


@pytest.mark.parametrize("turn", range(12 if LONG else 1))
@pytest.mark.parametrize("name", leaves())
def test_every_command(name: str, turn: int, runner: Runner, tmp_path: Path):
    def make(folder: Path):
        county(folder)
        return [fed(name, [LISTS], turn if LONG else len(name))]

    judge(Case(name, make), runner, tmp_path)
