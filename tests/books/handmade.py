"""Workbooks in formats that nothing at hand writes, part by part."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

_SPACES = " ".join(
    f'xmlns:{name}="{space}"'
    for name, space in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def repacked(path: Path, name: str, old: bytes, new: bytes) -> Path:
    """Replace something in one part of a packed workbook."""
    with zipfile.ZipFile(path) as file:
        parts = {part: file.read(part) for part in file.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    return packed(path, parts)


def ods(path: Path, rows: str) -> Path:
    content = (
        f"<office:document-content {_SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="学校">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content}
    return packed(path, parts)


def ods_row(*cells: str | None, again: int = 1) -> str:
    """A row; a cell that begins with # is a failed formula, None is an empty one."""
    found = []
    for cell in cells:
        kind = 'office:value-type="string"'
        if cell is None:
            found.append("<table:table-cell/>")
        elif cell.startswith("#"):
            kind += ' office:string-value="" table:formula="of:=1/0" calcext:value-type="error"'
        if cell is not None:
            found.append(f"<table:table-cell {kind}><text:p>{cell}</text:p></table:table-cell>")
    inside = "".join(found)
    return f'<table:table-row table:number-rows-repeated="{again}">{inside}</table:table-row>'


def xlsb(path: Path, cells: dict[tuple[int, int], str | int]) -> Path:
    """A binary sheet; a number is the code of an error."""
    sheet = _record(0x81) + _record(0x94, struct.pack("<IIII", 0, 1, 0, 1)) + _record(0x91)
    for row in sorted({row for row, _ in cells}):
        sheet += _record(0, struct.pack("<IIHBBI", row, 0, 300, 0, 0, 0) + bytes(4))
        for (own, column), value in sorted(cells.items()):
            if own == row and isinstance(value, int):
                sheet += _record(3, struct.pack("<IIB", column, 0, value))
            elif own == row:
                sheet += _record(6, struct.pack("<II", column, 0) + _text(value))
    book = _record(0x83) + _record(0x8F)
    book += _record(0x9C, struct.pack("<II", 0, 1) + _text("rId1") + _text("学校")) + _record(0x90)
    relation = f'Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.bin"'
    return packed(
        path,
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "xl/workbook.bin": book + _record(0x84),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f"<Relationship {relation}/></Relationships>",
            "xl/worksheets/sheet1.bin": sheet + _record(0x92) + _record(0x82),
        },
    )


def _record(kind: int, body: bytes = b"") -> bytes:
    out = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, more = len(body), b""
    while True:
        part, size = size & 0x7F, size >> 7
        more += bytes([part | (0x80 if size else 0)])
        if not size:
            return out + more + body


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
