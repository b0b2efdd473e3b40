"""Distance: answers by hand, a brute-force twin, datums, limits, words."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from long import examples

import liantu
from liantu.cli import main
from liantu.errors import DataError, OptionError, RequestError
from liantu.graph import datum
from liantu.graph.near import serves
from liantu.graph.network import Network

DAY = "2024-06-30"
DEGREE = 2 * math.pi * 6371.0088 / 360  # km of a degree along a meridian


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return km between two places (lon, lat), by another formula than the code's."""
    lon, lat, lon_, lat_ = map(math.radians, (*one, *other))
    part = math.sin((lat_ - lat) / 2) ** 2
    part += math.cos(lat) * math.cos(lat_) * math.sin((lon_ - lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(part))


def network(schools: dict[str, dict[str, Any]], **frames: Any) -> Network:
    """Return schools by id; what one lacks is rural and without a stage."""
    rows = [{"id": key, "urban_rural": "220", **own} for key, own in schools.items()]
    return Network.from_frames(
        {"school": pd.DataFrame(rows), **{k: pd.DataFrame(v) for k, v in frames.items()}},
        as_of=DAY,
    )


def at(lon: float | None, lat: float | None, **more: Any) -> dict[str, Any]:
    return {"lon": lon, "lat": lat, **more}


CORE = {"quality": "core"}


def chain(**more: Any) -> Network:
    """Return A (core), b, c, D (core) along a meridian at 30, 30.1, 30.3 and 31 degrees; e nowhere."""
    return network(
        {
            "A": at(100, 30, pupils=900, region="n", **CORE), "b": at(100, 30.1, pupils=50, region="n"),
            "c": at(100, 30.3, pupils=30, region="s"), "D": at(100, 31, pupils=800, region="s", **CORE),
            "e": at(None, None, pupils=7, region="s"),
        },
        region={"id": ["p", "n", "s"], "parent": [None, "p", "p"]},
        assists={"source": ["A"], "target": ["b"]},
        **more,
    )  # fmt: skip


# -- answers by hand --------------------------------------------------------------------------


def test_a_chain_by_hand():
    result = liantu.distance(chain(), limit_km=20)
    near = result.table["nearest_school"]
    assert [*result.table.index] == ["A", "D", "c", "b", "e"]  # farthest first, A and D alike
    assert near["b"] == near["c"] == "A" and near["A"] == "D" and near["D"] == "A"
    found = result.table["km_straight"]
    assert found["b"] == pytest.approx(0.1 * DEGREE) and found["c"] == pytest.approx(0.3 * DEGREE)
    assert found["A"] == found["D"] == pytest.approx(DEGREE) and np.isnan(found["e"])
    beyond = result.table["beyond"]
    assert [*beyond.index[beyond.fillna(False)]] == ["A", "D", "c"] and pd.isna(beyond["e"])
    assert {key: result.summary[key] for key in ("in_scope", "measured", "not_measured")} == {
        "in_scope": 5, "measured": 4, "not_measured": 1,
    }  # fmt: skip
    assert result.summary["within"] == 1 and result.summary["beyond"] == 3
    assert result.summary["beyond_uncovered"] == 3 and result.summary["pupils_beyond"] == 1730
    assert result.summary["km_median"] == pytest.approx(0.65 * DEGREE)
    assert {note.code for note in result.notes} >= {"not_placed", "datum_unstated"}


def test_counts_by_distance_and_region():
    result = liantu.distance(chain(), limit_km=40)
    by_km = result.tables["by_km"].set_index("within_km")
    assert [*by_km.index] == [5, 10, 20, 40, 50, 100]
    assert by_km["schools"].tolist() == [0, 0, 1, 2, 2, 2]
    assert by_km["uncovered"].tolist() == [0, 0, 0, 1, 1, 1]
    assert by_km["pupils_uncovered"].tolist() == [0, 0, 0, 30, 30, 30]
    regions = result.tables["by_region"].set_index("region")
    assert regions["in_scope"].to_dict() == {"n": 2, "p": 5, "s": 3}
    assert regions["measured"].to_dict() == {"n": 2, "p": 4, "s": 2}
    assert regions["beyond"].to_dict() == {"n": 1, "p": 2, "s": 1}
    assert regions.loc["s", "km_mean"] == pytest.approx(0.65 * DEGREE)


def test_whom_is_measured_to():
    made = chain(member_of={"source": ["c", "D"], "target": ["x", "x"]})
    near = {
        to: liantu.distance(made, to=to).table["nearest_school"].dropna().to_dict()
        for to in ("core", "supporter", "member", "school")
    }
    assert near["core"] == {"A": "D", "b": "A", "c": "A", "D": "A"}
    # members of an alliance without a core support each other
    assert near["supporter"] == {"A": "c", "b": "A", "c": "A", "D": "c"}
    assert near["member"] == {"A": "c", "b": "c", "c": "D", "D": "c"}
    assert near["school"] == {"A": "b", "b": "A", "c": "b", "D": "c"}


def test_without_a_core_supporters_stand_for_one():
    made = network(
        {"a": at(100, 30), "b": at(100, 30.1), "c": at(100, 30.2)},
        assists={"source": ["a"], "target": ["b"]},
    )
    result = liantu.distance(made)
    assert result.table["nearest_school"].dropna().to_dict() == {"b": "a", "c": "a"}
    assert "no_cores" in {note.code for note in result.notes}


def test_closed_schools_are_none():
    made = network(
        {"A": at(100, 30, closed="2020-01-01", **CORE), "B": at(100, 32, **CORE), "c": at(100, 30)}
    )
    assert liantu.distance(made).table["nearest_school"].dropna().to_dict() == {"c": "B"}


def test_the_stage_must_fit():
    made = network(
        {
            "J": at(100, 30, stage="junior", **CORE),
            "N": at(100, 31, stage="nine_year", **CORE),
            "p": at(100, 30.1, stage="primary"),
            "q": at(100, 30.1),
        }
    )
    result = liantu.distance(made)
    assert result.table["nearest_school"].dropna().to_dict() == {"J": "N", "p": "N"}
    assert "not_staged" in {note.code for note in result.notes}
    free = liantu.distance(made, any_stage=True)
    assert free.table["nearest_school"].to_dict() == {"N": "J", "J": "N", "p": "J", "q": "J"}


def test_equally_far_the_first_by_id_is_named():
    spots = {f"m{number}": at(100, 30, **CORE) for number in range(6)}
    result = liantu.distance(network({**spots, "z": at(100, 30.5), "y": at(100, 29.5)}))
    near = result.table["nearest_school"]
    assert near["z"] == near["y"] == "m0" and near["m0"] == "m1" and near["m3"] == "m0"
    around = {f"k{number}": at(lon, lat, **CORE) for number, (lon, lat) in enumerate(
        [(0, 1), (1, 0), (0, -1), (-1, 0)])}  # fmt: skip
    assert (
        liantu.distance(network({**around, "z": at(0, 0)})).table.loc["z", "nearest_school"] == "k0"
    )


def test_across_the_day_line_and_the_pole():
    made = network({"A": at(179.9, 0, **CORE), "b": at(-179.9, 0), "c": at(0, 90)})
    found = liantu.distance(made).table["km_straight"]
    assert found["b"] == pytest.approx(0.2 * DEGREE) and found["c"] == pytest.approx(90 * DEGREE)


def test_a_region_in_focus_measures_to_cores_elsewhere():
    result = liantu.distance(chain().focus("n"))
    assert [*result.table.index] == ["A", "b"]
    assert result.table.loc["A", "nearest_school"] == "D"


# -- minutes ----------------------------------------------------------------------------------


def travelled(*rows: tuple[str, str, float], **more: Any) -> Network:
    """Return the chain with a table of travel times."""
    columns = zip(*rows, strict=True)
    return chain(travel=dict(zip(("source", "target", "minutes"), columns, strict=True)), **more)


def test_minutes_by_hand():
    """From c the far D is sooner reached than the near A; b has a row to A from A alone."""
    made = travelled(("c", "A", 90), ("c", "D", 40), ("c", "D", 35), ("A", "b", 20), ("e", "D", 61))
    result = liantu.distance(made, by="minutes", limit_minutes=60)
    table = result.table
    assert table["nearest_school"].dropna().to_dict() == {"e": "D", "c": "D", "b": "A"}
    assert [*table.index] == ["e", "c", "b", "A", "D"]  # the longest first, then who has none
    assert table["minutes"].dropna().to_dict() == {"e": 61, "c": 35, "b": 20}
    assert table.loc["c", "km_straight"] == pytest.approx(0.7 * DEGREE)
    assert np.isnan(table.loc["e", "km_straight"])  # no place, and yet measured
    found = {key: result.summary[key] for key in ("measured", "not_measured", "within", "beyond")}
    assert found == {"measured": 3, "not_measured": 2, "within": 2, "beyond": 1}
    assert (result.summary["minutes_median"], result.summary["minutes_max"]) == (35, 61)
    by_minutes = result.tables["by_minutes"].set_index("within_minutes")
    assert by_minutes["schools"].to_dict() == {15: 0, 30: 1, 45: 2, 60: 2, 90: 3, 120: 3}
    regions = result.tables["by_region"].set_index("region")
    assert regions.loc["s", "minutes_mean"] == 48 and regions.loc["p", "beyond"] == 1
    assert "not_in_travel" in {note.code for note in result.notes}


def test_by_kilometres_the_minutes_to_the_nearest_are_shown():
    result = liantu.distance(travelled(("A", "b", 20), ("c", "D", 40)))
    assert result.table["minutes"].dropna().to_dict() == {"b": 20}  # c is nearest to A
    assert result.table["nearest_school"].to_dict()["c"] == "A"


def test_the_way_back_may_have_a_row_of_its_own():
    made = travelled(("b", "A", 10), ("A", "b", 99), ("c", "A", 30), ("A", "D", 70))
    table = liantu.distance(made, by="minutes").table
    assert table["minutes"].dropna().to_dict() == {"b": 10, "c": 30, "A": 70, "D": 70}


def test_a_road_counts_while_it_is_open():
    made = chain(
        travel={
            "source": ["b", "b", "b"], "target": ["A", "A", "D"], "minutes": [30, 10, 5],
            "start": [None, "2025-01-01", None], "end": [None, None, "2020-12-31"],
        }
    )  # fmt: skip
    assert liantu.distance(made, by="minutes").table.loc["b", "minutes"] == 30
    later = liantu.distance(made, by="minutes", as_of="2025-06-30")
    assert later.table.loc["b", "minutes"] == 10


def test_travel_times_change_no_tie():
    bare, made = chain(), travelled(("c", "A", 5))
    for analysis in (liantu.ties, liantu.coverage):
        pd.testing.assert_frame_equal(analysis(bare).table, analysis(made).table)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"by": "minutes"}, RequestError), ({"limit_minutes": 30}, OptionError),
        ({"by": "minutes", "limit_km": 30}, OptionError),
    ],
)  # fmt: skip
def test_minutes_are_asked_for_where_there_are_some(options, error):
    with pytest.raises(error):
        liantu.distance(chain(), **options)


