"""78 schools, ten communities of 70 schools founded in March 2021 for three years."""

from __future__ import annotations

from typing import Any

import numpy as np

from cases import claims as c
from cases.rows import Case, Rows, joined, observed, said, shandong_frame, tables

TEXT = "莱州市建设“学校发展共同体”的探索与实践（山东教育发布汇编）"


def case() -> Case:
    """Return the case."""
    sizes = [1, 4, 5, 6, 6, 7, 7, 8, 8, 8]  # members; 60 in all, filled
    stages = ["primary"] * 44 + ["junior"] * 22 + ["nine_year"] * 4  # of the 70, filled
    upper = ["senior"] * 6 + ["vocational"] * 2  # of the 8 outside compulsory education, filled
    rng = np.random.Generator(np.random.PCG64(4))
    weight = 0.3 + rng.random(78)
    pupils = np.floor(69_000 * weight / weight.sum()).astype(int)
    pupils[: 69_000 - pupils.sum()] += 1
    # Cores are schools 1–10, members 11–70; every core gets the stage that its number draws.
    order = rng.permutation(70)
    stage = [stages[place] for place in order] + upper
    fill = {"synthetic": True}
    rows: Rows = {
        "region": [
            {"id": "laizhou", "name": "莱州市", "level": "county", "parent": "shandong",
             "place": "题"},
        ],
        "school": [
            {"id": f"lz-{n:03}", "name": f"莱州·填充校 {n:03}", "region": "laizhou",
             "stage": stage[n - 1], "pupils": int(pupils[n - 1]), "place": "开头", **fill}
            for n in range(1, 79)
        ],
        "alliance": [
            {"id": f"lz-community-{n:02}", "name": f"莱州·填充共同体 {n:02}", "form": "community",
             "region": "laizhou", "level": "county", "start": "2021-03-01", "place": "一", **fill}
            for n in range(1, 11)
        ],
        "center": [
            {"id": f"lz-studio-{n:02}", "name": f"莱州·填充名师工作室 {n:02}", "form": "studio",
             "region": "laizhou", "place": "二", **fill}
            for n in range(1, 18)
        ],
    }  # fmt: skip
    term = {"form": "co_built", "start": "2021-03-01", "end": "2024-02-29", "place": "一", **fill}
    first = np.cumsum([11, *sizes])  # the first member of each community
    roles = [
        (n, school, role)
        for n in range(10)
        for role, schools in (("core", [n + 1]), ("member", range(first[n], first[n + 1])))
        for school in schools
    ]
    rows["member_of"] = [
        {"source": f"lz-{school:03}", "target": f"lz-community-{n + 1:02}", "role": role,
         "agreement": f"发展协议书 {n + 1:02}", **term}
        for n, school, role in roles
    ]  # fmt: skip
    # Eleven pairs of 22 schools: each core and its first member, and two members of the last one.
    pairs = [(n + 1, int(first[n])) for n in range(10)] + [(69, 70)]
    rows["assists"] = [
        {"source": f"lz-{giver:03}", "target": f"lz-{taker:03}", "form": "paired",
         "start": "2018-11-01", "place": "一", **fill}
        for giver, taker in pairs
    ]  # fmt: skip
    # 160 teachers in two years, sixteen from each core to its first member.
    rows["posted_to"] = [
        {"source": f"lz-{n + 1:03}", "source_kind": "school", "target": f"lz-{first[n]:03}",
         "form": "support_teaching", "count": 16, "start": "2019-04-01", "end": "2021-03-31",
         "place": "二", **fill}
        for n in range(10)
    ]  # fmt: skip
    # Figures that no row can carry; "≥" stands for "more than".
    over, three, two = "≥", "last 3 years", "last 2 years"
    rows["observations"] = [
        *observed("region", "laizhou", "一", ("policy_documents", 4, "个")),
        *observed(
            "region", "laizhou", "二",
            ("lessons", 1_000, "节", three, over),
            ("joint_research", 560, "次", three, over),
            ("contests", 180, "次", three, over),
            ("participations", 6_800, "人次", three, over),
            ("online_lessons", 400, "节", None, over),
            ("online_pupils", 60_000, "人", None, over),
            ("managers_rotated", 30, "人", two, over),
            ("teachers_exchanged", 160, "人", two),
            ("shadow_training", 2_000, "人次", two, over),
            ("master_teachers_and_heads", 125, "人"),
            ("subject_leader_candidates", 45, "人"),
            ("rising_teacher_candidates", 96, "人"),
            ("culture_funding", 30_000_000, "元", None, over),
        ),
        *said("region", "laizhou", "一", legal_person="unchanged", staffing="unchanged",
              funding="unchanged", system="unchanged"),
        *observed("region", "laizhou", "一", ("agreement_years", 3, "年")),
        *observed("region", "laizhou", "三", ("monitoring_rounds", 2, "次", "yearly", "6、12")),
    ]  # fmt: skip
    about = {
        "title": "莱州市学校发展共同体",
        "title_en": "Laizhou: school development communities",
        "as_of": "2021-03-31",
        "description": "78 所学校、10 个共同体、70 所学校；学校均为按总数补足的虚构行。",
        "description_en": "78 schools, ten communities with 70 of them; every school is filled in.",
    }
    return Case(
        tables(joined(shandong_frame(), rows), TEXT),
        about,
        claims=_claims(),
        goals=[c.rotates("laizhou")],
    )


