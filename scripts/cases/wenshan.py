"""Two city schools lead three centre schools, each with one filled village school."""

from __future__ import annotations

from cases.rows import Case, Rows, observed, tables

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
        # 200 pairs of 81 + 134 teachers: the text does not say how many with which school.
        "mentors": [
            {"source": "ws-1xiao", "source_kind": "school", "target": target,
             "target_kind": "school", "certainty": "ambiguous", "place": one}
            for target in ("ws-xiaojie", "ws-laohuilong")
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
              for subject, ranks in ((None, (16, 5)), ("语文", (14, 10)), ("数学", (17, 3)))
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
    return Case(tables(rows, TEXT), about)
