"""A result as a workbook: for people, always labelled."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.errors import RequestError
from liantu.formats.answer import Answer
from liantu.formats.cells import (
    is_text,
    labels,
    number,
    plain,
    points_format,
    texts,
    with_names,
)
from liantu.formats.files import write_file
from liantu.formats.text import flags
from liantu.vocabulary import OWN, Lang, is_points, is_share, label, message

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format


Rounding = Callable[[float], "Format | None"]

_MAX_ROWS = 1_048_576
_MAX_CELL = 32_767
_EPOCH = date(1900, 1, 1)  # the first day that workbooks know
_WIDEST = 48  # of a column, in characters
_MEASURED = 1_000  # rows that a column's width is taken from


def write_xlsx(path: Path, result: Answer, lang: Lang = "en") -> None:
    """Write table, further tables, summary and notes as sheets of a workbook.

    Lists of a result come first, as sheets that `liantu.read` takes; the others then bear names
    that it passes over.

    Text is always a string cell, so that none runs as a formula; numbers and dates are real ones;
    ids are text.

    Raises
    ------
    RequestError
        If the file cannot be written or a table has more rows than a sheet can hold.
    """
    lists = {label(key, lang, "relation"): frame for key, frame in result.lists.items()}
    mark = OWN if lists else ""
    sheets = lists | {mark + label("table", lang, "sheet"): result.table}
    sheets |= {mark + label(key, lang): frame for key, frame in result.tables.items()}
    longest = max(len(frame) for frame in sheets.values())
    if longest >= _MAX_ROWS:
        raise RequestError.of("too_many_rows", value=path, count=longest, limit=_MAX_ROWS - 1)
    from xlsxwriter import Workbook

    options = {f"strings_to_{what}": False for what in ("formulas", "urls", "numbers")}
    buffer = io.BytesIO()
    with Workbook(buffer, {**options, "in_memory": True}) as book:
        book.set_properties(
            {"created": datetime.combine(max(result.as_of, _EPOCH), time())}
        )  # same bytes again
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        share = book.add_format({"num_format": "0.0 %"})
        points = book.add_format({"num_format": points_format(lang)})
        formats = bold, day, share, points
        rounded = _rounding(book)
        cut = 0
        for title, frame in sheets.items():
            named = with_names(frame, result.names)
            cut += _write_table(book, title, named, lang, formats, rounded)
        title = mark + label("summary", lang, "sheet")
        _write_pairs(book, title, _stamped(result, lang), share, rounded)
        notes = [note.text(lang) for note in result.notes]
        if cut:
            notes.append(message("cells_cut", lang, {"count": cut, "limit": _MAX_CELL}))
        sheet = book.add_worksheet(mark + label("notes", lang, "sheet"))
        sheet.write_column(0, 0, notes, book.add_format({"text_wrap": True}))
        sheet.set_column(0, 0, 100)
    write_file(path, buffer.getvalue())


def _rounding(book: Workbook) -> Rounding:
    """Return what gives the format in which a number shows the digits that a table shows of it."""
    known: dict[str, Format] = {}

    def rounded(value: float) -> Format | None:
        if value.is_integer():
            return None
        text = number(value)
        places = "0" * len(text.partition(".")[2])
        style = "0.000E+00" if "e" in text else f"0.{places}" if places else "0"
        if style not in known:
            known[style] = book.add_format({"num_format": style})
        return known[style]

    return rounded


def _write_table(
    book: Workbook,
    title: str,
    frame: pd.DataFrame,
    lang: Lang,
    formats: tuple[Format, Format, Format, Format],
    rounded: Rounding,
) -> int:
    """Write a frame as a sheet and return how many texts had to be cut."""
    from rich.cells import cell_len

    bold, day, share, points = formats
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    cut = 0
    for place, key in enumerate(map(str, frame.columns)):
        values = labels(frame.iloc[:, place], key, lang)
        style = None
        if pd.api.types.is_datetime64_dtype(values.dtype):
            cells, style = values.dt.to_pydatetime().tolist(), day
            cells = [None if cell is pd.NaT else cell for cell in cells]
        else:
            cells = [plain(cell) for cell in values.astype(object)]
            style = share if is_share(key) else points if is_points(key) else None
            if is_points(key):
                cells = [None if cell is None else 100 * cell for cell in cells]
        if is_text(values):
            cut += sum(cell is not None and len(str(cell)) > _MAX_CELL for cell in cells)
            cells = [None if cell is None else _fit(str(cell)) for cell in cells]
        header = label(key, lang)
        sheet.write_string(0, place, header, bold)
        if style is None and pd.api.types.is_float_dtype(values.dtype):
            for row, cell in enumerate(cells, 1):
                if cell is not None:
                    sheet.write_number(row, place, cell, rounded(cell))
        else:
            sheet.write_column(1, place, cells, style)
        shown = texts(frame.iloc[:_MEASURED, place], key, lang)
        width = max(map(cell_len, [header, *shown]))
        sheet.set_column(place, place, min(width, _WIDEST) + 2)
    return cut


def _write_pairs(
    book: Workbook,
    title: str,
    rows: list[tuple[str, Any, bool]],
    share: Format,
    rounded: Rounding,
) -> None:
    from rich.cells import cell_len

    sheet = book.add_worksheet(_sheet_name(title))
    for place, (name, value, rate) in enumerate(rows):
        sheet.write_string(place, 0, name)
        style = share if rate else rounded(value) if isinstance(value, float) else None
        sheet.write(place, 1, value, style)
    sheet.set_column(0, 0, max(cell_len(name) for name, _, _ in rows) + 2)
    sheet.set_column(1, 1, 24)


def _stamped(result: Answer, lang: Lang) -> list[tuple[str, Any, bool]]:
    """Return summary and stamp as rows of label, value and whether it is a rate."""
    rows = [
        (label(key, lang), plain(value), is_share(key)) for key, value in result.summary.items()
    ]
    stamp = {
        "as_of": "" if result.as_of == date.min else result.as_of.isoformat(),
        "analysis": result.name,
        "parameters": flags(result),
        "fingerprint": result.fingerprint,
        "version": result.version,
    }
    return rows + [(label(key, lang, "sheet"), value, False) for key, value in stamp.items()]


def _fit(text: str) -> str:
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def _sheet_name(title: str) -> str:
    """Return a title without the signs that a sheet's name must not have, at most 31 long."""
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]
