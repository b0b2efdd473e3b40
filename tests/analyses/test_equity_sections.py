"""Equity worked out by hand: schools of several sections, and teachers where they are posted."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from analyses.counties import (
    BACKBONE,
    SPORTS,
    codes,
    figures,
    five,
    made,
    row,
)

from liantu.analyses.equity import equity
from liantu.errors import OptionError
from liantu.graph.network import Network

# -- nine-year schools -------------------------------------------------------------------------


def nine(*observed: pd.DataFrame) -> Network:
    sections = [figures("n", [166], "小学在校生数"), figures("n", [210], "pupils@junior")]
    return made({"id": ["n"], "stage": "nine_year", "pupils": [376]}, *sections, *observed)


def test_the_books_of_a_nine_year_school_are_split():
    """166 and 210 pupils, 23,226 books: 58.5 a primary pupil, 9,711 and 13,515 books."""
    network = nine(figures("n", [23_226 / 376], SPORTS))
    result = equity(network)
    primary, junior = (row(result, SPORTS, stage=stage) for stage in ("primary", "junior"))
    assert primary["mean"] == pytest.approx(58.5, abs=0.01)
    assert primary["mean"] * 166 == pytest.approx(9_711, abs=1)
    assert junior["mean"] * 210 == pytest.approx(13_515, abs=1)
    assert junior["mean"] / primary["mean"] == pytest.approx(1.1)
    assert "equity_split_weighted" in codes(result)
    even = equity(network, split="even")
    assert row(even, SPORTS, stage="junior")["mean"] == pytest.approx(23_226 / 376)
    assert "equity_split_even" in codes(even)


def test_teachers_of_a_nine_year_school_must_be_stated_by_section():
    whole = nine(figures("n", [2.0]))
    result = equity(whole)
    assert row(result, stage="junior")["schools_known"] == 0
    lost = row(result, stage="junior")[["mean", "below", "pupils_below", "shortfall"]]
    assert lost.isna().all()  # unknown, not 0
    assert "equity_split_unstated" in codes(result)
    assert row(equity(whole, split="even"), stage="junior")["mean"] == 2
    stated = nine(
        figures("n", [1.5], f"{BACKBONE}@primary"), figures("n", [2.5], f"初中·{BACKBONE}")
    )
    result = equity(stated)
    assert row(result, stage="primary")["mean"] == 1.5
    assert row(result, stage="junior")["mean"] == 2.5


def test_one_section_is_the_rest_of_the_school():
    network = made(
        {"id": ["n"], "stage": "nine_year", "pupils": [376]},
        figures("n", [166], "小学在校生数"),
        figures("n", [1.0], SPORTS),
    )
    assert row(equity(network), SPORTS, stage="junior")["pupils"] == 210


def test_twelve_years_and_complete_secondary_schools():
    network = made(
        {"id": ["c", "t"], "stage": ["complete_secondary", "twelve_year"], "pupils": [300, 300]},
        figures("t", [100], "pupils@primary"),
        figures("ct", [100, 100], "pupils@junior"),
        figures("ct", [11.0, 11.4], SPORTS),
    )
    result = equity(network).tables["by_school"].set_index(["school", "stage"])[SPORTS]
    assert result["c", "junior"] == pytest.approx(3300 / (100 + 1.2 * 200))
    assert result["t", "primary"] == pytest.approx(3420 / (100 + 110 + 132))
    assert result["t", "junior"] == pytest.approx(1.1 * 10)
    assert len(result) == 3


def test_a_section_without_pupils_is_not_there():
    network = made(
        {"id": ["n"], "stage": "nine_year", "pupils": [50]},
        figures("n", [50], "小学在校生数"),
        figures("n", [9.0], SPORTS),
    )
    result = equity(network)
    assert set(result.table["stage"]) == {"primary"}
    assert row(result, SPORTS)["mean"] == pytest.approx(9)


def test_pupils_by_section_unknown():
    schools = {"id": ["n", "p"], "stage": ["nine_year", "primary"], "pupils": [100, 300]}
    network = made(schools, figures("np", [9.0, 9.0], SPORTS))
    found = row(equity(network), SPORTS, stage="primary")
    assert (found["balance"], found["known_share"]) == ("not_judged", 0.75)
    left = equity(network).tables["schools_left_out"]
    assert left["why_left_out"].tolist() == ["sections_unknown"]


# -- as staffed --------------------------------------------------------------------------------


def posted(**columns: Any) -> Network:
    """b posts a teacher to a."""
    return made(
        {"id": ["a", "b"], "stage": "primary", "pupils": 100},
        figures("ab", [1.0, 3.0]),
        teacher={"id": ["t"], "backbone": [True]} | columns.pop("teacher", {}),
        posted_to={"source": ["t"], "source_kind": "teacher", "home": "b", "target": "a"} | columns,
    )


def as_staffed(network: Network) -> float:
    return float(row(equity(network), table="sharing")["cv_as_staffed"])


def test_a_posted_teacher_counts_at_the_host():
    assert as_staffed(posted()) == 0  # 2 and 2
    assert row(equity(posted()), table="sharing")["cv"] == 0.5


def test_who_is_no_backbone_teacher_moves_nothing():
    assert as_staffed(posted(teacher={"backbone": [False]})) == 0.5


def test_unknown_is_not_known():
    assert math.isnan(as_staffed(posted(teacher={"backbone": [None]})))
    people = {"source": ["b"], "source_kind": "school", "count": [2]}
    assert math.isnan(as_staffed(posted(**people)))
    assert "equity_unsure_postings" in codes(equity(posted(teacher={"backbone": [None]})))


def test_shadowing_and_what_has_ended_move_nobody():
    assert as_staffed(posted(form="shadowing")) == 0.5
    assert as_staffed(posted(end="2020-01-01")) == 0.5


def test_a_malformed_share_is_refused():
    with pytest.raises(OptionError):
        equity(five(), min_share=1.5)
