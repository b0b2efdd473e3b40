"""Cells as people write them: spans, durations, several names, numbers."""

from datetime import date

import pytest

from liantu.graph.periods import parse_length, parse_period
from liantu.graph.values import parse_number
from liantu.loaders import examine, read

SCHOOLS = "学校名称\n甲小学\n乙小学\n丙小学\n丁小学\n实验 小学\n"

PERIODS = {
    "2023.9-2024.7": ("2023-09-01", "2024-07-31"),
    "2023年9月—2024年7月": ("2023-09-01", "2024-07-31"),
    "2024.9至2026.7": ("2024-09-01", "2026-07-31"),
    "2023.09~2024.07": ("2023-09-01", "2024-07-31"),
    "2023-2024学年": ("2023-09-01", "2024-08-31"),
    "2023—2024学年度": ("2023-09-01", "2024-08-31"),
    "2023年秋季学期": ("2023-09-01", "2024-01-31"),
    "2024年春季学期": ("2024-02-01", "2024-07-31"),
    "2023-2024学年第一学期": ("2023-09-01", "2024-01-31"),
    "2023-2024学年上学期": ("2023-09-01", "2024-01-31"),
    "2023-2024学年度下学期": ("2024-02-01", "2024-07-31"),
    "2023秋": ("2023-09-01", "2024-01-31"),
    "2024春季": ("2024-02-01", "2024-07-31"),
    "2024.9起": ("2024-09-01", None),
    "自2024年9月起": ("2024-09-01", None),
    "2024年9月至今": ("2024-09-01", None),
    "2024.9至长期": ("2024-09-01", None),
    "长期": (None, None),
    "长期有效": (None, None),
    "至今": (None, None),
    "截至2026年8月": (None, "2026-08-31"),
    "2023.9.1-2024.7.10": ("2023-09-01", "2024-07-10"),
    "2023年9月1日至2026年8月31日": ("2023-09-01", "2026-08-31"),
    "2023/9-2024/7": ("2023-09-01", "2024-07-31"),
    "2023-09-01-2024-08-31": ("2023-09-01", "2024-08-31"),
    "2024.9-12": ("2024-09-01", "2024-12-31"),
    "2024年9月-12月": ("2024-09-01", "2024-12-31"),
    "2023年9月至次年7月": ("2023-09-01", "2024-07-31"),
    "２０２３．９－２０２４．７": ("2023-09-01", "2024-07-31"),
    "2023 . 9 – 2024 . 7": ("2023-09-01", "2024-07-31"),
    "2023.9\n2024.7": ("2023-09-01", "2024-07-31"),
    "2023.9-2026.8（三年）": ("2023-09-01", "2026-08-31"),
    "2022年秋季学期至2024年春季学期": ("2022-09-01", "2024-07-31"),
}


@pytest.mark.parametrize("text", PERIODS)
def test_a_span_in_one_cell(text):
    period = parse_period(text)
    days = tuple(None if day is None else day.isoformat() for day in (period.start, period.end))
    assert days == PERIODS[text]
    assert period.state != "bad"


@pytest.mark.parametrize(
    "text",
    ["23.9-24.7", "2023.9、2024.3", "2024.13-2025.2", "2023.2.30-2024.1.1", "2023-23学年",
     "2024年上学期", "甲小学", "9-12", ""],
)  # fmt: skip
def test_what_is_unclear_is_no_span(text):
    assert parse_period(text).shape == "bad"


@pytest.mark.parametrize(
    ("text", "months"),
    [("三年", 36), ("2年", 24), ("36个月", 36), ("一学年", 12), ("半年", 6), ("一年半", 18),
     ("两年半", 30), ("1.5年", 18), ("十二个月", 12), ("为期3年", 36), ("三年期", 36)],
)  # fmt: skip
def test_durations(text, months):
    assert parse_length(text) == (months, 0, 0)


def test_a_hyphen_behind_a_point_means_until():
    assert parse_period("2024-9-12").start == date(2024, 9, 12)
    assert parse_period("2024.9-12").end == date(2024, 12, 31)


def pairs(network, name="assists"):
    frame = network.relation(name)
    days = [frame[c].dt.strftime("%Y-%m-%d").fillna("") for c in ("start", "end")]
    columns = [frame["source"].astype(str), frame["target"].astype(str), *days]
    return sorted(zip(*columns, strict=True))


def load(folder, header, *cells, **more):
    rows = "".join(f"甲小学,乙小学,{cell}\n" for cell in cells)
    return examine(folder({"学校": SCHOOLS, "结对帮扶": f"支援校,受援校,{header}\n{rows}", **more}))


