"""Timelines worked out by hand: years, phases, dates, joins and exits, closings, regions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import liantu
from liantu.analyses.timeline import timeline
from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network

PHASES = (
    {"name": "托管", "start": "2018-01-01", "end": "2018-12-31"},
    {"name": "起步", "start": "2019-01-01", "end": "2020-12-31"},
    {"name": "全域", "start": "2021-01-01"},
    {"name": "展望", "start": "2030-01-01"},
)


def made(phases: Any = (), **changed: Any) -> Network:
    """Five schools; group x from 2019 (core a), y from 2020-09 to 2021-06 (no core)."""
    frames: dict[str, dict[str, Any]] = {
        "school": {
            "id": list("abcde"),
            "region": list("nnsss"),
            "urban_rural": ["111", "220", "220", "111", "220"],
            "opened": [None, None, None, None, "2021-03-01"],
        },
        "region": {"id": ["n", "s"]},
        "alliance": {"id": ["x", "y"], "start": ["2019-01-01", None], "end": [None, "2021-06-30"]},
        "member_of": {
            "source": ["a", "b", "a", "c", "d", "e"],
            "target": ["x", "x", "y", "y", "x", "x"],
            "role": ["core", "member", "member", "member", "member", "member"],
            "start": [None, "2019-05-01", "2020-09-01", "2020-09-01", "2021-09-01", None],
            "end": [None, "2020-03-31", None, None, None, None],
            "certainty": ["stated", "stated", "stated", "stated", "stated", "ambiguous"],
        },
    }
    tables = {name: pd.DataFrame(columns) for name, columns in {**frames, **changed}.items()}
    return Network.from_frames(tables, as_of="2021-10-15", phases=phases)


def test_years():
    table = timeline(made()).table
    assert table.index.tolist() == ["2019", "2020", "2021"]
    assert table["date"].astype("str").tolist() == ["2019-12-31", "2020-12-31", "2021-10-15"]
    assert table["groups"].tolist() == [1, 2, 1]
    assert table["core_schools"].tolist() == [1, 1, 1]
    assert table["member_schools"].tolist() == [1, 1, 1]
    assert table["schools"].tolist() == [2, 2, 2]
    assert table["in_scope"].tolist() == [4, 4, 5], "e opened in 2021"
    assert table["rate"].tolist() == [0.5, 0.5, 0.4]
    assert table["joined"].fillna(-1).tolist() == [-1, 1, 1]
    assert table["left"].fillna(-1).tolist() == [-1, 1, 1]


def test_summary_is_the_last_row_and_all_moves():
    assert timeline(made()).summary == {
        "groups": 1,
        "core_schools": 1,
        "member_schools": 1,
        "schools": 2,
        "covered": 2,
        "in_scope": 5,
        "rate": 0.4,
        "joined": 2,
        "left": 2,
    }


def test_phases_are_judged_on_their_last_day():
    result = timeline(made(PHASES), by="phase")
    table = result.table
    assert table.index.tolist() == ["托管", "起步", "全域"]
    assert table["date"].astype("str").tolist() == ["2018-12-31", "2020-12-31", "2021-10-15"]
    assert table["groups"].tolist() == [0, 2, 1]
    assert table["covered"].tolist() == [0, 2, 2]
    assert [note.text() for note in result.notes][-1].startswith("phases that begin after")
    # a phase that is not over yet is judged on the as-of date
    early = timeline(made(PHASES), by="phase", as_of="2020-01-31").table
    assert early["date"].astype("str").tolist() == ["2018-12-31", "2020-01-31"]
    assert early["schools"].tolist() == [0, 2]


def test_phases_need_phases():
    with pytest.raises(RequestError, match=r"network\.toml") as caught:
        timeline(made(), by="phase")
    assert not isinstance(caught.value, OptionError)


def test_dates_are_sorted_and_a_month_means_its_last_day():
    table = timeline(made(), by="2021-05,2020-01,2021-05-31").table
    assert table.index.tolist() == ["2020-01-31", "2021-05-31"]
    assert table["schools"].tolist() == [2, 2]
    assert table["core_schools"].tolist() == [1, 1]
    assert table["joined"].fillna(-1).tolist() == [-1, 1]


def test_scope_changes_the_rate_only():
    table = timeline(made(), scope="rural").table
    assert table["schools"].tolist() == [2, 2, 2]
    assert table["covered"].tolist() == [1, 1, 0]
    assert table["in_scope"].tolist() == [2, 2, 3]
    with pytest.raises(RequestError, match="urban"):
        timeline(made(school={"id": list("abcde")}, region={}), scope="rural")


def test_a_region_limits_the_schools_counted():
    table = timeline(made().focus("s")).table
    assert table.index.tolist() == ["2020", "2021"]
    assert table["groups"].tolist() == [1, 1]
    assert table["core_schools"].tolist() == [0, 0]
    assert table["schools"].tolist() == [1, 1]
    assert table["in_scope"].tolist() == [2, 3]


def test_coverage_is_that_of_the_analysis():
    """A member is covered by its core; the core by leading; a helped school without any group."""
    network = made(assists={"source": ["a"], "target": ["e"], "start": ["2018-01-01"]})
    table = timeline(network, measure="coverage").table
    assert table.index.tolist() == ["2018", "2019", "2020", "2021"]
    # 2018: e not yet open; 2019: a (leads), b; 2020: c through y both ways; 2021: a, d, e
    assert table["covered"].tolist() == [0, 2, 2, 3]
    assert table["in_scope"].tolist() == [4, 4, 4, 5]
    assert timeline(network).table["covered"].tolist() == [2, 2, 2]


def test_without_dates_only_the_as_of_date_is_judged():
    network = Network.from_frames(
        {"member_of": pd.DataFrame({"source": ["a", "b"], "target": "g"})}, as_of="2021-10-15"
    )
    table = timeline(network).table
    assert table.index.tolist() == ["2021"]
    assert table["covered"].tolist() == [2]


@pytest.mark.parametrize("by", ["decade", "", "2021-13"])
def test_malformed_by(by: str):
    with pytest.raises(OptionError, match="--by"):
        timeline(made(), by=by)


def test_the_four_phases_of_jinan_shizhong():
    table = timeline(liantu.read("case:jinan-shizhong"), by="phase").table
    assert table["groups"].tolist()[:3] == [0, 10, 20]
    assert table["covered"].tolist() == [0, 27, 55, 67]
    assert table["in_scope"].tolist() == [67] * 4
    assert table["rate"].round(2).tolist() == [0, 0.40, 0.82, 1]