def _claims() -> list[dict[str, Any]]:
    claim, inside = c.claim, c.distinct("source", "member_of")
    over: dict[str, Any] = {"comparison": ">="}
    compulsory = {"scope": "all", "stage": "primary,junior,nine_year"}
    years: dict[str, Any] = {"period": ["2018-04-01", "2021-03-31"]}
    events = [
        ("lessons", 1_000, "lessons", "lesson", "送课、公开课、观摩课", "lessons"),
        ("research", 560, "sessions", "joint_research", "校际教研", "joint research sessions"),
        ("contests", 180, "sessions", "contest", "赛课", "contests"),
    ]
    named = [
        ("master-teachers", 125, "master_teachers_and_heads", "名师名校长",
         "master teachers and heads"),
        ("leader-candidates", 45, "subject_leader_candidates", "学科带头人培养人选",
         "subject leaders in training"),
        ("rising-teachers", 96, "rising_teacher_candidates", "教坛新秀培养人选",
         "rising teachers in training"),
    ]  # fmt: skip
    return [
        *c.frame_claims("lz"),
        claim("lz-schools", 78, "schools", c.count("school"), "开头", "各级各类中小学校",
              "schools of all kinds"),
        claim("lz-pupils", 69_000, "pupils", c.total("pupils", "school"), "开头", "在校学生",
              "pupils"),
        claim("lz-pairs", 11, "pairs", c.count("assists", form="paired"), "一",
              "2018 年 11 月的结对", "pairs of November 2018", as_of="2018-11-30"),
        claim("lz-communities", 10, "alliances", c.count("alliance", form="community"), "一",
              "义务教育学校发展共同体", "communities"),
        claim("lz-before", 0, "alliances", c.count("alliance", form="community"), "一",
              "2021 年 3 月升级，此前没有", "none before March 2021", as_of="2021-02-28"),
        claim("lz-members", 70, "schools", inside, "一", "共同体内的学校",
              "schools in communities"),
        claim("lz-coverage", 100, "percent", c.covers("rate", **compulsory), "一",
              "义务教育学校全覆盖", "full coverage of compulsory schools", scope="义务教育阶段"),
        claim("lz-coverage-all", 89.7, "percent", c.covers("rate", scope="all"), "一",
              "以各级各类学校为分母（由 70 与 78 得出）", "of all kinds, from 70 and 78",
              scope="各级各类学校", comparison="~", tolerance=0.001),
        claim("lz-agreement-years", 3, "years", c.seen("agreement_years", id="laizhou"), "一",
              "协议期限", "term of the agreements"),
        claim("lz-agreement-last", 70, "schools", inside, "一", "三年期满日仍有效",
              "in force on the last day of three years", as_of="2024-02-29"),
        claim("lz-agreement-after", 0, "schools", inside, "一", "期满后不再有效",
              "not in force after it", as_of="2024-03-01"),
        *(c.rule(f"lz-{key}", "region:laizhou", measure, "unchanged", "一", note, note_en)
          for key, measure, note, note_en in (
              ("legal-person", "legal_person", "法人代表不变", "legal persons unchanged"),
              ("staffing", "staffing", "人事关系不变", "staffing unchanged"),
              ("funding", "funding", "拨款机制不变", "funding unchanged"))),
        *(claim(f"lz-{key}", value, unit, c.total("count", "delivers", form=form), "二", note,
                note_en, **over, **years)
          for key, value, unit, form, note, note_en in events),
        claim("lz-participations", 6_800, "participations", c.total("participants", "delivers"),
              "二", "教师参与人次", "participations of teachers", **over, **years),
        claim("lz-studios", 17, "centers", c.count("center", form="studio"), "二", "名师工作室",
              "master-teacher studios"),
        claim("lz-online-lessons", 400, "lessons",
              c.total("count", "delivers", form="online_class"), "二", "名师课堂、同步课堂",
              "online lessons", **over),
        claim("lz-online-pupils", 60_000, "pupils",
              c.missing("pupils of each online lesson", "每节线上课的受益学生数"), "二",
              "线上课受益学生", "pupils of online lessons", **over),
        claim("lz-managers", 30, "people", c.total("count", "posted_to", role="管理人员"), "二",
              "交流轮训的管理人员", "managers rotated", **over,
              period=["2019-04-01", "2021-03-31"]),
        claim("lz-exchanged", 160, "people",
              c.total("count", "posted_to", form="support_teaching"), "二", "互派支教教师",
              "teachers exchanged", period=["2019-04-01", "2021-03-31"]),
        claim("lz-shadowing", 2_000, "participations",
              c.total("count", "posted_to", form="shadowing"), "二", "跟岗培训人次",
              "shadow training", **over, period=["2019-04-01", "2021-03-31"]),
        *(claim(f"lz-{key}", value, "people", c.seen(measure, id="laizhou"), "二", note, note_en)
          for key, value, measure, note, note_en in named),
        claim("lz-culture", 30_000_000, "yuan", c.seen("culture_funding", id="laizhou"), "二",
              "特色文化投资", "invested in school culture", **over),
        claim("lz-documents", 4, "documents", c.seen("policy_documents", id="laizhou"), "一",
              "出台的文件", "documents issued"),
        claim("lz-monitoring", 2, "sessions", c.seen("monitoring_rounds", id="laizhou"), "三",
              "每年 6 月和 12 月监测", "monitoring each June and December"),
    ]  # fmt: skip
