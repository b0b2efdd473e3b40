"""Lists as bureaus of other provinces keep them: grouped rows, centres, studios, their own words."""

from __future__ import annotations

from pathlib import Path

import pytest

import liantu
from liantu import vocabulary
from liantu.drafts import draft
from liantu.graph.load_report import LoadReport
from liantu.loaders import examine

SCHOOLS = """学校名称,办学类型,乡镇,城乡类别,在校生数
石桥县第一小学,完全小学,城关镇,111,1820
石桥县第二小学,完全小学,城关镇,111,1510
水井村完小,村完小,大坪镇,220,88
红岩小学,小学,白沙乡,220,45
苗寨小学,小学,马鞍乡,220,62
"""
A, B, F, G, H = "石桥县第一小学", "石桥县第二小学", "水井村完小", "红岩小学", "苗寨小学"
Tie = tuple[str, str, str, str | None, str | None]


def source(folder: Path, **tables: str) -> Path:
    """Write tables as CSV, a list of schools among them."""
    for name, text in {"学校": SCHOOLS, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="gb18030")
    return folder


def ties(path: Path, as_of: str = "2024-10-20") -> set[Tie]:
    """Return the ties of a source, each of them once."""
    network = liantu.read(path)
    table = liantu.ties(network, as_of=as_of).table.astype({"start": "str", "end": "str"})
    dates = [table[c].str[:10].replace({"NaT": None, "nan": None}) for c in ("start", "end")]
    rows = zip(table["source_name"], table["target_name"], table["basis"], *dates, strict=True)
    found = [tuple(None if cell != cell else cell for cell in row) for row in rows]
    assert len(set(found)) == len(found)
    return set(found)  # type: ignore[arg-type]


def told(report: LoadReport, code: str) -> list[tuple[str, str]]:
    """Return column and rows of the problems of one code."""
    return [(p.column, str(p.params.get("rows", p.row))) for p in report.problems if p.code == code]


# -- cells left blank below a merged one -----------------------------------------------------------

GROUPED = """石桥县城乡教育共同体组建情况表,,,,
序号,共同体名称,牵头学校,成员学校,组建时间
1,一小共同体,石桥县第一小学,水井村完小,2022年9月
,,,红岩小学,
2,二小共同体,石桥县第二小学,苗寨小学,2023年9月
合计,2个,,3所,
"""


def test_rows_of_a_group_without_a_number_continue_it_and_are_told(tmp_path: Path) -> None:
    path = source(tmp_path, 共同体=GROUPED)
    assert ties(path) == {
        (A, F, "member_of", "2022-09-01", None),
        (A, G, "member_of", "2022-09-01", None),
        (B, H, "member_of", "2023-09-01", None),
    }
    report = liantu.read(path).report
    assert [p.severity for p in report.problems if p.code == "cells_continued"] == ["warning"] * 3
    assert told(report, "cells_continued") == [
        ("共同体名称", "4"), ("牵头学校", "4"), ("组建时间", "4"),
    ]  # fmt: skip


def test_below_a_title_a_numbered_row_continues_but_keeps_its_own_dates(tmp_path: Path) -> None:
    text = f"结对帮扶台账,,,\n序号,帮扶学校,被帮扶学校,帮扶时间\n1,{A},{F},2023.9-2026.8\n"
    text += f"2,,{G},2024.9-2027.8\n3,,{H},\n"
    path = source(tmp_path, 台账=text)
    assert ties(path) == {
        (A, F, "assists", "2023-09-01", "2026-08-31"),
        (A, G, "assists", "2024-09-01", "2027-08-31"),
        (A, H, "assists", "2024-09-01", "2027-08-31"),
    }


