"""Values of options: dates, windows, lists. Malformed ones raise `OptionError` with a remedy."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, datetime

from liantu.errors import OptionError
from liantu.vocabulary import half_width

_DATE = re.compile(
    r"(\d{4})\s*(?:年|(?:[-/.年]\s*(\d{1,2})\s*(?:月|(?:[-/.月]\s*(\d{1,2})\s*日?)?)))?$"
)
_WINDOW = re.compile(r"(\d{1,5}|[一二两三四五六七八九十]|半)\s*([dmy]|个?月|年|天|日)$")
_UNITS = {"月": "m", "年": "y", "天": "d", "日": "d"}
_DIGITS = {"两": 2} | {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}


def parse_date(value: str | date, name: str = "as_of") -> date:
    """Return a date; ``2021-09`` and ``2021`` mean their last day.

    Dates may be written as tables have them, too: ``2026年1月1日``, ``2026.1``.

    Raises
    ------
    OptionError
        If the value is no date.

    Examples
    --------
    >>> parse_date("2026年1月1日"), parse_date("2024年2月")
    (datetime.date(2026, 1, 1), datetime.date(2024, 2, 29))
    >>> parse_date("2021-02")
    datetime.date(2021, 2, 28)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = _DATE.match(half_width(value))
    try:
        if match is None:
            raise ValueError
        year, month = int(match[1]), int(match[2] or 12)
        day = int(match[3]) if match[3] else calendar.monthrange(year, month)[1]
        return date(year, month, day)
    except ValueError:
        raise OptionError.of("bad_option_date", value=value, option=_flag(name)) from None


def minus(day: date, window: str, name: str = "window") -> date:
    """Return the day a window before another, months clamped to their end.

    Examples
    --------
    >>> minus(date(2024, 3, 31), "1m"), minus(date(1, 1, 1), "12m")
    (datetime.date(2024, 2, 29), datetime.date(1, 1, 1))
    """
    return _moved(day, window, name, -1)


def plus(day: date, window: str, name: str = "within") -> date:
    """Return the day a window after another, months clamped to their end.

    Examples
    --------
    >>> plus(date(2024, 1, 31), "1m"), plus(date(9999, 12, 1), "12m")
    (datetime.date(2024, 2, 29), datetime.date(9999, 12, 31))
    """
    return _moved(day, window, name, 1)


def _moved(day: date, window: str, name: str, sign: int) -> date:
    """Return a day so far away; beyond the calendar its first or last day."""
    number, unit = parse_window(window, name)
    number *= sign
    if unit == "d":
        here = day.toordinal() + number
        return date.fromordinal(min(max(here, date.min.toordinal()), date.max.toordinal()))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if sign < 0 else date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_window(value: str, name: str = "window") -> tuple[int, str]:
    """Return number and unit of a window such as ``12m``, ``90d``, ``3y``, ``1年`` or ``6个月``.

    Examples
    --------
    >>> parse_window("12m"), parse_window("1年"), parse_window("半年"), parse_window("6个月")
    ((12, 'm'), (1, 'y'), (6, 'm'), (6, 'm'))

    Raises
    ------
    OptionError
        If the value is malformed.
    """
    match = _WINDOW.match(half_width(str(value)))
    if match is None or (match[1] == "半" and match[2] != "年"):
        raise OptionError.of("bad_option_window", value=value, option=_flag(name))
    if match[1] == "半":
        return 6, "m"
    number = _DIGITS.get(match[1])
    return int(match[1]) if number is None else number, _UNITS.get(match[2][-1], match[2])


def parse_list(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return a list from comma-separated text or a sequence; None stays None.

    Examples
    --------
    >>> parse_list("assists, member_of")
    ('assists', 'member_of')
    """
    if value is None:
        return None
    parts = re.split(r"[,，]", value) if isinstance(value, str) else list(value)
    return tuple(part.strip() for part in parts if part.strip())


def check_choice(value: str, choices: Sequence[str], name: str) -> str:
    """Return the value if it is one of the choices.

    Raises
    ------
    OptionError
        If it is none; the choices are named.
    """
    if value not in choices:
        allowed = ", ".join(choices)
        raise OptionError.of("bad_choice", value=value, option=_flag(name), allowed=allowed)
    return value


def check_range(value: float, name: str, low: float, high: float | None = None) -> None:
    """Raise `OptionError` unless low ≤ value (≤ high)."""
    if not value >= low or (high is not None and not value <= high):
        limits = f"≥ {low:,.12g}" if high is None else f"{low:,.12g} … {high:,.12g}"
        raise OptionError.of("bad_option_range", value=value, option=_flag(name), allowed=limits)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
