"""Access: answers by hand, nothing given twice, a brute-force twin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from long import examples

import liantu
from liantu.errors import OptionError
from liantu.graph.network import Network
from liantu.reports import render


def network(schools: dict[str, dict[str, Any]]) -> Network:
    rows = [{"id": key, "urban_rural": "220", "lon": 100.0, **own} for key, own in schools.items()]
    return Network.from_frames({"school": pd.DataFrame(rows)}, as_of="2024-06-30")


def core(lat: float | None, teachers: int | None, pupils: int) -> dict[str, Any]:
    return {"lat": lat, "teachers": teachers, "pupils": pupils, "quality": "core"}


def two_cores() -> Network:
    """Return A at 0 and B at 0.3 degrees (33.4 km); x at 0.1 is near both within 25 km, y beyond."""
    return network(
        {
            "A": core(0.0, 30, 200), "B": core(0.3, 20, 300), "x": {"lat": 0.1, "pupils": 100},
            "y": {"lat": 0.45, "pupils": 50}, "z": {"lat": 3.0, "pupils": 9}, "n": {"pupils": 5},
        }
    )  # fmt: skip


def test_by_hand():
    result = liantu.access(two_cores(), radius_km=25)
    found = result.table["access_per_100"]
    # A: 30 ÷ (200 + 100); B: 20 ÷ (300 + 100 + 50)
    assert found["A"] == pytest.approx(10) and found["B"] == pytest.approx(100 * 20 / 450)
    assert found["x"] == pytest.approx(10 + 100 * 20 / 450)
    assert found["y"] == pytest.approx(100 * 20 / 450) and found["z"] == 0
    assert np.isnan(found["n"]) and result.table.index[0] == "z" and result.table.index[-1] == "n"
    assert result.summary["without_access"] == 1 and result.summary["judged"] == 5
    assert result.table["cores_near"].dropna().to_dict() == {"A": 1, "B": 1, "x": 2, "y": 1, "z": 0}


def test_weights_by_hand():
    """Within 24 km: x is 11.1 km from A (second third) and 22.2 km from B (last third)."""
    found = liantu.access(two_cores(), radius_km=24, decay="slow").table["access_per_100"]
    a = 30 / (200 + 0.68 * 100)
    b = 20 / (300 + 0.22 * 100 + 0.22 * 50)  # y is 16.7 km away
    assert found["x"] == pytest.approx(100 * (0.68 * a + 0.22 * b))
    sharp = liantu.access(two_cores(), radius_km=24, decay="sharp").table["access_per_100"]
    assert sharp["A"] == pytest.approx(100 * 30 / (200 + 0.42 * 100))


def test_cores_that_count_one_each_or_have_no_teachers():
    made = network({"A": core(0.0, None, 100), "x": {"lat": 0.01, "pupils": 100}})
    lost = liantu.access(made)
    assert lost.summary["capacity_total"] == 0 and lost.summary["without_access"] == 2
    assert "teachers_missing" in {note.code for note in lost.notes}
    each = liantu.access(made, capacity="schools")
    assert each.table["access_per_100"].to_dict() == {"A": 0.5, "x": 0.5}


def test_a_core_without_pupils_near_gives_nothing():
    result = liantu.access(network({"A": core(0.0, 30, 0), "x": {"lat": 2.0, "pupils": 10}}))
    assert result.summary["capacity_total"] == 30 and result.summary["capacity_reached"] == 0


@pytest.mark.parametrize("decay", ["none", "slow", "sharp"])
@pytest.mark.parametrize("seed", range(examples(4, 30)))
def test_nothing_is_given_twice_and_the_same_as_pair_by_pair(seed, decay):
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 40))
    schools = {
        f"s{number:02}": {
            "lat": float(random.uniform(0, 0.6)), "pupils": int(random.integers(0, 90)),
            "teachers": int(random.integers(0, 60)), "quality": random.choice(["core", None]),
        }
        for number in range(size)
    }  # fmt: skip
    result = liantu.access(network(schools), radius_km=20, decay=decay)
    got = result.table["access_per_100"]
    pupils = pd.Series({key: own["pupils"] for key, own in schools.items()})
    assert (got * pupils).sum() == pytest.approx(100 * result.summary["capacity_reached"])
    steps = {"none": (1, 1, 1), "slow": (1, 0.68, 0.22), "sharp": (1, 0.42, 0.09)}[decay]

    def weight(one: str, other: str) -> float:
        km = abs(schools[one]["lat"] - schools[other]["lat"]) * math.pi * 6371.0088 / 180
        return 0 if km > 20 else steps[0 if km <= 20 / 3 else 1 if km <= 40 / 3 else 2]

    twin = dict.fromkeys(schools, 0.0)
    for key in (key for key, own in schools.items() if own["quality"]):
        demand = sum(weight(key, other) * schools[other]["pupils"] for other in schools)
        for other in schools if demand else ():
            twin[other] += 100 * weight(key, other) * schools[key]["teachers"] / demand
    assert got.to_dict() == pytest.approx(twin)


@pytest.mark.parametrize("wrong", [{"radius_km": -1}, {"decay": "steep"}, {"capacity": "money"}])
def test_wrong_options(wrong):
    with pytest.raises(OptionError):
        liantu.access(two_cores(), **wrong)


def test_totals_of_a_region_in_focus_are_those_of_its_cores():
    """A lies in n with x, B in s: what B has is no total of n, though x gets a share of it."""
    regions = {"A": "n", "x": "n", "B": "s", "y": "s", "z": "s", "n": "s"}
    whole = two_cores()
    schools = whole.nodes("school").reset_index()
    schools["region"] = schools["id"].map(regions)
    frames = {"school": schools, "region": pd.DataFrame({"id": ["n", "s"]})}
    made = Network.from_frames(frames, as_of="2024-06-30")
    every, part = (liantu.access(each, radius_km=25) for each in (made, made.focus("n")))
    assert every.summary["capacity_total"] == every.summary["capacity_reached"] == 50
    assert part.summary["capacity_total"] == part.summary["capacity_reached"] == 30
    found = part.table["access_per_100"].to_dict()
    assert found == pytest.approx({"A": 10, "x": 10 + 100 * 20 / 450})


def test_the_chart_counts_whole_schools():
    axes = liantu.access(two_cores(), radius_km=25).plot().axes[0]
    assert all(float(tick).is_integer() for tick in axes.get_yticks())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_names_who_gets_least(lang):
    text = render(two_cores(), "md", source="lists", lang=lang, scope="all")
    title = {"en": "Least support within reach", "zh": "附近支援力量较少的学校"}[lang]
    # 20 km: z alone has no core near; shared: A 30 ÷ 300, B 20 ÷ 350
    said = {
        "en": "within 20 km by straight line: 1 of 5.",
        "zh": "5所学校中，1所在直线20公里以内没有",
    }
    assert title in text and said[lang] in text