@pytest.mark.parametrize(
    ("header", "cell", "start", "end"),
    [
        ("起止时间", "2023.9-2024.7", "2023-09-01", "2024-07-31"),
        ("帮扶期限", "2023-2024学年", "2023-09-01", "2024-08-31"),
        ("开始日期", "2023.9-2024.7", "2023-09-01", "2024-07-31"),
        ("结束日期", "2023.9-2024.7", "2023-09-01", "2024-07-31"),
        ("开始日期", "2024年春季学期", "2024-02-01", "2024-07-31"),
        ("协议期限", "2023.9-2024.7", "2023-09-01", "2024-07-31"),
        ("开始日期,结束日期", "2023.9-2024.7,2023.9-2024.7", "2023-09-01", "2024-07-31"),
        ("开始日期,结束日期", "2023秋,2024春", "2023-09-01", "2024-07-31"),
        ("开始日期,期限（年）", "2023.9,3", "2023-09-01", "2026-08-31"),
        ("开始日期,结束日期", "2023.9,三年", "2023-09-01", "2026-08-31"),
        ("签订时间,协议期限", "2023年9月1日,三年", "2023-09-01", "2026-08-31"),
        ("签订时间,起止时间", "2023年8月20日,2023.9-2026.8", "2023-09-01", "2026-08-31"),
        ("起止时间", "2024.9起", "2024-09-01", ""),
        ("起止时间", "2024年9月", "2024-09-01", ""),
        ("起止时间", "长期", "", ""),
    ],
)
def test_a_tie_has_the_dates_of_its_cells(folder, header, cell, start, end):
    network, report = load(folder, header, cell)
    assert report.of("error") == ()
    assert pairs(network) == [("甲小学", "乙小学", start, end)]


def test_an_end_before_its_start_is_an_error_with_its_row(folder):
    _, report = load(folder, "起止时间", "2023.9-2024.7", "2024.9-2023.7")
    assert [(p.code, p.row, p.column) for p in report.of("error")] == [
        ("reversed_dates", 3, "起止时间")
    ]


def test_a_duration_without_a_start_leaves_the_tie_undated_and_says_so(folder):
    network, report = load(folder, "协议期限", "三年")
    assert pairs(network) == [("甲小学", "乙小学", "", "")]
    assert [(p.code, p.row) for p in report.of("warning")] == [("length_without_start", 2)]


def test_a_duration_counts_from_the_founding_of_the_alliance(folder):
    source = folder(
        {
            "学校": SCHOOLS,
            "集团": "集团名称,成立时间\nG,2023.9\nH,\n",
            "集团成员": "集团名称,学校名称,角色,协议期限\nG,甲小学,核心校,三年\nH,乙小学,核心校,三年\n",
        }
    )
    network, report = examine(source)
    assert pairs(network, "member_of") == [
        ("乙小学", "H", "", ""),
        ("甲小学", "G", "2023-09-01", "2026-08-31"),
    ]
    told = [(p.row, p.column) for p in report.of("warning") if p.code == "length_without_start"]
    assert told == [(3, "协议期限")]


def test_what_contradicts_a_span_is_told(folder):
    _, report = load(folder, "起止时间,结束日期", "2023.9-2024.7,2025.1.1")
    assert "span_differs" in [p.code for p in report.of("warning")]
    network, report = load(folder, "开始日期,结束日期,协议期限", "2023.9.1,2025.1.1,三年")
    assert pairs(network)[0][3] == "2025-01-01"
    assert "length_differs" in [p.code for p in report.of("warning")]


def test_bare_years_and_single_months_are_told(folder):
    network, report = load(folder, "起止时间", "2023-2024")
    assert pairs(network)[0][2:] == ("2023-01-01", "2024-12-31")
    assert [p.code for p in report.of("warning")] == ["years_alone"]
    _, report = load(folder, "起止时间", "2023.9")
    assert "span_without_end" in [p.code for p in report.of("warning")]
    _, report = load(folder, "起止时间", "以后再说")
    assert [(p.code, p.row) for p in report.of("error")] == [("bad_span", 2)]


def test_a_number_that_lost_its_zero_is_told_with_its_row(folder):
    _, report = load(folder, "开始日期", "2023.1", "2023.9")
    assert [(p.row, p.value) for p in report.of("warning") if p.code == "perhaps_october"] == [
        (2, "2023.1")
    ]
    _, report = load(folder, "开始日期", "2023.1", "2023.2")
    assert "perhaps_october" not in [p.code for p in report.of("warning")]


