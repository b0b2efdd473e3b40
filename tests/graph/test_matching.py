"""Flow, whole-number programme and brute force give the same optimum; so do gains and losses."""

from __future__ import annotations

import itertools
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from long import examples
from scipy.optimize import linprog

from liantu.graph import matching, residual, solvers
from liantu.graph.offer import Offer, heaviest
from liantu.graph.solvers import programme


def offer(pairs, places, weight, county=None) -> Offer:
    """Return an offer of pairs (core, school, cost)."""
    rows = np.array(sorted(pairs, key=lambda p: (p[1], p[2], p[0]))).reshape(-1, 3)
    home = [0] * len(weight) if county is None else county
    arrays = (rows[:, 0], rows[:, 1], rows[:, 2], places, weight, home)
    return Offer(*(np.array(values, dtype=np.int64) for values in arrays))


def drawn(rng: np.random.Generator) -> Offer:
    schools, cores = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    pairs = [
        (core, school, int(rng.integers(1, 4)))
        for school in range(schools)
        for core in range(cores)
        if rng.random() < 0.6
    ]
    places, weight = rng.integers(0, 3, cores), rng.integers(1, 5, schools)
    return offer(pairs, places, weight, rng.integers(0, 2, schools))


def best(some: Offer, budget: int, floors) -> tuple[int, int, list[set[int]]]:
    """Return the best weight, its least cost and every set of pairs that reaches both."""
    choices = [[-1, *np.flatnonzero(some.school == s)] for s in range(len(some.weight))]
    found, sets = (-1, 0), []
    for picked in itertools.product(*choices):
        pairs = [pair for pair in picked if pair >= 0]
        used = np.bincount(some.core[pairs], minlength=len(some.places))
        home = np.bincount(some.county[some.school[pairs]], minlength=len(floors))
        if len(pairs) > budget or (used > some.places).any() or (home < floors).any():
            continue
        key = (int(some.weight[some.school[pairs]].sum()), -int(some.cost[pairs].sum()))
        if key > found:
            found, sets = key, []
        if key == found:
            sets.append(set(pairs))
    return found[0], -found[1], sets


def value(some: Offer, chosen) -> tuple[int, int]:
    return int(some.weight[some.school[chosen]].sum()), int(some.cost[chosen].sum())


A_B = [(0, 0, 1), (0, 1, 1), (1, 0, 2)]


@pytest.mark.parametrize("exact", [False, True])
def test_the_heavier_way_beats_the_nearest_first(exact):
    some = offer(A_B, [1, 1], [100, 90])
    assert value(some, matching.assign(some, 20, exact=exact))[0] == 190


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("floors", "weight"), [(None, 500), ([1, 1], 350), ([0, 2], 90)])
def test_floors(exact, floors, weight):
    pairs = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 2, 1), (1, 3, 1)]
    some = offer(pairs, [2, 2], [300, 200, 50, 40], [0, 0, 1, 1])
    floors = None if floors is None else np.array(floors)
    assert value(some, matching.assign(some, 2, floors, exact=exact))[0] == weight


def test_the_largest_floor_and_the_most_even_shares():
    pairs = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 2, 1), (1, 3, 1)]
    some, none = offer(pairs, [2, 2], [300, 200, 50, 40], [0, 0, 1, 1]), np.zeros(2, dtype=int)
    assert matching.largest_floor(some, 5, 3, none) == 1
    assert matching.largest_floor(some, 5, 4, none) == 5  # as many as a county has schools
    assert matching.most_even(some, 2, none).tolist() == [1, 1]
    assert matching.most_even(some, 1, none).tolist() == [0, 0]
    assert matching.most_even(some, 1, np.array([1, 0])).tolist() == [0, 1]  # a third at least


def test_one_place_more_and_one_pair_less():
    some = offer(A_B, [1, 0], [100, 90])
    chosen = matching.assign(some, 20)
    arcs = residual.residual(some, chosen, 20, np.zeros(1, dtype=int))
    assert residual.gains(arcs, 2).tolist() == [90, 90]  # B takes x, and A is free for y
    assert residual.losses(some, chosen).tolist() == [10]  # without A–x, A takes y


def test_floors_leave_no_choice_of_ranks():
    # A helps the light school of k or the heavy one of l, B the other way round: 108 is more than
    # 40, though by ranks, 2 + 3 and 1 + 4, both are the same
    pairs = [(0, 0, 1), (0, 3, 9), (1, 1, 9), (1, 2, 1)]
    some = offer(pairs, [1, 1], [10, 8, 30, 100], [0, 0, 1, 1])
    chosen = matching.assign(some, 2, np.array([1, 0]))
    assert value(some, chosen) == (108, 18)
    arcs = residual.residual(some, chosen, 2, np.array([1, 0]))
    assert not residual.exchangeable(arcs, some, 2, fair=True).any()


