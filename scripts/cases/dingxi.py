"""Dingxi: three cross-county bodies, eleven pairs of schools, 44 people posted in autumn 2023."""

from __future__ import annotations

from typing import Any

from cases import claims as c
from cases.rows import Case, Row, Rows, filled, joined, observed, placed, said, tables

TEXT = "定西市深化区域教育协作材料（中国教育新闻网，约 2024 年初）"
CITY = "dingxi"
OUT, IN, DEEP, SYSTEM = "一（走出去）", "一（引进来）", "一（沉下来）", "二"
HEAD, BACKBONE = "校（园）长储备人才", "骨干教师"

# body, its name, the leading county, the county helped
BODIES = [
    ("dx-body-1", "临洮县与渭源县区域教育协作体", "lintao", "weiyuan"),
    ("dx-body-2", "安定区、市一中与漳县区域教育协作体", "anding", "zhangxian"),
    ("dx-body-3", "陇西县、市幼儿园与岷县区域教育协作体", "longxi", "minxian"),
]
COUNTIES = {
    "lintao": "临洮县", "weiyuan": "渭源县", "anding": "安定区", "zhangxian": "漳县",
    "longxi": "陇西县", "minxian": "岷县",
}  # fmt: skip
# id, name, region, stage, place
NAMED = [
    ("dx-yizhong", "市一中", CITY, None, SYSTEM),
    ("dx-youeryuan", "市幼儿园", CITY, "kindergarten", SYSTEM),
    ("dx-wenfeng", "陇西县文峰中学", "longxi", None, OUT),
    ("dx-zhangxian-1", "漳县第一中学", "zhangxian", None, OUT),
    ("dx-dongfanghong", "安定区东方红中学", "anding", None, OUT),
    ("dx-danyang", "江苏省丹阳实验中学", "jiangsu", None, OUT),
]
# Eleven pairs: stage, type code, word, how many.
PAIRS = [
    ("senior", "342", "高中", 3), ("junior", "311", "初中", 3), ("primary", "211", "小学", 1),
    ("kindergarten", "111", "幼儿园", 4),
]  # fmt: skip
STAGES = [(stage, code, word) for stage, code, word, count in PAIRS for _ in range(count)]
TERM = {"start": "2023-09-01", "end": "2024-08-31"}


def case() -> Case:
    """Return the case."""
    about = {
        "title": "定西市区域教育协作体",
        "title_en": "Dingxi: cross-county bodies",
        "as_of": "2023-12-31",
        "description": "3 个协作体、11 对学校、44 名交流人员；结对学校均为补足的虚构行。",
        "description_en": "Three bodies, eleven pairs, 44 people posted; the paired schools are "
        "filled in.",
    }
    rows = joined(_places(), _bodies(), _pairs(), _partners(), {"observations": _observations()})
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=_goals())


def _goals() -> list[dict[str, Any]]:
    people = [
        ("heads", "校（园）长储备人才", "reserve head"),
        ("backbone", "骨干教师", "backbone teacher"),
    ]
    spans = [("", 1, "", ""), ("-three-years", 3, "连续三年", ", three years running")]
    return [
        {
            "id": key + suffix,
            "rule": "pair_sends",
            "region": "dingxi",
            "role": role,
            "months": 12,
            "years": years,
            "note": f"每对学校{running}至少派出 1 名{role}，为期不少于 1 年",
            "note_en": f"each pair sends a {en} for a year at least{running_en}",
        }
        for key, role, en in people
        for suffix, years, running, running_en in spans
    ]