@pytest.mark.parametrize(
    "rows",
    [
        f"支援校,受援校\n{A},{F}\n,{G}\n",  # a bare table: nothing tells of a merged cell
        f"序号,支援校,受援校\n1,{A},{F}\n2,,{G}\n",
        f"结对帮扶一览表,\n支援校,受援校\n{A},{F}\n{B},\n",  # the other end is blank
        f"结对帮扶一览表,\n支援校,受援校\n{A},{F}\n,\n,{G}\n",  # not right below
        f"结对帮扶一览表,\n支援校,受援校\n,{G}\n{A},{F}\n",  # below nothing
    ],
)
def test_elsewhere_an_empty_end_stays_an_error_that_says_what_to_write(
    tmp_path: Path, rows: str
) -> None:
    _, report = examine(source(tmp_path, 结对帮扶=rows))
    (problem,) = report.of("error")
    assert problem.code == "missing_value"
    assert "同上" in problem.remedy("zh")
    assert "同上" in problem.remedy("en")
    assert told(report, "cells_continued") == []


def test_an_alliance_of_its_own_without_a_core_is_not_given_the_core_above(tmp_path: Path) -> None:
    text = f"集团化办学一览表,,\n集团名称,核心校,成员校\n甲集团,{A},{F}\n乙集团,,{G}\n乙集团,,{H}\n"
    assert ties(source(tmp_path, 集团=text)) == {
        (A, F, "member_of", None, None),
        (G, H, "member_of", None, None),
        (H, G, "member_of", None, None),
    }


def test_the_core_leads_from_its_first_member_on_and_once(tmp_path: Path) -> None:
    text = (
        f"集团名称,核心校,成员校,加入时间\n甲集团,{A},{F},2022-09-01\n甲集团,{A},{G},2023-09-01\n"
    )
    assert ties(source(tmp_path, 集团=text)) == {
        (A, F, "member_of", "2022-09-01", None),
        (A, G, "member_of", "2023-09-01", None),
    }


# -- centres and studios ---------------------------------------------------------------------------


def test_a_list_of_centres_with_host_and_members_gives_both(tmp_path: Path) -> None:
    text = "学科教研基地一览表,,,,\n序号,基地名称,学科,牵头单位,成员单位,成立时间\n"
    text += f"1,小学语文教研基地,语文,{A},{F}、{G},2023年3月\n"
    path = source(tmp_path, 学科教研基地=text)
    assert ties(path) == {
        (A, F, "joins", "2023-03-01", None),
        (A, G, "joins", "2023-03-01", None),
    }
    joins = liantu.read(path).relation("joins")
    assert sorted(joins["role"]) == ["host", "member", "member"]


def test_a_studio_is_of_the_school_of_who_leads_it(tmp_path: Path) -> None:
    text = "序号,工作室名称,主持人,主持人单位,成员姓名,成员单位,聘期\n"
    text += f"1,田某工作室,田某,{A},龙某,{F},2023.9-2026.8\n,,,,石某,{G},\n"
    text += f"2,杨某工作室,杨某,{B},麻某,{H},2024.9-2027.8\n"
    path = source(tmp_path, 名师工作室=text)
    assert ties(path) == {
        (A, F, "joins", "2023-09-01", "2026-08-31"),
        (A, G, "joins", "2023-09-01", "2026-08-31"),
        (B, H, "joins", "2024-09-01", "2027-08-31"),
    }


def test_a_list_of_centres_does_not_make_errors_of_rosters_of_others(tmp_path: Path) -> None:
    centres = "中心编号,中心名称,学科\n1,数学教研中心,数学\n"
    text = f"工作室名称,主持人,主持人单位,成员,成员单位\n田某工作室,田某,{A},龙某,{F}\n"
    path = source(tmp_path, 研究中心=centres, 名师工作室成员=text)
    assert ties(path) == {(A, F, "joins", None, None)}
    assert len(liantu.read(path).nodes("center")) == 2


def test_a_centre_that_nobody_describes_is_an_error_still(tmp_path: Path) -> None:
    centres = "中心编号,中心名称,学科\n1,数学教研中心,数学\n"
    text = f"中心名称,学校名称\n语文教研中心,{F}\n"
    _, report = examine(source(tmp_path, 研究中心=centres, 中心成员=text))
    assert [p.code for p in report.of("error")] == ["unknown_end"]


