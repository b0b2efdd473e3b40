"""The folder of Parquet files, damaged: every flipped bit and odd shape is one clear line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hard import hard_network
from long import examples
from stores.kept import files, refused, small, span

import liantu
from liantu.cli import main
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.stores import open_store, tables
from liantu.stores.manifest import GENERATION, HISTORY, MANIFEST, digest

SAMPLED = examples(2, 20)  # bits of a file, beside those at places that matter


def flip(path: Path, place: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def test_every_flipped_bit_is_found(folder):
    chance, found = random.Random(3), 0
    for name, path in files(folder).items():
        whole = path.read_bytes()
        places = [len(whole) - 1, len(whole) - 6, *chance.sample(range(4, len(whole)), SAMPLED)]
        first, length = span(path, "id" if name in schema.kinds() else "place")
        for place in (*places, first, first + 5, first + length - 1):  # the head of a page, its end
            flip(path, place, chance.randrange(8))
            line = refused(folder)
            assert f"{name}.parquet" in line
            assert "damaged" in line
            path.write_bytes(whole)
            found += 1
    assert found == (5 + SAMPLED) * len(schema.tables())
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
