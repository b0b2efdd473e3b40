"""Read values as people write them: dates, numbers, yes and no, codes.

Every function works on the distinct texts of a column, so its cost does not grow with the rows.
It returns the typed values and, aligned with them, a state a value: ``""`` read as it stands,
``"repaired"`` read after a change of form, ``"coarse"`` less precise than a day or a code,
``"least"`` and ``"about"`` a number that says so, ``"bad"`` not readable and ``"fraction"`` no
whole number (the value is then missing).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from liantu import vocabulary
from liantu.graph import columns
from liantu.vocabulary import half_width

States = pd.Series  # of these words, aligned with the values
_STATES = ("", "repaired", "coarse", "bad", "unknown", "fraction", "least", "about")
_STATE = pd.CategoricalDtype(list(_STATES))

_OPEN = {"至今", "现在", "长期", "今", "无固定期限", "present", "now", "ongoing"}
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_TIME = re.compile(r"(?<![T ])[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$")
# Behind another sign a hyphen means “until”: 2024.9-12.
_PARTS = re.compile(
    r"(\d{4})\s*(?:[/.年]\s*(\d{1,2})(?:\s*[/.月]\s*(\d{1,2})\s*日?|\s*月)?"
    r"|-\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月)?)$"
)
_YEAR = re.compile(r"(\d{4})\s*年?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?$")
_NUMBER = re.compile(r"([+-]?)(\d+(?:,\d{3})*|\d*)(\.\d+)?([eE][+-]?\d{1,3})?\s*([^\d\s.,]*)$")
# What needs no reading: the same in every notation, and exact as it is.
_PLAIN = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_LONGEST = 200  # characters of a date or number; a longer cell is some other text
_UNITS = {"": 1.0, "万": 1e4, "亿": 1e8}
# 30余人, 30多名, 30人以上, 30+, 不少于30人; 约30人, 30人左右.
_AT_LEAST = re.compile(r"^(?:不少于|不低于|至少|超过|逾)|(?<=[\d万亿人名])(?:余|多|以上|\+)")
_ABOUT = re.compile(r"^(?:大约|约|近)|左右$")
_COUNTED = "人名次节所个对场元校课位册件套间亩年"


def parse_date(text: str, last: bool) -> tuple[date | None, str]:
    """Return the date that a text means and its state; a coarse one means its first or last day.

    Examples
    --------
    >>> parse_date("2023年9月", last=True)
    (datetime.date(2023, 9, 30), 'coarse')
    >>> parse_date("45170", last=False)
    (datetime.date(2023, 9, 1), 'repaired')
    """
    state = ""
    if len(text) > _LONGEST:
        return None, "bad"
    try:
        if match := _ISO.match(text):
            return date(int(match[1]), int(match[2]), int(match[3])), ""
        text, state = _TIME.sub("", half_width(text)), "repaired"
        if text in _OPEN:
            return None, "repaired" if last else "bad"
        if match := _COMPACT.match(text):
            return date(int(match[1]), int(match[2]), int(match[3])), state
        if match := _PARTS.match(text):
            year, month, given = int(match[1]), int(match[2] or match[4]), match[3] or match[5]
            if given:
                return date(year, month, int(given)), state
            day = calendar.monthrange(year, month)[1] if last else 1
            return date(year, month, day), "coarse"
        if match := _YEAR.match(text):
            year = int(match[1])
            return (date(year, 12, 31) if last else date(year, 1, 1)), "coarse"
        if (match := _SERIAL.match(text)) and 10_000 <= int(match[1]) <= 80_000:
            return date(1899, 12, 30) + timedelta(days=int(match[1])), state
    except (ValueError, calendar.IllegalMonthError):
        pass
    return None, "bad"


def parse_number(text: str, whole: bool) -> tuple[float | int | None, str]:
    """Return the number that a text means and its state.

    Examples
    --------
    >>> parse_number("1,234人", whole=True), parse_number("3.5万元", whole=False)
    ((1234, 'repaired'), (35000.0, 'repaired'))
    >>> parse_number("30余人", whole=True), parse_number("约30名", whole=True)
    ((30, 'least'), (30, 'about'))
    >>> parse_number("125.2", whole=True)
    (None, 'fraction')
    """
    plain = half_width(text)
    if len(text) > _LONGEST:
        return None, "bad"
    exact = _AT_LEAST.sub("", plain)
    least = exact != plain
    plainer = _ABOUT.sub("", exact)
    about, exact = plainer != exact, plainer
    match = _NUMBER.match(exact)
    if match is None or not (match[2] or match[3]):
        return None, "bad"
    unit = match[5].rstrip(_COUNTED)
    if unit not in _UNITS:
        return None, "bad"
    number = float(
        f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}{match[4] or ''}"
    )
    if unit:  # 3.7 × 10,000 is 37,000, not 37,000.00000000001
        number = round(number * _UNITS[unit], 6)
    if not np.isfinite(number) or (whole and abs(number) > 1e15):
        return None, "bad"
    if whole and number != int(number):
        return None, "fraction"
    value = int(number) if whole else number
    if least or about:
        return value, "least" if least else "about"
    return value, "" if plain == text and "," not in text and not match[5] else "repaired"


def among(texts: pd.Series, known: pd.Series | pd.Index) -> pd.Series:
    """Return which texts are among known ones; `Series.isin` walks long lists of text in Python."""
    return pd.Series(columns.is_in(texts, known), index=texts.index)


def _each(
    texts: pd.Series, dtype: Any, read: Callable[[str], tuple[Any, str]]
) -> tuple[pd.Series, States]:
    """Apply a reader to the distinct texts; missing stays missing."""
    codes, distinct = pd.factorize(texts)
    pairs = [read(str(text)) for text in distinct]
    # By way of objects: dates of long ago are none that pandas would read.
    found = np.array([*(pair[0] for pair in pairs), None], dtype=object)
    values = pd.Series(found.astype("M8[s]") if dtype == "M8[s]" else pd.array(found, dtype=dtype))
    states = np.array([*(_STATES.index(pair[1]) for pair in pairs), 0], dtype=np.int8)
    return (
        values.take(codes).set_axis(texts.index),
        pd.Series(pd.Categorical.from_codes(states[codes], dtype=_STATE), index=texts.index),
    )


def read_dates(texts: pd.Series, *, last: bool, format: str = "") -> tuple[pd.Series, States]:
    """Return dates (``datetime64[s]``) and states; `format` is a `strptime` format."""

    def formatted(text: str) -> tuple[date | None, str]:
        try:
            if len(text) <= _LONGEST:
                return datetime.strptime(half_width(text), format).date(), ""
        except (ValueError, re.error):  # the latter for a format that says something twice
            pass
        return None, "bad"

    read = formatted if format else lambda text: parse_date(text, last)
    return _each(texts, "M8[s]", read)


def read_numbers(texts: pd.Series, *, whole: bool) -> tuple[pd.Series, States]:
    """Return numbers (``Int64`` or ``float64``) and states."""
    dtype: Any = "Int64" if whole else "float64"
    if (plain := _plain_numbers(texts, whole)) is not None:
        states = pd.Categorical.from_codes(np.zeros(len(texts), dtype=np.int8), dtype=_STATE)
        return plain.astype(dtype), pd.Series(states, index=texts.index)
    return _each(texts, dtype, lambda text: parse_number(text, whole))


def _plain_numbers(texts: pd.Series, whole: bool) -> pd.Series | None:
    """Return the numbers of a column in which every text is a plain one, else None."""
    cells = columns.arrow(texts)
    if pc.all(pc.match_substring_regex(cells, _PLAIN)).as_py() is False:
        return None
    found = pd.Series(pc.cast(cells, "float64").to_numpy(zero_copy_only=False), index=texts.index)
    return None if whole and (found % 1 > 0).any() else found


def read_bools(texts: pd.Series) -> tuple[pd.Series, States]:
    """Return yes and no (``boolean``) and states."""

    def read(text: str) -> tuple[bool | None, str]:
        key = vocabulary.find("bool", text)
        return (None if key is None else key == "true"), "bad" if key is None else ""

    return _each(texts, "boolean", read)


def read_codes(texts: pd.Series, group: str, *, closed: bool) -> tuple[pd.Series, States]:
    """Return the keys of codes and states.

    With `closed`, an unknown word is bad; without, it is kept as written, with the state
    ``"unknown"``. A word such as 乡村 for an urban–rural code is coarse.
    """

    def read(text: str) -> tuple[str | None, str]:
        key = vocabulary.find(group, text)
        if key is None and text.endswith(".0"):
            key = vocabulary.find(group, text[:-2])
        if key is not None:
            return key, ""
        if group == "urban_rural" and (key := vocabulary.find("urban_rural_coarse", text)):
            return key, "coarse"
        return (None, "bad") if closed else (text, "unknown")

    return _each(texts, "str", read)
