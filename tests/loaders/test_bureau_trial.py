"""Lists as offices keep them, written as a clerk would write them; the ties worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

import liantu
from liantu.loaders import examine

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


def test_ditto_marks_are_the_cell_above(tmp_path: Path) -> None:
    rows = [
        ["支援学校", "受援学校", "起止时间"],
        [FIRST, ZHANG, "2023.9-2024.8"],
        ["〃", LI, "同上"],
        [SECOND, "〃", "2024.9-2025.8"],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "结对帮扶": rows})
    assert ties(path) == {
        (FIRST, ZHANG, "assists", "2023-09-01", "2024-08-31"),
        (FIRST, LI, "assists", "2023-09-01", "2024-08-31"),
        (SECOND, LI, "assists", "2024-09-01", "2025-08-31"),
    }
    told = [p for p in liantu.read(path).report.problems if p.code == "ditto_filled"]
    assert sorted(str(p.column) for p in told) == ["受援学校", "支援学校", "起止时间"]


def test_a_ditto_mark_below_nothing_is_an_error(tmp_path: Path) -> None:
    rows = [["支援学校", "受援学校"], ["〃", LI]]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "结对帮扶": rows})
    assert [p.code for p in examine(path)[1].of("error")] == ["unknown_end"]


def test_a_duration_beside_a_month_gives_the_end_without_a_warning(tmp_path: Path) -> None:
    rows = [
        ["师傅姓名", "师傅单位", "徒弟姓名", "徒弟单位", "结对时间", "期限"],
        ["孙红", FIRST, "何平", ZHANG, "2023年9月", "两年"],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "师徒结对": rows})
    assert ties(path) == {(FIRST, ZHANG, "mentors", "2023-09-01", "2025-08-31")}
    assert not codes(path) & {"span_without_end", "header_yields", "unknown_header"}


def test_mentor_and_mentee_of_one_subject(tmp_path: Path) -> None:
    rows = [
        ["师傅", "", "", "徒弟", "", "", "结对时间"],
        ["姓名", "单位", "学科", "姓名", "单位", "学科", ""],
        ["孙红", FIRST, "语文", "何平", ZHANG, "语文", "2023年9月-2025年7月"],
    ]
    areas = ["A1:C1", "D1:F1", "G1:G2"]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "师徒结对": rows}, {"师徒结对": areas})
    assert ties(path) == {(FIRST, ZHANG, "mentors", "2023-09-01", "2025-07-31")}
    assert liantu.read(path).relation("mentors")["subject"].tolist() == ["语文"]


def test_of_subjects_that_differ_the_mentors_counts(tmp_path: Path) -> None:
    rows = [
        ["师傅", "", "", "徒弟", "", "", "结对时间"],
        ["姓名", "单位", "学科", "姓名", "单位", "学科", ""],
        ["孙红", FIRST, "语文", "何平", ZHANG, "数学", "2023年9月-2025年7月"],
    ]
    areas = ["A1:C1", "D1:F1", "G1:G2"]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "师徒结对": rows}, {"师徒结对": areas})
    network = liantu.read(path)
    assert network.relation("mentors")["subject"].tolist() == ["语文"]
    assert [p.row for p in network.report.of("warning") if p.code == "subjects_differ"] == [3]


def test_numbered_columns_of_members(tmp_path: Path) -> None:
    rows = [
        ["集团名称", "核心校", "成员校1", "成员校2", "成立时间"],
        ["第一小学教育集团", FIRST, ZHANG, LI, "2021年9月"],
        ["实验小学教育集团", SECOND, "", SHANG, "2022年9月"],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "教育集团": rows})
    assert ties(path) == {
        (FIRST, ZHANG, "member_of", "2021-09-01", None),
        (FIRST, LI, "member_of", "2021-09-01", None),
        (SECOND, SHANG, "member_of", "2022-09-01", None),
    }


def test_numbered_columns_of_receiving_schools(tmp_path: Path) -> None:
    rows = [["支援学校", "受援学校1", "受援学校2", "起止时间"], [FIRST, ZHANG, LI, "2023-2024学年"]]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "结对帮扶": rows})
    assert ties(path) == {
        (FIRST, ZHANG, "assists", "2023-09-01", "2024-08-31"),
        (FIRST, LI, "assists", "2023-09-01", "2024-08-31"),
    }


def test_a_second_school_of_an_end_is_not_lost(tmp_path: Path) -> None:
    rows = [["支援学校", "受援学校", "薄弱学校"], [FIRST, ZHANG, LI]]
    path = book(tmp_path / "台账.xlsx", {"学校": SCHOOLS, "结对帮扶": rows})
    assert [p.code for p in examine(path)[1].of("error")] == ["several_ends"]


def test_a_year_in_the_name_of_a_sheet_dates_nothing(tmp_path: Path) -> None:
    rows = [["支援学校", "受援学校"], [FIRST, ZHANG]]
    dated = [["支援学校", "受援学校", "起止时间"], [SECOND, LI, "2023-2024学年"]]
    sheets = {"学校": SCHOOLS, "2022年结对帮扶": rows, "2023年结对帮扶": dated}
    path = book(tmp_path / "台账.xlsx", sheets)
    told = [p for p in liantu.read(path).report.problems if p.code == "year_unread"]
    assert [p.sheet for p in told] == ["2022年结对帮扶"]


def test_the_regions_of_a_pair_tell_schools_of_one_name_apart(tmp_path: Path) -> None:
    schools = [
        ["学校名称", "办学类型", "所在县", "城乡类别"],
        ["实验小学", "小学", "海东市", "城区"],
        ["实验小学", "小学", "白塔县", "城区"],
    ]
    rows = [
        ["支援地区", "支援学校", "受援地区", "受援学校", "帮扶时间"],
        ["海东市", "实验小学", "白塔县", "实验小学", "2021年9月-2025年12月"],
    ]
    path = book(tmp_path / "台账.xlsx", {"学校": schools, "对口帮扶": rows})
    assert ties(path) == {("实验小学", "实验小学", "assists", "2021-09-01", "2025-12-31")}
    pair = liantu.read(path).relation("assists").iloc[0]
    assert (pair["source"], pair["target"]) == ("海东市/实验小学", "白塔县/实验小学")


def test_strong_schools_lead_weak_ones(tmp_path: Path) -> None:
    rows = [["强校", "弱校", "结对学年"], [FIRST, f"{ZHANG}，{LI}", "2023-2024学年"]]
    path = book(tmp_path / "强校带弱校.xlsx", {"学校": SCHOOLS, "Sheet1": rows})
    assert ties(path) == {
        (FIRST, ZHANG, "assists", "2023-09-01", "2024-08-31"),
        (FIRST, LI, "assists", "2023-09-01", "2024-08-31"),
    }


def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    rows = [["支援学校", "受援学校", "起止时间"], [FIRST, ZHANG, "2023-2024学年"]]
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as whole:
        for name, cells in (("学校", SCHOOLS), ("结对帮扶旧表", rows)):
            sheet = whole.add_worksheet(name)
            for number, row in enumerate(cells):
                sheet.write_row(number, 0, row)
        sheet.hide()
    assert ties(path) == set()
    told = [p for p in liantu.read(path).report.problems if p.code == "sheet_hidden"]
    assert [p.sheet for p in told] == ["结对帮扶旧表"]
