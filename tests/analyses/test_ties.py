import pandas as pd
import pytest

import liantu
from liantu.errors import OptionError
from liantu.graph.network import Network


@pytest.fixture
def network() -> Network:
    return Network.from_frames(
        {
            "school": pd.DataFrame({"id": list("abcd"), "name": ["甲", "乙", "丙", None]}),
            "assists": pd.DataFrame(
                {"source": ["a", "a"], "target": ["b", "c"], "end": ["2020-12-31", None]}
            ),
            "member_of": pd.DataFrame(
                {"source": ["a", "b"], "target": "g", "role": ["core", None]}
            ),
            "delivers": pd.DataFrame({"source": ["d"], "target": ["b"], "date": ["2022-01-01"]}),
        },
        as_of="2022-05-11",
    )


def test_table_and_summary(network):
    result = liantu.ties(network)
    columns = ["source", "target", "basis", "in_force", "active"]
    assert result.table[columns].values.tolist() == [
        ["a", "b", "assists", False, False],
        ["a", "b", "member_of", True, False],
        ["a", "c", "assists", True, False],
        ["d", "b", "delivers", False, True],
    ]
    assert result.table["source_name"].fillna("").tolist() == ["甲", "甲", "甲", ""]
    assert result.summary == {
        "ties": 4,
        "in_force": 2,
        "active": 1,
        "current": 3,
        "mutual": 0,
        "undated": 2,
        "sources": 2,
        "targets": 2,
    }
    assert result.tables["by_basis"].values.tolist() == [
        ["assists", 2, 1, 0],
        ["delivers", 1, 0, 1],
        ["member_of", 1, 1, 0],
    ]


def test_in_force_and_basis_filter_rows(network):
    assert len(liantu.ties(network, in_force=True).table) == 2
    assert len(liantu.ties(network, current=True).table) == 3
    assert len(liantu.ties(network, current=True, window="1m").table) == 2
    only = liantu.ties(network, basis=("assists",))
    assert only.summary["ties"] == 2
    assert only.parameters["basis"] == ("assists",)
    same = liantu.ties(network, basis="assists, member_of")
    assert same.parameters["basis"] == ("assists", "member_of")
    assert same.summary["ties"] == 3


def test_stamp(network):
    result = liantu.ties(network, as_of="2022-02")
    assert (result.name, str(result.as_of)) == ("ties", "2022-02-28")
    assert result.fingerprint == network.fingerprint
    assert result.to_dict("zh")["notes"] == ["3 条无日期的状态按有效计"]
    with pytest.raises(OptionError, match="nonsense"):
        liantu.ties(network, as_of="nonsense")
