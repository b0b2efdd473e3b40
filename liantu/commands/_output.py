"""Where results go: data on stdout or into a file, everything else on stderr."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu.commands._session import Session
from liantu.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from liantu.results import Result

_SUFFIXES = {".json": "json", ".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}
RESULT = ("json", "csv", "xlsx", "parquet")  # files that hold a result
_REPORTS = (".html", ".md", ".docx", ".xlsx", ".pdf")
_ROWS = 20  # of a table on a terminal
_BOM = "\ufeff"


def format_of(format: str | None, output: Path | None, allowed: Sequence[str]) -> str:
    """Return the format asked for, and check early that the file can be written.

    Raises
    ------
    OptionError
        If the suffix is unknown, does not fit ``--format``, or a workbook has no file.
    RequestError
        If the place of the file is no good.
    """
    from liantu.formats import check_output

    if output is None:
        if format == "xlsx":
            raise OptionError.of("xlsx_needs_file")
        return format or "table"
    suffixes = [suffix for suffix, name in _SUFFIXES.items() if name in allowed]
    if output.is_dir():
        check_output(output)
    if output.suffix.lower() not in suffixes:
        raise OptionError.of("bad_suffix", value=output, allowed=", ".join(suffixes))
    if format not in (None, _SUFFIXES[output.suffix.lower()]):
        raise OptionError.of("format_conflict", value=output, format=format)
    check_output(output)
    return _SUFFIXES[output.suffix.lower()]


def emit_json(session: Session, value: Any, output: Path | None) -> None:
    """Print plain values as JSON or write them to a file."""
    from liantu.formats import to_json

    known = codecs.lookup(sys.stdout.encoding or "utf-8").name.startswith("utf")
    _emit(session, to_json(value, ascii_only=output is None and not known), output)


def emit_csv(session: Session, frame: pd.DataFrame, output: Path | None, *, labels: bool) -> None:
    """Print a frame as CSV or write it to a file; with labels as UTF-8 with BOM."""
    from liantu.formats import csv_pieces, replacing

    pieces = csv_pieces(frame, session.lang if labels else None)
    if output is not None:
        with replacing(output) as draft, draft.open("wb") as file:
            file.write(_BOM.encode() if labels else b"")
            for piece in pieces:
                file.write(piece.encode())
        session.tell(session.say("wrote", value=output))
        return
    console = not labels or sys.stdout.isatty()  # whatever it speaks; a file with labels is UTF-8
    sys.stdout.flush()
    if not console:
        sys.stdout.buffer.write(_BOM.encode())
    for piece in pieces:
        if console:
            sys.stdout.write(piece)
        else:
            sys.stdout.buffer.write(piece.encode())
    sys.stdout.flush()  # if it has no room, nothing more is told but that


def _emit(session: Session, text: str, output: Path | None) -> None:
    from liantu.formats import write_file

    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()  # if it has no room, nothing more is told but that
    else:
        write_file(output, text.encode())
        session.tell(session.say("wrote", value=output))


def emit_result(
    session: Session,
    result: Result,
    *,
    format: str,
    output: Path | None,
    limit: int | None,
    labels: bool,
) -> None:
    """Print a result or write it to a file; as-of date and notes go to stderr where not in it."""
    if format == "json":
        emit_json(session, result.to_dict(session.lang), output)
        return
    if format == "csv":
        emit_csv(session, result.table, output, labels=labels)
    elif output is not None:
        write = result.to_parquet if format == "parquet" else result.to_excel
        write(output, session.lang)
        session.tell(session.say("wrote", value=output))
    else:
        show_result(session, result, limit)
    if format == "csv":
        session.tell(stamp(session, result))
    for note in result.notes:
        session.tell(note.text(session.lang), "info")


def stamp(session: Session, result: Result) -> str:
    """Return analysis, as-of date and options: what a figure must never go without."""
    from liantu.formats.text import flags

    judged = f"{session.label('as_of', 'sheet')} {result.as_of}"
    return " · ".join(part for part in (result.name, judged, flags(result)) if part)


def show_result(session: Session, result: Result, limit: int | None) -> None:
    """Print headline, table and further tables for people."""
    from liantu.formats import aligned, figures, with_names
    from liantu.results import registry

    known = registry().get(result.name)
    print(known.title(session.lang) if known else session.label(result.name, "command"))
    print(stamp(session, result))
    if result.summary:
        print("\n" + aligned(figures(dict(result.summary), session.lang), [False, False]))
    tables = {session.label("table", "sheet"): result.table}
    tables |= {session.label(key): frame for key, frame in result.tables.items()}
    for title, frame in tables.items():
        show_table(session, with_names(frame, result.names), title, limit)


def show_table(session: Session, frame: pd.DataFrame, title: str, limit: int | None) -> None:
    """Print a table: with rules on a terminal, plain and unwrapped elsewhere."""
    from liantu.formats import to_text
    from liantu.formats.text import grid

    if limit is None and sys.stdout.isatty():
        limit = _ROWS
    shown = frame if limit is None else frame.head(limit)
    if frame.empty or limit == 0:
        return
    print(f"\n{title} ({len(frame)})")
    if sys.stdout.isatty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        headers, rights, columns = grid(shown, session.lang)
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for header, right in zip(headers, rights, strict=True):
            table.add_column(Text(header), justify="right" if right else "left", overflow="fold")
        for row in zip(*columns, strict=True):
            table.add_row(*map(Text, row))
        Console().print(table)
    else:
        print(to_text(shown, session.lang))
    if len(shown) < len(frame):
        sys.stdout.flush()
        session.tell(session.say("more_rows", value=title, count=len(frame) - len(shown)))


def check_report(path: Path, suffixes: Sequence[str] = _REPORTS) -> None:
    """Check early that a report, or what else has one of these suffixes, can be written.

    Raises
    ------
    OptionError
        If the suffix is none of a report.
    RequestError
        If the place of the file is no good.
    """
    from liantu.formats import check_output

    if not path.is_dir() and path.suffix.lower() not in suffixes:
        raise OptionError.of("bad_suffix", value=path, allowed=", ".join(suffixes))
    check_output(path)
