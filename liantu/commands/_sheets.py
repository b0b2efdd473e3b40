"""What each sheet of a source was read as and why, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from liantu.commands._session import Session
from liantu.errors import Problem
from liantu.graph.load_report import COUNTS, MADE, sheets_unread, tables_read
from liantu.vocabulary import cut

if TYPE_CHECKING:
    from liantu.graph.load_report import LoadReport

_ORDER = ("draft", "title", "sheet", "file", "headers")  # the plainest reason first


def notes(session: Session, report: LoadReport) -> list[Problem]:
    """Return what each sheet was read as, why, and what was left unread, as pieces of information.

    For a list of problems that says everything of a source.
    """
    found = []
    for table in tables_read(report):
        if table["file"]:
            given = {"values": _reasons(session, table), "listed": _unread(session, table)}
            code = "sheet_read_as" + ("_but" if table["unread"] else "")
            name = _tables(session, table["table"])
            found.append(Problem("info", code, table["file"], table["sheet"], value=name,
                                 params=given))  # fmt: skip
    return found


def lines(session: Session, report: LoadReport) -> Iterator[str]:
    """Yield what each sheet was read as, how many rows, why, and which columns were left unread."""
    every = tables_read(report)
    blank = {"table": "", "why": [], "unread": []}
    sheets = [t for t in every if t["file"]] + [blank | s for s in sheets_unread(report)]
    files = list(dict.fromkeys(sheet["file"] for sheet in sheets))
    sheets.sort(key=lambda sheet: files.index(sheet["file"]))
    for file, group in groupby(sheets, key=lambda sheet: str(sheet["file"])):
        yield file
        for sheet in group:
            yield from _sheet(session, sheet)
    made = [t for t in every if not t["file"] and any(t[count] for count in (*COUNTS, *MADE))]
    if made:
        told = ("nodes_made", "rows_made")
        parts = []
        for table in made:
            name, number = _tables(session, table["table"]), sum(table[key] for key in told)
            rest = _counts(session, table)
            rest = rest and (f"（{rest}）" if session.lang == "zh" else f" ({rest})")
            parts.append((f"{name} {number}" if number else name) + rest)
        yield session.say("tables_made", values=_joined(session, parts))


def _sheet(session: Session, sheet: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one sheet."""
    name = cut(sheet["sheet"])
    if not sheet["table"]:
        names = _joined(session, [_tables(session, c) for c in sheet["candidates"]])
        code = ("sheet" if name else "file") + ("_may_be" if names else "_unread")
        yield "  " + session.say(code, sheet=name, values=names)
        return
    code = "sheet_is" if name else "file_is"
    read = session.say(code, sheet=name, value=_tables(session, sheet["table"]))
    yield f"  {read}{_colon(session)}{_counts(session, sheet)}"
    if reasons := _reasons(session, sheet):
        yield "    " + session.say("sheet_why", values=reasons)
    if sheet["unread"]:
        yield "    " + session.say("sheet_columns_unread", listed=_unread(session, sheet))


def _tables(session: Session, keys: str) -> str:
    """Return the labels of tables."""
    from liantu.graph import schema

    kinds = schema.kinds()
    words = [session.label(k, "kind" if k in kinds else "relation") for k in keys.split(", ")]
    return _joined(session, words)


def _colon(session: Session) -> str:
    return "：" if session.lang == "zh" else ": "


def _joined(session: Session, words: Sequence[str]) -> str:
    return ("、" if session.lang == "zh" else ", ").join(words)


def _unread(session: Session, table: dict[str, Any]) -> str:
    return _joined(session, [cut(" ".join(header.split())) for header in table["unread"]])


def _counts(session: Session, table: dict[str, Any]) -> str:
    """Return the counts that are not 0; those of a sheet begin with the rows read and used."""
    always = ("rows_read", "rows_used") if table["file"] else ()
    said = [f"{session.label(c, 'count')} {table[c]}" for c in COUNTS if table[c] or c in always]
    return ("，" if session.lang == "zh" else ", ").join(said)


def _place(by: str) -> int:
    return _ORDER.index(by) if by in _ORDER else len(_ORDER)


def _reasons(session: Session, table: dict[str, Any]) -> str:
    """Return why a sheet is what it was read as."""
    parts = []
    for reason in sorted(table["why"], key=lambda reason: _place(reason["by"])):
        word, text = session.label(reason["by"], "draft_why"), " ".join(reason["words"].split())
        if reason["by"] == "headers":
            text = _joined(session, [cut(header) for header in text.split("、")])
            parts.append(f"{word}{_colon(session)}{text}")
        elif session.lang == "zh":
            parts.append(f"{word}“{cut(text)}”" if text else word)
        else:
            parts.append(f"{word} “{cut(text)}”" if text else word)
    return ("；" if session.lang == "zh" else "; ").join(parts)
