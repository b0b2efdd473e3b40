"""Reach worked out by hand: steps, decay, children, sole supporters, regions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from liantu.analyses.reach import reach
from liantu.errors import OptionError
from liantu.graph.network import Network

DAY = "2022-05-11"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(schools: dict[str, Any], **frames: Any) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames({"school": pd.DataFrame(schools), **tables}, as_of=DAY)


def county() -> Network:
    """a → b → c → d, a → c; e → f apart; g lies below c, h below g; i is alone."""
    return made(
        {
            "id": list("abcdefghi"),
            "region": list("nnnnsssss"),
            "urban_rural": ["111", "220", "220", "121", "111", "210", "220", "220", "220"],
            "pupils": [1000, 50, None, 40, 500, 30, 20, 10, 5],
        },
        region={"id": ["n", "s"]},
        assists={"source": list("abcae"), "target": list("bcdcf")},
        affiliated_to={"source": ["g", "h"], "target": ["c", "g"]},
    )


@ENGINES
def test_chain_with_a_short_cut_and_an_island(engine: str):
    result = reach(county(), engine=engine)
    table = result.table
    assert table.index.name == "supporter"
    assert table.index.tolist() == ["a", "b", "c", "e"]
    assert table["direct"].tolist() == [2, 1, 1, 1]
    assert table["within_hops"].tolist() == [3, 2, 1, 1]
    assert table["inherited_within_hops"].tolist() == [2, 2, 0, 0]
    assert table["rural_within_hops"].tolist() == [2, 1, 0, 1]
    assert table["pupils_within_hops"].tolist() == [90, 40, 40, 30]
    assert table["decayed"].tolist() == [2.5, 1.5, 1.0, 1.0]
    assert table["sole"].tolist() == [1, 0, 1, 1]
    assert table["kind"].unique().tolist() == ["school"]
    assert result.summary == {
        "supporters": 4,
        "schools_reached": 4,
        "rural_reached": 3,
        "rural_schools": 6,
        "max_direct": 2,
        "mean_direct": 1.25,
    }
    assert "pupils_missing" in {note.code for note in result.notes}


@ENGINES
def test_hops_decay_and_rural(engine: str):
    one = reach(county(), hops=1, engine=engine).table
    assert one["within_hops"].to_dict() == {"a": 2, "b": 1, "c": 1, "e": 1}
    assert one["decayed"].tolist() == [2.0, 1.0, 1.0, 1.0]
    far = reach(county(), hops=9, decay=0.1, engine=engine).table
    assert far.loc["a", "within_hops"] == 3
    assert far.loc["a", "decayed"] == pytest.approx(2.1)
    assert far.loc["b", "decayed"] == pytest.approx(1.1)
    broad = reach(county(), rural="broad", engine=engine)
    assert broad.table["rural_within_hops"].tolist() == [3, 2, 1, 1]
    assert broad.summary["rural_schools"] == 7


def test_a_supporter_does_not_reach_itself():
    network = made({"id": ["a", "b"]}, assists={"source": ["a", "b"], "target": ["b", "a"]})
    assert reach(network, hops=5).table["within_hops"].to_dict() == {"a": 1, "b": 1}


def test_partners_and_centres_are_supporters_by_kind():
    network = made(
        {"id": ["a", "b"]},
        center={"id": ["a"], "name": ["教研室"]},
        joins={"source": ["a"], "source_kind": "school", "target": ["a"], "role": ["member"]},
        supports={"source": ["u"], "target": ["b"], "target_kind": "school"},
        assists={"source": ["a"], "target": ["b"]},
    )
    table = reach(network).table.reset_index()
    assert table[["supporter", "kind", "within_hops", "sole"]].to_numpy().tolist() == [
        ["a", "center", 2, 1],
        ["a", "school", 1, 0],
        ["u", "partner", 1, 0],
    ]


def test_a_region_limits_what_is_counted():
    result = reach(county().focus("s"))
    assert result.table.index.tolist() == ["e", "a", "b"]
    assert result.table["within_hops"].tolist() == [1, 0, 0]
    assert result.table["inherited_within_hops"].tolist() == [0, 2, 2]
    assert result.summary["rural_schools"] == 4
    assert result.summary["schools_reached"] == 1


def test_ties_out_of_force_and_closed_schools_carry_nothing():
    network = made(
        {"id": list("abc"), "closed": [None, None, "2022-01-01"]},
        assists={
            "source": ["a", "b", "a"],
            "target": ["b", "a", "c"],
            "end": ["2022-05-11", "2022-05-10", None],
        },
    )
    result = reach(network)
    assert result.table["within_hops"].to_dict() == {"a": 1}
    assert reach(network, as_of="2022-05-12").summary["mean_direct"] is None
    assert reach(network, basis=("mentors",)).summary["supporters"] == 0


def test_rural_figures_stay_empty_where_no_school_has_a_class():
    result = reach(made({"id": ["a", "b"]}, assists={"source": ["a"], "target": ["b"]}))
    assert result.to_dict()["table"][0]["rural_within_hops"] is None
    assert result.summary["rural_reached"] is None
    assert result.summary["rural_schools"] is None
    assert "rural_unknown" in {note.code for note in result.notes}


@pytest.mark.parametrize(
    "options",
    [
        {"hops": 0},
        {"decay": -0.1},
        {"decay": 1.5},
        {"decay": float("nan")},
        {"window": "x"},
        {"basis": ("works_at",)},
    ],
)
def test_malformed_options(options: dict[str, Any]):
    with pytest.raises(OptionError):
        reach(county(), **options)


def test_schools_that_inherit_from_such_schools_alone_are_lost_too():
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": list("abcdefg")}),
            "assists": pd.DataFrame({"source": list("aag"), "target": list("bcc")}),
            # d hangs on b alone, e on d, f on b and on c, which g helps too
            "affiliated_to": pd.DataFrame({"source": list("deff"), "target": list("bdbc")}),
        },
        as_of="2024-06-30",
    )
    table = reach(network).table
    assert table["sole"].to_dict() == {"a": 1, "g": 0}
    assert table["sole_inherited"].to_dict() == {"a": 2, "g": 0}


def test_unknown_pupils_are_no_zero():
    ties = pd.DataFrame({"source": ["a", "a", "d"], "target": ["b", "c", "b"]})
    schools = pd.DataFrame({"id": list("abcd"), "pupils": pd.array([9, None, 4, None], "Int64")})
    network = Network.from_frames({"school": schools, "assists": ties}, as_of="2024-06-30")
    assert reach(network).table["pupils_within_hops"].fillna(-1).to_dict() == {"a": 4, "d": -1}
