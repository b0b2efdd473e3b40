"""Thresholds in exact arithmetic, by hand and against fractions."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph.indicators import indicators
from liantu.graph.thresholds import (
    BELOW,
    CLOSE,
    MEETS,
    levels,
    levels_of_people,
    needed,
    parts,
    people,
    school_rule,
    whole,
)


def one(value):
    return parts([value])[0]


@pytest.mark.parametrize(
    ("pupils", "figure", "threshold", "has", "least"),
    [
        (1000, 1.4, 1.0, 14, 10),
        (1000, 4.5, 4.2, 45, 42),
        (1000, 0.9, 0.9, 9, 9),
        (760, 5.66, 5.3, 43, 41),
        (10_000, 1.1, 1.1, 110, 110),  # in floats 1.1 × 100 is a little more than 110
        (150, 1.0, 1.0, 2, 2),  # one person and a half: half a person up
        (1, 0.0, 0.9, 0, 1),
    ],
)
def test_people_by_hand(pupils, figure, threshold, has, least):
    number = np.array([pupils])
    assert people(one(figure), number).tolist() == [has]
    assert needed(one(threshold), number).tolist() == [least]


@given(
    st.integers(0, 60_000_000),
    st.integers(1, 1_000_000),
    st.sampled_from([t for i in indicators().values() for t in (i.primary, i.junior) if t < 100]),
)
def test_integers_are_fractions(millionths, pupils, threshold):
    figure, limit = Fraction(millionths, 10**6), Fraction(str(threshold))
    number = np.array([pupils])
    has = floor(figure * pupils / 100 + Fraction(1, 2))
    figures = one(float(figure))
    assert figures.tolist() == [millionths]
    assert people(figures, number).tolist() == [has]
    for percent in (100, 85):
        share = limit * Fraction(percent, 100)
        least = min(n for n in range(ceil(share * pupils / 100) + 1) if n >= share * pupils / 100)
        assert needed(one(threshold), number, percent=percent).tolist() == [least]
    level = levels_of_people(np.array([has]), one(threshold), number)
    met, close = (has >= limit * share * pupils / 100 for share in (1, Fraction(85, 100)))
    assert level.tolist() == [MEETS if met else CLOSE if close else BELOW]
    met, close = (figure >= limit * share for share in (1, Fraction(85, 100)))
    assert levels(figures, one(threshold)).tolist() == [MEETS if met else CLOSE if close else BELOW]


def test_what_no_school_has_is_unknown():
    assert parts([-0.1, np.nan, 1e7, 0, 1e6])[1].tolist() == [False, False, False, True, True]
    assert whole([0, np.nan, 1, 10**6, 10**7])[1].tolist() == [False, False, True, True, False]


@given(st.lists(st.lists(st.sampled_from([BELOW, CLOSE, MEETS]), min_size=7, max_size=7)))
def test_six_of_seven_the_seventh_nearly(found):
    rows = np.array(found, dtype=np.int64).reshape(-1, 7)
    by_hand = [sorted(row)[0] >= CLOSE and sorted(row)[1] == MEETS for row in found]
    assert school_rule(rows).tolist() == by_hand
