"""The folder of Parquet files: what is in it, what is read of it, damage, writers."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hard import hard_network

import liantu
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.stores import open_store
from liantu.graph.stores.contents import GENERATION, MANIFEST


@pytest.fixture(scope="module")
def network() -> Network:
    return hard_network()


@pytest.fixture
def folder(tmp_path, network) -> Path:
    """Return a folder that keeps the hard network."""
    path = tmp_path / "net.liantu"
    open_store(path).write(network)
    return path


def files(folder: Path) -> dict[str, Path]:
    (rows,) = folder.glob(GENERATION)
    return {path.stem: path for path in rows.iterdir()}


def refused(folder: Path, **selection: object) -> str:
    """Return the one line that reading ends with."""
    with pytest.raises(RequestError) as told:
        open_store(folder).read(**selection)
    (line,) = told.value.lines()
    return line


def small(title: str = "") -> Network:
    return Network.from_frames({"school": pd.DataFrame({"id": ["a"]})}, title=title)


# -- what is in it ---------------------------------------------------------------------------


def test_one_file_a_table_that_any_program_can_read(folder, network):
    assert set(files(folder)) == set(schema.tables())  # the hard network has rows in each
    path = files(folder)["works_at"]
    kept = json.loads(pq.read_metadata(path).metadata[b"liantu"])
    assert kept == {"format": 1, "table": "works_at", "fingerprint": network.fingerprint}
    chunk = pq.read_metadata(path).row_group(0).column(0)
    assert (chunk.path_in_schema, chunk.compression) == ("source", "ZSTD")
    assert "RLE_DICTIONARY" in chunk.encodings
    plain = pq.read_table(path).to_pylist()
    assert [row["source"] for row in plain] == ["007", "007", "张三"]
    assert [str(row["start"]) for row in plain] == ["1969-09-01", "2021-09-01", "None"]


def test_only_tables_with_rows_have_files(tmp_path):
    open_store(tmp_path / "n").write(small())
    assert set(files(tmp_path / "n")) == {"school"}


# -- what is read of it ----------------------------------------------------------------------


def test_files_that_are_not_asked_for_are_not_read(folder, network):
    for name, path in files(folder).items():
        if name not in ("school", "assists"):
            path.unlink()
    found = open_store(folder).read(kinds=["school"], relations=["assists"])
    pd.testing.assert_frame_equal(found.relation("assists"), network.relation("assists"))
    assert "alliance.parquet" in refused(folder, kinds=["school", "alliance"])


def span(path: Path, column: str) -> tuple[int, int]:
    """Return the first byte of a column's values and their length."""
    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    (chunk,) = (chunk for chunk in chunks if chunk.path_in_schema == column)
    starts = [chunk.dictionary_page_offset, chunk.data_page_offset]
    return min(start for start in starts if start is not None), chunk.total_compressed_size


