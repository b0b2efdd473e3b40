"""Xiajin: 28 research centres at 14 base schools, their sessions and their lessons in townships."""

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

TEXT = f"{SHANDONG}·夏津"
COUNTY, SINCE = "xiajin", "2019-07-01"
SYSTEM, TASKS, TEAM = "一", "二", "三"

PRIMARY = [
    "语文", "数学", "英语", "道德与法治", "科学",
    "音乐", "美术", "体育", "信息技术", "劳动", "综合实践",
]  # fmt: skip
JUNIOR = [
    "语文", "数学", "英语", "道德与法治", "历史", "地理", "物理", "化学", "生物",
    "音乐", "美术", "体育", "信息技术",
]  # fmt: skip
SUBJECTS = [f"小学{name}" for name in PRIMARY] + [f"初中{name}" for name in JUNIOR]
THEMES = ["教师发展", "家校共育", "课程融合", "教育评价"]
CENTERS = [f"xj-center-{n:02}" for n in range(1, 29)]  # 24 subjects, then the four themes
BASES = [f"xj-base-{n:02}" for n in range(1, 15)]  # 1–6 primary, 7–14 junior
TOWNSHIPS = range(1, 13)  # as many townships, a middle and a centre school each: filled
SCHOOLS = [f"xj-{kind}-{n:02}" for kind in ("centre", "middle") for n in TOWNSHIPS]
TEACHERS = 400


def case() -> Case:
    """Return the case."""
    about = {
        "title": "夏津县学科教研中心",
        "title_en": "Xiajin: subject research centres",
        "as_of": "2020-12-31",
        "description": "28 个教研中心、14 所基地校；学校、教师和各中心的次数按总数补足。",
        "description_en": "28 research centres at 14 base schools; schools, teachers and the "
        "sessions of each centre are filled in.",
    }
    rows = joined(shandong_frame(), _places(), _centers(), _people(), _activities())
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=_goals())


def _goals() -> list[dict[str, Any]]:
    words = {"note": "送课到达每个乡镇（文本未注明日期）"}
    words["note_en"] = "lessons reach every township (the text gives no dates)"
    often = {"note": "每个中心每两周至少活动一次"}
    often["note_en"] = "each centre meets at least once a fortnight"
    return [
        {"id": "townships", "rule": "regions_reached", "region": "xiajin", "level": "township",
         "form": "lesson", "undated": True, **words},
        {"id": "fortnight", "rule": "center_sessions", "days": 14, "form": "joint_research",
         **often},
    ]  # fmt: skip


def _is_primary(subject: int) -> bool:
    return subject < len(PRIMARY)


def _places() -> Rows:
    """Return the county, filled townships, base schools in the county town, township schools."""
    town = {n: f"xj-township-{n:02}" for n in TOWNSHIPS}
    return {
        "region": [
            *placed("题", [
                {"id": COUNTY, "name": "夏津县", "level": "county", "parent": "shandong"},
            ]),
            *filled(TEAM, [
                {"id": town[n], "name": f"夏津·填充乡镇 {n:02}", "level": "township",
                 "parent": COUNTY} for n in TOWNSHIPS
            ]),
        ],
        "school": [
            *filled(SYSTEM, [
                {"id": base, "name": f"夏津·填充基地校 {n:02}", "region": COUNTY,
                 "stage": "primary" if n <= 6 else "junior", "urban_rural": "111"}
                for n, base in enumerate(BASES, 1)
            ]),
            # Half of the townships are towns (镇), half are not (乡).
            *filled(TEAM, [
                {"id": f"xj-{kind}-{n:02}", "name": f"夏津·填充{word} {n:02}", "region": town[n],
                 "stage": stage, "urban_rural": "121" if n <= 6 else "210"}
                for kind, word, stage in (
                    ("centre", "中心小学", "primary"), ("middle", "乡镇中学", "junior"))
                for n in TOWNSHIPS
            ]),
        ],
        "partner": placed(SYSTEM, [
            {"id": "xj-research-office", "name": "夏津县教体局教研室", "form": "government",
             "region": COUNTY},
        ]),
        "alliance": placed(SYSTEM, [
            {"id": "xj-system", "name": "一心多元教研生态成长体系", "region": COUNTY,
             "level": "county", "start": SINCE},
        ]),
    }  # fmt: skip


