"""Names that leave out the names of their region and of the regions above it, and nothing else."""

import pytest

from liantu.errors import DataError
from liantu.loaders import examine, read

SCHOOLS = """云溪县学校名单,
学校名称,乡镇
云溪县第一小学,城关镇
云溪县实验小学,城关镇
柳河镇中心小学,柳河镇
柳河镇王庄小学,柳河镇
青山乡中心小学,青山乡
"""
PAIRS = "支援校,受援校,备注\n"


def pair(folder, name, *, schools=SCHOOLS, title="", to="柳河镇王庄小学"):
    """Return what a name in a list of pairs was read as, or the code of its error."""
    source = folder({"学校": schools, "结对帮扶": f"{title}{PAIRS}{to},{name},\n"})
    try:
        (found,) = read(source).relation("assists")["target"]
    except DataError as error:
        return error.problems[0].code
    return found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("第一小学", "云溪县第一小学"),
        ("县第一小学", "云溪县第一小学"),
        ("云溪县第一小学", "云溪县第一小学"),
        ("县实验小学", "云溪县实验小学"),
        ("云溪县柳河镇中心小学", "柳河镇中心小学"),
        ("县柳河镇中心小学", "柳河镇中心小学"),
        ("乡中心小学", "青山乡中心小学"),
        ("中心小学", "ambiguous_end"),  # of two townships
        ("云溪第一小学", "unknown_end"),  # part of a name is none
        ("县一小", "unknown_end"),
        ("实小", "unknown_end"),
        ("柳河中心小学", "unknown_end"),
        ("柳河中心校", "unknown_end"),
        ("市第一小学", "unknown_end"),
        ("江海区第一小学", "unknown_end"),
        ("小学", "unknown_end"),
        ("城关镇柳河镇中心小学", "unknown_end"),
    ],
)
def test_regions_alone_may_be_left_out(folder, written, meant):
    assert pair(folder, written) == meant


def test_a_village_school_without_its_township_is_found_where_it_is_the_only_one(folder):
    assert pair(folder, "王庄小学", to="云溪县第一小学") == "柳河镇王庄小学"
    twice = SCHOOLS + "青山乡王庄小学,青山乡\n"
    assert pair(folder, "王庄小学", to="云溪县第一小学", schools=twice) == "ambiguous_end"


def test_it_is_counted_and_listed(folder):
    source = folder({"学校": SCHOOLS, "结对帮扶": PAIRS + "县实验小学,柳河镇中心小学,\n" * 1})
    network = read(source)
    (told,) = [p for p in network.report.problems if p.code == "regions_left_out"]
    assert (told.file, told.row, told.value) == ("结对帮扶.csv", 2, "县实验小学")
    assert told.params["name"] == "云溪县实验小学"
    assert told.params["count"] == 1
    assert "云溪县实验小学" in told.line("zh")


def test_the_county_in_no_title_is_no_county(folder):
    untitled = SCHOOLS.partition("\n")[2]
    assert pair(folder, "县实验小学", schools=untitled) == "unknown_end"


def test_the_county_may_stand_in_the_name_of_the_file(folder):
    untitled = SCHOOLS.partition("\n")[2]
    source = folder({"云溪县2024年": "", "学校": untitled, "结对帮扶": PAIRS})
    (source / "云溪县2024年.csv").unlink()
    assert pair(folder, "实验小学", schools=untitled) == "unknown_end"
    (source / "学校.csv").unlink()
    source = folder(
        {"学校2024": f"云溪县,\n{untitled}", "结对帮扶": f"{PAIRS}县实验小学,柳河镇中心小学,\n"}
    )
    assert read(source).relation("assists")["source"].tolist() == ["云溪县实验小学"]


def test_a_sheet_of_another_district_never_matches(folder):
    assert pair(folder, "第一小学", title="江海区结对帮扶表,,\n") == "unknown_end"
    assert pair(folder, "第一小学", title="江海区对口帮扶云溪县一览表,,\n") == "unknown_end"
    assert pair(folder, "第一小学", title="云溪县结对帮扶表,,\n") == "云溪县第一小学"


def test_a_name_that_another_district_has_too_is_left_alone(folder):
    other = SCHOOLS + "江海区第一小学,\n"
    assert pair(folder, "第一小学", schools=other) == "ambiguous_end"
    assert pair(folder, "县第一小学", schools=other) == "云溪县第一小学"


def test_schools_of_two_districts_need_theirs_named(folder):
    schools = "学校名称,地区\n甲区实验小学,甲区\n乙区第一小学,乙区\n丙小学,乙区\n"
    assert pair(folder, "实验小学", schools=schools, to="丙小学") == "unknown_end"
    assert pair(folder, "区实验小学", schools=schools, to="丙小学") == "unknown_end"
    pairs = "支援校,受援校,受援校地区\n丙小学,实验小学,甲区\n"
    (folder({}) / "结对帮扶.csv").write_text(pairs, encoding="utf-8")
    assert read(folder({})).relation("assists")["target"].tolist() == ["甲区实验小学"]


def test_a_region_above_stands_in_the_table_of_regions(folder):
    source = folder(
        {
            "地区": "地区编号,地区名称,上级地区\n1,云溪县,\n11,柳河镇,1\n",
            "学校": "学校标识码,学校名称,地区\n100,王庄小学,11\n101,云溪县第一小学,1\n",
            "结对帮扶": "支援校,受援校\n第一小学,云溪县柳河镇王庄小学\n",
        }
    )
    network = read(source)
    assert network.relation("assists")[["source", "target"]].values.tolist() == [["101", "100"]]


def test_what_the_list_itself_leaves_out(folder):
    schools = "云溪县学校名单,\n学校名称,乡镇\n县实验小学,城关镇\n市南小学,城关镇\n丙小学,城关镇\n"
    assert pair(folder, "云溪县实验小学", schools=schools, to="丙小学") == "县实验小学"
    assert pair(folder, "实验小学", schools=schools, to="丙小学") == "县实验小学"
    titled = schools.replace("云溪县", "云溪市")
    assert pair(folder, "南小学", schools=titled, to="丙小学") == "unknown_end"


def test_alliances_too(folder):
    source = folder(
        {
            "集团": "云溪县集团名单,\n集团名称,形式\n云溪县第一小学教育集团,\n",
            "集团成员": "学校名称,集团名称\n甲,第一小学教育集团\n",
        }
    )
    network, report = examine(source)
    assert network is not None, [p.line() for p in report.problems]
    assert network.relation("member_of")["target"].tolist() == ["云溪县第一小学教育集团"]


def test_a_school_that_ends_alike_behind_another_word_is_no_rival(folder):
    more = SCHOOLS + "青山乡上坪村小学,青山乡\n大湖乡中心小学,大湖乡\n"
    assert pair(folder, "县实验小学", schools=more) == "云溪县实验小学"
    assert pair(folder, "云溪县青山乡中心小学", schools=more) == "青山乡中心小学"


def test_a_school_listed_in_another_township_is_no_rival(folder):
    schools = "学校名称,乡镇\n甲小学,城关镇\n王庄小学,石桥镇\n王庄小学,龙门乡\n"
    assert pair(folder, "石桥镇王庄小学", schools=schools, to="甲小学") == "石桥镇/王庄小学"
    assert pair(folder, "王庄小学", schools=schools, to="甲小学") == "ambiguous_end"
    assert pair(folder, "镇王庄小学", schools=schools, to="甲小学") == "ambiguous_end"
