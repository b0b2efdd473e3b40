"""Verdicts on balanced development: counties by stage and indicator, schools by thresholds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.compulsory import Sections
from liantu.graph.indicators import SECTIONS, indicators
from liantu.graph.inequality import (
    Spread,
    least_share,
    parts,
    pooled,
    reaches,
    shortfall,
    spread,
    without_each,
)
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.scope import at_level
from liantu.graph.sharing import Homes, Moved

LIMITS = np.array([0.50, 0.45])  # of the coefficient of variation, by section
CLOSE = 0.005  # to the limit
ENOUGH = 0.85  # of its threshold, for the one indicator that a school may miss
MISSED = 1  # indicators that a school may miss
KEYS = tuple(indicators())
_ALL = tuple(indicators().values())
_SEVEN = len(KEYS)
PER = np.array([float(one.per) for one in _ALL])
NEEDED = np.array([[one.threshold(name) for one in _ALL] for name in SECTIONS])
TEACHERS = np.flatnonzero([one.teachers for one in _ALL])
# What sections of a school do not have in common.
APART = np.flatnonzero([not one.shared for one in _ALL])
_AMOUNTS = {
    "people_per_100": "people", "rooms_per_100": "rooms", "m2_per_pupil": "m2",
    "yuan_per_pupil": "yuan",
}  # fmt: skip
_WORDS = np.array(["not_judged", "fails", "meets"], dtype=object)
_CLASSES = ("city", "town", "rural", "no_class")
_FLIP = ("balance", "cv", "balance_without", "cv_without", "limit")
_MEMBER = ("in_alliance", "no_alliance")


class Cells(NamedTuple):
    """County × stage × indicator: a unit is a county and stage, a cell one of its indicators.

    Attributes
    ----------
    county, section
        Of each unit: position of the region (−1 the whole network), position among the sections.
    unit
        The unit of each section of a school.
    item, cell, weight, value
        Of each figure that is known: its section of a school, its cell, pupils, value.
    spread
        The measures of each cell.
    schools
        Sections of schools, of each unit.
    pupils, pupils_known
        The pupils of each cell (NaN where unknown), and those whose schools state a figure.
    judged
        Whether enough is known for a verdict, of each cell.
    """

    county: Ints
    section: Ints
    unit: Ints
    item: Ints
    cell: Ints
    weight: Floats
    value: Floats
    spread: Spread
    schools: Ints
    pupils: Floats
    pupils_known: Floats
    judged: Bools

    @property
    def number(self) -> int:
        """How many cells there are."""
        return len(self.county) * _SEVEN

    @property
    def limit(self) -> Floats:
        """The limit of each cell."""
        found: Floats = np.repeat(LIMITS[self.section], _SEVEN)
        return found

    def frame(self, network: Network) -> pd.DataFrame:
        """Return the names of each cell: ``county, stage, indicator``."""
        return pd.DataFrame(
            {
                "county": named(network, "region", np.repeat(self.county, _SEVEN)),
                "stage": _stages(np.repeat(self.section, _SEVEN)),
                "indicator": _text(np.tile(KEYS, len(self.county))),
            }
        )

    def verdict(self, cv: Floats, which: Ints | slice = slice(None)) -> Any:
        """Return the verdicts of some cells if their CV were so."""
        codes = np.where(reaches(self.limit[which], cv), 2, 1)
        return _text(_WORDS[np.where(self.judged[which] & ~np.isnan(cv), codes, 0)])


def cells_of(found: Sections, min_share: float) -> Cells:
    """Return every county, stage and indicator, measured.

    Parameters
    ----------
    found
        The sections that count.
    min_share
        The share of pupils known that a verdict needs. A school whose stage, or pupils by section,
        are unknown counts with all its pupils as one without figures.
    """
    keys = found.county * len(SECTIONS) + found.section
    units, unit = np.unique(keys, return_inverse=True)
    size = len(units)
    known = ~np.isnan(found.value) & ~np.isnan(found.weight)
    item, column = np.nonzero(known)
    cell = unit[item] * _SEVEN + column
    weight, value = found.weight[known], found.value[known]
    stated = np.nan_to_num(found.pupils)
    schools = np.bincount(unit, minlength=size).astype(np.int64)
    total = np.bincount(unit, found.most, size).astype(float)
    lost = found.unplaced["county"].to_numpy(np.int64) * len(SECTIONS)
    lost = lost + found.unplaced["section"].to_numpy(np.int64)
    where = np.minimum(np.searchsorted(units, lost), max(size - 1, 0))
    here = units[where] == lost if size else np.zeros(len(lost), dtype=bool)
    np.add.at(total, where[here], found.unplaced["pupils"].to_numpy(dtype=float)[here])
    whole: Floats = np.repeat(total, _SEVEN)
    pupils_known = np.bincount(cell, stated[item], size * _SEVEN).astype(float)
    judged = (pupils_known > 0) & reaches(pupils_known, min_share * whole)
    measured = spread(cell, size * _SEVEN, weight, value)
    return Cells(
        units // len(SECTIONS), units % len(SECTIONS), unit, item, cell, weight, value, measured,
        schools, whole, pupils_known, judged,
    )  # fmt: skip


def named(network: Network, kind: str, codes: Ints) -> Any:
    """Return ids of nodes, missing where the position is −1."""
    ids = pd.Series([*network.ids(kind), None], dtype="str")
    return ids.iloc[np.where(codes < 0, len(ids) - 1, codes)].array


def table(network: Network, cells: Cells, flips: pd.DataFrame) -> pd.DataFrame:
    """Return one row a county, stage and indicator, with measures, verdict and shortfall."""
    found, frame = cells.spread, cells.frame(network)
    section = np.repeat(cells.section, _SEVEN)
    needed = NEEDED[section, np.tile(np.arange(_SEVEN), len(cells.county))]
    per = np.tile(PER, len(cells.county))
    below, pupils_below, lack = shortfall(
        cells.cell, cells.number, cells.weight, cells.value, needed[cells.cell], per[cells.cell]
    )
    nothing = found.items == 0
    by = ["county", "stage", "indicator"]
    numbers = flips.fillna({"county": ""}).groupby(by).size().rename("flips")
    turned = frame.fillna({"county": ""}).merge(numbers.reset_index(), on=by, how="left")["flips"]
    return frame.assign(
        balance=cells.verdict(found.cv),
        close=np.abs(found.cv - cells.limit) <= CLOSE,
        cv=found.cv,
        limit=cells.limit,
        schools=np.repeat(cells.schools, _SEVEN),
        schools_known=found.items,
        pupils=_whole(cells.pupils),
        pupils_known=_whole(cells.pupils_known),
        known_share=_share(cells.pupils_known, cells.pupils),
        mean=found.mean,
        median=found.median,
        gini=found.gini,
        theil=found.theil,
        mcloone=found.mcloone,
        threshold=needed,
        below=_whole(np.where(nothing, np.nan, below)),
        pupils_below=_whole(np.where(nothing, np.nan, pupils_below)),
        shortfall=np.where(nothing, np.nan, lack),
        amount_unit=_text(np.tile([_AMOUNTS[one.unit] for one in _ALL], len(cells.county))),
        flips=turned.fillna(0).astype(np.int64).to_numpy(),
    )


def flips(network: Network, cells: Cells, found: Sections) -> pd.DataFrame:
    """Return the schools without which the verdict on a cell would be another."""
    cv = without_each(cells.cell, cells.number, cells.weight, cells.value)
    before, after = cells.verdict(cells.spread.cv)[cells.cell], cells.verdict(cv, cells.cell)
    turned = np.asarray(before != after, dtype=np.bool_) & cells.judged[cells.cell] & ~np.isnan(cv)
    turned &= np.asarray(before != "not_judged", dtype=np.bool_)
    cell = cells.cell[turned]
    order = np.lexsort((found.school[cells.item[turned]], cell))
    cell, school = cell[order], found.school[cells.item[turned]][order]
    frame = cells.frame(network).iloc[cell].reset_index(drop=True)
    return frame.assign(
        school=named(network, "school", school),
        name=network.column("school", "name").iloc[school].astype("str").array,
        balance=before[turned][order],
        cv=cells.spread.cv[cell],
        balance_without=after[turned][order],
        cv_without=cv[turned][order],
        limit=cells.limit[cell],
    )[["school", "name", *frame.columns, *_FLIP]]


# -- schools -----------------------------------------------------------------------------------


def schools(network: Network, found: Sections) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each school by the thresholds, and what it lacks where it is below one.

    A school meets if at most one indicator is below its threshold and that by no more than
    15 %; it is judged as failing as soon as what is known breaks this.
    """
    needed = NEEDED[found.section]
    known = ~np.isnan(found.value)
    ratio = np.where(known, found.value / needed, np.inf)
    below = known & ~reaches(found.value, needed)
    short = known & ~reaches(found.value, ENOUGH * needed)
    broken = (below.sum(axis=1) > MISSED) | short.any(axis=1)
    code = np.where(broken, 1, np.where(known.all(axis=1), 2, 0))
    worst = ratio.argmin(axis=1) if len(ratio) else np.zeros(0, dtype=np.int64)
    least = ratio.min(axis=1, initial=np.inf)
    some = np.isfinite(least)
    frame = _schools(network, found).assign(
        adequacy=_text(_WORDS[code]),
        met=(known & ~below).sum(axis=1),
        below=below.sum(axis=1),
        below_85=short.sum(axis=1),
        weakest=_text(np.where(some, np.array(KEYS, dtype=object)[worst], None)),
        worst_ratio=np.where(some, least, np.nan),
        **{key: found.value[:, column] for column, key in enumerate(KEYS)},
    )
    rank = np.array([1, 0, 2])[code]
    order = np.lexsort((found.section, found.school, least, -below.sum(axis=1), rank))

    item, column = np.nonzero(below)
    lacking = frame[["school", "name", "county", "stage"]].iloc[item].reset_index(drop=True)
    lacking = lacking.assign(
        indicator=_text(np.array(KEYS, dtype=object)[column]),
        value=found.value[item, column],
        threshold=needed[item, column],
        of_threshold=ratio[item, column],
        shortfall=(needed - found.value)[item, column] * found.weight[item, column] / PER[column],
        amount_unit=_text(np.array([_AMOUNTS[one.unit] for one in _ALL], dtype=object)[column]),
        under_85=short[item, column],
    )
    places = np.lexsort((found.section[item], found.school[item], ratio[item, column]))
    return frame.iloc[order].reset_index(drop=True), lacking.iloc[places].reset_index(drop=True)


