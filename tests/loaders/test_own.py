"""Own shape: what headers mean in their table, ends by id or name, ids, repeats, codes."""

import pandas as pd
import pytest
import xlsxwriter

from liantu.errors import DataError
from liantu.loaders import examine, read


def ties(network, relation, *columns):
    frame = network.relation(relation)[["source", "target", *columns]].astype(object)
    return [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]


def codes(source, **options):
    with pytest.raises(DataError) as caught:
        read(source, **options)
    return [problem.code for problem in caught.value.problems]


def test_one_header_means_different_things(folder):
    network = read(
        folder(
            {
                "学校": "学校名称\n甲\n乙\n丙\n",
                "集团成员": "学校名称,集团名称,角色\n甲,东集团,牵头校\n乙,东集团,成员校\n",
                "支教": "教师编号,派出学校,学校名称\nt1,甲,乙\n",
                "隶属": "学校,中心学校\n丙,甲\n",
            }
        )
    )
    assert ties(network, "member_of", "role") == [
        ("乙", "东集团", "member"),
        ("甲", "东集团", "core"),
    ]
    assert ties(network, "posted_to", "home", "form") == [("t1", "乙", "甲", "support_teaching")]
    assert ties(network, "affiliated_to") == [("丙", "甲")]
    made = {t["table"]: t["nodes_made"] for t in network.report.tables if t["nodes_made"]}
    assert made == {"alliance": 1, "teacher": 1}


@pytest.mark.parametrize(
    ("name", "form"), [("支教", "support_teaching"), ("跟岗", "shadowing"), ("轮岗", "rotation")]
)
def test_sheet_name_gives_the_default_form(folder, name, form):
    text = "教师编号,派出学校,接收学校,形式\nt1,甲,乙,\nt2,甲,乙,挂职\n"
    network = read(folder({name: text}))
    assert network.relation("posted_to")["form"].tolist() == [form, "secondment"]


def test_members_with_core_and_member_columns(folder):
    text = "集团名称,核心校,成员校\n东集团,甲,乙、丙\n,丁,戊\n,己,\n"
    network = read(folder({"集团成员": text}))
    assert ties(network, "member_of", "role") == [
        ("丁", "丁集团", "core"),
        ("丙", "东集团", "member"),
        ("乙", "东集团", "member"),
        ("己", "己集团", "core"),
        ("戊", "丁集团", "member"),
        ("甲", "东集团", "core"),
    ]
    (split,) = [p for p in network.report.problems if p.code == "cells_split"]
    assert (split.row, split.params["count"]) == (2, 1)


def test_a_cell_that_names_one_node_is_not_split(folder):
    source = folder(
        {"学校": "学校名称\n甲、乙联合小学\n丙\n", "结对帮扶": "支援校,受援校\n丙,甲、乙联合小学\n"}
    )
    assert ties(read(source), "assists") == [("丙", "甲、乙联合小学")]


def test_names_match_in_any_shape_but_never_by_likeness(folder):
    source = folder(
        {
            "学校": "学校代码,学校名称,曾用名\n1,实验小学（东校区）,老一小、旧一小\n2,实验小学（西校区）,\n",
            "结对帮扶": "支援校,受援校\n实验 小学(东校区),2\n旧一小,实验小学【西校区】\n",
        }
    )
    network = read(source)
    assert ties(network, "assists") == [("1", "2")]
    assert network.report.totals()["rows_merged"] == 1


def test_regions_narrow(folder):
    schools = "学校名称,所在地区\n中心小学,东乡\n中心小学,西乡\n实验学校,县城\n"
    regions = "地区名称,上级地区\n大县,\n县城,大县\n东乡,大县\n西乡,大县\n"
    hard = "支援校,受援校,受援校地区\n实验学校,中心小学,西乡\n"
    network = read(folder({"地区": regions, "学校": schools, "结对帮扶": hard}))
    assert network.nodes("school").index.tolist() == ["东乡/中心小学", "实验学校", "西乡/中心小学"]
    assert ties(network, "assists") == [("实验学校", "西乡/中心小学")]
    soft = "支援校,受援校,地区\n实验学校,中心小学,东乡\n"
    network = read(folder({"地区": regions, "学校": schools, "结对帮扶": soft}))
    assert ties(network, "assists") == [("实验学校", "东乡/中心小学")]
    wide = "支援校,受援校,受援校地区\n实验学校,中心小学,大县\n"
    assert codes(folder({"地区": regions, "学校": schools, "结对帮扶": wide})) == ["ambiguous_end"]


