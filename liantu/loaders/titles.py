"""What the name of a file, a sheet or a title says of its table."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from liantu import vocabulary
from liantu.graph import schema
from liantu.loaders.headers import key, list_words

_ORDER = re.compile(
    r"^(附件|附表|工作表|表|附|sheet)\s*[0-9一二三四五六七八九十]*([-—_.][0-9]+)*[.:、_\s-]*|^[a-z][_.-]"
    r"|^\(?[0-9一二三四五六七八九十]{1,3}\)?[._、)-]+|^\(?[一二三四五六七八九十]\)"
)
_YEARS = re.compile(
    r"(19|20)\d{2}([-—–~至]+(19|20)?\d{2})?(学年度|学年|年度|年)?|[一二]\d?学期|第[一二]学期"
    r"|[春秋]季?学期|[春秋]季|上学期|下学期|学年度|学年|年度|[上下]半年|第?[一二三四]季度"
    r"|(?<!\d)\d{1,2}月份?"
)
_BRACKETED = re.compile(r"\([^()]*\)")
_PLACE = re.compile(
    r"^[^省市县区州旗盟镇乡]{1,7}?(?:自治区|自治州|自治县|省|州[市县]|市|州|盟|县|区|旗|镇|乡|街道)"
)
# No places: what looks like one by its last character.
_NO_PLACE = re.compile(r"(学区|城区|校区|片区|社区|园区|市区|下乡|城乡|乡镇|城镇|集镇|名镇)$")
_OFFICE = re.compile(r"^(教育和体育局|教育体育局|教体局|教育局|教委|教育委员会|教育部门|文教局)")
_SIGNS = "_-—–·.、,:《》\"'“”"


class Word(NamedTuple):
    """What a name says: the table, the form it gives its rows, and how much of the name says so."""

    table: str
    form: str
    how: str  # "whole", "last" (its last word) or "inside"


def bare(name: str) -> str:
    """Return a name without places, years, terms, ordering and the words for a list.

    Examples
    --------
    >>> bare("云溪县2024年秋季学期学校基本情况统计表"), bare("c_学校统计表")
    ('学校', '学校')
    >>> bare("附件1：某市送课下乡活动记录（2023-2024学年）"), bare("Sheet1")
    ('送课下乡活动', '')
    """
    text = _BRACKETED.sub("", key(name))
    before = None
    while before != text:
        before = text
        text = _ORDER.sub("", text).strip(_SIGNS)
        text = _YEARS.sub("", text).strip(_SIGNS)
        text = _OFFICE.sub("", text)
        text = _without_place(text)
        text = _without_list_words(text)
    return text


def _without_place(text: str) -> str:
    if text in _words() or any(text.startswith(word) for word in _words() if len(word) > 2):
        return text
    match = _PLACE.match(text)
    if match is None or _NO_PLACE.search(match[0]):
        return text
    return text[match.end() :]


def _without_list_words(text: str) -> str:
    if text in _words():
        return text
    found = next((word for word in list_words() if text.endswith(word)), "")
    return text.removesuffix(found)


def said(name: str) -> list[Word]:
    """Return the tables of which a name speaks, the clearest first.

    Examples
    --------
    >>> said("云溪县城乡学校结对帮扶统计表")[0]
    Word(table='assists', form='', how='last')
    >>> said("支教教师花名册"), said("结对帮")[0].how, said("Sheet1")
    ([Word(table='posted_to', form='support_teaching', how='whole')], 'inside', [])
    """
    text = bare(name)
    if not text:
        return []
    if text in _words():
        return [Word(*_words()[text], "whole")]
    found: list[Word] = []
    last = next((word for word in _longest_first() if text.endswith(word)), "")
    if last:
        found.append(Word(*_words()[last], "last"))
        text = text.removesuffix(last)
    for word in _longest_first():
        if word in text:
            table, form = _words()[word]
            if all(table != other.table for other in found):
                found.append(Word(table, form, "inside"))
            text = text.replace(word, " ")
    return found


@cache
def _words() -> dict[str, tuple[str, str]]:
    """Return every word that names a table, in its compared form, with the form it gives."""
    found: dict[str, tuple[str, str]] = {}
    for group in ("kind", "relation"):
        for name, term in vocabulary.terms(group).items():
            for word in (term.zh, term.en, name, *term.aliases):
                found.setdefault(key(word), (name, ""))
    for name, term in vocabulary.terms("form").items():
        form = schema.forms().get(name)
        for word in (term.zh, *term.aliases) if form and form.table else ():
            found.setdefault(key(word), (form.table if form else "", name))
    return found


@cache
def _longest_first() -> tuple[str, ...]:
    words = [word for word in _words() if not word.isascii() and len(word) > 1]
    return tuple(sorted(words, key=lambda word: (-len(word), word)))