def _schools(network: Network, found: Sections) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school": named(network, "school", found.school),
            "name": network.column("school", "name").iloc[found.school].astype("str").array,
            "county": named(network, "region", found.county),
            "stage": _stages(found.section),
            "pupils": _whole(found.pupils),
        }
    )


def by_county(table: pd.DataFrame, by_school: pd.DataFrame) -> pd.DataFrame:
    """Return each county: it meets if all its cells do, and fails if one does."""
    key = table["county"].fillna("")
    frame = pd.DataFrame(index=pd.Index(np.unique(key), dtype="str"))
    frame.index.name = "county"
    counts = {
        "cells": (key, table["balance"]),
        "school_sections": (by_school["county"].fillna(""), by_school["adequacy"]),
    }
    for name, (group, verdicts) in counts.items():
        frame[name] = group.groupby(group).size().reindex(frame.index, fill_value=0)
        for end, word in (("meet", "meets"), ("fail", "fails"), ("not_judged", "not_judged")):
            number = (verdicts == word).groupby(group).sum()
            frame[f"{name}_{end}"] = number.reindex(frame.index, fill_value=0).astype(np.int64)
    met, lost = frame["cells_meet"] == frame["cells"], frame["cells_fail"] > 0
    code = np.where(lost, 1, np.where(met, 2, 0))
    frame.insert(0, "balance", _text(_WORDS[code]))
    frame.insert(1, "pupils", by_school["pupils"].groupby(key_of(by_school)).sum())
    frame["pupils"] = frame["pupils"].astype("Int64")
    frame = frame.reset_index()
    return frame.assign(county=frame["county"].where(frame["county"] != "").astype("str"))