def test_a_name_is_never_matched_across_regions(folder):
    source = folder(
        {
            "学校": "学校名称,所在地区\n甲,东乡\n乙,东乡\n",
            "结对帮扶": "支援校,受援校,受援校地区\n甲,乙,西乡\n",
        }
    )
    assert codes(source) == ["unknown_end"]
    made = read(source, create_missing=True)
    assert ties(made, "assists") == [("甲", "西乡/乙")]


def test_a_membership_without_a_school_is_an_error(folder):
    text = "集团名称,核心校,成员校\n,,\n东集团,,\n西集团,甲,\n"
    assert codes(folder({"集团成员": text})) == ["missing_value"]


def test_schools_made_from_names_in_two_regions(folder):
    text = "支援校,受援校,受援校地区\n甲,中心小学,东乡\n甲,中心小学,西乡\n"
    network = read(folder({"结对帮扶": text}))
    assert ties(network, "assists") == [("甲", "东乡/中心小学"), ("甲", "西乡/中心小学")]


def test_same_name_twice_in_one_region_is_an_error(folder):
    text = "学校名称,所在地区,在校生数\n中心小学,东乡,1\n中心小学,东乡,2\n"
    assert codes(folder({"学校": text})) == ["duplicate_id"]


def test_unknown_ends_and_create_missing(folder):
    source = folder({"学校": "学校名称\n甲\n", "结对帮扶": "支援校,受援校\n甲,乙 校\n甲,乙校\n"})
    assert codes(source) == ["unknown_end", "unknown_end"]
    network = read(source, create_missing=True)
    assert len(network.nodes("school")) == 2
    made = {t["table"]: t["nodes_made"] for t in network.report.tables if t["nodes_made"]}
    assert made == {"school": 1}


def test_teachers_without_id_are_named_with_their_school(folder):
    source = folder(
        {
            "任教": "姓名,学校名称\n王芳,甲\n王芳,乙\n李明,甲\n",
            "支教": "姓名,派出学校,接收学校\n王芳,甲,丙\n李明,,丙\n",
            "师徒结对": "师傅姓名,师傅学校,徒弟姓名,徒弟学校\n王芳,甲,王芳,乙\n",
        }
    )
    network = read(source)
    assert network.nodes("teacher")["name"].to_dict() == {
        "乙/王芳": "王芳",
        "甲/李明": "李明",
        "甲/王芳": "王芳",
    }
    assert ties(network, "posted_to", "home") == [("甲/李明", "丙", None), ("甲/王芳", "丙", "甲")]
    assert ties(network, "mentors") == [("甲/王芳", "乙/王芳")]


def test_a_bare_teacher_name_at_two_schools_is_an_error(folder):
    source = folder(
        {"任教": "姓名,学校名称\n王芳,甲\n王芳,乙\n", "支教": "姓名,接收学校\n王芳,丙\n"}
    )
    assert codes(source) == ["ambiguous_end"]


def test_teacher_table_narrows_names_and_gives_employment(folder):
    source = folder(
        {
            "教师": "教师编号,姓名,所在学校\nt1,王芳,甲\nt2,王芳,乙\n",
            "教研中心": "中心名称\n语文\n",
            "中心成员": "姓名,学校,中心名称\n王芳,乙,语文\n,甲,语文\n",
        }
    )
    network = read(source)
    assert ties(network, "joins", "source_kind") == [
        ("t2", "语文", "teacher"),
        ("甲", "语文", "school"),
    ]
    assert ties(network, "works_at") == [("t1", "甲"), ("t2", "乙")]


def test_postings_of_schools_with_a_number_of_people(folder):
    network = read(folder({"支教": "派出学校,接收学校,人数\n甲,乙,3\n"}))
    assert ties(network, "posted_to", "source_kind", "count", "home") == [
        ("甲", "乙", "school", 3, None)
    ]


def test_one_of_several_kinds_is_found_by_who_holds_it(folder):
    source = folder(
        {
            "学校": "学校名称\n甲\n",
            "集团": "集团名称\n东集团\n",
            "合作机构": "机构名称\n师大\n",
            "supports": "source,target\n师大,甲\n师大,东集团\n",
        }
    )
    assert sorted(ties(read(source), "supports", "target_kind")) == [
        ("师大", "东集团", "alliance"),
        ("师大", "甲", "school"),
    ]