def test_an_event_of_several_days_counts_on_its_first(folder):
    source = folder(
        {"学校": SCHOOLS, "送课下乡": "送课学校,受援校,活动时间\n甲小学,乙小学,2024.3.5-3.7\n"}
    )
    network, report = examine(source)
    assert network.relation("delivers")["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-05"]
    assert [p.code for p in report.of("warning")] == ["event_of_days"]


MAPPING = """
[[rows]]
[[rows.school]]
name = "a"
[[rows.school]]
name = "b"
[[rows.assists]]
source = "a"
target = "b"
start = {}
"""


def test_a_mapping_says_that_a_cell_is_a_span(folder):
    source = folder({"x": "a,b,t\n甲,乙,2023.9-2024.7\n甲,丙,三年\n"})
    mapping = source / "m.toml"
    mapping.write_text(MAPPING.replace("{}", '{ column = "t", range = true }'), encoding="utf-8")
    network, report = examine(source / "x.csv", mapping=mapping)
    assert pairs(network) == [("甲", "丙", "", ""), ("甲", "乙", "2023-09-01", "2024-07-31")]
    assert "length_without_start" in [p.code for p in report.of("warning")]
    mapping.write_text(MAPPING.replace("{}", '"t"'), encoding="utf-8")
    _, report = examine(source / "x.csv", mapping=mapping)
    assert [(p.code, p.row) for p in report.of("error")] == [
        ("range_unmapped", 2),
        ("range_unmapped", 3),
    ]


# -- names ---------------------------------------------------------------------------------------


def targets(folder, cell, schools=SCHOOLS):
    text = f'支援校,受援校\n甲小学,"{cell}"\n'
    network, report = examine(folder({"学校": schools, "结对帮扶": text}))
    found = sorted(network.relation("assists")["target"].astype(str)) if network else None
    return found, [(p.code, p.row) for p in report.problems if p.severity != "info"]


@pytest.mark.parametrize(
    "cell",
    ["乙小学、丙小学；丁小学", "乙小学，丙小学,丁小学", "乙小学/丙小学;丁小学", "乙小学\n丙小学\n丁小学",
     "乙小学 丙小学　丁小学", "乙小学 、 丙小学 、丁小学、"],
)  # fmt: skip
def test_several_names_in_a_cell(folder, cell):
    assert targets(folder, cell) == (["丁小学", "丙小学", "乙小学"], [])


def test_and_others_and_counts_are_warnings_not_names(folder):
    assert targets(folder, "乙小学、丙小学等") == (["丙小学", "乙小学"], [("names_and_others", 2)])
    assert targets(folder, "乙小学、丙小学等4所") == (
        ["丙小学", "乙小学"],
        [("names_and_others", 2)],
    )
    assert targets(folder, "乙小学、共2所") == (["乙小学"], [("count_no_name", 2)])
    assert targets(folder, "乙小学、丙小学（共2所）") == (
        ["丙小学", "乙小学"],
        [("count_no_name", 2)],
    )
    assert targets(folder, "4所") == ([], [("count_no_name", 2)])


def test_a_blank_parts_names_only_where_every_piece_is_a_known_school(folder):
    assert targets(folder, "实验 小学")[0] == ["实验 小学"]
    found, told = targets(folder, "乙小学 戊小学")
    assert (found, told) == (None, [("unknown_end", 2)])


def test_a_slash_keeps_an_id_of_region_and_name_together(folder):
    schools = "学校名称,地区\n甲小学,东镇\n乙小学,东镇\n乙小学,西镇\n"
    assert targets(folder, "西镇/乙小学", schools) == (["西镇/乙小学"], [])


def test_a_name_that_holds_a_sign_stays_whole(folder):
    schools = SCHOOLS + '"戊,己小学"\n'
    assert targets(folder, "戊,己小学", schools) == (["戊,己小学"], [])


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "state"),
    [("30余人", 30, "least"), ("30多名", 30, "least"), ("30+", 30, "least"), ("约30", 30, "about"),
     ("30人左右", 30, "about"), ("不少于30人", 30, "least"), ("30名", 30, "repaired"),
     ("30", 30, ""), ("余30", None, "bad"), ("30.5人", None, "fraction")],
)  # fmt: skip
def test_numbers_with_words(text, value, state):
    assert parse_number(text, whole=True) == (value, state)


def test_a_lower_bound_is_noted(folder):
    network = read(folder({"学校": "学校名称,在校生数\n甲,30余人\n乙,约40\n"}))
    assert network.nodes("school")["pupils"].to_dict() == {"甲": 30, "乙": 40}
    told = [(p.code, p.value) for p in network.report.of("warning")]
    assert told == [("number_at_least", "30余人"), ("number_about", "约40")]
