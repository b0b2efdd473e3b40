"""From files to raw cells: folders, CSV and workbooks, every cell as text with its row number."""

from __future__ import annotations

import codecs
import csv
import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from liantu import vocabulary
from liantu.addresses import bad_address, misspelt, shown
from liantu.books import reader as books
from liantu.errors import LiantuError, RequestError
from liantu.loaders import plain
from liantu.paths import name_of

TEXT = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
DRAFT = "对照表.xlsx"  # what was ticked for the tables beside it
PARQUET = (".parquet",)  # of somebody else, for a store is no list of tables

WIDEST = 16_384  # columns of a spreadsheet
LONGEST = 131_072  # characters of a cell; a spreadsheet holds 32,767
SAMPLE = 65_536
_LOOKED_AT = 200  # rows of a hidden sheet
_END = "\x1f"  # a line of its own behind the text: swallowed if a quote was left open
BINARY = ("\0", "\x01", "\x02", "\x03", "\x04", "\x05", _END)  # signs that no list holds


@dataclass(frozen=True)
class Sheet:
    """The raw cells of a CSV file or of one sheet of a workbook; row i is row `first` + i + 1."""

    file: str
    sheet: str
    rows: Sequence[list[str]]
    workbook: bool = False
    filled: dict[int, list[int]] = field(default_factory=dict)  # rows filled from merges, by column
    hidden: bool = False  # in its workbook: it has no rows then
    behind: Sequence[list[str]] = ()  # the rows of a hidden one, to tell what it holds
    first: int = 0  # rows of the file above them
    across: Mapping[int, list[tuple[int, int]]] = field(default_factory=dict)
    """By row of the file, from 0, the first and last columns of cells merged sideways."""

    @property
    def place(self) -> tuple[str, str]:
        """File and sheet."""
        return self.file, self.sheet


@dataclass(frozen=True)
class Found:
    """What a source holds: table files, other files, and its ``network.toml``."""

    tables: tuple[Path, ...]
    others: tuple[Path, ...] = ()
    settings: Path | None = None
    folder: bool = True
    draft: Path | None = None


def find(source: str | Path) -> Found:
    """Find the table files of a source.

    Raises
    ------
    RequestError
        If there is nothing there, or something that this version cannot read.
    """
    text = str(source)
    path = case_folder(text[5:]) if text.startswith("case:") else Path(source)
    if not text.strip() or not path.exists():
        if misspelt(text) and not text.startswith("case:"):
            raise bad_address(text)
        raise missing(path, "source_missing")
    if path.is_file():
        if path.suffix.lower() in PARQUET:
            raise RequestError.of("lone_parquet", value=name_of(path))
        return Found((path,), folder=False)
    files = sorted((p for p in path.iterdir() if p.is_file()), key=lambda p: p.name)
    visible = [p for p in files if not p.name.startswith((".", "~$"))]
    if any(p.suffix.lower() in PARQUET for p in visible):
        raise RequestError.of("lone_parquet", value=name_of(path))
    tables = tuple(
        p
        for p in visible
        if p.suffix.lower() in TEXT + BOOKS and not p.stem.startswith("README") and p.name != DRAFT
    )
    quiet = (".toml", ".md")
    others = tuple(
        p
        for p in visible
        if p not in tables
        and p.suffix.lower() not in quiet
        and not p.stem.startswith("README")
        and p.name != DRAFT
    )
    if not tables:
        raise RequestError.of(
            "no_tables" if visible else "empty_folder", value=name_of(path) or text
        )
    settings = path / "network.toml"
    draft = next((p for p in visible if p.name == DRAFT), None)
    return Found(tables, others, settings if settings.is_file() else None, draft=draft)


def missing(path: Path, code: str) -> LiantuError:
    """Make the error of a path that does not exist, with the nearest name in its folder."""
    try:
        names = [p.name for p in path.parent.iterdir()]
    except OSError:
        names = []
    near = vocabulary.nearest(name_of(path), names)
    return RequestError.of(code, value=shown(path), nearest=f" (→ “{near}”?)" if near else "")


