"""Spans of days as integers: open ends become the far past and the far future."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

LOW, HIGH = -(2**30), 2**30  # beyond every date, and sums with a day still fit an int32


def day_number(day: date) -> int:
    """Return the number of a day (1970-01-01 is 0)."""
    return int(np.datetime64(day, "D").astype(np.int64))


def days(dates: pd.Series, missing: int) -> np.ndarray:
    """Return day numbers of dates; missing ones become `missing` (`LOW` or `HIGH`)."""
    numbers = dates.to_numpy().astype("M8[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), missing, numbers)


def dates(numbers: np.ndarray) -> pd.Series:
    """Return day numbers as dates; `LOW` and `HIGH` become missing."""
    known = np.abs(numbers) < HIGH
    stamps = np.where(known, numbers, 0).astype("M8[D]").astype("M8[s]")
    return pd.Series(np.where(known, stamps, np.datetime64("NaT", "s")))
