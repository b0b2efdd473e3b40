"""The hard network holds what it promises; tests of stores and exports stand on it."""

from __future__ import annotations

import pytest
from hard import IDS, hard_network

from liantu.graph import schema


@pytest.mark.parametrize("name", schema.tables())
def test_every_column_has_a_value(name):
    frame = hard_network().plain_frames()[name]
    assert [key for key in schema.tables()[name].columns if frame[key].isna().all()] == []


def test_what_is_hard_is_there():
    network = hard_network()
    assert set(IDS) == set(network.nodes("school").index)
    assert len(network.relation("assists")) == 4  # three between the same two schools
    assert network.relation("delivers").duplicated().sum() == 1
    assert network.nodes("school")["opened"].min().year == 1951
    assert network.nodes("school").loc["1e5", "pupils"] == 9007199254740993
    assert network.nodes("school").loc["007", "lon"] == 0.30000000000000004
    assert set(network.observations["kind"]) == set(schema.kinds())
    touched = {key for name in schema.relations() for key in network.relation(name)["source"]}
    assert "EXAMPLE1" not in touched
