"""A small network that holds everything a store or an export may stumble over.

Every kind, relation and column has a value; see `test_hard.py`. Import it as ``from hard import
hard_network``.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd

from liantu.graph import schema
from liantu.graph.network import Network

# Ids that a spreadsheet or a query would take for something else; unique within the kind.
IDS = [
    "007", "1e5", "true", "３１", "0130000000000000001", "nan", "NULL", "-0", "1.0", "2021-09-01",
    "=1+1", "+86", "@校", " 甲 小学 ", "甲、乙", "a;b,c", 'say "hi"', "it's", "两\n行", "制表\t符",
    "示例学校", "EXAMPLE1", "合计", "🏫学校", "\\N", "a:b", "$x", "`tick`", "<b>&amp;</b>", "//x", "é",
]  # fmt: skip


def hard_frames() -> dict[str, pd.DataFrame]:
    """Return the frames of the hard network."""
    schools = pd.DataFrame({"id": IDS})
    first = {
        "name": "中心小学（东校区）🏫", "aliases": "一小、东小", "region": "007", "stage": "primary",
        "type": "211", "ownership": "public", "legal_person": " 张 三 ", "urban_rural": "220",
        "quality": "core", "pupils": 900, "teachers": 0, "lon": 0.1 + 0.2, "lat": 23.000000000000004,
        "datum": "WGS-84", "opened": "1951-09-01", "closed": "2999-12-31",
        "provenance": "县志\n第二卷", "place": "p. 3", "synthetic": True,
    }  # fmt: skip
    second = {
        "name": "N/A", "aliases": "null", "region": "r 1", "ownership": "集体所有（自创）",
        "pupils": 2**53 + 1, "lon": -179.99999999999997, "lat": 1e-300, "opened": "1969-12-31",
        "closed": "1970-01-01",
    }  # fmt: skip
    schools = pd.concat([schools, pd.DataFrame(columns=list(first))], axis=1)
    for row, values in ((0, first), (1, second)):
        for key, value in values.items():
            schools.loc[row, key] = value
    # four rows that nothing else touches: isolated schools
    schools.loc[2, ["name", "pupils"]] = ["true", 0]
    schools.loc[3, "name"] = "=SUM(A1)"

    def rows(**columns: object) -> pd.DataFrame:
        return pd.DataFrame(columns)

    return {
        "school": schools,
        "teacher": rows(
            id=["007", "张三", "t,2", "true"], name=["李四", "张三", None, "🙂"],
            title=["高级教师", None, "一级", None], backbone=[True, False, None, None],
            subject=["语文", None, "1e5", "数学、英语"], provenance=["名册", None, None, None],
            place=["第1页", None, None, None], synthetic=[False, True, None, True],
        ),
        "center": rows(
            id=["007", "c-1"], name=["语文中心", " 名 "], form=["subject", "自创中心"],
            subject=["语文", None], tier=["省", None], region=["007", None],
            provenance=["x", None], place=["y", None], synthetic=[True, False],
        ),
        "partner": rows(
            id=["大学", "7"], name=["某大学", None], form=["university", None], region=["r 1", None],
            provenance=["x", None], place=["y", None], synthetic=[True, False],
        ),
        "alliance": rows(
            id=["007", "甲、乙", "大联盟"], name=["一中集团", "结对", None],
            form=["education_group", "自创形式", None], region=["007", "r 1", None],
            level=["county", "跨级", None], start=["1949-10-01", "2021-09-01", None],
            end=["2030-08-31", None, None], provenance=["x", None, None], place=["y", None, None],
            synthetic=[True, False, None],
        ),
        "region": rows(
            id=["007", "r 1", "独"], name=["试验县", "东镇", None], parent=[None, "007", None],
            level=["county", "township", "自创级"], provenance=["x", None, None],
            place=["y", None, None], synthetic=[True, False, None],
        ),
        "member_of": rows(
            source=["007", "007", "1e5", "３１", "007"], target=["007", "007", "007", "甲、乙", "大联盟"],
            role=["core", "core", "member", None, "host"],
            form=["joint", "joint", "自创形式", None, None],
            start=["1960-01-01", "2021-09-01", None, "2024-02-29", None],
            end=["1969-12-31", None, "2024-08-31", None, None],
            agreement=["协议\n一", None, "=1", None, None], certainty=[None, None, "ambiguous", "stated", None],
            provenance=["a", "b", None, None, None], place=["1", None, None, None, None],
            synthetic=[True, False, None, None, True],
        ),
        "part_of": rows(
            source=["007"], target=["大联盟"], form=["body"], start=["2020-01-01"], end=["2021-01-01"],
            provenance=["a"], place=["1"], synthetic=[True], certainty=["ambiguous"],
        ),
        # parallel ties: the same ends three times, other forms and dates
        "assists": rows(
            source=["007", "007", "007", "=1+1"], target=["1e5", "1e5", "1e5", " 甲 小学 "],
            form=["paired", "trusteeship", "paired", "自创形式"],
            start=["1958-03-01", None, "2021-09-01", None], end=["1966-05-16", None, None, "2024-08-31"],
            agreement=[None, "a", None, "两\n行"], provenance=["a", None, None, None],
            place=["1", None, None, None], synthetic=[True, None, False, None],
            certainty=[None, "ambiguous", "stated", None],
        ),
        "affiliated_to": rows(
            source=["甲、乙", "a;b,c"], target=["007", "007"], form=["village_school", "自创形式"],
            start=["2001-01-01", None], end=["2002-01-01", None], provenance=["a", None],
            place=["1", None], synthetic=[True, None], certainty=["ambiguous", None],
        ),
        "works_at": rows(
            source=["007", "007", "张三"], target=["007", "1e5", "true"],
            start=["1969-09-01", "2021-09-01", None], end=["2021-08-31", None, None],
            provenance=["a", None, None], place=["1", None, None], synthetic=[True, None, None],
            certainty=["ambiguous", None, None],
        ),
        # ends of several kinds: school 007 and teacher 007
        "posted_to": rows(
            source=["007", "007", "张三"], source_kind=["teacher", "school", "teacher"],
            target=["1e5", "1e5", "３１"], form=["rotation", "shadowing", "自创形式"],
            role=["副校长", None, None], home=["007", None, "true"], count=[None, 3, None],
            start=["2020-09-01", None, "1968-01-01"], end=["2021-08-31", None, None],
            provenance=["a", None, None], place=["1", None, None], synthetic=[True, None, None],
            certainty=["ambiguous", None, None],
        ),
        "mentors": rows(
            source=["007", "007"], source_kind=["teacher", "school"], target=["张三", "1e5"],
            target_kind=["teacher", "school"], start=["2020-01-01", None], end=["2023-01-01", None],
            subject=["语文", None], mentor_school=["007", None], mentee_school=["true", None],
            count=[None, 12], provenance=["a", None], place=["1", None], synthetic=[True, None],
            certainty=["ambiguous", None],
        ),
        "joins": rows(
            source=["007", "007"], source_kind=["teacher", "school"], target=["007", "c-1"],
            role=["member", "host"], subject=["语文", None], start=["2020-01-01", None],
            end=["2023-01-01", None], provenance=["a", None], place=["1", None],
            synthetic=[True, None], certainty=["ambiguous", None],
        ),
        # events: the first two are identical, the third has no date
        "delivers": rows(
            source=["007", "007", "007", "大学", "007", "007"],
            source_kind=["school", "school", "center", "partner", "teacher", "alliance"],
            target=["1e5", "1e5", "007", "r 1", "c-1", "=1+1"],
            target_kind=["school", "school", "alliance", "region", "center", "school"],
            form=["lesson", "lesson", None, "lecture", "自创形式", "forum"],
            date=["1965-05-01", "1965-05-01", None, "2021-03-01", "2999-01-01", "2020-02-29"],
            count=[2, 2, None, 0, None, None], participants=[40, 40, None, None, None, 10**9],
            subject=["语文", "语文", None, None, None, None], provenance=["a", "a", None, None, None, None],
            place=["1", "1", None, None, None, None], synthetic=[True, True, None, None, None, None],
            certainty=[None, None, "ambiguous", None, None, None],
        ),
        "supports": rows(
            source=["大学", "7", "7"], target=["007", "007", "007"],
            target_kind=["school", "alliance", "region"], form=["funding", "自创形式", None],
            amount=[1234567.8900000001, 0.0, None], currency=["CNY", None, None],
            period=["once", "year", None], subject=["语文", None, None],
            start=["2020-01-01", None, None], end=["2023-01-01", None, None],
            provenance=["a", None, None], place=["1", None, None], synthetic=[True, None, None],
            certainty=["ambiguous", None, None],
        ),
        "pact": rows(
            source=["007"], target=["独"], alliance=["大联盟"], start=["1996-01-01"], end=["2016-12-31"],
            provenance=["a"], place=["1"], synthetic=[True], certainty=["ambiguous"],
        ),
        "travel": rows(
            source=["007", "007", "1e5"], target=["1e5", "1e5", "007"],
            minutes=[0.30000000000000004, 45.0, 0.0], start=["1996-01-01", None, None],
            end=["2016-12-31", None, None],
            provenance=["a", None, None], place=["1", None, None], synthetic=[True, None, None],
        ),
        "observations": rows(
            kind=["school", "school", "school", "teacher", "center", "partner", "alliance", "region"],
            id=["007", "007", "007", "007", "007", "大学", "甲、乙", "r 1"],
            measure=["rank", "rank", "生均校舍面积", "honour", "sessions", "staff", "approved", "gdp"],
            period=["2020—2021", "2020—2021", "1e5", None, "007", None, None, "1969"],
            value=[-17.5, -17.5, 0.30000000000000004, None, 12, 0, None, 1e20],
            text=[None, None, None, "省级\n示范", "true", None, "是", None],
            unit=[None, None, "平方米", None, None, None, None, "元"],
            subject=[None, None, "数学", None, None, None, None, None],
            grade=[None, None, "9", None, None, None, None, None],
            provenance=["a", "a", None, None, None, None, None, None],
            place=["1", "1", None, None, None, None, None, None],
            synthetic=[True, True, None, None, None, None, None, None],
        ),
    }  # fmt: skip


@cache
def hard_network() -> Network:
    """Return the hard network, with title, date, phases and goals; made once, for it never changes."""
    frames = hard_frames()
    for name, frame in frames.items():  # in the last row, for the first ones may be identical
        last = [None] * (len(frame) - 1)
        frames[name] = frame.assign(**{"x_自有 列": [*last, 'it\'s "1e5"'], "x_b": [*last, "007"]})
        if name in schema.relations():
            frames[name]["weight"] = [*last, 0.1 + 0.2]
    for name, frame in frames.items():  # whole numbers beside gaps stay whole
        whole = [k for k, c in schema.tables()[name].columns.items() if c.type == "int"]
        for key in whole:
            frame[key] = pd.array(
                [None if pd.isna(value) else int(value) for value in frame[key]], dtype="Int64"
            )
    return Network.from_frames(
        frames,
        as_of="2024-06-30",
        title='试"验"县 \\ 🏫\n二〇二四',
        phases=(
            {
                "name": "第一阶段",
                "name_en": "First",
                "start": date(1959, 1, 1),
                "end": date(2012, 12, 31),
            },
            {"name": "第二阶段"},
        ),
        goals=(
            {"id": "甲", "rule": "rotation", "share": 0.1, "window": "1y", "note": "“十分之一”"},
            {
                "id": "乙",
                "rule": "regions_reached",
                "level": "township",
                "undated": True,
                "at_least": 2,
            },
        ),
    )