# -- words of other places -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "head", "start", "end"),
    [
        ("东西部协作结对", "东部学校,西部学校,签约时间,协作期限\n{},{},2021年10月,5年\n", "2021-10-01", "2026-09-30"),
        ("托管帮扶", "托管校,被托管校,托管年限,开始时间\n{},{},3,2023-09-01\n", "2023-09-01", "2026-08-31"),
        ("结对帮扶", "城区学校,农村学校,帮扶周期\n{},{},2024年9月1日至2026年8月31日\n", "2024-09-01", "2026-08-31"),
        ("帮扶", "帮扶学校,受帮扶学校,帮扶起始时间,帮扶截止时间\n{},{},2024.9,2026.8\n", "2024-09-01", "2026-08-31"),
    ],
)  # fmt: skip
def test_words_for_pairs(tmp_path: Path, name: str, head: str, start: str, end: str) -> None:
    path = source(tmp_path, **{name: head.format(A, F)})
    assert ties(path) == {(A, F, "assists", start, end)}


def test_first_and_last_days_are_called_after_what_is_done(tmp_path: Path) -> None:
    text = "支教教师花名册,,,,\n姓名,原单位,支教学校,支教起始时间,支教结束时间\n"
    text += f"田某,{A},{F},2024.9,2025.7\n杨某,{B},{G},2024.9,/\n吴某,{B},{H},2024.9,无\n"
    path = source(tmp_path, 花名册=text)
    assert ties(path) == {
        (A, F, "posted_to", "2024-09-01", "2025-07-31"),
        (B, G, "posted_to", "2024-09-01", None),
        (B, H, "posted_to", "2024-09-01", None),
    }
    assert told(liantu.read(path).report, "nothing_marked") == [("支教结束时间", "4, 5")]


def test_a_mark_for_nothing_is_no_school(tmp_path: Path) -> None:
    _, report = examine(source(tmp_path, 结对帮扶=f"支援校,受援校\n{A},—\n"))
    assert [p.code for p in report.of("error")] == ["unknown_end"]


# -- several tables in a sheet ---------------------------------------------------------------------


def test_a_second_table_below_the_first_is_read_as_what_its_title_says(tmp_path: Path) -> None:
    text = f"一、支教教师,,,\n姓名,派出学校,支教学校,支教时间\n田某,{A},{F},2024年9月-2025年7月\n"
    text += f",,,\n二、跟岗教师,,,\n姓名,派出学校,跟岗学校,跟岗时间\n龙某,{G},{B},2024年10月-2024年12月\n"
    path = source(tmp_path, 教师交流=text)
    assert ties(path) == {
        (A, F, "posted_to", "2024-09-01", "2025-07-31"),
        (B, G, "posted_to", "2024-10-01", "2024-12-31"),  # the host helps who comes to learn
    }


def test_problems_of_a_second_table_name_the_rows_of_the_sheet(tmp_path: Path) -> None:
    text = f"一、小学结对,\n支援学校,受援学校\n{A},{F}\n,\n二、中学结对,\n支援学校,受援学校\n{B},丁\n{B},{G}\n"
    path = source(tmp_path, 结对帮扶=text)
    _, report = examine(path)
    assert [(p.code, p.row, p.value) for p in report.of("error")] == [("unknown_end", 7, "丁")]
    (path / "结对帮扶.csv").write_text(text.replace("丁", H), encoding="gb18030")
    assert ties(path) == {(A, F, *UNDATED), (B, H, *UNDATED), (B, G, *UNDATED)}


UNDATED = ("assists", None, None)


