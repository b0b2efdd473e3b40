"""Linyi: 112 groups of 353 schools in twelve counties, and 638 pairs with poor villages."""

from __future__ import annotations

from typing import Any

from cases import claims as c
from cases.rows import (
    SHANDONG,
    Case,
    Row,
    Rows,
    filled,
    joined,
    observed,
    placed,
    said,
    shandong_frame,
    tables,
)

TEXT = f"{SHANDONG}·临沂"
INFERRED = f"{TEXT}；县名由校名推断"
CITY = "linyi"
START, NEW, WEAK, RURAL, CASES = "开头", "一是", "二是", "三是", "目前"
MODELS = ["core_new", "core_weak", "core_rural"]

COUNTIES = [("yinan", "沂南县", WEAK), ("lanling", "兰陵县", WEAK), ("pingyi", "平邑县", CASES)]
# id, name, region, stage, place
NAMED = [
    ("ly-puyuan", "朴园小学", CITY, "primary", NEW),
    ("ly-taoyuan-xiaoxue", "临沂桃园小学", CITY, "primary", NEW),
    ("ly-35", "临沂第三十五中学", CITY, None, NEW),
    ("ly-taoyuan-zhongxue", "临沂桃园中学", CITY, None, NEW),
    ("ly-yinan-5", "沂南五小", "yinan", "primary", WEAK),
    ("ly-lanling", "兰陵实验中学", "lanling", None, WEAK),
    ("ly-kaifaqu", "开发区实验一小", CITY, "primary", WEAK),
    ("ly-xingyuan", "杏园小学", CITY, "primary", CASES),
    ("ly-pingyi", "平邑县实验小学", "pingyi", "primary", CASES),
]
# id, name, form, region, its named schools, the first of them the core
GROUPS = [
    ("ly-group-puyuan", "朴园小学教育集团", "core_new", CITY, ["ly-puyuan", "ly-taoyuan-xiaoxue"]),
    ("ly-group-35", "临沂第三十五中学教育集团", "core_new", CITY, ["ly-35", "ly-taoyuan-zhongxue"]),
    ("ly-group-yinan-5", "沂南五小教育集团", "core_weak", "yinan", ["ly-yinan-5"]),
    ("ly-group-lanling", "兰陵实验中学教育集团", "core_weak", "lanling", ["ly-lanling"]),
    ("ly-group-kaifaqu", "开发区实验一小教育集团", "core_weak", CITY, ["ly-kaifaqu"]),
    ("ly-group-xingyuan", "杏园小学教育集团", "education_group", CITY, ["ly-xingyuan"]),
]
FILLED = range(7, 113)  # 106 groups
SCHOOLS = 345  # of the 353: all but the eight named ones
PAIRS = 638


def case() -> Case:
    """Return the case."""
    about = {
        "title": "临沂市“名校+”教育集团",
        "title_en": "Linyi: famous school plus",
        "as_of": "2021-12-31",
        "description": "112 个集团、353 所学校、638 对结对；9 所学校有名称，其余按总数补足。",
        "description_en": "112 groups of 353 schools, 638 pairs; nine schools are named, the "
        "others are filled in.",
    }
    rows = joined(
        shandong_frame(), _named(), _groups(), _villages(), {"observations": _observations()}
    )
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=[c.rotates("linyi")])


def _county(n: int) -> str:
    """Return a county; filled schools and groups take turns."""
    place = n % 12
    return COUNTIES[place][0] if place < len(COUNTIES) else f"ly-county-{place + 1:02}"


def _named() -> Rows:
    return {
        "region": [
            *placed(START, [
                {"id": CITY, "name": "临沂市", "level": "prefecture", "parent": "shandong"},
            ]),
            *({"id": key, "name": name, "level": "county", "parent": CITY, "place": place,
               "provenance": INFERRED} for key, name, place in COUNTIES),
            *filled(START, [
                {"id": _county(n), "name": f"临沂·填充县区 {n + 1:02}", "level": "county",
                 "parent": CITY} for n in range(len(COUNTIES), 12)
            ]),
        ],
        "school": [
            {"id": key, "name": name, "region": region, "stage": stage, "place": place}
            for key, name, region, stage, place in NAMED
        ],
        "alliance": [
            {"id": key, "name": name, "form": form, "region": region, "level": "county",
             "place": next(row[4] for row in NAMED if row[0] == schools[0])}
            for key, name, form, region, schools in GROUPS
        ],
        "member_of": [
            {"source": school, "target": key, "role": "member" if n else "core", "form": form,
             "place": next(row[4] for row in NAMED if row[0] == school)}
            for key, _, form, _, schools in GROUPS for n, school in enumerate(schools)
        ],
    }  # fmt: skip


