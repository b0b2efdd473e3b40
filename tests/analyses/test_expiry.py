"""Expiry worked out by hand: what ends, the cliff, who falls, alliances that end, regions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from liantu.analyses.coverage import coverage
from liantu.analyses.expiry import expiry
from liantu.errors import OptionError
from liantu.graph.network import Network

DAY = "2022-05-11"


def made(**changed: Any) -> Network:
    """a helps b to June, c without end, d from July; a and e in x, which ends in August."""
    frames: dict[str, dict[str, Any]] = {
        "school": {
            "id": list("abcdefg"),
            "name": [None, "乙", None, None, None, None, None],
            "region": list("nnnsssn"),
            "closed": [None] * 6 + ["2022-01-01"],
        },
        "region": {"id": ["n", "s"]},
        "alliance": {"id": ["x"], "end": ["2022-08-15"]},
        "teacher": {"id": ["t"], "name": ["甲老师"]},
        "assists": {
            "source": ["a", "a", "a", "a", "a", "a"],
            "target": ["b", "c", "d", "f", "g", "f"],
            "start": ["2020-01-01", None, "2022-07-01", None, None, None],
            "end": ["2022-06-15", None, "2022-07-20", "2022-06-20", "2022-06-20", "2022-05-11"],
            "agreement": ["协议一", None, None, None, None, None],
            "certainty": ["stated"] * 3 + ["ambiguous", "stated", "stated"],
        },
        "member_of": {
            "source": ["a", "e"],
            "target": "x",
            "role": ["core", "member"],
            "end": [None, "2023-01-01"],
        },
        "works_at": {"source": ["t"], "target": ["a"], "end": ["2022-07-01"]},
        "posted_to": {
            "source": ["t"],
            "source_kind": "teacher",
            "target": ["e"],
            "start": ["2021-09-01"],
            "end": ["2022-07-31"],
        },
    }
    tables = {name: pd.DataFrame(columns) for name, columns in {**frames, **changed}.items()}
    return Network.from_frames(tables, as_of=DAY)


def listed(network: Network, **options: Any) -> list[tuple[str, str, str, str]]:
    table = expiry(network, **{"scope": "all", "within": "4m", **options}).table
    rows = table[["end", "basis", "source", "target"]].astype("str")
    return list(rows.itertuples(index=False, name=None))


def test_what_ends_in_order():
    """Neither ambiguous, closed, future nor past rows, nor employment; x ends for its members."""
    assert listed(made()) == [
        ("2022-06-15", "assists", "a", "b"),
        ("2022-07-31", "posted_to", "t", "e"),
        ("2022-08-15", "member_of", "a", "x"),
        ("2022-08-15", "member_of", "e", "x"),
    ]
    assert len(listed(made(), within="3m")) == 2, "to 2022-08-11"
    assert len(listed(made(), within="96d")) == 4, "to 2022-08-15, included"
    assert len(listed(made(), within="95d")) == 2
    assert listed(made(), as_of="2022-07-20", within="1m")[0][1] == "posted_to"
    assert listed(made(), as_of="2022-07-10", within="1m")[0] == (
        "2022-07-20", "assists", "a", "d",
    )  # fmt: skip


def test_columns():
    table = expiry(made(), scope="all", within="4m").table
    row = table.iloc[0]
    assert (row["source_kind"], row["target_kind"], row["target_name"]) == (
        "school",
        "school",
        "乙",
    )
    assert row["agreement"] == "协议一"
    assert row["start"] == pd.Timestamp("2020-01-01")
    assert table["source_kind"].tolist() == ["school", "teacher", "school", "school"]
    hidden = expiry(made().without_teacher_names(), scope="all", within="4m").table
    assert "甲老师" not in hidden.to_csv()


def test_cliff_is_coverage_at_each_month_end():
    """On the day a, b, c, e, f; f falls in May, b in June; d has July 1 to 20 only; a falls with x.

    e keeps its posting of July 31 in the window after x has gone.
    """
    result = expiry(made(), scope="all", within="4m")
    cliff = result.tables["cliff"]
    assert cliff["date"].astype("str").tolist() == [
        "2022-05-11", "2022-05-31", "2022-06-30", "2022-07-31", "2022-08-31", "2022-09-11",
    ]  # fmt: skip
    assert cliff["covered"].tolist() == [5, 4, 3, 3, 2, 2]
    assert cliff["in_scope"].tolist() == [6] * 6
    assert cliff["rate"].tolist() == [5 / 6, 4 / 6, 0.5, 0.5, 2 / 6, 2 / 6]
    short = expiry(made(), scope="all", within="4m", window="40d")
    assert short.tables["cliff"]["covered"].tolist() == [5, 4, 3, 3, 2, 1], "the posting is past"
    later = coverage(made(), as_of="2022-08-31", scope="all")
    assert later.summary["covered"] == 2


def test_falling_schools_and_their_last_supporters():
    falling = expiry(made(), scope="all", within="4m", window="40d").tables["falling"]
    rows = falling[["date", "school", "supporter_names"]].astype("str").fillna("–")
    assert rows.values.tolist() == [
        ["2022-05-31", "f", "a"],
        ["2022-06-30", "b", "a"],
        ["2022-08-31", "a", "–"],
        ["2022-09-11", "e", "a"],
    ]
    assert falling["name"].dropna().tolist() == ["乙"]


def test_summary():
    assert expiry(made(), scope="all", within="4m").summary == {
        "ending": 4,
        "ending_postings": 1,
        "covered": 5,
        "in_scope": 6,
        "rate": 5 / 6,
        "covered_end": 2,
        "in_scope_end": 6,
        "falling": 3,
    }


def test_a_region_limits_rows_and_coverage():
    result = expiry(made().focus("s"), scope="all", within="4m")
    assert result.table[["source", "target"]].to_numpy().tolist() == [["t", "e"], ["e", "x"]]
    assert result.tables["cliff"]["covered"].tolist() == [2, 1, 1, 1, 1, 1]
    assert result.tables["falling"]["school"].tolist() == ["f"]


def test_nothing_ends():
    network = Network.from_frames(
        {"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}, as_of=DAY
    )
    result = expiry(network, scope="all")
    assert result.table.empty
    assert result.tables["falling"].empty
    assert result.tables["cliff"]["covered"].tolist() == [1] * 14


def test_malformed():
    with pytest.raises(OptionError, match="--within"):
        expiry(made(), within="soon", scope="all")
    with pytest.raises(OptionError, match="--within"):
        expiry(made(), within="9999y", scope="all")


def only(**tables: dict[str, Any]) -> Network:
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    return Network.from_frames(frames, as_of=DAY)


def test_the_list_needs_no_urban_rural_classes():
    network = only(assists={"source": ["a"], "target": ["b"], "end": ["2022-08-31"]})
    result = expiry(network)
    assert result.table["end"].dt.date.tolist() == [date(2022, 8, 31)]
    assert result.tables["cliff"].empty and result.tables["falling"].empty
    assert result.summary["rate"] is None
    assert "no_urban_rural_cliff" in {note.code for note in result.notes}


@pytest.mark.parametrize(
    ("start", "ends"),
    [("2022-09-01", []), ("2022-09-02", [date(2022, 8, 31)])],
    ids=["goes on", "a gap"],
)
def test_what_is_renewed_in_the_data_does_not_end(start, ends):
    network = only(
        assists={"source": ["a", "a"], "target": ["b", "b"], "end": ["2022-08-31", "2024-08-31"],
                 "start": ["2020-09-01", start]},
    )  # fmt: skip
    assert expiry(network, scope="all").table["end"].dt.date.tolist() == ends
    later = expiry(network, scope="all", within="36m").table["end"].dt.date.tolist()
    assert later == (ends or [date(2024, 8, 31)])  # in force today, and this is its last day


def test_memberships_of_an_alliance_that_has_not_begun_are_not_listed():
    network = only(
        alliance={"id": ["g"], "start": ["2022-09-01"]},
        member_of={"source": list("ab"), "target": "g", "role": ["core", None], "end": "2022-12-31"},
    )  # fmt: skip
    assert expiry(network, scope="all").table.empty
