"""Spans of days as integers: open ends become the far past and the far future."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

LOW, HIGH = -(2**40), 2**40


def day_number(day: date) -> int:
    """Return the number of a day (1970-01-01 is 0)."""
    return int(np.datetime64(day, "D").astype(np.int64))


def days(dates: pd.Series, missing: int) -> np.ndarray:
    """Return day numbers of dates; missing ones become `missing` (`LOW` or `HIGH`)."""
    numbers = dates.to_numpy().astype("M8[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), missing, numbers)


def spans(frame: pd.DataFrame, start: str = "start", end: str = "end") -> pd.DataFrame:
    """Return columns `start`, `end` of a frame as day numbers, on its index."""
    columns = {"start": days(frame[start], LOW), "end": days(frame[end], HIGH)}
    return pd.DataFrame(columns, index=frame.index)


def dates(numbers: np.ndarray) -> pd.Series:
    """Return day numbers as dates; `LOW` and `HIGH` become missing."""
    known = np.abs(numbers) < HIGH
    stamps = np.where(known, numbers, 0).astype("M8[D]").astype("M8[s]")
    return pd.Series(np.where(known, stamps, np.datetime64("NaT", "s")))


def meet(frame: pd.DataFrame, *others: str) -> pd.DataFrame:
    """Intersect `start`/`end` with `start_x`/`end_x` for each suffix x; drop what is empty.

    Examples
    --------
    >>> frame = pd.DataFrame({"start": [0, 5], "end": [9, 9], "start_m": [3, 0], "end_m": [12, 4]})
    >>> meet(frame, "m")[["start", "end"]].values.tolist()
    [[3, 9]]
    """
    start = frame[["start", *(f"start_{x}" for x in others)]].max(axis=1)
    end = frame[["end", *(f"end_{x}" for x in others)]].min(axis=1)
    return frame.assign(start=start, end=end)[start <= end]


def gaps(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return, for each group, the spans that none of its spans covers.

    Parameters
    ----------
    frame
        Columns `by`, `start`, `end` (day numbers).
    by
        The columns that make a group.

    Returns
    -------
    pandas.DataFrame
        Columns `by`, `start_gap`, `end_gap`; empty gaps are left out.
    """
    frame = frame.sort_values([*by, "start", "end"], kind="stable", ignore_index=True)
    keys = frame.groupby(by, sort=False)
    reach = keys["end"].cummax()
    before = reach.groupby(keys.ngroup()).shift(1)
    fresh = before.isna() | (frame["start"] > before + 1)
    opening = frame[fresh].assign(
        start_gap=before[fresh].fillna(LOW - 1).astype(np.int64) + 1,
        end_gap=frame.loc[fresh, "start"] - 1,
    )
    last = frame.assign(reach=reach).groupby(by, sort=False)["reach"].max().reset_index()
    closing = last.assign(start_gap=last["reach"] + 1, end_gap=HIGH)
    columns = [*by, "start_gap", "end_gap"]
    both = pd.concat([opening[columns], closing[columns]], ignore_index=True)
    return both[both["start_gap"] <= both["end_gap"]]
