"""A network of a Parquet store whose columns are read when they are first asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hard import hard_network
from random_network import random_network

import liantu
from liantu.cli import main
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.stores import open_store
from liantu.stores.manifest import GENERATION, MANIFEST, digest
from liantu.stores.tables import TableFile

EDGES = ("source", "target", "start", "end", "form", "role", "stated")


def county() -> Network:
    """Return schools that support each other, and teachers that no tie rests on."""
    return Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"], "lon": [1.0, 2.0]}),
            "teacher": pd.DataFrame({"id": ["T1"], "name": ["王芳"]}),
            "works_at": pd.DataFrame({"source": ["T1"], "target": ["a"], "start": ["2020-09-01"]}),
            "assists": pd.DataFrame({"source": ["a"], "target": ["b"], "agreement": ["协议"]}),
            "observations": pd.DataFrame(
                {"kind": ["school"], "id": ["a"], "measure": ["x"], "text": ["王芳填报"]}
            ),
        },
        as_of="2024-06-30",
    )


def stored(path: Path, network: Network) -> Path:
    open_store(path).write(network)
    return path


@pytest.fixture
def read(monkeypatch) -> set[str]:
    """Return what is read of the files of tables, as TABLE.COLUMN."""
    seen: set[str] = set()
    real = TableFile._read

    def spied(self: TableFile, digests: dict[str, str]) -> object:
        seen.update(f"{self.table.name}.{key}" for key in digests)
        return real(self, digests)

    monkeypatch.setattr(TableFile, "_read", spied)
    return seen


# -- what is read ----------------------------------------------------------------------------


def test_opening_reads_no_column(tmp_path, read):
    network = liantu.read(stored(tmp_path / "n", county()))
    masked = network.without_teacher_names()
    assert (len(network), len(masked)) == (3, 3)
    assert repr(network) == repr(county())
    assert network.fingerprint == county().fingerprint
    assert masked.fingerprint == county().without_teacher_names().fingerprint
    assert read == set()


def test_coverage_reads_what_it_needs(tmp_path, read):
    folder = stored(tmp_path / "n", county())
    result = liantu.coverage(liantu.read(folder).without_teacher_names(), scope="all")
    assert result.table["covered"].to_dict() == {"a": False, "b": True}
    # dates, forms and so on are empty; the footers say so
    schools = {f"school.{key}" for key in ("id", "name", "lon")}  # of cores nearby
    ends = {f"assists.{end}_number" for end in ("source", "target")}
    assert read == schools | ends  # the footers say that dates, forms and so on are empty


def test_employments_of_teachers_that_occur(tmp_path, read):
    frames = {name: county().frame(name).reset_index() for name in ("school", "teacher")}
    posted = pd.DataFrame({"source": ["T1"], "source_kind": "teacher", "target": ["b"]})
    works = pd.DataFrame({"source": ["T1", "T1"], "target": ["a", "a"], "start": ["2020", "2021"]})
    network = Network.from_frames(
        {**frames, "works_at": works, "posted_to": posted}, as_of="2024-06-30"
    )
    found = liantu.ties(liantu.read(stored(tmp_path / "n", network)))
    assert found.to_dict()["table"] == liantu.ties(network).to_dict()["table"]
    assert {"works_at.source_number", "works_at.start"} <= read
    assert not {name for name in read if name.startswith("teacher.")} - {"teacher.id"}


def test_a_command_on_a_store_hashes_nothing(tmp_path, monkeypatch, capsys):
    folder = stored(tmp_path / "n", hard_network())
    wanted = hard_network().without_teacher_names().fingerprint

    def hashed(*_: object) -> str:
        raise AssertionError("the manifest says it")

    for module in ("network", "privacy"):
        monkeypatch.setattr(f"liantu.graph.{module}.fingerprint", hashed)
    assert main(["reach", str(folder), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == wanted


# -- the same as the whole ---------------------------------------------------------------------


@pytest.mark.parametrize("make", [hard_network, county, lambda: random_network([3, 4])])
@pytest.mark.parametrize("old", [False, True])
def test_it_is_the_network_that_was_written(tmp_path, monkeypatch, make, old):
    monkeypatch.setenv("LIANTU_KEY", "a secret of one user")
    given, folder = make(), stored(tmp_path / "n", make())
    if old:
        aged(folder)
    for shown in (False, True):
        whole, found = given, liantu.read(folder)
        if not shown:
            whole, found = whole.without_teacher_names(), found.without_teacher_names()
        assert found.numbering == whole.numbering
        assert found.forms == whole.forms
        for name in schema.relations():
            for key in EDGES:
                ours, theirs = (getattr(each.edges(name), key) for each in (found, whole))
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{name}.{key}")
        for name in schema.tables():
            pd.testing.assert_frame_equal(found.frame(name), whole.frame(name), obj=name)
        assert found.fingerprint == whole.fingerprint
        assert (found.title, found.phases, found.goals) == (whole.title, whole.phases, whole.goals)


def aged(folder: Path) -> None:
    """Make a store one of before: without numbers of nodes and what leaving names out changes."""
    path = folder / MANIFEST
    said = json.loads(path.read_text("utf-8"))
    for key in ("hides", "masked_fingerprint", "digest"):
        del said[key]
    for entry in said["files"].values():
        entry.pop("numbers", None)
        entry.pop("nodes", None)
    path.write_text(json.dumps({**said, "digest": digest(said)}), "utf-8")


def test_names_are_taken_out_of_a_table_when_it_is_asked_for():
    whole = county()
    masked = whole.without_teacher_names()
    assert masked.edges("assists") is whole.edges("assists")
    assert masked.frames["assists"] is whole.frames["assists"]
    assert masked.nodes("teacher")["name"].isna().all()
    assert masked.observations["text"].tolist() == ["‹…›填报"]
    assert whole.observations["text"].tolist() == ["王芳填报"]


def test_what_was_altered_goes_before_what_is_kept(tmp_path):
    found, whole = liantu.read(stored(tmp_path / "n", county())), county()
    rows = pd.DataFrame({"source": ["b"], "target": ["a"]})
    for each in (found, whole):
        more = each.with_edges("assists", rows).without("teacher", ["T1"])
        assert more.edges("assists").source.tolist() == [0, 1]
        assert len(more.relation("works_at")) == 0
    assert (
        found.without("teacher", ["T1"]).fingerprint == whole.without("teacher", ["T1"]).fingerprint
    )


# -- damage and writers ------------------------------------------------------------------------


def damage(folder: Path, table: str, column: str) -> None:
    """Turn one bit in the pages of a column."""
    (path,) = folder.glob(f"{GENERATION}/{table}.parquet")
    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    (chunk,) = (chunk for chunk in chunks if chunk.path_in_schema == column)
    data = bytearray(path.read_bytes())
    data[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("column", ["name", "lon"])
def test_a_damaged_column_is_refused_when_it_is_first_read(tmp_path, column):
    folder = stored(tmp_path / "n", county())
    damage(folder, "school", column)
    network = liantu.read(folder)
    assert network.ids("school").tolist() == ["a", "b"]
    for _ in range(2):
        with pytest.raises(RequestError, match=r"“school\.parquet” of the store .* is damaged"):
            network.column("school", column)
    with pytest.raises(RequestError, match="is damaged"):
        network.nodes("school")


def test_damaged_numbers_are_refused_and_check_finds_them_always(tmp_path, capsys):
    folder = stored(tmp_path / "n", county())
    damage(folder, "assists", "target_number")
    with pytest.raises(RequestError, match=r"assists\.parquet"):
        liantu.coverage(liantu.read(folder), scope="all")
    damage(folder, "assists", "target_number")  # and back
    assert main(["check", str(folder)]) == 0
    damage(folder, "school", "datum")  # empty, so nothing reads it
    assert liantu.coverage(liantu.read(folder), scope="all").summary["covered"] == 1
    assert main(["check", str(folder)]) == 1
    assert "“school.parquet”" in capsys.readouterr().err


def test_numbers_of_other_nodes_are_refused(tmp_path):
    """The rows of one network beside the nodes of another, every digest right."""
    folder, other = stored(tmp_path / "n", county()), tmp_path / "o"
    frames = {name: county().frame(name) for name in schema.tables() if name not in schema.kinds()}
    schools = pd.DataFrame({"id": ["a", "b", "c"]})
    open_store(other).write(Network.from_frames({"school": schools, **frames}))
    said = json.loads((folder / MANIFEST).read_text("utf-8"))
    theirs = json.loads((other / MANIFEST).read_text("utf-8"))
    said["files"]["school.parquet"] = theirs["files"]["school.parquet"]
    said["counts"]["school"] = 3
    del said["digest"]
    (folder / MANIFEST).write_text(json.dumps({**said, "digest": digest(said)}), "utf-8")
    (ours,), (new,) = (each.glob(f"{GENERATION}/school.parquet") for each in (folder, other))
    ours.write_bytes(new.read_bytes())
    with pytest.raises(RequestError, match=r"assists\.parquet"):
        _ = liantu.read(folder).edges("assists").source


def test_a_network_lives_on_when_its_store_is_replaced(tmp_path):
    folder = stored(tmp_path / "n", hard_network())
    living = liantu.read(folder)
    assert len(living.nodes("region"))  # some of it read before, the most after
    stored(folder, county())
    assert len(list(folder.glob(GENERATION))) == 1
    for name in schema.tables():
        pd.testing.assert_frame_equal(living.frame(name), hard_network().frame(name), obj=name)
    assert liantu.read(folder).fingerprint == county().fingerprint
