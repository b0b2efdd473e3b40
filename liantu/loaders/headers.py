"""Which table a file or sheet is, and which column a header means in it."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from liantu import vocabulary
from liantu.graph import schema
from liantu.vocabulary import find, normalise

_NUMBERED = re.compile(r"^\d{1,3}[\s._、-]+|(?<![\s_-])[\s_-]*[(（]?\d{4}(年|学年)?[)）]?$")
_SUFFIX = re.compile(r"\([^()]*\)$")
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
    """Return whether a sheet holds explanations, lists of codes or claims instead of data."""
    return find("aside", name) not in (None, "row_number")


def is_counter(header: str) -> bool:
    """Return whether a column only numbers its rows (序号)."""
    return find("aside", header) == "row_number"


def nearest_table(name: str) -> str:
    """Return the nearest word for a table, for a suggestion."""
    words = [*vocabulary.words("kind"), *vocabulary.words("relation")]
    return vocabulary.nearest(name, words) or "学校 / schools"


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
    """Return what a header means in a table, or None; a unit in brackets behind it is passed over.

    Examples
    --------
    >>> meaning("school", "在校生数（人）").column, meaning("posted_to", "派出学校").column
    ('pupils', 'home')
    """
    text = key(header)
    return meanings(table).get(text) or meanings(table).get(_SUFFIX.sub("", text))


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
    """Return the nearest word that the table understands, for a suggestion."""
    words = [
        word
        for name in schema.tables()[table].all_columns
        for term in [vocabulary.terms("column").get(name)]
        for word in ((term.zh, term.en, *term.aliases) if term else (name,))
    ]
    return vocabulary.nearest(header, words) or "–"