@pytest.mark.parametrize("seed", range(examples(5, 60)))
def test_minutes_are_the_same_as_looking_at_every_row(seed):
    random = np.random.default_rng(seed)
    size, rows = 12, int(random.integers(1, 60))
    schools = {
        f"s{number:02}": at(
            None, None, stage=random.choice(["primary", "nine_year"]),
            quality="core" if random.random() < 0.4 else None,
        )
        for number in range(size)
    }  # fmt: skip
    if not any(own["quality"] for own in schools.values()):
        return
    one, other = (random.choice([*schools], rows) for _ in range(2))
    minutes = random.integers(0, 9, rows).astype(float)
    made = network(schools, travel={"source": one, "target": other, "minutes": minutes})
    given: dict[tuple[str, str], float] = {}
    for pair, took in zip(zip(one, other, strict=True), minutes, strict=True):
        given[pair] = min(given.get(pair, np.inf), took)
    both = {(b, a): took for (a, b), took in given.items() if (b, a) not in given} | given
    found = liantu.distance(made, by="minutes").table
    for key, own in schools.items():
        known = [
            (took, b)
            for (a, b), took in both.items()
            if a == key != b and schools[b]["quality"]
            and (schools[b]["stage"], own["stage"]) in set(serves())
        ]  # fmt: skip
        took, near = min(known, default=(np.nan, None))
        assert found.loc[key, "minutes"] == pytest.approx(took, nan_ok=True)
        named = found.loc[key, "nearest_school"]
        assert (None if pd.isna(named) else named) == near