def _groups() -> Rows:
    """Return 106 groups: a core with two schools, or with three in 27 that are not 核心校+新校."""
    schools: list[Row] = []
    members: list[Row] = []
    alliances: list[Row] = []
    larger = [n for n in FILLED if n % 3][:27]
    for n in FILLED:
        form, county = MODELS[n % 3], _county(n)
        group = f"ly-group-{n:03}"
        alliances.append({"id": group, "name": f"临沂·填充集团 {n:03}", "form": form,
                          "region": county, "level": "county"})  # fmt: skip
        for k in range(4 if n in larger else 3):
            school = f"ly-fill-{len(schools) + 1:03}"
            quality = "core" if k == 0 else {"core_new": "new", "core_weak": "weak"}.get(form)
            village = k > 0 and form == "core_rural"
            schools.append({"id": school, "name": f"临沂·填充校 {school[-3:]}", "region": county,
                            "stage": "primary" if n % 2 else "junior", "quality": quality,
                            "urban_rural": "220" if village else "111"})  # fmt: skip
            members.append({"source": school, "target": group, "form": form,
                            "role": "member" if k else "core"})  # fmt: skip
    assert len(schools) == SCHOOLS
    return {
        "school": filled(START, schools),
        "alliance": filled(START, alliances),
        "member_of": filled(START, members),
    }


def _villages() -> Rows:
    """Return 638 village schools, each paired with a filled core school of its county."""
    cores: dict[str, list[str]] = {}
    for row in _groups()["member_of"]:
        if row["role"] == "core":
            cores.setdefault(_county(int(row["target"][-3:])), []).append(row["source"])
    villages = [(f"ly-village-{n:03}", _county(n)) for n in range(1, PAIRS + 1)]
    return {
        "school": filled(RURAL, [
            {"id": key, "name": f"临沂·填充村校 {key[-3:]}", "region": county, "stage": "primary",
             "urban_rural": "220"} for key, county in villages
        ]),
        "assists": filled(RURAL, [
            {"source": cores[county][n // 12 % len(cores[county])], "target": key, "form": "paired"}
            for n, (key, county) in enumerate(villages)
        ]),
    }  # fmt: skip


def _observations() -> list[Row]:
    city = ("region", CITY)
    return [
        *said("school", "ly-pingyi", CASES, model="名校托管、城乡联盟"),
        *observed("alliance", "ly-group-xingyuan", CASES, ("allied_schools", 4, "所")),
        *observed(*city, CASES, ("years", 3, "年")),
        *said(*city, "二", teacher_flow="two-way"),
        *said(*city, "三", evaluation="bundled"),
    ]


def _claims() -> list[dict[str, Any]]:
    claim, groups = c.claim, c.count("alliance")
    inside = c.distinct("source", "member_of")
    percent = {"scope": "贫困村学校"}
    return [
        *c.frame_claims("ly"),
        claim("ly-groups", 112, "alliances", groups, START, "办学集团", "groups"),
        claim("ly-counties", 12, "regions", c.count("region", level="county"), START,
              "覆盖的县区", "counties and districts"),
        claim("ly-schools", 353, "schools", inside, START, "集团内的学校", "schools in groups"),
        claim("ly-schools-per-group", 3.15, "schools", c.ratio(inside, groups), START,
              "每个集团的学校数（由 353 与 112 得出）", "schools a group, from 353 and 112",
              comparison="~", tolerance=0.01),
        claim("ly-models", 3, "items", c.distinct("form", "member_of", form=MODELS), "一",
              "核心校+新校、弱校、农村校", "core with new, weak or rural schools"),
        claim("ly-new-least", 1, "schools", c.ratio(*_new()), NEW, "每所核心校带 1–2 所新校：至少",
              "one or two new schools a core: at least", comparison=">="),
        claim("ly-new-most", 2, "schools", c.ratio(*_new()), NEW, "每所核心校带 1–2 所新校：至多",
              "one or two new schools a core: at most, on average", comparison="<="),
        claim("ly-pairs", 638, "pairs", c.count("assists", form="paired"), RURAL,
              "结对帮扶", "pairs of schools"),
        claim("ly-villages", 100, "percent",
              c.covers("rate", scope="rural"), RURAL, "贫困村学校帮扶覆盖率",
              "coverage of poor-village schools", **percent),
        claim("ly-xingyuan-groups", 1, "alliances",
              c.distinct("target", "member_of", source="ly-xingyuan"), CASES, "一个集团",
              "one group", subject="school:ly-xingyuan"),
        claim("ly-xingyuan-schools", 4, "schools",
              c.seen("allied_schools", id="ly-group-xingyuan"), CASES, "四校联盟",
              "four allied schools", subject="alliance:ly-group-xingyuan"),
        c.rule("ly-pingyi-model", "school:ly-pingyi", "model", "名校托管、城乡联盟", CASES,
               "名校托管、城乡联盟", "trusteeship, urban–rural alliance"),
        claim("ly-years", 3, "years", c.seen("years", id=CITY), CASES, "三年探索",
              "three years of trials"),
        c.rule("ly-flow", f"region:{CITY}", "teacher_flow", "two-way", "二",
               "集团内教师双向流动", "teachers move both ways inside a group"),
        c.rule("ly-evaluation", f"region:{CITY}", "evaluation", "bundled", "三",
               "核心校支持与成员校提升捆绑评价", "support and gain are evaluated together"),
    ]  # fmt: skip


def _new() -> tuple[c.Measure, c.Measure]:
    """Return the new schools and the groups that they are in."""
    here = {"form": "core_new"}
    return c.count("member_of", role="member", **here), c.distinct("target", "member_of", **here)
