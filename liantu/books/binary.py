"""Looking over XLS workbooks: how far each sheet reaches, and failed formulas."""

from __future__ import annotations

from collections.abc import Iterator
from struct import iter_unpack, unpack_from

from .found import CODES, Errors, check_extent

SIGN = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFF_FFF0  # sector numbers from here on are marks
# Records of one cell with a value: number, label, formula, rk, text of the shared table …
_CELLS = (0x0203, 0x0204, 0x0205, 0x0006, 0x027E, 0x00FD, 0x00D6)


def look_over(data: bytes) -> list[Errors]:
    """Return the failed formulas of an XLS workbook, sheet after sheet.

    Raises
    ------
    TooLargeError
        If reading it would take too much memory.
    ValueError
        If it is damaged.
    """
    stream = _stream(data)
    return [_sheet(name, stream, start) for name, start in _sheets(stream)]


def _stream(data: bytes) -> bytes:
    """Return the stream of the workbook in a compound file."""
    size, small = 1 << unpack_from("<H", data, 30)[0], 1 << unpack_from("<H", data, 32)[0]
    if size not in (512, 4096):
        raise ValueError("sector size")

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    def words(block: bytes) -> list[int]:
        return [word for (word,) in iter_unpack("<I", block[: len(block) // 4 * 4])]

    def chain(first: int, table: list[int]) -> Iterator[int]:
        seen: set[int] = set()
        while first < _LAST:
            if first >= len(table) or first in seen:  # cut off, or a circle
                return
            seen.add(first)
            yield first
            first = table[first]

    tables = words(data[76:512])
    more, limit = unpack_from("<I", data, 68)[0], len(data) // size + 1
    while more < _LAST and limit:
        block, limit = words(sector(more)), limit - 1
        tables, more = tables + block[:-1], block[-1] if block else _LAST
    fat = [word for number in tables if number < _LAST for word in words(sector(number))]
    entries = b"".join(sector(n) for n in chain(unpack_from("<I", data, 48)[0], fat))
    streams = {}
    for at in range(0, len(entries) - 127, 128):
        length = unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        streams[name] = unpack_from("<II", entries, at + 116)
    first, length = streams.get("Workbook") or streams["Book"]
    if length >= unpack_from("<I", data, 56)[0]:
        return b"".join(sector(n) for n in chain(first, fat))[:length]
    packed = b"".join(sector(n) for n in chain(streams["Root Entry"][0], fat))
    links = unpack_from("<I", data, 60)[0]
    short = [word for n in chain(links, fat) for word in words(sector(n))]
    pieces = (packed[n * small : (n + 1) * small] for n in chain(first, short))
    return b"".join(pieces)[:length]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records up to the end of a substream."""
    while at + 4 <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        if kind == 0x000A:
            return
        at += 4 + size


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Yield the sheets with the place where each begins."""
    for kind, body in _records(stream, 0):
        if kind == 0x0085 and len(body) > 8:
            wide = body[7] & 1
            text = body[8 : 8 + body[6] * (1 + wide)]
            name = text.decode("utf-16-le" if wide else "latin-1", "replace")
            yield name, unpack_from("<I", body, 0)[0]


def _sheet(name: str, stream: bytes, start: int) -> Errors:
    """Return the failed formulas of a sheet, its extent checked."""
    rows = columns = 0
    errors: Errors = {}
    for kind, body in _records(stream, start):
        if kind == 0x00BD and len(body) >= 6:  # several numbers in a row; the last column ends it
            row, column = unpack_from("<H", body, 0)[0], unpack_from("<H", body, len(body) - 2)[0]
        elif kind in _CELLS and len(body) >= 4:
            row, column = unpack_from("<HH", body, 0)
            if kind == 0x0205 and len(body) >= 8 and body[7]:
                errors[row, column] = CODES.get(body[6], "#N/A")
            elif kind == 0x0006 and body[12:14] == b"\xff\xff" and body[6] == 2:
                errors[row, column] = CODES.get(body[8], "#N/A")
        else:
            continue
        rows, columns = max(rows, row + 1), max(columns, column + 1)
    check_extent(name, rows, columns)
    return errors
