"""Duodao: six education consortia of 24 schools, five of which the text names."""

from __future__ import annotations

from typing import Any

from cases import claims as c
from cases.rows import Case, Row, Rows, filled, joined, observed, placed, said, tables

TEXT = "“三联四统五促进”构建教联体建设新格局（2023年度智慧教育优秀案例，2024-04-16）"
INFERRED = f"{TEXT}；学段由校名推断"
DISTRICT = "duodao"
NETWORK, PLANS, STAFF = "一", "二（一）", "二（三）"
SHARING, RESEARCH, PEOPLE = "三（一）", "三（三）", "三（四）"

# The named schools, their stage, the filled consortium in which each is counted: the text says
# that every school is in a consortium, not in which.
NAMED = [
    ("dd-shilipai", "十里牌小学", "primary", 2, RESEARCH),
    ("dd-huangling", "黄岭小学", "primary", 3, RESEARCH),
    ("dd-shuangquan", "双泉小学", "primary", 4, "三（二）"),
    ("dd-duodaoshi", "掇刀石小学", "primary", 5, "三（二）"),
    ("dd-tuanlin", "团林中学", None, 6, "三（二）"),
]
CONSORTIA = range(1, 7)  # the first is UP4; 1 and 2 are 共建型, the others 协作型: filled
# Filled: a lead school and so many members; with the named schools four to a consortium.
MEMBERS = {1: 3, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2}


def case() -> Case:
    """Return the case."""
    about = {
        "title": "掇刀区教联体",
        "title_en": "Duodao: education consortia",
        "as_of": "2023-12-31",
        "description": "6 个教联体、24 所学校；5 所学校有名称，但文本没有写明各在哪个教联体。",
        "description_en": "Six consortia of 24 schools; five are named, without their consortium.",
    }
    rows = joined(_places(), _ties(), {"observations": _observations()})
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=[c.rotates("duodao")])


def _id(consortium: int) -> str:
    return "dd-up4" if consortium == 1 else f"dd-consortium-{consortium}"


def _school(consortium: int, number: int) -> str:
    before = sum(1 + MEMBERS[n] for n in CONSORTIA if n < consortium)
    return f"dd-fill-{before + number + 1:03}"


def _places() -> Rows:
    form = {n: "co_built" if n <= 2 else "cooperative" for n in CONSORTIA}
    district = {"region": DISTRICT, "level": "county"}
    return {
        "region": placed("题", [
            {"id": "hubei", "name": "湖北省", "level": "province"},
            {"id": "jingmen", "name": "荆门市", "level": "prefecture", "parent": "hubei"},
            {"id": DISTRICT, "name": "掇刀区", "level": "county", "parent": "jingmen"},
        ]),
        "school": [
            *({"id": key, "name": name, "stage": stage, "region": DISTRICT, "place": place,
               "urban_rural": "220" if key == "dd-huangling" else None,
               "provenance": f"{INFERRED}；文本称农村小学" if key == "dd-huangling" else INFERRED}
              for key, name, stage, _, place in NAMED),
            *filled(NETWORK, [
                {"id": f"dd-fill-{n:03}", "name": f"掇刀·填充校 {n:03}", "region": DISTRICT}
                for n in range(1, 20)
            ]),
        ],
        "alliance": [
            {"id": "dd-up4", "name": "“UP4”教联体", "form": form[1], "place": RESEARCH, **district},
            *filled(NETWORK, [
                {"id": _id(n), "name": f"掇刀·填充教联体 {n}", "form": form[n], **district}
                for n in CONSORTIA if n > 1
            ]),
        ],
        "center": filled(PEOPLE, [
            {"id": f"dd-studio-{n}", "name": f"掇刀·填充名师工作室 {n}", "form": "studio",
             "region": DISTRICT} for n in range(1, 5)
        ]),
        "partner": filled(PEOPLE, [
            {"id": f"dd-sister-{n}", "name": f"掇刀·填充国际姊妹校 {n}", "form": "foreign_school"}
            for n in CONSORTIA
        ]),
    }  # fmt: skip


