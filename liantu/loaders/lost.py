"""Columns that stay unread: on purpose, or with a loss that is named."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import pandas as pd

from liantu import vocabulary
from liantu.graph import schema, values
from liantu.graph.extras import extra
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import headers
from liantu.loaders.body import Body
from liantu.loaders.findings import Findings
from liantu.loaders.headers import Meaning
from liantu.vocabulary import half_width

_DATES = ("start", "end", "date", "span", "signed", "founded")
_DATE = re.compile(r"\d{4}\s*[-./年]\s*\d{1,2}|(19|20)\d{2}\s*[-—–~至]+\s*(19|20)?\d{2}\s*学年")
_TIME = re.compile(r"时间|日期|年月|期|date|time", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(19|20)\d{2}(?!\d)")
_PEOPLE = re.compile(r"(人数|教师数|人次)$")
_COUNTED = re.compile(r"^约?\d+\s*余?[人名]$")
_SCHOOL = re.compile(r"(学校|小学|中学|[一二三四五六七八九十]中|教学点|幼儿园|中心校|校区|完小)$")
# How a list calls the schools at its two ends.
_ENDS = {
    "member_of": ("核心校", "成员校"), "joins": ("主持人单位", "成员单位"),
    "affiliated_to": ("中心校", "教学点"), "works_at": ("教师姓名", "任教学校"),
    "posted_to": ("派出学校", "接收学校"), "mentors": ("师傅学校", "徒弟学校"),
    "delivers": ("送课学校", "受援校"), "supports": ("机构名称", "受援校"),
}  # fmt: skip
_MOST = 0.6  # of the distinct cells
_SEEN = 500  # distinct cells that are looked at
_SHOWN = 20


def tell(
    whole: Body, table: str, columns: dict[int, Meaning], findings: Findings, *,
    left_out: Collection[int] = (),
) -> None:  # fmt: skip
    """Warn of each column that stays unread, unless it is left out on purpose.

    Those of `left_out` were ticked not to be read.

    A column of a table of ties that looks like dates, people, schools or subjects says what is
    lost.
    """
    place, left = whole.sheet.place, []
    dated = any(meaning.column in _DATES for meaning in columns.values())
    for number, name in enumerate(whole.headers):
        if not name or number in columns or headers.is_counter(name) or _twice(whole, name):
            continue
        if extra(name) and number not in left_out:
            continue
        if number in left_out:
            left.append(name)
            continue
        reason = headers.unread(name)
        if sort_of(name):  # never looked at, and no other name is suggested
            left.append(name)
            continue
        if reason not in _STATED:
            left.append(name)
        loss = _loss(whole, number, name, table, dated=dated) if reason in _LOOKED_AT else None
        if loss is not None:
            sample = str(whole.frame[number][whole.frame[number] != ""].iloc[0])[:_SHOWN]
            words = _ENDS.get(table, ("支援校", "受援校")) if loss == "schools_lost" else ()
            ends = dict(zip(("first", "second"), words, strict=False))
            findings.add("warning", loss, place, column=name, value=sample, table=table, **ends)
        elif (
            reason is None
            and (other := _ties_in(table, name))
            and (whole.frame[number] != "").any()
        ):
            sample = str(whole.frame[number][whole.frame[number] != ""].iloc[0])[:_SHOWN]
            findings.add(
                "warning", "ties_unread", place, column=name, value=sample, table=table,
                relation=other,
            )  # fmt: skip
        elif reason is None and headers.meaning(table, name) is None:  # else it yields
            near = headers.nearest_header(table, name)
            findings.add(
                "warning", "unknown_header", place, column=name, value=name, table=table,
                nearest=near,
            )  # fmt: skip
    findings.unread(place, left)


def tell_year(
    whole: Body, table: str, columns: dict[int, Meaning], titles: Sequence[str], findings: Findings
) -> None:
    """Warn where a sheet or title names a year, as of lists kept by year, but no column a date."""
    known = schema.tables()[table].all_columns
    dated = any(meaning.column in (*_DATES, "duration") for meaning in columns.values())
    named = [text for text in (whole.sheet.sheet, *titles) if _YEAR.search(half_width(text))]
    if "start" in known and not dated and named and len(whole.rows):
        findings.add(
            "warning", "year_unread", whole.sheet.place, value=named[0], table=table,
            count=len(whole.rows),
        )  # fmt: skip


# Columns whose cells are looked at: those of unknown headers, and where people write anything.
_LOOKED_AT = (None, "remark", "topic")
_STATED = ("schools_stated", "members_stated")


def _twice(whole: Body, name: str) -> bool:
    return sum(headers.key(name) == headers.key(other) for other in whole.headers) > 1


def _ties_in(table: str, name: str) -> str:
    """Return the ties of which a column speaks that stands in a list of nodes (所属集团)."""
    if schema.tables()[table].is_relation or headers.meaning(table, name) is not None:
        return ""
    for relation in _TIES.get(table, ()):
        meaning = headers.meaning(relation, name)
        if meaning is not None and headers.is_end(relation, meaning):
            return relation
    return ""


# In which ties the nodes of a list may stand, by the kind of node.
_TIES = {"school": ("member_of", "assists", "affiliated_to", "joins", "supports")}


def _loss(whole: Body, number: int, name: str, table: str, *, dated: bool) -> str | None:
    """Return the code of what is lost with a column, or None."""
    if not schema.tables()[table].is_relation:
        return None
    cells = whole.frame[number]
    distinct = cells[cells != ""].drop_duplicates().iloc[:_SEEN]
    if distinct.empty:
        return None
    purpose = headers.unread(name) is not None
    if _share(distinct, lambda text: _is_date(text, bool(_TIME.search(name)))):
        return None if purpose and dated else "dates_lost" if dated else "undated_for_header"
    if purpose:
        return None
    if _share(distinct, lambda text: bool(_COUNTED.match(text))) or (
        _PEOPLE.search(name) and _share(distinct, lambda text: text.removesuffix(".0").isdigit())
    ):
        return "people_lost"
    if are_schools(distinct):
        return "schools_lost"
    subjects = vocabulary.subject_stages()
    if _share(distinct, lambda text: vocabulary.half_width(text).casefold() in subjects):
        return "subjects_lost"
    return None


def are_schools(cells: pd.Series) -> bool:
    """Return whether most of the filled cells of a column look like names of schools."""
    distinct = cells[cells != ""].drop_duplicates().iloc[:_SEEN]
    return len(distinct) > 0 and _share(
        distinct, lambda text: bool(_SCHOOL.search(text)) and not _is_stage(text)
    )


def _is_stage(text: str) -> bool:
    """Return whether a text is a stage and no school (小学, 初中)."""
    return vocabulary.find("stage", text) is not None


def _share(texts: pd.Series, is_one: object) -> bool:
    """Return whether most of the texts are of a sort."""
    assert callable(is_one)
    return bool(texts.map(is_one).mean() >= _MOST)


def _is_date(text: str, named: bool) -> bool:
    if _DATE.search(text):
        return True
    return named and values.parse_date(text.removesuffix(".0"), False)[1] != "bad"
