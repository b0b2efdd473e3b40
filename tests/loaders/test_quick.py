"""Large folders are read as codes where nothing is odd; what comes out is what any list gives."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from liantu.graph import schema
from liantu.loaders import batches, examine, quick
from liantu.loaders.generate import generate
from liantu.stores import open_store

Lines = list[list[str]]


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quick") / "region"
    generate(folder, schools=24, seed=2)
    return folder


@pytest.fixture
def every(monkeypatch):
    """Take the quick road whatever the size, a few lines at a time."""
    monkeypatch.setattr(quick, "LARGE", 0)
    monkeypatch.setattr(batches, "BATCH", 600)


def changed(region: Path, folder: Path, change: Callable[[str, Lines], None]) -> Path:
    """Return a copy of a region whose files a function has changed line by line."""
    folder.mkdir()
    for path in sorted(region.iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".csv":
            lines = [line.split(",") for line in text.splitlines()]
            change(path.stem, lines)
            text = "".join(",".join(cells) + "\n" for cells in lines)
        elif path.name == "network.toml":  # not sealed any more
            text = "".join(line for line in text.splitlines(True) if not line.startswith("#"))
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def both(folder: Path, monkeypatch, *, taken: bool | None = None) -> None:
    """Read a folder either way and compare all there is to compare."""
    found, report = examine(folder)
    assert quick_road(found) == taken or taken is None
    with monkeypatch.context() as patched:
        patched.setattr(quick, "LARGE", 1 << 60)
        other, told = examine(folder)
    assert report == told
    assert (found is None) == (other is None)
    if found is None or other is None:
        return
    assert not quick_road(other)
    for name in schema.tables():
        pd.testing.assert_frame_equal(found.frames[name], other.frames[name])
    assert found.fingerprint == other.fingerprint


def quick_road(network) -> bool:
    return network is not None and network.frames.numbers("assists", "source") is not None


def nothing(name: str, lines: Lines) -> None:
    pass


def shuffled(name: str, lines: Lines) -> None:
    rest = lines[1:]
    random.Random(name).shuffle(rest)
    lines[1:] = rest


def in_words(name: str, lines: Lines) -> None:
    words = {"primary": "小学", "junior": "初中", "school": "学校", "teacher": "教师", "true": "是",
             "core": "核心校", "paired": "结对"}  # fmt: skip
    for cells in lines[1:]:
        cells[:] = [words.get(cell, cell) for cell in cells]


def in_chinese(name: str, lines: Lines) -> None:
    lines[0] = [{"stage": "学段", "start": "开始日期"}.get(cell, cell) for cell in lines[0]]


def repeated(name: str, lines: Lines) -> None:
    if schema.tables()[name].nature in ("state", "event"):
        lines += [list(cells) for cells in lines[1:3]]


def without_dates(name: str, lines: Lines) -> None:
    for key in {"start", "end", "synthetic", "provenance"}.intersection(lines[0]):
        place = lines[0].index(key)
        for cells in lines:
            del cells[place]


def half_empty(name: str, lines: Lines) -> None:
    optional = ("name", "stage", "pupils", "start", "form", "synthetic", "region", "lon", "subject")
    for cells in lines[1::2]:
        for key in set(optional).intersection(lines[0]):
            cells[lines[0].index(key)] = ""


def late(name: str, lines: Lines) -> None:
    for key in {"date", "opened"}.intersection(lines[0]):
        for cells in lines[1:4]:
            cells[lines[0].index(key)] = "2031-05-06"


def same_ids(name: str, lines: Lines) -> None:
    """Give a centre the id of a teacher, which is looked up first among the ends of some ties."""
    for cells in lines[1:]:
        cells[:] = ["T0000001" if cell == "C00001" else cell for cell in cells]


SOUND = {
    "rows in any order, some twice": (shuffled, repeated),
    "words of a planner": (in_words, in_chinese, half_empty),
    "columns left out": (without_dates, late),
}


@pytest.mark.parametrize("case", SOUND)
@pytest.mark.usefixtures("every")
def test_sound_lists_are_read_as_codes(case, region, tmp_path, monkeypatch):
    def change(name: str, lines: Lines) -> None:
        for one in SOUND[case]:
            one(name, lines)

    both(changed(region, tmp_path / "region", change), monkeypatch, taken=True)


@pytest.mark.usefixtures("every")
def test_ids_that_several_kinds_share_are_no_trap(region, tmp_path, monkeypatch):
    both(changed(region, tmp_path / "region", same_ids), monkeypatch)


ODD = [
    "", " ", " x", "x ", "\u3000", "1.0", "-1", "1,5", '"a,b"', "查无此校", "合计", "小计3", "2021年9月",
    "2021-9-1", "20210901", "2021-02-30", "2021.9-2022.7", "三年", "至今", "30余人", "#REF!", "Err:502", "〃", "同上", "''",
    "110101199003074514", "电话13800000001", "示例-S1", "EXAMPLE-T1", "甲、乙", "甲/乙", "T0000001 ",
    "Ｔ0000001", "2199000001", "T0000001", "A00001", "99", "id", "source", "name", "TRUE", "yes", "primary",
    "190", "1e3", "填表人：王", "x" * 700, "\ufeff", "\x1f", '"', "'", "\r", "true", "school", "teacher",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60 if os.environ.get("LIANTU_LONG") else 4))
@pytest.mark.usefixtures("every")
def test_odd_cells_are_told_alike(seed, region, tmp_path, monkeypatch):
    rng = random.Random(seed)
    names = sorted(path.stem for path in region.glob("*.csv"))
    tables = set(rng.sample(names, 2))

    def damage(name: str, lines: Lines) -> None:
        if name in tables:
            cells = lines[rng.choice([0, 1, -1, rng.randrange(len(lines))])]
            cells[rng.randrange(len(cells))] = rng.choice(ODD)

    both(changed(region, tmp_path / "region", damage), monkeypatch)


@pytest.mark.usefixtures("every")
def test_stores_and_their_networks_are_the_same(region, tmp_path):
    folder = changed(region, tmp_path / "region", shuffled)
    network, _ = examine(folder)
    assert quick_road(network)
    with open_store(tmp_path / "net.liantu") as store:
        store.write(network)
        kept = store.read()
    for name in schema.tables():
        pd.testing.assert_frame_equal(kept.frames[name], network.frames[name])
    assert kept.fingerprint == network.fingerprint


def test_small_folders_take_the_usual_road(region, tmp_path):
    network, _ = examine(changed(region, tmp_path / "region", nothing))
    assert not quick_road(network)
