import csv
from importlib.resources import files

import pytest

from liantu import vocabulary
from liantu.errors import LiantuError, Message, Problem
from liantu.graph import schema

HEADERS = """学校标识码 id 学校代码 id 学校名称 name 校名 name 别名 aliases 曾用名 aliases 所在地区 region
区县 region 学段 stage 办学类型 type 办学性质 ownership 法人 legal_person 城乡类型 urban_rural
城乡分类代码 urban_rural 办学质量 quality 在校生数 pupils 专任教师数 teachers 经度 lon 纬度 lat
坐标系 datum 角色 role 形式 form 类型 form 开始日期 start 签约日期 start 结束日期 end 到期日期 end
日期 date 次数 count 人次 participants 学科 subject 金额 amount 来源 provenance 出处 place"""
ENDS = {
    "member_of": "学校 source 学校名称 source 集团名称 target 教联体 target 共同体 target 学区 target 联盟 target",
    "assists": "核心校 source 牵头校 source 支援校 source 帮扶学校 source 派出学校 source"
    " 成员校 target 受援校 target 受援学校 target 被帮扶学校 target 接收学校 target",
    "posted_to": "教师编号 source 接收学校 target 学校名称 target",
    "mentors": "师傅 source 徒弟 target",
    "joins": "教师 source 中心名称 target",
    "supports": "机构名称 source 集团名称 target",
    "affiliated_to": "学校 source 隶属学校 target 中心学校 target 上级学校 target",
}  # fmt: skip
SHEETS = """学校 school 教师 teacher 研究中心 center 教研中心 center 合作机构 partner 集团 alliance
联盟 alliance 地区 region 集团成员 member_of 结对帮扶 assists 隶属 affiliated_to 任教 works_at
交流轮岗 posted_to 师徒结对 mentors 中心成员 joins 送课下乡 delivers 教研活动 delivers 机构支持 supports
区域协作 pact 学校年度数据 observations"""


def pairs(text):
    words = text.split()
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(("header", "key"), pairs(HEADERS))
def test_chinese_headers(header, key):
    words = [key, *vocabulary.words("column")]
    assert header in words
    term = vocabulary.terms("column")[key]
    assert header in (term.zh, *term.aliases)


@pytest.mark.parametrize(("table", "ends"), ENDS.items())
def test_chinese_ends(table, ends):
    columns = schema.tables()[table].columns
    for header, end in pairs(ends):
        assert header in [word for word, _ in columns[end].headers]


@pytest.mark.parametrize(("sheet", "table"), pairs(SHEETS))
def test_chinese_sheets(sheet, table):
    group = "kind" if table in schema.kinds() else "relation"
    assert vocabulary.find(group, sheet) == table


@pytest.mark.parametrize(
    ("word", "key"),
    pairs(
        "幼儿园 kindergarten 小学 primary 初中 junior 九年一贯制 nine_year 高中 senior "
        "完全中学 complete_secondary 十二年一贯制 twelve_year 中职 vocational"
    ),
)
def test_stages(word, key):
    assert vocabulary.find("stage", word) == key


@pytest.mark.parametrize("word", ["核心校", "牵头校", "龙头校", "学区长校"])
def test_core_roles(word):
    assert vocabulary.find("role", word) == "core"


def test_every_term_is_whole_and_stands_once():
    rows = vocabulary._read("terms.csv")
    keys = [(row["group"], row["key"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["en"] and row["zh"] for row in rows)


def test_every_table_and_column_has_a_term_and_a_description():
    for name, table in schema.tables().items():
        group = "kind" if table.nature == "kind" else "relation"
        assert vocabulary.terms(group)[name].definition_zh
        for key, column in table.all_columns.items():
            assert key in vocabulary.terms("column"), key
            assert column.describe("en") and column.describe("zh"), (name, key)
            if column.type in ("code", "open_code", "form"):
                group = column.values[0] if column.values else "form"
                assert vocabulary.terms(group)


def test_every_message_is_whole_and_stands_once():
    text = files("liantu").joinpath("messages.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    for row in rows:
        assert row["en"] and row["zh"], row
        assert bool(row["remedy_en"]) == bool(row["remedy_zh"]), row
        assert None not in row.values() and None not in row


def test_normalising_changes_shape_never_content():
    same = ["实验小学（东校区）", "实验小学(东校区)", " 实验小学【东校区】", "实验 小学〔东校区〕"]
    assert len({vocabulary.normalise(name) for name in same}) == 1
    assert vocabulary.normalise("实验小学（东校区）") != vocabulary.normalise("实验小学")


def test_a_problem_is_one_line_in_both_languages():
    problem = Problem("error", "bad_date", file="a.csv", row=7, column="日期", value="2023-02-30")
    assert problem.line() == (
        "a.csv, row 7, column “日期”: “2023-02-30” is not a date. Write it as 2023-09-01."
    )
    assert problem.line("zh") == (
        "a.csv，第 7 行，“日期”列：“2023-02-30”不是有效日期。请写成 2023-09-01。"
    )


def test_keys_in_messages_become_labels():
    problem = Problem("error", "unknown_end", value="x", params={"kind": "school", "nearest": ""})
    assert "没有编号或名称为“x”的学校" in problem.line("zh")
    assert Message("undated_states", {"count": 2}).text("zh") == "2 条无日期的状态按有效计"


def test_errors_show_at_most_ten_lines():
    error = LiantuError([Problem("error", "not_found", value=str(i)) for i in range(12)])
    assert len(str(error).splitlines()) == 11
    assert str(error).endswith("… and 2 more")


def test_types_of_columns_are_known():
    figures = {"share", "points", "count", "number"}
    types = {*figures, "id", "code", "codes", "date", "flag", "text", "mixed"}
    for key, column in vocabulary.columns().items():
        assert column.type in types, key
        assert any(key in vocabulary.terms(group) for group in vocabulary.groups()), key
        if column.type == "id":
            assert column.of in ("", *schema.kinds()), key
        if column.type in ("code", "codes"):
            assert vocabulary.terms(column.of), key
