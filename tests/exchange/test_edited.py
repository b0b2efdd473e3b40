"""Exports that somebody edited, damaged, or never wrote with liantu."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

from liantu import DataError, Network, RequestError, read
from liantu.exchange import export


def network() -> Network:
    frames = {
        "school": pd.DataFrame(
            {
                "id": ["007", "008"],
                "name": ["甲小学", "乙小学"],
                "stage": "primary",
                "pupils": [90, 40],
            }
        ),
        "assists": pd.DataFrame({"source": ["007"], "target": ["008"], "start": ["2021-09-01"]}),
    }
    return Network.from_frames(
        frames,
        as_of="2024-06-30",
        title="县",
        goals=[{"id": "甲", "rule": "rotation", "share": 0.1}],
    )


def replaced(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edited_folder_is_read_like_any_list(tmp_path):
    export(network(), tmp_path / "out")
    replaced(tmp_path / "out" / "assists.csv", "007,008,2021-09-01", "甲小学,乙小学,2021年9月")
    again = read(tmp_path / "out")
    assert again.relation("assists")["source"].tolist() == ["007"]
    assert [problem.code for problem in again.report.of("warning")] == ["coarse_date"]
    assert (again.title, again.goals[0]["share"]) == ("县", 0.1)


def test_a_mistake_in_an_edited_folder_is_named_with_its_row(tmp_path):
    export(network(), tmp_path / "out")
    replaced(tmp_path / "out" / "assists.csv", "007,008", "007,009")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "out")
    [problem] = caught.value.problems
    assert (problem.code, problem.file, problem.row, problem.value) == (
        "unknown_end",
        "assists.csv",
        2,
        "009",
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_edited_workbook_is_read_like_any_list(tmp_path, lang):
    path = tmp_path / "net.xlsx"
    export(network(), path, lang=lang)
    book = openpyxl.load_workbook(path)
    schools = book[{"en": "school", "zh": "学校"}[lang]]
    schools.append(["009", "丙小学", {"en": "junior", "zh": "初中"}[lang], "1,200人"])
    book.save(path)
    again = read(path)
    assert again.nodes("school")["pupils"].tolist() == [90, 40, 1200]
    assert again.nodes("school")["stage"].tolist() == ["primary", "primary", "junior"]
    assert (again.title, str(again.as_of), again.goals[0]["id"]) == ("县", "2024-06-30", "甲")
    assert again.relation("assists")["start"].dt.year.tolist() == [2021]


def test_a_sheet_that_somebody_added_is_read_too(tmp_path):
    path = tmp_path / "net.xlsx"
    export(network(), path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("备忘").append(["x"])
    book.save(path)
    assert [problem.code for problem in read(path).report.of("warning")] == ["unknown_sheet"]


@pytest.mark.parametrize("out", ["net.json", "net.graphml"])
def test_edited_values_are_taken_exactly_and_checked(out, tmp_path):
    export(network(), tmp_path / out)
    replaced(tmp_path / out, "乙小学", " 乙、小学 ")
    assert read(tmp_path / out).nodes("school")["name"].tolist() == ["甲小学", " 乙、小学 "]
    replaced(tmp_path / out, "primary", "prim")
    with pytest.raises(DataError) as caught:
        read(tmp_path / out)
    [problem] = caught.value.problems
    assert (problem.code, problem.value, problem.params["count"]) == ("unknown_code", "prim", 2)
    assert str(problem.place()) == f"{out}: school, row 1, column “stage”"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"pupils": 90', '"pupls": 90', "unknown_column"),
        ('"pupils": 90', '"pupils": "many"', "bad_number"),
        ('"id": "007"', '"id": 7', "not_text"),
        ('"start": "2021-09-01"', '"start": "2021-13-01"', "bad_date"),
        ('"assists": [', '"asists": [', "unknown_table"),
        ('"source": "007"', '"source": "7"', "unknown_end"),
        ('"as_of": "2024-06-30"', '"as_of": "soon"', "bad_date"),
        ('"version": 1', '"version": 2', "newer_file"),
        ('"format": "liantu"', '"format": "other"', "foreign_json"),
        ('"school": [', '"school": 3, "x": [', "damaged_table"),
    ],
)
def test_mistakes_in_json_are_one_clear_line(old, new, code, tmp_path):
    path = tmp_path / "net.json"
    export(network(), path)
    replaced(path, old, new)
    with pytest.raises((DataError, RequestError)) as caught:
        read(path)
    assert code in [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.json", "", "damaged_file"),
        ("a.json", '{"format": "liantu", "school": [{"id": ', "damaged_file"),
        ("a.json", "[1, 2]", "foreign_json"),
        ("a.json", '{"type": "FeatureCollection"}', "foreign_json"),
        ("a.json", '{"format": "liantu"}', "no_nodes"),
        ("a.json", "[" * 100_000, "damaged_file"),
        ("a.graphml", "", "damaged_file"),
        ("a.graphml", "<graphml><graph>", "damaged_file"),
        ("a.graphml", "<html/>", "damaged_file"),
        (
            "a.graphml",
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed"><node id="1"/></graph></graphml>',
            "foreign_graphml",
        ),
    ],
)
def test_damaged_and_foreign_files_are_one_clear_line(name, text, code, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises((DataError, RequestError)) as caught:
        read(tmp_path / name)
    assert [problem.code for problem in caught.value.problems] == [code]
    for lang in ("en", "zh"):
        assert len(caught.value.lines(lang)) == 1


@pytest.mark.parametrize("out", ["net.json", "net.graphml", "net.xlsx"])
def test_truncated_files_are_one_clear_line(out, tmp_path):
    export(network(), tmp_path / out)
    data = (tmp_path / out).read_bytes()
    for share in (0.2, 0.5, 0.9, 0.99):
        (tmp_path / out).write_bytes(data[: int(len(data) * share)])
        with pytest.raises((DataError, RequestError)) as caught:
            read(tmp_path / out)
        assert len(caught.value.lines()) == 1


def test_nodes_and_ties_of_no_kind_are_all_named(tmp_path):
    path = tmp_path / "net.graphml"
    export(network(), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(">assists<", ">asists<").replace(">school<", ">scool<", 1), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        read(path)
    assert [problem.code for problem in caught.value.problems] == ["graph_kind", "graph_relation"]
    assert "scool" in str(caught.value)
    assert "such as school" in str(caught.value)
    assert "such as assists" in str(caught.value)


def test_json_is_as_people_expect_it(tmp_path):
    export(network(), tmp_path / "net.json")
    data = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    assert data["school"][0] == {"id": "007", "name": "甲小学", "stage": "primary", "pupils": 90}
    assert data["assists"] == [{"source": "007", "target": "008", "start": "2021-09-01"}]
    assert data["title"] == "县"
