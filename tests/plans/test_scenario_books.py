"""Plans as planners keep them: sheets named after what to do, or a column that says so."""

from __future__ import annotations

from datetime import date

import openpyxl
import pandas as pd
import pytest

from liantu.errors import DataError
from liantu.graph.network import Network
from liantu.loaders.scenarios import done, read_scenario


@pytest.fixture
def network() -> Network:
    frames = {
        "school": {"id": ["1", "2", "3", "4"], "name": ["中心小学", "东村小学", "西村小学", "南村小学"]},
        "alliance": {"id": ["g"], "name": ["一集团"]},
        "member_of": {"source": ["1", "2"], "target": "g", "role": ["core", "member"]},
        "assists": {
            "source": ["1", "1"],
            "target": ["2", "3"],
            "form": "paired",
            "start": ["2021-09-01", "2023-09-01"],
            "end": ["2024-08-31", "2026-08-31"],
        },
    }  # fmt: skip
    return Network.from_frames({k: pd.DataFrame(v) for k, v in frames.items()}, as_of="2026-06-30")


def book(tmp_path, **sheets: list[list]):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(tmp_path / "方案.xlsx")
    return tmp_path / "方案.xlsx"


def edits(network: Network, path) -> list[tuple]:
    found = done(network, read_scenario(path))
    return [(e.do, e.tables[0], n) for e, n in zip(found.edits, found.touched, strict=True)]


def test_sheets_named_after_what_to_do(network, tmp_path):
    path = book(
        tmp_path,
        方案=[["方案名称", "甲案"], ["统计日期", "2026-09-01"]],
        新增结对帮扶=[["支援校", "受援校"], ["中心小学", "南村小学"]],
        续签结对帮扶=[["支援校", "受援校", "续签年限"], ["中心小学", "西村小学", 2]],
        结束集团成员=[["学校", "集团名称"], ["东村小学", "一集团"]],
        调整学校=[["学校名称", "在校生数"], ["南村小学", 66]],
        撤并=[["学校"], ["东村小学"]],
    )
    plan = read_scenario(path)
    assert (plan.name, plan.as_of, len(plan)) == ("甲案", date(2026, 9, 1), 5)
    assert edits(network, path) == [
        ("pair", "assists", 1),
        ("renew", "assists", 1),
        ("end", "member_of", 1),
        ("set", "school", 1),
        ("close", "school", 1),
    ]
    after = network.scenario(path)
    rows = after.relation("assists")
    assert rows["end"].dt.year.tolist()[:2] == [2024, 2028]
    assert rows["start"].dt.date.tolist()[2] == date(2026, 9, 1)
    assert after.nodes("school")["pupils"].to_dict()["4"] == 66
    assert after.nodes("school")["closed"].notna().tolist() == [False, True, False, False]
    assert after.relation("member_of")["end"].notna().tolist() == [False, True]


def test_one_sheet_with_a_column_that_says_what_to_do(network, tmp_path):
    rows = [
        ["2026 年结对调整表"],
        ["操作", "支援校", "受援校", "续签至"],
        ["续签", "中心小学", "西村小学", "2029-08-31"],
        ["新增", "东村小学", "南村小学", None],
        ["结束", "东村小学", "南村小学", None],
    ]
    path = book(tmp_path, 结对帮扶=rows[:-1])
    assert edits(network, path) == [("renew", "assists", 1), ("pair", "assists", 1)]
    assert network.scenario(path).relation("assists")["end"].dt.year.tolist()[1] == 2029
    path = book(tmp_path, 结对帮扶=rows)  # what begins on the day and ends before never was
    assert edits(network, path)[-1] == ("end", "assists", 1)
    assert len(network.scenario(path).relation("assists")) == 2


def test_a_csv_file_will_do(network, tmp_path):
    path = tmp_path / "结对帮扶.csv"
    path.write_text("操作,支援校,受援校\n新增,1,南村小学\n", encoding="gb18030")
    assert edits(network, path) == [("pair", "assists", 1)]


@pytest.mark.parametrize(
    ("sheets", "code", "row"),
    [
        ({"结对帮扶": [["支援校", "受援校"], ["1", "4"]]}, "edit_sheet", None),
        ({"结对帮扶": [["操作", "支援校", "受援校"], ["续期吧", "1", "3"]]}, "edit_word", 2),
        ({"结对帮扶": [["操作", "支援校", "受援校"], [None, "1", "3"]]}, "edit_word", 2),
        ({"续签结对帮扶": [["支援校", "受援校"], ["1", "3"]]}, "edit_until", 2),
        ({"续签结对帮扶": [["支援校", "受援校", "续签年限"], ["1", "3", "很久"]]}, "bad_years", 2),
        ({"新增": [["甲", "乙"], ["1", "3"]]}, "edit_table", None),
        ({"新增结对帮扶": [["支援校", "受援校"], ["1", "北村小学"]]}, "unknown_end", 2),
        ({"退出": [["学校"], ["中心小雪"]]}, "unknown_end", 2),
        ({"说明": [["这是说明"]]}, "scenario_empty", None),
    ],
)
def test_what_cannot_be_done_has_its_sheet_and_row(network, tmp_path, sheets, code, row):
    path = book(tmp_path, **sheets)
    with pytest.raises(DataError) as error:
        network.scenario(path)
    problem = error.value.problems[0]
    assert (problem.code, problem.row, problem.file) == (code, row, "方案.xlsx")
    for lang in ("en", "zh"):
        assert problem.line(lang)
