"""Lists as offices keep them, written as a clerk would write them; the ties worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

import liantu

SCHOOLS = (
    ("序号", "学校名称", "办学类型", "所在乡镇", "城乡类别", "在校生数"),
    (1, "白塔县第一小学", "小学", "城关镇", "城区", 2000),
    (2, "白塔县实验小学", "小学", "城关镇", "城区", 1750),
    (3, "东河镇张村小学", "小学", "东河镇", "乡村", 96),
    (4, "东河镇李村小学", "小学", "东河镇", "乡村", 74),
    (5, "西岭乡上河小学", "小学", "西岭乡", "乡村", 53),
)
FIRST, SECOND, ZHANG, LI, SHANG = (str(row[1]) for row in SCHOOLS[1:])
Rows = Sequence[Sequence[object]]
Tie = tuple[str, str, str, str | None, str | None]


def book(
    path: Path, sheets: dict[str, Rows], merged: dict[str, Sequence[str]] | None = None
) -> Path:
    """Write a workbook; `merged` names ranges by sheet, whose first cell is written already."""
    with xlsxwriter.Workbook(str(path)) as whole:
        for name, rows in sheets.items():
            sheet = whole.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
            for area in (merged or {}).get(name, ()):
                sheet.merge_range(area, "")
                first = area.partition(":")[0]
                column, line = ord(first[0]) - ord("A"), int(first[1:]) - 1
                sheet.write(first, rows[line][column])
    return path


def ties(path: Path) -> set[Tie]:
    network = liantu.read(path)
    table = liantu.ties(network, as_of="2024-09-10").table
    found = []
    for row in table.to_dict("records"):
        days = [None if str(row[c]) == "NaT" else str(row[c])[:10] for c in ("start", "end")]
        found.append((row["source_name"], row["target_name"], row["basis"], *days))
    assert len(set(found)) == len(found)
    return set(found)


def codes(path: Path) -> set[str]:
    return {problem.code for problem in liantu.read(path).report.problems}


def test_pupils_are_the_total_of_boys_and_girls_below_a_merged_header(tmp_path: Path) -> None:
    rows = [
        ["白塔县2024-2025学年初学校基本情况统计表"],
        ["所在乡镇", "学校名称", "办学类型", "城乡类别", "在校学生数（人）", "", "", "备注"],
        ["", "", "", "", "男", "女", "合计", ""],
        ["东河镇", ZHANG, "小学", "乡村", 50, 46, 96, ""],
        ["", LI, "小学", "乡村", 40, 34, 74, ""],
        ["小计", "", "", "", 90, 80, 170, ""],
        ["西岭乡", SHANG, "小学", "乡村", 30, 23, 53, ""],
    ]
    areas = ["A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:G2", "H2:H3", "A4:A5", "A6:D6"]
    path = book(tmp_path / "基本情况.xlsx", {"基本情况": rows}, {"基本情况": areas})
    schools = liantu.read(path).nodes("school").set_index("name")
    assert schools["pupils"].to_dict() == {ZHANG: 96, LI: 74, SHANG: 53}
    assert schools["region"].to_dict() == {ZHANG: "东河镇", LI: "东河镇", SHANG: "西岭乡"}
    assert "no_column_header" not in codes(path)


def test_an_alliance_is_founded_in_a_term(tmp_path: Path) -> None:
    rows = [
        ["教联体名称", "龙头学校", "成员校", "建立时间"],
        ["第一小学教联体", FIRST, ZHANG, "2023年秋季学期"],
        ["实验小学教联体", SECOND, SHANG, "2024年春季学期"],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "教联体": rows})
    assert ties(path) == {
        (FIRST, ZHANG, "member_of", "2023-09-01", None),
        (SECOND, SHANG, "member_of", "2024-02-01", None),
    }


def test_a_founding_month_kept_as_a_number_is_doubted(tmp_path: Path) -> None:
    rows = [
        ["集团名称", "总校", "分校", "组建时间"],
        ["第一小学教育集团", FIRST, ZHANG, 2021.11],
        ["实验小学教育集团", SECOND, SHANG, 2022.1],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "集团": rows})
    assert "perhaps_october" in codes(path)
