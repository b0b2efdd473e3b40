"""Coverage worked out by hand: rungs, inheritance, cores, scope, roll-ups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

import liantu
from liantu.analyses.coverage import coverage
from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network

DAY = "2022-05-11"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(schools: str | dict[str, Any] = "abcd", **frames: Any) -> Network:
    given = {"id": list(schools)} if isinstance(schools, str) else schools
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames({"school": pd.DataFrame(given), **tables}, as_of=DAY)


def rungs(network: Network, **options: Any) -> dict[str, str]:
    return coverage(network, scope="all", **options).table["rung"].sort_index().to_dict()


def codes(result: Any) -> set[str]:
    return {note.code for note in result.notes}


# -- the ladder -------------------------------------------------------------------------------


def test_star_chain_islands_and_an_empty_county():
    network = made(
        {
            "id": list("abcdefg"),
            "region": ["n"] * 4 + ["s"] * 3,
            "urban_rural": ["111", "220", "210", "121", "220", None, "220"],
            "pupils": [900, 30, None, 300, 40, 60, 50],
        },
        region={
            "id": ["p", "n", "s", "e"],
            "parent": [None, "p", "p", "p"],
            "level": ["prefecture", "county", "county", "county"],
        },
        member_of={"source": list("abc"), "target": "x", "role": ["core", "member", "member"]},
        assists={"source": ["e"], "target": ["f"]},
    )
    result = coverage(network)
    assert result.table.index.name == "school"
    assert result.table.index.tolist() == ["g", "e", "b", "c"]
    assert result.table["covered"].tolist() == [False, False, True, True]
    assert result.summary == {
        "schools": 7,
        "in_scope": 4,
        "covered": 2,
        "uncovered": 2,
        "rate": 0.5,
        "covered_direct": 2,
        "covered_inherited": 0,
        "covered_as_core": 0,
        "pupils_in_scope": 120,
        "pupils_uncovered": 90,
        "rung_none": 2,
        "rung_named": 0,
        "rung_in_force": 2,
        "rung_active": 0,
        "rung_sustained": 0,
        "unknown_urban_rural": 1,
    }
    regions = result.tables["by_region"].set_index("region")
    assert regions["in_scope"].to_dict() == {"e": 0, "n": 2, "p": 4, "s": 2}
    assert regions["covered"].to_dict() == {"e": 0, "n": 2, "p": 2, "s": 0}
    assert regions["uncovered"].to_dict() == {"e": 0, "n": 0, "p": 2, "s": 2}
    assert result.to_dict()["tables"]["by_region"][0] == {
        "region": "e",
        "name": None,
        "level": "county",
        "parent": "p",
        "in_scope": 0,
        "covered": 0,
        "uncovered": 0,
        "rate": None,
    }
    assert "pupils_missing" in codes(result)
    broad = coverage(network, rural="broad")
    assert broad.table.index.tolist() == ["d", "g", "e", "b", "c"]
    assert broad.summary["rate"] == 0.4
    everyone = coverage(network, scope="all")
    assert everyone.summary["in_scope"] == 7
    assert everyone.summary["covered_direct"] == 3
    assert everyone.summary["covered_as_core"] == 1
    assert not everyone.table.loc["e", "covered"], "giving assistance covers nobody"


def test_named_is_recorded_but_neither_in_force_nor_active():
    network = made(
        "abcdefgh",
        assists={
            "source": ["a", "a", "a"],
            "target": ["b", "c", "d"],
            "start": ["2019-09-01", "2023-01-01", "2022-05-11"],
            "end": ["2022-05-10", None, "2022-05-11"],
        },
        supports={"source": "u", "target": ["e", "f"], "target_kind": "school", "form": ["funding", "training"]},
        delivers={
            "source": "a", "source_kind": "school", "target": ["g", "h"], "target_kind": "school",
            "date": [None, "2021-05-11"],
        },
    )  # fmt: skip
    assert rungs(network) == dict(
        zip(
            "abcdefgh",
            ["none", "named", "named", "in_force", "named", "in_force", "named", "named"],
            strict=True,
        )
    )


def test_active_needs_a_date_in_the_window():
    network = made(
        "abcde",
        delivers={
            "source": "a", "source_kind": "school", "target": ["b", "c"], "target_kind": "school",
            "date": ["2021-05-12", "2022-05-12"],
        },
        posted_to={
            "source": "a", "source_kind": "school", "target": ["d", "e"],
            "start": ["2021-01-01", None], "end": ["2021-05-12", None],
        },
    )  # fmt: skip
    assert rungs(network) == {
        "a": "none",
        "b": "active",
        "c": "named",
        "d": "active",
        "e": "in_force",
    }
    assert rungs(network, window="1d")["b"] == "named"


def delivered(days: list[str], sources: str | list[str] = "a") -> Network:
    return made(
        delivers={
            "source": sources,
            "source_kind": "school",
            "target": "b",
            "target_kind": "school",
            "date": days,
        }
    )


def test_sustained_counts_distinct_months_of_all_supporters():
    three = ["2021-09-01", "2021-09-30", "2021-10-05", "2022-05-11"]
    assert rungs(delivered(three))["b"] == "active"
    assert rungs(delivered(three), sustained_months=3)["b"] == "sustained"
    four = delivered([*three, "2022-01-02"], ["a", "c", "a", "d", "c"])
    assert rungs(four)["b"] == "sustained"
    assert rungs(four, sustained_months=5)["b"] == "active"
    assert rungs(delivered(["2021-05-11", *three]), sustained_months=4)["b"] == "active"


def test_a_posting_counts_in_each_month_it_overlaps():
    def posted(start: str | None, end: str | None) -> Network:
        return made(
            posted_to={
                "source": "a", "source_kind": "school", "target": ["b"],
                "start": [start], "end": [end],
            }
        )  # fmt: skip

    assert rungs(posted("2021-11-30", "2022-02-01"))["b"] == "sustained"
    assert rungs(posted("2021-11-30", "2022-01-31"))["b"] == "active"
    # clipped to the window: 2021-05-12 … 2022-05-11 touches thirteen months
    assert rungs(posted("2019-01-01", None), sustained_months=13)["b"] == "sustained"
    assert rungs(posted("2019-01-01", None), sustained_months=14)["b"] == "active"
    assert rungs(posted(None, "2021-06-01"), sustained_months=2)["b"] == "sustained"


@settings(max_examples=examples(10, 100))
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 500), st.integers(0, 120)), max_size=8))
def test_months_are_those_counted_one_by_one(spans: list[tuple[int, int, int]]):
    frame = pd.DataFrame(spans, columns=["target", "start", "length"])
    start = pd.Timestamp("2021-03-01") + pd.to_timedelta(frame["start"], unit="D")
    end = start + pd.to_timedelta(frame["length"], unit="D")
    posted = {
        "source": "z", "source_kind": "school", "target": frame["target"].map(dict(enumerate("abc"))),
        "start": start, "end": end,
    }  # fmt: skip
    network = made("abcz", posted_to=posted)
    days = pd.date_range("2021-05-12", DAY)
    there = (start.to_numpy()[:, None] <= days.to_numpy()) & (
        end.to_numpy()[:, None] >= days.to_numpy()
    )
    months = {
        school: len(
            set(days[there[(posted["target"] == school).to_numpy()].any(axis=0)].to_period("M"))
        )
        for school in "abc"
    }
    for asked in {
        1,
        *(max(count, 1) for count in months.values()),
        *(c + 1 for c in months.values()),
    }:
        found = rungs(network, sustained_months=asked)
        for school, count in months.items():
            assert (found[school] == "sustained") == (count >= asked)


# -- inheritance and cores --------------------------------------------------------------------


@ENGINES
def test_inherited_from_the_highest_then_the_smallest(engine: str):
    network = made(
        "abcdefg",
        assists={"source": "g", "target": ["a", "b"]},
        affiliated_to={"source": ["d", "d", "e", "a"], "target": ["b", "a", "d", "c"]},
        delivers={
            "source": "g", "source_kind": "school", "target": ["c"], "target_kind": "school",
            "date": ["2022-05-01"],
        },
    )  # fmt: skip
    result = coverage(network, scope="all", engine=engine)
    table = result.table.sort_index()
    assert table["rung_direct"].to_dict() == {
        "a": "in_force", "b": "in_force", "c": "active", "d": "none", "e": "none", "f": "none",
        "g": "none",
    }  # fmt: skip
    assert table["rung"].to_dict() == {
        "a": "active", "b": "in_force", "c": "active", "d": "active", "e": "active", "f": "none",
        "g": "none",
    }  # fmt: skip
    heirs = table["inherited_from"].dropna().to_dict()
    assert heirs == {"a": "c", "d": "c", "e": "c"}
    assert result.summary["covered_direct"] == 3
    assert result.summary["covered_inherited"] == 2
    assert "undated_affiliations" in codes(result)


def test_what_hands_nothing_down():
    network = made(
        {"id": list("abcdefgh"), "closed": [None] * 7 + ["2020-01-01"]},
        assists={"source": "g", "target": ["a"]},
        affiliated_to={
            "source": [*list("bcde"), "h", "f"], "target": ["a", "a", "a", "a", "a", "h"],
            "form": ["successor", "campus", "campus", None, None, None],
            "end": [None, "2022-05-10", None, None, None, None],
            "certainty": ["stated", "stated", "ambiguous", "stated", "stated", "stated"],
        },
    )  # fmt: skip
    result = coverage(network, scope="all")
    assert result.table.loc[result.table["covered"]].index.tolist() == ["a", "e"]
    assert "ambiguous_affiliations" in codes(result)
    assert "h" not in result.table.index


def test_a_core_with_another_member_is_covered_and_so_are_its_children():
    network = made(
        "abcdef",
        alliance={"id": ["x", "y", "z"], "end": [None, None, "2022-05-10"]},
        member_of={
            "source": ["c", "a", "b", "d", "e"], "target": ["x", "x", "y", "z", "z"],
            "role": ["core", "member", "core", "core", "member"],
        },
        affiliated_to={"source": ["f"], "target": ["c"]},
    )  # fmt: skip
    result = coverage(network, scope="all")
    table = result.table.sort_index()
    assert table.index[table["as_core"]].tolist() == ["c"]
    assert table.index[table["covered"]].tolist() == ["a", "c", "f"]
    assert table["inherited_from"].dropna().to_dict() == {"f": "c"}
    assert table.loc["f", "rung"] == "none"
    counts = [result.summary[f"covered_{how}"] for how in ("direct", "inherited", "as_core")]
    assert counts == [1, 1, 1]
    assert table.loc["e", "rung"] == "named"
    only = coverage(network, scope="all", basis=("assists",))
    assert only.summary["covered"] == 0
    assert not only.table["as_core"].any()


def test_direct_inherited_and_as_core_exclude_each_other():
    network = made(
        "abcde",
        member_of={
            "source": ["a", "b", "c", "d"], "target": ["x", "x", "y", "y"],
            "role": ["core", "member", "core", "member"],
        },
        affiliated_to={"source": ["c", "d"], "target": ["a", "b"]},
    )  # fmt: skip
    result = coverage(network, scope="all")
    table = result.table.sort_index()
    assert table["as_core"].tolist() == [True, False, True, False, False]
    # c leads a group and its parent leads another; d stands as high as its parent by itself
    assert table["inherited_from"].dropna().to_dict() == {"c": "a"}
    counts = [result.summary[f"covered_{how}"] for how in ("direct", "inherited", "as_core")]
    assert counts == [2, 1, 1]
    assert result.summary["covered"] == 4


def test_a_core_whose_members_closed_is_no_working_core():
    network = made(
        {"id": ["a", "b"], "closed": [None, "2022-05-11"]},
        member_of={"source": ["a", "b"], "target": "x", "role": ["core", "member"]},
    )
    result = coverage(network, scope="all")
    assert result.table["covered"].to_dict() == {"a": False}


@ENGINES
def test_nearest_core_and_hops(engine: str):
    network = made(
        {"id": list("abcdefg"), "quality": [None] * 6 + ["core"]},
        member_of={"source": ["b", "c"], "target": "x", "role": ["core", "member"]},
        assists={"source": ["c", "d", "g"], "target": ["d", "e", "d"]},
        affiliated_to={"source": ["f"], "target": ["d"]},
    )
    table = coverage(network, scope="all", engine=engine).table.sort_index()
    assert table["hops"].dropna().to_dict() == {"b": 0, "c": 1, "d": 1, "e": 2, "f": 1, "g": 0}
    near = table["nearest_core"].dropna().to_dict()
    assert near == {"b": "b", "c": "b", "d": "g", "e": "g", "f": "g", "g": "g"}
    within = coverage(network, scope="all", hops=1, engine=engine)
    assert within.table.index[within.table["covered"]].tolist() == ["b", "c", "d", "f"]
    assert within.summary["covered_direct"] == 2
    assert within.summary["covered_inherited"] == 1
    assert within.summary["covered_as_core"] == 1


def test_without_cores_every_supporter_is_one():
    result = coverage(made(assists={"source": ["a"], "target": ["b"]}), scope="all")
    assert result.table["nearest_core"].dropna().to_dict() == {"b": "a", "a": "a"}
    assert "no_cores" in codes(result)


# -- columns ----------------------------------------------------------------------------------


def test_supporters_and_dates_are_those_of_the_tie_set():
    network = made(
        {"id": list("abcd"), "name": ["甲", None, "丙", "丁"]},
        partner={"id": ["u"], "name": ["大学"]},
        assists={
            "source": ["a", "b", "a", "c"], "target": ["d", "d", "d", "d"],
            "start": ["2021-09-01", "2020-01-01", "2019-01-01", "2000-01-01"],
            "end": ["2024-08-31", "2023-08-31", "2030-01-01", "2001-01-01"],
        },
        supports={"source": "u", "target": ["c"], "target_kind": "school", "start": ["2022-01-01"]},
    )  # fmt: skip
    table = coverage(network, scope="all").table
    row = table.loc["d"]
    assert (row["supporters"], row["supporter_names"]) == (2, "甲、b")
    assert row["since"] == pd.Timestamp("2019-01-01")
    assert row["expires"] == pd.Timestamp("2030-01-01")
    assert table.loc["c", "supporter_names"] == "大学"
    assert pd.isna(table.loc["c", "expires"]), "an open end never expires"
    assert table.loc["a", "supporters"] == 0
    assert pd.isna(table.loc["a", "supporter_names"])
    assert table.columns.tolist() == [
        "name", "region", "stage", "urban_rural", "pupils", "covered", "rung", "rung_direct",
        "as_core", "inherited_from", "supporters", "supporter_names", "nearest_core", "hops",
        "since", "expires", "nearest_core_km",
    ]  # fmt: skip
    assert table["nearest_core_km"].isna().all(), "nobody says where schools are"


def test_the_nearest_core_by_straight_line_is_that_of_distance():
    """b and c lie 0.1 and 0.3 degrees from A, the only core of their stage; n has no place."""
    schools = {
        "id": ["A", "J", "b", "c", "n"],
        "stage": ["primary", "junior", "primary", "primary", "primary"],
        "quality": ["core", "core", None, None, None],
        "lon": [100, 100, 100, 100, None],
        "lat": [30, 30.1, 30.1, 30.3, None],
    }
    network = made(schools)
    found = coverage(network, scope="all").table["nearest_core_km"]
    degree = 2 * np.pi * 6371.0088 / 360
    assert found.dropna().to_dict() == pytest.approx({"b": 0.1 * degree, "c": 0.3 * degree})
    twin = liantu.distance(network, scope="all").table["km_straight"]
    pd.testing.assert_series_equal(found.sort_index(), twin.sort_index(), check_names=False)
    bare = made({**schools, "quality": None}, assists={"source": ["c"], "target": ["b"]})
    found = coverage(bare, scope="all").table["nearest_core_km"]  # no core: who supports
    assert found.dropna().to_dict() == pytest.approx({"A": 0.3 * degree, "b": 0.2 * degree})


def test_tables_by_stage_and_rung():
    network = made(
        {
            "id": list("abcd"),
            "stage": ["junior", "primary", None, "primary"],
            "pupils": [1, 2, 4, None],
        },
        assists={"source": ["a"], "target": ["b"]},
    )
    tables = coverage(network, scope="all").to_dict()["tables"]
    assert tables["by_stage"] == [
        {"stage": "primary", "in_scope": 2, "covered": 1, "uncovered": 1, "rate": 0.5},
        {"stage": "junior", "in_scope": 1, "covered": 0, "uncovered": 1, "rate": 0.0},
        {"stage": None, "in_scope": 1, "covered": 0, "uncovered": 1, "rate": 0.0},
    ]
    assert tables["by_rung"] == [
        {"rung": "none", "schools": 3, "pupils": 5},
        {"rung": "named", "schools": 0, "pupils": 0},
        {"rung": "in_force", "schools": 1, "pupils": 2},
        {"rung": "active", "schools": 0, "pupils": 0},
        {"rung": "sustained", "schools": 0, "pupils": 0},
    ]
    assert coverage(network, scope="all", stage=("小学",)).summary["in_scope"] == 2
    assert coverage(network, scope="all", stage=("junior",)).summary["schools"] == 1


# -- scope ------------------------------------------------------------------------------------


def test_a_region_limits_the_schools_but_not_the_supporters():
    network = made(
        {"id": list("abc"), "region": ["n", "s", "s"]},
        region={"id": ["n", "s"]},
        assists={"source": ["a"], "target": ["b"]},
    ).focus("s")
    result = coverage(network, scope="all")
    assert result.table["covered"].to_dict() == {"c": False, "b": True}
    assert result.summary["schools"] == 2
    assert result.tables["by_region"]["region"].tolist() == ["s"]


def test_a_large_alliance_without_core_puts_its_members_in_force():
    ids = [f"s{number:04}" for number in range(1001)]
    result = coverage(made({"id": ids}, member_of={"source": ids, "target": "x"}), scope="all")
    assert result.summary["rung_in_force"] == 1001
    assert result.summary["covered_direct"] == 1001


def test_rural_scope_needs_a_class():
    with pytest.raises(RequestError) as caught:
        coverage(made())
    assert caught.value.problems[0].code == "no_urban_rural"
    assert not isinstance(caught.value, OptionError)
    closed = made({"id": ["a", "b"], "urban_rural": ["220", None], "closed": ["2020-01-01", None]})
    with pytest.raises(RequestError):
        coverage(closed)
    assert coverage(Network.from_frames({}, as_of=DAY)).summary["rate"] is None


@pytest.mark.parametrize(
    "options",
    [
        {"scope": "town"},
        {"rural": "very"},
        {"stage": ("prmary",)},
        {"window": "twelve"},
        {"sustained_months": 0},
        {"hops": -1},
        {"basis": ("member",)},
        {"engine": "slow"},
    ],
)
def test_malformed_options(options: dict[str, Any]):
    with pytest.raises(OptionError):
        coverage(made(), **{"scope": "all", **options})
