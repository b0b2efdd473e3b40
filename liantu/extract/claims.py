"""Figures of a text as claims: what each may be measured with, and ``claims.toml``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from liantu.extract.figures import Figure
from liantu.vocabulary import find

NONE = "none"  # no row answers it
_UNITS = {
    "所": "schools", "对": "pairs", "人": "people", "名": "people", "位": "people",
    "人次": "participations",
    "次": "sessions", "场次": "sessions", "场": "sessions", "期": "sessions", "节": "lessons",
    "课时": "lessons", "学时": "lessons", "天": "days", "%": "percent", "％": "percent",
    "元": "yuan",
    "名次": "rank", "系数": "points", "份": "documents", "项": "items", "家": "partners",
    "户": "families",
}  # fmt: skip
_BY_OBJECT = (
    (("集团", "教联体", "教共体", "共同体", "学区", "联盟", "协作体"), "alliances"),
    (("师徒", "对子"), "pairs"),
    (("文件",), "documents"), (("家庭",), "families"),
    (("县区", "区县", "乡镇", "县", "区"), "regions"),
    (("中心", "工作室", "基地"), "centers"), (("学科",), "subjects"),
    (("企业", "高校", "机构"), "partners"), (("课",), "lessons"),
)  # fmt: skip
_PUPILS = ("学生", "幼儿", "在校生")


class Claimed(NamedTuple):
    """A figure with its unit, the measure that may answer it, and the date it is claimed for."""

    figure: Figure
    unit: str
    measure: str
    as_of: str


@cache
def measures() -> Mapping[str, str]:
    """Return the measures that a claim may have: key and TOML, "" where no row answers it."""
    return {row["key"]: row["toml"] for row in _rows()}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("liantu.extract").joinpath("measures.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def claimed(figures: Sequence[Figure]) -> Iterator[Claimed]:
    """Yield the claims of a sentence, each with the date that stands last before it."""
    as_of = ""
    for figure in figures:
        if figure.sort == "date":
            as_of = figure.last.isoformat() if figure.last else ""
            continue
        yield Claimed(figure, _unit(figure), _measure(figure), as_of)


def _unit(figure: Figure) -> str:
    """Return the key of a unit."""
    what = figure.object
    if figure.unit in ("人", "名") and what.endswith(_PUPILS):
        return "pupils"
    if figure.unit == "个":
        for words, unit in _BY_OBJECT:
            if what.endswith(words):
                return unit
        return "items"
    return _UNITS.get(figure.unit, "") or find("unit", figure.unit) or "items"


def _measure(figure: Figure) -> str:
    if figure.sort not in ("count", "money"):
        return NONE
    for row in _rows():
        if figure.unit in row["units"].split() and _is_about(figure.object, row["words"].split()):
            return row["key"]
    return NONE


def _is_about(what: str, words: Sequence[str]) -> bool:
    """Return whether what is counted ends with one of some words; one behind “=” is the whole."""
    return not words or any(
        what == word[1:] if word.startswith("=") else what.endswith(word) for word in words
    )


def toml(claims: Sequence[Mapping[str, str]]) -> bytes:
    """Return ``claims.toml`` of claims that a person has taken over.

    Examples
    --------
    >>> claim = {"id": "1", "value": "10", "comparison": "=", "unit": "alliances",
    ...          "measure": "alliances", "place": "a.txt 4-7", "object": "教育集团"}
    >>> print(toml([claim]).decode())
    [[claim]]
    id = "1"
    place = "a.txt 4-7"
    note = "教育集团"
    note_en = "教育集团"
    comparison = "="
    value = 10
    unit = "alliances"
    measure = { count = "alliance" }
    <BLANKLINE>
    """
    lines: list[str] = []
    for claim in claims:
        what = claim.get("object") or claim["id"]
        lines += ["[[claim]]", f"id = {_text(claim['id'])}", f"place = {_text(claim['place'])}"]
        lines += [f"note = {_text(what)}", f"note_en = {_text(what)}"]
        lines += [f"comparison = {_text(claim['comparison'] or '=')}"]
        if claim["comparison"] == "~":
            lines.append("tolerance = 0.1")
        lines.append(f"value = {claim['value']}")
        if claim.get("unit"):
            lines.append(f"unit = {_text(claim['unit'])}")
        if claim.get("as_of"):
            lines.append(f"as_of = {_text(claim['as_of'])}")
        measure = measures().get(claim.get("measure", ""), "")
        rows = f'{{ missing = "the rows behind this figure", zh = {_text(f"“{what}”的分项数据")} }}'
        lines += [f"measure = {measure or rows}", ""]
    return "\n".join(lines).encode()


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
