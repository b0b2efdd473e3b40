"""78 schools, ten communities of 70 schools founded in March 2021 for three years."""

from __future__ import annotations

import numpy as np

from cases.rows import Case, Rows, observed, tables

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
    return Case(tables(rows, TEXT), about)
