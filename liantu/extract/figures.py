"""Figures of a text: counts with unit and object, money, rates and ranks; dates and periods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from liantu.extract.lexicon import Word, listed, split

Sort = Literal["count", "money", "rate", "rank", "date"]
Comparison = Literal["=", ">=", "<=", "~"]

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCALE = {
    "": 1.0,
    "十": 10.0,
    "百": 100.0,
    "千": 1000.0,
    "万": 1e4,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
}
_ARABIC = r"(?<![\d.\-/:：第A-Za-z])(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
_SCALED = "(?P<some>[余多来])?(?P<scale>百万|千万|[十百千万亿])?(?P<more>[余多来])?"
_CHINESE = (
    "(?<![第十百千万一二三四五六七八九两几])"
    "(?P<number>[两二三四五六七八九十百千]{1,6})(?P<more>[余多来])?"
)
_MONEY = re.compile(f"{_ARABIC}\\s*{_SCALED}(?P<unit>元|块钱)")
_LOOSE = re.compile(
    "(?:投入|投资|资金|经费|拨款|捐[赠资款]?|资助|安排|补助)[^，,。；;\\d]{0,6}"
    f"{_ARABIC}(?P<scale>万|亿)(?P<more>[余多])?(?![\u4e00-\u9fff]*?元)(?![人名所个家次户])"
)
_RATE = re.compile(
    f"{_ARABIC}\\s*(?P<unit>%|％|个百分点)|百分之(?P<words>[一二三四五六七八九十百点零]+)"
)
_FACTOR = re.compile(f"系数[为达至是]?{_ARABIC}(?!\\s*[%％\\d])")
_RANK = re.compile(
    r"第(?P<number>\d+)(?P<unit>名|位)|(?<![\d.第])(?P<from>\d+)(?:名|位)(?=[提上跃]?[升进]?[至到为]第)"
)
_DATES = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:年\s*(?:(?P<month>1[0-2]|0?[1-9])\s*月\s*(?:(?P<day>3[01]|[12]\d|0?[1-9])\s*日)?"
    r"|度|初|底|末|[春秋]季(?:学期)?)?|学年度?(?:[上下]学期|第[一二]学期)?|[-./](?P<m2>1[0-2]|0?[1-9])[-./](?P<d2>3[01]|[12]\d|0?[1-9])(?!\d))"
)
_SPAN = re.compile(r"\s*(?:—+|-+|–|~|～|至|到)\s*")
_LEAST = ("不少于", "不低于", "至少", "超过", "超", "逾", "达到", "多达", "突破")
_MOST = ("不超过", "不多于", "至多", "最多", "以内", "不足")
_ABOUT = ("近", "约", "大约", "将近", "接近", "左右")


class Figure(NamedTuple):
    """A figure in a text.

    `end` of a date is the last day it may mean; a period is two dates that follow each other.
    """

    start: int
    end: int
    sort: Sort
    text: str
    value: float
    comparison: Comparison = "="
    unit: str = ""
    object: str = ""
    first: date | None = None
    last: date | None = None


def find_figures(text: str, begin: int = 0, stop: int | None = None) -> list[Figure]:
    """Return the figures of a sentence, in order of place.

    Examples
    --------
    >>> found = find_figures("2021年3月起，组建10个教育集团，送课1000多节，投入220万元。")
    >>> [(f.value, f.comparison, f.unit, f.object) for f in found[1:]]
    [(10.0, '=', '个', '教育集团'), (1000.0, '>=', '节', '送课'), (2200000.0, '=', '元', '')]
    """
    sentence = text[begin:stop]
    taken: list[Figure] = []
    for find in (_dates, _money, _rates, _ranks, _counts):
        for each in find(sentence):
            if not any(each.start < other.end and other.start < each.end for other in taken):
                taken.append(each)
    return sorted(each._replace(start=begin + each.start, end=begin + each.end) for each in taken)


# -- dates ---------------------------------------------------------------------------------------


def _dates(sentence: str) -> Iterator[Figure]:
    found = list(_DATES.finditer(sentence))
    skip = -1
    for number, match in enumerate(found):
        if number <= skip or _in_number(sentence, match.start()):
            continue
        first, last, end = *_days(match), match.end()
        if number + 1 < len(found):
            between = sentence[match.end() : found[number + 1].start()]
            if _SPAN.fullmatch(between):
                last, end, skip = _days(found[number + 1])[1], found[number + 1].end(), number + 1
        if sentence.startswith("至今", end):
            end, last = end + 2, None
        text = sentence[match.start() : end]
        yield Figure(match.start(), end, "date", text, 0.0, first=first, last=last)


def _in_number(sentence: str, at: int) -> bool:
    return at > 0 and (sentence[at - 1].isdigit() or sentence[at - 1] in "@.")


def _days(match: re.Match[str]) -> tuple[date, date | None]:
    """Return the first and last day that a date may mean."""
    import calendar

    year = int(match["year"])
    month = int(match["month"] or match["m2"] or 0)
    day = int(match["day"] or match["d2"] or 0)
    tail = match[0][4:]
    if month and day:
        exact = date(year, month, min(day, calendar.monthrange(year, month)[1]))
        return exact, exact
    if month:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    if "学年" in tail:
        if "上" in tail or "第一" in tail:
            return date(year, 9, 1), date(year + 1, 1, 31)
        if "下" in tail or "第二" in tail:
            return date(year + 1, 2, 1), date(year + 1, 8, 31)
        return date(year, 9, 1), date(year + 1, 8, 31)
    if "秋" in tail:
        return date(year, 9, 1), date(year + 1, 1, 31)
    if "春" in tail:
        return date(year, 2, 1), date(year, 7, 31)
    return date(year, 1, 1), date(year, 12, 31)


# -- money, rates, ranks -------------------------------------------------------------------------


def _money(sentence: str) -> Iterator[Figure]:
    for pattern in (_MONEY, _LOOSE):
        for match in pattern.finditer(sentence):
            value = _number(match["number"]) * _SCALE[match["scale"] or ""]
            start = match.start("number")
            compared = _compared(sentence, start, match.end(), _more(match))
            yield Figure(
                start, match.end(), "money", sentence[start : match.end()], value, compared, "元"
            )


def _rates(sentence: str) -> Iterator[Figure]:
    for match in _RATE.finditer(sentence):
        if match["words"] is not None:
            value = float(_chinese(match["words"].partition("点")[0]))
            yield Figure(match.start(), match.end(), "rate", match[0], value, "=", "%")
            continue
        compared = _compared(sentence, match.start(), match.end(), False)
        yield Figure(
            match.start(), match.end(), "rate", match[0], _number(match["number"]), compared, "%"
        )
    for match in _FACTOR.finditer(sentence):
        start = match.start("number")
        yield Figure(
            start, match.end(), "rate", match["number"], _number(match["number"]), unit="系数"
        )


def _ranks(sentence: str) -> Iterator[Figure]:
    for match in _RANK.finditer(sentence):
        value = float(match["number"] or match["from"])
        yield Figure(match.start(), match.end(), "rank", match[0], value, "=", "名次")


# -- counts --------------------------------------------------------------------------------------


@cache
def _counters() -> tuple[re.Pattern[str], re.Pattern[str]]:
    units = "|".join(sorted(listed("unit"), key=len, reverse=True))
    behind = f"\\s*(?:(?P<unit>{units})(?![年月日])|(?P<bare>部门))"
    return (
        re.compile(f"{_ARABIC}{_SCALED}{behind}"),
        re.compile(f"{_CHINESE}{behind}"),
    )


_ROUND = re.compile(
    "(?P<about>近|约|超|逾)(?P<number>[十百千万]{1,2})(?P<unit>人次|人|名|所|节|次)"
)


def _counts(sentence: str) -> Iterator[Figure]:
    arabic, chinese = _counters()
    for match in arabic.finditer(sentence):
        value = _number(match["number"]) * _SCALE[match["scale"] or ""]
        yield _count(sentence, match, value)
    for match in chinese.finditer(sentence):
        figure = _count(sentence, match, float(_chinese(match["number"])))
        if _counts_something(figure, sentence):
            yield figure
    for match in _ROUND.finditer(sentence):
        value = float(_chinese(match["number"]))
        figure = _count(sentence, match, value)
        yield figure._replace(comparison="~" if match["about"] in "近约" else ">=")


def _count(sentence: str, match: re.Match[str], value: float) -> Figure:
    compared = _compared(sentence, match.start(), match.end(), _more(match))
    unit = match["unit"]
    what = _object(sentence, match.start(), match.end())
    return Figure(match.start(), match.end(), "count", match[0], value, compared, unit, what)


def _more(match: re.Match[str]) -> bool:
    """Return whether a number is called the least: 1000多, 3000多万."""
    return any(match.groupdict().get(group) for group in ("some", "more"))


def _counts_something(figure: Figure, sentence: str) -> bool:
    """Return whether a count in Chinese numerals counts things rather than points of the text."""
    if figure.unit in ("部门", "天", "人次", "场次", "课时", "学时"):
        return True
    if figure.unit == "年" or sentence[figure.start - 1 : figure.start] in tuple("“「"):
        return False
    ends = tuple(listed("counted"))
    return figure.unit in ("个", "所", "名", "家", "节", "对", "位") and figure.object.endswith(
        ends
    )


def _compared(sentence: str, start: int, end: int, more: bool) -> Comparison:
    before, behind = sentence[max(0, start - 4) : start], sentence[end : end + 2]
    if before.endswith(_MOST) or behind.startswith(("以内", "以下")):
        return "<="
    if more or before.endswith(_LEAST) or behind.startswith(("以上", "之多")):
        return ">="
    if before.endswith(_ABOUT) or behind == "左右":
        return "~"
    return "="


_REACH = 20  # signs in which the object of a figure stands
_LINKING = frozenset(
    (
        "共计",
        "总计",
        "累计",
        "合计",
        "总共",
        "共",
        "达",
        "达到",
        "约",
        "近",
        "增至",
        "为",
        "超过",
        "至",
        "一次",
    )
)
_DOING = frozenset(
    (
        "送课",
        "送教",
        "教研",
        "培训",
        "赛课",
        "支教",
        "跟岗",
        "讲座",
        "结对",
        "集中",
        "联合",
        "送课下乡",
    )
)


def _object(sentence: str, start: int, end: int) -> str:
    """Return what is counted: the nouns behind the unit, else those before the number."""
    behind = ""
    for word in split(sentence[end : end + _REACH]):
        if word.text == "的" and behind.endswith(tuple(listed("counted"))):
            break
        if word.text == "的" and behind:
            behind, kept = "", behind
            behind = _first_nouns(sentence[end + word.end : end + _REACH]) or kept
            break
        if _is_noun(word):
            behind += word.text
        elif behind or word.text in listed("stop") or word.tag[:1] not in ("a", "v", "b"):
            break
    if behind:
        return behind
    before: list[str] = []
    for word in reversed(split(sentence[max(0, start - _REACH) : start])):
        if word.text in _LINKING or (word.text in "”’」』" and not before):
            if before:
                break
            continue
        if not _is_noun(word):
            if before or word.text != "受益":
                break
            continue
        before.insert(0, word.text)
    return "".join(before)


def _first_nouns(text: str) -> str:
    found = ""
    for word in split(text):
        if not _is_noun(word):
            break
        found += word.text
    return found


def _is_noun(word: Word) -> bool:
    text = word.text
    if not re.fullmatch("[\u4e00-\u9fffA-Za-z]+", text) or text in listed("stop"):
        return False
    if text in _DOING or word.tag == "" or text in listed("ends_school"):
        return True
    return word.tag[:1] in ("n", "j", "l", "b", "s", "z") or word.tag == "vn"


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _chinese(text: str) -> int:
    """Return the value of a Chinese numeral.

    Examples
    --------
    >>> _chinese("十二"), _chinese("两百三十"), _chinese("万")
    (12, 230, 10000)
    """
    total, digit = 0, 0
    for sign in text:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        elif sign == "万":
            total = (total + digit or 1) * 10_000
            digit = 0
        else:
            digit = _DIGITS.get(sign, 0)
    return total + digit