def test_a_row_with_two_targets_is_an_error(folder):
    text = "机构名称,受援学校,集团名称\n师大,甲,东集团\n"
    assert "several_ends" in codes(folder({"机构支持": text}))


def test_provenance_is_never_an_end(folder):
    network = read(folder({"结对帮扶": "来源,支援校,受援校,出处\n名单,甲,乙,第3页\n"}))
    assert ties(network, "assists", "provenance", "place") == [("甲", "乙", "名单", "第3页")]


def test_identical_rows_merge_with_a_warning(folder):
    network = read(folder({"学校": "学校代码,学校名称\n1,甲\n1,甲\n"}))
    assert network.report.totals()["rows_merged"] == 1
    assert [(p.code, p.row) for p in network.report.of("warning")] == [("same_rows", 3)]


def test_events_are_never_merged(folder):
    text = "支援校,受援校,日期\n甲,乙,2024-01-01\n甲,乙,2024-01-01\n"
    network = read(folder({"送课下乡": text}))
    assert len(network.relation("delivers")) == 2
    assert [p.code for p in network.report.of("warning")] == ["same_event"]


def test_codes(folder):
    text = (
        "学校代码,学段,城乡类型,办学质量\n1,九年一贯制,220,优质\n2,完全中学,乡村,薄弱\n"
        "3,幼儿园,镇区,新建\n4,高中,城区,一般\n"
    )
    network = read(folder({"学校": text}))
    schools = network.nodes("school")
    assert schools["stage"].tolist() == [
        "nine_year",
        "complete_secondary",
        "kindergarten",
        "senior",
    ]
    assert schools["urban_rural"].tolist() == ["220", "220", "121", "111"]
    assert schools["quality"].tolist() == ["core", "weak", "new", "ordinary"]
    coarse = [(p.value, p.row) for p in network.report.of("warning") if p.code == "coarse_code"]
    assert sorted(coarse) == [("乡村", 3), ("城区", 5), ("镇区", 4)]


def test_a_bare_rural_flag_is_coarse(folder):
    network = read(folder({"学校": "学校代码,是否农村\n1,是\n2,否\n3,\n"}))
    values = network.nodes("school")["urban_rural"]
    assert values.fillna("").tolist() == ["220", "111", ""]
    assert [(p.code, p.row) for p in network.report.of("warning")] == [("rural_flag", 2)]


def test_unknown_form_is_kept_with_a_warning(folder):
    network = read(folder({"结对帮扶": "支援校,受援校,形式\n甲,乙,云帮扶\n甲,丙,托管\n"}))
    assert ties(network, "assists", "form") == [("甲", "丙", "trusteeship"), ("甲", "乙", "云帮扶")]
    assert [(p.code, p.value) for p in network.report.of("warning")] == [("unknown_form", "云帮扶")]


def test_examples_are_skipped_and_counted(folder):
    source = folder(
        {
            "学校": "学校代码,学校名称\n示例-S1,示例小学\nEXAMPLE-S2,x\n1,甲\n",
            "结对帮扶": "支援校,受援校\n示例-S1,EXAMPLE-S2\n",
        }
    )
    network = read(source)
    assert network.nodes("school").index.tolist() == ["1"]
    assert network.report.totals()["rows_skipped"] == 3


def test_only_the_ids_of_the_template_mark_an_example(folder):
    source = folder(
        {
            "学校": "学校代码,学校名称,地区\n1,甲,示例区\n2,乙,EXAMPLE county\n示例3,示例小学,示例区\n",
            "结对帮扶": "支援校,受援校\n甲,示例小学\n",
        }
    )
    network = read(source)
    assert network.nodes("school")["region"].to_dict() == {
        "1": "示例区",
        "2": "EXAMPLE county",
        "示例3": "示例区",
    }
    assert ties(network, "assists") == [("1", "示例3")]
    assert network.report.totals()["rows_skipped"] == 0


def test_a_row_that_only_kept_the_region_of_an_example_is_read(folder):
    network = read(folder({"学校": "学校代码,学校名称,地区\n1,甲,示例-R2\n"}))
    assert network.nodes("school")["region"].tolist() == ["示例-R2"]


