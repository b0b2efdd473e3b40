"""The folder of Parquet files: what is in it, what is read of it, writers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hard import hard_network
from long import LONG
from stores.kept import files, refused, small, span

import liantu
from liantu.errors import RequestError
from liantu.exchange import jsonfile
from liantu.graph import schema
from liantu.stores import open_store
from liantu.stores.manifest import GENERATION, HISTORY, MANIFEST

KILLS = 100 if LONG else 30

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


def test_a_store_written_before_a_column_was_known_is_read(tmp_path, monkeypatch):
    whole = schema.tables()
    fewer = {
        name: replace(table, all_columns={**table.all_columns}) for name, table in whole.items()
    }
    for table in fewer.values():
        for key in ("x_", "datum"):
            table.all_columns.pop(key, None)
    network = small()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "tables", lambda: fewer)
        open_store(tmp_path / "old").write(network)
    assert "x_" not in pq.read_schema(files(tmp_path / "old")["school"]).names
    found = open_store(tmp_path / "old").read()
    assert found.fingerprint == network.fingerprint
    pd.testing.assert_frame_equal(found.nodes("school"), network.nodes("school"))


# -- what is read of it ----------------------------------------------------------------------


def test_files_that_are_not_asked_for_are_not_read(folder, network):
    for name, path in files(folder).items():
        if name not in ("school", "assists"):
            path.unlink()
    found = open_store(folder).read(kinds=["school"], relations=["assists"])
    pd.testing.assert_frame_equal(found.relation("assists"), network.relation("assists"))
    assert "alliance.parquet" in refused(folder, kinds=["school", "alliance"])


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


def test_only_what_the_list_names_is_removed(folder):
    left, foreign = folder / "data-0123456789abcdef", folder / "data-fedcba9876543210"
    for path in (left, foreign):
        path.mkdir()
        (path / "school.parquet").write_bytes(b"PAR1")
    with (folder / HISTORY).open("a") as file:
        file.write(f"{left.name}\n../{folder.name}\ndata-x\n\n{MANIFEST}\n")
    assert open_store(folder).read().fingerprint == hard_network().fingerprint
    open_store(folder).write(small())
    assert not left.exists()
    assert (foreign / "school.parquet").is_file()
    now = json.loads((folder / MANIFEST).read_text("utf-8"))["generation"]
    assert (folder / HISTORY).read_text().splitlines() == [now]


def test_a_folder_of_rows_is_listed_before_it_is_made(tmp_path, monkeypatch):
    real, seen = Path.mkdir, []

    def made(self: Path, *args: object, **options: object) -> None:
        if self.match(GENERATION):
            seen.append(self.name in (self.parent / HISTORY).read_text().splitlines())
        real(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", made)
        for _ in range(2):
            open_store(tmp_path / "n").write(small())
    assert seen == [True, True]


def test_a_store_of_old_has_no_list(folder):
    (old,) = folder.glob(GENERATION)
    (folder / HISTORY).unlink()
    assert open_store(folder).read().fingerprint == hard_network().fingerprint
    open_store(folder).write(small())
    assert not old.exists()  # the manifest named it
    assert len(list(folder.glob(GENERATION))) == 1


def test_a_folder_with_a_file_of_that_name_is_no_store(tmp_path):
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "schools.csv").write_text("id,name\na,甲\n", encoding="utf-8")
    jsonfile.write(small("另一个"), lists / MANIFEST)
    rows = lists / "data-0123456789abcdef"
    rows.mkdir()
    (rows / "part-0.parquet").write_bytes(b"PAR1")
    before = {path: path.read_bytes() for path in lists.rglob("*") if path.is_file()}
    assert liantu.read(lists).nodes("school")["name"].tolist() == ["甲"]
    with pytest.raises(RequestError, match="is no store; nothing was changed"):
        open_store(lists).write(small())
    assert open_store(lists).about() is None
    assert {path: path.read_bytes() for path in lists.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_stay(folder):
    (rows,) = folder.glob(GENERATION)
    (folder / MANIFEST).chmod(0o600)
    (rows / "school.parquet").chmod(0o640)
    rows.chmod(0o750)
    folder.chmod(0o710)
    open_store(folder).write(hard_network())
    (now,) = folder.glob(GENERATION)
    assert now != rows
    modes = {path.name: path.stat().st_mode & 0o777 for path in (*now.iterdir(), folder / MANIFEST)}
    assert modes.pop("school.parquet") == 0o640
    assert modes.pop(MANIFEST) == 0o600
    assert now.stat().st_mode & 0o777 == 0o750
    assert folder.stat().st_mode & 0o777 == 0o710
    open_store(folder).write(small())
    (now,) = folder.glob(GENERATION)
    assert now.stat().st_mode & 0o777 == 0o750


def test_a_first_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "empty").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("liantu.stores.tables.write_table", full)
        for name in ("new", "empty"):
            with pytest.raises(RequestError, match="No space left on device"):
                open_store(tmp_path / name).write(small())
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_second_writer_is_told_at_once(folder):
    with FileLock(folder / ".lock"), pytest.raises(RequestError, match="else is writing"):
        open_store(folder).write(small())
    assert open_store(folder).about()["fingerprint"] == hard_network().fingerprint
    open_store(folder).write(small())  # the other one is done


@pytest.mark.parametrize("fails", ["write_table", "sync", "replace"])
def test_a_full_disk_leaves_the_old_network(folder, monkeypatch, fails):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if fails == "write_table":
            patch.setattr("liantu.stores.tables.write_table", full)
        elif fails == "sync":
            patch.setattr("liantu.stores.manifest.sync", full)
        else:
            patch.setattr(Path, "replace", full)
        with pytest.raises(RequestError, match="No space left on device"):
            open_store(folder).write(small())
    assert open_store(folder).read().fingerprint == hard_network().fingerprint
    assert sorted(path.name[:5] for path in folder.iterdir()) == [
        ".lian",
        ".lock",
        "data-",
        "liant",
    ]


def test_an_interrupt_just_after_the_replacement_keeps_the_new_network(folder, monkeypatch):
    real = Path.replace

    def interrupted(self: Path, target: Path) -> None:
        real(self, target)
        if target.name == MANIFEST:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_store(folder).write(small("新"))
    assert open_store(folder).read().title == "新"
    assert len(list(folder.glob(GENERATION))) == 1


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
    from liantu.stores.parquet import ParquetStore

    store, real = ParquetStore(folder), ParquetStore._manifest
    stale = [real(store)]
    open_store(folder).write(small("乙"))  # removes what the manifest in hand names
    monkeypatch.setattr(
        ParquetStore, "_manifest", lambda self: stale.pop() if stale else real(self)
    )
    assert store.read().title == "乙"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it forks")
def test_killed_writers_leave_the_old_network_or_the_new(tmp_path):
    script = Path(__file__).with_name("killed.py")
    told = subprocess.run(
        [sys.executable, script, tmp_path / "net.liantu", str(KILLS)],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    broken, seen = map(int, told.stdout.split())
    assert broken >= KILLS // 10  # kills in the middle of a write
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
