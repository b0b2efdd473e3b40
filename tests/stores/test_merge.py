"""Two networks as one, with answers worked out by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hard import hard_network

import liantu
from liantu.errors import DataError
from liantu.graph import schema
from liantu.graph.merge import merge
from liantu.graph.network import Network


def rows(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_new_values_win_where_there_are_any():
    old = rows(
        id=["a", "b"], name=["甲", "乙"], pupils=[90, 80], closed=["2030-01-01", None],
        synthetic=[True, True],
    )  # fmt: skip
    new = rows(id=["b", "c"], name=[None, "丙"], pupils=[85, None], synthetic=[False, None])
    found = merge(Network.from_frames({"school": old}), Network.from_frames({"school": new})).nodes(
        "school"
    )
    assert list(found.index) == ["a", "b", "c"]
    assert found["name"].tolist() == ["甲", "乙", "丙"]
    assert found["pupils"].fillna(-1).tolist() == [90, 85, -1]
    assert found["closed"].notna().tolist() == [True, False, False]
    assert found["synthetic"].tolist() == [True, False, False]
    assert found.dtypes.equals(Network.from_frames({"school": old}).nodes("school").dtypes)


def test_states_are_united():
    old = rows(source=["a", "a"], target=["b", "c"], start=["2020-01-01", None])
    new = rows(source=["a", "a"], target=["b", "b"], start=["2020-01-01", "2021-01-01"])
    found = merge(
        Network.from_frames({"assists": old}), Network.from_frames({"assists": new})
    ).relation("assists")
    pairs = list(zip(found["target"], found["start"].dt.year.fillna(0), strict=True))
    assert pairs == [("b", 2020), ("b", 2021), ("c", 0)]


@pytest.mark.parametrize(("first", "second", "both"), [(2, 1, 2), (1, 3, 3), (0, 2, 2), (2, 2, 2)])
def test_events_and_observations_stand_as_often_as_where_they_are_most_often(first, second, both):
    def network(times: int) -> Network:
        lessons = rows(source="a", source_kind="school", target=["b"] * times, target_kind="school")
        figures = rows(id="a", measure="rank", value=[1.5] * times)
        schools = rows(id=["a", "b"])
        return Network.from_frames(
            {"school": schools, "delivers": lessons, "observations": figures}
            if times
            else {"school": schools}
        )

    found = merge(network(first), network(second))
    assert len(found.relation("delivers")) == both
    assert len(found.observations) == both


def test_an_id_of_two_kinds_stays_two_nodes():
    teacher, school = (
        rows(source=["7"], source_kind=[kind], target=["z"]) for kind in ("teacher", "school")
    )
    found = merge(
        Network.from_frames({"posted_to": teacher}), Network.from_frames({"posted_to": school})
    )
    assert found.relation("posted_to")["source_kind"].tolist() == ["school", "teacher"]
    assert list(found.nodes("school").index) == ["7", "z"]
    assert list(found.nodes("teacher").index) == ["7"]


def test_what_is_said_of_the_network():
    frame = rows(id=["a"])
    old = Network.from_frames(
        {"school": frame}, as_of="2020-01-01", title="旧", phases=[{"name": "一"}]
    )
    new = Network.from_frames(
        {"school": frame}, title="新", goals=[{"id": "x", "rule": "rotation", "share": 0.1}]
    )
    found = merge(old, new)
    assert (found.as_of, found.title) == (date(2020, 1, 1), "新")
    assert (found.phases, found.goals) == (old.phases, new.goals)
    assert merge(new, old).title == "旧"


def test_the_load_report_holds_both_each_once(tmp_path):
    path = tmp_path / "schools.csv"
    path.write_text("id,name,stage\na,甲,primary\n", encoding="utf-8")
    first = liantu.read(path)
    path.write_text("id,name,extra\nb,乙,1\n", encoding="utf-8")
    second = liantu.read(path)
    found = merge(first, second).report
    assert found.totals()["rows_read"] == 1  # the same file, table and counts
    assert found.problems == (*first.report.problems, *second.report.problems)
    assert merge(merge(first, second), second).report == found


def test_merging_with_itself_or_nothing_changes_nothing():
    network, nothing = hard_network(), Network.from_frames({})
    for found in (merge(network, network), merge(network, nothing), merge(nothing, network)):
        assert found.fingerprint == network.fingerprint
        for name in schema.tables():
            pd.testing.assert_frame_equal(found.frames[name], network.frames[name], obj=name)


def test_together_they_must_be_a_network():
    one = Network.from_frames({"school": rows(id=["a 1"])})
    other = Network.from_frames({"school": rows(id=["a1"])})
    with pytest.raises(DataError, match="a 1"):
        merge(one, other)
