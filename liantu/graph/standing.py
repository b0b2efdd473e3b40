"""How schools stand to the resource indicators, and what becomes of it when teachers leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.graph.indicators import Indicator, SectionName, indicator_values, indicators
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.staff import Staff
from liantu.graph.thresholds import (
    BELOW,
    MEETS,
    UNIT,
    levels,
    levels_of_people,
    needed,
    parts,
    people,
    school_rule,
    whole,
)

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]  # "" where a school is not judged

# The sections of compulsory education that a school of a stage has; the others are not judged.
_SECTIONS: dict[str, tuple[SectionName, ...]] = {
    "primary": ("primary",),
    "junior": ("junior",),
    "nine_year": ("primary", "junior"),
}
_GRAVEST = ["breaks", "already_below", "depends", "unknown", "holds"]
_VERDICTS = ["", "unknown", "already_below", "breaks", "holds"]


class Standing(NamedTuple):
    """How each school stands to the indicators, by position; what is unknown is masked.

    ``low`` and ``high`` are the thresholds of its sections, the least and the greatest of them.
    """

    judged: Bools
    figures: dict[str, Ints]
    told: dict[str, Bools]  # whether there is a figure
    pupils: Ints
    counted: Bools  # whether pupils are known
    low: dict[str, Ints]
    high: dict[str, Ints]
    has: dict[str, Ints]  # people

    @property
    def keys(self) -> list[str]:
        """The indicators that move with teachers."""
        return [key for key, one in indicators().items() if one.teachers]

    @property
    def known(self) -> dict[str, Bools]:
        """Where the number of people is known."""
        return {key: self.told[key] & self.counted for key in self.keys}

    def room(self, key: str, limit: dict[str, Ints]) -> Ints:
        """Return how many people more there are than needed; a figure that meets has 0 or more."""
        found = self.has[key] - needed(limit[key], self.pupils)
        return np.where(self.figures[key] >= limit[key], np.maximum(found, 0), found)

    def headroom(self, key: str) -> Floats:
        """Return the room to the highest threshold, NaN where it is unknown."""
        known = self.known[key] & self.judged
        return np.where(known, self.room(key, self.high), np.nan)

    def least(self) -> Floats:
        """Return the least headroom of the three, NaN where one is unknown."""
        found: Floats = np.min([self.headroom(key) for key in self.keys], axis=0)
        return found

    def verdict(self, key: str, staff: Staff) -> Words:
        """Return what becomes of a threshold by those posted out."""
        low, high = self.room(key, self.low), self.room(key, self.high)
        cases = [
            ~self.judged,
            ~self.known[key],
            low < 0,
            low < staff.sure[key],
            high >= staff.most[key],
        ]
        found: Words = np.select(cases, _VERDICTS, "depends")
        return found

    def gravest(self, staff: Staff) -> Words:
        """Return the gravest verdict of each school."""
        found = np.array([self.verdict(key, staff) for key in self.keys])
        cases = [(found == word).any(axis=0) for word in _GRAVEST]
        worst: Words = np.select(cases, _GRAVEST, "")
        return worst

    def rows(self, staff: Staff, schools: Ints) -> pd.DataFrame:
        """Return figures and verdicts of some schools, one row a school judged and indicator.

        Columns ``school`` (position), ``indicator, figure, threshold, has, needed, headroom``
        (NaN where unknown), ``leaving_least, leaving_most, threshold_verdict``; the schools stay
        in their order. Threshold and people needed are those of the highest of its sections.
        """
        schools = schools[self.judged[schools]]
        frames = []
        for key in self.keys:
            known = self.known[key]
            least = needed(self.high[key], self.pupils)
            columns = {
                "school": np.arange(len(known)),
                "indicator": key,
                "figure": np.where(self.told[key], self.figures[key] / UNIT, np.nan),
                "threshold": self.high[key] / UNIT,
                "has": np.where(known, self.has[key], np.nan),
                "needed": np.where(self.counted, least, np.nan),
                "headroom": self.headroom(key),
                "leaving_least": staff.sure[key],
                "leaving_most": staff.most[key],
                "threshold_verdict": pd.array(self.verdict(key, staff), dtype="str"),
            }
            frame = pd.DataFrame(columns).iloc[schools].astype({"indicator": "str"})
            frames.append(frame.assign(place=np.arange(len(schools))))
        found = pd.concat(frames).sort_values("place", kind="stable", ignore_index=True)
        return found.drop(columns="place")

    def rule(self, staff: Staff | None) -> Words:
        """Return whether the rule of six of seven is met, with everybody or without some."""
        worst, best, open_ = [], [], np.zeros(len(self.pupils), dtype=np.bool_)
        for key in indicators():
            told = self.told[key]
            bad, good = self._level(key, self.high, None), self._level(key, self.low, None)
            if staff is not None and key in self.has:
                most, sure = staff.most[key], staff.sure[key]
                bad, good = self._level(key, self.high, most), self._level(key, self.low, sure)
                open_ |= ~self.counted & (most > 0)
                bad = np.where(~self.counted & (most > 0), BELOW, bad)
            worst.append(np.where(told, bad, BELOW))
            best.append(np.where(told, good, MEETS))
            open_ |= ~told
        passes, may = (school_rule(np.stack(found, axis=1)) for found in (worst, best))
        cases = [~self.judged, passes, ~may, open_]
        found: Words = np.select(cases, ["", "meets", "fails", "unknown"], "depends")
        return found

    def _level(self, key: str, limit: dict[str, Ints], gone: Ints | None) -> Ints:
        """Return the levels of an indicator, without some people where their number is known."""
        now = levels(self.figures[key], limit[key])
        if key not in self.has:
            return now
        now = np.where(
            self.counted,
            np.maximum(now, levels_of_people(self.has[key], limit[key], self.pupils)),
            now,
        )
        if gone is None:
            return now
        left = np.maximum(self.has[key] - gone, 0)
        then = levels_of_people(left, limit[key], self.pupils)
        then = np.where(self.room(key, limit) >= gone, MEETS, then)
        return np.where(self.counted & (gone > 0), np.minimum(then, now), now)


def standing(network: Network, day: date) -> Standing:
    """Return how every school stands to the indicators on a day."""
    schools = network.columns("school", "stage", "pupils")
    values = indicator_values(network, day)
    stages = pd.Index(list(_SECTIONS)).get_indexer(pd.Index(schools["stage"]))
    pupils, counted = whole(schools["pupils"].astype("Float64").to_numpy(float, na_value=np.nan))
    figures, told, low, high, has = {}, {}, {}, {}, {}
    for key, one in indicators().items():
        figures[key], told[key] = parts(values[key])
        low[key], high[key] = (_limits(stages, one, pick) for pick in (min, max))
        if one.teachers:
            has[key] = people(figures[key], pupils)
    return Standing(stages >= 0, figures, told, pupils, counted, low, high, has)


def _limits(stages: Ints, one: Indicator, pick: Callable[[list[float]], float]) -> Ints:
    """Return the threshold of each school in millionths: of its sections the least or greatest."""
    limits = [pick([one.threshold(name) for name in names]) for names in _SECTIONS.values()]
    return parts([*limits, 0.0])[0][stages]  # −1, the last, is no such stage
