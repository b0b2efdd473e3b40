"""Effect: who is treated, who is compared with, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from liantu.analyses.effect import effect
from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network

DAY = "2026-12-31"


def made(
    scores: np.ndarray,
    joined: list[int | None],
    counties: int = 1,
    first: int = 2021,
    **frames: Any,
) -> Network:
    """Schools with scores by year and the year in which each joins a group."""
    size, years = scores.shape
    ids = [f"s{number:03}" for number in range(size)]
    school = {"id": ids, "region": [f"c{number % counties:02}" for number in range(size)]}
    member = [(one, f"{year}-09-01") for one, year in zip(ids, joined, strict=True) if year]
    tables: dict[str, Any] = {
        "school": school,
        "region": {"id": [f"c{number:02}" for number in range(counties)], "level": "county"},
        "member_of": {
            "source": [one for one, _ in member], "target": "x", "start": [day for _, day in member]
        },
        "observations": {
            "id": np.repeat(ids, years),
            "measure": "score",
            "period": [str(first + year) for year in range(years)] * size,
            "value": scores.ravel(),
        },
        **frames,
    }  # fmt: skip
    return Network.from_frames({key: pd.DataFrame(rows) for key, rows in tables.items()}, as_of=DAY)


def panel(
    seed: int, size: int = 30, years: int = 4, gain: float = 0.0, counties: int = 1
) -> Network:
    """Every other school of each county joins in 2023 and gains then."""
    rng = np.random.default_rng(seed)
    treated = np.arange(size) // counties % 2 == 0
    scores = rng.normal(70, 5, (size, 1)) + rng.normal(0, 1, (size, years))
    scores[:, 2:] += gain * treated[:, None]
    return made(scores, [2023 if x else None for x in treated], counties)


def checks(result: Any) -> dict[str, str]:
    table = result.tables["effect_checks"]
    return dict(zip(table["check"], table["consequence"], strict=True))


def codes(result: Any) -> set[str]:
    return {note.code for note in result.notes}


def test_by_hand_with_raw_figures():
    before = np.array([60, 62, 58, 60, 60, 70, 72, 66, 64, 68])
    after = before + np.array([8, 8, 9, 8, 7, 3, 3, 4, 2, 3])
    network = made(np.column_stack([before, after]).astype(float), [2022] * 5 + [None] * 5)
    result = effect(network, treatment="joins", scale="raw")
    assert result.summary["att"] == pytest.approx(8 - 3)
    assert result.summary["p_value"] == pytest.approx(2 / 252)  # of 10 over 5: this and its mirror
    assert (result.summary["treated"], result.summary["controls"]) == (5, 5)
    assert result.summary["low"] is None  # one county
    assert result.summary["effect_verdict"] == "unchecked"  # one period before
    assert checks(result)["placebos"] == "unchecked" and "effect_unchecked" in codes(result)
    row = result.table.iloc[0]
    assert (row["cohort"], row["period"], row["exposure"]) == ("2022", "2022", 0)
    means = result.tables["means"].set_index(["cohort", "period"])["mean_outcome"]
    assert means.tolist() == [60, 68, 68, 71]
    spread = effect(network, treatment="joins").summary["att"]
    sd = [np.std(x[5:], ddof=1) for x in (before, after)]
    assert spread == pytest.approx(
        (68 - 71) / sd[1] - (60 - 68) / sd[0]
    )  # in standard deviations of the schools compared with, each year


def test_with_many_clusters_and_a_passed_placebo_it_speaks_of_an_effect():
    result = effect(panel(1, size=80, gain=3.0, counties=20), treatment="joins", scale="raw")
    assert result.summary["effect_verdict"] == "shown" and "effect_shown" in codes(result)
    assert result.summary["low"] < 3 < result.summary["high"]
    assert result.summary["placebo_p"] > 0.05
    assert set(checks(result).values()) == {"ok"}
    none = effect(panel(1, size=80, counties=20), treatment="joins", scale="raw")
    assert none.summary["effect_verdict"] == "not_shown"


def test_schools_chosen_by_last_years_figure_are_found_out():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(400, 1)) + rng.normal(size=(400, 4))
    weakest = scores[:, 2] < np.quantile(scores[:, 2], 1 / 3)
    network = made(scores, [2024 if x else None for x in weakest])
    result = effect(network, treatment="joins")
    assert result.summary["effect_verdict"] == "selected_on_last_year"
    assert result.summary["att"] > 0.6 and result.summary["placebo"] < -0.6
    assert abs(result.summary["att_earlier"]) < 0.35
    assert "effect_selected_on_last_year" in codes(result)


def test_other_trends_before_are_found_out():
    rng = np.random.default_rng(2)
    scores = rng.normal(0, 0.2, (30, 5))
    scores[:15, 1:] += 2  # long before they join
    result = effect(made(scores, [2024] * 15 + [None] * 15), treatment="joins", scale="raw")
    assert result.summary["effect_verdict"] == "trends_differ"


@pytest.mark.parametrize(
    ("network", "check"),
    [
        (made(np.ones((20, 1)), [2021] * 10 + [None] * 10), "periods"),
        (
            made(np.random.default_rng(1).normal(size=(20, 3)), [2021] * 10 + [None] * 10),
            "pre_period",
        ),
        (made(np.random.default_rng(1).normal(size=(20, 3)), [2022] * 4 + [None] * 16), "treated"),
        (made(np.random.default_rng(1).normal(size=(20, 3)), [2022] * 16 + [None] * 4), "controls"),
        (made(np.ones((20, 3)), [2022] * 10 + [None] * 10), "spread"),
    ],
)
def test_refused(network: Network, check: str):
    result = effect(network, treatment="joins", measure="score")
    assert result.summary["effect_verdict"] == "refused"
    assert checks(result)[check] == "refused"
    assert f"effect_no_{check}" in codes(result)
    assert all(result.summary[key] is None for key in ("att", "se", "low", "high", "p_value"))
    assert result.table["att"].isna().all() and result.tables["by_exposure"].empty


def test_no_p_with_few_assignments_and_no_interval_with_few_clusters():
    rng = np.random.default_rng(4)
    # counties join as a whole: 1 of 6
    network = made(rng.normal(size=(36, 4)), [2023 if n % 6 == 0 else None for n in range(36)], 6)
    result = effect(network, treatment="joins")
    assert result.summary["att"] is not None
    assert result.summary["p_value"] is None and result.summary["low"] is None
    assert result.summary["effect_verdict"] == "unchecked"
    assert checks(result)["assignments"] == "no_p"
    assert checks(result)["treated_clusters"] == "no_interval"
    assert "effect_few_clusters" in codes(result)
    alone = effect(network, treatment="joins", cluster="school")
    assert alone.summary["low"] is None  # six treated schools
    assert alone.summary["p_value"] is not None


def test_who_plays_which_part():
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(16, 3))
    scores[15, 1] = np.nan
    joined: list[int | None] = [2022] * 6 + [2020] + [None] * 9
    network = made(
        scores, joined,
        assists={"source": ["s013"], "target": ["s014"], "start": ["2022-01-01"]},
    )  # fmt: skip
    result = effect(network, treatment="joins")
    part = result.tables["panel"].set_index("school")["panel_part"]
    assert (
        part["s013"] == "giver" and part["s015"] == "incomplete" and part["s006"] == "first_period"
    )
    assert (part == "treated").sum() == 6 and (part == "control").sum() == 7
    summary = result.summary
    assert [summary[f"left_{key}"] for key in ("givers", "first_period", "incomplete")] == [1, 1, 1]
    kept = effect(network, treatment="joins", exclude_givers=False)
    assert kept.tables["panel"].set_index("school")["panel_part"]["s013"] == "control"
    covered = effect(network)  # whom others support counts too
    assert covered.tables["panel"].set_index("school").loc["s014", "cohort"] == "2022"


def test_measures_periods_and_malformed_values():
    two = panel(1)
    rows = two.observations.assign(measure="other")
    both = Network.from_frames(
        {
            "school": two.nodes("school").reset_index(),
            "observations": pd.concat([two.observations, rows], ignore_index=True),
        },
        as_of=DAY,
    )
    result = effect(both)
    assert result.summary["effect_verdict"] == "refused" and "effect_measures" in codes(result)
    assert effect(both, measure="other").summary["periods"] == 4
    with pytest.raises(RequestError, match="scoer"):
        effect(two, measure="scoer")
    for options in ({"permutations": 5}, {"anticipation": -1}, {"seed": -1}, {"cluster": "x"}):
        with pytest.raises(OptionError):
            effect(two, **options)
    odd = two.observations.assign(period=lambda x: x["period"].replace("2024", "第一期"))
    tables = {"school": two.nodes("school").reset_index(), "observations": odd}
    assert "period_unread" in codes(effect(Network.from_frames(tables, as_of=DAY), measure="score"))
    assert effect(two, as_of="2022-06-30", measure="score").summary["periods"] == 2


def test_a_published_panel_as_a_network(shared_data: Path):
    frame = pd.read_csv(shared_data / "real" / "mpdta" / "mpdta.csv")
    joined = frame[frame["first.treat"] > 0].drop_duplicates("countyreal")
    tables = {
        "school": pd.DataFrame({"id": frame["countyreal"].unique().astype(str)}),
        "member_of": pd.DataFrame(
            {
                "source": joined["countyreal"].astype(str),
                "target": "x",
                "start": joined["first.treat"].astype(str),
            }
        ),
        "observations": pd.DataFrame(
            {
                "id": frame["countyreal"].astype(str),
                "measure": "lemp",
                "period": frame["year"].astype(str),
                "value": frame["lemp"],
            }
        ),
    }
    result = effect(
        Network.from_frames(tables, as_of="2007-12-31"),
        treatment="joins", scale="raw", cluster="school",
    )  # fmt: skip
    summary = result.summary
    assert (summary["treated"], summary["controls"]) == (191, 309)
    assert round(summary["att"], 4) == -0.04 and round(summary["se"], 3) == 0.012
    assert result.table["att"].round(4).tolist()[:4] == [-0.0105, -0.0704, -0.1373, -0.1008]