def _places() -> Rows:
    return {
        "region": placed(SYSTEM, [
            {"id": "gansu", "name": "甘肃省", "level": "province"},
            {"id": "jiangsu", "name": "江苏省", "level": "province"},
            {"id": CITY, "name": "定西市", "level": "prefecture", "parent": "gansu"},
            *({"id": key, "name": name, "level": "county", "parent": CITY}
              for key, name in COUNTIES.items()),
        ]),
        "school": [
            *({"id": key, "name": name, "region": region, "stage": stage, "place": place}
              for key, name, region, stage, place in NAMED),
            *filled(IN, [
                {"id": _school(end, n), "name": f"定西·填充{word} {end}{n + 1:02}", "stage": stage,
                 "type": code, "region": BODIES[n % 3][2 if end == "A" else 3]}
                for end in "AB" for n, (stage, code, word) in enumerate(STAGES)
            ]),
        ],
    }  # fmt: skip


def _school(end: str, pair: int) -> str:
    return f"dx-fill-{end.lower()}{pair + 1:02}"


def _bodies() -> Rows:
    since = {"start": "2023-05-01"}
    return {
        "alliance": placed(SYSTEM, [
            {"id": key, "name": name, "form": "cross_county", "region": CITY,
             "level": "prefecture", **since} for key, name, _, _ in BODIES
        ]),
        "pact": placed(SYSTEM, [
            {"source": leads, "target": helped, "alliance": key, **since}
            for key, _, leads, helped in BODIES
        ]),
        "member_of": placed(SYSTEM, [
            {"source": school, "target": body, "role": "core", **since}
            for school, body in (("dx-yizhong", "dx-body-2"), ("dx-youeryuan", "dx-body-3"))
        ]),
    }  # fmt: skip


def _pairs() -> Rows:
    """Return the pairs and the head in reserve and the teacher that each of 22 schools sends."""
    ends = [(_school("A", n), _school("B", n)) for n in range(len(STAGES))]
    # Who goes to the weaker school helps there; who comes from it shadows.
    posted = [
        {"source": home, "source_kind": "school", "target": host, "role": role, "count": 1,
         "form": form, **TERM}
        for a, b in ends
        for home, host, forms in ((a, b, ("secondment", "support_teaching")),
                                  (b, a, ("shadowing", "shadowing")))
        for role, form in zip((HEAD, BACKBONE), forms, strict=True)
    ]  # fmt: skip
    # 30 research sessions of eleven pairs, ten of three bodies.
    sessions = [3] * 8 + [2] * 3
    return {
        "assists": filled(IN, [
            {"source": a, "target": b, "form": "paired", "start": "2023-09-01",
             "agreement": f"协作协议（{word}）"}
            for (a, b), (_, _, word) in zip(ends, STAGES, strict=True)
        ]),
        "posted_to": [
            *filled(IN, posted),
            # 504 new teachers of the counties helped, in the counties that lead.
            *filled(DEEP, [
                {"source": b, "source_kind": "school", "target": a, "role": "新入职特岗教师",
                 "form": "training", "count": 46 if n < 9 else 45}
                for n, (a, b) in enumerate(ends)
            ]),
        ],
        "delivers": filled(DEEP, [
            *({"source": a, "source_kind": "school", "target": b, "target_kind": "school",
               "form": "joint_research", "count": count}
              for (a, b), count in zip(ends, sessions, strict=True)),
            *({"source": key, "source_kind": "alliance", "target": key, "target_kind": "alliance",
               "form": "joint_research", "count": count}
              for (key, *_), count in zip(BODIES, (4, 3, 3), strict=True)),
        ]),
        # The stated rate of 18,000 yuan a person and year, for the two people of each school.
        "supports": filled(IN, [
            {"source": "dx-fill-payer", "target": school, "target_kind": "school",
             "form": "funding", "amount": 36_000, "currency": "CNY", "period": "year",
             "subject": "交流帮扶生活补助", **TERM} for pair in ends for school in pair
        ]),
    }  # fmt: skip


