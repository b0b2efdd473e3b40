"""Which table a sheet is: by its headers, its title, its own name and the name of its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import pandas as pd

from liantu import vocabulary
from liantu.graph import schema
from liantu.loaders import headers
from liantu.loaders.body import Head, heads
from liantu.loaders.lost import are_schools
from liantu.loaders.sources import Sheet
from liantu.loaders.titles import bare, said

Why = tuple[tuple[str, str], ...]

# What a name is worth beside the headers: by where it stands and how much of it names the table.
_NAMES = {
    ("title", "whole"): 4.0, ("title", "last"): 3.5, ("title", "inside"): 1.0,
    ("sheet", "whole"): 3.0, ("sheet", "last"): 2.5, ("sheet", "inside"): 0.75,
    ("file", "whole"): 2.0, ("file", "last"): 1.5, ("file", "inside"): 0.5,
}  # fmt: skip
_ENOUGH = 5.0  # points that a table needs
_AGAINST = 7.0  # where title or sheet are called something else
_MARGIN = 1.0  # points before the next table
_SHARE = {True: 0.6, False: 0.4}  # of the columns, that a kind (a relation) must know
_CLEARER = 1.5  # times as much that headers must say to overrule a name
_WHOLE = 1.5  # points of ties of which headers say both ends, in no general words, and when
_PLAINLY = ("title", "sheet")  # where a name is one of this table alone
_LOOKED_AT, _MOST_COLUMNS = 200, 60  # rows and columns in which schools are looked for
_NAMED = 4  # candidates that are named
_LONGEST_TITLE = 60
# The list of some nodes may name their members as well: it is one of memberships then.
_MEMBERS = {"alliance": "member_of", "center": "joins"}


class Evidence(NamedTuple):
    """What speaks for a table: points, whether its rows can be read, the form, the words."""

    table: str
    form: str
    head: Head
    points: float
    fits: bool
    named: bool
    share: float
    why: Why


class Reading(NamedTuple):
    """What a sheet is read as and why; without a table, what it may be.

    ``why`` holds pairs: ``headers``, ``title``, ``sheet`` or ``file``, and the words there.
    """

    table: str = ""
    form: str = ""
    head: Head | None = None
    why: Why = ()
    candidates: tuple[str, ...] = ()


def recognise(sheet: Sheet) -> Reading:
    """Return the one table that the evidence singles out with a margin, or the candidates."""
    every = [weigh(sheet, table) for table in schema.tables() if table != "observations"]
    found = sorted((e for e in every if e.points), key=lambda e: -e.points)
    strange = _strange(sheet, found)
    able = [e for e in found if _able(e, strange=strange)]
    if not able and (said := _said_alone(sheet, found)) is not None:
        return Reading(said.table, said.form, said.head, said.why)
    if not able:
        likely = [e.table for e in found if e.fits and e.points >= _ENOUGH / 2]
        return Reading(candidates=tuple(likely[:_NAMED]))
    best, *others = able
    rivals = [
        e for e in others if e.points > best.points - _MARGIN and not _together(best.table, e.table)
    ]
    if rivals:
        return Reading(candidates=tuple(e.table for e in (best, *rivals))[:_NAMED])
    if best.table in _MEMBERS:  # with its members, if the list names them
        best = next((e for e in found if e.table == _MEMBERS[best.table] and e.fits), best)
    return Reading(best.table, best.form, best.head, best.why)


def _said_alone(sheet: Sheet, found: Sequence[Evidence]) -> Evidence | None:
    """Return the ties of which title or sheet speak plainly, where schools stand in two columns.

    What its headers do not say then is an error with a remedy: ties are not passed over.
    """
    called = [e for e in found if e.named and any(place in _PLAINLY for place, _ in e.why)]
    if len(called) != 1 or not schema.tables()[called[0].table].is_relation:
        return None
    head = called[0].head
    rows = [row for row in sheet.rows[head.below : head.below + _LOOKED_AT] if len(row) > 1]
    named = [number for number, name in enumerate(head.names) if name][:_MOST_COLUMNS]
    columns = ([row[n].strip() if n < len(row) else "" for row in rows] for n in named)
    schools = sum(are_schools(pd.Series(cells, dtype="str")) for cells in columns)
    return called[0] if head.row >= 0 and schools > 1 else None


def said_to_be(sheet: Sheet, table: str, form: str) -> Reading:
    """Return the reading of a sheet of which somebody has said what it is."""
    if table in _MEMBERS and weigh(sheet, _MEMBERS[table]).fits:
        table = _MEMBERS[table]
    return Reading(table, form, why=(("draft", ""),))


def read_as(sheet: Sheet) -> Reading:
    """Return what a sheet is read as: its own exact name decides, else the evidence.

    Where the columns of the named table do not stand in it, the evidence may overrule the name.
    """
    stem = PurePath(sheet.file).stem
    own = headers.table_of(sheet.sheet or stem)
    if own is not None:
        table, form = own
        given = weigh(sheet, table)
        if table in _MEMBERS and (members := weigh(sheet, _MEMBERS[table])).fits:
            given = members
        form = form or given.form if given.form in schema.forms() else form
        if table != "observations" and (not given.fits or _only_alias(sheet.sheet or stem, table)):
            other = recognise(sheet)
            if other.table and (not given.fits or _clearer(other, given)):
                return other
        named = "sheet" if sheet.sheet else "file"
        return Reading(given.table, form, given.head, ((named, sheet.sheet or stem),))
    found = recognise(sheet)
    if not found.table and sheet.sheet and (by_file := headers.table_of(stem)) is not None:
        table, form = by_file
        return Reading(table, form, weigh(sheet, table).head, (("file", stem),))
    return found


def _only_alias(name: str, table: str) -> bool:
    """Return whether a name is that of a kind in other words than its own (教师名单)."""
    term = vocabulary.terms("kind").get(table)
    own = {headers.key(word) for word in (term.key, term.en, term.zh)} if term else set()
    return term is not None and headers.key(name) not in own


def _clearer(other: Reading, given: Evidence) -> bool:
    """Return whether headers speak of ties where a name speaks of the nodes at one of their ends.

    A list called 教师名单 with 派出学校 and 接收学校 is one of postings.
    """
    if not schema.tables()[other.table].is_relation or other.head is None:
        return False
    ties = sum(_columns(other.table, other.head.names).values())
    return ties >= _CLEARER * sum(_columns(given.table, given.head.names).values())


def weigh(sheet: Sheet, table: str) -> Evidence:
    """Return what speaks for a table."""
    best, top = Head(-1, 0, [], 0), (0.0, 0)
    for head in heads(sheet):
        points = sum(_columns(table, head.names).values())
        score = (points, sum(1 for name in head.names if name))
        if points and score > top:
            best, top = head, score
    named, why, form = 0.0, [], ""
    clear = False
    for place, text in _called(sheet, best):
        for word in said(text):
            if word.table == table or _MEMBERS.get(word.table) == table:
                named += _NAMES[place, word.how]
                form = form or word.form
                clear |= word.how != "inside"
                why.append((place, text))
                break
    known = [name for name in best.names if headers.meaning(table, name)]
    shown = "、".join(dict.fromkeys(known))
    fits = _fits(table, known, named=clear)
    whole = _WHOLE if fits and _says_when(table, known) else 0.0
    return Evidence(
        table, form, best, top[0] + named + whole, fits, clear, _share(table, best.names),
        ((("headers", shown),) if shown else ()) + tuple(why),
    )  # fmt: skip


def _says_when(table: str, names: Sequence[str]) -> bool:
    """Return whether headers name both ends of ties in clear words, and when these hold."""
    clear = {
        meaning.column.removesuffix("_name")
        for name in names
        if not headers.yields(name) and (meaning := headers.meaning(table, name))
    }
    ends = {"source", "target"} <= clear or {"core", "member"} <= clear
    return ends and bool(clear & {"start", "end", "span", "date", "founded"})


def _columns(table: str, names: Sequence[str]) -> dict[str, float]:
    """Return the columns of a table that headers name, with the weight of the clearest header."""
    found: dict[str, float] = {}
    for name in names:
        if name and (meaning := headers.meaning(table, name)) is not None:
            column = meaning.column.removesuffix("_name") + ("" if meaning.kind else ".")
            found[column] = max(found.get(column, 0.0), headers.rarity(name))
    return found


def _called(sheet: Sheet, head: Head) -> list[tuple[str, str]]:
    """Return what a sheet is called: its title, its own name, the name of its file."""
    titles = [("title", text) for text in titles_above(sheet, head)]
    own = [("sheet", sheet.sheet)] if sheet.sheet else []
    return [*titles, *own, ("file", PurePath(sheet.file).stem)]


def titles_above(sheet: Sheet, head: Head) -> list[str]:
    """Return the titles above a header: texts that stand alone in their row."""
    found = []
    for cells in sheet.rows[: max(head.row, 0)]:
        texts = list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
        alone = len(texts) == 1 and ":" not in texts[0] and "：" not in texts[0]
        if alone and len(texts[0]) <= _LONGEST_TITLE and bare(texts[0]):
            found.append(texts[0])
    return found[:1]


def _strange(sheet: Sheet, found: Sequence[Evidence]) -> bool:
    """Return whether title or sheet are called something that names no table."""
    head = found[0].head if found else Head(-1, 0, [], 0)
    names = [text for place, text in _called(sheet, head) if place != "file"]
    return any(bare(text) and not any(w.how != "inside" for w in said(text)) for text in names)


def _able(evidence: Evidence, *, strange: bool) -> bool:
    enough = _AGAINST if strange and not evidence.named else _ENOUGH
    kind = evidence.table in schema.kinds()
    return evidence.fits and evidence.points >= enough and evidence.share >= _SHARE[kind]


def _together(one: str, other: str) -> bool:
    """Return whether one list is read as both tables, or the first holds what the other does."""
    return {one, other} in (*map(set, _MEMBERS.items()), {"teacher", "works_at"})


def _share(table: str, names: Sequence[str]) -> float:
    """Return the share of the headers that a table knows, those unread on purpose left out."""
    asked = [n for n in names if n and not headers.unread(n) and not headers.is_counter(n)]
    return sum(headers.meaning(table, n) is not None for n in asked) / max(len(asked), 1)


def _fits(table: str, names: Sequence[str], *, named: bool) -> bool:
    """Return whether headers name what every row of a table needs."""
    meant = {name: meaning for name in names if (meaning := headers.meaning(table, name))}
    columns = {meaning.column.removesuffix("_name") for meaning in meant.values()}
    clear = {m.column.removesuffix("_name") for n, m in meant.items() if not headers.yields(n)}
    if table in schema.kinds():
        own = [column for column in ("id", "name") if column in columns]
        return bool(own) if named else any(headers.is_own(table, name) for name in meant)
    if table == "member_of":
        return ("target" in columns and bool(columns & {"source", "core", "member"})) or (
            {"core", "member"} <= columns
        )
    if table == "joins":
        return "target" in columns and bool(columns & {"source", "host"})
    if table == "posted_to":
        people = "source" in columns or {"home", "count"} <= columns
        return people and "target" in clear
    if table == "mentors" and {"mentor_school", "mentee_school", "count"} <= columns:
        return True
    both = {"source", "target"} <= columns and bool(clear & {"source", "target"})
    if table == "delivers" and not named:
        return both and bool(columns & {"date", "count", "participants"})
    return both
