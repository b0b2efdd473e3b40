"""Which table a file or sheet is, and which column a header means in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from liantu import vocabulary
from liantu.graph import schema
from liantu.vocabulary import OWN, find, normalise

# Between the cells of a header in two rows, as messages show it.
JOIN = "·"
_NUMBERED = re.compile(r"^\d{1,3}[\s._、-]+|(?<![\s_-])[\s_-]*[(（]?\d{4}(年|学年)?[)）]?$")
_KEPT = 8_192  # headers whose meaning is remembered
_LONGEST = 60  # characters of a header
_MOSTLY = 0.6  # of the cells of a row of headers, that are headers of some column
_LEAST = 2  # of which some table knows so many
_SUFFIX = re.compile(r"\([^()]*\)$")
_BRACKETED = re.compile(r"\([^()]*\)")
_ENDING = re.compile(r"[:;,、.]+$|(?<=\D)/[^/]$")
_NUMBER = re.compile(r"(?<=[^\d\s._-])\(?\d{1,2}\)?$")
_YEARS = re.compile(r"^\d{4}(-\d{4})?(年度|学年度|学年|年)|^\d{1,2}[.、]")
# 支教起始时间, 帮扶截止日期: whose first or last day it is, the table says.
_DEED = re.compile(
    r"^(支教|交流轮岗|交流|轮岗|跟岗|走教|挂职|派驻|讲学|帮扶|结对|协作|托管|合作|带教|培养|聘任|任职|服务)"
    r"(?=(起始|开始|结束|终止|截止|到期)(时间|日期|年月)$|起止(时间|日期|年月)$)"
)
_IDLIKE = re.compile(r"编号|标识码|代码|工号|编码|\bid\b|code", re.IGNORECASE)


class Meaning(NamedTuple):
    """What a header means: a column, the kind it speaks of, and whether it holds ids."""

    column: str
    kind: str
    ids: bool


def key(header: str) -> str:
    """Return the form in which headers are compared.

    Examples
    --------
    >>> key(" *School Name ") == key("school name")
    True
    """
    return normalise(header.replace("*", "")).casefold()


def table_of(name: str) -> tuple[str, str] | None:
    """Return the table that a file or sheet name means, and the default form of its rows.

    Examples
    --------
    >>> table_of("结对帮扶"), table_of("支教")
    (('assists', ''), ('posted_to', 'support_teaching'))
    """
    for text in (name, _NUMBERED.sub("", name.strip())):
        if not text:
            continue
        table = find("kind", text) or find("relation", text)
        if table:
            return table, ""
        form = schema.forms().get(find("form", text) or "")
        if form is not None and form.table:
            return form.table, form.name
    return None


def is_aside(name: str) -> bool:
    """Return whether a sheet holds explanations, lists of codes, claims or results, not data."""
    return name.startswith(OWN) or find("aside", name) not in (None, "row_number")


def is_counter(header: str) -> bool:
    """Return whether a column only numbers its rows (序号)."""
    return find("aside", header) == "row_number"


def nearest_table(name: str) -> str:
    """Return the nearest word for a table, for a suggestion; a dash where nothing is near."""
    words = [*vocabulary.words("kind"), *vocabulary.words("relation")]
    return vocabulary.nearest(name, words) or "–"


@cache
def meanings(table: str) -> dict[str, Meaning]:
    """Return the meaning of every header of a table, by its compared form.

    A table's own headers come before the general words of its columns.
    """
    found: dict[str, Meaning] = {}
    columns = schema.tables()[table].all_columns
    for column in columns.values():
        for header, kind in column.headers:
            found.setdefault(key(header), Meaning(column.name, kind, bool(_IDLIKE.search(header))))
    words = vocabulary.terms("column")
    for name in columns:
        found.setdefault(key(name), Meaning(name, "", True))
        found.setdefault(key(name.replace("_", " ")), Meaning(name, "", True))
    for name in columns:
        term = words.get(name)
        for word in (term.en, term.zh, *term.aliases) if term else ():
            found.setdefault(key(word), Meaning(name, "", bool(_IDLIKE.search(word))))
    return found


def meaning(table: str, header: str) -> Meaning | None:
    """Return what a header means in a table, or None.

    Brackets, units and signs are passed over. Of a header in two rows the upper cell decides which
    end the school below it belongs to.

    Examples
    --------
    >>> meaning("school", "在校生数（人）").column, meaning("posted_to", "派出学校").column
    ('pupils', 'home')
    >>> meaning("assists", "受帮扶学校·学校名称").column, meaning("assists", "帮扶期限·起").column
    ('target', 'start')
    >>> meaning("school", "在校学生数（人）·合计").column, meaning("school", "在校学生数（人）·男")
    ('pupils', None)
    """
    return _meaning(table, header) if len(header) <= _LONGEST else None


@lru_cache(_KEPT)
def _meaning(table: str, header: str) -> Meaning | None:
    found = _single(table, header)
    if found is not None or JOIN not in header:
        return found
    upper, _, lower = header.rpartition(JOIN)
    return _below(table, upper, lower)


def _single(table: str, header: str) -> Meaning | None:
    known = meanings(table)
    found = next((known[text] for text in _shapes(header) if text in known), None)
    if found is None and (match := _NUMBER.search(key(header))):  # 成员校1, 成员校2
        one = _single(table, key(header)[: match.start()])
        return one if one and (one.column in ("core", "member") or is_end(table, one)) else None
    return found


def is_numbered(header: str) -> bool:
    """Return whether a header is one of several alike: 成员校1, 成员校2.

    Examples
    --------
    >>> is_numbered("成员校1"), is_numbered("成员校"), is_numbered("成员校2023")
    (True, False, False)
    """
    return bool(_NUMBER.search(key(header)))


@lru_cache(_KEPT)
def _shapes(header: str) -> tuple[str, ...]:
    """Return the forms in which a header is looked up: as written, then with less around it."""
    text = key(header)
    plain = _ENDING.sub("", _SUFFIX.sub("", text))
    bare = _YEARS.sub("", _ENDING.sub("", _BRACKETED.sub("", text.strip("()"))))
    return tuple(dict.fromkeys(filter(None, (text, plain, bare, _DEED.sub("", bare)))))


def _below(table: str, upper: str, lower: str) -> Meaning | None:
    """Return what a header means below another one."""
    joined = _single(table, upper + lower)
    if joined is not None:
        return joined
    if unread(lower):
        return None
    own, word = _single(table, lower), _word("below", lower)
    above = _meaning(table, upper) or _meaning(table, _plain(upper))
    if word == "total":  # of 男, 女, 合计 the last is what the upper cell names
        return above
    school = above is not None and _is_school(table, above)
    if above is None or not (school or above.kind == "teacher" or _is_person(table, above)):
        # Whose school a bare name below an unknown header is, nobody can say.
        unclear = above is None and word is not None and is_end(table, own)
        return None if unclear and _plain(upper) not in ("", "学校") else own
    if word == "school":
        if school:
            return above._replace(ids=False)
        return _SCHOOL_OF.get((table, _end(above)))
    if word == "school_id":
        return above._replace(ids=True) if school else None
    if word == "person":
        if not school:
            return above._replace(ids=False)
        return meanings(table).get(key("姓名"))
    if own is not None and own.column == "region":
        narrowed = f"{_end(above)}_region"
        known = narrowed in schema.tables()[table].all_columns
        return Meaning(narrowed, "", False) if known else None
    return None if own is None or is_end(table, own) else own


# The school of a person who is an end: where it stands below the header of the person.
_SCHOOL_OF = {
    ("posted_to", "source"): Meaning("home", "", False),
    ("mentors", "source"): Meaning("mentor_school", "", False),
    ("mentors", "target"): Meaning("mentee_school", "", False),
    ("joins", "source"): Meaning("source", "school", False),
    ("joins", "host"): Meaning("host", "", False),
    ("delivers", "source"): Meaning("source", "school", False),
}


def _end(meaning: Meaning) -> str:
    return meaning.column.removesuffix("_name")


def _is_school(table: str, meaning: Meaning) -> bool:
    column = schema.tables()[table].all_columns[meaning.column]
    named = meaning.kind or (column.values[0] if len(column.values) == 1 else "")
    return named == "school" and column.type in ("end", "ref", "input")


def _is_person(table: str, meaning: Meaning) -> bool:
    if meaning.column == "host_name":
        return True
    return meaning.column.endswith("_name") and "teacher" in schema.tables()[table].ends(
        _end(meaning)
    )


def is_end(table: str, meaning: Meaning | None) -> bool:
    """Return whether a column names somebody at an end of ties."""
    if meaning is None or not schema.tables()[table].is_relation:
        return False
    return _end(meaning) in ("source", "target") or _is_school(table, meaning)


def _word(group: str, header: str) -> str | None:
    return next((word for text in _shapes(header) if (word := find(group, text))), None)


def unread(header: str) -> str | None:
    """Return why a column is left unread on purpose: the key of its term, or None.

    Examples
    --------
    >>> unread("备注"), unread("帮扶学校·负责人"), unread("联系电话"), unread("学段")
    ('remark', 'contact', 'phone', None)
    """
    own = _word("unread", header)
    return own or (unread(header.rpartition(JOIN)[2]) if JOIN in header else None)


def is_own(table: str, header: str) -> bool:
    """Return whether a header names the nodes of a kind in words of its own (集团名称, 校名).

    Examples
    --------
    >>> is_own("alliance", "集团名称"), is_own("alliance", "名称"), is_own("school", "集团名称")
    (True, False, False)
    """
    columns = schema.tables()[table].all_columns
    own = {key(word) for name in ("id", "name") for word, _ in columns[name].headers}
    text = header.rpartition(JOIN)[2]
    return any(shape in own for shape in _shapes(text))


def is_core(role: str) -> bool:
    """Return whether a role is that of the core of an alliance."""
    return find("role", role) == "core"


def yields(header: str) -> bool:
    """Return whether a header is read only where no clearer one says the same (学校, 时间)."""
    return _word("yielding", header) is not None


@lru_cache(_KEPT)
def rarity(header: str) -> float:
    """Return how much a header tells of its table: the fewer tables know it, the more.

    Examples
    --------
    >>> rarity("在校生数"), rarity("帮扶学校"), rarity("开始日期")
    (3.0, 2.0, 0.5)
    """
    if JOIN in header:
        upper, _, lower = header.rpartition(JOIN)
        return max(rarity(upper), 0.0 if _word("below", lower) else rarity(lower))
    tables = [name for name in schema.tables() if name != "observations"]
    known = sum(meaning(name, header) is not None for name in tables)
    return next((points for most, points in _RARITY if known <= most), 0.5)


# Points of a header that at most so many tables know.
_RARITY = ((0, 0.0), (1, 3.0), (3, 2.0), (6, 1.0))


@lru_cache(_KEPT)
def is_header(text: str) -> bool:
    """Return whether a text is the header of some column, or a word that stands below one."""
    return bool(rarity(text) or unread(text) or is_counter(text) or _word("below", text))


def is_header_row(cells: Sequence[str]) -> bool:
    """Return whether a row is the header of a table, by the words in it alone.

    Examples
    --------
    >>> is_header_row(["序号", "支援校", "受援校"]), is_header_row(["1", "甲小学", "乙小学"])
    (True, False)
    """
    texts = [text for cell in cells if (text := cell.strip())]
    known = [text for text in texts if is_header(text)]
    if len(known) < _MOSTLY * len(texts) or len(set(known)) < _LEAST:
        return False
    return sum(rarity(text) > 0 for text in set(known)) >= _LEAST


def names_schools(table: str, meaning: Meaning) -> bool:
    """Return whether a column holds schools at an end of ties."""
    return is_end(table, meaning) and _is_school(table, meaning)


@lru_cache(_KEPT)
def _plain(header: str) -> str:
    """Return a header without the words for a list (帮扶学校情况)."""
    text = _BRACKETED.sub("", key(header))
    words = list_words()
    while (found := next((w for w in words if text.endswith(w) and text != w), None)) is not None:
        text = text.removesuffix(found)
    return "" if text in words else text


@cache
def list_words() -> tuple[str, ...]:
    """Return the words for a list (一览表, 统计表 …), the longest first."""
    return tuple(sorted(map(key, vocabulary.words("list_word")), key=len, reverse=True))


def unit(header: str) -> tuple[str, str]:
    """Split a header into its name and the unit in brackets behind it.

    Examples
    --------
    >>> unit("生均校舍面积（平方米）")
    ('生均校舍面积', '平方米')
    """
    plain = header.strip().translate(str.maketrans("（）", "()"))
    match = _SUFFIX.search(plain)
    if match is None or not match.start():
        return header.strip(), ""
    return header.strip()[: match.start()].strip(), match[0][1:-1].strip()


def nearest_header(table: str, header: str) -> str:
    """Return the nearest word that the table understands, for a suggestion.

    A word that is a column of other tables is no misspelling: it has none.

    Examples
    --------
    >>> nearest_header("assists", "开始日其"), nearest_header("member_of", "学段")
    ('开始日期', '–')
    """
    if any(find("column", text) for text in _shapes(header)):
        return "–"
    words = [
        word
        for name in schema.tables()[table].all_columns
        for term in [vocabulary.terms("column").get(name)]
        for word in ((term.zh, term.en, *term.aliases) if term else (name,))
    ]
    return vocabulary.nearest(header, words) or "–"
