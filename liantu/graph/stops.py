"""The dates that a course over time is judged on: years, phases, or given ones."""

from __future__ import annotations

from datetime import date

import pandas as pd

from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network
from liantu.options import parse_date, parse_list

_MOST_YEARS = 500  # rows of a course over time


def stops(network: Network, by: str, day: date, first: pd.Timestamp) -> list[tuple[str, date]]:
    """Return name and date of each row of a course over time.

    Parameters
    ----------
    network
        The network, for its phases.
    by
        ``year``, ``phase``, or dates separated by commas.
    day
        The last day.
    first
        With what years begin; missing: with the year of the last day.

    Raises
    ------
    RequestError
        If the network has no phases, or there are too many years.
    OptionError
        If a date is malformed.

    Examples
    --------
    >>> stops(Network.from_frames({}), "2024-02,2023", date(2025, 1, 1), pd.NaT)
    [('2023-12-31', datetime.date(2023, 12, 31)), ('2024-02-29', datetime.date(2024, 2, 29))]
    """
    if by == "year":
        start = day.year if pd.isna(first) else min(first.year, day.year)
        if day.year - start > _MOST_YEARS:
            span = f"{start}–{day.year}"
            raise RequestError.of("too_many_years", value=span, limit=_MOST_YEARS)
        years = [date(year, 12, 31) for year in range(start, day.year)]
        return [(str(stop.year), stop) for stop in (*years, day)]
    if by == "phase":
        if not network.phases:
            raise RequestError.of("no_phases")
        found = []
        for number, phase in enumerate(network.phases, 1):
            begins, ends = (
                parse_date(phase[key], key) if phase.get(key) else None for key in ("start", "end")
            )
            if begins is None or begins <= day:
                name = str(phase.get("name") or number)
                found.append((name, min(ends, day) if ends else day))
        return found
    try:
        given = sorted({parse_date(text, "by") for text in parse_list(by) or ("",)})
    except OptionError:
        raise OptionError.of("bad_by", value=by, option="--by") from None
    return [(stop.isoformat(), stop) for stop in given]