def key_of(frame: pd.DataFrame) -> pd.Series:
    """Return the county of each row, "" where there are no regions."""
    return frame["county"].fillna("")


# -- groups ------------------------------------------------------------------------------------


def sharing(
    network: Network, cells: Cells, found: Sections, groups: Homes, posted: Moved
) -> pd.DataFrame:
    """Return what sharing inside the alliances would change, for what teachers bring along."""
    size, column = network.size("alliance"), np.arange(cells.number) % _SEVEN
    home = groups.alliance[found.school]
    group = np.where(home >= 0, home, size + found.school)  # who is in none shares with nobody
    split = parts(cells.cell, cells.number, group[cells.item], cells.weight, cells.value)
    mean, cv, limit = cells.spread.mean, cells.spread.cv, cells.limit
    share = least_share(mean, split.between, split.within, limit)
    member = home[cells.item] >= 0
    pairs = np.unique(
        cells.cell[member] * (size + 1) + home[cells.item][member], return_counts=True
    )
    working = pairs[0][pairs[1] > 1] // (size + 1)
    could = np.where(
        share == 0, "not_needed", np.where(np.isnan(share), "out_of_reach", "within_reach")
    )
    could[~cells.judged | np.isnan(cv)] = "not_judged"
    which = np.isin(column, TEACHERS)
    frame = cells.frame(network).assign(
        sharing=_text(could),
        alliances=np.bincount(working, minlength=cells.number),
        schools_in_alliances=np.bincount(cells.cell[member], minlength=cells.number),
        schools_known=cells.spread.items,
        cv=cv,
        limit=limit,
        share_needed=share,
        cv_shared=pooled(mean, split.between, split.within),
        cv_as_staffed=_as_staffed(cells, found, posted),
    )
    return frame[which].reset_index(drop=True)


