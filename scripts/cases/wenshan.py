"""Two city schools lead three centre schools, each with one filled village school."""

from __future__ import annotations

from typing import Any

from cases import claims as c
from cases.rows import Case, Rows, filled, observed, tables

TEXT = "文山市第二学区城乡联盟式办学暨乡村教育振兴典型经验材料（文山市人民政府，2022-05-11）"


def case() -> Case:
    """Return the case."""
    inferred = f"{TEXT}；城乡类型由校名推断"
    leads, centres = ["ws-3zhong", "ws-1xiao"], ["ws-xiaojie", "ws-laohuilong", "ws-zhuilijie"]
    towns = {"xiaojie": "小街镇", "bozhu": "薄竹镇", "zhuilijie": "追栗街镇"}
    since, one = "2021-09-01", "一"
    named = {"place": one, "provenance": inferred}
    rows: Rows = {
        "region": [
            {"id": "wenshan", "name": "文山市", "level": "county", "place": "题"},
            *({"id": key, "name": name, "parent": "wenshan", "level": "township", "place": one}
              for key, name in towns.items()),
        ],
        "school": [
            {"id": "ws-3zhong", "name": "文山市第三中学", "aliases": "市三中", "region": "wenshan",
             "stage": "junior", "urban_rural": "111", **named},
            {"id": "ws-1xiao", "name": "文山第一小学", "aliases": "市一小、文山市第一小学",
             "region": "wenshan", "stage": "primary", "urban_rural": "111", **named},
            {"id": "ws-xiaojie", "name": "小街镇中心学校", "aliases": "小街中心校、小街中心学校",
             "region": "xiaojie", "urban_rural": "121", **named},
            {"id": "ws-laohuilong", "name": "薄竹镇老回龙中心学校", "aliases": "老回龙",
             "region": "bozhu", "urban_rural": "121", **named},
            {"id": "ws-zhuilijie", "name": "追栗街镇中心学校", "region": "zhuilijie",
             "urban_rural": "121", **named},
            *({"id": f"ws-fill-{n:03}", "name": f"文山·填充完小 {n:03}", "region": town,
               "stage": "primary", "urban_rural": "220", "place": "一", "synthetic": True}
              for n, town in enumerate(towns, 1)),
        ],
        "alliance": [
            {"id": "ws-district-2", "name": "文山市第二学区", "form": "district_alliance",
             "region": "wenshan", "level": "county", "start": since, "place": "二（四）"},
        ],
        "member_of": [
            {"source": school, "target": "ws-district-2", "role": role, "form": "district_alliance",
             "start": since, "place": "一；二（四）"}
            for role, schools in (("core", leads), ("member", centres))
            for school in schools
        ],
        "affiliated_to": [
            {"source": f"ws-fill-{n:03}", "target": centre, "form": "village_school", "place": "一",
             "synthetic": True}
            for n, centre in enumerate(centres, 1)
        ],
        "posted_to": [
            {"source": source, "source_kind": "school", "target": target, "form": form,
             "role": role, "count": count, "place": "二（二）1"}
            for source, target, form, role, count in (
                ("ws-3zhong", "ws-xiaojie", "secondment", "副校长", 1),
                ("ws-1xiao", "ws-xiaojie", "secondment", "副校长", 1),
                ("ws-1xiao", "ws-xiaojie", "rotation", "骨干教师", 2),
                ("ws-xiaojie", "ws-3zhong", "rotation", "教师", 3),
            )
        ],
        # 30 pairs of 60 teachers, whose schools the text does not name. And 200 pairs of 81 + 134
        # teachers: how many with which school it does not say; counted as a pair each.
        "teacher": filled(one, [
            {"id": f"ws-teacher-{n:02}", "name": f"文山·填充教师 {n:02}"} for n in range(1, 61)
        ]),
        "mentors": [
            *filled(one, [
                {"source": f"ws-teacher-{n:02}", "source_kind": "teacher",
                 "target": f"ws-teacher-{n + 30:02}", "target_kind": "teacher"}
                for n in range(1, 31)
            ]),
            *({"source": "ws-1xiao", "source_kind": "school", "target": target,
               "target_kind": "school", "count": count, "certainty": "ambiguous", "place": one}
              for target, count in (("ws-xiaojie", 81), ("ws-laohuilong", 134))),
        ],
        # The receiving schools are not named, nor the days.
        "delivers": [
            {"source": source, "source_kind": kind, "target": "ws-district-2",
             "target_kind": "alliance", "form": form, "count": count, "participants": people,
             "place": place}
            for source, kind, form, count, people, place in (
                ("ws-3zhong", "school", "lesson", 11, None, one),
                ("ws-3zhong", "school", "lecture", 5, None, one),
                ("ws-3zhong", "school", "joint_research", None, 280, one),
                ("ws-3zhong", "school", "joint_research", None, 267, one),
                ("ws-1xiao", "school", "training", 4, None, one),
                ("ws-district-2", "alliance", "joint_research", None, 300, "二（二）2"),
            )
        ],
    }  # fmt: skip
    term, over = "2021-2022-1", "≥"
    rows["observations"] = [
        *observed(
            "school", "ws-3zhong", one,
            ("teachers_tested", 38, "人", term), ("subjects_in_joint_research", 13, "个", term),
            ("joint_preparation_days", 2, "天", term),
            ("mentoring_pairs", 30, "对", term), ("mentoring_teachers", 60, "人", term),
        ),
        *observed(
            "school", "ws-1xiao", one,
            ("shadow_trainees", 80, "人", term, over), ("training_days", 11, "天", term),
            ("pupils_benefiting", 1_177, "人", term),
            ("mentoring_pairs", 200, "对", term, "ambiguous"),
        ),
        *observed("school", "ws-xiaojie", one, ("teachers_in_pairs", 81, "人", term)),
        *observed("school", "ws-laohuilong", one, ("teachers_in_pairs", 134, "人", term)),
        *observed("alliance", "ws-district-2", one, ("centre_schools", 5, "所", None, "ambiguous")),
        *observed(
            "alliance", "ws-district-2", "二（二）1",
            ("posted_up", 5, "人"), ("posting_years_min", 2, "年"), ("posting_years_max", 3, "年"),
        ),
        *observed(
            "school", "ws-xiaojie", "二（二）1",
            ("township_rank", 17, "名", "before", None, None, "小学"),
            ("township_rank", 3, "名", "after", None, None, "小学"),
        ),
        *observed(
            "alliance", "ws-district-2", "二（三）",
            ("research_project", None, None, None, "州级重点课题"),
            ("research_project", None, None, None, "省级课题"),
        ),
        *observed(
            "alliance", "ws-district-2", "二（四）",
            ("improvement_coefficient", 3.03, None, term), ("rank_among_districts", 1, "名", term),
            ("districts", 4, "个", term),
        ),
        *observed(
            "school", "ws-xiaojie", "二（四）",
            *(("township_rank", value, "名", when, None, subject, "三年级")
              for subject, ranks in (("全科", (16, 5)), ("语文", (14, 10)), ("数学", (17, 3)))
              for value, when in zip(ranks, ("before", term), strict=True)),
            ("city_rank_of_exchange_classes", 100, "名", "before", ">"),
            ("city_rank_of_exchange_classes", 10, "名", term, "≤"),
        ),
    ]  # fmt: skip
    about = {
        "title": "文山市第二学区",
        "title_en": "Wenshan: second school district",
        "as_of": "2022-05-11",
        "description": "两所城区学校牵头三所乡镇中心学校；每所中心学校补一所虚构完小。",
        "description_en": "Two city schools lead three centre schools with filled village schools.",
    }
    return Case(tables(rows, TEXT), about, claims=_claims(), goals=[c.rotates("wenshan")])


