"""Rows added to a network: their ends are looked up in it, and nothing is silent."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

import liantu
from liantu.errors import DataError
from liantu.graph.network import Network
from liantu.loaders.onto import extended


@pytest.fixture
def network() -> Network:
    frames = {
        "region": {"id": ["x", "y"], "name": ["云溪县", "柳河镇"], "parent": [None, "x"]},
        "school": {
            "id": ["1", "2", "3"],
            "name": ["云溪县第一小学", "云溪县柳河镇中心小学", "云溪县柳河镇东村小学"],
            "region": ["x", "y", "y"],
            "pupils": [900, 200, 30],
        },
        "teacher": {"id": ["t"], "name": ["王芳"]},
        "works_at": {"source": ["t"], "target": ["1"]},
        "assists": {"source": ["1"], "target": ["2"], "start": ["2023-09-01"]},
    }
    return Network.from_frames({k: pd.DataFrame(v) for k, v in frames.items()}, as_of="2026-06-30")


def file(tmp_path, name: str, text: str):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ends_by_id_by_name_and_without_their_regions(network, tmp_path):
    text = "支援校,受援校,开始日期\n1,3,2025-09-01\n云溪县第一小学,柳河镇中心小学,2026-01-01\n"
    more = extended(network, [file(tmp_path, "结对帮扶.csv", text)])
    rows = more.relation("assists")
    assert list(zip(rows["source"], rows["target"], strict=True)) == [("1", "2"), ("1", "2"), ("1", "3")]  # fmt: skip
    assert more.fingerprint != network.fingerprint
    assert more.nodes("school").equals(network.nodes("school"))
    assert liantu.coverage(more, scope="all").summary["covered"] == 2


@pytest.mark.parametrize("name", ["新结对.csv", "新增结对帮扶.csv", "结对.csv"])
def test_a_file_may_be_called_new(network, tmp_path, name):
    more = extended(network, [file(tmp_path, name, "支援校,受援校\n1,3\n")])
    assert len(more.relation("assists")) == 2


def test_a_teacher_of_the_source_is_found_by_name(network, tmp_path):
    text = "姓名,接收学校,开始日期\n王芳,柳河镇东村小学,2025-09-01\n"
    more = extended(network, [file(tmp_path, "支教.csv", text)])
    posted = more.relation("posted_to")
    assert posted[["source", "target", "form"]].values.tolist() == [["t", "3", "support_teaching"]]
    assert len(more.relation("works_at")) == 1


def test_new_nodes_and_their_ties_in_one_workbook(network, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "学校"
    for row in (["学校标识码", "学校名称", "所在地区"], ["4", "新城小学", "柳河镇"]):
        book.active.append(row)
    sheet = book.create_sheet("集团成员")
    for row in (["集团名称", "核心校", "成员校"], ["甲集团", "云溪县第一小学", "新城小学"]):
        sheet.append(row)
    book.save(tmp_path / "新增.xlsx")
    more = extended(network, [tmp_path / "新增.xlsx"])
    assert more.nodes("school")["region"].to_dict()["4"] == "y"
    assert more.relation("member_of")["source"].tolist() == ["1", "4"]
    assert len(more.nodes("alliance")) == 1


@pytest.mark.parametrize(
    ("name", "text", "code", "row"),
    [
        ("结对帮扶.csv", "支援校,受援校\n1,无名小学\n", "unknown_end", 2),
        ("结对帮扶.csv", "支援校,受援校\n1,\n", "missing_value", 2),
        ("学校.csv", "学校标识码,学校名称\n1,别的小学\n", "id_taken", 2),
        ("结对帮扶.csv", "支援校,受援校,开始日期,结束日期\n1,3,2026-01-01,2025-01-01\n", "reversed_dates", 2),
        ("结对帮扶.csv", "支援校,受援校\n", "no_rows_added", None),
        ("随便.csv", "甲,乙\n1,2\n", "no_rows_added", None),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error_with_its_row(network, tmp_path, name, text, code, row):
    with pytest.raises(DataError) as error:
        extended(network, [file(tmp_path, name, text)])
    problem = error.value.problems[0]
    assert (problem.code, problem.row) == (code, row)


def test_missing_ends_are_made_where_asked_for(network, tmp_path):
    path = file(tmp_path, "结对帮扶.csv", "支援校,受援校\n1,无名小学\n")
    assert "无名小学" in extended(network, [path], create_missing=True).nodes("school").index
