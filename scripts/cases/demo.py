"""One synthetic county of 80 schools."""

from __future__ import annotations

from cases.rows import Case
from liantu.loaders.generate import AS_OF, region

SEED = 11


def case() -> Case:
    """Return the case."""
    about = {
        "title": "演示县（虚构，80 所学校）",
        "title_en": "Demo county (invented, 80 schools)",
        "as_of": AS_OF.isoformat(),
        "description": "由 liantu generate 生成的一个县，没有一所学校是真实的。",
        "description_en": "A county made by liantu generate; no school is real.",
    }
    return Case(region(80, seed=SEED), about)
