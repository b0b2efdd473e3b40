"""A network written as a folder reads back as the same network."""

from __future__ import annotations

from datetime import date

import pandas as pd

from liantu.exchange import export
from liantu.graph.network import Network
from liantu.loaders import read
from liantu.loaders.generate import region


def test_awkward_values_come_back(tmp_path):
    frames = {
        "school": pd.DataFrame(
            {
                "id": ["0130", "=1+1", "a,b", 'say "hi"'],
                "name": ["中心小学（东校区）", "N/A", "null", None],
                "aliases": ["一小、东小", None, None, None],
                "pupils": pd.array([900, 0, None, 7], dtype="Int64"),
                "lon": [103.123456, None, 0.1 + 0.2, 100.0],
                "lat": [23.5, None, 1e-05, 20.0],
                "datum": "WGS-84",
                "opened": ["1951-09-01", None, None, None],
                "synthetic": [True, False, False, False],
            }
        ),
        "delivers": pd.DataFrame(
            {"source": ["0130"] * 2, "source_kind": "school", "target": ["a,b"] * 2}
            | {"target_kind": "school", "date": ["2021-03-01"] * 2, "form": "自创形式"}
        ),
        "assists": pd.DataFrame(
            {"source": ["0130"], "target": ["a,b"], "certainty": ["ambiguous"]}
        ),
        "observations": pd.DataFrame(
            {"id": ["0130"] * 2, "measure": ["rank", "honour"], "value": [17, None]}
            | {"text": [None, "省级\n示范"], "period": ["2020—2021", "2020"]}
        ),
    }
    phases = ({"name": "一", "start": date(2009, 1, 1), "end": date(2012, 12, 31)}, {"name": "二"})
    goals = ({"id": "甲", "rule": "rotation", "share": 0.1, "window": "1y"},)
    network = Network.from_frames(
        frames, as_of="2021-03-31", title='试"县', phases=phases, goals=goals
    )
    export(network, tmp_path / "out", beside={"claims.toml": b"x"})
    again = read(tmp_path / "out")
    pd.testing.assert_frame_equal(again.nodes("school"), network.nodes("school"))
    for name in ("delivers", "assists"):
        pd.testing.assert_frame_equal(again.relation(name), network.relation(name))
    pd.testing.assert_frame_equal(again.observations, network.observations)
    assert (again.title, again.as_of) == (network.title, network.as_of)
    assert [dict(phase) for phase in again.phases] == [dict(phase) for phase in phases]
    assert again.goals == goals
    assert (tmp_path / "out" / "claims.toml").read_bytes() == b"x"


def test_every_table_of_a_region_comes_back(tmp_path):
    network = Network.from_frames(region(160, seed=3), as_of="2026-09-01")
    export(network, tmp_path / "out")
    assert read(tmp_path / "out").fingerprint == network.fingerprint


def test_regions_without_parents_come_back(tmp_path):
    schools = pd.DataFrame({"id": ["a"], "name": ["甲小学"], "region": ["e"]})
    network = Network.from_frames({"school": schools, "region": pd.DataFrame({"id": ["e", "w"]})})
    export(network, tmp_path / "out")
    assert read(tmp_path / "out").fingerprint == network.fingerprint


def test_columns_that_say_nothing_are_left_out(tmp_path):
    network = Network.from_frames({"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})})
    export(network, tmp_path / "out")
    assert (tmp_path / "out" / "assists.csv").read_text(encoding="utf-8") == "source,target\na,b\n"
    assert (tmp_path / "out" / "school.csv").read_text(encoding="utf-8") == "id\na\nb\n"
