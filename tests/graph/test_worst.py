"""Worst sets against every set there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liantu.graph.backup import Needs
from liantu.graph.kernels import Graph
from liantu.graph.rescue import rescues
from liantu.graph.worst import fallen, greedy, lost_with, worst


@st.composite
def needed(draw: st.DrawFn) -> Needs:
    """Give smallest sets of at most three leavers, some of whom are schools that fall too."""
    sets = st.frozensets(st.integers(0, 6), min_size=1, max_size=3)
    found = draw(st.lists(st.tuples(st.integers(0, 12), sets), max_size=25))
    rows = {
        (school, some)
        for school, some in found
        if school not in some
        and not any(other < some for number, other in found if number == school)
    }
    order = sorted((school, sorted(some)) for school, some in rows)
    units = np.full((len(order), 3), -1)
    for row, (_, some) in enumerate(order):
        units[row, : len(some)] = some
    return Needs(np.array([school for school, _ in order], dtype=np.int64), units)


@settings(max_examples=60, deadline=None)
@given(needed(), st.integers(1, 3))
def test_no_set_costs_more(needs, number):
    sets = [np.array(some) for n in range(1, number + 1) for some in combinations(range(7), n)]
    most = max(lost_with(needs, some) for some in sets)
    found = worst(needs, number)
    assert len(found) <= number and found.tolist() == sorted(found)
    assert lost_with(needs, found) == most
    assert lost_with(needs, greedy(needs, number)) <= most


@settings(max_examples=60, deadline=None)
@given(needed())
def test_greedy_takes_at_each_step_who_costs_most(needs):
    leaving: list[int] = []
    for unit in greedy(needs, 3).tolist():
        gains = [lost_with(needs, np.array([*leaving, other])) for other in range(7)]
        assert gains[unit] == max(gains) and unit == gains.index(max(gains))
        leaving.append(unit)


def test_who_leaves_does_not_fall():
    needs = Needs(np.array([1, 2, 8]), np.array([[2, -1], [1, -1], [1, 2]]))
    assert fallen(needs, np.array([1, 2])).tolist() == [8]
    assert worst(needs, 2).tolist() == [1]


def test_three_are_found_where_none_of_them_is_missed_alone(capfd):
    rows = [[1, 2, 3]] * 5 + [[4, -1, -1]] * 2 + [[5, -1, -1], [6, -1, -1]]
    needs = Needs(np.arange(10, 19), np.array(rows))
    assert greedy(needs, 3).tolist() == [4, 5, 6]
    assert worst(needs, 3).tolist() == [1, 2, 3]
    assert capfd.readouterr().out == ""  # standard output is for results


@pytest.mark.parametrize(
    ("points", "school", "rescued"),
    [([], [], []), ([3, 4], [1], [2]), ([2, 4], [0], [2]), ([4, 5], [4, 5], [1, 1])],
)
def test_one_new_supporter_a_tree_stands_lowest_above_its_single_points(points, school, rescued):
    # 0 above 1 and 2, 1 above 3 and 4; 5 alone
    families = Graph(6, np.array([0, 0, 1, 1]), np.array([1, 2, 3, 4]))
    tree = np.array([1, 1, 1, 1, 1, 2])
    found = rescues(families, tree, np.array(points, dtype=np.int64), 6)
    assert (found.school.tolist(), found.rescued.tolist()) == (school, rescued)
    assert found.single.tolist() == rescued
