"""Read spans of time as people write them: ranges, terms and school years, durations.

A school year is 1 September – 31 August, its first term (autumn) ends on 31 January, its second
(spring) is 1 February – 31 July. A month or year means its first day as a start and its last as an
end.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from liantu.vocabulary import half_width

_LONGEST = 100  # characters; a longer cell is some other text
_DASHES = str.maketrans({**dict.fromkeys("—–―‒─━〜∼", "~"), **dict.fromkeys("‐‑−﹣", "-")})
_TIME = re.compile(r"(?<=\d)[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")

# -- one unit of time ---------------------------------------------------------------------------
_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月份?)?(?:初|底|末|[上中下]旬)?")
_YEAR = re.compile(r"(\d{4})(年度|年全年|年)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_SCHOOL_YEAR = re.compile(
    r"(\d{4})年?(?:[-~/至](\d{4}|\d{2})年?)?(?:学年度?|年学年)(?:全年|全学年)?"
)
_AUTUMN, _SPRING = "第?[一1]学期|上学期?|秋季?(?:学期)?", "第?[二2]学期|下学期?|春季?(?:学期)?"
_TERM = re.compile(
    rf"(\d{{4}})年?[-~/至](\d{{4}}|\d{{2}})年?(?:学年度?)?(?:(?P<autumn>{_AUTUMN})|(?:{_SPRING}))"
)
_TERM_OF_YEAR = re.compile(rf"(\d{{4}})学年度?(?:(?P<autumn>{_AUTUMN})|(?:{_SPRING}))")
_SEASON = re.compile(r"(\d{4})年?(?:度)?(?:(?P<autumn>秋)|春)季?(?:学期)?(?:开学)?")
_HALF = re.compile(r"(\d{4})年?(上|下)半年")

# -- what stands around units -------------------------------------------------------------------
_OPEN = "长期有效|长期|至今|到今|到现在|至现在|现在|今|永久|无固定期限|无限期|present|now|ongoing"
_SIGNED = re.compile(r"自?(?:协议|合同)?(?:签订|签字|签署|签约|生效)(?:之日|日期|日)?起")
_FROM = re.compile(
    rf"(?:自从|自|从|由)?(.+?)(起始|起|开始|始|以来|以后)?[,，、]?[-~至到]?({_OPEN})?[-~]?",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"(?:截止到|截至到|截至|截止|止于|至|到|[-~])(.+?)(?:止|为止|底前)?")
_ENDED = re.compile(r"(.+?)(?:为止|止|之前|前|到期|截止)")
_BRACKET = re.compile(r"(.*?)\(([^()]*)\)(.*)")
_BETWEEN = re.compile(r"起?至|起?到|起?~|起?-|to")
_SHORT = re.compile(
    r"(?:(?P<next>次年|翌年|第二年|来年)|当年|同年)?(?P<month>\d{1,2})"
    r"(?:(?P<word>月)|[./-])?(?:(?P<day>\d{1,2})日?)?"
)
_SHORT_DAY = re.compile(r"(\d{1,2})日?")

# -- lengths --------------------------------------------------------------------------------------
_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_COUNTED = r"(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十]+|半)"
_PIECE = re.compile(rf"{_COUNTED}个?(?P<unit>学年|学期|周年|年|月|周|星期|天|日)(?P<half>半)?")
_ABOUT_LENGTH = re.compile(
    r"^(?:为期|期限|有效期|聘期|协议期|合作期|任期|共计|共|约|满)?[为:]?|(?:整|制|(?<!学)期)$"
)


class Length(NamedTuple):
    """A duration: months, days, or terms of a school."""

    months: int = 0
    days: int = 0
    terms: int = 0

    def written(self) -> str:
        """Return the duration as a text, which columns hold and `last_days` reads."""
        return " ".join(map(str, self))


class Period(NamedTuple):
    """What a cell says of time.

    Attributes
    ----------
    start, end
        First and last day; None where the cell leaves it open.
    shape
        ``point`` one day, month or year; ``term`` a term or school year; ``range``; ``from``,
        ``until`` with one side open; ``open`` without either; ``length`` a duration alone; ``bad``.
    state
        ``""``, ``"repaired"``, ``"coarse"``, ``"bad"`` as for dates; ``"years"`` two bare years.
    length
        A duration, to be counted from a start.
    """

    start: date | None
    end: date | None
    shape: str
    state: str
    length: Length | None = None


BAD = Period(None, None, "bad", "bad")


def parse_period(text: str) -> Period:
    """Return what a cell says of time.

    Examples
    --------
    >>> period = parse_period("2023.9-2024.7")
    >>> str(period.start), str(period.end), period.shape
    ('2023-09-01', '2024-07-31', 'range')
    >>> period = parse_period("2023—2024学年第二学期")
    >>> str(period.start), str(period.end), period.shape
    ('2024-02-01', '2024-07-31', 'term')
    >>> parse_period("自2024年9月起").start, parse_period("一年半").length.months
    (datetime.date(2024, 9, 1), 18)
    """
    if len(text) > _LONGEST:
        return BAD
    wide = _TIME.sub("", half_width(text).translate(_DASHES))
    plain = re.sub(r"-{2,}|~+", "~", re.sub(r"\s+", "", wide))
    try:
        found = _period(plain)
        pieces = wide.split()
        if found is None and len(pieces) == 2:  # start and end below each other, or a blank between
            found = _range(pieces[0], pieces[1])
    except ValueError:  # no such day
        return BAD
    if found and not found.state and plain != text:
        return found._replace(state="repaired")
    return found or BAD


def _period(text: str) -> Period | None:
    if not text:
        return None
    if unit := _unit(text):
        return unit
    if re.fullmatch(_OPEN, text, re.IGNORECASE):
        return Period(None, None, "open", "repaired")
    if match := _BRACKET.fullmatch(text):
        return _bracketed(match[1] + match[3], match[2])
    if length := parse_length(text):
        return Period(None, None, "length", "repaired", length)
    if (match := _SIGNED.match(text)) and (
        length := parse_length(text[match.end() :].lstrip(",，"))
    ):
        return Period(None, None, "length", "repaired", length)
    return _ranged(text) or _from(text) or _until(text)


def _bracketed(outside: str, inside: str) -> Period | None:
    """Return what a cell with a remark in brackets says: 2023.9-2026.8(三年), 三年(2023.9起)."""
    outer, inner = _period(outside), _period(inside)
    if outer is None or inner is None:
        return outer or inner
    if outer.shape == "length" and inner.start:
        outer, inner = inner, outer
    if inner.length and outer.start and outer.end is None:
        return outer._replace(length=inner.length)
    return outer if inner.length or inner[:2] == outer[:2] else None


def _unit(text: str) -> Period | None:
    """Return a day, month, year, term or school year."""
    if match := _DAY.fullmatch(text):
        # 2024.9-12 is September to December, 2024-9-12 a day.
        if match[4] == "-" and match[2] != "-":
            return None
        day = date(int(match[1]), int(match[3]), int(match[5]))
        plain = match[2] == match[4] == "-" and len(text) == 10
        return Period(day, day, "point", "" if plain else "repaired")
    if match := _COMPACT.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        if match[3]:
            day = date(year, month, int(match[3]))
            return Period(day, day, "point", "repaired")
        return _month(year, month) if 1900 <= year <= 2100 else None
    if match := _MONTH.fullmatch(text):
        return _month(int(match[1]), int(match[2]))
    if match := _YEAR.fullmatch(text):
        year = int(match[1])
        shape = "term" if match[2] in ("年度", "年全年") else "point"
        return Period(date(year, 1, 1), date(year, 12, 31), shape, "coarse")
    if (match := _SERIAL.fullmatch(text)) and 10_000 <= int(match[1]) <= 80_000:
        day = date(1899, 12, 30) + timedelta(days=int(match[1]))
        return Period(day, day, "point", "repaired")
    return _school_time(text)


def _month(year: int, month: int) -> Period:
    if not 1 <= month <= 12:
        raise ValueError(month)
    last = calendar.monthrange(year, month)[1]
    return Period(date(year, month, 1), date(year, month, last), "point", "coarse")


def _school_time(text: str) -> Period | None:
    if match := _SCHOOL_YEAR.fullmatch(text):
        first = int(match[1])
        last = _second_year(first, match[2]) if match[2] else first + 1
        return _term(date(first, 9, 1), date(last, 8, 31)) if last > first else None
    if match := _TERM.fullmatch(text):
        first = int(match[1])
        if _second_year(first, match[2]) != first + 1:
            return None
        return _autumn(first) if match["autumn"] else _spring(first + 1)
    if match := _TERM_OF_YEAR.fullmatch(text):
        first = int(match[1])
        return _autumn(first) if match["autumn"] else _spring(first + 1)
    if match := _SEASON.fullmatch(text):
        return _autumn(int(match[1])) if match["autumn"] else _spring(int(match[1]))
    if match := _HALF.fullmatch(text):
        year, early = int(match[1]), match[2] == "上"
        days = ((1, 1), (6, 30)) if early else ((7, 1), (12, 31))
        return _term(date(year, *days[0]), date(year, *days[1]))
    return None


def _second_year(first: int, text: str) -> int:
    return int(text) if len(text) == 4 else first // 100 * 100 + int(text)


def _term(start: date, end: date) -> Period:
    return Period(start, end, "term", "repaired")


def _autumn(year: int) -> Period:
    return _term(date(year, 9, 1), date(year + 1, 1, 31))


def _spring(year: int) -> Period:
    return _term(date(year, 2, 1), date(year, 7, 31))


def _ranged(text: str) -> Period | None:
    """Return the range of a text that can be cut into two units in one way only."""
    plain = re.sub(r"^(?:自从|自|从|由)|(?:为止|止)$", "", text)
    found = {
        period
        for match in _BETWEEN.finditer(plain)
        if (period := _range(plain[: match.start()], plain[match.end() :]))
    }
    return found.pop() if len(found) == 1 else None


def _range(first: str, last: str) -> Period | None:
    try:
        left = _unit(first)
        right = (_unit(last) or _short(last, first, left)) if left else None
    except ValueError:
        return None
    if left is None or right is None:
        return None
    states = {left.state, right.state}
    state = "coarse" if "coarse" in states else "repaired"
    if re.fullmatch(r"\d{4}年?", first) and re.fullmatch(r"\d{4}年?", last):
        state = "years"
    return Period(left.start, right.end, "range", state)


def _short(text: str, before: str, left: Period) -> Period | None:
    """Return the end of a range that leaves its year out: 2024.9-12, 2024年9月1日至10日."""
    assert left.start is not None
    day_known = left.start == left.end
    if day_known and (match := _SHORT_DAY.fullmatch(text)):
        day = left.start.replace(day=int(match[1]))
        return Period(day, day, "point", "repaired")
    match = _SHORT.fullmatch(text)
    if match is None or _YEAR.fullmatch(before):
        return None
    year, month = left.start.year + bool(match["next"]), int(match["month"])
    if match["day"]:
        day = date(year, month, int(match["day"]))
        return Period(day, day, "point", "repaired")
    return _month(year, month)


def _from(text: str) -> Period | None:
    """Return a period with a start alone: 2024.9起, 2024年9月至今, 2023.9起三年."""
    match = _FROM.fullmatch(text)
    if match and (match[2] or match[3] or text[-1] in "-~") and (unit := _unit(match[1])):
        return Period(unit.start, None, "from", unit.state)
    for length in _PIECE.finditer(text):
        start, rest = text[: length.start()], text[length.start() :]
        start = re.sub(r"[,，、;；]?(?:为期|期限|有效期|共计?)?[为:]?$", "", start)
        start = re.sub(r"^(?:自从|自|从|由)|(?:起始|起|开始|始)$", "", start)
        if (unit := _unit(start)) and (found := parse_length(rest)):
            return Period(unit.start, None, "from", unit.state, found)
    return None


def _until(text: str) -> Period | None:
    for pattern in (_UNTIL, _ENDED):
        if (match := pattern.fullmatch(text)) and (unit := _unit(match[1])):
            return Period(None, unit.end, "until", unit.state)
    return None


def parse_length(text: str, unit: str = "") -> Length | None:
    """Return the duration that a text means, or None.

    Parameters
    ----------
    text
        A cell.
    unit
        What a bare number counts: 年, 月 …; "" where nothing says so.

    Examples
    --------
    >>> parse_length("三年"), parse_length("36个月"), parse_length("3", "年").months
    (Length(months=36, days=0, terms=0), Length(months=36, days=0, terms=0), 36)
    >>> parse_length("一学期"), parse_length("2年6个月").months
    (Length(months=0, days=0, terms=1), 30)
    """
    plain = re.sub(r"\s+", "", half_width(text))
    plain = _ABOUT_LENGTH.sub("", plain)
    if unit and re.fullmatch(r"\d+(\.\d+)?", plain):
        plain += unit
    months, days, terms, place = 0.0, 0.0, 0.0, 0
    for match in _PIECE.finditer(plain):
        if match.start() != place:
            return None
        place = match.end()
        number = _number(match["n"]) + (0.5 if match["half"] else 0)
        months += number * {"学年": 12, "周年": 12, "年": 12, "月": 1}.get(match["unit"], 0)
        days += number * {"周": 7, "星期": 7, "天": 1, "日": 1}.get(match["unit"], 0)
        terms += number * (match["unit"] == "学期")
    if place != len(plain) or not 0 < months + days + terms < 12_000:
        return None
    if any(number != int(number) for number in (months, days, terms)):
        return None
    return Length(int(months), int(days), int(terms))


def _number(text: str) -> float:
    if text == "半":
        return 0.5
    if text[0].isdigit():
        return float(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def last_days(starts: pd.Series, lengths: pd.Series) -> pd.Series:
    """Return the last day of durations: the start and the duration, less a day.

    Parameters
    ----------
    starts
        First days (``datetime64[s]``).
    lengths
        Durations as `Length.written` gives them, missing where there is none; aligned.

    Examples
    --------
    >>> starts = pd.Series(["2023-09-01", "2024-02-29"]).astype("M8[s]")
    >>> lengths = pd.Series([Length(36).written(), Length(12).written()])
    >>> last_days(starts, lengths).dt.strftime("%Y-%m-%d").tolist()
    ['2026-08-31', '2025-02-27']
    """
    found = pd.Series(np.datetime64("NaT", "s"), index=starts.index)
    usable = starts.notna() & lengths.notna()
    for text in sorted(set(lengths[usable])):
        here = usable & (lengths == text)
        days = starts[here].to_numpy().astype("M8[D]")
        found[here] = _ends(days, Length(*map(int, text.split()))).astype("M8[s]")
    return found


def _ends(days: np.ndarray, length: Length) -> np.ndarray:
    months = days.astype("M8[M]")
    inside = (days - months.astype("M8[D]")).astype(np.int64)
    for _ in range(length.terms):  # to the first day of the next term
        month = months.astype(np.int64) % 12  # 0 is January
        ahead = np.select([month == 0, month <= 6, month == 7], [1, 7 - month, 6], 13 - month)
        months, inside = months + ahead, np.zeros_like(inside)
    months = months + length.months
    room = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.int64) - 1
    return np.asarray(months.astype("M8[D]") + np.minimum(inside, room) + length.days - 1)