def scattered(seed: int) -> Offer:
    """Return some hundred schools and cores on a line, in three counties."""
    rng = np.random.default_rng(seed)
    schools, cores = 120, 25
    at = np.sort(rng.random(schools)), np.sort(rng.random(cores))
    ways = np.rint(100 * np.abs(at[1][:, None] - at[0])).astype(int) + 1
    pairs = [(c, s, int(ways[c, s])) for c, s in zip(*np.nonzero(ways < 16), strict=True)]
    places, weight = rng.integers(0, 6, cores), rng.integers(1, 40, schools)
    return offer(pairs, places, weight, np.arange(schools) * 3 // schools)


@pytest.mark.parametrize("tools", ["ortools", "scipy"])
@pytest.mark.parametrize("seed", range(examples(3, 6)))
def test_flow_assignment_and_linear_programme_agree_with_whole_numbers(seed, tools, monkeypatch):
    if tools == "scipy":
        monkeypatch.setattr(solvers, "find_spec", lambda _: None)
    else:
        pytest.importorskip("ortools")
    monkeypatch.setattr(solvers, "TOGETHER", 1)  # every part that can be apart by itself
    some, none = scattered(seed), np.zeros(3, dtype=np.int64)
    most = len(heaviest(some).order)
    for budget, floors in ((most, none), (20, none), (20, np.array([0, 3, 8]))):
        chosen = matching.assign(some, budget, floors)
        exact = matching.assign(some, budget, floors, exact=True)
        assert value(some, chosen) == value(some, exact)
        assert (np.bincount(some.core[chosen], minlength=25) <= some.places).all()
        assert (np.bincount(some.school[chosen]) <= 1).all()
        assert chosen.sum() <= budget


@pytest.mark.parametrize("tools", ["ortools", "scipy"])
@pytest.mark.parametrize("seed", range(examples(15, 50)))
def test_every_way_of_solving_and_brute_force_agree(seed, tools, monkeypatch):
    if tools == "scipy":
        monkeypatch.setattr(solvers, "find_spec", lambda _: None)
    rng = np.random.default_rng(seed)
    some, budget = drawn(rng), int(rng.integers(0, 6))
    counties = int(some.county.max()) + 1
    none = np.zeros(counties, dtype=np.int64)
    for floors in (none, matching.most_even(some, budget, none)):
        weight, cost, sets = best(some, budget, floors)
        chosen = matching.assign(some, budget, floors)
        assert value(some, chosen) == (weight, cost)
        assert set(np.flatnonzero(chosen)) in sets
        assert value(some, matching.assign(some, budget, floors, exact=True)) == (weight, cost)
        if not len(some.core):
            continue
        arcs = residual.residual(some, chosen, budget, floors)
        gains = residual.gains(arcs, len(some.places))
        for core, gain in enumerate(gains):
            more = replace(some, places=some.places + (np.arange(len(gains)) == core))
            assert best(more, budget, floors)[0] - weight == gain
        lost = residual.losses_one_by_one(arcs, some, chosen)
        for pair, loss in zip(np.flatnonzero(chosen), lost, strict=True):
            rest = some.only(np.arange(len(some.core)) != pair)
            left = best(rest, budget, floors)[0]
            assert loss >= residual.NEVER // 2 if left < 0 else weight - left == loss
        others = residual.exchangeable(
            arcs, some, min(budget, len(some.weight)), fair=bool(floors.any())
        )
        assert set(np.flatnonzero(others)) == set().union(*sets) - set.intersection(*sets)
        if not floors.any():
            assert residual.losses(some, chosen).tolist() == lost.tolist()
            order = heaviest(some).order
            assert int(some.weight[order[:budget]].sum()) == weight
            helped = {int(some.school[pair]) for pair in set().union(*sets)}
            assert helped <= set(np.flatnonzero(heaviest(some).may))


def test_costs_beyond_64_bits_are_left_to_the_programme():
    some = offer(A_B, [1, 1], [100, 90])
    huge = replace(some, cost=some.cost * 2**58)
    assert matching.step_of(huge, 2) is None
    assert residual.exchangeable(None, huge, 2) is None


@pytest.mark.skipif(find_spec("ortools") is None, reason="OR-Tools is not installed")
def test_the_flow_is_solved_by_or_tools_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(solvers, "programme", None)
    some = offer(A_B, [1, 1], [100, 90])
    assert value(some, matching.assign(some, 20)) == (190, 3)


def test_money_that_pairs_may_cost_together():
    # 10 to spend, costs 6, 5, 5 for 100, 60, 55 pupils: the two cheap ones; with parts of pairs,
    # all of the first and four fifths of the second, it would be 148, so no flow gives the answer
    parts = linprog([-100, -60, -55], A_ub=[[6, 5, 5]], b_ub=[10], bounds=(0, 1))
    assert parts.fun == pytest.approx(-148)
    market = offer([(0, 0, 6), (0, 1, 5), (0, 2, 5)], [3], [100, 60, 55])
    every = np.arange(3)
    none = np.zeros(1, dtype=np.int64)
    found = programme(market, 3, (every, every), market.weight, none, spend=10)
    assert found.tolist() == [False, True, True]
    assert market.weight[market.school[found]].sum() == 115
    free = programme(market, 3, (every, every), market.weight, none)
    assert free.all()
