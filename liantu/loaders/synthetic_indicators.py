"""The resource indicators of a synthetic region: what its schools have for each pupil.

Teachers are counted as the lists have them, so that figures and names agree. City schools have
more equipment and more trained teachers, village schools more ground for each pupil, and in every
kind of school some stay below a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.graph.indicators import indicators
from liantu.loaders.synthetic import Array, Rng, Schools
from liantu.vocabulary import pe_and_arts

# What of a school's pupils each section has, by the years that it takes.
_SECTIONS = {
    "nine_year": {"primary": 6, "junior": 3},
    "twelve_year": {"primary": 6, "junior": 3, "senior": 3},
    "complete_secondary": {"junior": 3, "senior": 3},
}
_STAGES = ("primary", "junior", *_SECTIONS)
_POINT = 50  # pupils from which a teaching point reports for itself
_YEAR = "2026"
_SEATS = {"111": 0, "112": 0, "121": 1, "122": 1, "210": 1, "220": 2}  # city, town, village
_DEGREE = np.array([0.86, 0.78, 0.4])  # of the teachers, above the required degree
_CORE_DEGREE = 0.93
# Median for each pupil and seat: m² of floor, m² of sports ground, yuan of equipment.
_MEDIANS = {
    "floor_area_per_pupil": (5.4, 5.8, 6.6),
    "sports_area_per_pupil": (8.2, 9.6, 11.5),
    "equipment_per_pupil": (2700.0, 2300.0, 1900.0),
}
_SPREAD = 0.2  # of the logarithm
_JUNIOR = 1.25  # times as much as in a primary school
_CLASS = 40  # pupils of a classroom with multimedia
_ROOMS = np.array([1.05, 0.95, 0.8])  # rooms a class
_SCORED = range(2020, 2027)  # years with a test
_LEVELS = np.array([72.0, 66.0, 61.0])  # mean score by seat
_GAIN, _YEARS_GAINED = 0.8, 3  # points a year that members gain, and for how many years
_UNITS = {
    "people_per_100": "人", "m2_per_pupil": "平方米", "yuan_per_pupil": "元", "rooms_per_100": "间",
}  # fmt: skip


def figures(rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the observations of the seven indicators; small points report with their centre.

    Schools with several sections state pupils, teachers and classrooms of each section too.
    """
    schools = frames["school"]
    reports = schools["stage"].isin(_STAGES)
    reports &= (schools["type"] != "218") | (net.pupils >= _POINT)
    rows = np.flatnonzero(reports.to_numpy(dtype=bool))
    seat = schools["urban_rural"].map(_SEATS).to_numpy(dtype=np.int64)
    junior = (schools["stage"] != "primary").to_numpy(dtype=bool)
    found = {
        **_teachers(rng, net, frames["teacher"], seat),
        **_grounds(rng, seat, junior),
        "multimedia_per_100": _rooms(rng, net, seat),
    }
    parts = [
        pd.DataFrame(
            {
                "kind": "school",
                "id": net.ids[rows],
                "measure": key,
                "period": _YEAR,
                "value": np.round(found[key][rows], 0 if one.unit == "yuan_per_pupil" else 2),
                "unit": _UNITS[one.unit],
            }
        )
        for key, one in indicators().items()
    ]
    return pd.concat([*parts, *_by_section(net, schools, found)], ignore_index=True)


def _by_section(
    net: Schools, schools: pd.DataFrame, found: Mapping[str, Array]
) -> list[pd.DataFrame]:
    """Return pupils of each section, and what sections do not have in common for 100 pupils."""
    parts = []
    apart = [(key, one) for key, one in indicators().items() if not one.shared]
    for stage, years in _SECTIONS.items():
        rows = np.flatnonzero((schools["stage"] == stage).to_numpy(dtype=bool))
        bounds = np.cumsum([0, *years.values()]) / sum(years.values())
        pupils = np.diff(np.rint(net.pupils[rows, None] * bounds), axis=1)
        told = {("pupils", "人", name): pupils[:, n] for n, name in enumerate(years)}
        for key, one in apart:
            whole = np.rint(found[key][rows] * net.pupils[rows] / 100)
            own = np.diff(np.rint(whole[:, None] * bounds), axis=1)
            for n, name in enumerate(years):
                if name != "senior":
                    value = np.round(100 * own[:, n] / np.maximum(pupils[:, n], 1), 2)
                    told[key, _UNITS[one.unit], name] = value
        for (key, unit, name), value in told.items():
            columns = {"measure": f"{key}@{name}", "period": _YEAR, "value": value, "unit": unit}
            parts.append(pd.DataFrame({"kind": "school", "id": net.ids[rows], **columns}))
    return parts


def _teachers(rng: Rng, net: Schools, teachers: pd.DataFrame, seat: Array) -> dict[str, Array]:
    """Return teachers for 100 pupils: above degree, backbone, and of PE and arts."""
    school, size = np.repeat(np.arange(len(net.ids)), net.teachers), len(net.ids)
    share = np.where(net.core, _CORE_DEGREE, _DEGREE[seat])
    arts = teachers["subject"].isin(list(pe_and_arts())).to_numpy(dtype=bool)
    counted = {
        "above_degree_per_100": rng.random(len(school)) < share[school],
        "backbone_per_100": teachers["backbone"].to_numpy(dtype=bool),
        "pe_arts_per_100": arts,
    }
    return {
        key: 100 * np.bincount(school, mask, size) / net.pupils for key, mask in counted.items()
    }


def _grounds(rng: Rng, seat: Array, junior: Array) -> dict[str, Array]:
    """Return what there is for each pupil: floor, sports ground, equipment."""
    return {
        key: np.array(medians)[seat]
        * np.where(junior, _JUNIOR, 1.0)
        * np.exp(_SPREAD * rng.standard_normal(len(seat)))
        for key, medians in _MEDIANS.items()
    }


def _rooms(rng: Rng, net: Schools, seat: Array) -> Array:
    """Return networked multimedia classrooms for 100 pupils, one at least."""
    share = _ROOMS[seat] * np.exp(0.1 * rng.standard_normal(len(seat)))
    rooms: Array = np.maximum(1, np.rint(net.pupils / _CLASS * share))
    return 100 * rooms / net.pupils


def scores(rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a mean score by year of the primary and junior schools that are more than a point.

    Schools differ for good, tests from year to year; members of an alliance gain a little a year.
    """
    schools, joined = frames["school"], frames["member_of"]
    reports = schools["stage"].isin(("primary", "junior", "nine_year")) & (schools["type"] != "218")
    rows = np.flatnonzero(reports.to_numpy(dtype=bool))
    seat = schools["urban_rural"].map(_SEATS).to_numpy(dtype=np.int64)[rows]
    member = joined[(joined["role"] == "member") & joined["start"].notna()]
    begun = member.groupby("source")["start"].min().dt.year.reindex(net.ids[rows]).to_numpy()
    level = _LEVELS[seat] + 5 * rng.standard_normal(len(rows))
    parts = []
    for year in _SCORED:
        gained = np.clip(np.nan_to_num(year - begun + 1, nan=0.0), 0, _YEARS_GAINED) * _GAIN
        value = level + rng.normal(0, 2) + gained + 2 * rng.standard_normal(len(rows))
        parts.append(
            pd.DataFrame(
                {
                    "kind": "school",
                    "id": net.ids[rows],
                    "measure": "mean_score",
                    "period": str(year),
                    "value": np.round(np.clip(value, 5, 99), 1),
                    "unit": "分",
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
