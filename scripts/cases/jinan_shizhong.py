"""Jinan Shizhong: from four schools under trusteeship to every school in a group, 2009–2020."""

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

TEXT = f"{SHANDONG}·济南市中"
DATED = f"{TEXT}；集团成立日期文本未写，按首批集团计"
HISTORY, MODELS, GAINS = "一", "二（一）", "三"
DISTRICT = "jinan-shizhong"

# id, name, stage, quality, legal person, place
NAMED = [
    ("sz-jingwulu", "经五路小学", "primary", "core", "经五路小学", MODELS),
    ("sz-jingwei", "经纬学校", None, "new", "经五路小学", MODELS),
    ("sz-weierlu", "纬二路小学", "primary", "core", "纬二路小学", MODELS),
    ("sz-weisanlu", "纬三路小学", "primary", "weak", "纬三路小学", MODELS),
    ("sz-guanyijie", "馆驿街小学", "primary", "weak", "馆驿街小学", MODELS),
    ("sz-yuxian", "育贤中学", None, "core", "育贤中学", MODELS),
    ("sz-qixian", "七贤中学", None, None, "七贤中学", MODELS),
    ("sz-yuying", "育英中学", None, "core", None, GAINS),
    ("sz-shiyan", "实验初中", "junior", "core", None, GAINS),
    ("sz-shenglidajie", "胜利大街小学", "primary", "core", None, GAINS),
    ("sz-yuxiu-zhongxue", "育秀中学", None, "new", None, GAINS),
    ("sz-quanjing", "泉景中学", None, "new", None, GAINS),
    ("sz-yuxiu-xiaoxue", "育秀小学", "primary", "new", None, GAINS),
    ("sz-jingshiyilu", "经十一路小学", "primary", "core", None, GAINS),
    ("sz-dougou", "陡沟小学", "primary", None, None, GAINS),
    ("sz-yuhui", "育晖小学", "primary", None, None, GAINS),
]
# group, name, form, its schools, the first of them the core
GROUPS = [
    ("sz-group-jingwu", "经五教育集团", "mother_child", ["sz-jingwulu", "sz-jingwei"]),
    ("sz-group-weier", "纬二教育集团", "master_apprentice",
     ["sz-weierlu", "sz-weisanlu", "sz-guanyijie"]),
    ("sz-group-yuxian", "育贤中学教育集团", "partnership", ["sz-yuxian", "sz-qixian"]),
]  # fmt: skip
# Filled: the year a group begins in, its number, how many schools it begins with.
FOUNDED = [("2013-04-01", range(4, 11), [3] * 6 + [2]), ("2016-01-01", range(11, 21), [3, 2] * 5)]
# Filled: the year in which one more school joins each of these groups.
ENLARGED = [("2016-01-01", (4, 5, 6)), ("2019-01-01", (11, 12, 13))]


def case() -> Case:
    """Return the case."""
    about = {
        "title": "济南市市中区集团化办学",
        "title_en": "Jinan Shizhong: education groups in four phases",
        "as_of": "2020-12-31",
        "description": "67 所学校，四个阶段；16 所有名称，其余按总数补足。",
        "description_en": "67 schools in four phases; 16 are named, the others are filled in.",
    }
    phases = [
        {"name": "起步期", "name_en": "start", "start": "2009-01-01", "end": "2012-12-31"},
        {"name": "做实期", "name_en": "foundation", "start": "2013-04-01", "end": "2015-12-31"},
        {"name": "做大期", "name_en": "expansion", "start": "2016-01-01", "end": "2018-12-31"},
        {"name": "做强期", "name_en": "consolidation", "start": "2019-01-01"},
    ]
    rows = joined(shandong_frame(), _named(), _filled(), {"observations": _observations()})
    return Case(tables(rows, TEXT), about, phases, _claims(), [c.rotates(DISTRICT)])