def _partners() -> Rows:
    reading: dict[str, Any] = {"source": "dx-duzhe", "source_kind": "partner",
                               "target": "dx-dongfanghong", "target_kind": "school"}  # fmt: skip
    gift = {key: reading[key] for key in ("source", "target", "target_kind")}
    gift |= {"currency": "CNY", "period": "once"}
    station: dict[str, Any] = {"source": "dx-family-station", "source_kind": "center",
                               "target": CITY, "target_kind": "region"}  # fmt: skip
    return {
        "partner": [
            *filled(IN, [
                {"id": "dx-fill-payer", "name": "定西·填充拨款单位", "form": "government",
                 "region": CITY},
            ]),
            *placed(OUT, [
                {"id": "dx-jiaoda", "name": "西南交通大学", "form": "university"},
                {"id": "dx-duzhe", "name": "读者集团", "form": "media"},
                {"id": "dx-youth-league", "name": "共青团定西市委", "form": "association",
                 "region": CITY},
                {"id": "dx-city", "name": "定西市人民政府", "form": "government", "region": CITY},
            ]),
        ],
        "center": placed(OUT, [
            {"id": "dx-family-station", "name": "定西市家庭教育指导工作站", "region": CITY},
        ]),
        "supports": placed(OUT, [
            {"source": "dx-jiaoda", "target": "dx-wenfeng", "target_kind": "school",
             "form": "trusteeship"},
            {**gift, "form": "donation", "amount": 50_000, "subject": "阅读图书",
             "start": "2023-12-01", "end": "2023-12-31"},
            {**gift, "form": "funding", "amount": 280_000, "subject": "科技创新教室",
             "start": "2024-01-01", "end": "2024-12-31"},
        ]),
        "assists": placed(OUT, [
            {"source": "dx-danyang", "target": "dx-zhangxian-1", "form": "paired"},
        ]),
        "delivers": placed(OUT, [
            {**reading, "date": "2023-12-01", "participants": 165, "subject": "阅读"},
            {**station, "form": "lecture", "count": 150, "subject": "家庭教育"},
            {**station, "form": "training", "participants": 730_000, "subject": "家庭教育"},
        ]),
    }  # fmt: skip


def _observations() -> list[Row]:
    city = ("region", CITY)
    return [
        *observed(
            *city, OUT,
            ("family_advisers", 30, "人"),
            ("provincial_family_bases", 16, "个"), ("parent_schools", 10, "所"),
            ("family_demonstration_schools", 98, "所"), ("reading_families", 16, "个"),
            ("family_experts", 8, "人"), ("families_reached", 421_000, "个"),
            ("outside_research_sessions", 434, "场"),
        ),
        *observed(
            *city, IN,
            ("subsidy_per_person_year", 18_000, "元", "yearly"),
            ("goal_senior_years", 2, "年"), ("goal_posting_years", 3, "年"),
        ),
        *observed(
            *city, DEEP,
            ("commended_bases", 44, "所"), ("commended_mentors", 182, "人"),
            ("commended_trainees", 181, "人"),
            ("new_teachers_trained", 504, "人"), ("training_days", 45, "天"),
            ("foundation_pupils", 3_000, "人", None, "≥"),
        ),
        *observed(*city, SYSTEM, ("aspects", 3, "个", "2023-05"), ("tasks", 7, "项", "2023-05")),
        *said(*city, SYSTEM, activity_rule="one theme a month"),
    ]  # fmt: skip


