"""Ties as contacts: on which days of a horizon each can be used, and when help arrives."""

from __future__ import annotations

from datetime import date

import numpy as np

from liantu.graph import schema
from liantu.graph.kernels import Contacts, Ints
from liantu.graph.spans import HIGH, LOW, day_number, days
from liantu.graph.study import Study
from liantu.graph.ties import Ties
from liantu.options import parse_window


def contacts(study: Study, ties: Ties, day: date, since: date | None, lag: str) -> Contacts:
    """Return the ties that can be used between two days, equal pairs joined where they touch.

    Parameters
    ----------
    study, ties
        The study of the network and its ties.
    day
        The last day.
    since
        The first day; by default the first on which a dated tie begins.
    lag
        How long help takes from a school to the next, such as ``0d`` or ``12m``.

    Returns
    -------
    Contacts
        Over all nodes of the ties; day 0 is the first day. A state can be used on every day of its
        span, one without dates on all, an event on its day, one without a date never; no tie
        before both schools opened or from the day on which one of them closes.

    Raises
    ------
    OptionError
        If the lag is malformed.
    """
    start, end = (x.astype(np.int64) for x in (ties.start, ties.end))
    opened, shut = _lives(study, ties.nodes)
    for node in (ties.source, ties.target):
        start, end = np.maximum(start, opened[node]), np.minimum(end, shut[node])
    events = [name for name in ties.bases if schema.tables()[name].nature == "event"]
    never = ties.of(*events) & ~ties.dated
    last = day_number(day)
    begun = ties.start[~never & (ties.start > LOW) & (ties.start <= last)]
    first = int(begun.min()) if len(begun) else last
    if since is not None:
        first = day_number(since)
    start, end = np.maximum(start, first) - first, np.minimum(end, last) - first
    keep = ~never & (start <= end)
    columns = (x[keep].astype(np.int64) for x in (ties.source, ties.target, start, end))
    return Contacts(ties.nodes, *_joined(*columns), _later(day, first, lag))


def day_of_first(contacts: Contacts, day: date) -> int:
    """Return the day number of day 0 of contacts that end on a day."""
    return day_number(day) - len(contacts.later) + 1


def _lives(study: Study, nodes: int) -> tuple[Ints, Ints]:
    """Return the first and the last day of each node; only schools open and close."""
    schools = study.network.columns("school", "opened", "closed")
    first, last = np.full(nodes, LOW), np.full(nodes, HIGH)
    first[: len(schools)] = days(schools["opened"], LOW)
    last[: len(schools)] = days(schools["closed"], HIGH) - 1
    return first, last


def _joined(source: Ints, target: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Join spans of the same pair that overlap or follow one another day by day."""
    order = np.lexsort((end, start, target, source))
    source, target, start, end = (x[order] for x in (source, target, start, end))
    if not len(order):
        return source, target, start, end
    other = np.append(True, (np.diff(source) != 0) | (np.diff(target) != 0))
    shift = np.cumsum(other) * (int(end.max()) + 2)  # each pair a stretch of one line of its own
    reach = np.maximum.accumulate(end + shift)
    fresh = np.flatnonzero(np.append(True, (start + shift)[1:] > reach[:-1] + 1))
    latest = reach[np.append(fresh[1:], len(order)) - 1] - shift[fresh]
    return source[fresh], target[fresh], start[fresh], latest


def _later(day: date, first: int, lag: str) -> Ints:
    """Return for each day of the horizon when who leaves then arrives."""
    number, unit = parse_window(lag, "lag")
    last = day_number(day)
    every = np.arange(first, last + 1, dtype=np.int64)
    if unit == "d":
        return every + number - first
    dates = every.astype("M8[D]")
    months = dates.astype("M8[M]")
    inside = (dates - months.astype("M8[D]")).astype(np.int64)
    months = months + number * (12 if unit == "y" else 1)
    room = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.int64) - 1
    found: Ints = (months.astype("M8[D]")).astype(np.int64) + np.minimum(inside, room) - first
    return found
