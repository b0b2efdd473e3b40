"""Tables as bureaus keep them: recognised by evidence, headers in two rows, totals, footers."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from liantu.analyses.coverage import coverage as coverage_of
from liantu.analyses.ties import ties as ties_of
from liantu.errors import RequestError
from liantu.loaders import examine
from liantu.loaders.body import find_head
from liantu.loaders.headers import meaning
from liantu.loaders.recognise import read_as, recognise
from liantu.loaders.sources import Sheet
from liantu.loaders.template import write_template

BUREAU = Path(__file__).parents[3] / "shared" / "data" / "bureau_workbooks"
SCHOOLS = (
    "学校名称,所在乡镇,在校生数\n甲小学,东镇,900\n乙小学,东镇,80\n丙小学,西乡,60\n丁小学,西乡,40\n"
)


def sheet(text, *, file="Book1.xlsx", name="Sheet1"):
    return Sheet(file, name, [line.split(",") for line in text.strip().split("\n")], workbook=True)


def ties(network, relation, *columns):
    frame = network.relation(relation)[["source", "target", *columns]].astype(object)
    rows = frame.where(frame.notna(), None).itertuples(index=False)
    return [tuple(str(c)[:10] if c is not None else None for c in row) for row in rows]


def warned(network):
    return sorted(p.code for p in network.report.of("warning") if not p.code.startswith("coarse"))


@pytest.mark.parametrize("source", ["ledger", "consortia", "postings"])
def test_the_workbooks_of_a_bureau(source):
    if not BUREAU.is_dir():
        pytest.skip("no shared data")
    expected = json.loads((BUREAU / "expected.json").read_text(encoding="utf-8"))
    network, report = examine(BUREAU / source)
    assert network is not None
    assert not report.of("error")
    wanted = expected[source]
    assert len(network.nodes("school")) == wanted["schools"]
    found = ties_of(network, as_of=expected["as_of"]).table
    columns = expected["tie_columns"]
    frame = found[columns].astype(object)
    rows = frame.where(frame.notna(), None).values.tolist()
    rows = [[str(c)[:10] if hasattr(c, "year") else c for c in row] for row in rows]
    assert sorted(map(str, rows)) == sorted(map(str, wanted["ties"]))
    coverage = coverage_of(network, as_of=expected["as_of"]).summary
    assert {key: coverage[key] for key in wanted["coverage"]} == wanted["coverage"]
    assert "total_differs" not in {p.code for p in report.problems}


@pytest.mark.parametrize(
    ("text", "file", "name", "table"),
    [
        ("帮扶学校,受帮扶学校,起止时间\n甲,乙,2023.9-2024.7", "2024年某县结对帮扶一览表.xlsx", "Sheet1", "assists"),
        ("某县学校基本情况统计表\n序号,学校名称,班级数,在校生数（人）\n1,甲,6,90", "x.xlsx", "Sheet1", "school"),
        ("学校名称,学校标识码,在校生数,城乡类别\n甲,1,9,乡村", "x.xlsx", "柳河镇", "school"),
        ("集团名称,总校,分校\n东集团,甲,乙", "x.xlsx", "教育集团成员校名单", "member_of"),
        ("学区名称,学区长校,所辖学校\n东学区,甲,乙", "x.xlsx", "学区划分表", "member_of"),
        ("教联体名称,学校名称,角色\n东教联体,甲,牵头校", "x.xlsx", "教联体", "member_of"),
        ("姓名,原任教学校,交流学校,轮岗时间\n王,甲,乙,2023.9-2024.7", "x.xlsx", "轮岗教师名单", "posted_to"),
        ("教师姓名,职称,派出学校,接收学校,支教时间\n王,一级,甲,乙,2023", "x.xlsx", "教师名单", "posted_to"),
        ("师傅姓名,师傅单位,徒弟姓名,徒弟单位,学科\n王,甲,李,乙,语文", "x.xlsx", "结对", "mentors"),
        ("活动时间,送课学校,活动地点,授课教师,课题\n2024.3,甲,乙,王,春", "x.xlsx", "送课下乡记录", "delivers"),
        ("工作室名称,姓名,工作单位,学科\n王芳工作室,李,甲,语文", "x.xlsx", "名师工作室成员名单", "joins"),
    ],
)  # fmt: skip
def test_one_table_is_singled_out(text, file, name, table):
    reading = read_as(sheet(text, file=file, name=name))
    assert reading.table == table
    assert reading.why


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("学校名称,站点,发车时间\n甲,东街,7:20", "校车线路表"),
        ("姓名,学校,年级,金额\n王,甲,三,500", "学生资助名单"),
        ("姓名,单位,职称,论文题目\n王,甲,一级,论", "教师论文获奖名单"),
        (
            "学校名称,学段,在校生数,食堂面积,就餐人数,供餐方式\n甲,小学,90,40,50,自办",
            "学校食堂基本情况",
        ),
        ("学校名称,金额,联系人\n甲,500,王", "学校经费"),
        ("日期,金额,经手人\n2024-01-01,5,王", "Sheet1"),
        ("支援校,受援校\n甲,乙", "汇总"),
    ],
)
def test_foreign_tables_stay_unread(text, name):
    assert recognise(sheet(text, name=name)).table == ""


def test_what_it_may_be_is_named(folder):
    source = folder({"学校": SCHOOLS, "汇总": "支援校,受援校\n甲小学,乙小学\n"})
    _, report = examine(source)
    (problem,) = [p for p in report.problems if p.code == "unknown_sheet"]
    assert problem.params["candidates"].split(" / ")[0] == "assists"
    assert "可能是：结对帮扶" in problem.line("zh")


def test_the_report_says_why_and_what_was_left(folder):
    text = "帮扶学校,受帮扶学校,起止时间,负责人,备注\n甲小学,乙小学,2023.9-2024.7,王,\n"
    network, _ = examine(folder({"学校": SCHOOLS, "2024年某县结对帮扶一览表": text}))
    (entry,) = [t for t in network.report.tables if t["table"] == "assists"]
    assert dict(entry["why"]) == {
        "headers": "帮扶学校、受帮扶学校、起止时间",
        "file": "2024年某县结对帮扶一览表",
    }
    assert entry["unread"] == ("负责人", "备注")
    assert warned(network) == []


def test_a_header_in_two_rows_typed_into_a_csv(folder):
    text = (
        "某县城乡学校结对帮扶统计表,,,,,,\n"
        "序号,帮扶学校,,受帮扶学校,,帮扶期限,,备注\n"
        ",学校名称,负责人,学校名称,负责人,起,止,\n"
        "1,甲小学,王,乙小学,李,2023年9月,2026年8月,\n"
        "2,甲小学,王,丙小学,李,2024年9月,长期,\n"
        "合计,,,2对,,,,\n"
        "填表人：张,,,日期：2024年9月,,,,\n"
    )
    folder({"学校": SCHOOLS})
    path = folder({"b_结对帮扶表": text}, encoding="gb18030")
    (path / "学校.csv").write_text(SCHOOLS, encoding="utf-8")
    network, _ = examine(path)
    assert ties(network, "assists", "start", "end") == [
        ("甲小学", "丙小学", "2024-09-01", None),
        ("甲小学", "乙小学", "2023-09-01", "2026-08-31"),
    ]
    assert warned(network) == []


def test_a_row_of_data_is_no_second_header():
    known = lambda text: (found := meaning("school", text)) and found.column  # noqa: E731
    head = find_head(sheet("学校名称,学段,\n甲,小学,校长"), known)
    assert (head.row, head.below) == (0, 1)


def test_the_upper_cell_says_whose_school_it_is():
    assert meaning("assists", "受援学校·学校名称").column == "target"
    assert meaning("assists", "受援学校·所在乡镇").column == "target_region"
    assert meaning("assists", "某某·学校名称") is None
    assert meaning("mentors", "徒弟·学校").column == "mentee_school"


def test_totals_that_disagree(folder):
    text = "学校名称,所在乡镇,在校生数\n甲小学,东镇,900\n乙小学,东镇,80\n小计,2所,980\n丙小学,西乡,60\n丁小学,西乡,40\n小计,2所,110\n合计,4所,1080\n"
    pairs = "帮扶学校,受帮扶学校,开始时间\n甲小学,乙小学,2023-09-01\n合计,2对,\n"
    network, report = examine(folder({"学校基本情况": text, "结对帮扶": pairs}))
    found = [
        (p.row, p.column, p.value, p.params["count"])
        for p in report.problems
        if p.code == "total_differs"
    ]
    assert found == [(7, "在校生数", "110", "100"), (3, "受帮扶学校", "2对", "1")]
    assert len(network.nodes("school")) == 4


def test_footers_of_signatures_and_dates(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "学校.xlsx")) as book:
        page = book.add_worksheet("学校名单")
        page.write_row(0, 0, ["学校名称", "所在乡镇", "在校生数"])
        page.write_row(1, 0, ["甲小学", "东镇", 90])
        page.write_row(2, 0, ["学校名称", "所在乡镇", "在校生数"])
        page.write_row(3, 0, ["乙小学", "东镇", 80])
        page.write_row(4, 0, ["单位负责人：王", "填表人：李", "日期：2024年9月"])
        page.write_row(5, 0, ["", "", "云溪县教育局（盖章）"])
        page.write_row(6, 0, ["", "", "2024年9月10日"])
    network, report = examine(tmp_path)
    assert network.nodes("school").index.tolist() == ["乙小学", "甲小学"]
    assert report.totals()["rows_skipped"] == 4


def test_founding_and_the_number_of_schools(folder):
    text = (
        "教联体名称,牵头校,成员校,学校数,成员校数,组建时间\n"
        "东教联体,甲小学,乙小学、丙小学,3,2,2024年3月\n"
        "西教联体,丁小学,丙小学,3,1,2024年4月\n"
    )
    network, report = examine(folder({"学校": SCHOOLS, "教联体名单": text}))
    starts = network.nodes("alliance")["start"].dt.strftime("%Y-%m-%d").to_dict()
    assert starts == {"东教联体": "2024-03-01", "西教联体": "2024-04-01"}
    (problem,) = [p for p in report.problems if p.code == "stated_differs"]
    assert (problem.row, problem.value, problem.params["count"]) == (3, "3", 2)


@pytest.mark.parametrize(
    ("column", "cells", "code"),
    [
        ("批准", "2023年9月,2024年1月", "undated_for_header"),
        ("随行", "3人,12人", "people_lost"),
        ("第三方", "丙小学,丁小学", "schools_lost"),
        ("侧重", "语文,数学", "subjects_lost"),
    ],
)
def test_what_an_unread_column_loses(folder, column, cells, code):
    one, two = cells.split(",")
    text = f"支援校,受援校,{column}\n甲小学,乙小学,{one}\n甲小学,丙小学,{two}\n"
    network, _ = examine(folder({"学校": SCHOOLS, "结对帮扶": text}))
    assert warned(network) == [code]


def test_a_clearer_header_goes_before_a_bare_one(folder):
    text = "姓名,学校,接收学校,学年\n王芳,甲小学,乙小学,2023-2024学年\n"
    network, _ = examine(folder({"学校": SCHOOLS, "轮岗教师名单": text}))
    assert ties(network, "posted_to", "home", "start", "end") == [
        ("甲小学/王芳", "乙小学", "甲小学", "2023-09-01", "2024-08-31")
    ]


def test_a_missing_column_is_called_as_planners_call_it(folder):
    _, report = examine(
        folder({"学校": SCHOOLS, "结对帮扶": "支援校,开始日期\n甲小学,2023-09-01\n"})
    )
    (problem,) = report.of("error")
    assert "“受援校”" in problem.line("zh")
    assert "target" not in problem.line("zh")


def test_a_template_of_some_tables_only(tmp_path):
    write_template(tmp_path / "t.xlsx", "zh", only=["学校", "集团成员", "结对帮扶"])
    _, report = examine(tmp_path / "t.xlsx")
    read = [entry["table"] for entry in report.tables if entry["table"]]
    assert read == ["school", "member_of", "assists"]
    assert [p.code for p in report.of("warning")] == ["only_examples"]
    with pytest.raises(RequestError):
        write_template(tmp_path / "t.xlsx", "zh", only=["学校名"])
