"""Qingdao: 80 education groups "1+N+X", three of them of experimental schools."""

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

TEXT = f"{SHANDONG}·青岛"
CITY, SINCE = "qingdao", "2019-01-01"
START, DESIGN, MODEL, RUN, MONEY = "开头", "一（一、二）", "二", "三（一）", "三（二）"
CITY_GROUPS_PLACE = "一（三）"

CITY_GROUPS = [
    ("qd-city-primary", "青岛市小学实验学校教育集团", "primary", 14),
    ("qd-city-junior", "青岛市初中实验学校教育集团", "junior", 12),
    ("qd-city-nine-year", "青岛市九年一贯制实验学校教育集团", "nine_year", 8),
]
GROUPS = range(1, 78)  # filled: 77 beside the three city groups, three schools each
DISTRICTS = ["qd-district-1", "qd-district-2", "qd-district-3"]
STAGES = ["primary", "junior"]
PARTNERS = [("government", "政府部门"), ("enterprise", "企业"), ("association", "协会"),
            ("foundation", "基金会")]  # fmt: skip


def case() -> Case:
    """Return the case."""
    about = {
        "title": "青岛市“1+N+X”教育集团",
        "title_en": "Qingdao: education groups 1+N+X",
        "as_of": "2021-12-31",
        "description": "80 个教育集团，其中 3 个市级实验学校集团有名称，其余和全部学校均为补足。",
        "description_en": "80 education groups; three of experimental schools are named, the "
        "others and all schools are filled in.",
    }
    rows = joined(
        shandong_frame(), _places(), _groups(), _partners(), {"observations": _observations()}
    )
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=[c.rotates("qingdao")])


def _places() -> Rows:
    return {
        "region": [
            *placed(START, [
                {"id": CITY, "name": "青岛市", "level": "prefecture", "parent": "shandong"},
            ]),
            *filled(RUN, [
                {"id": key, "name": f"青岛·填充区 {n}", "level": "county", "parent": CITY}
                for n, key in enumerate(DISTRICTS, 1)
            ]),
        ],
    }  # fmt: skip


def _members(n: int) -> list[Row]:
    """Return the three schools of a filled group: its core, a member near it, one farther away.

    Every third group is wholly 融合型: one stage, ownership and legal person. The others have a
    member of another stage (聚合型) and a private vocational one from another district (联合型).
    """
    stage, other = STAGES[n % 2], STAGES[(n + 1) % 2]
    close = n % 3 == 0
    core = {"stage": stage, "ownership": "public", "legal_person": f"填充法人 {n:02}-1",
            "region": DISTRICTS[n % 3], "form": None}  # fmt: skip
    if close:
        return [core, core | {"form": "integrated"}, core | {"form": "integrated"}]
    return [
        core,
        core | {"form": "aggregated", "stage": other, "legal_person": f"填充法人 {n:02}-2"},
        core | {"form": "joint", "stage": "vocational", "ownership": "private",
                "legal_person": f"填充法人 {n:02}-3", "region": DISTRICTS[(n + 1) % 3]},
    ]  # fmt: skip


def _groups() -> Rows:
    whole = {"form": "education_group", "start": SINCE}
    schools, members = [], []
    for n in GROUPS:
        for k, school in enumerate(_members(n)):
            form = school.pop("form")
            key = f"qd-fill-{3 * (n - 1) + k + 1:03}"
            schools.append({"id": key, "name": f"青岛·填充校 {key[-3:]}", **school})
            members.append(
                {"source": key, "target": f"qd-group-{n:02}", "role": "member" if k else "core",
                 "form": form, "start": SINCE}
            )  # fmt: skip
    experimental = [
        (f"qd-experimental-{n:02}", group, stage)
        for n, (group, stage) in enumerate(
            ((group, stage) for group, _, stage, count in CITY_GROUPS for _ in range(count)), 1
        )
    ]
    words = {"council": "理事会", "supervisors": "监事会", "foundation": "基金会"}
    bodies = [(f"qd-group-01-{key}", word) for key, word in words.items()]
    return {
        "school": [
            *filled(START, schools),
            *filled(CITY_GROUPS_PLACE, [
                {"id": key, "name": f"青岛·填充实验学校 {key[-2:]}", "region": CITY, "stage": stage,
                 "ownership": "public"} for key, _, stage in experimental
            ]),
        ],
        "alliance": [
            *placed(CITY_GROUPS_PLACE, [
                {"id": key, "name": name, "region": CITY, "level": "prefecture", **whole}
                for key, name, _, _ in CITY_GROUPS
            ]),
            *filled(START, [
                {"id": f"qd-group-{n:02}", "name": f"青岛·填充集团 {n:02}",
                 "region": DISTRICTS[n % 3], "level": "county", **whole} for n in GROUPS
            ]),
            *filled(RUN, [
                {"id": key, "name": f"青岛·填充集团 01·{word}", "form": "body", "start": SINCE}
                for key, word in bodies
            ]),
        ],
        "member_of": [
            *filled(START, members),
            *filled(CITY_GROUPS_PLACE, [
                {"source": key, "target": group, "start": SINCE} for key, group, _ in experimental
            ]),
        ],
        "part_of": filled(RUN, [
            {"source": key, "target": "qd-group-01", "form": "body", "start": SINCE}
            for key, _ in bodies
        ]),
    }  # fmt: skip


