"""Names in texts: by a list and its short forms, and by their endings."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.extract.figures import find_figures
from liantu.extract.listed import Listed, read_list, short_forms
from liantu.extract.names import find_names
from liantu.extract.people import MASK, mask

COUNTY = ("东州市", "云溪县")
SCHOOLS = {
    "1": ("云溪县第一小学", COUNTY),
    "2": ("云溪县第三中学", COUNTY),
    "3": ("云溪县实验小学", COUNTY),
    "4": ("柳河镇中心学校", (*COUNTY, "柳河镇")),
    "5": ("青山乡上坪村小学", (*COUNTY, "青山乡")),
    "6": ("双泉小学", (*COUNTY, "柳河镇")),
}
LISTED = Listed({("school", key): facts for key, facts in SCHOOLS.items()})


def found(text, listed=LISTED):
    return [(s.text, s.id) for s in find_names(text, listed) if s.kind == "school"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("云溪县第一小学负责。", [("云溪县第一小学", "1")]),
        ("县一小、县三中参加。", [("县一小", "1"), ("县三中", "2")]),
        ("云溪一小与柳河中心校结对。", [("云溪一小", "1"), ("柳河中心校", "4")]),
        ("到柳河镇中心校支教。", [("柳河镇中心校", "4")]),
        ("扩建双泉小学。", [("双泉小学", "6")]),
        ("云溪县柳河镇双泉小学。", [("云溪县柳河镇双泉小学", "6")]),
        # of another county, or another school
        ("平安县第一小学。", [("平安县第一小学", "")]),
        ("东双泉小学。", [("东双泉小学", "")]),
        ("县十三中。", [("县十三中", "")]),
        ("县一小学段。", []),
    ],
)
def test_a_listed_school_is_itself_and_no_other(text, names):
    assert found(text) == names


def test_a_short_form_of_two_schools_is_neither():
    twins = Listed(
        {
            ("school", "a"): ("甲乡中心小学", ("甲乡",)),
            ("school", "b"): ("甲乡中心学校", ("甲乡",)),
        }
    )
    assert found("甲乡中心校。", twins) == [("甲乡中心校", "")]


def test_aliases_and_regions_of_a_network(tmp_path):
    (tmp_path / "学校.csv").write_text(
        "学校名称,别名,所在地区\n云溪县第九小学,九小、城南小学,云溪县\n", encoding="utf-8"
    )
    listed = read_list(str(tmp_path))
    assert found("城南小学在云溪。", listed) == [("城南小学", "云溪县第九小学")]
    assert [s.name for s in find_names("在云溪。", listed)] == ["云溪县"]


@pytest.mark.parametrize("header", ["", "学校名称\n"])
def test_a_list_of_one_column(tmp_path, header):
    path = tmp_path / "schools.txt"
    path.write_text(f"{header}云溪县第一小学\n柳河小学\n", encoding="utf-8")
    assert [name for name, _ in read_list(str(path)).names.values()] == [
        "云溪县第一小学",
        "柳河小学",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("带动陡坡小学、东岭小学提升。", ["陡坡小学", "东岭小学"]),
        ("全市优质学校与农村薄弱学校结对，成员学校共享。", []),
        ("实验学校10所、示范学校98所。", []),
        ("经八路小学与市第二小学。", ["经八路小学", "市第二小学"]),
        ("区教育局携东坡小学。", ["东坡小学"]),
    ],
)
def test_without_a_list_a_name_begins_where_it_begins(text, names):
    assert [s.text for s in find_names(text) if s.kind == "school"] == names


def test_the_other_kinds_without_a_list():
    text = "东州市第二学区、“星火”教联体、柳河数学教研中心和东海大学到济南市。"
    assert [(s.kind, s.text) for s in find_names(text)] == [
        ("alliance", "东州市第二学区"),
        ("alliance", "“星火”教联体"),
        ("center", "柳河数学教研中心"),
        ("partner", "东海大学"),
        ("region", "济南市"),
    ]


def test_short_forms_of_a_place_above_are_none():
    assert "市一中" not in short_forms("school", "云溪县第一中学", COUNTY)


@given(st.text(alphabet="县一小中学校第二三实验中心柳河镇云溪，。与、的到在1０《", max_size=60))
@settings(max_examples=examples(40, 400), deadline=None)
def test_any_text_is_taken_apart_in_order(text):
    spans = find_names(text, LISTED)
    assert all(text[s.start : s.end] == s.text for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    figures = find_figures(text)
    assert all(text[f.start : f.end] == f.text for f in figures)


# -- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("共80个教育集团", [("count", 80, "=", "教育集团")]),
        ("教师1000多名", [("count", 1000, ">=", "教师")]),
        ("6.9万名学生", [("count", 69000, "=", "学生")]),
        ("3000多万元", [("money", 3e7, ">=", "")]),
        ("每年不少于2次培训", [("count", 2, ">=", "培训")]),
        ("近万人次", [("count", 10000, "~", "")]),
        ("两所学校参加", [("count", 2, "=", "学校")]),
        ("一是抓管理，二是抓三种模式", []),
        ("第3名，比例为82%", [("rank", 3, "=", ""), ("rate", 82, "=", "")]),
        ("从17名升至第3名", [("rank", 17, "=", ""), ("rank", 3, "=", "")]),
        ("第一阶段，“3433”模式，1+1", []),
        ("投入28万购置设备", [("money", 280000, "=", "")]),
    ],
)
def test_figures(text, figures):
    got = [(f.sort, f.value, f.comparison, f.object if f.sort == "count" else "")
           for f in find_figures(text)]  # fmt: skip
    assert got == figures


def test_dates_are_what_they_may_mean():
    text = "2013年—2015年，2018年11月，2021学年上学期，2023年秋季学期，2019年至今，2022年05月11日"
    got = [(str(f.first), str(f.last)) for f in find_figures(text)]
    assert got == [
        ("2013-01-01", "2015-12-31"),
        ("2018-11-01", "2018-11-30"),
        ("2021-09-01", "2022-01-31"),
        ("2023-09-01", "2024-01-31"),
        ("2019-01-01", "None"),
        ("2022-05-11", "2022-05-11"),
    ]


# -- persons ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("校长王芳表示", "王芳"),
        ("由李小明老师上课", "李小明"),
        ("作者:张波  刘莹莹\n", "张波刘莹莹"),
        ("骨干教师、校长高级研修班", ""),
        ("校长成长学校，书记任组长", ""),
        ("教师代表周阳光老师", "周阳光"),
    ],
)
def test_names_beside_titles_are_masked(text, hidden):
    masked = mask(text)
    assert len(masked) == len(text)
    assert "".join(a for a, b in zip(text, masked, strict=True) if b == MASK) == hidden
