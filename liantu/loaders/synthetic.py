"""The land and the schools of a synthetic region, and the draws that its relations share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]
Rng = np.random.Generator


class _Category(NamedTuple):
    """What the schools of a category share; `family` says who can help whom."""

    name: str
    share: float
    stage: str
    type: str
    prefix: str  # "type" in the identification code
    seat: str  # city, town or village
    family: int
    pupils: float  # median
    spread: float  # of the logarithm


_CATEGORIES = (
    _Category("城区小学", 0.07, "primary", "211", "21", "city", 0, 480, 0.4),
    _Category("村小", 0.22, "primary", "211", "21", "village", 0, 62, 0.6),
    _Category("中心小学", 0.10, "primary", "211", "21", "town", 0, 240, 0.5),
    _Category("教学点", 0.20, "primary", "218", "21", "village", 0, 16, 0.7),
    _Category("城区幼儿园", 0.08, "kindergarten", "111", "11", "city", 3, 110, 0.4),
    _Category("镇幼儿园", 0.07, "kindergarten", "111", "11", "town", 3, 60, 0.5),
    _Category("镇中学", 0.10, "junior", "311", "31", "town", 1, 220, 0.5),
    _Category("城区初中", 0.04, "junior", "311", "31", "city", 1, 480, 0.4),
    _Category("九年制学校", 0.04, "nine_year", "312", "31", "town", 1, 260, 0.4),
    _Category("高中", 0.025, "senior", "342", "34", "city", 2, 640, 0.4),
    _Category("完全中学", 0.02, "complete_secondary", "341", "34", "city", 2, 560, 0.4),
    _Category("十二年制学校", 0.0125, "twelve_year", "345", "34", "city", 2, 560, 0.4),
    _Category("职校", 0.0225, "vocational", "361", "36", "city", 2, 400, 0.4),
)
_NAMES = [category.name for category in _CATEGORIES]
VILLAGE, CENTRE, POINT = (_NAMES.index(name) for name in ("村小", "中心小学", "教学点"))
KINDERGARTENS = [_NAMES.index("城区幼儿园"), _NAMES.index("镇幼儿园")]
_HELPING = [_NAMES.index("城区小学"), _NAMES.index("城区初中")]
_HELPED = [VILLAGE, CENTRE, _NAMES.index("镇中学"), _NAMES.index("九年制学校")]
FAMILIES = 4
_SCHOOLS_A_COUNTY = 160
_PROVINCE = "99"  # no province has this number
# fmt: off
_TOWNS = np.array([
    "青禾", "白石", "柳湾", "松岭", "云溪", "竹坪", "桃源", "清泉", "石桥", "麦田",
    "枫林", "沙洲", "荷塘", "高坡", "双河", "梨园", "银杏", "长坝", "月牙", "新桥",
], dtype=object)
# fmt: on
# The starts of terms from autumn 2020 to spring 2026.
_TERMS = np.arange(np.datetime64("2020-09"), np.datetime64("2026-04"), 6)


class Schools(NamedTuple):
    """Arrays over the schools that the relations need."""

    ids: Array
    category: Array
    county: Array
    place: Array  # position of the township's row among the regions, of the county's in its seat
    key: Array  # county and family as one number
    core: Array  # leads an alliance
    giver: Array
    receiver: Array
    pupils: Array
    teachers: Array
    first_teacher: Array
    closed: Array


# -- draws ---------------------------------------------------------------------------------------


def choose(rng: Rng, size: int, values: Any, weights: list[float]) -> Array:
    """Draw values by weight."""
    bounds = np.cumsum(weights) / np.sum(weights)
    found = np.searchsorted(bounds, rng.random(size), side="right")
    return np.asarray(values)[np.minimum(found, len(weights) - 1)]


def draw(rng: Rng, pool: Array, keys: Array, wanted: Array, skew: float = 1.0) -> Array:
    """Draw for each wanted key one of the pool that has it, −1 where none has.

    A skew above 1 favours those that stand first in the pool.
    """
    uniform = rng.random(len(wanted))
    if not len(pool):
        return np.full(len(wanted), -1, dtype=np.int64)
    pool = pool[np.argsort(keys[pool], kind="stable")]
    first = np.searchsorted(keys[pool], wanted, side="left")
    count = np.searchsorted(keys[pool], wanted, side="right") - first
    at = first + np.floor(uniform**skew * count).astype(np.int64)
    return np.where(count > 0, pool[np.minimum(at, len(pool) - 1)], -1)


def sample(rng: Rng, pool: Array, size: int, skew: float = 1.0) -> Array:
    """Draw from a pool; a skew above 1 favours its first. An empty pool gives nothing."""
    uniform = rng.random(size)
    return pool[np.floor(uniform**skew * len(pool)).astype(np.int64)] if len(pool) else pool


def shuffled(rng: Rng, pool: Array) -> Array:
    """Return a pool in another order."""
    return pool[np.argsort(rng.random(len(pool)), kind="stable")]


def spans(rng: Rng, size: int, years: int, dated: float, ended: float) -> dict[str, Array]:
    """Draw starts of terms, most of them recent, and ends `years` later, some of them unknown."""
    start = _TERMS[np.floor(rng.random(size) ** 0.7 * len(_TERMS)).astype(np.int64)]
    end = (start + 12 * years).astype("M8[D]") - 1
    chance = rng.random(size)
    return {"start": days(start, chance < dated), "end": days(end, chance < dated * ended)}


def days(dates: Array, known: Array) -> Array:
    """Return dates in the dtype of the schema, missing where they are not known."""
    return np.where(known, dates.astype("M8[s]"), np.datetime64("NaT", "s"))


def only(values: Any, known: Array) -> Array:
    """Return values as objects, None where they are not known."""
    result = np.full(len(known), None, dtype=object)
    result[known] = np.broadcast_to(np.asarray(values, dtype=object), len(known))[known]
    return result


def numbered(prefix: str, numbers: Array, width: int) -> Array:
    """Return numbers as text of one width behind a prefix."""
    text = pd.Series(numbers).astype("str").str.zfill(width)
    return (prefix + text).to_numpy(dtype=object)


def rank(key: Array) -> Array:
    """Return the running number, from 0, of each item within its key."""
    order = np.argsort(key, kind="stable")
    result = np.empty(len(key), dtype=np.int64)
    result[order] = np.arange(len(key)) - np.searchsorted(key[order], key[order], side="left")
    return result


def _of(field: str, category: Array) -> Array:
    return np.array([getattr(row, field) for row in _CATEGORIES])[category]


# -- land and schools ----------------------------------------------------------------------------


def land(rng: Rng, size: int) -> tuple[pd.DataFrame, pd.DataFrame, Schools]:
    """Return the tree of regions, the schools, and the arrays that the relations need."""
    counties = max(1, round(size / _SCHOOLS_A_COUNTY))
    county = np.arange(size) * counties // size
    share = (rank(county) + 0.5) / np.bincount(county)[county]
    bounds = np.cumsum([category.share for category in _CATEGORIES])
    category = np.minimum(np.searchsorted(bounds, share), len(_CATEGORIES) - 1)
    seat = _of("seat", category)
    group = county * len(_CATEGORIES) + category
    number, alike = rank(group), np.bincount(group)[group]
    towns = np.maximum(1, np.bincount(county[category == CENTRE], minlength=counties))
    anywhere = np.floor(rng.random(size) * towns[county]).astype(np.int64)
    town = np.where(seat == "village", anywhere, number % towns[county])
    town = np.where(seat == "city", -1, town)
    regions, place, own = _regions(county, town, towns, seat == "village")
    family = _of("family", category)
    giver = np.isin(category, _HELPING)
    core = giver & (number < (alike + 1) // 2)
    forgotten = rng.random(size) < np.where(category == VILLAGE, 0.4, 0.15)
    drawn = _of("pupils", category) * np.exp(_of("spread", category) * rng.standard_normal(size))
    limit = np.where(category == POINT, 95, np.where(category == VILLAGE, 400, 4000))
    pupils = np.clip(np.rint(drawn).astype(np.int64), 4, limit)
    teachers = np.maximum(2, np.rint(pupils / np.where(pupils < 100, 9, 19)).astype(np.int64))
    chance = rng.random(size)
    fresh = (seat == "city") & ~core & (chance > 0.8)
    closed = (category == POINT) & (chance > 0.95)
    weak = chance < np.where(seat == "village", 0.3, 0.08)
    names = regions["name"].to_numpy(dtype=object)
    lon, lat = _coordinates(rng, county, place, seat, len(regions))
    ids = _of("prefix", category).astype(object) + numbered(_PROVINCE, np.arange(1, size + 1), 6)
    frame = pd.DataFrame(
        {
            "id": ids,
            "name": _whole_names(regions, names, county, place, town)
            + np.array(_NAMES, dtype=object)[category]
            + numbered("", number + 1, 3),
            "region": regions["id"].to_numpy(dtype=object)[own],
            "stage": _of("stage", category),
            "type": _of("type", category),
            "ownership": np.where((family == 3) & (rng.random(size) < 0.4), "private", "public"),
            "urban_rural": _classes(rng, seat, town),
            "quality": np.select([core, fresh, weak], ["core", "new", "weak"], "ordinary"),
            "pupils": pupils,
            "teachers": teachers,
            "lon": lon,
            "lat": lat,
            "datum": "WGS-84",
            "opened": days(np.full(size, np.datetime64("2020-09-01")), fresh),
            "closed": days(np.full(size, np.datetime64("2025-08-31")), closed),
        }
    )
    net = Schools(
        ids=ids,
        category=category,
        county=county,
        place=place,
        key=county * FAMILIES + family,
        core=core,
        giver=giver,
        receiver=np.isin(category, _HELPED) & ~forgotten,
        pupils=pupils,
        teachers=teachers,
        first_teacher=np.cumsum(teachers) - teachers,
        closed=closed,
    )
    return regions, frame, net


def _is_township(town: Array) -> Array:
    """Every third one is a township (乡, rural); the others are towns (镇)."""
    township: Array = town % 3 == 2
    return township


def _classes(rng: Rng, seat: Array, town: Array) -> Array:
    """Return urban–rural codes."""
    city = choose(rng, len(seat), ["111", "112"], [0.8, 0.2])
    centre = np.where(_is_township(town), "210", choose(rng, len(seat), ["121", "122"], [0.8, 0.2]))
    return np.select([seat == "city", seat == "village"], [city, "220"], centre)


def _regions(
    county: Array, town: Array, towns: Array, village: Array
) -> tuple[pd.DataFrame, Array, Array]:
    """Return the regions, and each school's township (or county) and own region by position."""
    counties = len(towns)
    a_prefecture = max(10, -(-counties // 90))
    of_county = np.arange(counties) // a_prefecture
    prefectures = int(of_county[-1]) + 1
    prefecture_ids = numbered(_PROVINCE, np.arange(1, prefectures + 1), 2)
    county_ids = prefecture_ids[of_county] + numbered("", np.arange(counties) % a_prefecture + 1, 2)
    of_town = np.repeat(np.arange(counties), towns)
    first_town = np.cumsum(towns) - towns
    number = np.arange(len(of_town)) - first_town[of_town]
    town_ids = county_ids[of_town] + numbered("", number + 1, 3)
    again = number // len(_TOWNS)
    town_names = (
        _TOWNS[number % len(_TOWNS)]
        + np.where(again > 0, again.astype(str), "").astype(object)
        + np.where(_is_township(number), "乡", "镇").astype(object)
    )
    at_town = (first_town[county] + town)[village]
    of_village = rank(at_town)
    village_ids = town_ids[at_town] + numbered("", of_village + 201, 3)
    width = max(2, len(str(counties)))
    parts = [
        ("province", [_PROVINCE], ["演示省"], [None]),
        (
            "prefecture",
            prefecture_ids,
            numbered("演示市", np.arange(1, prefectures + 1), 2),
            _PROVINCE,
        ),
        (
            "county",
            county_ids,
            numbered("演示县", np.arange(1, counties + 1), width),
            prefecture_ids[of_county],
        ),
        ("township", town_ids, town_names, county_ids[of_town]),
        ("village", village_ids, numbered("演示村", of_village + 1, 2), town_ids[at_town]),
    ]
    frames = [
        pd.DataFrame({"id": ids, "name": names, "parent": parent, "level": level}, dtype="str")
        for level, ids, names, parent in parts
    ]
    regions = pd.concat(frames, ignore_index=True)
    first_county = 1 + prefectures
    first_place = first_county + counties
    place = np.where(town < 0, first_county + county, first_place + first_town[county] + town)
    own = place.copy()
    own[village] = first_place + len(of_town) + np.arange(int(village.sum()))
    return regions, place, own


def _whole_names(
    regions: pd.DataFrame, names: Array, county: Array, place: Array, town: Array
) -> Array:
    """Return what stands before a school's own name: 演示县01·青禾镇·."""
    first_county = int(np.flatnonzero(regions["level"] == "county")[0])
    middle = np.where(town < 0, "", "·" + names[place]).astype(object)
    whole: Array = names[first_county + county] + middle + "·"
    return whole


def _coordinates(
    rng: Rng, county: Array, place: Array, seat: Array, regions: int
) -> tuple[Array, Array]:
    """Return degrees east and north: counties on a grid, towns and schools scattered in them."""
    centre = np.where(seat == "city", 0.0, 1.0)
    scatter = np.select([seat == "city", seat == "town"], [0.03, 0.01], 0.06)
    result = []
    for grid in (100 + county % 30 * 0.6, 24 + county // 30 % 50 * 0.5):
        town = (rng.random(regions) - 0.5) * 0.44
        own = rng.standard_normal(len(county)) * scatter
        result.append(np.round(grid + centre * town[place] + own, 5))
    return result[0], result[1]
