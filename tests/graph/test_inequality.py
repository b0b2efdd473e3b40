"""Inequality worked out by hand, and against plain loops with one row a pupil.

Why PySAL is no oracle here, though it gives the same: docs/decisions/0017-an-oracle-not-installed.md.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph.inequality import (
    least_share,
    lorenz,
    parts,
    pooled,
    reaches,
    shortfall,
    spread,
    without_each,
)

PUPILS = np.array([45.0, 37, 89, 76, 55])
BOOKS = np.array([279.0, 137, 935, 160, 402])
EACH = BOOKS / PUPILS
ONE = np.zeros(5, dtype=np.int64)
GROUPS = np.array([0, 0, 0, 1, 1])


def test_five_schools_and_their_books():
    found = spread(ONE, 1, PUPILS, EACH)
    assert found.items.tolist() == [5]
    assert found.weight.tolist() == [302]
    assert found.mean[0] == pytest.approx(1913 / 302)
    assert found.cv[0] == pytest.approx(0.515257, abs=5e-7)  # not 0.489, as without weights
    assert found.gini[0] == pytest.approx(0.288377, abs=5e-7)
    assert found.theil[0] == pytest.approx(0.143630, abs=5e-7)
    assert found.median[0] == pytest.approx(6.2)
    assert found.mcloone[0] == pytest.approx(0.587995, abs=5e-7)


def test_five_schools_in_two_groups():
    found = parts(ONE, 1, GROUPS, PUPILS, EACH)
    mean = spread(ONE, 1, PUPILS, EACH).mean
    assert found.groups.tolist() == [2]
    assert found.theil_between[0] == pytest.approx(0.041545, abs=5e-7)
    assert found.theil_within[0] == pytest.approx(0.102085, abs=5e-7)
    assert pooled(mean, found.between, found.within)[0] == pytest.approx(0.282480, abs=5e-7)
    as_is = pooled(mean, found.between, found.within, 0.0)
    assert as_is == pytest.approx(spread(ONE, 1, PUPILS, EACH).cv)
    for limit, share in ((0.50, 0.042615), (0.45, 0.187110)):
        least = least_share(mean, found.between, found.within, limit)
        assert least[0] == pytest.approx(share, abs=5e-7)
        reached = pooled(mean, found.between, found.within, float(least[0]))
        assert reached[0] == pytest.approx(limit)
    assert least_share(mean, found.between, found.within, 0.52).tolist() == [0]
    assert np.isnan(least_share(mean, found.between, found.within, 0.28)).all()


def test_five_schools_each_left_out():
    found = without_each(ONE, 1, PUPILS, EACH)
    assert found.tolist() == pytest.approx([0.5564, 0.4957, 0.4770, 0.3210, 0.5841], abs=5e-5)


def test_five_schools_short_of_six_books():
    number, pupils, lack = shortfall(ONE, 1, PUPILS, EACH, np.full(5, 6.0), np.ones(5))
    assert number.tolist() == [2]
    assert pupils.tolist() == [113]
    assert lack.tolist() == pytest.approx([381])


def test_nothing_at_all_and_nobody():
    cell, weight = np.array([1, 1]), np.array([10.0, 20.0])
    found = spread(cell, 3, weight, np.zeros(2))
    assert found.items.tolist() == [0, 2, 0]
    assert found.mean[1] == 0
    for measure in (found.cv, found.gini, found.theil, found.mcloone):
        assert np.isnan(measure).all()
    halves = parts(cell, 3, np.array([0, 1]), weight, np.zeros(2))
    assert halves.groups.tolist() == [0, 2, 0]
    assert np.isnan(halves.theil_between).all()
    assert np.isnan(least_share(found.mean, halves.between, halves.within, 0.5)).all()
    none = spread(np.array([], dtype=np.int64), 1, np.array([]), np.array([]))
    assert np.isnan(none.median).all()


def test_one_school_is_equal_with_itself():
    cell = np.array([0])
    found = spread(cell, 1, np.array([30.0]), np.array([4.7]))
    assert (found.cv[0], found.gini[0], found.theil[0], found.mcloone[0]) == (0, 0, 0, 1)
    assert np.isnan(without_each(cell, 1, np.array([30.0]), np.array([4.7]))).all()


def test_the_median_of_an_even_number_of_pupils_lies_between():
    cell, weight = np.zeros(2, dtype=np.int64), np.array([5.0, 5.0])
    found = spread(cell, 1, weight, np.array([1.0, 3.0]))
    assert found.median.tolist() == [2]
    assert found.mcloone.tolist() == [0.5]


def test_groups_that_have_nothing_share_nothing():
    cell, weight = np.zeros(3, dtype=np.int64), np.array([1.0, 1.0, 2.0])
    found = parts(cell, 1, np.array([0, 0, 1]), weight, np.array([0.0, 0.0, 5.0]))
    assert found.theil_within.tolist() == [0]
    assert found.theil_between[0] == pytest.approx(math.log(2))
    # within groups all are alike already: sharing changes nothing
    assert np.isnan(least_share(np.array([2.5]), found.between, found.within, 0.5)).all()


def test_without_one_alike_rounding_leaves_nothing():
    weight, value = np.array([7.0, 11.0, 13.0]), np.array([0.1, 0.1, 9.0])
    found = without_each(np.zeros(3, dtype=np.int64), 1, weight, value)
    assert found[2] == 0


def test_rounding_is_no_shortfall():
    assert reaches(np.array([0.1 + 0.2]), 0.3).all()
    assert reaches(np.array([0.3]), 0.1 + 0.2).all()
    assert not reaches(np.array([0.2999]), 0.3).any()


def test_the_lorenz_curve_gives_gini():
    x, y = lorenz(PUPILS, EACH)
    area = float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum())
    assert 1 - 2 * area == pytest.approx(0.288377, abs=5e-7)
    assert lorenz(np.array([]), np.array([]))[0].tolist() == [0]


# -- against one row a pupil -------------------------------------------------------------------

SCHOOLS = st.lists(
    st.tuples(
        st.integers(0, 2),  # cell
        st.integers(0, 2),  # group
        st.integers(1, 30),  # pupils
        st.integers(0, 12).map(lambda tenths: tenths / 10),
    ),
    min_size=1,
    max_size=9,
)


def cv_of(rows: list[float]) -> float:
    mean = np.mean(rows)
    return float(np.std(rows) / mean) if mean > 0 else math.nan


def theil_of(rows: list[float]) -> float:
    mean = np.mean(rows)
    return sum(x / mean * math.log(x / mean) for x in rows if x) / len(rows) if mean else math.nan


@given(SCHOOLS)
def test_a_row_a_pupil_gives_the_same(schools: list[tuple[int, int, int, float]]):
    cell, group, weight, value = (np.array(part) for part in zip(*schools, strict=True))
    weight, value = weight.astype(float), value.astype(float)
    found, halves = spread(cell, 3, weight, value), parts(cell, 3, group, weight, value)
    left = without_each(cell, 3, weight, value)
    for number in range(3):
        inside = [school for school in schools if school[0] == number]
        rows = [x for _, _, pupils, x in inside for _ in range(pupils)]
        assert found.items[number] == len(inside)
        assert found.weight[number] == len(rows)
        if not rows:
            assert np.isnan(found.mean[number])
            continue
        mean, median = float(np.mean(rows)), float(np.median(rows))
        assert found.mean[number] == pytest.approx(mean)
        assert found.median[number] == pytest.approx(median)
        assert found.cv[number] == pytest.approx(cv_of(rows), nan_ok=True, abs=1e-9)
        assert found.theil[number] == pytest.approx(theil_of(rows), nan_ok=True, abs=1e-9)
        gaps = np.abs(np.subtract.outer(rows, rows)).mean()
        gini = gaps / 2 / mean if mean else math.nan
        assert found.gini[number] == pytest.approx(gini, nan_ok=True, abs=1e-9)
        low = np.mean([x for x in rows if x <= median]) / median if median else math.nan
        assert found.mcloone[number] == pytest.approx(low, nan_ok=True)

        means = {
            key: np.mean([x for _, g, pupils, x in inside if g == key for _ in range(pupils)])
            for key in {g for _, g, _, _ in inside}
        }
        shared = [means[g] for _, g, pupils, _ in inside for _ in range(pupils)]
        assert halves.groups[number] == len(means)
        assert halves.between[number] == pytest.approx(np.var(shared), abs=1e-12)
        assert halves.within[number] == pytest.approx(np.var(rows) - np.var(shared), abs=1e-12)
        between = theil_of(shared)
        assert halves.theil_between[number] == pytest.approx(between, nan_ok=True, abs=1e-9)
        both = halves.theil_between[number] + halves.theil_within[number]
        assert both == pytest.approx(theil_of(rows), nan_ok=True, abs=1e-9)
    for place, (number, _, _, _) in enumerate(schools):
        others = [s for at, s in enumerate(schools) if s[0] == number and at != place]
        rows = [x for _, _, pupils, x in others for _ in range(pupils)]
        expected = cv_of(rows) if rows else math.nan
        assert left[place] == pytest.approx(expected, nan_ok=True, abs=1e-6)


@given(SCHOOLS, st.floats(0.05, 1.5))
def test_the_least_share_is_the_least(schools: list[tuple[int, int, int, float]], limit: float):
    _, group, pupils, value = (np.array(part) for part in zip(*schools, strict=True))
    cell, weight = np.zeros(len(schools), dtype=np.int64), pupils.astype(float)
    mean, found = spread(cell, 1, weight, value).mean, parts(cell, 1, group, weight, value)

    def cv_with(share: float) -> float:
        means = [np.average(value[group == g], weights=weight[group == g]) for g in group]
        moved = (1 - share) * value + share * np.array(means)
        return float(spread(cell, 1, weight, moved).cv[0])

    share = float(least_share(mean, found.between, found.within, limit)[0])
    if not mean[0]:
        assert math.isnan(share)
    elif math.isnan(share):
        assert cv_with(1.0) > limit - 1e-9
    else:
        assert 0 <= share <= 1
        assert cv_with(share) <= limit + 1e-6
        assert share == 0 or cv_with(max(share - 1e-3, 0)) > limit
