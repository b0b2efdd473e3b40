"""Differences in differences: by hand, against R's figures, and against another program."""

from __future__ import annotations

import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from long import examples

from liantu.errors import RequestError
from liantu.graph.did import group_time, panel_of
from liantu.graph.randomised import randomise

TWO = [(60, 68), (62, 70), (58, 67), (70, 73), (72, 75), (66, 70), (64, 66)]


def long(values: np.ndarray, first: list[float], **columns: list) -> pd.DataFrame:
    """Return a panel as a long table; periods are 1, 2 …"""
    units, periods = values.shape
    unit = np.repeat(np.arange(units), periods)
    frame = pd.DataFrame(
        {
            "unit": [f"u{n:03}" for n in unit],
            "period": np.tile(np.arange(1, periods + 1), units),
            "outcome": values.ravel(),
            "first": np.array(first, dtype=float)[unit],
        }
    )
    return frame.assign(**{key: np.array(found)[unit] for key, found in columns.items()})


def drawn(seed: int, units: int = 40, periods: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(units, periods)).cumsum(axis=1) + rng.normal(size=(units, 1))
    first = rng.choice([0, 2, 3, 5], size=units, p=[0.4, 0.2, 0.2, 0.2])
    first[:8] = [0, 0, 2, 2, 3, 3, 5, 5]
    return long(values, first.tolist(), cluster=rng.integers(0, 9, units).tolist())


def test_two_periods_by_hand():
    panel = panel_of(long(np.array(TWO, dtype=float), [2, 2, 2, np.nan, np.nan, 0, 9]))
    found = group_time(panel)
    att, se = found.overall()
    # changes 8, 8, 9 and 3, 3, 4, 2; variances 2/9 and 1/2
    assert att == pytest.approx(25 / 3 - 3)
    assert se == pytest.approx(np.sqrt(2 / 9 / 3 + 0.5 / 4))
    table = found.table()
    assert table[["treated", "controls"]].to_numpy().tolist() == [[3, 4]]
    chance = randomise(found)
    assert (chance.assignments, chance.exact, chance.whole) == (35, True, True)
    assert chance.p["simple"] == pytest.approx(1 / 35)


def test_cohorts_are_not_compared_with_one_another():
    """Effect 3 a period: cohorts 2, 2, 4, 4, never, never over five periods."""
    first = [2, 2, 4, 4, np.nan, np.nan]
    level, year = np.arange(6)[:, None] * 10.0, np.arange(5) ** 2
    since = np.arange(1, 6) - np.nan_to_num(np.array(first), nan=99)[:, None] + 1
    values = level + year + 3.0 * np.maximum(since, 0)
    found = group_time(panel_of(long(values, first)))
    table = found.table().set_index(["cohort", "period"])["att"]
    assert table.loc[2].tolist() == pytest.approx([3, 6, 9, 12])
    assert table.loc[4].tolist() == pytest.approx([0, 0, 3, 6])  # two placebos
    assert found.overall() == pytest.approx((6.5, found.overall()[1]))
    by = found.aggregate("exposure")["att"]
    assert by.to_dict() == pytest.approx({-2: 0, -1: 0, 0: 3, 1: 6, 2: 9, 3: 12})
    assert found.overall("exposure")[0] == pytest.approx(7.5)
    assert found.aggregate("cohort")["att"].tolist() == pytest.approx([7.5, 4.5])
    assert found.aggregate("period")["att"].tolist() == pytest.approx([3, 6, 6, 9])
    # what a regression with fixed effects of units and periods makes of it
    dummies = np.concatenate([np.repeat(np.eye(6), 5, axis=0), np.tile(np.eye(5), (6, 1))], axis=1)
    treated = (since > 0).ravel().astype(float)
    twfe = np.linalg.lstsq(np.column_stack([dummies, treated]), values.ravel(), rcond=None)[0][-1]
    assert twfe == pytest.approx(3.75)


def test_who_is_left_out_and_malformed_panels():
    frame = long(np.arange(12.0).reshape(4, 3), [1, 2, np.nan, np.nan])
    frame.loc[frame.index[-1], "outcome"] = np.nan
    panel = panel_of(frame)
    assert panel.first.tolist() == ["u000"] and panel.incomplete.tolist() == ["u003"]
    assert panel.units.tolist() == ["u001", "u002"] and panel.cohort.tolist() == [1, 3]
    assert panel_of(frame, anticipation=1).first.tolist() == ["u000", "u001"]
    with pytest.raises(RequestError, match="first"):
        panel_of(frame.drop(columns="first"))
    with pytest.raises(RequestError, match="u000"):
        panel_of(pd.concat([frame, frame.head(1)]))
    with pytest.raises(RequestError, match="u001"):
        panel_of(frame.assign(first=[1, 1, 1, 2, 3, 2, *[0] * 6]))


