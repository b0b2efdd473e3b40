"""Receivers dealt out anew: the margins stay, and every assignment is as likely as it should be."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.graph import shuffles as module
from liantu.graph.formal import benjamini_hochberg, inside
from liantu.graph.shuffles import shuffles

CASES = [
    ([0, 0, 0, 0, 1, 1], [2, 2, 2, 3, 2, 3]),
    ([0, 1, 2], [1, 2, 0]),  # twos alone would never leave this one
    ([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]),
]


def likely(giver, receiver):
    """Return the chance of every assignment of receivers without a gift to oneself."""
    fits = [
        order
        for order in permutations(receiver)
        if all(a != b for a, b in zip(giver, order, strict=True))
    ]
    return {order: number / len(fits) for order, number in Counter(fits).items()}


@pytest.mark.parametrize("few", [3.0, -1.0], ids=["tries", "exchanges"])
@pytest.mark.parametrize(("giver", "receiver"), CASES)
def test_every_assignment_is_as_likely_as_it_should_be(giver, receiver, few, monkeypatch):
    monkeypatch.setattr(module, "_FEW", few)
    times, known = 400, likely(giver, receiver)
    block = np.zeros(len(giver), dtype=np.int64)
    found = Counter(
        tuple(one.tolist())
        for one in shuffles(np.array(giver), np.array(receiver), block, times, 1)
    )
    assert set(found) == set(known)
    for order, chance in known.items():
        spread = (chance * (1 - chance) / times) ** 0.5
        assert abs(found[order] / times - chance) < 5 * spread


@pytest.mark.parametrize("few", [3.0, -1.0], ids=["tries", "exchanges"])
def test_margins_stay_within_strata(few, monkeypatch):
    monkeypatch.setattr(module, "_FEW", few)

    @settings(max_examples=examples(6, 200))
    @given(st.data())
    def holds(data):
        ends = st.tuples(st.integers(0, 5), st.integers(0, 5))
        events = data.draw(st.lists(ends.filter(lambda e: e[0] != e[1]), min_size=1, max_size=25))
        giver, receiver = (np.array(column) for column in zip(*events, strict=True))
        stratum = receiver % 2
        for found in shuffles(giver, receiver, stratum, 3, 0):
            assert (found != giver).all()
            assert (found % 2 == stratum).all()
            assert sorted(found) == sorted(receiver)

    holds()


def test_order_of_events_changes_nothing():
    rng = np.random.default_rng(2)
    giver, receiver = rng.integers(0, 5, 30), rng.integers(5, 9, 30)
    order, block = rng.permutation(30), receiver % 2
    member = np.arange(9)[:, None] % 3
    known = inside(giver, receiver, block, member, 3, 50, 0)
    found = inside(giver[order], receiver[order], block[order], member, 3, 50, 0)
    for left, right in zip(known, found, strict=True):
        assert left.tolist() == right.tolist()


def test_activity_inside_against_all_permutations():
    """A→B three times, A→D, C→B, C→D; groups AB, CD: worked out by hand, and by enumeration."""
    giver, receiver = [0, 0, 0, 0, 2, 2], [1, 1, 1, 3, 1, 3]
    group = np.array([[0], [0], [1], [1]])
    exact = likely(giver, receiver)
    counts = {
        order: [
            sum(group[a, 0] == group[b, 0] == g for a, b in zip(giver, order, strict=True))
            for g in (0, 1)
        ]
        for order in exact
    }
    means = [sum(exact[order] * counts[order][g] for order in exact) for g in (0, 1)]
    tail = sum(exact[order] for order in exact if counts[order][0] >= 3)
    assert means == pytest.approx([8 / 3, 2 / 3])
    assert tail == pytest.approx(0.6)
    ends = np.array(giver), np.array(receiver), np.zeros(6, dtype=np.int64)
    found = inside(*ends, group, 2, 1999, 0)
    assert found.observed.tolist() == [3, 1]
    assert found.touching.tolist() == [5, 3]
    assert found.expected == pytest.approx(means, abs=0.05)
    assert found.p == pytest.approx([0.6, 0.6], abs=0.04)


def test_a_school_of_two_groups_counts_in_both():
    member = np.array([[0, 1], [0, -1], [1, -1]])
    ends = np.array([[0, 0, 1], [1, 2, 2]])
    found = inside(*ends, np.zeros(3, dtype=np.int64), member, 2, 9, 0)
    assert found.observed.tolist() == [1, 1]
    assert found.touching.tolist() == [3, 3]


def test_rates_of_false_discovery():
    assert benjamini_hochberg(np.array([])).tolist() == []
    assert benjamini_hochberg(np.array([0.2])).tolist() == [0.2]
    assert benjamini_hochberg(np.array([0.9, 0.01, 0.02])) == pytest.approx([0.9, 0.03, 0.03])
