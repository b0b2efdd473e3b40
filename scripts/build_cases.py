"""Rebuild the bundled cases from their compact descriptions: `python scripts/build_cases.py`.

A case is data: the tables under ``liantu/loaders/cases``. What a text names is a row that says
where it stands in the text; what a text only counts is filled with synthetic rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.loaders.generate import AS_OF, region, write_folder

CASES = Path(__file__).parents[1] / "liantu" / "loaders" / "cases"
Case = tuple[dict[str, pd.DataFrame], dict[str, str]]
Row = dict[str, Any]

LAIZHOU = "莱州市建设“学校发展共同体”的探索与实践（山东教育发布汇编）"
WENSHAN = "文山市第二学区城乡联盟式办学暨乡村教育振兴典型经验材料（文山市人民政府，2022-05-11）"


def main() -> None:
    """Write every case anew."""
    for name in BUILDERS:
        shutil.rmtree(CASES / name, ignore_errors=True)
        build(name, CASES / name)


def build(name: str, out: Path) -> None:
    """Write one case to a folder that does not exist yet."""
    frames, about = BUILDERS[name]()
    write_folder(out, frames, about)


def tables(rows: dict[str, list[Row]], provenance: str) -> dict[str, pd.DataFrame]:
    """Return frames of rows: columns in the order of the schema, empty ones left out."""
    frames = {}
    for table in schema.tables().values():
        if found := rows.get(table.name):
            whole = {"provenance": provenance, "synthetic": False}
            frame = pd.DataFrame([whole | row for row in found])
            used = [key for key in table.columns if key in frame and frame[key].notna().any()]
            counts = {key: "Int64" for key in used if table.columns[key].type == "int"}
            frames[table.name] = frame[used].astype(counts)
    return frames


def observed(kind: str, id: str, place: str, *figures: tuple[Any, ...]) -> list[Row]:
    """Return observations of one node: (measure, value, unit, period, text, subject, grade)."""
    keys = ("measure", "value", "unit", "period", "text", "subject", "grade")
    return [
        {"kind": kind, "id": id, "place": place} | dict(zip(keys, figure, strict=False))
        for figure in figures
    ]


def demo() -> Case:
    """One synthetic county of 80 schools."""
    about = {
        "title": "演示县（虚构，80 所学校）",
        "title_en": "Demo county (invented, 80 schools)",
        "as_of": AS_OF.isoformat(),
        "description": "由 liantu generate 生成的一个县，没有一所学校是真实的。",
        "description_en": "A county made by liantu generate; no school is real.",
    }
    return region(80, seed=DEMO_SEED), about


def laizhou() -> Case:
    """78 schools, ten communities of 70 schools founded in March 2021 for three years."""
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
    rows: dict[str, list[Row]] = {
        "region": [
            {"id": "shandong", "name": "山东省", "level": "province", "place": "题"},
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
        *observed("region", "laizhou", "三", ("monitoring_rounds", 2, "次", "yearly", "6、12")),
    ]  # fmt: skip
    about = {
        "title": "莱州市学校发展共同体",
        "title_en": "Laizhou: school development communities",
        "as_of": "2021-03-31",
        "description": "78 所学校、10 个共同体、70 所学校；学校均为按总数补足的虚构行。",
        "description_en": "78 schools, ten communities with 70 of them; every school is filled in.",
    }
    return tables(rows, LAIZHOU), about


def wenshan() -> Case:
    """Two city schools lead three centre schools, each with one filled village school."""
    inferred = f"{WENSHAN}；城乡类型由校名推断"
    leads, centres = ["ws-3zhong", "ws-1xiao"], ["ws-xiaojie", "ws-laohuilong", "ws-zhuilijie"]
    towns = {"xiaojie": "小街镇", "bozhu": "薄竹镇", "zhuilijie": "追栗街镇"}
    since, one = "2021-09-01", "一"
    named = {"place": one, "provenance": inferred}
    rows: dict[str, list[Row]] = {
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
    return tables(rows, WENSHAN), about


DEMO_SEED = 11
BUILDERS: dict[str, Callable[[], Case]] = {"demo": demo, "laizhou": laizhou, "wenshan": wenshan}

if __name__ == "__main__":
    main()