def flip(path: Path, place: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def test_columns_that_are_not_asked_for_are_not_read(folder, network):
    path = files(folder)["school"]
    start, length = span(path, "legal_person")
    data = bytearray(path.read_bytes())
    data[start : start + length] = bytes(length)
    path.write_bytes(data)
    found = open_store(folder).read(columns={"school": ["name", "pupils"]})
    for key in ("name", "pupils"):
        pd.testing.assert_series_equal(found.nodes("school")[key], network.nodes("school")[key])
    assert found.nodes("school")["legal_person"].isna().all()
    assert "school.parquet" in refused(folder)
    assert "school.parquet" in refused(folder, columns={"school": ["legal_person"]})


# -- damage ----------------------------------------------------------------------------------


def test_every_flipped_bit_is_found(folder):
    chance, found = random.Random(3), 0
    for name, path in files(folder).items():
        whole = path.read_bytes()
        places = [len(whole) - 1, len(whole) - 6, *chance.sample(range(4, len(whole)), 5)]
        first, length = span(path, "id" if name in schema.kinds() else "place")
        for place in (*places, first, first + 5, first + length - 1):  # the head of a page, its end
            flip(path, place, chance.randrange(8))
            line = refused(folder)
            assert f"{name}.parquet" in line
            assert "damaged" in line
            path.write_bytes(whole)
            found += 1
    assert found == 10 * len(schema.tables())
    assert open_store(folder).read().fingerprint == hard_network().fingerprint


@pytest.mark.parametrize("damage", ["truncated", "empty", "foreign", "missing"])
def test_a_file_that_is_not_what_was_written(folder, tmp_path, damage):
    path = files(folder)["assists"]
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "foreign":
        pd.DataFrame({"x": [1]}).to_parquet(path)
    else:
        path.unlink()
    line = refused(folder)
    assert "assists.parquet" in line
    assert f"liantu import SOURCE {folder}" in line
    with pytest.raises(RequestError, match=r"assists\.parquet"):
        open_store(folder).write(small(), merge=True)
    open_store(folder).write(small())  # importing again mends it
    assert len(open_store(folder).read()) == 1


def test_a_file_that_cannot_be_opened(folder):
    path = files(folder)["assists"]
    path.unlink()
    path.mkdir()
    assert "assists.parquet" in refused(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"title": "x"}'])
def test_a_manifest_that_is_not_what_was_written(folder, text):
    (folder / MANIFEST).write_text(text)
    assert MANIFEST in refused(folder)
    with pytest.raises(RequestError, match="damaged"):
        open_store(folder).about()
    open_store(folder).write(small())
    assert len(open_store(folder).read()) == 1


def test_every_flipped_bit_of_the_manifest_is_found(folder):
    path, chance = folder / MANIFEST, random.Random(5)
    whole = path.read_bytes()
    for place in chance.sample(range(len(whole)), 60):
        if not whole[place : place + 1].isspace():  # blanks between values say nothing
            flip(path, place, chance.randrange(8))
            line = refused(folder)
            assert "damaged" in line or "newer" in line
            path.write_bytes(whole)


def test_the_manifest_is_gone(folder):
    (folder / MANIFEST).unlink()
    with pytest.raises(RequestError, match=r"“liantu\.json” of the store .* is missing"):
        liantu.read(folder)


def test_a_newer_format(folder):
    path = folder / MANIFEST
    path.write_text(path.read_text("utf-8").replace('"format": 1', '"format": 2'), "utf-8")
    assert "newer version of liantu" in refused(folder)
    with pytest.raises(RequestError, match="newer version"):
        open_store(folder).write(small())


# -- writers ---------------------------------------------------------------------------------


def test_what_is_no_store_stays_untouched(tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "notes.txt").write_text("x")
    file = tmp_path / "file"
    file.write_text("x")
    for path in (taken, file):
        with pytest.raises(RequestError, match="is no store"):
            open_store(path).write(small())
    assert [path.name for path in taken.iterdir()] == ["notes.txt"]
    with pytest.raises(RequestError, match="no folder"):
        open_store(tmp_path / "no" / "where").write(small())


def test_an_empty_folder_becomes_a_store_and_files_beside_the_data_stay(tmp_path):
    open_store(tmp_path).write(small("甲"))
    (tmp_path / "claims.toml").write_text("")
    open_store(tmp_path).write(small("乙"))
    assert open_store(tmp_path).about()["title"] == "乙"
    assert (tmp_path / "claims.toml").is_file()
    assert len(list(tmp_path.glob(GENERATION))) == 1


def test_what_killed_writers_left_is_removed(folder):
    left = folder / "data-0123456789abcdef"
    left.mkdir()
    (left / "school.parquet").write_bytes(b"PAR1")
    assert open_store(folder).read().fingerprint == hard_network().fingerprint
    open_store(folder).write(small())
    assert not left.exists()


def test_a_second_writer_is_told_at_once(folder):
    with FileLock(folder / ".lock"), pytest.raises(RequestError, match="else is writing"):
        open_store(folder).write(small())
    assert open_store(folder).about()["fingerprint"] == hard_network().fingerprint
    open_store(folder).write(small())  # the other one is done


@pytest.mark.parametrize("fails", ["write_table", "_sync", "replace"])
def test_a_full_disk_leaves_the_old_network(folder, monkeypatch, fails):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if fails == "write_table":
            patch.setattr("liantu.graph.stores.tables.write_table", full)
        elif fails == "_sync":
            patch.setattr("liantu.graph.stores.parquet._sync", full)
        else:
            patch.setattr(Path, "replace", full)
        with pytest.raises(RequestError, match="No space left on device"):
            open_store(folder).write(small())
    assert open_store(folder).read().fingerprint == hard_network().fingerprint
    assert sorted(path.name[:5] for path in folder.iterdir()) == [".lock", "data-", "liant"]


def test_an_interrupt_just_after_the_replacement_keeps_the_new_network(folder, monkeypatch):
    real = Path.replace

    def interrupted(self: Path, target: Path) -> None:
        real(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_store(folder).write(small("新"))
    assert open_store(folder).read().title == "新"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_may_not_be_written(folder):
    folder.chmod(0o500)
    try:
        with pytest.raises(RequestError, match="cannot write"):
            open_store(folder).write(small())
        assert open_store(folder).read().fingerprint == hard_network().fingerprint
    finally:
        folder.chmod(0o700)


def test_a_reader_that_is_overtaken_reads_the_new_network(folder, monkeypatch):
    from liantu.graph.stores.parquet import ParquetStore

    store, real = ParquetStore(folder), ParquetStore._manifest
    stale = [real(store)]
    open_store(folder).write(small("乙"))  # removes what the manifest in hand names
    monkeypatch.setattr(
        ParquetStore, "_manifest", lambda self: stale.pop() if stale else real(self)
    )
    assert store.read().title == "乙"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
def test_a_hundred_killed_writers_leave_the_old_network_or_the_new(tmp_path):
    script = Path(__file__).with_name("killed.py")
    told = subprocess.run(
        [sys.executable, script, tmp_path / "net.liantu", "100"], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    broken, seen = map(int, told.stdout.split())
    assert broken >= 10  # kills in the middle of a write
    assert seen == 2


# -- as a source -----------------------------------------------------------------------------


def test_parquet_files_that_are_no_store(folder, tmp_path):
    lone = tmp_path / "lone"
    lone.mkdir()
    shutil.copy(files(folder)["school"], lone)
    for source in (lone, lone / "school.parquet"):
        with pytest.raises(RequestError, match="no store of liantu"):
            liantu.read(source)


def test_a_mapping_explains_no_store(folder, tmp_path):
    with pytest.raises(RequestError, match="needs no mapping"):
        liantu.read(folder, mapping=tmp_path / "m.toml")
