"""Resilience worked out by hand: stars, chains, diamonds, trees, groups, sets of leavers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import liantu
from liantu.analyses.resilience import resilience
from liantu.errors import OptionError
from liantu.graph.network import Network
from liantu.results import Result

DAY = "2024-06-30"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(schools: Any, **frames: Any) -> Network:
    given = {"id": list(schools)} if isinstance(schools, str | list) else schools
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames({"school": pd.DataFrame(given), **tables}, as_of=DAY)


def asked(network: Network, **options: Any) -> Result:
    return resilience(network, **{"scope": "all", **options})


def lost(result: Result) -> dict[str, int]:
    return result.table["lost"].to_dict()


# -- known answers ---------------------------------------------------------------------------


@ENGINES
def test_star(engine: str):
    result = asked(made("Cabcd", assists={"source": "C", "target": list("abcd")}), engine=engine)
    assert result.to_dict()["table"] == [
        {
            "supporter": "C", "kind": "school", "name": None, "lost": 4,
            "lost_direct": 4, "lost_inherited": 0, "lost_as_core": 0, "pupils_lost": None,
            "supported": 4, "shared": 0, "within_hops": 4, "cut_vertex": True,
            "covered_after": 0, "in_scope_after": 5, "rate_after": 0.0,
        }
    ]  # fmt: skip
    assert result.summary == {
        "in_scope": 5, "covered": 4, "covered_twice": 0, "rate_twice": 0.0, "survives_any": 0,
        "single_points": 4, "critical": 1, "worst": "C", "worst_lost": 4, "rescue_pairs": 4,
    }  # fmt: skip


CHAIN = {
    "schools": {"id": ["C1", "C2", "v"], "quality": ["core", "core", None]},
    "assists": {"source": ["C1", "C2"], "target": ["C2", "v"]},
}


@ENGINES
@pytest.mark.parametrize("leaves", ["withdraws", "closes"])
def test_of_two_cores_in_a_row_only_the_last_is_missed(engine: str, leaves: str):
    result = asked(made(**CHAIN), hops=2, engine=engine, leaves=leaves)
    assert lost(result) == {"C1": 1, "C2": 1}
    points = result.tables["single_points"]
    assert points[["school", "supporter"]].to_numpy().tolist() == [["C2", "C1"], ["v", "C2"]]
    assert result.table["within_hops"].to_dict() == {"C1": 2, "C2": 1}


@ENGINES
def test_diamond(engine: str):
    network = made(
        {"id": list("Cabv"), "quality": ["core", None, None, None]},
        assists={"source": list("CCab"), "target": list("abvv")},
    )
    result = asked(network, hops=2, engine=engine)
    assert lost(result) == {"C": 3}
    assert result.tables["single_points"]["school"].tolist() == ["a", "b", "v"]
    assert asked(network, engine=engine).summary["covered_twice"] == 1  # v, by a and b


def village() -> Network:
    return made(
        {"id": list("CPxyz"), "pupils": [900, 300, 20, None, 10]},
        assists={"source": ["C"], "target": ["P"]},
        affiliated_to={"source": list("xyz"), "target": "P"},
    )


@ENGINES
def test_village_schools_fall_with_their_parent_and_count_apart(engine: str):
    result = asked(village(), engine=engine)
    row = result.table.loc["C"]
    assert row[["lost", "lost_direct", "lost_inherited", "supported"]].tolist() == [4, 1, 3, 1]
    assert row["pupils_lost"] == 330
    assert result.summary["rescue_pairs"] == 1
    rescue = result.tables["rescue_pairs"]
    columns = ["school", "single_points", "rescued", "hang_on"]
    assert rescue[columns].to_numpy().tolist() == [["P", 4, 4, "C"]]
    assert {note.code for note in result.notes} >= {"pupils_missing"}


@ENGINES
def test_taking_the_worst_in_turn_can_miss_the_worst_two(engine: str):
    targets = [f"v{number}" for number in range(1, 11)]
    network = made(
        ["A", "B", "C", "w", *targets],
        assists={"source": ["A"] * 10 + ["B"] * 10 + ["C"], "target": [*targets, *targets, "w"]},
    )
    result = asked(network, worst=2, engine=engine)
    sets = result.tables["worst_sets"]
    columns = ["size", "leaving", "lost", "in_turn", "in_turn_lost", "in_turn_short"]
    assert sets[columns].to_numpy().tolist() == [
        [1, "C", 1, "C", 1, 0],
        [2, "A、B", 10, "C", 1, 9],
    ]
    assert (result.summary["worst"], result.summary["worst_lost"]) == ("A、B", 10)
    three = asked(network, engine=engine).tables["worst_sets"]
    assert three[columns].to_numpy().tolist()[2] == [3, "A、B、C", 11, "C", 1, 10]


# -- edges -----------------------------------------------------------------------------------


def test_nobody_covered():
    for network in (made("ab"), made([])):
        result = asked(network)
        assert result.table.empty
        assert all(frame.empty for frame in result.tables.values())
        figures = dict(result.summary)
        assert figures.pop("in_scope") == network.size("school")
        assert (figures.pop("rate_twice"), figures.pop("worst")) == (None, None)
        assert set(figures.values()) == {0}


def test_in_an_alliance_of_two_without_a_core_each_is_the_others_only_support():
    network = made("ab", alliance={"id": ["g"]}, member_of={"source": list("ab"), "target": "g"})
    result = asked(network)
    assert lost(result) == {"a": 1, "b": 1}
    assert result.summary["covered_twice"] == 0
    # who leaves is not counted: when both are gone, nobody is left to lose
    assert result.tables["worst_sets"]["lost"].tolist() == [1]
    assert lost(asked(network, unit="alliance")) == {"g": 2}


def test_named_ties_are_no_backup():
    network = made(
        "abv",
        assists={"source": list("ab"), "target": "v", "end": [None, "2024-01-01"]},
        partner={"id": ["p"]},
        supports={"source": ["p"], "target": ["v"], "target_kind": "school", "form": "donation"},
    )
    result = asked(network)
    assert lost(result) == {"a": 1, "p": 0}
    assert result.table.loc["p", "supported"] == 1
    assert result.table["shared"].to_dict() == {"a": 0, "p": 0}


def test_a_core_falls_with_its_last_other_member():
    network = made(
        "cmx",
        alliance={"id": ["g"]},
        member_of={"source": list("cm"), "target": "g", "role": ["core", "member"]},
        assists={"source": ["m"], "target": ["x"]},
    )
    table = asked(network).table
    assert lost(asked(network)) == {"m": 2, "c": 1}
    assert table.loc["m", ["lost_direct", "lost_as_core"]].tolist() == [1, 1]
    assert lost(asked(network, basis=("assists",))) == {"m": 1}


def test_inheritance_ends_with_a_parent_that_closes():
    network = made(
        "apwx",
        assists={"source": list("ap"), "target": list("px")},
        affiliated_to={"source": ["w"], "target": ["p"]},
    )
    assert lost(asked(network)) == {"a": 2, "p": 1}
    assert lost(asked(network, leaves="closes")) == {"a": 2, "p": 2}


def test_a_school_that_closes_is_out_of_the_rate_that_is_left():
    network = made("abcd", assists={"source": list("aab"), "target": list("bcd")})
    columns = ["covered_after", "in_scope_after", "rate_after"]
    stays = asked(network).table[columns].to_dict("index")
    # a loses b and c of three covered in four; b loses d, and is covered itself
    assert stays["a"] == {"covered_after": 1, "in_scope_after": 4, "rate_after": 0.25}
    assert stays["b"] == {"covered_after": 2, "in_scope_after": 4, "rate_after": 0.5}
    closes = asked(network, leaves="closes").table[columns].to_dict("index")
    assert closes["a"] == {"covered_after": 1, "in_scope_after": 3, "rate_after": 1 / 3}
    assert closes["b"] == {"covered_after": 1, "in_scope_after": 3, "rate_after": 1 / 3}


def test_it_is_said_where_a_centre_could_do_without_its_host():
    network = made(
        "hmx",
        center={"id": ["z"]},
        joins={"source": list("hm"), "source_kind": "school", "target": "z",
               "role": ["host", "member"]},
        assists={"source": ["h"], "target": ["x"]},
    )  # fmt: skip
    result = asked(network)
    assert lost(result) == {"h": 2}
    said = [note for note in result.notes if note.code == "hosts_leave"]
    assert [note.params["count"] for note in said] == [1]  # m; x hangs on the school itself
    left = liantu.coverage(network.without("school", ["h"]), scope="all")
    assert left.table.loc["m", "covered"]
    assert not left.table.loc["x", "covered"]


def test_it_is_said_where_another_school_employs_who_is_posted():
    network = made(
        "hexy",
        teacher={"id": list("tu")},
        works_at={"source": list("tu"), "target": list("eh")},
        posted_to={"source": list("tu"), "source_kind": "teacher", "target": list("xy"),
                   "home": "h", "start": "2024-02-01"},
    )  # fmt: skip
    result = asked(network)
    assert lost(result) == {"h": 2}
    said = [note for note in result.notes if note.code == "homes_leave"]
    assert [note.params["count"] for note in said] == [1]  # x by t of e; nobody else employs u
    left = liantu.coverage(network.without("school", ["h"]), scope="all")
    assert left.table.loc["x", "covered"]
    assert not left.table.loc["y", "covered"]


def test_scope_stage_and_region_limit_who_is_counted():
    network = made(
        {
            "id": list("abcd"),
            "region": list("nnss"),
            "stage": ["primary", "primary", "junior", "primary"],
            "urban_rural": ["111", "220", "220", "121"],
        },
        region={"id": list("ns")},
        assists={"source": "a", "target": list("bcd")},
    )
    assert lost(asked(network)) == {"a": 3}
    assert lost(resilience(network)) == {"a": 2}
    assert lost(resilience(network, rural="broad", stage=("小学",))) == {"a": 2}
    assert lost(asked(network.focus("s"))) == {"a": 2}
    assert asked(network.focus("s")).tables["single_points"]["school"].tolist() == ["c", "d"]


def test_partners_and_centres_leave_too():
    network = made(
        "ab",
        partner={"id": ["u"], "name": ["大学"]},
        supports={"source": ["u"], "target": ["b"], "target_kind": "school", "form": "training"},
    )
    result = asked(network)
    assert result.table.reset_index()[["supporter", "kind", "lost"]].to_numpy().tolist() == [
        ["u", "partner", 1]
    ]
    assert result.tables["single_points"]["supporter_name"].tolist() == ["大学"]


def test_without_a_core_hops_begin_at_every_supporter():
    network = made("abc", assists={"source": list("ab"), "target": list("bc")})
    result = asked(network, hops=2)
    assert lost(result) == {"a": 1, "b": 1}
    assert "no_cores" in {note.code for note in result.notes}


def test_a_school_that_two_walks_lead_to_survives_any():
    network = made(
        {"id": list("CDabvw"), "quality": ["core", "core", None, None, None, None]},
        assists={"source": list("CDabv"), "target": list("abvvw")},
    )
    # a hangs on C, b on D, w on v
    assert asked(network).summary["survives_any"] == 1
    assert asked(network, hops=3).summary["survives_any"] == 1


@pytest.mark.parametrize(
    "options",
    [
        {"hops": 0},
        {"worst": 0},
        {"worst": 11},
        {"unit": "region"},
        {"leaves": "moves"},
        {"stage": ("nowhere",)},
        {"hops": 2, "unit": "alliance"},
    ],
)
def test_malformed_options(options: dict[str, Any]):
    with pytest.raises(OptionError):
        asked(village(), **options)