def _centers() -> Rows:
    """Return the centres and the base school that hosts each, two centres a base school."""
    primary = [*range(len(PRIMARY)), 24]
    junior = [*range(len(PRIMARY), 24), 25, 26, 27]
    hosts = {center: BASES[n // 2] for n, center in enumerate([*primary, *junior])}
    return {
        "center": [
            *filled(SYSTEM, [
                {"id": CENTERS[n], "name": f"夏津·填充教研中心 {n + 1:02}（{subject}）",
                 "form": "subject", "subject": subject, "tier": "县", "region": COUNTY}
                for n, subject in enumerate(SUBJECTS)
            ]),
            *placed(SYSTEM, [
                {"id": CENTERS[n], "name": f"{theme}教研中心", "form": "comprehensive",
                 "tier": "县", "region": COUNTY}
                for n, theme in enumerate(THEMES, 24)
            ]),
        ],
        "joins": filled(SYSTEM, [
            {"source": hosts[n], "source_kind": "school", "target": CENTERS[n], "role": "base",
             "start": SINCE} for n in range(28)
        ]),
    }  # fmt: skip


def _people() -> Rows:
    """Return 400 teachers: ten at each base school, 10 or 11 at each township school.

    The teachers of a school join centres of its own stage one after the other, beginning with
    another one at each school, so that a school is left without a centre for a subject or two.
    """
    staff = [(school, 10) for school in BASES]
    staff += [(school, 11 if n < 20 else 10) for n, school in enumerate(SCHOOLS)]
    rows: Rows = {"teacher": [], "works_at": [], "joins": []}
    for place, (school, size) in enumerate(staff):
        primary = place < 6 or "centre" in school
        own = [n for n in range(24) if _is_primary(n) == primary]
        themes = [24 + place % 4]
        for k in range(size):
            number = len(rows["teacher"]) + 1
            teacher = f"xj-teacher-{number:03}"
            center = themes[0] if k == size - 1 else own[(place + k) % len(own)]
            name = f"夏津·填充教师 {number:03}"
            rows["teacher"].append({"id": teacher, "name": name})
            rows["works_at"].append({"source": teacher, "target": school})
            rows["joins"].append(
                {"source": teacher, "source_kind": "teacher", "target": CENTERS[center],
                 "role": "member", "start": SINCE}
            )  # fmt: skip
    return {name: filled(SYSTEM, found) for name, found in rows.items()}


def _activities() -> Rows:
    """Return 478 sessions, 58 of them at one centre, and 68 lessons in 24 township schools."""
    sessions = [58] + [16] * 15 + [15] * 12
    lessons: list[tuple[str, str]] = []
    for n in range(68):
        school = SCHOOLS[n % 24]
        own = [k for k in range(24) if _is_primary(k) == ("centre" in school)]
        lessons.append((CENTERS[own[(n + n // 24) % len(own)]], school))
    return {
        "delivers": [
            *filled(TEAM, [
                {"source": center, "source_kind": "center", "target": center,
                 "target_kind": "center", "form": "joint_research", "count": count}
                for center, count in zip(CENTERS, sessions, strict=True)
            ]),
            *filled(TEAM, [
                {"source": center, "source_kind": "center", "target": school,
                 "target_kind": "school", "form": "lesson", "count": 1,
                 "subject": SUBJECTS[CENTERS.index(center)]}
                for center, school in lessons
            ]),
            *placed(TEAM, [
                {"source": "xj-system", "source_kind": "alliance", "target": COUNTY,
                 "target_kind": "region", "form": "forum", "count": 16, "participants": 10_000},
            ]),
        ],
        "observations": _observations(),
    }  # fmt: skip


def _observations() -> list[Row]:
    return [
        *observed("region", COUNTY, SYSTEM, ("tiers", 4, "级", None, "县、乡、校、组")),
        *observed("region", COUNTY, TASKS, ("tasks", 4, "项")),
        *observed(
            "region", COUNTY, TEAM,
            ("publications", 9, "期", None, "《筑梦》"),
            ("texts", 2_000_000, "字"),
            ("provincial_case", None, None, "2020", "疫情防控环境下信息化应用优秀案例"),
        ),
        *said("region", COUNTY, TEAM, session_rule="at least one a fortnight"),
    ]  # fmt: skip


def _claims() -> list[dict[str, Any]]:
    claim = c.claim
    sessions = c.total("count", "delivers", form="joint_research")
    township = {"urban_rural": ["121", "210"]}
    centers = c.count("center")
    lessons = c.distinct("target", "delivers", form="lesson", target_kind="school")
    return [
        *c.frame_claims("xj"),
        claim("xj-bases", 14, "schools", c.distinct("source", "joins", role="base"), SYSTEM,
              "学科教研基地校", "base schools"),
        claim("xj-before", 0, "schools", c.distinct("source", "joins", role="base"), SYSTEM,
              "2019 年 7 月起设立，此前没有", "none before July 2019", as_of="2019-06-30"),
        claim("xj-centers", 28, "centers", centers, SYSTEM, "学科教研中心", "research centres"),
        claim("xj-subjects", 24, "subjects", c.distinct("subject", "center", form="subject"),
              SYSTEM, "基础学科", "subjects of the curriculum"),
        claim("xj-themes", 4, "centers", c.count("center", form="comprehensive"), SYSTEM,
              "综合教研中心", "comprehensive centres"),
        claim("xj-per-base", 2, "centers",
              c.ratio(centers, c.distinct("source", "joins", role="base")), SYSTEM,
              "平均每所基地校的中心数（由 28 与 14 得出）", "centres a base, from 28 and 14"),
        claim("xj-teachers", 400, "people",
              c.distinct("source", "joins", source_kind="teacher"), SYSTEM,
              "汇集的优秀教师", "teachers who take part", comparison=">="),
        claim("xj-tiers", 4, "items", c.seen("tiers", id=COUNTY), SYSTEM, "县、乡、校、组四级",
              "county, township, school, group"),
        claim("xj-tasks", 4, "items", c.seen("tasks", id=COUNTY), TASKS, "四大任务", "four tasks"),
        claim("xj-sessions", 478, "sessions", sessions, TEAM, "集中研讨总次数", "sessions in all"),
        claim("xj-sessions-average", 20, "sessions", c.ratio(sessions, centers), TEAM,
              "各中心平均次数", "sessions a centre on average", comparison="~", tolerance=0.1),
        claim("xj-sessions-most", 58, "sessions",
              c.most("count", "delivers", form="joint_research"), TEAM, "次数最多的中心",
              "the centre with most sessions"),
        claim("xj-fortnight", 1, "sessions",
              c.missing("sessions with centre and date: the text gives no period",
                        "注明中心和日期的研讨记录；文本没有写明期间"),
              TEAM, "至少两周一次", "at least one a fortnight", comparison=">="),
        c.rule("xj-fortnight-rule", f"region:{COUNTY}", "session_rule", "at least one a fortnight",
               TEAM, "至少两周一次的规定", "the rule of a session a fortnight"),
        claim("xj-lessons", 68, "lessons", c.total("count", "delivers", form="lesson"), TEAM,
              "送课下乡总次数", "lessons delivered in townships"),
        claim("xj-lessons-reach", 100, "percent",
              c.ratio(lessons, c.count("school", **township)), TEAM,
              "送课到达全部乡镇中学和中心小学", "lessons reach every township school",
              scope="乡镇中学、中心小学"),
        claim("xj-forums", 16, "sessions", c.total("count", "delivers", form="forum"), TEAM,
              "凤凰论坛", "forums"),
        claim("xj-forum-people", 10_000, "participations",
              c.total("participants", "delivers", form="forum"), TEAM,
              "论坛接受培训近万人次", "participations in the forums", comparison="~",
              tolerance=0.05),
        claim("xj-publications", 9, "items", c.seen("publications", id=COUNTY), TEAM,
              "《筑梦》期数", "issues of a journal"),
    ]  # fmt: skip