def _ties() -> Rows:
    leads = {n: _school(n, 0) for n in CONSORTIA}
    return {
        "member_of": [
            *filled(NETWORK, [
                {"source": _school(n, k), "target": _id(n), "role": "member" if k else "core"}
                for n in CONSORTIA for k in range(1 + MEMBERS[n])
            ]),
            *placed(NETWORK, [
                {"source": key, "target": _id(n), "role": "member", "certainty": "ambiguous"}
                for key, _, _, n, _ in NAMED
            ]),
        ],
        "delivers": [
            *placed(RESEARCH, [
                {"source": "dd-shilipai", "source_kind": "school", "target": "dd-huangling",
                 "target_kind": "school", "form": "lesson", "subject": "书法"},
                {"source": "dd-up4", "source_kind": "alliance", "target": "dd-up4",
                 "target_kind": "alliance", "form": "lesson", "participants": 10},
            ]),
            *filled(RESEARCH, [
                {"source": _id(n), "source_kind": "alliance", "target": _id(n),
                 "target_kind": "alliance", "form": "joint_research", "count": 2}
                for n in CONSORTIA
            ]),
        ],
        "supports": filled(PEOPLE, [
            {"source": f"dd-sister-{n}", "target": leads[n], "target_kind": "school",
             "form": "sister"} for n in CONSORTIA
        ]),
    }  # fmt: skip


def _observations() -> list[Row]:
    return [
        *observed(
            "region", DISTRICT, NETWORK,
            ("party_branches", 6, "个"), ("provincial_demonstrations", 2, "个"),
        ),
        *observed("region", DISTRICT, PLANS, ("plan_years", 3, "年")),
        *said("region", DISTRICT, PLANS, funding_mode="financial_management_unchanged",
              staffing="unchanged", internal_bodies="unchanged", enrolment_area="unchanged"),
        *said("region", DISTRICT, SHARING, funding_mode="budgeted_together"),
        *observed(
            "region", DISTRICT, STAFF,
            ("rotation_small_every", 1, "年"), ("rotation_large_every", 3, "年"),
        ),
        *said("region", DISTRICT, STAFF, remote_posting_bonus="职称、评优、绩效倾斜"),
        *observed("region", DISTRICT, SHARING, ("planned_investment", 700_000_000, "元", "–2025")),
        *observed(
            "region", DISTRICT, PEOPLE,
            ("talents", 100, "人"), ("provincial_awards", 156, "人"),
            ("provincial_courses", 25, "人"),
        ),
        *observed("school", "dd-shilipai", RESEARCH,
                  ("honour", None, None, None, "湖北省书法兰亭学校")),
        *(row for school, work in (("dd-shuangquan", "扩建"), ("dd-duodaoshi", "改建教学楼"),
                                   ("dd-tuanlin", "改建宿舍楼"))
          for row in said("school", school, "三（二）", building=work)),
        *observed(
            "region", DISTRICT, "三（五）",
            ("core_literacy_better", 6, "个", "2022"), ("reading_highest", 2, "个", "2022"),
            ("reading_best", 3, "项", "2022"), ("mathematics_highest", 10, "个", "2022"),
            ("science_first", 4, "个", "2022"), ("science_highest", 2, "个", "2022"),
        ),
    ]  # fmt: skip


