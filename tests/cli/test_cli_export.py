"""`liantu export`: every format, privacy, what is lost, wrong usage."""

from __future__ import annotations

import pytest

from liantu import read

OUTS = ["net.graphml", "net.xlsx", "net.json", "tables"]


@pytest.mark.parametrize("out", OUTS)
def test_an_export_is_a_source_again(liantu, county, out):
    assert liantu("export", county, out, "--show-teachers").code == 0
    one, other = (
        liantu("info", source, "--format", "json", "--show-teachers").json
        for source in (county, out)
    )
    for key in ("fingerprint", "as_of", "nodes", "relations"):
        assert one[key] == other[key]
    assert other["title"] == (one["title"] or county.name)


@pytest.mark.parametrize("out", OUTS)
def test_an_export_is_called_as_asked(liantu, county, out):
    assert liantu("export", county, out, "--title", "甲县").code == 0
    assert read(out).title == "甲县"


@pytest.mark.parametrize("out", [*OUTS, "net.gexf", "net.cypher"])
def test_teachers_names_stay_behind_unless_asked_for(liantu, county, out, tmp_path):
    run = liantu("export", county, out)
    assert run.code == 0
    assert "names of teachers were left out" in run.err
    path = tmp_path / "here" / out
    if out == "net.xlsx":
        assert read(path).nodes("teacher")["name"].isna().all()
        return
    data = b"".join(file.read_bytes() for file in (path.iterdir() if path.is_dir() else [path]))
    for name in ("张三", "李四"):
        assert name.encode() not in data
    again = ["another"] if path.is_dir() else [out]
    assert "left out" not in liantu("export", county, *again, "--show-teachers").err


def test_what_is_lost_is_said(liantu, county):
    run = liantu("export", county, "net.gexf")
    assert "note: GEXF is for drawing: it has no as-of date" in run.err


def test_claims_go_into_a_folder_and_are_missed_in_a_file(liantu, tmp_path):
    assert "claims.toml" not in liantu("export", "case:laizhou", "out").err
    assert (tmp_path / "here" / "out" / "claims.toml").is_file()
    assert (
        "note: claims.toml has no place in this format"
        in liantu("export", "case:laizhou", "x.json").lines
    )


def test_an_unknown_suffix_is_wrong_usage(liantu, county, tmp_path):
    run = liantu("export", county, "net.pdf")
    assert run.code == 2
    assert ".graphml, .gexf, .xlsx, .json, .cypher, .geojson, .kml" in run.err
    assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_with_something_in_it_is_refused(liantu, county, tmp_path):
    (tmp_path / "here" / "out").mkdir()
    (tmp_path / "here" / "out" / "mine.txt").write_text("x", encoding="utf-8")
    assert liantu("export", county, "out").code == 1
    assert [path.name for path in (tmp_path / "here" / "out").iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written_is_one_line(liantu, county):
    run = liantu("export", county, "nowhere/net.json")
    assert (run.code, len(run.lines)) == (1, 1)


def test_damaged_exports_are_one_line(liantu, tmp_path):
    (tmp_path / "here" / "net.graphml").write_text("<graphml", encoding="utf-8")
    run = liantu("info", "net.graphml")
    assert (run.code, len(run.lines)) == (1, 1)
    assert "net.graphml: the file is damaged or no GraphML" in run.err


def test_analyses_of_an_export_are_the_same(liantu, county):
    liantu("export", county, "net.xlsx", "--lang", "zh")
    one = liantu("coverage", county, "--format", "csv").out
    assert liantu("coverage", "net.xlsx", "--format", "csv").out == one


def test_waves_are_a_folder_of_matrices(liantu, county, tmp_path):
    run = liantu("export", county, "waves", "--waves", "2021-09-01,2022-09-01")
    assert run.code == 0
    folder = tmp_path / "here" / "waves"
    assert {"wave1.csv", "wave2.csv", "read.R"} <= {path.name for path in folder.iterdir()}
    data = b"".join(path.read_bytes() for path in folder.iterdir())
    assert "张三".encode() not in data
    wrong = liantu("export", county, "net.json", "--waves", "2021-09-01,2022-09-01")
    assert (wrong.code, "without a suffix" in wrong.err) == (2, True)
