"""A county small enough to work out by hand, and a way to run the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from reading_once import reading_once

from liantu.cli import main

# Three rural schools: 0131 is helped by 0130, the others by nobody; 0133 bears a formula for a name.
TABLES = {
    "regions.csv": "id,name,parent,level\nc,试验县,,county\nt,东镇,c,township\n",
    "schools.csv": (
        "id,name,region,stage,urban_rural,pupils\n"
        "0130,中心小学,c,primary,111,900\n"
        "0131,东村小学,t,primary,220,120\n"
        "0132,西村小学,t,primary,220,\n"
        "0133,=山中,t,junior,210,80\n"
    ),
    "assists.csv": "source,target,form,start,end\n0130,0131,paired,2021-09-01,2024-08-31\n",
    "teachers.csv": "id,name,subject\nt1,张三,math\n东村小学/李四,李四,art\n",
    "works_at.csv": "source,target\nt1,0130\n东村小学/李四,0131\n",
    "mentors.csv": "source,target,start\nt1,东村小学/李四,2022-03-01\n",
    "network.toml": 'title = "试验县"\nas_of = "2022-05-11"\n',
}


class Run(NamedTuple):
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return a folder of tables, its name with a blank and Chinese."""
    folder = tmp_path / "名单 一"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture
def liantu(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., Run]]:
    """Return a function that runs ``liantu`` in English in an empty folder.

    Equal tables are read once for all of these tests: reading is the matter of tests/loaders.
    """
    reading_once(monkeypatch)
    for name in ("LIANTU_LANG", "LC_ALL", "LC_MESSAGES", "_LIANTU_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def run(*args: object) -> Run:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        return Run(code, *capsys.readouterr())

    yield run
