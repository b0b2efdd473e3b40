"""Cells: plain values for machines, labelled text for people; always a column at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.vocabulary import Lang

# What a terminal would obey, or what would break a line.
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: missing as None, dates ISO, numbers in full precision.

    Examples
    --------
    >>> plain(pd.NaT), plain(np.int64(3)), plain(date(2021, 9, 1)), plain(("a", float("nan")))
    (None, 3, '2021-09-01', ['a', None])
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple | list | np.ndarray):
        return [plain(item) for item in value]
    return str(value)


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its index, if it bears a name, as the first column."""
    return frame if frame.index.name is None else frame.reset_index()


def with_names(frame: pd.DataFrame, names: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return a flat frame with a column of names after each column of ids, where it has none.

    Examples
    --------
    >>> frame = pd.DataFrame({"school": ["a"], "region": ["37"]})
    >>> with_names(frame, {"region": pd.Series({"37": "甲县"})}).to_dict("records")
    [{'school': 'a', 'region': '37', 'region_name': '甲县'}]
    """
    frame = flat(frame)
    keys = [str(key) for key in frame.columns]
    for key, following in zip(keys, [*keys[1:], ""], strict=True):
        if key not in names or following == "name":
            continue
        found = frame[key].astype("str").map(names[key].astype("str"), na_action="ignore")
        if found.notna().any():
            frame = frame.copy(deep=False)
            frame.insert(list(frame.columns).index(key) + 1, f"{key}_name", found.astype("str"))
    return frame


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain dictionaries; several codes of a cell are a list.

    Examples
    --------
    >>> records(pd.DataFrame({"pupils": pd.array([12, None], dtype="Int64")}))
    [{'pupils': 12}, {'pupils': None}]
    >>> records(pd.DataFrame({"flags": ["over_supported|over_out", None]}))
    [{'flags': ['over_supported', 'over_out']}, {'flags': []}]
    """
    frame = flat(frame)
    keys = [str(key) for key in frame.columns]
    columns = [_plain_column(frame.iloc[:, number]) for number in range(len(keys))]
    for place, key in enumerate(keys):
        if key in vocabulary.columns() and vocabulary.columns()[key].type == "codes":
            columns[place] = [cell.split("|") if cell else [] for cell in columns[place]]
    if not columns:
        return [{} for _ in range(len(frame))]
    return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain_column(values: pd.Series) -> list[Any]:
    dtype = values.dtype
    known = values.notna()
    if pd.api.types.is_datetime64_dtype(dtype):
        whole = (values[known] == values[known].dt.normalize()).all()
        values = values.dt.strftime("%Y-%m-%d" if whole else "%Y-%m-%dT%H:%M:%S")
    elif pd.api.types.is_float_dtype(dtype):
        known &= np.isfinite(values.to_numpy(dtype=float, na_value=np.nan))
    elif pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        return [plain(value) for value in values.astype(object)]
    found: list[Any] = values.astype(object).where(known, None).tolist()
    return found


def is_text(values: pd.Series) -> bool:
    """Whether a column holds text or codes: neither numbers, dates nor yes and no."""
    kind = pd.api.types
    return not (kind.is_numeric_dtype(values.dtype) or kind.is_datetime64_dtype(values.dtype))


def is_yes_no(values: pd.Series) -> bool:
    """Whether a column holds yes and no."""
    return pd.api.types.is_bool_dtype(values.dtype) and not is_text(values)


def labels(values: pd.Series, key: str, lang: Lang) -> pd.Series:
    """Return a column for people: codes and yes/no as words, everything else as it is.

    Examples
    --------
    >>> labels(pd.Series(["none", None, "active"]), "rung", "zh").fillna("").tolist()
    ['无', '', '有活动']
    """
    if is_yes_no(values):
        words = vocabulary.terms("bool")
        answers = {True: words["true"].label(lang), False: words["false"].label(lang)}
        return values.astype(object).map(answers)
    group = vocabulary.code_group(key)
    if group is None or not is_text(values):
        return values
    values = values.astype(object)
    distinct = values.dropna().unique()
    return values.map({code: vocabulary.label(str(code), lang, group) for code in distinct})


def texts(values: pd.Series, key: str, lang: Lang) -> list[str]:
    """Return a column as people read it in a table: labelled, rounded, missing as empty.

    Examples
    --------
    >>> texts(pd.Series([0.75, None]), "rate", "en"), texts(pd.Series([14.0, 2 / 3]), "x", "en")
    (['75.0 %', ''], ['14', '0.6667'])
    """
    return [_text(value, key, lang) for value in _plain_column(labels(values, key, lang))]


def _text(value: Any, key: str, lang: Lang) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        if vocabulary.is_points(key):
            return points(value, lang)
        return percent(value) if vocabulary.is_share(key) else number(value)
    return clean(str(value))


def clean(text: str) -> str:
    """Return text as one line without control characters."""
    return _CONTROL.sub(" ", text).strip()


def percent(value: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{value * 100:.1f} %"


def points(value: float, lang: Lang) -> str:
    """Return a difference of shares in percentage points with one decimal.

    Examples
    --------
    >>> points(0.1842, "en"), points(-0.1842, "zh"), points(0.0, "en")
    ('+18.4 pp', '-18.4 个百分点', '0.0 pp')
    """
    told = f"{value * 100:+.1f}"
    told = "0.0" if float(told) == 0 else told
    return f"{told} {vocabulary.label('percentage_points', lang, 'label')}"


def points_format(lang: Lang) -> str:
    """Return how a workbook shows percentage points, which its cells hold as such."""
    unit = f'" {vocabulary.label("percentage_points", lang, "label")}"'
    return ";".join(f"{sign}0.0{unit}" for sign in ("+", "-", ""))


def number(value: float) -> str:
    """Return a number with four significant digits, all digits of its whole part.

    Examples
    --------
    >>> number(14.0), number(12345.67), number(0.012345)
    ('14', '12346', '0.01235')
    """
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"
