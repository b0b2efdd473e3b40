"""Whatever is asked, wherever it goes, whatever fails: every command keeps the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile import inputs_faults, inputs_options
from hostile.cases import LISTS, SECOND, TABLES, Case, county
from hostile.commands import OUT, fed, leaves
from hostile.contract import Runner, run
from hostile.judge import chosen, judge
from long import LONG

ONE = "the key of one user"
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


def test_a_name_is_not_to_be_had_by_guessing(runner: Runner, tmp_path: Path):
    """Masked outputs of a guess differ from the true ones in pseudonyms, and those need a key."""
    prints, texts = set(), {}
    for name, key in ((SECOND, ONE), (SECOND, ONE[::-1]), (SECOND[:-1] + "问", ONE)):
        folder = tmp_path / str(len(texts))
        folder.mkdir()
        county(folder, {file: text.replace(SECOND, name) for file, text in TABLES.items()})
        env = (("LIANTU_KEY", key),)
        runner(run("export", LISTS, OUT, env=env), folder, tmp_path / "aside")
        told = runner(run("ties", LISTS, "--format", "json", env=env), folder, tmp_path / "aside")
        prints.add(json.loads(told.out)["fingerprint"])
        texts[name, key] = (folder / OUT / "works_at.csv").read_text(encoding="utf-8")
    assert len(prints) == 1
    assert len(set(texts.values())) == 3
