"""Reading workbooks of anybody: whatever is in them, cells or one clear line."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from liantu.books import worker
from liantu.errors import LiantuError, Problem

_WAIT = 120  # seconds of a busy machine; the process itself stops earlier
_START = "import sys; sys.path += sys.argv[2:]; from books.worker import main; main()"


class BookSheet(NamedTuple):
    """The cells of a sheet as values; cells in rows and columns without any are ``""``.

    Attributes
    ----------
    name
        How the sheet is called.
    cells
        All rows from the first one on, equally long.
    merged
        First and last cell of each merged range, counted from 0.
    hidden
        Whether it is a hidden sheet that nobody asked for: its cells were not read.
    """

    name: str
    cells: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    hidden: bool = False


def sheets(data: bytes, file: str, *, hidden: bool = False) -> list[BookSheet]:
    """Return the sheets of a workbook: XLSX, XLSM, XLSB, XLS or ODS.

    A formula that failed gives its text, such as ``#REF!``.

    Parameters
    ----------
    data
        The content of the file.
    file
        Its name, for errors.
    hidden
        Whether hidden sheets are wanted, too.

    Raises
    ------
    LiantuError
        If it is no workbook, damaged, or too large: one line.
    """
    found: list[BookSheet] = []
    for what, given, more in _told(data, file, hidden):
        if what == "problem":
            raise _problem(given, file, **more)
        if what == "sheet":
            found.append(BookSheet(given, [], more))
        elif what == "hidden":
            found.append(BookSheet(given, [], [], hidden=True))
        else:
            found[-1].cells.extend(given)
    return found


def _told(data: bytes, file: str, hidden: bool) -> Iterable[tuple[str, Any, Any]]:
    reader = find_spec("python_calamine")
    homes = [str(Path(__file__).parents[1])]  # `books` is a room of its own there
    homes += [str(Path(reader.origin).parents[1])] if reader and reader.origin else []
    command = [sys.executable, "-I", "-S", "-c", _START, "hidden" if hidden else "-", *homes]
    try:
        # none of the packages of this process: it is up in some 30 milliseconds
        run = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_WAIT,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _failed(file) from None
    if run.returncode or not run.stdout:
        raise _failed(file)
    return _items(run.stdout)


def _items(told: bytes) -> Iterable[tuple[str, Any, Any]]:
    stream = io.BytesIO(told)
    while stream.tell() < len(told):
        yield pickle.load(stream)


def _failed(file: str) -> LiantuError:
    return _problem("book_failed", file, memory=worker.MEMORY >> 30, seconds=worker.SECONDS)


def _problem(code: str, file: str, sheet: str = "", **params: Any) -> LiantuError:
    return LiantuError([Problem("error", code, file, sheet, params=params)])
