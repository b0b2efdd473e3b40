"""A TOML mapping to go on with: a block for every sheet that was read, what was not as remarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from liantu.drafts.unclear import Unclear
from liantu.formats.files import write_file
from liantu.graph import schema
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import headers
from liantu.loaders.cells import Part
from liantu.loaders.people import NUMBERS, slot_of
from liantu.loaders.reading import Look
from liantu.vocabulary import Lang, message

_BETWEEN = "、；;，,\n"  # signs that are between names wherever they stand
# Where the school of a person stands who is an end of ties.
_SCHOOL_OF = {
    ("posted_to", "source"): "home",
    ("mentors", "source"): "mentor_school",
    ("mentors", "target"): "mentee_school",
}
_LEADING = {"member_of": ("core", "member"), "joins": ("host_name", "host")}


@dataclass(frozen=True)
class _Sheet:
    """What a block of the mapping is made of: a part, and what the load told of its place."""

    part: Part
    cut: frozenset[str]  # headers whose cells hold several names
    cards: tuple[str, ...]  # headers of identity numbers
    listed: bool  # whether the source lists teachers


def write_rules(path: Path, seen: Look, found: Unclear, lang: Lang) -> None:
    """Write a mapping in which a person says what was not clear.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    assert seen.context is not None
    lines = [f"# {message('draft_told_rules', lang)}"]
    for part in seen.context.parts:
        file, sheet = part.place
        lines += ["", "[[rows]]", f"file = {_text(file)}"]
        if sheet:
            lines.append(f"sheet = {_text(sheet)}")
        lines += _rules(_sheet(part, seen, seen.context.parts))
        for row in found.rows["columns"]:
            if (row["file"], row["sheet"]) == part.place:
                guess = row["candidate_1"] or "…"
                lines.append(f"  # {guess} = {_text(row['column'])}  # {row['samples']}")
    write_file(path, ("\n".join(lines) + "\n").encode())


def _sheet(part: Part, seen: Look, parts: Sequence[Part]) -> _Sheet:
    report = seen.report
    cut = (p.column.split(" / ") for p in report.problems
           if p.code == "cells_split" and (p.file, p.sheet) == part.place)  # fmt: skip
    unread = (t.get("unread", ()) for t in report.tables if (t["file"], t["sheet"]) == part.place)
    cards = (header for every in unread for header in every if sort_of(header) == "identity")
    listed = any(other.table == "teacher" for other in parts)
    return _Sheet(part, frozenset(chain.from_iterable(cut)), tuple(dict.fromkeys(cards)), listed)


def _rules(sheet: _Sheet) -> Iterator[str]:
    """Yield what a sheet is read as: its columns, then the people whom no list holds.

    Such a person is told by school and name, and by the number of a card where one stands there.
    A column that stands several times (成员校1, 成员校2) makes a rule each time.
    """
    part = sheet.part
    table = schema.tables()[part.table]
    ends = [end for end in ("source", "target") if table.is_relation and end in part.headers]
    plain = {
        column: header.split(" / ")
        for column, header in part.headers.items()
        if column in table.all_columns and column.removesuffix("_name") not in ends
    }
    people: list[_End] = []
    lines = []
    for end in ends:
        named = part.headers[end].split(" / ")
        leads = [h for lead in _LEADING.get(part.table, ()) for h in plain.get(lead, ())]
        if named := [name for name in named if name not in leads]:
            said = _end(sheet, end, named)
            lines.append(f"  {end} = {said.written}" if said.written else f"  # {end} = …")
            if not said.written:
                lines[-1] += f"  # {part.headers[end]}"
            if said.person:
                lines.append(f'  {end}_kind = {{ value = "teacher" }}')
                people.append(said)
    for number in range(max(map(len, plain.values()), default=1)):
        yield f"  [[rows.{part.table}]]"
        for column, named in plain.items():
            here = named[number] if len(named) > 1 and number < len(named) else named[0]
            if number < len(named) or len(named) == 1:
                yield f"  {column} = {_column(sheet, here)}"
        yield from lines
    for said in people:
        yield from (
            "  [[rows.teacher]]",
            f"  id = {said.written}",
            f"  name = {_text(said.person)}",
        )
        if said.works_at:
            yield from ("  [[rows.works_at]]", f"  source = {said.written}")
            yield f"  target = {_text(said.works_at)}"


class _End(NamedTuple):
    """How a mapping says an end; of people whom it makes, the columns of names and schools."""

    written: str
    person: str = ""
    works_at: str = ""


def _end(sheet: _Sheet, end: str, named: Sequence[str]) -> _End:
    """Return how a mapping says an end; nothing where columns of several kinds may hold it."""
    part = sheet.part
    table = part.table
    meant = {name: headers.meaning(table, name) for name in named}
    persons = [n for n, m in meant.items() if m and m.column == f"{end}_name" and not m.ids]
    schools = [n for n, m in meant.items() if m and m.kind == "school"]
    if len(persons) == 1 and "teacher" in schema.tables()[table].ends(end) and not sheet.listed:
        given = part.headers.get(_SCHOOL_OF.get((table, end), ""), "")
        school = given or (schools[0] if schools else "")
        if table == "posted_to" and not school:
            school = part.headers.get("target", "")
        if not school or not set(named) <= {persons[0], school}:
            return _End("")
        cards = [card for card in sheet.cards if slot_of(table, card) == NUMBERS[end]]
        columns = ", ".join(map(_text, [school, *persons, *cards[:1]]))
        works_at = school if schools and not given else ""
        return _End(f'{{ columns = [{columns}], join = "/" }}', persons[0], works_at)
    ids = [name for name, meaning in meant.items() if meaning and meaning.ids]
    kinds = {meaning.kind for meaning in meant.values() if meaning}
    if len(named) == 1:
        return _End(_column(sheet, named[0]))
    return _End(_text(ids[0]) if len(ids) == 1 and len(kinds) == 1 else "")


def _column(sheet: _Sheet, header: str) -> str:
    """Return a column as TOML writes it; where its cells hold several names, with the signs."""
    if header not in sheet.cut:
        return _text(header)
    return f"{{ column = {_text(header)}, split = [{', '.join(map(_text, _BETWEEN))}] }}"


def _text(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)
