"""Workbooks: stray cells, bad references, damaged and swollen packages, sheets that are not shown."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import openpyxl
import xlwt
from hostile.cases import TABLES, Case, source, table
from hostile.made import made

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [line.split(",") for line in TABLES["schools.csv"].splitlines()]


@cache
def xlsx() -> bytes:
    """Return a small workbook of schools."""
    book = openpyxl.Workbook()
    book.active.title = "学校"
    for row in ROWS:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def xls() -> bytes:
    """Return the same in the format of old."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("学校")
    for number, row in enumerate(ROWS):
        for place, value in enumerate(row):
            sheet.write(number, place, value)
    sheet.write(9, 9, 1e308)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def ods(repeat: str = "") -> bytes:
    """Return the same as OpenDocument; `repeat` is an attribute of the last cell."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for value in row
        )
        + "</table:table-row>"
        for row in ROWS
    )
    stray = (
        f"<table:table-row><table:table-cell {repeat} office:value-type='string'>"
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="学校">{cells}{stray if repeat else ""}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind.encode(), "content.xml": content.encode()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return stream.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def edited(change: Callable[[str], str], part: str = SHEET) -> bytes:
    """Return the small workbook with one part changed."""
    found = parts(xlsx())
    found[part] = change(found[part].decode()).encode()
    return packed(found)


def with_cell(place: str, value: str = "1") -> bytes:
    """Return the small workbook with a further cell."""
    row = (re.findall(r"\d+", place) or ["9"])[0]
    cell = f'<row r="{row}"><c r="{place}"><v>{value}</v></c></row></sheetData>'
    return edited(lambda text: text.replace("</sheetData>", cell))


def cases() -> Iterator[Case]:
    """Return the cases of workbooks."""
    for place in ("XFD1048576", "ZZ200000", "A1048576", "XFD2", "IV65536", "ALL50000"):
        yield _book(f"stray-cell-{place}", with_cell(place), long=place == "XFD2")
    for place in (
        "A0",
        "0",
        "",
        "XFE1",
        "A1048577",
        "A99999999999999999999",
        "ZZZZZZZ1",
        "学1",
        "1A",
        "a1:b2",
        "$A$1",
        "A-1",
    ):
        data = with_cell(place)
        yield _book(f"reference-{place.replace(':', '-')}", data, long=place == "XFE1")
    yield _book("twenty-strays", edited(_strays), long=True)
    yield _book(
        "dimension",
        edited(lambda text: text.replace("<dimension ref=", '<dimension ref="A1:XFD1048576" x=')),
    )
    yield _book(
        "dimension-odd",
        edited(lambda text: text.replace("<dimension ref=", '<dimension ref="??" x=')),
    )
    merges = '</sheetData><mergeCells><mergeCell ref="A2:{}"/></mergeCells>'
    for place in ("XFD1048576", "A1048576", "A0", "", "学", "A1"):
        data = edited(lambda text, place=place: text.replace("</sheetData>", merges.format(place)))
        yield _book(f"merged-to-{place}", data)
    for value in ("1e400", "NaN", "-1", "99999999", "1e308", "9" * 5_000, "x"):
        yield _book(f"value-{value[:9]}", with_cell("G3", value), long=value != "1e400")
        dated = f'<row r="9"><c r="A9" s="1"><v>{value}</v></c></row></sheetData>'
        data = edited(lambda text, cell=dated: text.replace("</sheetData>", cell))
        yield _book(f"dated-{value[:9]}", data, long=value != "NaN")
    text = '<row r="9"><c r="A9" t="{}"><v>{}</v></c></row></sheetData>'
    for kind, value in (
        ("s", "999999"),
        ("s", "-1"),
        ("e", "#N/A"),
        ("e", "#REF!"),
        ("e", "x"),
        ("b", "7"),
        ("d", "9999-99-99"),
        ("zz", "1"),
        ("str", "x" * 100_000),
    ):
        cell = text.format(kind, value)
        data = edited(lambda text, cell=cell: text.replace("</sheetData>", cell))
        yield _book(f"typed-{kind}-{value[:8].strip('#!').replace('/', '')}", data)
    deep = edited(lambda text: text.replace("<sheetData>", "<x>" * 50_000 + "<sheetData>"))
    yield _book("deep-xml", deep)
    yield _book("entities", edited(_entities))
    yield _book("no-sheet", packed({k: v for k, v in parts(xlsx()).items() if k != SHEET}))
    yield _book("no-parts", packed({"a": b"b"}))
    yield _book("empty-package", packed({}))
    yield _book("empty", b"")
    yield _book("text", b"id,name\na,b\n")
    yield _book(
        "parts-that-climb", packed({**parts(xlsx()), "../../evil.xml": b"x", "/abs.xml": b"x"})
    )
    yield Case("zip-bomb", lambda folder: _bomb(folder, b"<x>" + b" " * 2**26))
    yield Case("zip-bomb-of-blanks", lambda folder: _bomb(folder, b"<x>" + b" " * 2**28), long=True)
    yield Case("zip-bomb-of-rows", lambda folder: _bomb(folder, None), long=True)
    yield Case("zip-bomb-of-3-gb", lambda folder: _bomb(folder, b" " * 2**28, 12), long=True)
    strings = edited(
        lambda _: "<sst>" + "<si><t>x</t></si>" * 300_000 + "</sst>", "xl/workbook.xml"
    )
    yield _book("foreign-workbook-part", strings)
    yield _book("hidden-goal", _hidden(5, "hidden"))
    yield _book("very-hidden-goal", _hidden("[1", "veryHidden"), long=True)
    yield Case("own-workbook-goal-5", _own_goal)
    yield _book("xls-as-xlsx", xls())
    yield table("workbook-xlsx-as-xls", xlsx(), "schools.xls")
    yield table("workbook-ods", ods(), "schools.ods")
    for name, repeat in {
        "columns": 'table:number-columns-repeated="1000000000"',
        "negative": 'table:number-columns-repeated="-1"',
        "sheet": 'table:number-columns-repeated="16384" table:number-rows-spanned="1048576"',
        "words": 'table:number-columns-repeated="many"',
    }.items():
        yield table(f"workbook-ods-repeated-{name}", ods(repeat), "schools.ods")
    found = parts(ods())
    found["content.xml"] = found["content.xml"].replace(
        b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000000">', 2
    )
    yield table("workbook-ods-repeated-rows", packed(found), "schools.ods")
    yield from _damaged()


def _book(name: str, data: bytes, *, long: bool = False) -> Case:
    return table(f"workbook-{name}", data, "schools.xlsx", long=long)


def _strays(text: str) -> str:
    cells = "".join(
        f'<row r="{n * 50_000}"><c r="ZZ{n * 50_000}"><v>1</v></c></row>' for n in range(1, 21)
    )
    return text.replace("</sheetData>", cells + "</sheetData>")


def _entities(text: str) -> str:
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<!DOCTYPE x [<!ENTITY e0 "x">{names}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = text.split("?>", 1)[-1].replace("中心小学", "&e9;&f;")
    return '<?xml version="1.0"?>' + kind + body


def _bomb(folder: Path, data: bytes | None, times: int = 1):
    path = folder / "bomb.xlsx"
    found = parts(xlsx())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, part in found.items():
            if name != SHEET:
                package.writestr(name, part)
        with package.open(SHEET, "w", force_zip64=True) as sheet:
            if data is None:
                sheet.write(b"<worksheet><sheetData>")
                row = b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>"
                for _ in range(100):
                    sheet.write(row * 100)
            else:
                sheet.write(b"<worksheet><sheetData>")
                for _ in range(times):
                    sheet.write(data)
            sheet.write(b"</sheetData></worksheet>")
    return source("bomb.xlsx")


def _hidden(value: object, state: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(xlsx()))
    for name in ("goal", "liantu"):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for key in ("goal", "phase", "as_of", "title", "labels", "fingerprint"):
            sheet.append([key, value])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _own_goal(folder: Path):
    book = openpyxl.load_workbook(io.BytesIO(made()["net.xlsx"]))
    for value in ("5", '"x"', "[1]", "{"):
        book["liantu"].append(["goal", value])
    book.save(folder / "net.xlsx")
    return source("net.xlsx")


def _damaged() -> Iterator[Case]:
    """Flipped bytes and lost ends; packages also with the damage inside, behind right checksums."""
    for kind, make in (("xlsx", xlsx), ("xls", xls), ("ods", ods)):
        for seed in range(100):
            dice = random.Random(f"{kind}{seed}")
            data = bytearray(make())
            if seed % 4 == 0:
                data = data[: dice.randrange(len(data))]
            for _ in range(dice.randint(1, 8) if seed % 4 else 0):
                data[dice.randrange(len(data))] = dice.randrange(256)
            yield table(f"damaged-{kind}-{seed}", bytes(data), f"schools.{kind}", long=seed > 4)
            if kind == "xls" and seed < 60:
                yield table(f"records-{seed}", _records(dice), "schools.xls", long=seed > 3)
            if kind != "xls" and seed < 60:
                yield table(
                    f"inside-{kind}-{seed}", _inside(make(), dice), f"schools.{kind}", long=seed > 2
                )


def _inside(data: bytes, dice: random.Random) -> bytes:
    found = parts(data)
    name = dice.choice(sorted(found))
    part = bytearray(found[name])
    for _ in range(dice.randint(1, 6)):
        part[dice.randrange(len(part))] = dice.randrange(32, 127)
    return packed({**found, name: bytes(part)})


def _records(dice: random.Random) -> bytes:
    """Return the old format with lengths and counts of its records changed."""
    data = bytearray(xls())
    for _ in range(dice.randint(1, 3)):
        place = 512 + dice.randrange(0, (len(data) - 516) // 4) * 4
        data[place : place + 2] = dice.choice([b"\xff\xff", b"\0\0", b"\xff\x7f", b"\x01\x80"])
    return bytes(data)