def _partners() -> Rows:
    """Return X: one filled partner of each kind, the four departments, and the city's funds."""
    departments = ["教育", "财政", "人社", "编办"]
    funds = [("集团化办学", 2_200_000), ("市级实验学校教育集团", 3_000_000)]
    return {
        "partner": [
            *placed(DESIGN, [
                {"id": f"qd-department-{n}", "name": f"青岛市{name}部门", "form": "government",
                 "region": CITY} for n, name in enumerate(departments, 1)
            ]),
            *filled(MODEL, [
                {"id": f"qd-x-{n}", "name": f"青岛·填充{word}", "form": form, "region": CITY}
                for n, (form, word) in enumerate(PARTNERS, 1)
            ]),
        ],
        "supports": [
            *placed(MONEY, [
                {"source": "qd-department-2", "target": CITY, "target_kind": "region",
                 "form": "funding", "amount": amount, "currency": "CNY", "period": "year",
                 "subject": subject, "start": "2021-01-01", "end": "2021-12-31"}
                for subject, amount in funds
            ]),
            *filled(MODEL, [
                {"source": f"qd-x-{n}", "target": f"qd-group-{n:02}", "target_kind": "alliance",
                 "form": "funding", "start": SINCE} for n in range(1, 5)
            ]),
        ],
    }  # fmt: skip


def _observations() -> list[Row]:
    city = ("region", CITY)
    return [
        *said(*city, DESIGN, life_cycle_approval="成立、纳新、退出均须教育行政部门审批"),
        *said(*city, MODEL, integrated_legal_person="one", aggregated_legal_person="separate",
              joint_tie="project"),
        *observed(*city, CITY_GROUPS_PLACE, ("experimental_projects", 8, "个")),
        *observed(*city, RUN, ("pilot", None, None, None, "市内三区教育飞地（寄宿制初中）")),
        *observed(*city, MONEY, ("funding", 2_200_000, "元", "2021", None, "集团化办学"),
                  ("funding", 3_000_000, "元", "2021", None, "市级实验学校教育集团")),
    ]  # fmt: skip


def _claims() -> list[dict[str, Any]]:
    claim, groups = c.claim, c.count("alliance", form="education_group")
    forms = ["integrated", "aggregated", "joint"]
    city_groups = [key for key, *_ in CITY_GROUPS]
    cores = c.count("member_of", role="core")
    led = c.distinct("target", "member_of", role="core")
    city = f"region:{CITY}"
    return [
        *c.frame_claims("qd"),
        claim("qd-groups", 80, "alliances", groups, START, "教育集团", "education groups"),
        claim("qd-before", 0, "alliances", groups, START, "2019 年初启动，此前没有集团",
              "none before the start in early 2019", as_of="2018-12-31"),
        claim("qd-one-core", 1, "schools", c.ratio(cores, led), MODEL, "“1”：每个集团一所核心校",
              "the 1: one core school a group", scope="77"),
        claim("qd-members", 1, "schools",
              c.ratio(c.count("member_of", role="member", form=forms), led), MODEL,
              "“N”：成员校", "the N: member schools", comparison=">="),
        claim("qd-partner-kinds", 4, "items",
              c.distinct("form", "partner", form=[form for form, _ in PARTNERS]), MODEL,
              "“X”：政府、企业、协会、基金会", "the X: four kinds of partner"),
        claim("qd-forms", 3, "items", c.distinct("form", "member_of", form=forms), MODEL,
              "融合型、聚合型、联合型", "three forms of membership"),
        c.rule("qd-integrated", city, "integrated_legal_person", "one", MODEL,
               "融合型：统一法定代表人", "融合型 has one legal person"),
        c.rule("qd-aggregated", city, "aggregated_legal_person", "separate", MODEL,
               "聚合型：保持独立法人", "聚合型 keeps its legal persons"),
        c.rule("qd-joint", city, "joint_tie", "project", MODEL, "联合型：基于项目的松散合作",
               "联合型 is project based"),
        claim("qd-experimental", 34, "schools",
              c.distinct("source", "member_of", target=city_groups), CITY_GROUPS_PLACE,
              "市级实验学校", "municipal experimental schools", scope="义务教育"),
        claim("qd-city-groups", 3, "alliances",
              c.count("alliance", form="education_group", level="prefecture"), CITY_GROUPS_PLACE,
              "市级实验学校教育集团", "city groups of experimental schools"),
        claim("qd-bodies", 3, "items",
              c.count("part_of", form="body", target="qd-group-01"), RUN,
              "理事会、监事会、基金会", "council, supervisory board, foundation",
              subject="alliance:qd-group-01"),
        c.rule("qd-life-cycle", city, "life_cycle_approval", "成立、纳新、退出均须教育行政部门审批",
               DESIGN, "成立、纳新、退出逐项审批", "founding, admission and exit are approved"),
        claim("qd-inner-districts", 3, "regions", c.count("region", level="county"), RUN,
              "市内三区", "the three inner districts"),
        claim("qd-departments", 4, "partners", c.count("partner", id=[
                  f"qd-department-{n}" for n in range(1, 5)]), DESIGN, "四部门联合印发",
              "issued by four departments of the city"),
        claim("qd-projects", 8, "items", c.seen("experimental_projects", id=CITY),
              CITY_GROUPS_PLACE, "实验集团基本项目", "projects of the experimental groups"),
        claim("qd-funds-groups", 2_200_000, "yuan",
              c.total("amount", "supports", subject="集团化办学"), MONEY, "集团化办学专项资金",
              "funds for groups", period=["2021-01-01", "2021-12-31"]),
        claim("qd-funds-experimental", 3_000_000, "yuan",
              c.total("amount", "supports", subject="市级实验学校教育集团"), MONEY,
              "市级实验集团建设资金", "funds for the experimental groups",
              period=["2021-01-01", "2021-12-31"]),
    ]  # fmt: skip
