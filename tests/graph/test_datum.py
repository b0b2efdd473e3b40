"""Datums: names, known places, a second implementation, and back again."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from liantu.graph import datum

BOX = (75.0, 134.0), (4.0, 53.0)


def drawn(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return random.uniform(*BOX[0], count), random.uniform(*BOX[1], count)


# -- a second implementation, one place at a time -------------------------------------------------


def shifted(lon: float, lat: float) -> tuple[float, float]:
    """Return GCJ-02 of WGS-84 after the formula as it is commonly written out."""
    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x) ** 0.5
    d_lat += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * math.sin(y / 12.0 * pi) + 320 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x) ** 0.5
    d_lon += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lon += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = lat / 180.0 * pi
    magic = 1 - ee * math.sin(radians) * math.sin(radians)
    d_lat = d_lat * 180.0 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180.0 / (a / math.sqrt(magic) * math.cos(radians) * pi)
    return lon + d_lon, lat + d_lat


def halved(lon: float, lat: float) -> tuple[float, float]:
    """Return WGS-84 of GCJ-02 by bisection in turns of either axis, with no use of the inverse."""
    x, y = lon, lat
    for _ in range(6):
        low, high = x - 0.02, x + 0.02
        for _ in range(50):
            x = (low + high) / 2
            low, high = (x, high) if shifted(x, y)[0] < lon else (low, x)
        low, high = y - 0.02, y + 0.02
        for _ in range(50):
            y = (low + high) / 2
            low, high = (y, high) if shifted(x, y)[1] < lat else (low, y)
    return x, y


# -- tests --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wgs", "gcj", "bd"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597),
         (121.53801568643858, 31.181328606874466)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766),
         (113.92368472926734, 22.546667437751108)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069),
         (116.39045471310828, 39.919575550965874)),
    ],
)  # fmt: skip
def test_places_that_programs_agree_upon(wgs, gcj, bd):
    for name, there in ((datum.GCJ02, gcj), (datum.BD09, bd)):
        found = datum.from_wgs84(*(np.array([value]) for value in wgs), name)
        assert [value[0] for value in found] == pytest.approx(list(there), abs=1e-11)
        back = datum.to_wgs84(*(np.array([value]) for value in there), name)
        assert [value[0] for value in back] == pytest.approx(list(wgs), abs=1e-10)


def test_the_same_as_one_place_at_a_time():
    lon, lat = drawn()
    there = np.column_stack(datum.gcj02_of_wgs84(lon, lat))
    twin = np.array([shifted(x, y) for x, y in zip(lon, lat, strict=True)])
    np.testing.assert_allclose(there, twin, rtol=0, atol=1e-12)
    back = np.column_stack(datum.to_wgs84(lon, lat, datum.GCJ02))[:40]
    twin = np.array([halved(x, y) for x, y in zip(lon[:40], lat[:40], strict=True)])
    np.testing.assert_allclose(back, twin, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [datum.WGS84, datum.GCJ02, datum.BD09])
def test_there_and_back(name):
    lon, lat = drawn(2000)
    back = datum.to_wgs84(*datum.from_wgs84(lon, lat, name), name)
    np.testing.assert_allclose(back, (lon, lat), rtol=0, atol=1e-9)  # a tenth of a millimetre


def test_outside_china_nothing_moves():
    lon, lat = np.array([174.78, -0.1, np.nan]), np.array([-41.29, 51.5, np.nan])
    for name in (datum.GCJ02, datum.BD09):
        np.testing.assert_array_equal(datum.from_wgs84(lon, lat, name), (lon, lat))
        np.testing.assert_array_equal(datum.to_wgs84(lon, lat, name), (lon, lat))


def test_the_shift_is_what_the_docs_say():
    lon, lat = drawn(2000)
    for name, low, high in ((datum.GCJ02, 30, 700), (datum.BD09, 650, 1510)):
        x, y = datum.from_wgs84(lon, lat, name)
        metres = np.hypot((x - lon) * np.cos(np.radians(lat)), y - lat) * 111_195
        assert low < metres.min() < metres.max() < high


def test_names_of_one_datum():
    same = ["WGS-84", "wgs84", "WGS 84", "CGCS2000", "2000国家大地坐标系"]
    assert {datum.key(text) for text in same} == {datum.WGS84}
    assert {datum.key(text) for text in ("gcj02", "GCJ-02", "火星坐标系")} == {datum.GCJ02}
    assert datum.key("西安80") not in (datum.WGS84, datum.GCJ02, datum.BD09)
    assert datum.stated(pd.Series([None, "bd-09"])) == datum.BD09
    assert datum.stated(pd.Series([None, None], dtype="str")) is None
