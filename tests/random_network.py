"""Small random networks that run into every rule of the ties.

Import it as ``from random_network import random_network``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from liantu.graph.network import Network

AS_OF = date(2022, 5, 11)
IDS = ("id", "source", "target", "region", "parent", "home", "mentor_school", "mentee_school")
SCHOOLS = [f"s{number:02}" for number in range(14)]
TEACHERS = [f"t{number:02}" for number in range(16)]


def random_network(seeds: Iterable[int]) -> Network:
    """Return one network of many parts that do not touch, a part a seed."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for seed in seeds:
        for name, frame in _frames(seed).items():
            ids = [key for key in frame if key in IDS]
            part = frame.assign(**{key: f"{seed:02}-" + frame[key].astype("str") for key in ids})
            parts.setdefault(name, []).append(part)
    return Network.from_frames(
        {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}, as_of=AS_OF
    )


def _frames(seed: int) -> dict[str, pd.DataFrame]:
    """Return the frames of a seed: open, cut and overlapping spans, every kind of end and form."""
    rng = np.random.default_rng(seed)

    def pick(values: list, size: int, missing: float = 0.0) -> list:
        found = [values[number] for number in rng.integers(0, len(values), size)]
        return [None if rng.random() < missing else value for value in found]

    def day(missing: float) -> date | None:
        if rng.random() < missing:
            return None
        return AS_OF + timedelta(
            days=int(rng.choice([-1200, -365, -364, -200, -31, -1, 0, 1, 400]))
        )

    def spans(size: int, missing: float = 0.4) -> dict[str, list]:
        pairs = [(day(missing), day(missing)) for _ in range(size)]
        pairs = [(b, a) if a and b and b < a else (a, b) for a, b in pairs]
        return {
            "start": [start for start, _ in pairs],
            "end": [end for _, end in pairs],
            "certainty": pick(["stated", "ambiguous"], size)
            if rng.random() < 0.3
            else [None] * size,
        }

    def rows(size: int, **columns: list) -> pd.DataFrame:
        return pd.DataFrame({**columns, **spans(size)})

    def ends(size: int, **kinds: list) -> tuple[list, list]:
        names = pick(list(kinds), size)
        return [pick(kinds[name], 1)[0] for name in names], names

    forms = ["partnership", "paired", "shadowing", "training", "rotation", "funding", "sister"]
    alliances, centers, partners = list("ghi"), list("xyz"), list("pq")
    regions = ["r", "r1", "r2"]
    size = int(rng.integers(6, 26))
    frames = {
        "region": pd.DataFrame({"id": regions, "parent": [None, "r", "r"], "level": "county"}),
        "school": pd.DataFrame(
            {
                "id": SCHOOLS,
                "name": pick(["甲校", "乙校", "丙校"], len(SCHOOLS), 0.2),
                "region": pick(regions, len(SCHOOLS), 0.2),
                "stage": pick(["primary", "junior"], len(SCHOOLS), 0.2),
                "urban_rural": pick(["111", "121", "210", "220"], len(SCHOOLS), 0.2),
                "quality": pick(["core", "weak"], len(SCHOOLS), 0.5),
                "pupils": pd.array(pick([0, 30, 80, 900], len(SCHOOLS), 0.3), dtype="Int64"),
                "opened": [day(0.9) for _ in SCHOOLS],
            }
        ),
        "teacher": pd.DataFrame({"id": TEACHERS, "name": pick(["张三", "李四"], len(TEACHERS))}),
        "center": pd.DataFrame({"id": centers}),
        "partner": pd.DataFrame({"id": partners, "name": ["大学", None]}),
        "alliance": pd.DataFrame(
            {"id": alliances, "form": pick(forms[:2], 3, 0.5), **spans(3, 0.7)}
        ),
    }
    frames["alliance"] = frames["alliance"].drop(columns="certainty")
    closed = [day(0.85) for _ in SCHOOLS]
    opened = frames["school"]["opened"]
    frames["school"]["closed"] = [
        None if end is None or (start is not None and end < start) else end
        for start, end in zip(opened.where(opened.notna(), None), closed, strict=True)
    ]
    frames["member_of"] = rows(
        size, source=pick(SCHOOLS[:9], size), target=pick(alliances, size),
        role=pick(["core", "member"], size, 0.4), form=pick(forms[:2], size, 0.6),
    )  # fmt: skip
    frames["part_of"] = rows(1, source=["g"], target=["h"])
    frames["assists"] = rows(
        4, source=pick(SCHOOLS, 4), target=pick(SCHOOLS, 4), form=pick(forms[:2], 4, 0.3)
    )
    # a child is a later school than its parent: no circles
    pairs = [sorted(rng.choice(len(SCHOOLS), 2, replace=False)) for _ in range(5)]
    frames["affiliated_to"] = rows(
        5, source=[SCHOOLS[b] for _, b in pairs], target=[SCHOOLS[a] for a, _ in pairs],
        form=pick(["village_school", "successor", "campus"], 5, 0.3),
    )  # fmt: skip
    frames["works_at"] = rows(24, source=pick(TEACHERS, 24), target=pick(SCHOOLS, 24))
    source, kind = ends(6, teacher=TEACHERS, school=SCHOOLS)
    frames["posted_to"] = rows(
        6, source=source, source_kind=kind, target=pick(SCHOOLS, 6), home=pick(SCHOOLS, 6, 0.7),
        form=pick(forms, 6, 0.2), count=pd.array(pick([1, 3], 6, 0.5), dtype="Int64"),
    )  # fmt: skip
    givers, takers = pick(TEACHERS, 5), pick(TEACHERS, 5)
    frames["mentors"] = rows(
        6, source=[*givers, SCHOOLS[0]], source_kind=["teacher"] * 5 + ["school"],
        target=[*takers, SCHOOLS[5]], target_kind=["teacher"] * 5 + ["school"],
        mentor_school=pick(SCHOOLS, 6, 0.6), mentee_school=pick(SCHOOLS, 6, 0.6),
    )  # fmt: skip
    source, kind = ends(8, teacher=TEACHERS, school=SCHOOLS)
    frames["joins"] = rows(
        8, source=source, source_kind=kind, target=pick(centers, 8),
        role=pick(["host", "base", "member"], 8, 0.3),
    )  # fmt: skip
    source, kind = ends(
        14, school=SCHOOLS, center=centers, teacher=TEACHERS, partner=partners, alliance=alliances
    )
    target, target_kind = ends(14, school=SCHOOLS, alliance=alliances)
    frames["delivers"] = rows(
        14, source=source, source_kind=kind, target=target, target_kind=target_kind,
        form=pick(["lesson", "lecture"], 14, 0.4), date=[day(0.15) for _ in range(14)],
    ).drop(columns=["start", "end"])  # fmt: skip
    same = frames["delivers"]["source_kind"] == frames["delivers"]["target_kind"]
    same &= frames["delivers"]["source"] == frames["delivers"]["target"]
    frames["delivers"] = frames["delivers"][~same]
    target, target_kind = ends(4, school=SCHOOLS, alliance=alliances, region=regions)
    frames["supports"] = rows(
        4, source=pick(partners, 4), target=target, target_kind=target_kind,
        form=pick(["training", "funding", "sister", "donation"], 4, 0.2),
    )  # fmt: skip
    frames["pact"] = rows(2, source=["r1", "r2"], target=["r2", "r1"])
    ends = {"source": pick(SCHOOLS, 4), "target": pick(SCHOOLS, 4)}
    frames["travel"] = pd.DataFrame({**ends, "minutes": [10.0, 20.0, 30.0, 40.0]})
    return frames