def test_a_second_table_that_nobody_knows_is_told_with_its_row(tmp_path: Path) -> None:
    text = f"支援学校,受援学校,帮扶时间\n{A},{F},2024.9-2025.8\n,,\n经费使用情况,,\n项目,金额,时间\n书,100,2024.10\n"
    network, report = examine(source(tmp_path, 结对帮扶=text))
    told_of = [(p.code, p.row) for p in report.problems if p.code in ("unknown_piece", "no_header")]
    assert told_of == [("unknown_piece", 4)] or network is None


def test_a_header_on_every_page_continues_its_table(tmp_path: Path) -> None:
    text = f"支援学校,受援学校\n{A},{F}\n,\n支援学校,受援学校\n{B},{G}\n"
    path = source(tmp_path, 结对帮扶=text)
    assert ties(path) == {(A, F, *UNDATED), (B, G, *UNDATED)}
    assert [p.code for p in liantu.read(path).report.problems if p.code == "header_again"]


def test_signatures_below_a_table_are_no_second_one(tmp_path: Path) -> None:
    text = f"支援学校,受援学校,时间\n{A},{F},2024.9-2025.8\n,,\n单位负责人,填表人,日期\n赵某,孙某,2024.9\n"
    network, _ = examine(source(tmp_path, 结对帮扶=text))
    assert network is None or len(network.relation("assists")) == 1


# -- small things ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "warned"),
    [
        (f"{F}、{G}、{H}等3所", False),
        (f"{F}、{G}、{H}等三所学校", False),
        (f"{F}、{G}、{H}等4所", True),
        (f"{F}、{G}、{H}等", True),
        (f"{F}、{G}、{H}等3所余", True),
        (f"{F}、{G}、{H}等十三所", True),
    ],
)
def test_and_others_is_told_only_where_others_are_left_out(
    tmp_path: Path, cell: str, warned: bool
) -> None:
    _, report = examine(source(tmp_path, 集团=f'集团名称,总校,分校\n甲集团,{A},"{cell}"\n'))
    codes = {p.code for p in report.problems}
    assert bool(codes & {"names_and_others", "count_no_name", "unknown_end"}) is warned


def test_subjects_of_mentor_and_mentee_may_differ(tmp_path: Path) -> None:
    text = "师傅姓名,师傅单位,师傅学科,徒弟姓名,徒弟单位,徒弟学科\n"
    text += f"田某,{A},语文,龙某,{F},语文\n杨某,{B},数学,吴某,{H},科学\n,,,,,\n"
    path = source(tmp_path, 师徒结对=text)
    network = liantu.read(path)
    assert sorted(network.relation("mentors")["subject"]) == ["数学", "语文"]
    assert told(network.report, "subjects_differ") == [("徒弟学科", "3")]


def test_what_only_numbers_events_counts_none(tmp_path: Path) -> None:
    text = f"场次,送教学校,受教学校,日期\n第1场,{A},{F},2024-03-01\n第2场,{B},{G},2024-03-02\n"
    assert liantu.read(source(tmp_path, 送教下乡=text)).relation("delivers")["count"].isna().all()


def test_an_unknown_school_beside_a_person_is_told_under_its_own_header(tmp_path: Path) -> None:
    text = f"送教教师,送教学校,受教学校,日期\n田某,进修学校,{F},2024-03-01\n"
    _, report = examine(source(tmp_path, 送教下乡=text))
    assert [(p.column, p.value) for p in report.of("error")] == [("送教学校", "进修学校")]


@pytest.mark.parametrize(
    ("table", "text", "column"),
    [
        ("支教", "支教学校,支教时间\n{F},2024.9-2025.7\n", "姓名"),
        ("师徒结对", "师傅姓名,师傅单位\n田某,{A}\n", "徒弟姓名"),
    ],
)
def test_a_missing_column_of_people_is_called_by_their_names(
    tmp_path: Path, table: str, text: str, column: str
) -> None:
    _, report = examine(source(tmp_path, **{table: text.format(A=A, F=F)}))
    assert column in {p.column for p in report.of("error") if p.code == "missing_column"}


