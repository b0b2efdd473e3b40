"""Lists as bureaus of other provinces keep them: grouped rows, centres, studios, their own words."""

from __future__ import annotations

from pathlib import Path

import pytest

import liantu
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