def _named() -> Rows:
    """Return what the text names."""
    keys = ("id", "name", "stage", "quality", "legal_person", "place")
    grouped = {school for *_, schools in GROUPS for school in schools}
    # Every school is in a group since 2019. In which these are the text does not say: each stands
    # alone in a filled group, so that it is counted and no tie comes of it.
    others = [key for key, *_ in NAMED if key not in grouped]
    since = {"start": "2013-04-01", "provenance": DATED}
    return {
        "region": placed("题", [
            {"id": "jinan", "name": "济南市", "level": "prefecture", "parent": "shandong"},
            {"id": DISTRICT, "name": "市中区", "level": "county", "parent": "jinan"},
        ]),
        "school": [
            dict(zip(keys, school, strict=True)) | {"region": DISTRICT} for school in NAMED
        ],
        "partner": placed(HISTORY, [
            {"id": "sz-leading-group", "name": "市中区集团化办学领导小组", "form": "government",
             "region": DISTRICT},
        ]),
        "alliance": [
            *({"id": key, "name": name, "form": form, "region": DISTRICT, "level": "county",
               "place": MODELS, **since} for key, name, form, _ in GROUPS),
            *filled(HISTORY, [_group(n, "2019-01-01") for n in range(21, 21 + len(others))]),
        ],
        "member_of": [
            *({"source": school, "target": key, "role": "member" if n else "core", "form": form,
               "place": MODELS, **since}
              for key, _, form, schools in GROUPS for n, school in enumerate(schools)),
            *placed(HISTORY, [
                {"source": school, "target": f"sz-group-{n}", "start": "2019-01-01"}
                for n, school in enumerate(others, 21)
            ]),
        ],
        # Who incubated and who lifted whom is not told one by one.
        "assists": placed(GAINS, [
            {"source": giver, "target": taker, "certainty": "ambiguous"}
            for givers, takers in (
                (("sz-yuying", "sz-shiyan", "sz-shenglidajie"),
                 ("sz-yuxiu-zhongxue", "sz-quanjing", "sz-yuxiu-xiaoxue")),
                (("sz-jingshiyilu", "sz-weierlu"), ("sz-dougou", "sz-yuhui")),
            )
            for giver in givers
            for taker in takers
        ]),
    }  # fmt: skip


def _group(n: int, start: str) -> Row:
    return {
        "id": f"sz-group-{n:02}", "name": f"市中·填充集团 {n:02}", "form": "education_group",
        "region": DISTRICT, "level": "county", "start": start,
    }  # fmt: skip


def _filled() -> Rows:
    """Return 51 schools: 20 in the first ten groups, 28 more by 2018, three in 2019."""
    schools, groups, members = 0, [], []
    cores: dict[int, str] = {}

    def join(n: int, start: str) -> None:
        nonlocal schools
        schools += 1
        school = f"sz-fill-{schools:03}"
        role = "member" if cores.setdefault(n, school) != school else "core"
        group = f"sz-group-{n:02}"
        members.append({"source": school, "target": group, "role": role, "start": start})

    for start, numbers, sizes in FOUNDED:
        groups += [_group(n, start) for n in numbers]
        for n, size in zip(numbers, sizes, strict=True):
            for _ in range(size):
                join(n, start)
    for start, numbers in ENLARGED:
        for n in numbers:
            join(n, start)
    # The three new schools and the relocated one are second in the groups of their cores.
    second = {n: f"sz-fill-{int(cores[n][-3:]) + 1:03}" for n in (4, 5, 6, 7)}
    return {
        "school": filled(HISTORY, [
            {"id": f"sz-fill-{n:03}", "name": f"市中·填充校 {n:03}", "region": DISTRICT,
             "stage": "junior" if n % 3 == 0 else "primary"}
            for n in range(1, schools + 1)
        ]),
        "alliance": filled(HISTORY, groups),
        "member_of": filled(HISTORY, members),
        "assists": filled(HISTORY, [
            {"source": cores[n], "target": second[n], "form": "trusteeship", "start": "2009-01-01",
             "end": "2012-12-31", "agreement": "迁建学校" if n == 7 else "新建居住区配套学校"}
            for n in second
        ]),
    }  # fmt: skip


def _observations() -> list[Row]:
    return [
        *observed("region", DISTRICT, HISTORY, ("phases", 4, "个")),
        *observed(
            "region", DISTRICT, "二",
            ("group_models", 3, "种"), ("resource_models", 4, "种"),
            ("talent_mechanisms", 3, "种", None, "师训基地群、校长导师团、后备干部培养库"),
            ("walls", 3, "堵", None, "资源墙、理念墙、思维墙"),
            ("funding_per_year", 15_000_000, "元", "yearly"),
            ("policy", None, None, "2018", "领航、特色、新优学校建设"),
            ("policy", None, None, "2019", "“星·云”计划"),
            ("policy", None, None, "2020", "“南城崛起”"),
        ),
        *observed(
            "region", DISTRICT, GAINS,
            ("national_forum", 32, "次", "2019-12-15", "中国教育学会学术年会分论坛"),
        ),
        *(row for group, persons in (("jingwu", "one"), ("weier", "several"), ("yuxian", "several"))
          for row in said("alliance", f"sz-group-{group}", MODELS, legal_persons=persons)),
    ]  # fmt: skip