def _as_staffed(cells: Cells, found: Sections, posted: Moved) -> Floats:
    """Return the CV with posted teachers where they teach; NaN where it is unknown who counts."""
    school, column = found.school[cells.item], cells.cell % _SEVEN
    net, unsure = posted.net[school, column], posted.unsure[school, column]
    busy = posted.unsure[school].any(axis=1) | (posted.net[school] != 0).any(axis=1)
    unsure = unsure | (found.split[cells.item] & busy)  # nobody knows in which section
    value = np.maximum(cells.value + net * PER[column] / cells.weight, 0.0)
    cv = spread(cells.cell, cells.number, cells.weight, value).cv
    return np.where(np.bincount(cells.cell, unsure, cells.number) > 0, np.nan, cv)


def groupings(
    network: Network, cells: Cells, found: Sections, groups: Homes
) -> dict[str, pd.DataFrame]:
    """Return how much lies between groups: counties, urban and rural, in an alliance or not."""
    item, cell = cells.item, cells.cell
    code = network.column("school", "urban_rural").astype("str").fillna("").iloc[found.school]
    begins = [code.str.startswith(start).to_numpy(dtype=bool) for start in ("12", "1", "2")]
    classes = np.select(begins, [1, 0, 2], 3)
    home = groups.alliance[found.school]
    member = np.where(home >= 0, 0, 1)
    alone = np.where(home >= 0, home, network.size("alliance") + found.school)
    frame, tables = cells.frame(network), []
    for grouping, group in (("urban_rural", classes), ("in_alliance", member), ("alliance", alone)):
        tables.append(_decomposed(frame, grouping, cell, group[item], cells))
    tables.append(_provinces(network, cells, found))
    every = pd.concat(tables, ignore_index=True)
    means = [
        _means(frame, "urban_rural", _CLASSES, classes[item], cells),
        _means(frame, "in_alliance", _MEMBER, member[item], cells),
    ]
    return {"groupings": every, "group_means": pd.concat(means, ignore_index=True)}


