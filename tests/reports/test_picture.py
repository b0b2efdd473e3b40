"""The picture of the network: who stands where, what is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.options import parse_date
from liantu.plots import labels, layout, style, svg
from liantu.reports import network_picture, picture

DAY = parse_date("2024-06-30")


def network(**frames):
    made = {name: pd.DataFrame(frame) for name, frame in frames.items()}
    return Network.from_frames(made, as_of=DAY)


def parents_of(net):
    """Return each school's middle or parent by id; an alliance as its id."""
    trees = layout.forest(
        net, study(net).tie_set(DAY), np.ones(len(net.nodes("school")), dtype=bool)
    )
    names = [*net.nodes("school").index, *net.nodes("alliance").index, None]
    return {name: names[code] for name, code in zip(names[:-1], trees.parent, strict=True)}


def test_core_in_the_middle_members_around_village_schools_beside_their_parent():
    net = network(
        school={"id": ["core", "member", "point", "lone"]},
        member_of={
            "source": ["core", "member"],
            "target": ["g", "g"],
            "role": ["core", "member"],
        },
        affiliated_to={"source": ["point"], "target": ["member"]},
    )
    assert parents_of(net) == {
        "core": None,
        "lone": None,
        "member": "core",
        "point": "member",
        "g": None,
    }


def test_two_cores_share_the_middle_and_a_coreless_alliance_has_an_empty_one():
    net = network(
        member_of={
            "source": ["a", "b", "m", "x", "y"],
            "target": ["g", "g", "g", "h", "h"],
            "role": ["core", "core", "member", "member", "member"],
        },
        affiliated_to={"source": ["v"], "target": ["a"]},
    )
    found = parents_of(net)
    assert [found[key] for key in "abmvxy"] == ["g", "g", "g", "g", "h", "h"]


def test_helped_schools_stand_by_the_supporter_that_most_lean_on():
    net = network(
        assists={"source": ["big", "big", "small"], "target": ["t", "u", "t"]},
    )
    assert parents_of(net)["t"] == "big"
    assert parents_of(net)["small"] is None


def test_circles_of_help_and_affiliation_end():
    net = network(
        assists={"source": ["a", "b", "c"], "target": ["b", "c", "a"]},
        affiliated_to={"source": ["a"], "target": ["c"]},
    )
    depth, _ = layout.depths(np.array([-1, 0]))
    assert depth.tolist() == [0, 1]
    assert None in parents_of(net).values()
    svg(network_picture(net))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_no_two_schools_of_a_cluster_stand_on_one_spot(numbers):
    parent = np.array([-1] + [number % (place + 1) for place, number in enumerate(numbers)])
    offsets, boxes = layout.radial(parent, np.zeros(len(parent), dtype=bool))
    gaps = np.linalg.norm(offsets[:, None] - offsets[None], axis=2) + np.eye(len(parent))
    assert gaps.min() > 0.05
    assert (boxes[0, :2] <= offsets.min(axis=0) + 1e-9).all()
    assert (boxes[0, 2:] >= offsets.max(axis=0) - 1e-9).all()


@given(st.lists(st.tuples(st.floats(0.5, 9), st.floats(0.5, 9)), max_size=40))
def test_boxes_do_not_overlap(sizes):
    boxes = layout.shelves(np.array(sizes).reshape(-1, 2))
    left, top = boxes[:, :2].T
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).T
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    overlap = (wide > 1e-9) & (high > 1e-9)
    assert overlap.sum() == len(boxes)  # each with itself


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_uncovered_schools_are_counted_in_the_legend():
    net = network(
        school={"id": ["a", "b", "c"], "urban_rural": ["111", "220", "220"]},
        assists={"source": ["a"], "target": ["b"]},
    )
    assert legend(network_picture(net)) == [
        "outside the scope 1",
        "covered school 1",
        "uncovered school 1",
    ]


def test_a_map_where_most_schools_have_coordinates():
    net = network(
        school={"id": ["a", "b", "c"], "lon": [110.0, 110.2, None], "lat": [60.0, 60.1, None]},
    )
    figure = network_picture(net)
    assert figure.axes[0].get_aspect() == pytest.approx(1 / np.cos(np.radians(60.05)))
    assert figure.axes[0].get_title() == "2 of 3 schools have coordinates and are drawn"
    assert figure.axes[0].get_xlabel() == "datum not stated; points only, no boundaries"
    figure.draw_without_rendering()
    degrees = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert all(text.endswith("°E") for text in degrees) and len(degrees) > 1
    assert network_picture(net, shape="alliances").axes[0].get_aspect() == 1


