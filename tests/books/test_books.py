"""Workbooks of anybody give cells or one clear line, and nothing else happens."""

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from books.handmade import ods, ods_row, packed, repacked, xlsb

from liantu.books import reader, worker
from liantu.books.found import CODES
from liantu.errors import LiantuError
from liantu.loaders import examine

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


def xlsx(path: Path, cells: dict[str, object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("学校")
        for place, value in {"A1": "id", "B1": "name", "A2": "a", "B2": "甲"}.items():
            sheet.write(place, value)
        for place, value in cells.items():
            if value is None:
                sheet.write_blank(place, None, book.add_format({"bold": True}))
            elif str(value) in ERRORS:
                sheet.write_formula(place, "=1/0", None, value)
            else:
                sheet.write(place, value)
    return path


def cells(path: Path) -> list[list[object]]:
    (sheet,) = reader.sheets(path.read_bytes(), path.name)
    return sheet.cells


def problem(path: Path):
    with pytest.raises(LiantuError) as caught:
        reader.sheets(path.read_bytes(), path.name)
    (only,) = caught.value.problems
    for lang in ("en", "zh"):
        assert path.name in only.line(lang)
        assert "{" not in only.line(lang)
    return only


def far(make: str, tmp_path: Path) -> Path:
    if make == "ods":
        rows = ods_row("id", "name") + ods_row(again=1_048_574) + ods_row(*[None] * 700, "x")
        return ods(tmp_path / "学校.ods", rows)
    if make == "xlsb":
        return xlsb(tmp_path / "学校.xlsb", {(0, 0): "id", (1_048_575, 16_383): "x"})
    return xlsx(tmp_path / "学校.xlsx", {make: "x"})


@pytest.mark.parametrize(
    ("make", "cell"),
    [
        ("XFD1048576", "XFD1048576"),
        ("ZZ200000", "ZZ200000"),
        ("xlsb", "XFD1048576"),
        ("ods", "ZY1048576"),
    ],
)
def test_a_stray_cell_is_named(make, cell, tmp_path):
    found = problem(far(make, tmp_path))
    assert (found.code, found.sheet) == ("sheet_too_large", "学校")
    assert found.params["cell"] == cell
    _, report = examine(far(make, tmp_path))
    assert [p.sheet for p in report.of("error")] == ["学校"]


def test_what_is_only_formatted_is_no_cell(tmp_path):
    assert len(cells(xlsx(tmp_path / "学校.xlsx", {"XFD1048576": None}))) == 2


def test_a_long_and_narrow_sheet_is_read(tmp_path):
    assert len(cells(xlsx(tmp_path / "学校.xlsx", {"A200000": "x"}))) == 200_000


def test_cells_without_references_stand_beside_the_one_before(tmp_path):
    path = xlsx(tmp_path / "学校.xlsx", {"A3": "b", "B3": "#REF!"})
    for cell in (b"A2", b"B2", b"A3", b"B3"):
        repacked(path, "xl/worksheets/sheet1.xml", b' r="' + cell + b'"', b"")
    assert cells(path) == [["id", "name"], ["a", "甲"], ["b", "#REF!"]]
    repacked(path, "xl/worksheets/sheet1.xml", b'<row r="3"', b'<row r="1048576"')
    repacked(path, "xl/worksheets/sheet1.xml", b'"B1"', b'"XFD1"')
    assert problem(path).code == "sheet_too_large"


@pytest.mark.parametrize("reference", [b"1A", b"A", b"A0", b"AAAAAAAA1", b"A99999999999", b"\xff1"])
def test_a_malformed_reference_is_one_line(reference, tmp_path):
    path = xlsx(tmp_path / "学校.xlsx", {})
    repacked(path, "xl/worksheets/sheet1.xml", b'r="B2"', b'r="' + reference + b'"')
    assert problem(path).code == "not_a_workbook"


def test_what_unpacks_to_gigabytes_is_refused(tmp_path):
    path = xlsx(tmp_path / "学校.xlsx", {})
    stream = io.BytesIO(path.read_bytes())
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as parts,
        parts.open("xl/media/big.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(1100):
            part.write(bytes(1 << 20))
    path.write_bytes(stream.getvalue())
    assert path.stat().st_size < 2 << 20
    assert problem(path).code == "book_too_large"


def test_a_reader_that_dies_is_one_line_and_silent(tmp_path, monkeypatch, capfd):
    path = xlsx(tmp_path / "学校.xlsx", {})
    monkeypatch.setattr(reader, "_START", "import os; os.write(2, b'panicked'); os.abort()")
    assert problem(path).code == "book_failed"
    assert capfd.readouterr() == ("", "")
    assert "2 GB" in problem(path).line()


def test_a_reader_without_end_is_one_line(tmp_path, monkeypatch):
    path = xlsx(tmp_path / "学校.xlsx", {})
    monkeypatch.setattr(reader, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(reader, "_WAIT", 0.2)
    assert problem(path).code == "book_failed"


@pytest.mark.skipif(sys.platform == "win32", reason="the system bounds no process")
def test_the_memory_of_the_reader_is_bounded():
    code = f"""
import sys
sys.path.append({str(Path(worker.__file__).parents[1])!r})
from books import worker
worker._bound()
bytearray(3 << 30)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"MemoryError" in run.stderr


def test_a_panic_is_one_line(monkeypatch, capsysbinary):
    class PanicError(BaseException):
        pass

    def panic(*_, **__):
        raise PanicError

    monkeypatch.setattr(worker, "read", panic)
    monkeypatch.setattr(worker, "_bound", lambda: None)
    worker.main()
    assert b"not_a_workbook" in capsysbinary.readouterr().out


def test_the_process_of_the_reader_takes_up_nothing_of_the_folder_it_runs_in(tmp_path, monkeypatch):
    for name in ("pickle.py", "zipfile.py", "python_calamine.py"):
        (tmp_path / name).write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cells(xlsx(tmp_path / "学校.xlsx", {}))[1] == ["a", "甲"]


@pytest.mark.parametrize("error", ERRORS)
def test_a_failed_formula_keeps_its_text(error, tmp_path):
    found = cells(xlsx(tmp_path / "学校.xlsx", {"A3": "b", "D3": error}))
    assert found[2] == ["b", "", "", error]
    codes = {text: code for code, text in CODES.items()}
    found = cells(xlsb(tmp_path / "学校.xlsb", {(0, 0): "id", (4, 3): codes[error]}))
    assert found[0][0] == "id"
    assert found[4][3] == error
    book = xlwt.Workbook()
    book.add_sheet("别的").write(0, 0, "x")
    sheet = book.add_sheet("学校")
    sheet.write(0, 0, "id")
    sheet.row(4).set_cell_error(3, codes[error])
    book.save(tmp_path / "学校.xls")
    other, found = reader.sheets((tmp_path / "学校.xls").read_bytes(), "学校.xls")
    assert (other.cells, found.cells[4][3]) == ([["x"]], error)


@pytest.mark.parametrize("rows", [3, 2_000])  # in the small and in the large blocks of the file
def test_a_failed_formula_of_an_xls_workbook(rows, tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("学校")
    for row in range(rows):
        sheet.write(row, 0, f"校{row}")
    sheet.row(rows).set_cell_error(1, 0x17)
    book.save(tmp_path / "学校.xls")
    assert cells(tmp_path / "学校.xls")[rows] == ["", "#REF!"]


def test_a_failed_formula_of_an_ods_workbook(tmp_path):
    rows = (
        ods_row("id", "name") + ods_row(None, again=2) + ods_row("a", "#N/A") + ods_row("b", "乙")
    )
    found = cells(ods(tmp_path / "学校.ods", rows))
    assert found == [["id", "name"], ["", ""], ["", ""], ["a", "#N/A"], ["b", "乙"]]


def test_damaged_workbooks_are_cells_or_one_line(tmp_path, capfd):
    makes = [
        xlsx(tmp_path / "a.xlsx", {"A3": "b", "B3": "#REF!"}),
        xlsb(tmp_path / "a.xlsb", {(0, 0): "id", (1, 0): "a"}),
        ods(tmp_path / "a.ods", ods_row("id", "name") + ods_row("a", "#N/A")),
    ]
    book = xlwt.Workbook()
    book.add_sheet("学校").write(0, 0, "id")
    book.save(tmp_path / "a.xls")
    draw = random.Random(7)
    for path in [*makes, tmp_path / "a.xls"]:
        for _ in range(12):
            data = bytearray(path.read_bytes())
            for _ in range(draw.choice([1, 5, 40])):
                data[draw.randrange(len(data))] = draw.randrange(256)
            try:
                reader.sheets(bytes(data), path.name)
            except LiantuError as error:
                assert len(error.lines()) == 1
                assert path.name in error.lines()[0]
    assert capfd.readouterr() == ("", "")


def test_a_foreign_archive_is_no_workbook(tmp_path):
    assert problem(packed(tmp_path / "a.xlsx", {"readme.txt": "x"})).code == "not_a_workbook"
