"""Workbooks with a seal, written whole: those that people fill in, and networks as workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from liantu.formats.files import write_file
from liantu.formats.seals import BLANK

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

MADE = datetime(2026, 1, 1)  # the same bytes again


@contextmanager
def sealed_book(path: Path, created: datetime = MADE) -> Iterator[Workbook]:
    """Give a workbook to fill; it is written and sealed when all went well.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    from xlsxwriter import Workbook

    options = {f"strings_to_{what}": False for what in ("formulas", "urls", "numbers")}
    # In memory: nothing of the disk can fail while xlsxwriter is at work.
    buffer = io.BytesIO()
    with Workbook(buffer, {**options, "in_memory": True}) as book:
        book.set_properties({"created": created})
        yield book
    with zipfile.ZipFile(buffer, "a") as parts:
        parts.comment = BLANK.encode()  # no program that saves a workbook keeps it
    write_file(path, buffer.getvalue(), seals=True)


def ticking_styles(book: Workbook) -> dict[str, Format]:
    """Return the styles of sheets in which a person decides row by row."""
    head = {"bold": True, "border": 1, "valign": "vcenter"}
    return {
        "head": book.add_format({**head, "bg_color": "#DDEBF7"}),
        "pick": book.add_format({**head, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        "text": book.add_format({"num_format": "@", "valign": "top"}),
        "wrap": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        "fill": book.add_format({"num_format": "@", "bg_color": "#FFF2CC", "valign": "top"}),
    }
