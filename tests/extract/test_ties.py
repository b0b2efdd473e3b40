"""Ties that sentences tell of, and their form."""

import pytest

from liantu.extract.figures import find_figures
from liantu.extract.names import find_names
from liantu.extract.ties import find_ties


def ties(text):
    found = find_ties(text, find_names(text), find_figures(text))
    return [
        (t.relation, t.cells.get("form") or t.cells.get("role") or "",
         t.source.text if t.source else "", t.target.text if t.target else "")
        for t in found
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("东山小学与西坡小学结对。", [("assists", "paired", "东山小学", "西坡小学")]),
        ("东山小学托管西坡小学。", [("assists", "trusteeship", "东山小学", "西坡小学")]),
        ("西坡小学由东山小学全面托管。", [("assists", "trusteeship", "东山小学", "西坡小学")]),
        ("东山小学对口支援西坡小学。", [("assists", "counterpart", "东山小学", "西坡小学")]),
        ("东山小学引领西坡小学。", [("assists", "paired", "东山小学", "西坡小学")]),
        (
            "东山小学选派3名教师到西坡小学支教。",
            [("posted_to", "support_teaching", "东山小学", "西坡小学")],
        ),
        ("西坡小学教师到东山小学跟岗。", [("posted_to", "shadowing", "西坡小学", "东山小学")]),
        ("东山小学选派干部到西坡小学挂职。", [("posted_to", "secondment", "东山小学", "西坡小学")]),
        ("东山小学到西坡小学送课4节。", [("delivers", "lesson", "东山小学", "西坡小学")]),
        ("东山小学与西坡小学结成20个师徒对子。", [("mentors", "", "东山小学", "西坡小学")]),
        ("东海大学向西坡小学捐赠5万元。", [("supports", "donation", "东海大学", "西坡小学")]),
        ("东海大学对西坡小学托管帮扶。", [("supports", "trusteeship", "东海大学", "西坡小学")]),
        ("柳河数学教研中心设在东山小学。", [("joins", "host", "东山小学", "柳河数学教研中心")]),
        ("临洮县与渭源县签订协作协议。", [("pact", "", "临洮县", "渭源县")]),
        ("岷县、漳县和渭源县召开协作会。", []),
        (
            "柳河教育集团由东山小学、西坡小学组成，以东山小学为核心校。",
            [
                ("member_of", "core", "东山小学", "柳河教育集团"),
                ("member_of", "", "西坡小学", "柳河教育集团"),
            ],
        ),
        (
            "东山小学与西坡小学、南岭小学与北坡小学组建教育集团。",
            [
                ("member_of", "core", "东山小学", "东山小学集团"),
                ("member_of", "member", "西坡小学", "东山小学集团"),
                ("member_of", "core", "南岭小学", "南岭小学集团"),
                ("member_of", "member", "北坡小学", "南岭小学集团"),
            ],
        ),
        ("东山小学教育集团成立。", [("member_of", "core", "东山小学", "东山小学教育集团")]),
        ("东山小学召开会议，西坡小学参加。", []),
    ],
)
def test_ties(text, found):
    assert sorted(ties(text)) == sorted(found)


def test_figures_and_dates_of_a_tie():
    text = "2024年4月18日，东山小学到西坡小学送课4节，南岭小学选派2人到西坡小学支教。"
    found = {t.relation: t.cells for t in find_ties(text, find_names(text), find_figures(text))}
    assert found["delivers"] == {"form": "lesson", "count": "4", "date": "2024-04-18"}
    assert found["posted_to"] == {
        "form": "support_teaching", "count": "2", "start": "2024-04-18",
    }  # fmt: skip


def test_a_list_of_hundreds_makes_no_flood():
    many = "、".join(f"东{a}{b}小学" for a in "山河湖海江" for b in "头尾口湾坪")
    assert ties(f"{many}带动{many.replace('东', '西')}。") == []