def _claims() -> list[dict[str, Any]]:
    claim, everyone = c.claim, c.count("school")
    inside = c.distinct("source", "member_of")
    lifted = {"certainty": "ambiguous", "target": ["sz-dougou", "sz-yuhui"]}
    percent = {"comparison": "~", "tolerance": 0.01}
    kinds = {"form": ["mother_child", "master_apprentice", "partnership"]}
    found = [
        *c.frame_claims("sz"),
        claim("sz-schools", 67, "schools", everyone, HISTORY,
              "由 27 所占 40%、55 所占 82% 推出的学校总数",
              "all schools, as 27 being 40 % and 55 being 82 % imply"),
        claim("sz-phases", 4, "items", c.seen("phases", id=DISTRICT), HISTORY, "四个阶段",
              "four phases"),
        claim("sz-2012-new", 3, "schools",
              c.distinct("target", "assists", form="trusteeship", agreement="新建居住区配套学校"),
              HISTORY, "托管的新建配套学校", "new schools under trusteeship", as_of="2012-12-31"),
        claim("sz-2012-relocated", 1, "schools",
              c.distinct("target", "assists", form="trusteeship", agreement="迁建学校"),
              HISTORY, "托管的迁建学校", "relocated school under trusteeship", as_of="2012-12-31"),
        claim("sz-2012-groups", 0, "alliances", c.distinct("target", "member_of"), HISTORY,
              "2013 年 4 月起才组建集团", "groups begin in April 2013", as_of="2013-03-31"),
    ]  # fmt: skip
    for year, groups, schools, share in ((2015, 10, 27, 40), (2018, 20, 55, 82)):
        day = {"as_of": f"{year}-12-31"}
        found += [
            claim(f"sz-{year}-groups", groups, "alliances", c.distinct("target", "member_of"),
                  HISTORY, f"{year} 年底的集团", f"groups at the end of {year}", **day),
            claim(f"sz-{year}-schools", schools, "schools", inside, HISTORY,
                  f"{year} 年底集团内的学校", f"schools in groups at the end of {year}", **day),
            claim(f"sz-{year}-coverage", share, "percent", c.ratio(inside, everyone), HISTORY,
                  f"{year} 年底的覆盖面", f"coverage at the end of {year}", **percent, **day),
        ]  # fmt: skip
    day = {"as_of": "2019-12-31"}
    return [
        *found,
        claim("sz-2018-new-groups", 10, "alliances", c.count("alliance", start="2016-01-01"),
              HISTORY, "2016–2018 年新成立的集团", "groups new in 2016–2018", as_of="2018-12-31"),
        claim("sz-2019-schools", 67, "schools", inside, HISTORY, "2019 年起全部学校纳入集团",
              "all schools in groups since 2019", **day),
        claim("sz-2019-coverage", 100, "percent", c.ratio(inside, everyone), HISTORY,
              "2019 年起全覆盖", "full coverage since 2019", **day),
        claim("sz-models", 3, "items", c.distinct("form", "member_of", **kinds), MODELS,
              "母子式、师徒式、伙伴式", "mother–child, master–apprentice, partners"),
        *(c.rule(f"sz-{group}-legal", f"alliance:sz-group-{group}", "legal_persons", persons,
                 MODELS, note, note_en)
          for group, persons, note, note_en in (
              ("jingwu", "one", "母子式为单一法人", "mother–child has one legal person"),
              ("weier", "several", "师徒式为多个法人", "master–apprentice has several"),
              ("yuxian", "several", "伙伴式为多法人", "partners are several"))),
        claim("sz-resource-models", 4, "items", c.seen("resource_models", id=DISTRICT), "二（二）",
              "四种资源配置方式", "four ways to share resources"),
        claim("sz-talent", 3, "items", c.seen("talent_mechanisms", id=DISTRICT), "二（三）",
              "三元人才补充机制", "three sources of talent"),
        claim("sz-walls", 3, "items", c.seen("walls", id=DISTRICT), "二（四）",
              "三堵墙", "three walls"),
        claim("sz-funding", 15_000_000, "yuan", c.seen("funding_per_year", id=DISTRICT), "二（三）",
              "每年专项资金", "special funds a year"),
        claim("sz-lifted", 2, "pairs",
              [c.distinct("target", "assists", **lifted), c.count("assists", **lifted)], GAINS,
              "两校带动两校，未逐一对应", "two schools lifted two, not paired one by one"),
    ]  # fmt: skip
