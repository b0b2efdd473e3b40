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
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hard import hard_network

import liantu
from liantu.cli import main
from liantu.errors import RequestError
from liantu.exchange import jsonfile
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.stores import open_store, tables
from liantu.stores.manifest import GENERATION, HISTORY, MANIFEST, digest


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
        open_store(folder).read(**selection).frames.load()
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


@pytest.mark.parametrize("left", [0, 1, 40, -1])
@pytest.mark.parametrize("listed", [True, False])
def test_a_manifest_that_was_cut_is_damaged_and_an_import_mends_it(folder, left, listed):
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes()[:left] if left != 1 else bytes(100))
    if not listed:  # a store of old, or one copied without hidden files
        (folder / HISTORY).unlink()
    assert f"“{MANIFEST}” of the store “{folder}” is damaged" in refused(folder)
    with pytest.raises(RequestError, match="damaged"):
        open_store(folder).about()
    open_store(folder).write(small())
    assert len(open_store(folder).read()) == 1
    assert len(list(folder.glob(GENERATION))) == (1 if listed else 2)  # what is unlisted stays


@pytest.mark.parametrize("text", ["[]", "{", '{"format": 1}', '{"format": "liantu"}', "x"])
def test_another_file_in_place_of_the_manifest_is_not_replaced(folder, text):
    (folder / MANIFEST).write_text(text)
    before = sorted(path for path in folder.rglob("*"))
    line = refused(folder)
    assert "another file stands in its place" in line
    assert "Move that file" in line
    with pytest.raises(RequestError, match="another file stands"):
        open_store(folder).about()
    with pytest.raises(RequestError, match="another file stands"):
        open_store(folder).write(small())
    assert (folder / MANIFEST).read_text() == text
    assert sorted(path for path in folder.rglob("*")) == before
    (folder / MANIFEST).unlink()  # as the line says
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


def retold(folder: Path, **changed: object) -> None:
    """Change what a manifest says, and its digest with it; `...` takes a key away."""
    path = folder / MANIFEST
    said = {**json.loads(path.read_text("utf-8")), **changed}
    said = {key: value for key, value in said.items() if value is not ...}
    path.write_text(json.dumps({**said, "digest": digest(said)}), "utf-8")


PROBLEM = {"severity": "warning", "code": "undated_states", "params": {"count": 1}}


@pytest.mark.parametrize(
    "changed",
    [
        *({key: ...} for key in ("format", "generation", "files", "fingerprint", "counts")),
        *({key: [1]} for key in ("format", "generation", "fingerprint", "counts", "title", "as_of")),
        *({"generation": text} for text in ("../..", "/", "data-0", "data-0123456789abcdef/..", "")),
        *({"files": value} for value in ([], {}, {"../x.parquet": {}}, {"school.parquet": 3}, None)),
        *({"counts": value} for value in ({"school": "x"}, {"school": -1}, {"x": 1}, {}, None)),
        *({"as_of": value} for value in ("x", 3, "2021-13-01", True)),
        *({"format": value} for value in (True, "1", 1.5, None, -1, 0)),
        *({"fingerprint": value} for value in (7, "x", None, "sha256:")),
        *({"title": value} for value in (3, None, "\ud800")),
        *({"phases": value} for value in ("x", 3, [3], [{"start": "x"}], [{"name": []}])),
        *({"goals": value} for value in ("x", [3], [{"id": "a"}], [{"id": "a", "rule": "x"}])),
        *({"report": value} for value in ("x", [], 3, None, {"tables": 3}, {"problems": [3]})),
        *({"report": {"tables": value}} for value in ([3], [{"rows_read": "x"}], [{"file": []}])),
        *(
            {"report": {"problems": [{**PROBLEM, **wrong}]}}
            for wrong in (
                {"code": "no_such"}, {"severity": "x"}, {"row": "x"}, {"row": -1}, {"file": 3},
                {"value": []}, {"params": 3}, {"params": {"codes": "no_such"}}, {"x": 1},
                {"params": {"count": {"date": "x"}}}, {"params": {"count": [{}]}},
            )
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_manifest_of_another_shape_is_one_line(folder, capsys, changed):
    retold(folder, report={"problems": [PROBLEM]})
    assert open_store(folder).read().title == hard_network().title
    retold(folder, **changed)
    for command in ("info", "check", "timeline"):
        assert main([command, str(folder)]) == 1
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith(f"error: “{MANIFEST}” of the store “{folder}” is damaged")
        assert told.err.count("\n") == 1


def test_a_manifest_nested_without_end(folder):
    (folder / MANIFEST).write_text('{"generation":' * 100_000)
    assert MANIFEST in refused(folder)


ODD = {
    "no id": lambda frame: frame.drop(columns="id"),
    "no column that was promised": lambda frame: frame.drop(columns="pupils"),
    "numbers as ids": lambda frame: frame.assign(id=range(len(frame))),
    "texts as numbers": lambda frame: frame.assign(pupils="x"),
    "numbers as dates": lambda frame: frame.assign(opened=1.5),
    "times as dates": lambda frame: frame.assign(opened=pd.Timestamp("2021-01-01")),
    "lists": lambda frame: frame.assign(name=[["x"]] * len(frame)),
    "tables": lambda frame: frame.assign(name=[{"x": 1}] * len(frame)),
    "an empty id": lambda frame: frame.assign(id=[None, *frame["id"][1:]]),
    "one id twice": lambda frame: frame.assign(id="a"),
    "a row less": lambda frame: frame.iloc[1:],
    "ids of others": lambda frame: frame.assign(id="x" + frame["id"]),
}


def forged(folder: Path) -> None:
    """Have the manifest say what the file of schools is now."""
    path, said = files(folder)["school"], json.loads((folder / MANIFEST).read_text("utf-8"))
    entry = said["files"]["school.parquet"]
    with pa.OSFile(str(path)) as source:
        spans = tables._spans(pq.ParquetFile(source).metadata)
        start = tables._footer_start(source, source.size())
        footer = tables._digest(source, [(start, source.size() - start)])
        found = {key: tables._digest(source, spans.get(key, [])) for key in entry["columns"]}
    changed = {"bytes": path.stat().st_size, "footer": footer, "columns": found}
    retold(folder, files={**said["files"], "school.parquet": {**entry, **changed}})


@pytest.mark.parametrize("odd", ODD)
def test_a_file_of_another_shape_with_the_right_digests(folder, capsys, odd):
    path = files(folder)["school"]
    ODD[odd](pq.read_table(path).to_pandas()).to_parquet(path)
    forged(folder)
    for command in ("info", "centrality"):
        assert main([command, str(folder)]) == 1
        told = capsys.readouterr()
        assert told.err.count("error:") == 1
        assert told.out == ""
        assert ".parquet” of the store" in told.err


def test_texts_that_are_no_texts(folder, capsys):
    path = files(folder)["school"]
    table = pq.read_table(path)
    raw = pa.array([b"\xff\xfe"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("name"), "name", raw), path)
    forged(folder)
    assert "school.parquet" in refused(folder)


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
