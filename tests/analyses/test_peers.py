"""Peers: Gower's distance by hand and by brute force, and who could help whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.analyses.peers import peers
from liantu.errors import OptionError, RequestError
from liantu.graph import gower
from liantu.graph.gower import Features
from liantu.graph.network import Network
from liantu.results import registry
from liantu.results.asked import ask
from liantu.results.blocks import Section

DAY = "2026-12-31"


def made(schools: dict[str, Any], **frames: Any) -> Network:
    tables = {"school": schools, **frames}
    return Network.from_frames({key: pd.DataFrame(rows) for key, rows in tables.items()}, as_of=DAY)


def test_distances_by_hand():
    """v(120, 6.0, 220), a(150, 6.5, 220), b(1200, 6.0, 111), c(130, –, 220), d(100, 9.0, 210)."""
    numbers = np.column_stack([np.log([120, 150, 1200, 130, 100]), [6, 6.5, 6, np.nan, 9]])
    found = gower.peers(
        Features(numbers, np.array([[1], [1], [0], [1], [2]])), np.array([0]), np.arange(5), 9
    )
    assert found.peer.tolist() == [[3, 1, 2, 4]]
    assert found.distance[0].round(4).tolist() == [0.0161, 0.0855, 0.6422, 0.6911]
    assert found.features.tolist() == [[2, 3, 3, 3]]
    assert gower.ranges(Features(numbers, np.zeros((5, 0))), np.arange(5))[1] == 3


def slow(features: Features, one: int, among: list[int], k: int) -> list[tuple[int, float]]:
    some = features.numbers[among]
    found = []
    for other in among:
        parts = []
        for column in range(features.numbers.shape[1]):
            values = [x for x in some[:, column].tolist() if not np.isnan(x)]
            a, b = features.numbers[one, column], features.numbers[other, column]
            if not np.isnan(a + b):
                span = max(values) - min(values)
                parts.append(abs(a - b) / span if span else 0.0)
        for column in range(features.classes.shape[1]):
            a, b = features.classes[one, column], features.classes[other, column]
            if a >= 0 and b >= 0:
                parts.append(float(a != b))
        if other != one and len(parts) >= 2:
            found.append((round(sum(parts) / len(parts), 9), other))
    return [(other, value) for value, other in sorted(found)[:k]]


@settings(max_examples=examples(40, 300), deadline=None)
@given(st.data())
def test_brute_force_finds_the_same(data: st.DataObject):
    size = data.draw(st.integers(1, 9))
    number = st.one_of(st.just(np.nan), st.integers(0, 5).map(float))
    numbers = np.array(data.draw(st.lists(st.tuples(number, number), min_size=size, max_size=size)))
    whole = st.integers(-1, 2)
    classes = np.array(data.draw(st.lists(st.tuples(whole, whole), min_size=size, max_size=size)))
    features, k = Features(numbers, classes), data.draw(st.integers(1, 4))
    among = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    asked = np.array(among[::2])
    found = gower.peers(features, asked, np.array(among), k)
    for row, one in enumerate(asked.tolist()):
        wanted = slow(features, one, among, k)
        peer = [x for x in found.peer[row].tolist() if x >= 0]
        assert peer == [x for x, _ in wanted]
        assert found.distance[row, : len(peer)].tolist() == pytest.approx([x for _, x in wanted])


def county(**frames: Any) -> Network:
    """v with five schools alike: a core nearby, one far off, one tied, one worse, one of junior age."""
    ids = ["v", "core", "far", "tied", "worse", "junior"]
    return made(
        {
            "id": ids,
            "name": ["甲", None, "丙", "丁", "戊", "己"],
            "region": ["n", "n", "s", "n", "n", "n"],
            "stage": ["primary"] * 5 + ["junior"],
            "pupils": [100, 110, 100, 100, 105, 100],
            "teachers": [10] * 6,
            "urban_rural": ["220"] * 6,
            "type": ["211"] * 5 + ["311"],
            "quality": [None, "core", None, None, None, None],
        },
        region={"id": ["n", "s"], "level": "county"},
        assists={"source": ["tied"], "target": ["v"], "start": ["2020-01-01"]},
        observations={
            "id": ids * 2,
            "measure": "score",
            "period": ["2024"] * 6 + ["2025"] * 6,
            "value": [99, 1, 1, 1, 99, 1, 60, 70, 80, 75, 50, 90],
        },
        **frames,
    )


def test_who_is_alike_does_better_and_could_help():
    result = peers(county())
    row = result.table.loc["v"]
    assert (row["peers"], row["better_peers"], row["helpers"], row["helping_cores"]) == (4, 3, 1, 1)
    assert (row["nearest_peer"], row["suggested"]) == ("far", "core")
    assert (row["latest_figure"], row["peers_median"], row["features_known"]) == (60, 72.5, 4)
    listed = result.tables["peer_list"]
    assert listed[listed["school"] == "v"]["peer"].tolist() == ["far", "tied", "worse", "core"]
    helpers = result.tables["helpers"]
    assert helpers[helpers["school"] == "v"]["peer"].tolist() == ["core"]  # far lies elsewhere
    one = peers(county(), k=1)  # the core is no peer then, but a core
    row = one.tables["helpers"].set_index("school").loc["v"]
    assert (row["peer"], row["among_peers"], row["is_core"]) == ("core", False, True)
    assert row["distance"] == pytest.approx(listed[listed["peer"] == "core"]["distance"].iloc[0])
    assert result.table.index.tolist() == sorted(result.table.index)  # no league table
    assert pd.isna(result.table.loc["junior", "nearest_peer"])  # alone of its stage
    assert result.summary["with_helper"] == len(result.table[result.table["helpers"] > 0])
    low = peers(county(), better="lower").table.loc["v"]
    assert (low["better_peers"], low["suggested"]) == (1, "worse")
    features = result.tables["features"]
    assert features["feature"].tolist() == [
        "log_pupils", "pupils_per_teacher", "urban_rural", "type"
    ]  # fmt: skip


def test_figures_move_no_peers():
    network = county()
    other = network.observations.assign(value=lambda x: -x["value"])
    tables = {name: network.nodes(name).reset_index() for name in ("school", "region")}
    turned = Network.from_frames({**tables, "observations": other}, as_of=DAY)
    one, two = (
        peers(x).tables["peer_list"][["school", "peer", "distance"]] for x in (network, turned)
    )
    pd.testing.assert_frame_equal(one, two)


def test_boarders_subjects_and_families():
    more = {
        "teacher": {"id": ["t"], "subject": ["美术"]},
        "center": {"id": ["z"], "subject": ["美术"]},
        "works_at": {"source": ["t"], "target": ["core"], "start": ["2020-01-01"]},
    }
    helpers = peers(county(**more)).tables["helpers"].set_index(["school", "peer"])
    assert helpers.loc[("v", "core"), "subjects_filled"] == "美术"
    below = county(affiliated_to={"source": ["v"], "target": ["core"], "form": ["campus"]})
    assert peers(below).table.loc["v", "helpers"] == 0
    figures = county().observations
    board = figures.head(2).assign(
        id=["v", "far"], measure="寄宿生数", period="2025", value=[50, 10]
    )
    tables = {name: county().nodes(name).reset_index() for name in ("school", "region")}
    whole = pd.concat([figures, board], ignore_index=True)
    network = Network.from_frames({**tables, "observations": whole}, as_of=DAY)
    told = peers(network, measure="score")
    assert told.tables["features"].set_index("feature").loc["boarding", "schools"] == 2
    assert told.table.loc["v", "nearest_peer"] == "tied"  # far boards fewer


def test_scope_regions_and_malformed_values():
    network = county()
    assert peers(network.focus("s")).table.index.tolist() == ["far"]
    assert peers(network.focus("s")).table.loc["far", "peers"] == 4  # peers may lie elsewhere
    assert peers(network, stage=("junior",)).table.index.tolist() == ["junior"]
    rows = county().nodes("school").reset_index()
    rows.loc[0, "stage"] = None
    unstaged = peers(made(rows.to_dict("list")), scope="all")
    assert {"peers_unstaged"} <= {note.code for note in unstaged.notes}
    for options in ({"k": 0}, {"max_km": -1}, {"better": "x"}):
        with pytest.raises(OptionError):
            peers(network, **options)
    with pytest.raises(RequestError, match="nothing"):
        peers(network, measure="nothing")


def test_the_report_names_who_could_help_and_is_no_league_table():
    def found(network: Network) -> list[Section]:
        asked = ask(network, "lists", "zh", date(2026, 12, 31), "all", "strict", "")
        return registry()["peers"].sections(asked, asked.result("peers"))

    part = found(county())[0]
    assert "数据的学校6所，其中4所有处境相近" in part.blocks[0].text
    rows = part.blocks[1].rows  # by pupils, not by figures; the core has no name
    assert [(row[0], row[-1]) for row in rows] == [("core", "丁"), ("戊", "core"), ("甲", "core")]
    assert len(part.annexes[0].frame) == 6
    assert found(made({"id": ["a", "b"], "stage": "primary", "pupils": [1, 2]})) == []