# -- a brute-force twin -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(examples(8, 60)))
def test_the_same_as_looking_at_everybody(seed):
    random = np.random.default_rng(seed)
    size = int(random.integers(1, 60))
    # few places, so that several schools share one
    lon, lat = (random.integers(0, 6, size) / 7 + base for base in (110, 30))
    stages = random.choice(["primary", "junior", "nine_year", "complete_secondary", ""], size)
    schools = {
        f"s{number:02}": at(
            None if random.random() < 0.1 else float(lon[number]), float(lat[number]),
            stage=stages[number] or None, quality="core" if random.random() < 0.4 else None,
        )
        for number in range(size)
    }  # fmt: skip
    made = network(schools, region={"id": ["r"]})
    if not any(own["quality"] for own in schools.values()):
        return
    staged, fits = any(own["stage"] for own in schools.values()), set(serves())
    table = liantu.distance(made).table
    for key, own in schools.items():
        known = {
            other: haversine((own["lon"], own["lat"]), (it["lon"], it["lat"]))
            for other, it in schools.items()
            if other != key and it["quality"] and it["lon"] is not None and own["lon"] is not None
            and (not staged or (it["stage"], own["stage"]) in fits)
        }  # fmt: skip
        if not known:
            assert pd.isna(table.loc[key, "nearest_school"])
            continue
        best = min(known.values())
        assert table.loc[key, "km_straight"] == pytest.approx(best, abs=1e-6)
        assert table.loc[key, "nearest_school"] == min(
            k for k, v in known.items() if v < best + 1e-8
        )


