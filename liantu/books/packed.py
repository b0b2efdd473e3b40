"""Looking over packed workbooks (XLSX, XLSM, XLSB, ODS): their extent, and failed formulas."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from string import ascii_letters
from xml.parsers import expat

from .found import CODES, MOST_BYTES, Errors, TooLargeError, check_extent, number

# The reference of a cell that holds something. What is only formatted ends at once (`/>`,
# `></c>`) and does not count.
_PLACED = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z][^\"'<>]*)[\"'][^<>]*(?<!/)>\s*<(?!/)")
# A cell that holds something and has no reference: it follows the one before, in its row.
_LOOSE = re.compile(rb"<(?:\w+:)?c(?:>|\s(?!r=|[^<>]*\sr\s*=)[^<>]*(?<!/)>)\s*<(?!/)")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?r\s*=\s*[\"'](\d{1,7})[\"']")
_REFERENCE = re.compile(rb"([A-Za-z]{1,3})([1-9]\d{0,6})")
_FAILED = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_DIGITS, _LETTERS = b"0123456789", ascii_letters.encode()
_WALKED = re.compile(
    rb"<(?:\w+:)?(?:(row)(?:\s([^<>]*))?|c(?:\s([^<>]*?))?(?:/|>(.*?)</(?:\w+:)?c))\s*>", re.DOTALL
)
_GIVEN = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)<")


def look_over(data: bytes) -> dict[str, Errors]:
    """Return the failed formulas of a packed workbook by sheet.

    Raises
    ------
    TooLargeError
        If reading it would take too much memory.
    ValueError
        If it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
            raise TooLargeError("book_too_large", limit=MOST_BYTES >> 20)
        names = {name.lower().lstrip("/"): name for name in parts.namelist()}
        if "content.xml" in names:
            return _ods(parts.read(names["content.xml"]))
        scan = _xlsx if "xl/workbook.xml" in names else _xlsb
        found = {}
        for sheet, path in _sheets(parts, names):
            if path.lower() in names:
                found[sheet] = scan(sheet, parts.read(names[path.lower()]))
        return found


def _elements(data: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of an XML text with their attributes, without name spaces."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, given: found.append(
        (name.rpartition(":")[2], {key.rpartition(":")[2]: text for key, text in given.items()})
    )
    parser.Parse(data, True)
    return found


def _sheets(parts: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the sheets of a workbook with the part that holds each."""
    book = "workbook.xml" if "xl/workbook.xml" in names else "workbook.bin"
    targets = {
        given["Id"]: normpath(join("/xl", given["Target"])).lstrip("/")
        for name, given in _elements(parts.read(names[f"xl/_rels/{book}.rels"]))
        if name == "Relationship"
    }
    data = parts.read(names[f"xl/{book}"])
    if book == "workbook.xml":
        for name, given in _elements(data):
            if name == "sheet" and given.get("id") in targets:
                yield given["name"], targets[given["id"]]
        return
    for kind, body in _records(data):
        if kind == 156:  # a sheet: state, number, then two texts: relation and name
            texts, at = [], 8
            for _ in range(2):
                size = 2 * int.from_bytes(body[at : at + 4], "little")
                texts.append(body[at + 4 : at + 4 + size].decode("utf-16-le"))
                at += 4 + size
            if texts[0] in targets:
                yield texts[1], targets[texts[0]]


def _xlsx(sheet: str, data: bytes) -> Errors:
    """Return the failed formulas of a sheet, its extent checked."""
    places = _PLACED.findall(data)
    rows = {place.lstrip(_LETTERS) for place in places}
    columns = {place.rstrip(_DIGITS) for place in places}
    if _LOOSE.search(data):
        rows.update(_ROW.findall(data))
    for place in [*(column + b"1" for column in columns), *(b"A" + row for row in rows)]:
        if not _REFERENCE.fullmatch(place):
            raise ValueError("reference")
    height, width = max(map(int, rows), default=0), max(map(number, columns), default=0)
    check_extent(sheet, height, width)
    return dict(_failed(data)) if _FAILED.search(data) else {}


def _failed(data: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the failed formulas of a sheet; a cell without a reference follows the one before."""
    row = column = -1
    for match in _WALKED.finditer(data):
        own = dict(re.findall(rb"(\w+)\s*=\s*[\"']([^\"']*)[\"']", match[2] or match[3] or b""))
        if match[1]:
            row, column = int(own.get(b"r", row + 2)) - 1, -1
            continue
        column += 1
        if place := _REFERENCE.fullmatch(own.get(b"r", b"")):
            row, column = int(place[2]) - 1, number(place[1]) - 1
        if own.get(b"t") == b"e" and (given := _GIVEN.search(match[4] or b"")):
            yield (row, column), given[1].decode("ascii", "replace").strip()


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a binary part: their kind and content."""
    at, end = 0, len(data)
    while at < end:
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (data[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while True:
            part, at = data[at], at + 1
            size |= (part & 0x7F) << shift
            shift += 7
            if part < 0x80 or shift > 21:
                break
        yield kind, data[at : at + size]
        at += size


def _xlsb(sheet: str, data: bytes) -> Errors:
    """Return the failed formulas of a binary sheet, its extent checked."""
    row = rows = columns = 0
    errors: Errors = {}
    for kind, body in _records(data):
        if kind == 0:
            row = int.from_bytes(body[:4], "little")
        elif 2 <= kind <= 11:  # cells with a value; 1 is a blank one
            column = int.from_bytes(body[:4], "little")
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if kind in (3, 11):
                errors[row, column] = CODES.get(body[8], "#N/A")
    check_extent(sheet, rows, columns)
    return errors


class _Ods:
    """Follows the rows and cells of the tables of an ODS document."""

    def __init__(self) -> None:
        self.found: dict[str, Errors] = {}
        self.sheet = ""
        self.row = self.column = self.again = 0
        self.failed: tuple[int, int] | None = None
        self.text = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "table:table":
            self.sheet, self.row = given.get("table:name", ""), 0
            self.errors: Errors = self.found.setdefault(self.sheet, {})
            self.reach = (0, 0)
        elif name == "table:table-row":
            self.column, self.again = 0, int(given.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            wide = int(given.get("table:number-columns-repeated", 1))
            if "office:value-type" in given or "table:formula" in given:
                self.reach = (
                    max(self.reach[0], self.row + self.again),
                    max(self.reach[1], self.column + wide),
                )
                check_extent(self.sheet, *self.reach)
            if given.get("calcext:value-type") == "error":
                self.failed, self.text = (self.row, self.column), ""
            self.column += wide

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += self.again
        elif name in ("table:table-cell", "table:covered-table-cell") and self.failed:
            self.errors[self.failed] = self.text.strip() or "#N/A"
            self.failed = None

    def says(self, text: str) -> None:
        if self.failed:
            self.text += text


def _ods(data: bytes) -> dict[str, Errors]:
    """Return the failed formulas of an ODS document by table, every extent checked."""
    walk, parser = _Ods(), expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.says
    parser.Parse(data, True)
    return walk.found
