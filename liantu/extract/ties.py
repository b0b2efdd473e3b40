"""Ties that a sentence tells of: patterns over names and cue words, kept as data."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from liantu.extract.figures import Figure
from liantu.extract.spans import Span, Sure

_SIGNS = dict(zip(("S", "A", "C", "P", "R", "N"), map(chr, range(0xE000, 0xE006)), strict=True))
_KINDS = {"school": "S", "alliance": "A", "center": "C", "partner": "P", "region": "R"}
_FORMS = {
    "支教": "support_teaching", "跟岗": "shadowing", "学习": "shadowing", "轮岗": "rotation",
    "交流": "rotation", "任教": "rotation", "挂职": "secondment", "兼任": "secondment",
    "走教": "walking", "培训": "training",
}  # fmt: skip
_GAP = f"(?:[^。；;\n{''.join(_SIGNS[k] for k in 'SACP')}]{{0,16}}?)"
_FOUNDING = re.compile(
    "(?P<list>S(?:与|和)S(?:、S(?:与|和)S)*)等?[^。；;\n]{0,6}?(?:组建|组成|成立)(?:了)?(?:教育)?集团"
    .replace("S", _SIGNS["S"])
)  # fmt: skip
_NAMED = re.compile("(?:教育|办学|学校)?集团$|教联体$|共同体$|学区$")
_ENDS_AS_SCHOOL = re.compile("(?:小学|中学|学校|幼儿园|[一二三四五六七八九十][小中])$")
_BEHIND = 12  # signs behind the words of a tie in which its figure may stand
_WIDE = 200  # ties of one list of schools with another
_ONLY = ("人", "名", "位")
_ORDER: tuple[Sure, ...] = ("low", "medium", "high")


@dataclass(frozen=True)
class Tie:
    """A tie from one name to another, as a sentence tells it.

    An end that the sentence leaves open is None.
    """

    relation: str
    form: str
    source: Span | None
    target: Span | None
    start: int
    end: int
    sure: Sure
    ambiguous: bool = False
    cells: dict[str, str] = field(default_factory=dict)


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    text = files("liantu.extract").joinpath("patterns.csv").read_text(encoding="utf-8")
    return tuple(
        (row["relation"], row["form"], _compiled(row["pattern"]))
        for row in csv.DictReader(text.splitlines())
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern: ``<a:S+>`` is a list of schools, ``~`` a short gap without names."""

    def ends(match: re.Match[str]) -> str:
        kinds = [_several(kind) for kind in match[2].split("|")]
        return f"(?P<{match[1]}>{'|'.join(kinds)})"

    forms = "|".join(_FORMS)
    pattern = (
        pattern.replace("≈", "[^。；;\n]{0,90}?")
        .replace("<form>", f"(?P<form>{forms})")
        .replace("<N>", _SIGNS["N"])
    )
    pattern = re.sub("<([ab]):([^>]+)>", ends, pattern)
    return re.compile(pattern.replace("~", _GAP))


def _several(kind: str) -> str:
    sign = _SIGNS[kind[0]]
    return f"{sign}(?:[、，,]{sign})*(?:[、，,]?(?:和|及|以及){sign})?" if kind[1:] else sign


def find_ties(sentence: str, names: Sequence[Span], figures: Sequence[Figure]) -> list[Tie]:
    """Return the ties in a sentence; names and figures are those in it, by their place in it.

    Examples
    --------
    >>> names = [Span(0, 4, "school", "甲城小学", "list", "high"),
    ...          Span(6, 10, "school", "乙村小学", "rule", "low")]
    >>> [(tie.relation, tie.form) for tie in find_ties("甲城小学托管乙村小学", names, [])]
    [('assists', 'trusteeship')]
    """
    bare, places = _bare(sentence, names, figures)
    found: list[Tie] = []
    for match in _FOUNDING.finditer(bare):
        found += _founded(match, names, places)
    for relation, form, pattern in _patterns():
        for match in pattern.finditer(bare):
            for tie in _ties(relation, form, match, names, figures, places):
                if not any(_same(tie, other) for other in found):
                    found.append(tie)
    found += _named_after(names, found)
    return sorted(found, key=lambda t: (t.start, t.end, t.relation))


def _same(tie: Tie, other: Tie) -> bool:
    """Return whether two ties join the same names, so that the first one stands."""
    mine, theirs = _called(tie), _called(other)
    return tie.relation == other.relation and (mine == theirs or (len(mine) == 1 and mine < theirs))


def _called(tie: Tie) -> set[tuple[str, str]]:
    return {(span.kind, span.called) for span in (tie.source, tie.target) if span is not None}


def _bare(sentence: str, names: Sequence[Span], figures: Sequence[Figure]) -> tuple[str, list[int]]:
    """Return a sentence with one sign for each name and figure, and the number behind each sign.

    The number of a name is its place in the list, that of any other sign -1 - its place in text.
    """
    counted = [f for f in figures if f.sort == "count" and f.unit in _ONLY]
    pieces = sorted(
        [(s.start, s.end, _SIGNS[_KINDS[s.kind]], number) for number, s in enumerate(names)]
        + [(f.start, f.end, _SIGNS["N"], -1) for f in counted]
    )
    text, places, at = "", [], 0
    for start, end, sign, number in pieces:
        if start < at:
            continue
        text += sentence[at:start] + sign
        places += [*range(at, start), (number + 1) * 10**9 + start]
        at = end
    return text + sentence[at:], [*places, *range(at, len(sentence) + 1)]


