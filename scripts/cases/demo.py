"""One synthetic county of 80 schools."""

from __future__ import annotations

import pandas as pd

from cases.rows import Case
from liantu.loaders.generate import AS_OF, region

SEED = 11
# Two schools at their limit, so that the demo shows what a posting does to a threshold: the one has
# just the backbone teachers that it needs and has posted one of them; the other has just the
# teachers above degree, and nobody says whether the one it has posted is among them.
PLAIN = ("T0000584", "T0000588")  # backbone teachers of the first as drawn
FIRST, SECOND = "3199000068", "2199000004"
FIGURES = {(FIRST, "backbone_per_100"): 1.10, (SECOND, "above_degree_per_100"): 4.33}


def case() -> Case:
    """Return the case."""
    about = {
        "title": "演示县（虚构，80 所学校）",
        "title_en": "Demo county (invented, 80 schools)",
        "as_of": AS_OF.isoformat(),
        "description": "由 liantu generate 生成的一个县，没有一所学校是真实的。",
        "description_en": "A county made by liantu generate; no school is real.",
    }
    return Case(at_limits(region(80, seed=SEED)), about)


def at_limits(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames with two schools at the limit of a threshold."""
    teachers, told = frames["teacher"].copy(), frames["observations"].copy()
    teachers.loc[teachers["id"].isin(PLAIN), "backbone"] = False
    for (school, measure), value in FIGURES.items():
        told.loc[(told["id"] == school) & (told["measure"] == measure), "value"] = value
    return {**frames, "teacher": teachers, "observations": told}