@pytest.mark.parametrize("control", ["never", "not_yet"])
@pytest.mark.parametrize("seed", range(examples(1, 20)))
def test_another_program_finds_the_same(seed: int, control: str):
    from diff_diff import CallawaySantAnna

    frame = drawn(seed).assign(first=lambda x: x["first"].astype(int))
    found = group_time(panel_of(frame), control=control)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = CallawaySantAnna(
            control_group={"never": "never_treated", "not_yet": "not_yet_treated"}[control]
        ).fit(
            frame,
            outcome="outcome",
            unit="unit",
            time="period",
            first_treat="first",
            aggregate="all",
        )
    for row in found.table().itertuples():
        told = other.group_time_effects[row.cohort, row.period]
        assert (row.att, row.se) == pytest.approx((told["effect"], told["se"]), rel=1e-8)
    assert found.overall() == pytest.approx((other.overall_att, other.overall_se), rel=1e-8)
    for exposure, row in found.aggregate("exposure").iterrows():
        told = other.event_study_effects[exposure]
        assert (row.att, row.se) == pytest.approx((told["effect"], told["se"]), rel=1e-8)


@pytest.mark.parametrize("seed", range(examples(2, 10)))
def test_randomisation_is_what_dealing_out_by_hand_gives(seed: int):
    frame = drawn(seed, units=9, periods=3).assign(first=[0] * 15 + [2] * 12)
    effects = group_time(panel_of(frame))
    chance = randomise(effects, permutations=999)
    wide = frame.pivot(index="unit", columns="period", values="outcome").to_numpy()
    found = []
    for chosen in combinations(range(9), 4):
        treated = np.isin(np.arange(9), chosen)
        mean = wide[treated].mean(axis=0) - wide[~treated].mean(axis=0)
        found.append(abs(mean[1] + mean[2] - 2 * mean[0]))
    extreme = sum(value >= found[-1] - 1e-12 for value in found)  # the last four are treated
    assert chance.exact and chance.assignments == len(found) == 126
    assert chance.p["simple"] == pytest.approx(extreme / 126)


def test_clusters_swap_as_a_whole_or_units_within_them():
    values = np.random.default_rng(1).normal(size=(12, 3))
    whole = panel_of(
        long(values, [2] * 6 + [0] * 6, c=[0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5]), cluster="c"
    )
    chance = randomise(group_time(whole))
    assert chance.whole and chance.assignments == 15  # 2 of 6 clusters: too few for a p
    assert chance.p == {}
    mixed = panel_of(long(values, [2, 2, 0, 2, 0, 0] * 2, c=[0] * 6 + [1] * 6), cluster="c")
    chance = randomise(group_time(mixed))
    assert not chance.whole and chance.assignments == 20 * 20 and chance.exact
    few = randomise(group_time(mixed), permutations=199, seed=3)
    assert not few.exact and few == randomise(group_time(mixed), permutations=199, seed=3)
    assert few.p["simple"] == pytest.approx(chance.p["simple"], abs=0.12)


def test_errors_add_up_by_cluster():
    frame = drawn(5)
    alone, together = group_time(panel_of(frame)), group_time(panel_of(frame, cluster="cluster"))
    assert together.overall()[0] == alone.overall()[0]
    number = together.panel.cluster
    weights = together.influence[:, 0]
    by_hand = np.sqrt(sum(weights[number == c].sum() ** 2 for c in range(9))) / len(weights)
    assert together.table()["se"].iloc[0] == pytest.approx(by_hand)
    pd.testing.assert_frame_equal(
        group_time(panel_of(frame.sample(frac=1, random_state=1))).table(), alone.table()
    )


def test_schools_chosen_by_last_years_figure_seem_to_gain():
    """Nobody gains anything, but the weakest third of period 2 is treated from period 3 on."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3000, 1)) + rng.normal(size=(3000, 3))
    weakest = values[:, 1] < np.quantile(values[:, 1], 1 / 3)
    found = group_time(panel_of(long(values, np.where(weakest, 3, 0).tolist())))
    by = found.aggregate("exposure")["att"]
    assert by[0] > 0.9 and by[-1] < -0.9
    early = group_time(found.panel, anticipation=1)
    assert abs(early.overall()[0]) < 0.1


def test_minimum_wages_and_teen_employment(shared_data: Path):
    """The county panel of R's did: figures of its documentation, and worked out here again."""
    frame = pd.read_csv(shared_data / "real" / "mpdta" / "mpdta.csv")
    names = {"unit": "countyreal", "period": "year", "outcome": "lemp", "first": "first.treat"}
    found = group_time(panel_of(frame, **names))
    wide = frame.pivot(index="countyreal", columns="year", values="lemp")
    first = frame.groupby("countyreal")["first.treat"].first()
    size, total, weight = first.value_counts(), 0.0, 0
    for cohort, year in [(2004, y) for y in range(2004, 2008)] + [
        (2006, 2006),
        (2006, 2007),
        (2007, 2007),
    ]:
        change = wide[year] - wide[cohort - 1]
        total += size[cohort] * (change[first == cohort].mean() - change[first == 0].mean())
        weight += size[cohort]
    att, se = found.overall()
    assert att == pytest.approx(total / weight, rel=1e-12)
    assert (round(att, 4), round(se, 3)) == (-0.04, 0.012)
    cells = found.table().set_index(["cohort", "period"])["att"].round(4)
    assert cells[2004].tolist() == [-0.0105, -0.0704, -0.1373, -0.1008]
    assert cells[2007].tolist() == [0.0305, -0.0027, -0.0311, -0.0261]
    assert round(found.overall("exposure")[0], 4) == -0.0772
    assert round(found.overall("cohort")[0], 4) == -0.031