def test_schools_that_are_lost_are_called_as_the_table_calls_them(tmp_path: Path) -> None:
    text = f"集团名称,核心校,成员校,甲类\n甲集团,{A},{F},{G}\n"
    report = liantu.read(source(tmp_path, 集团=text)).report
    (problem,) = [p for p in report.problems if p.code == "schools_lost"]
    assert "“核心校”“成员校”" in problem.remedy("zh")


def test_a_school_that_stands_twice_is_told_under_the_header_of_its_name(tmp_path: Path) -> None:
    path = source(tmp_path)
    (path / "学校.csv").write_text(SCHOOLS + "红岩小学,小学,白沙乡,220,99\n", encoding="gb18030")
    _, report = examine(path)
    assert {p.column for p in report.of("error")} == {"学校名称"}


def test_one_of_something_is_told_in_the_singular() -> None:
    assert vocabulary.message("undated_states", "en", {"count": 1}).startswith("1 undated state ")
    assert vocabulary.message("undated_states", "en", {"count": 21}).startswith("21 undated states")
    told_of = vocabulary.message("header_again", "en", {"count": 1, "rows": "7"})
    assert told_of == "1 row repeats the header and was skipped (row 7)"
    assert "1 rows" in vocabulary.message("unknown_form", "en", {"value": "1 rows", "count": 2, "table": "assists"})  # fmt: skip


# -- hidden sheets, several mappings, drafts -------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        ([["支援学校", "受援学校", "起止时间"], [B, G, "2023.9-2026.8"]], "warning"),
        ([["选项"], ["小学"], ["初中"]], "info"),
    ],
)
def test_a_hidden_sheet_is_a_warning_where_ties_stand_in_it(
    tmp_path: Path, rows: list[list[str]], severity: str
) -> None:
    from xlsxwriter import Workbook

    path = source(tmp_path)
    with Workbook(str(path / "台账.xlsx")) as book:
        book.add_worksheet("结对").write_row(0, 0, ["支援学校", "受援学校"])
        book.get_worksheet_by_name("结对").write_row(1, 0, [A, F])
        hidden = book.add_worksheet("2023年")
        for number, row in enumerate(rows):
            hidden.write_row(number, 0, row)
        hidden.hide()
    assert ties(path) == {(A, F, *UNDATED)}
    problems = liantu.read(path).report.problems
    assert [p.severity for p in problems if p.code.startswith("sheet_hidden")] == [severity]


def test_a_name_behind_its_county_is_a_candidate(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "学校.csv").write_text("学校名称,乡镇\n第一小学,城关镇\n红岩小学,白沙乡\n", "utf-8")
    (lists / "结对.csv").write_text("支援校,受援校\n石桥县第一小学,红岩小学\n", "utf-8")
    rows = draft(lists, tmp_path / "draft.xlsx").rows["names"]
    assert [(r["written"], r["pick"], r["candidate_1"]) for r in rows] == [
        ("石桥县第一小学", "", "第一小学")
    ]
    assert rows[0]["reason"].startswith("1. 除去“石桥县”后名称相同")


def test_a_mapping_of_a_header_in_two_rows_is_drafted_and_read(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    source(lists)
    text = f"帮扶学校,,受帮扶学校,,帮扶期限,\n学校名称,负责人,学校名称,负责人,起,止\n{A},赵,{F},钱,2023年9月,2026年8月\n"
    (lists / "结对.csv").write_text(text, encoding="gb18030")
    wanted = ties(lists)
    assert wanted == {(A, F, "assists", "2023-09-01", "2026-08-31")}
    rules = tmp_path / "mapping.toml"
    draft(lists, rules)
    assert "帮扶学校·学校名称" in rules.read_text(encoding="utf-8")
    table = liantu.ties(liantu.read(lists, mapping=[rules]), as_of="2024-10-20").table
    assert table["source_name"].tolist() == [A]
    assert table["start"].astype("str").str[:10].tolist() == ["2023-09-01"]