def _claims() -> list[dict[str, Any]]:
    claim, district = c.claim, f"region:{DISTRICT}"
    inside, everyone = c.distinct("source", "member_of"), c.count("school")
    leads = c.distinct("source", "member_of", role="core")
    members = c.distinct("source", "member_of", role="member")
    sister: dict[str, Any] = {"form": "sister", "target_kind": "school"}
    over: dict[str, Any] = {"comparison": ">="}
    return [
        claim("dd-consortia", 6, "alliances", c.count("alliance"), NETWORK, "教联体", "consortia"),
        claim("dd-co-built", 2, "alliances", c.count("alliance", form="co_built"), NETWORK,
              "共建型教联体", "consortia of the co-built form"),
        claim("dd-cooperative", 4, "alliances", c.count("alliance", form="cooperative"), NETWORK,
              "协作型教联体", "consortia of the co-operative form"),
        claim("dd-schools", 24, "schools", everyone, NETWORK, "全区学校", "schools in all"),
        claim("dd-coverage", 100, "percent", c.ratio(inside, everyone), NETWORK, "全覆盖",
              "every school is in a consortium", scope="24 所学校"),
        claim("dd-leads", 6, "schools", leads, PEOPLE, "牵头校", "lead schools"),
        claim("dd-members", 18, "schools", members, PEOPLE, "成员校", "member schools"),
        claim("dd-members-per-lead", 3, "schools", c.ratio(members, leads), PEOPLE,
              "平均每所牵头校的成员校（由 18 与 6 得出）", "members a lead school, from 18 and 6"),
        claim("dd-demonstrations", 2, "alliances", c.seen("provincial_demonstrations", id=DISTRICT),
              NETWORK, "省级示范教联体", "provincial demonstration consortia"),
        claim("dd-rotation-small", 1, "years", c.seen("rotation_small_every", id=DISTRICT), STAFF,
              "一年一小轮", "small rotation every year"),
        claim("dd-rotation-large", 3, "years", c.seen("rotation_large_every", id=DISTRICT), STAFF,
              "三年一大轮", "large rotation every three years"),
        c.rule("dd-remote", district, "remote_posting_bonus", "职称、评优、绩效倾斜", STAFF,
               "到偏远成员校交流的教师考核倾斜", "assessment favours postings to remote members"),
        claim("dd-research", 12, "sessions",
              c.total("count", "delivers", form="joint_research"), RESEARCH, "联合教研",
              "joint research events"),
        claim("dd-sharing", 30, "sessions", c.total("count", "delivers", form="forum"), RESEARCH,
              "优质学科分享交流", "sharing of strong subjects", **over),
        claim("dd-mentoring", 50, "pairs", c.count("mentors"), RESEARCH, "青蓝结对",
              "mentoring pairs", **over),
        claim("dd-novices", 300, "people",
              c.missing("new teachers with school and year", "新秀教师名单（学校、年度）"), PEOPLE,
              "能力提升的新秀教师", "new teachers who improved", **over),
        claim("dd-sisters", 6, "schools", c.distinct("target", "supports", **sister), PEOPLE,
              "牵头校结国际姊妹校", "lead schools with a sister school abroad"),
        claim("dd-national", 18, "schools",
              c.distinct("target", "supports", subject="国内一流名校"), PEOPLE,
              "成员校结交国内名校", "members tied to a leading national school"),
        claim("dd-national-mentors", 100, "people",
              c.distinct("target", "mentors", subject="国内名师"), PEOPLE, "教师结对国内名师",
              "teachers with a national mentor"),
        claim("dd-studios", 4, "centers", c.count("center", form="studio"), PEOPLE,
              "市区级名师工作室", "master-teacher studios"),
        claim("dd-talents", 100, "people", c.seen("talents", id=DISTRICT), PEOPLE, "英才计划",
              "teachers in the talent scheme"),
        claim("dd-awards", 156, "people", c.seen("provincial_awards", id=DISTRICT), PEOPLE,
              "全省信息化竞赛获奖教师", "teachers with provincial awards"),
        claim("dd-courses", 25, "items", c.seen("provincial_courses", id=DISTRICT), PEOPLE,
              "省级基础教育精品课", "provincial quality courses"),
        claim("dd-calligraphy", 1, "pairs",
              c.count("delivers", source="dd-shilipai", target="dd-huangling", subject="书法"),
              RESEARCH, "十里牌小学向黄岭小学送书法培训", "calligraphy for a rural school"),
        claim("dd-up4-teachers", 10, "people",
              c.total("participants", "delivers", source="dd-up4", form="lesson"), RESEARCH,
              "UP4 巡回送教的教师", "teachers who tour UP4"),
        claim("dd-up4-schools", 4, "schools", c.count("member_of", target="dd-up4"), RESEARCH,
              "UP4 四校联合", "schools of UP4"),
        c.rule("dd-funds-together", district, "funding_mode", "budgeted_together", SHARING,
               "资金统一预算、统一拨付", "funds are budgeted together"),
        c.rule("dd-funds-unchanged", district, "funding_mode", "financial_management_unchanged",
               PLANS, "财务管理不变", "financial management stays as it is"),
        claim("dd-investment", 700_000_000, "yuan", c.seen("planned_investment", id=DISTRICT),
              SHARING, "到 2025 年预计投资", "investment planned to 2025"),
    ]  # fmt: skip
