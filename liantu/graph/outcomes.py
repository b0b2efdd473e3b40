"""Figures of schools by period, as a matrix, and since which period each school is supported."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.errors import RequestError
from liantu.graph.cover import cover
from liantu.graph.did import Control, Panel
from liantu.graph.feasible import counties
from liantu.graph.indicators import first_day, measure_of
from liantu.graph.kernels import Bools, Floats, Ints, Kernels
from liantu.graph.network import Network
from liantu.graph.periods import parse_period
from liantu.graph.spans import day_number
from liantu.graph.study import Study
from liantu.vocabulary import nearest

Treatment = Literal["covered", "joins"]
Scale = Literal["controls", "raw"]
Cluster = Literal["county", "alliance", "school"]
_NO_OUTCOME = ("pupils", "teachers")  # figures by period that are no outcome
_SCHOOL_YEAR = re.compile(r"\s*(\d{4})\s*[-–—~至/]\s*(\d{4})\s*(学年度?)?$|\s*(\d{4})\s*学年度?$")


class Outcomes(NamedTuple):
    """A measure by school and period.

    Attributes
    ----------
    periods
        Names of the periods, in order.
    last
        Their last days.
    values
        Shape (schools, periods), NaN where there is none.
    averaged
        Schools and periods with several figures, of which the mean was taken.
    unread
        Figures of periods that name no day.
    """

    periods: tuple[str, ...]
    last: tuple[date, ...]
    values: Floats
    averaged: int
    unread: int


def measures(network: Network) -> tuple[str, ...]:
    """Return the measures of schools that have two periods or more and may be outcomes.

    Numbers of pupils and teachers and the seven resource indicators are none.
    """
    frame = network.columns("observations", "kind", "measure", "period", "value")
    frame = frame[(frame["kind"] == "school") & frame["value"].notna() & frame["period"].notna()]
    number = frame.drop_duplicates(["measure", "period"])["measure"].value_counts()
    names = sorted(str(name) for name in number.index[number >= 2])
    return tuple(x for x in names if x.split("@")[0] not in _NO_OUTCOME and not measure_of(x))


def last_day(period: str) -> date | None:
    """Return the last day of a period, None where it names none; school years end in August.

    Examples
    --------
    >>> last_day("2024"), last_day("2023-2024学年"), last_day("2024-06")
    (datetime.date(2024, 12, 31), datetime.date(2024, 8, 31), datetime.date(2024, 6, 30))
    """
    if match := _SCHOOL_YEAR.match(period):
        return date(int(match[2] or int(match[4]) + 1), 8, 31)
    return parse_period(period).end


def outcomes(
    network: Network, measure: str, day: date, subject: str | None, grade: str | None
) -> Outcomes:
    """Return a measure of schools by period, of the periods that have begun by a day.

    Parameters
    ----------
    network
        The network.
    measure
        The measure, as written.
    day
        The day judged.
    subject, grade
        Only figures of these; by default all, of several the mean.

    Raises
    ------
    RequestError
        If no school has the measure.
    """
    frame = network.columns(
        "observations", "kind", "id", "measure", "period", "value", "subject", "grade"
    )
    frame = frame[(frame["kind"] == "school") & np.isfinite(frame["value"].astype(float))]
    here = frame[frame["measure"] == measure]
    if here.empty:
        near = nearest(measure, sorted(set(frame["measure"].astype(str)))) or "–"
        raise RequestError.of("unknown_measure", value=measure, nearest=near)
    for key, value in (("subject", subject), ("grade", grade)):
        if value is not None:
            here = here[here[key] == value]
    names = [str(name) for name in sorted(here["period"].dropna().unique())]
    spans = {name: (first_day(name), last_day(name)) for name in names}
    read = {name: end for name, (begin, end) in spans.items() if begin and end and begin <= day}
    later = [name for name, (begin, _) in spans.items() if begin and begin > day]
    order = sorted(read, key=lambda name: (read[name], name))
    unread = int((~here["period"].isin([*order, *later])).sum())
    here = here[here["period"].isin(order)]
    cells = here.groupby(["id", "period"])["value"].agg(["mean", "size"]).reset_index()
    values = np.full((network.size("school"), len(order)), np.nan)
    row = network.ids("school").get_indexer(pd.Index(cells["id"]))
    values[row, pd.Index(order).get_indexer(pd.Index(cells["period"]))] = cells["mean"].to_numpy()
    averaged = int((cells["size"] > 1).sum())
    return Outcomes(tuple(order), tuple(read[name] for name in order), values, averaged, unread)


def first_periods(
    known: Study, kernels: Kernels, found: Outcomes, day: date, treatment: Treatment, window: str
) -> Ints:
    """Return the position of the first period in which each school is treated.

    The number of periods where it is in none. ``covered``: supported by ties of its own or through
    a parent on the last day of the period (its role as core does not count). ``joins``: member of
    an alliance, not as core, since the period or before.
    """
    size, number = known.network.size("school"), len(found.periods)
    if treatment == "joins":
        every = known.memberships()
        some = every.where(~every.core & (every.start <= day_number(day)))
        start = np.full(size, np.iinfo(np.int64).max)
        np.minimum.at(start, some.school, some.start.astype(np.int64))
        return np.searchsorted([day_number(x) for x in found.last], start).astype(np.int64)
    first = np.full(size, number)
    for place in range(number - 1, -1, -1):
        when = min(found.last[place], day)
        now = cover(known, known.tie_set(when, window), kernels, distances=False)
        first[now.by_tie | now.by_parent] = place
    return first


def givers(known: Study, day: date) -> Bools:
    """Return which schools have ever given support by a day: cores, and sources of ties one way."""
    network = known.network
    found = np.zeros(network.size("school"), dtype=np.bool_)
    every = known.ties(day)
    begun = (every.start <= day_number(day)) & ~every.mutual & (every.source < every.schools)
    found[every.source[begun]] = True
    members = known.memberships()
    found[members.school[members.core & (members.start <= day_number(day))]] = True
    return found


def parts_of(
    found: Outcomes, inside: Bools, first: Ints, anticipation: int
) -> npt.NDArray[np.object_]:
    """Return the part that each school plays in a panel; empty where it has no figures.

    ``treated``, ``control``, ``first_period`` (treated from the start, or so early that there is no
    period before), ``incomplete`` (without a figure in some period).
    """
    there = ~np.isnan(found.values)
    some, whole = there.any(axis=1) & inside, there.all(axis=1)
    role = np.full(len(first), "", dtype=object)
    role[some] = "control"
    role[some & (first < len(found.periods))] = "treated"
    role[some & (first <= anticipation) & (first < len(found.periods))] = "first_period"
    role[some & ~whole] = "incomplete"
    return role


def panel_of_schools(
    known: Study, found: Outcomes, role: npt.NDArray[np.object_], first: Ints, *, cluster: Cluster,
    scale: Scale, control: Control,
) -> tuple[Panel, bool]:  # fmt: skip
    """Return the schools that are treated or compared with as a panel.

    With scale ``controls`` figures of a period are in standard deviations of the schools compared
    with; what is returned beside says whether these do not differ in some period.
    """
    network = known.network
    used = np.flatnonzero((role == "treated") | (role == "control"))
    values, cohort = found.values[used], first[used]
    flat = False
    if scale == "controls":
        for place in range(values.shape[1]):
            rest = values[cohort == len(found.periods), place]
            if control == "not_yet":
                rest = values[cohort > place, place]
            spread = float(rest.std(ddof=1)) if len(rest) > 1 else 0.0
            flat |= not spread > 0
            values[:, place] = (values[:, place] - (rest.mean() if len(rest) else 0)) / (
                spread or 1
            )
    group = _clusters(network, known, cluster)[used]
    ids = network.ids("school")
    which = np.unique(group, return_inverse=True)[1].reshape(-1).astype(np.int64)
    panel = Panel(
        ids[used], pd.Index(found.periods, dtype="str"), values, cohort, which,
        ids[role == "first_period"], ids[role == "incomplete"],
    )  # fmt: skip
    return panel, flat


def _clusters(network: Network, known: Study, cluster: Cluster) -> Ints:
    """Return a number for what each school has in common with others; its own where nothing."""
    size = network.size("school")
    if cluster == "school":
        return np.arange(size)
    if cluster == "county":
        return counties(network)
    members = known.memberships()
    order = np.lexsort((members.alliance, members.start, ~members.core))[::-1]
    found = np.arange(size) + network.size("alliance")
    found[members.school[order]] = members.alliance[order]
    return found
