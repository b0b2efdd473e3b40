"""Rules of form worked out by hand: what must be shared, what must be one's own, what is unknown."""

from __future__ import annotations

from typing import Any

import pandas as pd

from liantu.analyses.forms import forms
from liantu.graph.network import Network

DAY = "2022-05-11"


def made(**changed: Any) -> Network:
    """x integrated (core a; b, c), y mother and child by row (d leads e), z a community."""
    frames: dict[str, dict[str, Any]] = {
        "school": {
            "id": list("abcdefghi"),
            "region": list("nnnsssnnn"),
            "stage": ["primary", "primary", "junior"] + [None] * 6,
            "type": ["211", "211", "311"] + [None] * 6,
            "ownership": ["public", "private", "public"] + [None] * 6,
            "legal_person": ["A", "A", None, "D", "E", "F", "F", "H", None],
        },
        "region": {"id": ["n", "s"]},
        "alliance": {"id": ["x", "y", "z"], "form": ["integrated", "joint", "community"]},
        "member_of": {
            "source": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "f", "h"],
            "target": ["x", "x", "x", "y", "y", "z", "z", "z", "z", "x", "x"],
            "role": ["core", "member", "member", "core"] + ["member"] * 7,
            "form": [None, None, None, None, "mother_child"] + [None] * 6,
            "end": [None] * 9 + ["2022-05-10", None],
            "certainty": ["stated"] * 10 + ["ambiguous"],
        },
    }
    tables = {name: pd.DataFrame(columns) for name, columns in {**frames, **changed}.items()}
    return Network.from_frames(tables, as_of=DAY)


def broken(network: Network) -> list[list[Any]]:
    table = forms(network).table
    return table[["alliance", "school", "rule", "value", "expected"]].fillna("–").values.tolist()


def test_violations():
    assert broken(made()) == [
        ["x", "b", "same_ownership", "private", "public"],
        ["x", "c", "same_stage", "junior", "primary"],
        ["x", "c", "same_type", "311", "211"],
        ["y", "e", "same_legal_person", "E", "D"],
        ["z", "f", "own_legal_person", "F", "–"],
        ["z", "g", "own_legal_person", "F", "–"],
    ]


def test_unknown_attributes_are_no_violations():
    """c has no legal person in x, i none in z; 4 checks each of b and c, 1 of e, 4 in z."""
    result = forms(made())
    assert result.summary == {
        "alliances": 3,
        "checks": 13,
        "violations": 6,
        "unknown": 2,
        "schools": 5,
    }
    rows = (
        result.tables["by_alliance"].drop(columns="name").astype(object).fillna("–").values.tolist()
    )
    assert rows == [
        ["x", "integrated", 3, 8, 3, 1, 3.0],
        ["y", "joint", 2, 1, 1, 0, 2.0],
        ["z", "community", 4, 4, 2, 1, "–"],
    ]
    hidden = made(school={"id": list("abcdefghi"), "region": list("nnnsssnnn")})
    assert forms(hidden).summary["violations"] == 0
    assert forms(hidden).summary["unknown"] == 13


def test_without_a_core_the_first_member_stands_for_it():
    network = made(
        member_of={"source": list("cba"), "target": "x"},
    )
    assert [row[:3] for row in broken(network)] == [
        ["x", "b", "same_ownership"],
        ["x", "c", "same_stage"],
        ["x", "c", "same_type"],
    ]


def test_two_cores_are_each_a_measure():
    network = made(
        member_of={
            "source": ["a", "c", "b"], "target": "x", "role": ["core", "core", "member"],
        }
    )  # fmt: skip
    found = [row for row in broken(network) if row[1] == "b"]
    assert [row[2:] for row in found] == [
        ["same_ownership", "private", "public"],
        ["same_stage", "primary", "junior"],
        ["same_type", "211", "311"],
    ]


def test_pairs_are_checked_against_the_helping_school():
    network = made(
        member_of={"source": [], "target": []},
        assists={
            "source": ["d", "d", "a"],
            "target": ["e", "f", "b"],
            "form": ["mother_child", "paired", "mother_child"],
            "end": [None, None, "2022-05-10"],
        },
    )
    assert broken(network) == [["–", "e", "same_legal_person", "E", "D"]]
    assert forms(network).summary["checks"] == 1
    assert forms(network, as_of="2022-05-10").summary["checks"] == 2


def test_a_region_limits_the_schools_checked():
    result = forms(made().focus("s"))
    assert result.table["school"].tolist() == ["e", "f"]
    assert result.tables["by_alliance"]["alliance"].tolist() == ["y", "z"]
    assert result.tables["by_alliance"]["violations"].tolist() == [1, 1]
