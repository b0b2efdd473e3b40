"""Layouts made for the eye: merged headers, headings among rows, tables side by side, bare numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from loaders.test_bureau_sources import Rows, book, listed, load, ties_of

from liantu.loaders import examine
from liantu.loaders.beside import sides
from liantu.loaders.sources import Sheet

SCHOOLS: Rows = [
    ["青川区2024年学校基本情况统计表"],
    ["序号", "学校名称", "学段", "所属镇街", "城乡类型", "在校生数"],
    [1, "青川区实验小学", "小学", "城关街道", "城区", 2000],
    [2, "青川区城北小学", "小学", "城关街道", "城区", 1500],
    [3, "石桥镇中心小学", "小学", "石桥镇", "镇区", 300],
    [4, "石桥镇柏树村小学", "小学", "石桥镇", "乡村", 60],
    [5, "龙门乡中心小学", "小学", "龙门乡", "乡村", 120],
    [6, "龙门乡白岩村小学", "小学", "龙门乡", "乡村", 30],
]
FIRST, NORTH, BRIDGE, CYPRESS, GATE, ROCK = (str(row[1]) for row in SCHOOLS[2:])
PAIRS = ["序号", "帮扶学校", "受援学校", "起止时间"]
SPAN, DAYS = "2023.9-2026.7", ("2023-09-01", "2026-07-31")


def office(folder: Path, rows: Rows, *merged: str, name: str = "结对帮扶") -> Path:
    """Write a workbook of schools and one more sheet."""
    path = folder / "青川区台账.xlsx"
    book(path, {"学校基本情况": SCHOOLS, name: rows}, {name: merged})
    return path


def told(path: Path, code: str) -> list[tuple[str, str, str]]:
    """Return severity, value and rows of the problems of one code."""
    _, report = examine(path)
    return [
        (p.severity, p.value, str(p.params.get("rows", p.params.get("count", ""))))
        for p in report.problems
        if p.code == code
    ]


# -- headers merged over several columns --------------------------------------------------------

GROUPS: Rows = [
    ["序号", "集团名称", "牵头校", "成员校", "", "", "成立时间"],
    [1, "实验集团", FIRST, BRIDGE, CYPRESS, GATE, "2022.9"],
    [2, "城北集团", NORTH, ROCK, "", "", "2023.3"],
]
MEMBERS = {
    (FIRST, BRIDGE, "member_of", "2022-09-01", None),
    (FIRST, CYPRESS, "member_of", "2022-09-01", None),
    (FIRST, GATE, "member_of", "2022-09-01", None),
    (NORTH, ROCK, "member_of", "2023-03-01", None),
}


def test_members_below_one_merged_header(tmp_path: Path) -> None:
    path = office(tmp_path, GROUPS, "D1:F1", name="教育集团名单")
    assert ties_of(load(path), "2024-09-10") == MEMBERS
    assert told(path, "header_spread") == [("info", "成员校", "2")]


def test_members_beside_a_header_that_was_merged_are_read_and_warned_of(tmp_path: Path) -> None:
    listed(tmp_path / "学校.csv", SCHOOLS)
    listed(tmp_path / "教育集团名单.csv", GROUPS)
    assert ties_of(load(tmp_path), "2024-09-10") == MEMBERS
    assert told(tmp_path, "header_spread") == [("warning", "成员校", "2")]


def test_what_is_no_school_beside_a_header_stays_unread(tmp_path: Path) -> None:
    rows: Rows = [[*PAIRS[:3], "", "起止时间"], [1, FIRST, BRIDGE, "已签协议", SPAN]]
    path = office(tmp_path, rows)
    assert ties_of(load(path), "2024-09-10") == {(FIRST, BRIDGE, "assists", *DAYS)}
    assert told(path, "header_spread") == []
    assert [severity for severity, *_ in told(path, "no_column_header")] == ["warning"]


# -- rows that head a group of rows --------------------------------------------------------------

HEADED: Rows = [
    PAIRS, ["一、城关街道"], [1, FIRST, BRIDGE, SPAN], ["二、其他"], [1, NORTH, GATE, SPAN],
]  # fmt: skip


@pytest.mark.parametrize("merged", [(), ("A2:D2", "A4:D4")])
def test_headings_among_rows_are_passed_over(tmp_path: Path, merged: tuple[str, ...]) -> None:
    path = office(tmp_path, HEADED, *merged)
    assert ties_of(load(path), "2024-09-10") == {
        (FIRST, BRIDGE, "assists", *DAYS),
        (NORTH, GATE, "assists", *DAYS),
    }
    assert told(path, "headings_skipped") == [("info", "一、城关街道", "2, 4")]


def test_a_heading_without_a_number_stands_below_that_of_the_numbers(tmp_path: Path) -> None:
    rows = [PAIRS, ["小学组"], [1, FIRST, BRIDGE, SPAN]]
    assert len(ties_of(load(office(tmp_path, rows)), "2024-09-10")) == 1


def test_an_end_alone_in_its_row_is_no_heading(tmp_path: Path) -> None:
    network, report = examine(office(tmp_path, [PAIRS, [1, FIRST, BRIDGE, SPAN], ["", NORTH]]))
    assert network is None
    assert [(p.code, p.row) for p in report.of("error")] == [("missing_value", 3)]


def test_townships_that_head_schools_are_no_schools_and_missed(tmp_path: Path) -> None:
    rows = [["学校名称", "学段", "在校生数"], ["石桥镇", "", ""], [BRIDGE, "小学", "300"],
            ["龙门乡", "", ""], [GATE, "小学", "120"]]  # fmt: skip
    listed(tmp_path / "学校.csv", rows)
    assert sorted(load(tmp_path).ids("school")) == sorted([BRIDGE, GATE])
    assert told(tmp_path, "places_in_headings") == [("warning", "石桥镇", "2, 4")]


# -- tables side by side ---------------------------------------------------------------------------


def test_two_halves_of_a_list(tmp_path: Path) -> None:
    rows: Rows = [
        ["青川区城乡结对帮扶一览表"],
        [*PAIRS, "", *PAIRS],
        [1, FIRST, BRIDGE, SPAN, "", 3, NORTH, ROCK, SPAN],
        [2, FIRST, CYPRESS, SPAN],
    ]
    expected = {
        (FIRST, BRIDGE, "assists", *DAYS),
        (FIRST, CYPRESS, "assists", *DAYS),
        (NORTH, ROCK, "assists", *DAYS),
    }
    assert ties_of(load(office(tmp_path, rows, "A1:I1")), "2024-09-10") == expected
    bare = [row if len(row) < 5 else [*row[:4], *row[5:]] for row in rows]
    assert ties_of(load(office(tmp_path, bare, "A1:H1")), "2024-09-10") == expected


def test_two_lists_with_a_blank_column_between(tmp_path: Path) -> None:
    rows: Rows = [
        ["结对帮扶名单", "", "", "", "", "支教教师名单"],
        [*PAIRS, "", "姓名", "派出学校", "接收学校", "支教时间"],
        [1, FIRST, BRIDGE, SPAN, "", "张伟", NORTH, ROCK, "2024-2025学年"],
        ["", "", "", "", "", "王芳", NORTH, GATE, "2024-2025学年"],
    ]
    network = load(office(tmp_path, rows, name="Sheet2"))
    year = ("2024-09-01", "2025-08-31")
    assert ties_of(network, "2024-09-10") == {
        (FIRST, BRIDGE, "assists", *DAYS),
        (NORTH, ROCK, "posted_to", *year),
        (NORTH, GATE, "posted_to", *year),
    }


def test_columns_apart_that_are_one_table_stay_one(tmp_path: Path) -> None:
    rows: Rows = [
        ["学校名称", "学段", "", "在校生数", "专任教师数"],
        [BRIDGE, "小学", "", "300", "20"],
        [GATE, "小学", "", "120", "9"],
    ]
    listed(tmp_path / "学校.csv", rows)
    schools = load(tmp_path).nodes("school")
    assert schools["pupils"].tolist() == [300, 120]


@pytest.mark.parametrize(
    "rows",
    [
        [["姓名", "学校", "姓名", "学校"], ["张", FIRST, "李", BRIDGE]],
        [
            ["结对甲方", "", "结对乙方", ""],
            ["学校名称", "负责人", "学校名称", "负责人"],
            [FIRST, "王", BRIDGE, "李"],
        ],
    ],
)
def test_a_header_that_says_two_ends_alike_is_not_cut_in_two(rows: Rows) -> None:
    sheet = Sheet("名单.xlsx", "Sheet1", [[str(cell) for cell in row] for row in rows])
    assert sides(sheet) == [sheet]


# -- lists that say little, or too much ---------------------------------------------------------------


def test_lists_by_year_whose_sheets_are_called_by_the_year(tmp_path: Path) -> None:
    span = "2022.9-2023.7"
    path = office(tmp_path, [PAIRS, [1, FIRST, BRIDGE, span]], name="2022年")
    days = ("2022-09-01", "2023-07-31")
    assert ties_of(load(path), "2024-09-10") == {(FIRST, BRIDGE, "assists", *days)}


def test_ties_in_a_list_of_schools_are_told_as_lost(tmp_path: Path) -> None:
    head, one, two = [*SCHOOLS[1], "所属集团"], [*SCHOOLS[2], "实验集团"], [*SCHOOLS[4], "实验集团"]
    book(tmp_path / "学校.xlsx", {"学校基本情况": [head, one, two]})
    assert told(tmp_path, "ties_unread") == [("warning", "实验集团", "")]
    _, report = examine(tmp_path)
    (problem,) = [p for p in report.problems if p.code == "ties_unread"]
    assert "属于“集团成员”，在“学校”表中不读取" in problem.line("zh")


def test_a_list_called_by_its_ties_whose_ends_nobody_names_is_an_error(tmp_path: Path) -> None:
    rows: Rows = [
        ["青川区校际结对帮扶一览表"],
        ["序号", "甲方学校情况", "乙方学校情况", "起止时间"],
        [1, FIRST, BRIDGE, SPAN],
    ]
    network, report = examine(office(tmp_path, rows, name="Sheet2"))
    assert network is None
    assert [(p.code, p.column) for p in report.of("error")] == [
        ("missing_column", "支援校"),
        ("missing_column", "受援校"),
    ]
    assert [p.column for p in report.of("warning") if p.code == "schools_lost"] == [
        "甲方学校情况", "乙方学校情况",
    ]  # fmt: skip


# -- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (20230901, 20260731, DAYS),
        (202309, 202607, DAYS),
        (45170, 46234, DAYS),
        (2023, 2026, ("2023-01-01", "2026-12-31")),
    ],
)
def test_days_kept_as_numbers(tmp_path: Path, start: int, end: int, days: tuple[str, str]) -> None:
    rows = [["帮扶学校", "受援学校", "开始时间", "截止时间"], [FIRST, BRIDGE, start, end]]
    path = office(tmp_path, rows)
    assert ties_of(load(path), "2024-09-10") == {(FIRST, BRIDGE, "assists", *days)}


def test_a_duration_without_a_start_is_told_under_its_own_header(tmp_path: Path) -> None:
    path = office(tmp_path, [PAIRS, [1, FIRST, BRIDGE, "三年"]])
    _, report = examine(path)
    found = [p.column for p in report.problems if p.code == "length_without_start"]
    assert found == ["起止时间"]


def test_amounts_below_a_header_with_a_unit(tmp_path: Path) -> None:
    rows: Rows = [
        ["高校及社会组织支持乡村学校情况统计表"],
        ["支持单位", "受助学校", "支持方式", "金额（万元）", "时间"],
        ["春晖基金会", BRIDGE, "捐赠", 12.5, "2023.9-2024.8"],
        ["青川师范学院", GATE, "捐赠", "3000元", "2023.9-2024.8"],
    ]
    network = load(office(tmp_path, rows, name="社会支持"))
    assert sorted(network.relation("supports")["amount"]) == [3000.0, 125000.0]
    assert set(network.nodes("partner")["name"]) == {"春晖基金会", "青川师范学院"}


def test_of_a_name_with_a_telephone_in_brackets_the_name_is_left(tmp_path: Path) -> None:
    rows = [["姓名", "派出学校", "接收学校"], ["王芳（13812345678）", FIRST, BRIDGE]]
    network = load(office(tmp_path, rows, name="支教名单"))
    assert network.nodes("teacher")["name"].tolist() == ["王芳"]


def test_the_township_of_a_pair_tells_schools_of_one_name_apart(tmp_path: Path) -> None:
    head = ["学校名称", "乡镇"]
    listed(
        tmp_path / "学校.csv",
        [head, [FIRST, "城关街道"], ["王庄小学", "石桥镇"], ["王庄小学", "龙门乡"]],
    )
    pairs = [["帮扶学校", "受援学校", "受援学校所在乡镇"], [FIRST, "王庄小学", "龙门乡"]]
    listed(tmp_path / "结对帮扶.csv", pairs)
    assert load(tmp_path).relation("assists")["target"].tolist() == ["龙门乡/王庄小学"]