# -- datums -----------------------------------------------------------------------------------


def in_datum(name: str | None, written: str = "") -> Network:
    lon, lat = datum.from_wgs84(np.array([110.0, 110.2]), np.array([30.0, 30.1]), name or "WGS-84")
    word = {"datum": written or name}
    return network({"A": at(lon[0], lat[0], **CORE, **word), "b": at(lon[1], lat[1], **word)})


def test_converting_gives_what_wgs84_gives():
    true = haversine((110.0, 30.0), (110.2, 30.1))
    for name, written in (("GCJ-02", ""), ("BD-09", ""), ("GCJ-02", "火星坐标系"), ("WGS-84", "")):
        result = liantu.distance(in_datum(name, written), datum="wgs84")
        assert result.table.loc["b", "km_straight"] == pytest.approx(true, abs=1e-6)
    kept = liantu.distance(in_datum("BD-09"))
    off = abs(kept.table.loc["b", "km_straight"] - true)
    assert 1e-4 < off < 0.11  # km: what the documentation says
    assert "datum_kept" in {note.code for note in kept.notes}


def test_what_cannot_be_converted_is_refused():
    for made, word in (
        (in_datum(None), "no school says"),
        (in_datum("WGS-84", "西安80"), "西安80"),
    ):
        with pytest.raises(RequestError) as caught:
            liantu.distance(made, datum="wgs84")
        assert word in str(caught.value)
        assert liantu.distance(made).summary["measured"] == 1


def test_two_datums_are_an_error_and_two_names_of_one_are_not():
    schools = {"A": at(110, 30, datum="WGS-84"), "b": at(110, 31, datum="CGCS2000")}
    assert liantu.distance(network(schools), to="school").summary["measured"] == 2
    schools["b"]["datum"] = "BD-09"
    with pytest.raises(DataError):
        network(schools)


def test_a_datum_that_only_some_state_holds_for_all():
    made = network({"A": at(110, 30, datum="GCJ-02", **CORE), "b": at(110, 31)})
    said = {note.code: note.text("en") for note in liantu.distance(made, datum="wgs84").notes}
    assert "GCJ-02" in said["datum_partly"] and "datum_converted" in said


# -- options and words ------------------------------------------------------------------------


def test_without_coordinates_it_says_so():
    result = liantu.distance(network({"A": CORE, "b": {}}))
    assert result.summary["measured"] == 0 and result.summary["km_max"] is None
    assert [note.code for note in result.notes] == ["no_coordinates"]


@pytest.mark.parametrize("wrong", [{"limit_km": -1}, {"limit_km": float("nan")}, {"to": "moon"}])
def test_wrong_options(wrong):
    with pytest.raises(OptionError):
        liantu.distance(chain(), **wrong)


def test_from_the_command_line(capsys):
    assert main(["distance", "case:demo", "--limit-km", "5", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["summary"]["within"] + said["summary"]["beyond"] == said["summary"]["measured"] > 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_chart_counts_every_school(lang):
    figure = liantu.distance(chain()).plot(lang)
    axes = figure.axes[0]
    assert axes.get_yticklabels()[0].get_text() == "≤ 5"
    assert sum(bar.get_width() for bar in axes.patches[:6]) == 4  # all, then the uncovered
    assert sum(bar.get_width() for bar in axes.patches[6:12]) == 3
