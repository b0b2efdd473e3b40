"""Goals worked out by hand: met, missed and unknown for each rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import liantu
from liantu import goals
from liantu.errors import DataError, RequestError
from liantu.graph.network import Network
from liantu.results import Result

DAY = "2023-12-31"


def made(*stated: dict[str, Any], **changed: dict[str, Any]) -> Network:
    """Return two townships with five schools, three pairs and a centre, and goals."""
    tables: dict[str, dict[str, Any]] = {
        "region": {
            "id": ["county", "east", "west"],
            "parent": [None, "county", "county"],
            "level": ["county", "township", "township"],
            "name": ["县", "东镇", "西镇"],
        },
        "school": {
            "id": ["a", "b", "c", "d", "e"],
            "region": ["county", "east", "east", "west", "west"],
            "teachers": [40, 10, None, 20, 10],
        },
        "teacher": {"id": ["t"]},
        "center": {"id": ["m", "n", "o"]},
        "assists": {"source": ["a", "a", "a", "b"], "target": ["b", "c", "d", "e"]}
        | {"end": [None, None, None, "2020-01-01"]},
    }
    tables |= changed
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    return Network.from_frames(frames, as_of=DAY, goals=stated)


def postings(*rows: tuple[Any, ...]) -> dict[str, Any]:
    """Return postings: source, target, role, start, end, count."""
    keys = ("source", "target", "role", "start", "end", "count")
    columns = dict(zip(keys, map(list, zip(*rows, strict=True)), strict=True))
    kinds = ["teacher" if source == "t" else "school" for source in columns["source"]]
    return {**columns, "source_kind": kinds}


def cells(result: Result, *columns: str) -> list[tuple[Any, ...]]:
    frame = result.table[["item", "passed", *columns]].astype(object)
    return [tuple(row) for row in frame.where(frame.notna(), None).to_numpy()]


SENT = postings(
    ("a", "b", "head", "2023-09-01", "2024-08-31", 1),  # a year to the day
    ("a", "b", "head", "2022-09-01", "2023-08-31", 2),
    ("a", "c", "head", "2023-09-01", "2024-08-30", 1),  # a day short
    ("a", "c", "teacher", "2023-09-01", "2024-08-31", 1),
    ("b", "a", "head", "2023-09-01", "2024-08-31", 9),  # the other way
    ("a", "d", "head", None, "2024-08-31", 1),  # nobody knows how long
)


def test_pairs_that_send():
    goal = {"id": "g", "rule": "pair_sends", "role": "head", "months": 12}
    result = goals(made(goal, posted_to=SENT))
    assert cells(result, "value", "undated", "evidence") == [
        ("a>c", False, 0, 0, "2023-12-31: 0"),
        ("a>d", None, 0, 1, "2023-12-31: 0"),
        ("a>b", True, 1, 0, "2023-12-31: 1"),
    ]
    assert dict(result.summary) == {
        "goals": 1, "checks": 3, "passed": 1, "failed": 1, "unknown": 1,
    }  # fmt: skip
    assert result.tables["by_goal"].iloc[0, :6].tolist() == ["g", "pair_sends", 3, 1, 1, 1]
    any_role = goals(made({"id": "g", "rule": "pair_sends", "months": 12}, posted_to=SENT))
    assert ("a>c", True) in cells(any_role)


def test_pairs_that_send_year_after_year():
    goal = {"id": "g", "rule": "pair_sends", "role": "head", "months": 12, "years": 2}
    found = {row[0]: row[1:] for row in cells(goals(made(goal, posted_to=SENT)), "evidence")}
    assert found["a>b"] == (True, "2023-12-31: 1; 2022-12-31: 2")
    three = {row[0]: row[1:] for row in cells(goals(made({**goal, "years": 3}, posted_to=SENT)))}
    assert three["a>b"] == (False,)
    two = {row[0]: row[1:] for row in cells(goals(made({**goal, "at_least": 2}, posted_to=SENT)))}
    assert two["a>b"] == (False,)


@pytest.mark.parametrize(("start", "met"), [("2022-12-31", True), ("2023-01-02", False)])
def test_an_open_end_counts_up_to_the_date(start: str, met: bool):
    goal = {"id": "g", "rule": "pair_sends", "months": 12}
    network = made(goal, posted_to=postings(("a", "b", None, start, None, 1)))
    assert ("a>b", met) in cells(goals(network))


def test_a_teacher_with_two_employments_counts_once():
    job = {"source": ["t", "t"], "target": ["a", "a"], "start": ["2010-01-01", None]}
    posted = postings(("t", "b", None, "2023-01-01", None, None))
    goal = {"id": "g", "rule": "pair_sends"}
    result = goals(made(goal, works_at=job, posted_to=posted))
    assert ("a>b", True, 1) in cells(result, "value")


EVENTS = {
    "source": ["a", "a", "a", "m", "m", "n"],
    "source_kind": ["school"] * 3 + ["center"] * 3,
    "target": ["b", "c", "west", "m", "b", "n"],
    "target_kind": ["school", "school", "region", "center", "school", "center"],
    "date": ["2023-05-01", "2022-12-31", None, "2023-03-01", "2023-01-01", None],
    "form": ["lesson", "lesson", "lesson", "joint_research", "joint_research", "joint_research"],
    "count": [2, None, 1, 3, 1, 90],
}


def test_regions_reached():
    goal = {"id": "g", "rule": "regions_reached", "level": "township", "form": "送课"}
    assert cells(goals(made(goal, delivers=EVENTS)), "value", "undated", "evidence") == [
        ("west", None, 0, 1, ""),
        ("east", True, 2, 0, "b"),  # the lesson for c was a year and a day ago
    ]
    anyway = {**goal, "undated": True}
    assert cells(goals(made(anyway, delivers=EVENTS)), "value") == [
        ("east", True, 2),
        ("west", True, 1),
    ]
    assert cells(goals(made({**goal, "at_least": 3}, delivers=EVENTS)))[0] == ("east", False)
    county = goals(made({**goal, "level": "county"}, delivers=EVENTS))
    assert cells(county, "value", "undated") == [("county", True, 2, 1)]


def test_sessions_of_centers():
    goal = {"id": "g", "rule": "center_sessions", "days": 90}  # four in a year
    assert cells(goals(made(goal, delivers=EVENTS)), "value", "required", "undated") == [
        ("o", False, 0, 4, 0),
        ("n", None, 0, 4, 90),
        ("m", True, 4, 4, 0),
    ]
    often = goals(made({**goal, "days": 73}, delivers=EVENTS))
    assert cells(often, "required")[0] == ("m", False, 5)


def test_rotation():
    posted = postings(
        ("a", "b", None, "2023-09-01", None, 3),
        ("a", "c", None, "2020-09-01", "2022-12-31", 9),  # over before the window
        ("t", "c", None, "2023-01-01", "2023-06-30", None),
        ("t", "b", None, "2023-09-01", None, None),  # the same teacher again
        ("b", "c", None, None, None, 1),
    )
    job = {"source": ["t"], "target": ["a"], "start": ["2010-01-01"]}
    goal = {"id": "g", "rule": "rotation", "share": 0.1}
    result = goals(made(goal, posted_to=posted, works_at=job))
    assert cells(result, "value", "evidence") == [
        ("d", False, 0, "0/20"),
        ("e", False, 0, "0/10"),
        ("c", None, None, ""),
        ("a", True, 0.1, "4/40"),
        ("b", True, 0.1, "1/10"),
    ]
    towns = goals(made({**goal, "level": "乡镇"}, posted_to=posted, works_at=job))
    assert cells(towns, "evidence") == [("west", False, "0/30"), ("east", True, "1/10")]
    shadow = {**posted, "form": "shadowing"}
    assert cells(goals(made(goal, posted_to=shadow, works_at=job)))[0] == ("a", False)


def test_a_goal_of_a_region():
    goal = {"id": "g", "rule": "rotation", "share": 0.1, "region": "west"}
    assert [row[0] for row in cells(goals(made(goal)))] == ["d", "e"]
    assert cells(goals(made({"id": "g", "rule": "pair_sends", "region": "east"}))) == []
    with pytest.raises(RequestError, match="wset"):
        goals(made({**goal, "region": "wset"}))


def test_several_goals_and_none():
    share = {"rule": "rotation", "share": 0.1}
    result = goals(made({"id": "z", **share}, {"id": "b", **share, "note": "甲"}))
    assert result.tables["by_goal"]["goal"].tolist() == ["b", "z"]
    assert result.tables["by_goal"]["note"].fillna("").tolist() == ["甲", ""]
    assert result.table["goal"].tolist() == ["b"] * 4 + ["z"] * 4 + ["b", "z"]
    none = goals(made())
    assert none.table.empty
    assert [note.code for note in none.notes] == ["no_goals"]


def test_goals_are_checked_and_carried():
    goal = {"id": "g", "rule": "rotation", "share": 0.1}
    network = made(goal)
    assert network.at("2023-01-01").goals == (goal,)
    assert network.fingerprint == made().fingerprint
    with pytest.raises(DataError, match="lacks “share”"):
        made({"id": "g", "rule": "rotation"})


def test_bundled_goals():
    dingxi = goals(liantu.read("case:dingxi")).tables["by_goal"].set_index("goal")
    assert dingxi[["checks", "passed", "failed"]].to_numpy().tolist() == [
        [11, 11, 0], [11, 0, 11], [11, 11, 0], [11, 0, 11],
    ]  # fmt: skip
    xiajin = goals(liantu.read("case:xiajin")).tables["by_goal"].set_index("goal")
    assert xiajin.loc["townships", ["checks", "passed"]].tolist() == [12, 12]
    assert xiajin.loc["fortnight", ["checks", "unknown"]].tolist() == [28, 28]
    for case in ("laizhou", "qingdao", "linyi", "jinan-shizhong", "duodao", "wenshan"):
        found = goals(liantu.read(f"case:{case}"), as_of=date(2023, 1, 1))
        assert found.summary["unknown"] == found.summary["checks"] > 0
        assert np.isnan(found.table["value"]).all()
