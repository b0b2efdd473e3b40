"""Plans of changes as planners keep them: a workbook or CSV file of rows, and what to do with them.

What to do stands in the name of a sheet (新增结对帮扶, 结束, 续签, 调整, 退出, 撤并) or row by row
in a column 操作. The other columns are those of the tables themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np

from liantu.errors import DataError, LiantuError, Problem
from liantu.graph import schema
from liantu.graph.load_report import LoadReport
from liantu.loaders import headers, own
from liantu.loaders.cells import Part
from liantu.loaders.edits import Step
from liantu.loaders.findings import Findings
from liantu.loaders.recognise import read_as
from liantu.loaders.sources import Sheet, read_file
from liantu.loaders.ticks import Tick, Ticks
from liantu.options import parse_date
from liantu.paths import name_of, title_of
from liantu.vocabulary import find, label, nearest, normalise, terms, words

_SEARCHED = 30  # rows in which a header may stand
_TRIM = re.compile(r"^[\s\-_:：·、()（）]+|[\s\-_:：·、()（）]+$")
# Which columns of a row say what it is; the others are what it is to be.
_OF_ENDS = ("source", "target", "region")


class Book(NamedTuple):
    """What a workbook of changes says: its name, its day, the edits, and what was noted."""

    name: str
    as_of: date | None
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]


def read_book(path: Path) -> Book:
    """Read a workbook or CSV file of changes.

    Raises
    ------
    RequestError
        If it cannot be read at all.
    DataError
        If it says what no edit can; `problems` lists every one.
    """
    findings = Findings()
    name, day = title_of(name_of(path)), None
    steps: list[Step] = []
    for number, sheet in enumerate(read_file(path)):
        if not any(any(cell.strip() for cell in row) for row in sheet.rows):
            continue
        if find("edit_header", sheet.sheet) == "scenario":
            name, day = _about(sheet, name, findings)
        elif sheet.hidden or headers.is_aside(sheet.sheet or ""):
            continue
        else:
            steps += _steps(sheet, number, findings)
    report = findings.report(LoadReport())
    if not steps and not report.of("error"):
        findings.add("error", "scenario_empty", (name_of(path), ""))
        report = findings.report(LoadReport())
    if errors := report.of("error"):
        raise DataError(errors)
    return Book(name, day, tuple(steps), report.of("warning"))


def _about(sheet: Sheet, name: str, findings: Findings) -> tuple[str, date | None]:
    """Return name and day of a sheet that tells them, one a row."""
    day = None
    for number, row in enumerate(sheet.rows, 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) < 2:
            continue
        key = find("edit_header", cells[0])
        if key == "name":
            name = cells[1]
        elif key == "as_of":
            try:
                day = parse_date(cells[1])
            except LiantuError:
                findings.add(
                    "error", "bad_date", sheet.place, row=number, column=cells[0], value=cells[1]
                )
    return name, day


def _steps(sheet: Sheet, order: int, findings: Findings) -> list[Step]:
    """Return the edits of a sheet, those of one sort together."""
    rows, asked = _taken(sheet)
    do, rest = _named(sheet.sheet or PurePath(sheet.file).stem)
    if "do" not in asked and not do:
        known = "、".join(term.zh for term in terms("edit").values())
        findings.add("error", "edit_sheet", sheet.place, value=sheet.sheet, listed=known)
        return []
    said = asked.get("do", {})
    by_do: dict[str, list[int]] = {}
    for number, row in enumerate(rows, 1):
        if "do" in asked and number > asked["do"][0] and any(cell.strip() for cell in row):
            word = said.get(number, "")
            key = find("edit", str(word)) if word else do
            if key is None or not key:
                near = nearest(str(word), words("edit")) or "–"
                findings.add(
                    "error", "edit_word", sheet.place, row=number, value=str(word), nearest=near
                )
            else:
                by_do.setdefault(key, []).append(number)
    if "do" not in asked:
        by_do = {do: list(range(1, len(rows) + 1))}
    found = []
    head = asked["do"][0] if "do" in asked else 0
    for key, numbers in by_do.items():
        keep = set(numbers) | set(range(1, head + 1))
        cut = [row if n in keep else [] for n, row in enumerate(rows, 1)]
        parts = _parts(replace(sheet, rows=cut), key, rest, findings)
        found += [_step(part, key, order, asked, findings) for part in parts]
    return found


def _named(name: str) -> tuple[str, str]:
    """Return what the name of a sheet says to do, and what else it says.

    Examples
    --------
    >>> _named("新增结对帮扶"), _named("续签（2026）"), _named("结对帮扶")
    (('add', '结对帮扶'), ('renew', '2026'), ('', '结对帮扶'))
    """
    plain = normalise(name)
    if key := find("edit", name):
        return key, ""
    for key, term in terms("edit").items():
        for word in sorted((term.zh, term.en, *term.aliases), key=len, reverse=True):
            for rest in (plain.removeprefix(word), plain.removesuffix(word)):
                if rest != plain and (len(word) > 1):
                    return key, _TRIM.sub("", rest)
    return "", name


def _taken(sheet: Sheet) -> tuple[list[list[str]], dict[str, Any]]:
    """Take what to do, and until when, out of the cells of a sheet.

    Returns
    -------
    list, dict
        The rows, those columns empty; and of each of them the row of its header under 0 and its
        cells by row.
    """
    rows = [list(row) for row in sheet.rows]
    asked: dict[str, dict[int, Any]] = {}
    for number, row in enumerate(rows[:_SEARCHED], 1):
        keys = {place: find("edit_header", cell) for place, cell in enumerate(row) if cell.strip()}
        here = {place: key for place, key in keys.items() if key in ("do", "years", "new_end")}
        if not here or len(keys) < 2:
            continue
        for place, key in here.items():
            if key == "new_end":  # is the end, whatever else is called so
                ends = [
                    p for p, cell in enumerate(row) if headers.key(cell) == headers.key("结束日期")
                ]
                for other in ends:
                    for line in rows[number - 1 :]:
                        if other < len(line):
                            line[other] = ""
                row[place] = label("end", "zh")
                continue
            cells = {n: line[place].strip() for n, line in enumerate(rows, 1) if place < len(line)}
            asked[str(key)] = {0: number, **{n: c for n, c in cells.items() if n > number}}
            for line in rows[number - 1 :]:
                if place < len(line):
                    line[place] = ""
        break
    return rows, asked


def _parts(sheet: Sheet, do: str, rest: str, findings: Findings) -> list[Part]:
    """Return the rows of a sheet as those of the table that it is about."""
    table = headers.table_of(rest) if rest else None
    pick = rest if table else ""
    if do in ("leave", "close") and not pick:
        pick = label("school", "zh", "kind")
    if not pick:
        reading = read_as(replace(sheet, sheet="", file="_.csv"))
        if reading.table:
            pick = schema.tables()[reading.table].label("zh")
    if not pick:
        near = headers.nearest_table(rest) if rest else "–"
        findings.add("error", "edit_table", sheet.place, value=sheet.sheet, nearest=near)
        return []
    tick = Tick(
        sheet.file,
        sheet.sheet,
        0,
        "tables",
        {"file": sheet.file, "sheet": sheet.sheet, "pick": pick},
        {},
    )
    return own.parts([sheet], findings, Ticks({"tables": [tick]}))


def _step(
    part: Part, do: str, order: int, asked: Mapping[str, Mapping[int, Any]], findings: Findings
) -> Step:
    """Return the edits of rows of a table."""
    table = schema.tables()[part.table]
    rows = part.rows.tolist()
    if do in ("leave", "close") and part.table != "school":
        do = "end"  # 退出 in a list of members or pairs: the row ends
    if do == "add":
        do = {"assists": "pair", "posted_to": "rotate", "member_of": "join"}.get(part.table, "add")
    years = asked.get("years", {})
    options = tuple({"years": years[n]} if years.get(n) else {} for n in rows)
    frame, to = part.frame, None
    if do in ("end", "renew"):
        to = [key for key in ("end",) if key in frame]
    elif do in ("set", "close"):
        to = [str(key) for key in frame if not _says_which(table, str(key), do)]
    if do == "renew":
        silent = np.array([not option for option in options])
        if to:
            silent &= (frame["end"] == "").to_numpy(dtype=bool)
        findings.each(
            "error", "edit_until", part.place, part.rows[silent], [""] * int(silent.sum()), "end"
        )
    own_to = None
    if to:
        own_to = replace(part, frame=frame[to], trimmed={})
        part = replace(part, frame=frame.drop(columns=to), trimmed={})
    if do == "set" and own_to is None:
        findings.add("error", "edit_lacks", part.place, number="", value="to")
    return Step(
        do, part, own_to, tuple((order + 1, n) for n in rows), options, (part.table,)
    )  # fmt: skip


def _says_which(table: schema.Table, key: str, do: str) -> bool:
    """Return whether a column says which row is meant, not what it is to be."""
    if do == "close":
        return key != "closed"
    if table.is_relation:
        return key.startswith(_OF_ENDS) or key.startswith("_")
    if table.name == "observations":
        return key not in ("value", "text", "unit")
    return key in ("id", "name")
