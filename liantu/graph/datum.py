"""Datums of coordinates in China: what a name means, and coordinates in WGS-84."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from liantu.graph.kernels import Floats
from liantu.vocabulary import half_width

WGS84, GCJ02, BD09 = "WGS-84", "GCJ-02", "BD-09"
# CGCS2000 and WGS-84 lie centimetres apart, so that they are one here.
_NAMES = {
    "WGS84": WGS84, "CGCS2000": WGS84, "EPSG4326": WGS84, "EPSG4490": WGS84, "NZGD2000": WGS84,
    "2000国家大地坐标系": WGS84, "国家2000": WGS84, "大地2000": WGS84, "GPS": WGS84,
    "GCJ02": GCJ02, "火星坐标": GCJ02, "火星坐标系": GCJ02, "国测局坐标": GCJ02, "高德": GCJ02,
    "高德坐标": GCJ02, "腾讯": GCJ02, "腾讯坐标": GCJ02, "AMAP": GCJ02,
    "BD09": BD09, "BD09LL": BD09, "百度": BD09, "百度坐标": BD09, "BAIDU": BD09,
}  # fmt: skip

_AXIS = 6378245.0  # metres: Krassovsky's ellipsoid, which GCJ-02 is shifted on
_SQUARED = 0.00669342162296594323  # its eccentricity
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271  # outside nothing is shifted
_TURN = np.pi * 3000 / 180
_ROUNDS = 20  # of which three or four are needed


def key(text: str) -> str:
    """Return what a datum is called here; one that is not known keeps its letters and digits.

    Examples
    --------
    >>> key("wgs84"), key("CGCS 2000"), key("火星坐标系"), key("Xian-80")
    ('WGS-84', 'WGS-84', 'GCJ-02', 'XIAN80')
    """
    plain = half_width(text).upper()
    for sign in " -_:（）()":
        plain = plain.replace(sign, "")
    return _NAMES.get(plain, plain)


def stated(datums: pd.Series) -> str | None:
    """Return the one datum of a network's schools, None where none is stated.

    A network has one: two are an error when it is read.
    """
    known = datums.dropna().unique()
    return key(str(known[0])) if len(known) else None


def to_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Return coordinates in WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees, NaN where unknown.
    datum
        `WGS84`, `GCJ02` or `BD09`.

    Returns
    -------
    tuple of numpy.ndarray
        Degrees; GCJ-02 is undone to less than a millimetre. Outside China nothing is shifted.

    References
    ----------
    The shift is not published; its formula is the one that map programs have in common, and this
    inverse is exact only for it.

    Examples
    --------
    >>> lon, lat = to_wgs84(np.array([116.38404722]), np.array([39.91334546]), GCJ02)
    >>> round(float(lon[0]), 6), round(float(lat[0]), 6)
    (116.377817, 39.911954)
    """
    if datum == WGS84:
        return lon, lat
    if datum == BD09:
        lon, lat = _undone(lon, lat, bd09_of_gcj02)
    return _undone(lon, lat, gcj02_of_wgs84)


def from_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Return coordinates of WGS-84 in another datum; the inverse of `to_wgs84`."""
    if datum == WGS84:
        return lon, lat
    lon, lat = gcj02_of_wgs84(lon, lat)
    return bd09_of_gcj02(lon, lat) if datum == BD09 else (lon, lat)


def gcj02_of_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return coordinates of WGS-84 in GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    root, both = np.sqrt(np.abs(x)), _waves(x, ((20, 6), (20, 2)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
    north = north + _waves(y, ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
    east = east + _waves(x, ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    flat = 1 - _SQUARED * np.sin(np.radians(lat)) ** 2
    meridian = _AXIS * (1 - _SQUARED) / flat**1.5
    parallel = _AXIS / np.sqrt(flat) * np.cos(np.radians(lat))
    here = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    moved_lon = np.where(here, lon + np.degrees(east / parallel), lon)
    return moved_lon, np.where(here, lat + np.degrees(north / meridian), lat)


def _waves(along: Floats, waves: tuple[tuple[float, float], ...]) -> Floats:
    """Return the sum of sines, in metres: two thirds of each amplitude, times pi each frequency."""
    found = np.zeros_like(along)
    for amplitude, frequency in waves:
        found = found + amplitude * 2 / 3 * np.sin(frequency * np.pi * along)
    return found


def bd09_of_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return coordinates of GCJ-02 in BD-09; outside China they stay."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _TURN)
    here = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    moved_lon = np.where(here, radius * np.cos(angle) + 0.0065, lon)
    return moved_lon, np.where(here, radius * np.sin(angle) + 0.006, lat)


def _undone(
    lon: Floats, lat: Floats, shift: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return what a shift made these coordinates of: it is small and smooth, so steps converge."""
    back_lon, back_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = shift(back_lon, back_lat)
        off_lon, off_lat = lon - there_lon, lat - there_lat
        back_lon, back_lat = back_lon + off_lon, back_lat + off_lat
        if not (np.maximum(np.abs(off_lon), np.abs(off_lat)) > 1e-11).any():
            break
    return back_lon, back_lat