def case_folder(name: str) -> Path:
    """Return the folder of a bundled case.

    Raises
    ------
    RequestError
        If there is no such case; the nearest is named.
    """
    names = case_names()
    if name not in names:
        near = vocabulary.nearest(name, names) or "–"
        raise RequestError.of("unknown_case", value=name, nearest=near)
    return _cases() / name


def case_names() -> tuple[str, ...]:
    """Return the names of the bundled cases."""
    if not _cases().is_dir():
        return ()
    return tuple(sorted(p.name for p in _cases().iterdir() if (p / "network.toml").is_file()))


@cache
def _cases() -> Path:
    return Path(__file__).parent / "cases"


def read_file(path: Path, encoding: str = "auto") -> list[Sheet]:
    """Read a file as raw cells; a workbook gives one table a visible sheet.

    Raises
    ------
    RequestError
        If the file cannot be opened.
    LiantuError
        If it is no table: one clear line.
    """
    try:
        data = path.read_bytes()
    except PermissionError:
        raise RequestError.of("file_locked", file=name_of(path), value=name_of(path)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    if not data:
        raise LiantuError.of("empty_file", file=name_of(path))
    if path.suffix.lower() in BOOKS:
        return _book(data, name_of(path))
    rows = _records(data, name_of(path), encoding)
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise LiantuError.of("empty_file", file=name_of(path))
    return [Sheet(name_of(path), "", rows)]


def awaits_decision(sheet: Sheet) -> bool:
    """Return whether a sheet holds candidates of `liantu extract`, which no network may hold.

    Examples
    --------
    >>> awaits_decision(Sheet("a.xlsx", "结对帮扶", [["决定", "置信", "支援校", "证据"]]))
    True
    """
    marks = {"decision", "evidence", "sure"}
    return any(marks <= {vocabulary.find("extract", c) for c in row} for row in sheet.rows[:3])


def read_toml(path: Path, code: str) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    RequestError
        If it cannot be opened or used; `code` is that of the message for a file that is no TOML.
    """
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        repr(data)  # numbers and nesting that cannot be written down cannot be told of either
    except (ValueError, RecursionError) as error:
        raise RequestError.of(code, file=name_of(path), value=str(error)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    return data


def _decode(data: bytes, name: str, encoding: str) -> str:
    """Return text: by BOM, else strict UTF-8 over the whole file, else GB18030, else an error."""
    tries: tuple[str, ...] = ("utf-8", "gb18030")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ("utf-16",)
    elif data.startswith(codecs.BOM_UTF8):
        tries = ("utf-8-sig",)
    elif b"\0" in data:
        raise LiantuError.of("binary_file", file=name)
    if encoding != "auto":
        tries = (encoding,)
    for attempt in tries:
        try:
            text = data.decode(attempt).removeprefix("\ufeff")
        except UnicodeError:
            continue
        if any(sign in text for sign in BINARY):
            raise LiantuError.of("binary_file", file=name)
        return text
    raise LiantuError.of("bad_encoding", file=name, value=" / ".join(tries))


def _records(data: bytes, name: str, encoding: str) -> Sequence[list[str]]:
    """Return the records of a CSV file; the n-th record is row n of a spreadsheet."""
    mark = codecs.BOM_UTF8
    tried = data.removeprefix(mark) if encoding in ("auto", "utf-8") else b""
    if tried and not any(sign.encode() in tried for sign in BINARY):
        # A text in UTF-8 is never decoded as a whole: of a large file that is the most there is.
        start = tried[: 4 * SAMPLE].decode(errors="ignore")
        if not tried.startswith(mark) and (found := _plain(tried, separator_of(start))) is not None:
            return found
    text = _decode(data, name, encoding)
    separator, found = separator_of(text), None
    with suppress(UnicodeEncodeError):
        again = text.encode()
        found = None if again == tried else _plain(again, separator)
    return _odd_records(text, separator, name) if found is None else found


def _plain(data: bytes, separator: str) -> plain.Records | None:
    return plain.records(data, separator, longest=LONGEST, widest=WIDEST)


def _odd_records(text: str, separator: str, name: str) -> list[list[str]]:
    """Return the records of any CSV text, or say where it is none."""
    csv.field_size_limit(LONGEST)
    lines = io.StringIO(f"{text}{'' if text.endswith(chr(10)) else chr(10)}{_END}", newline="")
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(lines, delimiter=separator))
    except csv.Error:
        raise _at(name, "cell_too_long", len(rows) + 1, limit=LONGEST) from None
    if rows.pop() != [_END]:
        raise _at(name, "open_quote", len(rows) + 1)
    widest = max(map(len, rows), default=0)
    if widest > WIDEST:
        row = next(n for n, cells in enumerate(rows, 1) if len(cells) > WIDEST)
        raise _at(name, "too_many_columns", row, count=widest, limit=WIDEST)
    return rows


def _at(file: str, code: str, row: int, **params: Any) -> LiantuError:
    from liantu.errors import Problem

    return LiantuError([Problem("error", code, file, row=row, params=params)])


def separator_of(text: str) -> str:
    """Return the separator that gives the most records of one width above 1."""
    best, top = ",", (0, 0)
    for candidate in ",;\t":
        csv.field_size_limit(max(LONGEST, len(text) + 1))  # it holds for everybody
        sample = io.StringIO(text[:SAMPLE], newline="")
        widths = [len(row) for row in islice(csv.reader(sample, delimiter=candidate), 200)]
        common = Counter(width for width in widths if width > 1).most_common(1)
        score = (common[0][1], common[0][0]) if common else (0, 0)
        if score > top:
            best, top = candidate, score
    return best


def _book(data: bytes, name: str) -> list[Sheet]:
    found = []
    sheets = books.sheets(data, name)
    behind: dict[str, list[list[str]]] = {}
    if any(sheet.hidden and not sheet.name.isascii() for sheet in sheets):
        with suppress(LiantuError):  # a hidden sheet that cannot be read hinders nobody
            whole = books.sheets(data, name, hidden=True)
            hidden = {sheet.name for sheet in sheets if sheet.hidden}
            behind = {s.name: _texts(s.cells[:_LOOKED_AT]) for s in whole if s.name in hidden}
    for sheet in sheets:
        filled = _fill(sheet.cells, sheet.merged)
        found.append(
            Sheet(
                name, sheet.name, _texts(sheet.cells), workbook=True, filled=filled,
                hidden=sheet.hidden, behind=behind.get(sheet.name, ()),
                across=_across(sheet.merged),
            )
        )  # fmt: skip
    return found


def _texts(cells: list[list[Any]]) -> list[list[str]]:
    return [[v if type(v) is str else _text(v) for v in row] for row in cells]


def _fill(cells: list[list[Any]], merges: Iterable[Any]) -> dict[int, list[int]]:
    """Fill cells merged downwards with their value; those merged sideways are titles."""
    filled: dict[int, list[int]] = {}
    reached: dict[int, int] = {}  # by column, so that ranges upon each other fill a cell once
    for (top, left), (bottom, _) in sorted(merges):
        if top >= len(cells) or left >= len(cells[top]) or cells[top][left] == "":
            continue
        first, end = max(top + 1, reached.get(left, 0)), min(bottom + 1, len(cells))
        for row in range(first, end):
            cells[row][left] = cells[top][left]
            filled.setdefault(left, []).append(row + 1)
        reached[left] = max(first, end)
    return filled


def _across(merges: Iterable[Any]) -> dict[int, list[tuple[int, int]]]:
    """Return the first and last columns of cells merged sideways, by their row."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (_, right) in sorted(merges):
        if right > left:
            found.setdefault(top, []).append((left, right))
    return found


def _text(value: Any) -> str:
    """Return a typed cell as text; a whole number keeps its ``.0`` so that repairs are counted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        whole = float(value).is_integer() and abs(value) < 1e15
        return f"{int(value)}.0" if whole else repr(value)
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        )
    return value.isoformat() if isinstance(value, date) else str(value)
