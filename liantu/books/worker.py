"""The process that reads one workbook: from standard input, its cells to standard output.

It imports nothing of liantu beyond this room, for it starts anew with every workbook. What a
damaged file makes of the reader – an error, a panic, an abort, gigabytes, no end – stays in here.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from . import binary, packed
from .found import Errors, TooLargeError, check_extent

MEMORY = 2 << 30  # bytes
SECONDS = 25  # of the processor
_MOST_TOLD = 400 << 20  # bytes of cells that are handed over
_AT_ONCE = 1_000  # rows


def main() -> None:
    """Read a workbook; the argument ``hidden`` asks for hidden sheets too."""
    _bound()
    told = io.BytesIO()
    try:
        for item in read(sys.stdin.buffer.read(), hidden="hidden" in sys.argv):
            pickle.dump(item, told)
            if told.tell() > _MOST_TOLD:
                raise TooLargeError("book_too_large", limit=_MOST_TOLD >> 20)
    except TooLargeError as error:
        told = io.BytesIO(pickle.dumps(("problem", error.code, error.params)))
    except BaseException as error:  # a panic is no `Exception`
        code = "book_locked" if type(error).__name__ == "PasswordError" else "not_a_workbook"
        told = io.BytesIO(pickle.dumps(("problem", code, {})))
    sys.stdout.buffer.write(told.getbuffer())


def _bound() -> None:
    """Limit memory and time where the system can; leave no memory image behind."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_AS: MEMORY}
        for limit, most in limits.items():
            hard = resource.getrlimit(limit)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, hard))


def read(data: bytes, *, hidden: bool) -> Iterator[tuple[str, Any, Any]]:
    """Yield each sheet, ``("sheet", name, merged)``, and then its cells, ``("rows", rows, None)``.

    Sheets of charts and macros are passed over. A formula that failed gives the text that the
    spreadsheet shows; the reader itself takes it for an empty cell.

    Raises
    ------
    TooLargeError
        If it would take too much memory.
    """
    import python_calamine as calamine

    seen: list[Errors] | dict[str, Errors] = {}
    unseen: Exception | None = None
    try:
        seen = (binary if data.startswith(binary.SIGN) else packed).look_over(data)
    except TooLargeError:
        raise
    except Exception as error:  # the reader may know better, such as of a password
        unseen = error
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    if unseen:
        raise unseen
    names = [meta.name for meta in book.sheets_metadata]
    errors = seen if isinstance(seen, dict) else dict(zip(names, seen, strict=False))
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if not hidden and meta.visible != calamine.SheetVisibleEnum.Visible:
            yield "hidden", meta.name, None
        else:
            sheet = book.get_sheet_by_name(meta.name)
            yield "sheet", meta.name, list(sheet.merged_cell_ranges or ())
            yield from _rows(sheet, meta.name, errors.get(meta.name, {}))


def _rows(sheet: Any, name: str, errors: Errors) -> Iterator[tuple[str, Any, None]]:
    """Yield the rows of a sheet from its first cell on, some at once."""
    last = [(sheet.end[0] + 1, sheet.end[1] + 1)] if sheet.end else []
    last += [(row + 1, column + 1) for row, column in errors]
    height, width = (max(ends) for ends in zip(*last, strict=True)) if last else (0, 0)
    check_extent(name, height, width)
    failed: dict[int, dict[int, str]] = {}
    for (row, column), text in errors.items():
        failed.setdefault(row, {})[column] = text
    left = [""] * (sheet.start[1] if sheet.start else 0)
    given = sheet.iter_rows() if sheet.start else iter(())
    rows: list[list[Any]] = []
    for number in range(height):
        cells = [*left, *next(given, ())]
        cells += [""] * (width - len(cells))
        for column, text in failed.get(number, {}).items():
            cells[column] = text
        rows.append(cells)
        if len(rows) == _AT_ONCE:
            yield "rows", rows, None
            rows = []
    yield "rows", rows, None