def _provinces(network: Network, cells: Cells, found: Sections) -> pd.DataFrame:
    """Return how much of each province lies between its counties."""
    counties = cells.county[cells.unit]
    above = at_level(network, counties, "province") if network.size("region") else counties
    keys, place = np.unique(above * len(SECTIONS) + found.section, return_inverse=True)
    frame = pd.DataFrame(
        {
            "province": named(network, "region", np.repeat(keys // len(SECTIONS), _SEVEN)),
            "county": pd.array([None] * (len(keys) * _SEVEN), dtype="str"),
            "stage": _stages(np.repeat(keys % len(SECTIONS), _SEVEN)),
            "indicator": _text(np.tile(KEYS, len(keys))),
        }
    )
    cell = place[cells.item] * _SEVEN + cells.cell % _SEVEN
    return _decomposed(frame, "county", cell, counties[cells.item] + 1, cells)


def _decomposed(
    frame: pd.DataFrame, grouping: str, cell: Ints, group: Ints, cells: Cells
) -> pd.DataFrame:
    """Return Theil's T of each cell between and within groups, where there are several."""
    found = parts(cell, len(frame), group, cells.weight, cells.value)
    whole = found.theil_between + found.theil_within
    if "province" not in frame:
        frame = frame.assign(province=pd.array([None] * len(frame), dtype="str"))
    made = frame[["province", "county", "stage", "indicator"]].assign(
        groups=found.groups,
        theil=whole,
        theil_between=found.theil_between,
        theil_within=found.theil_within,
        between_share=_share(found.theil_between, whole),
    )
    made.insert(0, "grouping", _text(np.full(len(made), grouping, dtype=object)))
    several: pd.DataFrame = made[found.groups > 1]
    return several


def _means(
    frame: pd.DataFrame, grouping: str, words: tuple[str, ...], group: Ints, cells: Cells
) -> pd.DataFrame:
    """Return pupils and mean of each group of each cell, where there are several."""
    size = len(words)
    found = spread(cells.cell * size + group, len(frame) * size, cells.weight, cells.value)
    made = frame.loc[frame.index.repeat(size)].reset_index(drop=True)
    made = made.assign(
        part=_text(np.tile(np.array(words, dtype=object), len(frame))),
        schools_known=found.items,
        pupils_known=_whole(found.weight),
        mean=found.mean,
    )
    made.insert(0, "grouping", _text(np.full(len(made), grouping, dtype=object)))
    some = (found.items > 0).reshape(-1, size)
    keep = (found.items > 0) & np.repeat(some.sum(axis=1) > 1, size)
    kept: pd.DataFrame = made[keep]
    return kept


# -- columns -----------------------------------------------------------------------------------


def _text(values: Any) -> Any:
    return pd.array(np.asarray(values, dtype=object), dtype="str")


def _stages(section: Ints) -> Any:
    return _text(np.array(SECTIONS, dtype=object)[section])


def _whole(values: Floats) -> Any:
    """Return pupils as whole numbers, missing where unknown."""
    return pd.array(np.where(np.isnan(values), np.nan, np.round(values)), dtype="Int64")


def _share(top: Floats, bottom: Floats) -> Floats:
    found: Floats = np.full(np.shape(bottom), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return np.clip(found, 0.0, 1.0)