def test_what_is_left_out_is_said(monkeypatch):
    monkeypatch.setattr(picture, "LARGEST", 10)
    monkeypatch.setattr(picture, "SINGLES", 4)
    members = [f"m{number:02}" for number in range(12)]
    net = network(
        school={"id": [*members, *"abcdefgh"]},
        member_of={"source": members, "target": ["g"] * 5 + ["h"] * 7},
    )
    title = network_picture(net).axes[0].get_title()
    assert title == "10 of 20 schools drawn, the largest groups first"


@pytest.mark.parametrize("shape", ["auto", "alliances", "map"])
@pytest.mark.parametrize("ids", [[], ["a"]])
def test_few_schools(shape, ids):
    net = network(school={"id": pd.array(ids, dtype="str")})
    assert svg(network_picture(net, shape=shape)).startswith("<svg")


def test_the_order_of_rows_changes_nothing():
    members = {"source": [*"abcd"], "target": ["g", "g", "h", "h"]}
    schools = {"id": [*"abcdef"], "urban_rural": "220"}
    first = network(school=schools, member_of=members)
    turned = Network.from_frames(
        {name: pd.DataFrame(f)[::-1] for name, f in (("school", schools), ("member_of", members))},
        as_of=DAY,
    )
    assert svg(network_picture(first)) == svg(network_picture(turned))


def test_a_map_names_its_datum_its_cores_and_its_uncovered_schools():
    net = network(
        school={
            "id": list("abc"), "name": ["某县·中心小学", "某县·东村小学", "某县·西村小学"],
            "urban_rural": ["111", "220", "220"], "datum": "WGS-84",
            "lon": [110.0, 110.2, 110.4], "lat": [30.0, 30.1, 30.2],
        },
        member_of={"source": ["a", "b"], "target": "g", "role": ["core", "member"]},
    )  # fmt: skip
    axes = network_picture(net, shape="map").axes[0]
    said = [text.get_text() for text in axes.texts]
    assert {"中心小学", "西村小学"} <= set(said) and "东村小学" not in said
    assert axes.get_xlabel().startswith("datum: WGS-84; ")


def test_every_region_gets_a_panel_with_most_uncovered_first():
    net = network(
        region={"id": ["x", "y"], "name": ["东乡", "西乡"]},
        school={"id": list("abcd"), "region": ["x", "y", "y", "x"], "urban_rural": "220",
                "lon": [110.0, 110.1, None, 110.2], "lat": [30.0, 30.1, None, 30.0]},
        assists={"source": ["a"], "target": ["d"]},
    )  # fmt: skip
    figure = network_picture(net, shape="regions")
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == ["西乡 0/2", "东乡 1/2"]
    scales = [[text.get_text() for text in axes.texts if "km" in text.get_text()] for axes in shown]
    assert [len(bars) for bars in scales] == [0, 1]  # without coordinates schools stand in rows
    svg(figure)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=30))
def test_no_name_stands_over_another_or_over_a_mark(places):
    at = np.array(sorted(set(places)), dtype=float)
    figure = style.figure(4, 4)
    axes = figure.add_subplot()
    axes.set_xlim(-5, 45)
    axes.set_ylim(-5, 45)
    axes.set_aspect(1)
    unit = 4 * 72 / 50
    written = labels.label_points(axes, at, [f"第{n}小学" for n in range(len(at))], at, unit)
    assert 1 <= written == len(axes.texts)
    size = np.array([labels.SIZE * 0.52 * 7, labels.SIZE * 1.25])
    middles = np.array([text.get_position() for text in axes.texts]) * unit
    apart = np.abs(middles[:, None] - middles[None]) >= size - 1e-6
    assert (apart.any(axis=2) | np.eye(written, dtype=bool)).all()
    over = (np.abs(middles[:, None] - at[None] * unit) < size / 2).all(axis=2)
    assert not over.any()
