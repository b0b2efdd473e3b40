"""Flows worked out by hand: people, teacher-years, direction of help, pairs and people."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from liantu.analyses.flows import flows
from liantu.errors import OptionError
from liantu.graph.network import Network

DAY = "2022-12-31"
FOUR = "1461d"  # from 2018-12-31 on: 1461 days are four years


def made(**changed: Any) -> Network:
    """a and b in town, c and d villages, z closed; t, u, v work at a, w at d."""
    frames: dict[str, dict[str, Any]] = {
        "school": {
            "id": list("abcdz"),
            "urban_rural": ["111", "111", "220", "220", "111"],
            "region": list("nnssn"),
            "closed": [None] * 4 + ["2020-01-01"],
        },
        "region": {"id": ["n", "s"]},
        "teacher": {"id": list("tuvw")},
        "works_at": {"source": list("tuvw"), "target": list("aaad")},
        "posted_to": {
            "source": ["t", "t", "u", "w", "b", "b", "d", "v", "v"],
            "source_kind": ["teacher"] * 4 + ["school"] * 3 + ["teacher"] * 2,
            "target": ["c", "c", "c", "a", "c", "d", "b", "z", "d"],
            "form": [
                "rotation", "rotation", "support_teaching", "shadowing", "rotation",
                "rotation", "rotation", "rotation", "rotation",
            ],
            "count": [None, None, None, None, 2, None, 1, None, None],
            "start": [
                "2019-01-01", "2021-01-01", "2020-12-31", "2022-12-31", None,
                None, "2018-01-01", None, "2023-01-01",
            ],
            "end": [
                "2019-12-31", "2021-12-31", None, None, None,
                "2019-12-31", "2018-12-30", None, None,
            ],
        },
        "mentors": {
            "source": ["t", "t", "u", "u", "a", "w"],
            "source_kind": ["teacher"] * 4 + ["school"] + ["teacher"],
            "target": ["w", "u", "w", "t", "c", "v"],
            "target_kind": ["teacher"] * 4 + ["school"] + ["teacher"],
            "count": [None, None, None, None, 5, None],
            "certainty": ["stated"] * 5 + ["ambiguous"],
        },
    }  # fmt: skip
    tables = {name: pd.DataFrame(columns) for name, columns in {**frames, **changed}.items()}
    return Network.from_frames(tables, as_of=DAY)


def test_people_and_teacher_years_by_school():
    """t goes twice and is one person; u for 731 days; w shadows one day; b sends two (undated)
    and one of unknown number (365 days); d's posting ended a day before the window.
    """
    result = flows(made(), window=FOUR)
    table = result.table.sort_index()
    assert table.index.tolist() == list("abcd")
    assert table["sent"].tolist() == [2, 3, 0, 1]
    assert table["received"].tolist() == [1, 0, 4, 1]
    assert table["lent"].tolist() == [3, 3, 0, 0], "a hosts a trainee of d"
    assert table["borrowed"].tolist() == [0, 0, 4, 2]
    assert table["net"].tolist() == [3, 3, -4, -2]
    sent = table["years_sent"] * 365.25
    assert sent.tolist() == pytest.approx([365 + 365 + 731, 365, 0, 1])
    assert (table["years_received"] * 365.25).tolist() == pytest.approx([1, 0, 1461, 365])
    assert result.table.index.tolist() == ["a", "b", "d", "c"]
    assert result.summary == {
        "people": 6,
        "teacher_years": pytest.approx((1461 + 365 + 1) / 365.25),
        "to_rural": 5,
        "from_rural": 1,
        "givers": 2,
        "takers": 2,
        "mentoring_pairs": 9,
        "mentors": 2,
        "mentees": 3,
        "mentoring_people": 3,
    }
    counts = {note.code: note.params["count"] for note in result.notes}
    assert counts["count_missing"] == 1
    assert counts["postings_undated"] == 1


def test_both_directions_stand_apart():
    movements = flows(made(), window=FOUR).tables["movements"]
    rows = movements[["source", "target", "form", "people"]]
    assert rows.to_numpy().tolist() == [
        ["a", "c", "rotation", 1],
        ["a", "c", "support_teaching", 1],
        ["b", "c", "rotation", 2],
        ["b", "d", "rotation", 1],
        ["d", "a", "shadowing", 1],
    ]
    assert (movements["teacher_years"] * 365.25).tolist() == pytest.approx([730, 731, 0, 365, 1])


def test_mentoring_is_many_to_many():
    """Across schools: t and u with w, and five pairs of a with c; t and u mentor each other too."""
    result = flows(made())
    assert result.tables["mentoring"][["source", "target", "pairs"]].to_numpy().tolist() == [
        ["a", "c", 5],
        ["a", "d", 2],
    ]
    table = result.table
    assert table["pairs_out"].to_dict() == {"a": 7, "b": 0, "c": 0, "d": 0}
    assert table["pairs_in"].to_dict() == {"a": 0, "b": 0, "c": 5, "d": 2}


def test_window_form_and_region():
    year = flows(made())
    assert year.summary["people"] == 4, "u, w and the two of b"
    assert year.summary["teacher_years"] == pytest.approx((365 + 1) / 365.25)
    ended = flows(made(), window="366d")
    assert ended.summary["people"] == 5, "t too, for one day"
    only = flows(made(), form=("跟岗",), window=FOUR)
    assert only.summary["people"] == 1
    assert only.summary["mentoring_pairs"] == 9
    assert flows(made(), form=("rotation", "shadowing"), window=FOUR).summary["people"] == 5
    focused = flows(made().focus("s"), window=FOUR)
    assert focused.table.index.tolist() == ["d", "c"]
    assert focused.summary["mentoring_pairs"] == 7, "without those inside a"
    assert focused.summary["takers"] == 2
    north = flows(made().focus("n"), window=FOUR)
    assert north.summary["people"] == 6
    assert north.table.index.tolist() == ["a", "b"]


def test_a_teacher_with_two_homes_is_one_person():
    network = made(
        works_at={"source": list("ttuvw"), "target": list("abaad")},
        posted_to={"source": ["t"], "source_kind": "teacher", "target": ["c"], "start": [DAY]},
    )
    result = flows(network)
    assert result.summary["people"] == 1
    assert result.summary["teacher_years"] == pytest.approx(1 / 365.25)
    assert result.table["sent"].to_dict() == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert result.table.loc["c", "received"] == 1


def test_without_classes_rural_figures_stay_empty():
    network = made(school={"id": list("abcdz"), "region": list("nnssn")})
    result = flows(network)
    assert result.summary["to_rural"] is None
    assert "rural_unknown" in {note.code for note in result.notes}


def test_malformed_options():
    with pytest.raises(OptionError, match="--window"):
        flows(made(), window="long")