def test_long_observations(folder):
    source = folder(
        {
            "学校": "学校代码,学校名称\n1,甲\n",
            "学校年度数据": "学校名称,指标,年度,数值,单位\n甲,pupils,2023,120,人\n",
        }
    )
    row = read(source).observations.iloc[0]
    assert (row["kind"], row["id"], row["measure"]) == ("school", "1", "pupils")
    assert (row["period"], row["value"], row["unit"]) == ("2023", 120.0, "人")


def test_wide_observations(tmp_path):
    path = tmp_path / "数据.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("学校年度数据")
        headers = ["序号", "学校代码", "学校名称", "年度", "在校生数", "生均校舍（平方米）", "荣誉"]
        sheet.write_row(0, 0, headers)
        sheet.write_row(1, 0, [1, 101, "甲", 2023, 120, 4.5, "县级先进"])
        sheet.write_row(2, 0, [2, 101, "甲", 2024, 118, "", ""])
        book.add_worksheet("学校").write_column(0, 0, ["学校代码", 101])
    network = read(path)
    columns = ["id", "measure", "period", "value", "text", "unit"]
    frame = network.observations[columns].astype(object)
    rows = [tuple(r) for r in frame.where(frame.notna(), None).itertuples(index=False)]
    assert sorted(rows, key=str) == [
        ("101", "pupils", "2023", 120.0, None, None),
        ("101", "pupils", "2024", 118.0, None, None),
        ("101", "生均校舍", "2023", 4.5, None, "平方米"),
        ("101", "荣誉", "2023", None, "县级先进", None),
    ]


def test_unknown_columns_and_sheets_are_warned_of(folder):
    source = folder({"学校": "学校代码,在校生数额\n1,5\n", "结对帮": "支援校,受援校\n1,1\n"})
    network = read(source)
    warned = [(p.code, p.value) for p in network.report.of("warning")]
    assert sorted(warned) == [("unknown_header", "在校生数额"), ("unknown_sheet", "结对帮")]
    lines = " ".join(p.line("zh") for p in network.report.of("warning"))
    assert "在校生数" in lines
    assert "结对" in lines


def test_header_only_sheets_are_fine(folder):
    source = folder({"学校": "学校代码\n1\n", "教师": "教师编号,姓名\n", "任教": "姓名,学校\n"})
    network, report = examine(source)
    assert network is not None
    assert report.problems == ()


def test_row_order_and_file_format_do_not_matter(folder, tmp_path):
    rows = [["1", "甲", "东乡"], ["2", "乙", "西乡"], ["3", "丙", "东乡"]]
    frame = pd.DataFrame(rows, columns=["学校代码", "学校名称", "所在地区"])
    first, second = tmp_path / "a", tmp_path / "b"
    for place, data in ((first, frame), (second, frame.iloc[::-1])):
        place.mkdir()
        data.to_csv(place / "学校.csv", index=False, encoding="gb18030")
    assert read(first).fingerprint == read(second).fingerprint


def test_a_cell_that_makes_several_rows_is_told_once(folder):
    source = folder(
        {
            "学校": "学校名称\n甲\n乙\n",
            "送课下乡": "送课学校,受援学校,日期\n丙,甲、乙,2024-03-01\n,甲、乙,2024-03-02\n",
            "学校年度数据": "学校名称,年份,在校生数,教师数\n丁,2024,10,2\n",
        }
    )
    _, report = examine(source)
    assert [(p.code, p.row, p.value) for p in report.of("error")] == [
        ("unknown_end", 2, "丁"),
        ("unknown_end", 2, "丙"),
        ("missing_value", 3, ""),
    ]


def test_a_list_of_alliances_with_their_schools_is_a_member_sheet(folder):
    network = read(
        folder(
            {
                "学校": "学校名称\n甲\n乙\n丙\n",
                "教育集团": "某县教育集团一览,,\n集团名称,核心校,成员校\n东集团,甲,乙、丙\n",
            }
        )
    )
    assert ties(network, "member_of", "role") == [
        ("丙", "东集团", "member"),
        ("乙", "东集团", "member"),
        ("甲", "东集团", "core"),
    ]
    assert network.report.of("warning") == ()


def test_a_list_of_alliances_alone_stays_one(folder):
    network = read(folder({"学校": "学校名称\n甲\n", "集团": "集团名称,级别\n东集团,县级\n"}))
    assert network.nodes("alliance").index.tolist() == ["东集团"]