def _place(coded: int) -> int:
    return coded % 10**9


def _spans(
    match: re.Match[str], group: str, names: Sequence[Span], places: list[int]
) -> list[Span]:
    if group not in match.re.groupindex or match[group] is None:
        return []
    inside = places[match.start(group) : match.end(group)]
    return [names[coded // 10**9 - 1] for coded in inside if coded >= 10**9]


def _bounds(match: re.Match[str], names: Sequence[Span], places: list[int]) -> tuple[int, int]:
    """Return where in the sentence the words of a match begin and end."""
    last = places[match.end() - 1]
    end = names[last // 10**9 - 1].end if last >= 10**9 else _place(places[match.end()])
    return _place(places[match.start()]), end


def _ties(
    relation: str, form: str, match: re.Match[str], names: Sequence[Span],
    figures: Sequence[Figure], places: list[int],
) -> Iterator[Tie]:  # fmt: skip
    sources = _spans(match, "a", names, places)
    targets = _spans(match, "b", names, places)
    start, end = _bounds(match, names, places)
    if "form" in match.re.groupindex:
        form = _FORMS.get(match["form"], form)
    cells: dict[str, str] = {}
    if relation in ("member_of", "joins"):
        cells["role"] = form
    elif form:
        cells["form"] = form
    cells |= _figures(relation, figures, start, end, len(sources) * len(targets))
    if len(sources) * len(targets) > _WIDE:  # nobody reads so many guesses
        return
    many = len(sources) > 1 and len(targets) > 1 and relation not in ("member_of", "joins")
    every: list[Span | None] = [*sources] or [None]
    for source in every:
        for target in targets:
            if source == target:
                continue
            sure = _least([s.sure for s in (source, target) if s is not None])
            sure = "low" if many or source is None else sure
            unclear = many or source is None
            yield Tie(relation, form, source, target, start, end, sure, unclear, dict(cells))


def _least(sure: Sequence[Sure]) -> Sure:
    return min(sure, key=_ORDER.index)


_COUNTED = {
    "posted_to": ("人", "名", "位"),
    "delivers": ("节", "次", "场", "场次", "期"),
    "mentors": ("对", "个"),
}


def _figures(
    relation: str, figures: Sequence[Figure], start: int, end: int, ties: int
) -> dict[str, str]:
    """Return count, amount and date of a tie: the figure in its words, else right behind them."""
    cells: dict[str, str] = {}
    sort = "money" if relation == "supports" else "count"
    fitting = [
        figure
        for figure in figures
        if figure.sort == sort and (sort == "money" or figure.unit in _COUNTED.get(relation, ()))
        if relation != "mentors" or "师徒" in figure.object
    ]
    inside = [f for f in fitting if start <= f.start < end]
    chosen = inside or [f for f in fitting if end <= f.start < end + _BEHIND][:1]
    if ties == 1 and len(chosen) == 1:
        cells["amount" if sort == "money" else "count"] = f"{chosen[0].value:.10g}"
        cells |= {"currency": "CNY"} if sort == "money" else {}
    dates = [f for f in figures if f.sort == "date" and f.start < end]
    if len(dates) == 1 and (day := dates[0].first):
        exact = day == dates[0].last
        if relation != "delivers":
            cells["start"] = day.isoformat() if exact else f"{day:%Y-%m}"
        elif exact:
            cells["date"] = day.isoformat()
    return cells


def _founded(match: re.Match[str], names: Sequence[Span], places: list[int]) -> Iterator[Tie]:
    """Yield the members of groups that pairs of schools found: 甲与乙、丙与丁组建教育集团."""
    schools = _spans(match, "list", names, places)
    start, end = _bounds(match, names, places)
    for core, member in zip(schools[::2], schools[1::2], strict=True):
        group = core._replace(
            kind="alliance", text=f"{core.called}集团", id="", name="", sure="low"
        )
        for role, school in (("core", core), ("member", member)):
            sure = _least([school.sure, "medium"])
            yield Tie("member_of", role, school, group, start, end, sure, cells={"role": role})


def _named_after(names: Sequence[Span], found: Sequence[Tie]) -> Iterator[Tie]:
    """Yield the core schools of groups that are called after them."""
    for group in names:
        if group.kind != "alliance":
            continue
        core = _NAMED.sub("", group.text)
        if core == group.text or not _ENDS_AS_SCHOOL.search(core):
            continue
        end = group.start + len(core)
        school = Span(group.start, end, "school", core, "rule", "low")
        if any(t.target == group and t.source and t.source.text == core for t in found):
            continue
        cells = {"role": "core"}
        yield Tie("member_of", "core", school, group, group.start, group.end, "low", cells=cells)