def _claims() -> list[dict[str, Any]]:
    claim = c.claim
    agreements = [f"协作协议（{word}）" for _, _, word, _ in PAIRS]
    pairs = c.count("assists", agreement=agreements)
    heads, backbone = (c.total("count", "posted_to", role=role) for role in (HEAD, BACKBONE))
    everyone = c.total("count", "posted_to", role=[HEAD, BACKBONE])
    schools = c.distinct("source", "posted_to", role=[HEAD, BACKBONE])
    paid = c.total("amount", "supports", subject="交流帮扶生活补助")
    research: dict[str, Any] = {"form": "joint_research"}
    over: dict[str, Any] = {"comparison": ">="}
    words = {
        "senior": ("高中", "senior secondary schools", 6), "junior": ("初中", "junior schools", 6),
        "primary": ("小学", "primary schools", 2), "kindergarten": ("幼儿园", "kindergartens", 8),
    }  # fmt: skip
    found = [
        claim("dx-bodies", 3, "alliances", c.count("alliance", form="cross_county"), SYSTEM,
              "区域教育协作体", "regional bodies", as_of="2023-05-31"),
        claim("dx-before", 0, "alliances", c.count("alliance", form="cross_county"), SYSTEM,
              "2023 年 5 月起建立，此前没有", "none before May 2023", as_of="2023-04-30"),
        claim("dx-pacts", 3, "pairs", c.count("pact"), SYSTEM, "县区之间的协作协议",
              "pacts between counties", as_of="2023-05-31"),
        claim("dx-schools", 22, "schools", schools, IN, "结对并派出人员的学校",
              "paired schools that post people"),
        claim("dx-pairs", 11, "pairs", pairs, SYSTEM, "结对", "pairs of schools"),
        claim("dx-schools-per-pair", 2, "schools", c.ratio(schools, pairs), IN,
              "22 所学校即 11 对", "22 schools are 11 pairs"),
        *(claim(f"dx-{stage}", value, "schools",
                c.count("school", type=next(code for s, code, _, _ in PAIRS if s == stage)), IN,
                f"结对的{word}", f"paired {english}")
          for stage, (word, english, value) in words.items()),
        claim("dx-heads", 22, "people", heads, IN, "派出的校（园）长储备人才",
              "heads in reserve posted"),
        claim("dx-backbone", 22, "people", backbone, IN, "派出的骨干教师",
              "backbone teachers posted"),
        claim("dx-goal-heads", 1, "people", c.ratio(heads, pairs), IN,
              "每对至少 1 名储备人才", "at least one head in reserve a pair", **over),
        claim("dx-goal-backbone", 1, "people", c.ratio(backbone, pairs), IN,
              "每对至少 1 名骨干教师", "at least one backbone teacher a pair", **over),
        claim("dx-goal-year", 44, "people", everyone, IN, "交流至少一年，次年 8 月仍在岗",
              "posted for at least a year: still there the next August", as_of="2024-08-31"),
        claim("dx-goal-three-years", 3, "years",
              c.missing("postings of the autumns of 2024 and 2025",
                        "2024、2025 年秋季的交流记录"),
              IN, "连续三年派出", "three years running"),
        claim("dx-goal-senior", 100, "percent",
              c.missing("the list of provincial demonstration senior schools and their pairs",
                        "省级示范性高中名单及其结对关系"),
              IN, "高中协作共建两年内覆盖全部省级示范性高中",
              "within two years every provincial demonstration school"),
        claim("dx-goal-compulsory", 1, "pairs",
              c.count("assists", agreement=["协作协议（初中）", "协作协议（小学）"]), IN,
              "义务教育每学年新增至少 1 所", "compulsory stage: one new pair a year", **over,
              period=["2023-09-01", "2024-08-31"]),
        claim("dx-goal-kindergarten", 1, "pairs",
              c.count("assists", agreement="协作协议（幼儿园）"), IN, "幼儿园每学年新增至少 1 所",
              "kindergartens: one new pair a year", **over, period=["2023-09-01", "2024-08-31"]),
        claim("dx-subsidy", 18_000, "yuan", c.ratio(paid, everyone), IN, "每人每年补助",
              "subsidy a person and year"),
        claim("dx-subsidy-total", 792_000, "yuan", paid, IN, "44 人一年的补助（推算）",
              "subsidy of 44 people for a year, computed"),
        claim("dx-trained", 504, "people", c.total("count", "posted_to", form="training"), DEEP,
              "跟岗培训的新入职特岗教师", "new teachers in shadow training"),
        claim("dx-training-days", 45, "days",
              c.missing("start and end of the shadow training", "跟岗培训的起止日期"), DEEP,
              "跟岗培训天数", "days of shadow training"),
    ]  # fmt: skip
    seen = [
        ("commended-bases", 44, "schools", "commended_bases", DEEP, "优质基地校",
         "bases commended"),
        ("commended-mentors", 182, "people", "commended_mentors", DEEP, "优秀指导教师",
         "mentors commended"),
        ("commended-trainees", 181, "people", "commended_trainees", DEEP, "优秀学员",
         "trainees commended"),
        ("advisers", 30, "people", "family_advisers", OUT, "家庭教育指导教师", "family advisers"),
        ("family-bases", 16, "sites", "provincial_family_bases", OUT, "省家庭教育实践基地",
         "provincial bases of family education"),
        ("parent-schools", 10, "sites", "parent_schools", OUT, "家长实验学校", "parent schools"),
        ("family-schools", 98, "sites", "family_demonstration_schools", OUT,
         "家庭教育示范学校", "demonstration schools of family education"),
        ("reading-families", 16, "families", "reading_families", OUT, "书香家庭",
         "reading families"),
    ]  # fmt: skip
    family = {"subject": "家庭教育"}
    return [
        *found,
        *(claim(f"dx-{key}", value, unit, c.seen(measure, id=CITY), place, note, english)
          for key, value, unit, measure, place, note, english in seen),
        claim("dx-outside-research", 434, "sessions",
              c.total("count", "delivers", **research, source_kind="partner"), OUT,
              "借助外部力量的教研活动", "research sessions with outside help"),
        claim("dx-body-sessions", 10, "sessions",
              c.total("count", "delivers", **research, source_kind="alliance"), DEEP,
              "协作体交流研讨", "sessions of the bodies"),
        claim("dx-pair-sessions", 30, "sessions",
              c.total("count", "delivers", **research, source_kind="school"), DEEP,
              "结对学校教学研讨", "research sessions of the pairs"),
        claim("dx-monthly", 1, "sessions",
              c.missing("sessions with pair, date and theme", "注明结对、日期和主题的活动记录"),
              DEEP, "一月一主题", "one theme a month"),
        c.rule("dx-monthly-rule", f"region:{CITY}", "activity_rule", "one theme a month", DEEP,
               "一月一主题的要求", "the rule of a theme a month"),
        claim("dx-foundation-pupils", 3_000, "pupils",
              c.missing("pupils of the scheme by school", "“筑基计划”学生数（按学校）"), DEEP,
              "筑基计划学生", "pupils in the foundation scheme", **over),
        claim("dx-trusteeship", 1, "schools",
              c.distinct("target", "supports", form="trusteeship"), OUT,
              "高校托管的学校", "school under trusteeship of a university"),
        claim("dx-danyang", 1, "pairs", c.count("assists", source="dx-danyang"), OUT,
              "外省结对", "pair with a school of another province"),
        claim("dx-readers", 165, "people", c.total("participants", "delivers", source="dx-duzhe"),
              OUT, "首批走进读者集团的师生", "people on the first reading visit"),
        claim("dx-books", 50_000, "yuan", c.total("amount", "supports", form="donation"), OUT,
              "捐赠图书", "books given", as_of="2023-12-31"),
        claim("dx-classroom", 280_000, "yuan",
              c.total("amount", "supports", subject="科技创新教室"), OUT, "2024 年计划投入",
              "planned in 2024", period=["2024-01-01", "2024-12-31"]),
        claim("dx-parents", 730_000, "participations",
              c.total("participants", "delivers", **family), OUT, "家长会参加人次",
              "participations of parents"),
        claim("dx-talks", 150, "sessions", c.total("count", "delivers", **family), OUT,
              "家庭教育巡讲", "talks on family education"),
        claim("dx-experts", 8, "people",
              c.missing("experts and the open courses that they gave", "专家及其公开课记录"), OUT,
              "线上公开课专家", "experts of the open courses"),
        claim("dx-families", 421_000, "families",
              c.missing("families by course", "按课程统计的受益家庭"), OUT, "受益家庭",
              "families reached"),
    ]  # fmt: skip