def _claims() -> list[dict[str, Any]]:
    claim, term, one = c.claim, "2021-2022-1", "一"
    over: dict[str, Any] = {"comparison": ">="}
    at_1xiao: dict[str, Any] = {"id": "ws-1xiao"}
    junior = {"source": "ws-3zhong"}
    research = {**junior, "form": "joint_research"}
    pairs = c.count("mentors", source_kind="teacher")
    ranks = [
        ("primary", "小学", None, "二（二）1", (17, 3), "after", "小学段乡镇排名",
         "primary rank among townships"),
        ("grade-3", "三年级", "全科", "二（四）", (16, 5), term, "三年级全科乡镇排名",
         "grade three, all subjects"),
        ("chinese", "三年级", "语文", "二（四）", (14, 10), term, "三年级语文",
         "grade three, Chinese"),
        ("maths", "三年级", "数学", "二（四）", (17, 3), term, "三年级数学", "grade three, maths"),
    ]  # fmt: skip
    ranked = [
        claim(f"ws-rank-{key}-{when}", value, "rank",
              c.seen("township_rank", id="ws-xiaojie", grade=grade, period=period,
                     **({"subject": subject} if subject else {})),
              place, f"{note}：{word}", f"{note_en}: {when}", subject="school:ws-xiaojie")
        for key, grade, subject, place, values, later, note, note_en in ranks
        for when, word, period, value in zip(
            ("before", "after"), ("之前", "之后"), ("before", later), values, strict=True)
    ]  # fmt: skip
    return [
        claim("ws-leads", 2, "schools", c.count("member_of", role="core"), one, "学区长学校",
              "leading schools"),
        claim("ws-members", 3, "schools", c.count("member_of", role="member"), one,
              "写出名称的中心学校", "centre schools that are named"),
        claim("ws-before", 0, "schools", c.count("member_of"), "二（四）",
              "2021 年 9 月起，此前没有", "none before September 2021", as_of="2021-08-31"),
        claim("ws-centre-schools", 5, "schools",
              [c.count("member_of", role="member"), c.seen("centre_schools", id="ws-district-2")],
              one, "“5 所中心学校”，写出名称的只有三所", "five centre schools, three of them named",
              subject="alliance:ws-district-2"),
        claim("ws-lectures", 5, "sessions", c.total("count", "delivers", form="lecture"), one,
              "专题讲座", "lectures"),
        claim("ws-lessons", 11, "lessons", c.total("count", "delivers", form="lesson"), one,
              "送课下乡", "lesson deliveries"),
        claim("ws-subjects", 13, "subjects",
              c.seen("subjects_in_joint_research", id="ws-3zhong"), one, "集体教研涉及的学科",
              "subjects in joint research"),
        claim("ws-research", 280, "people", c.most("participants", "delivers", **research), one,
              "集体教研参与教师", "teachers in joint research", **over),
        claim("ws-preparation", 267, "people", c.least("participants", "delivers", **research),
              one, "集体备课参与教师", "teachers in joint preparation"),
        claim("ws-tested", 38, "people",
              c.missing("results of the test by teacher", "教师考试名单及成绩"), one,
              "通识考试教师", "teachers tested"),
        claim("ws-pairs", 30, "pairs", pairs, one, "中学段师徒对子",
              "mentoring pairs, junior side"),
        claim("ws-pair-teachers", 60, "people", c.count("teacher"), one, "对子中的教师",
              "teachers in these pairs"),
        claim("ws-teachers-per-pair", 2, "people", c.ratio(c.count("teacher"), pairs), one,
              "30 对即 60 人", "30 pairs are 60 teachers"),
        claim("ws-trainings", 4, "sessions", c.total("count", "delivers", form="training"), one,
              "小学段培训", "trainings, primary side"),
        claim("ws-shadowing", 80, "people", c.total("count", "posted_to", form="shadowing"), one,
              "跟岗学习教师", "shadow trainees", **over),
        claim("ws-training-days", 11, "days",
              c.missing("start and end of each training", "每次培训的起止日期"), one,
              "全员培训天数", "days of training"),
        claim("ws-pupils", 1_177, "pupils",
              c.missing("pupils by activity and school", "按活动和学校统计的受益学生"), one,
              "受益学生", "pupils who benefit"),
        claim("ws-teachers-xiaojie", 81, "people",
              c.seen("teachers_in_pairs", id="ws-xiaojie"), one, "小街结对教师",
              "teachers of 小街 in pairs"),
        claim("ws-teachers-laohuilong", 134, "people",
              c.seen("teachers_in_pairs", id="ws-laohuilong"), one, "老回龙结对教师",
              "teachers of 老回龙 in pairs"),
        claim("ws-teachers-township", 215, "people",
              c.total("value", "observations", measure="teachers_in_pairs"), one,
              "乡镇结对教师合计（由 81 与 134 得出）", "township teachers, from 81 and 134"),
        claim("ws-pairs-primary", 200, "pairs",
              [c.seen("mentoring_pairs", **at_1xiao),
               c.total("count", "mentors", certainty="ambiguous")], one,
              "200 对，少于教师人数", "200 pairs, fewer than the teachers"),
        claim("ws-down", 4, "people", c.total("count", "posted_to", target="ws-xiaojie"),
              "二（二）1", "学区长学校到小街", "from the leading schools to 小街"),
        claim("ws-up", 5, "people", c.seen("posted_up", id="ws-district-2"), "二（二）1",
              "乡镇到学区", "from townships to the district"),
        claim("ws-deputies", 2, "people", c.total("count", "posted_to", role="副校长"),
              "二（二）1", "兼任副校长", "deputy heads"),
        claim("ws-posting-least", 2, "years", c.seen("posting_years_min", id="ws-district-2"),
              "二（二）1", "交流年限下限", "shortest posting"),
        claim("ws-posting-most", 3, "years", c.seen("posting_years_max", id="ws-district-2"),
              "二（二）1", "交流年限上限", "longest posting"),
        claim("ws-xiaojie-up", 3, "people",
              c.total("count", "posted_to", source="ws-xiaojie", target="ws-3zhong"),
              "二（二）1", "小街教师在市三中", "teachers of 小街 at 市三中"),
        *ranked,
        claim("ws-coefficient", 3.03, "points",
              c.seen("improvement_coefficient", id="ws-district-2"), "二（四）", "办学提升系数",
              "improvement coefficient"),
        claim("ws-district-rank", 1, "rank", c.seen("rank_among_districts", id="ws-district-2"),
              "二（四）", "学区排名", "rank among the districts"),
        claim("ws-districts", 4, "items", c.seen("districts", id="ws-district-2"), "二（四）",
              "学区数", "districts"),
    ]  # fmt: skip
