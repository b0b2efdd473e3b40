"""Bad input: one clear line, the right exit code, no traceback, no partial file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liantu import loaders

MAPPING = """\
[[rows]]
file = "schools.csv"
{block}
  [[rows.school]]
  id = "id"
  {school}
"""


def write(name: str, data: bytes | str) -> Callable[[Path], Path]:
    """Return how a table of the county is replaced; the county is the source."""

    def change(county: Path) -> Path:
        raw = data.encode() if isinstance(data, str) else data
        (county / name).write_bytes(raw)
        return county

    return change


def alone(name: str, data: bytes) -> Callable[[Path], Path]:
    """Return how a file is made that is the source itself."""

    def change(county: Path) -> Path:
        path = county.parent / name
        path.write_bytes(data)
        return path

    return change


def empty_folder(county: Path) -> Path:
    folder = county.parent / "empty"
    folder.mkdir()
    return folder


BAD = {
    "missing path": (lambda county: county / "none", "does not exist"),
    "empty file": (alone("学校.csv", b""), ""),
    "empty folder": (empty_folder, ""),
    "header only": (alone("学校.csv", b"id,name\n"), "no node"),
    "no workbook": (alone("学校.xlsx", b"no workbook"), "学校.xlsx"),
    "binary": (alone("学校.csv", bytes(range(256)) * 40), "学校.csv"),
    "extra field": (write("schools.csv", "id,name\n0130,a\n0131,b,c\n"), "schools.csv, row 3"),
    "similar ids": (write("schools.csv", "id\n0130\n０130\n0131\n"), "0130"),
    "30 February": (
        write("assists.csv", "source,target,start\n0130,0131,2023-02-30\n"),
        "“2023-02-30” is not a date",
    ),
    "negative pupils": (
        write("schools.csv", "id,pupils\n0130,-3\n0131,5\n"),
        "schools.csv, row 2, column “pupils”",
    ),
    "latitude 120": (write("schools.csv", "id,lon,lat\n0130,200,120\n0131,1,1\n"), "outside"),
    "unknown end": (write("assists.csv", "source,target\n0130,nobody\n"), "assists.csv, row 2"),
    "NUL bytes": (write("schools.csv", b"id,name\n0130,a\x00b\n0131,c\n"), "schools.csv"),
    "duplicate headers": (write("schools.csv", "id,name,name\n0130,a,b\n0131,c,d\n"), "name"),
    "100,000 columns": (
        alone("学校.csv", ("id," + ",".join(map(str, range(100_000))) + "\n").encode()),
        "学校.csv",
    ),
    "unknown case": (lambda _: Path("case:wenshann"), "wenshan"),
}


@pytest.mark.parametrize("what", sorted(BAD))
def test_bad_source(liantu, county, what):
    change, text = BAD[what]
    found = liantu("coverage", change(county), "-o", "out.json")
    assert found.code == 1
    assert found.out == ""
    assert not Path("out.json").exists()
    assert "Traceback" not in found.err
    assert text in found.err
    assert all(line.startswith("error: ") for line in found.lines)
    assert len(found.lines) == (2 if what == "latitude 120" else 1)


def test_ambiguous_name(liantu, county):
    write("schools.csv", "id,name\n0130,a\n0131,b\n0132,b\n")(county)
    write("assists.csv", "source,target\na,b\n")(county)
    found = liantu("ties", county)
    assert (found.code, found.out) == (1, "")
    line = next(line for line in found.lines if "names several" in line)
    assert "0131" in line
    assert "0132" in line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("name = ", ""),
        ('nam = "name"', "name"),
        ('name = "nme"', "name"),
        ('stage = { column = "stage", map = { "x" = "primary" } }', "primary"),
        ('file = "schols.csv"', "schools.csv"),
        ('encoding = "klingon"', "klingon"),
        ('encoding = "ascii"', "schools.csv"),
        ("header = 9", "schools.csv"),
    ],
)
def test_bad_mapping(liantu, county, line, text):
    path = county.parent / "mapping.toml"
    within = line.split(" ")[0] in ("encoding", "header", "file")
    parts = {"block": line if within else "", "school": "" if within else line}
    rules = MAPPING.format(**parts)
    if line.startswith("file"):
        rules = rules.replace('file = "schools.csv"\n', "", 1)
    path.write_text(rules, encoding="utf-8")
    found = liantu("info", county, "--mapping", path)
    assert (found.code, found.out) == (1, "")
    assert "Traceback" not in found.err
    assert "internal error" not in found.err
    assert text in found.err
    assert found.lines


def test_missing_mapping(liantu, county):
    found = liantu("info", county, "--mapping", "none.toml")
    assert (found.code, found.out, len(found.lines)) == (1, "", 1)
    assert "none.toml" in found.err


@pytest.mark.parametrize(
    "args",
    [
        ("--as-of", "nonsense"),
        ("--as-of", "2023-02-30"),
        ("--limit", "-1"),
        ("--limit", "many"),
        ("--limit",),
        ("--format", "yaml"),
        ("--format", "xlsx"),
        ("--format", "json", "-o", "out.csv"),
        ("-o", "out.pdf"),
        ("-o", "out"),
        ("--scope", "urban"),
        ("--window", "soon"),
        ("--sustained-months", "1.5"),
        ("--sustained-months", "0"),
        ("--stage", "universty"),
        ("--lang", "fr"),
        ("--wat",),
        ("too", "many"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_usage(liantu, county, args, lang):
    found = liantu("--lang", lang, "coverage", county, *args)
    assert (found.code, found.out) == (2, "")
    assert len(found.lines) == 1
    assert found.lines[0].startswith("error: " if lang == "en" else "错误：")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("args", [("covrage", "x"), ("coverage",), ("--lang",), ("--wat",)])
def test_wrong_usage_before_the_source(liantu, args):
    found = liantu(*args)
    assert (found.code, found.out, len(found.lines)) == (2, "", 1)


def test_options_are_checked_before_anything_is_read(liantu):
    assert liantu("coverage", "none", "--as-of", "nonsense").code == 2
    assert liantu("coverage", "none", "-o", "a.pdf").code == 2


def test_the_nearest_is_named(liantu):
    assert "Did you mean coverage?" in liantu("covrage").err
    assert "Did you mean --scope?" in liantu("coverage", "x", "--scop", "all").err
    assert "是否指 coverage？" in liantu("covrage", "--lang", "zh").err


@pytest.mark.parametrize("command", ["coverage", "report"])
def test_places_that_cannot_be_written(liantu, county, command):
    Path("folder").mkdir()
    for place, text in (("folder", "is a folder"), ("none/a.html", "no folder")):
        place = place if command == "report" else place.replace("html", "json")
        found = liantu(command, county, "-o", place)
        assert (found.code, found.out, len(found.lines)) == (1, "", 1)
        assert text in found.err
    assert list(Path("folder").iterdir()) == []


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_a_file_that_excel_holds_open(liantu, county, monkeypatch, name):
    Path(name).write_bytes(b"old")

    def refuse(*_):
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", refuse)
    found = liantu("coverage", county, "-o", name)
    assert (found.code, found.out) == (1, "")
    assert "Close it (in Excel or WPS)" in found.lines[0]
    assert Path(name).read_bytes() == b"old"
    assert [path.name for path in Path().iterdir()] == [name]


def test_unknown_region_names_the_nearest(liantu, county):
    found = liantu("coverage", county, "--region", "东乡镇")
    assert (found.code, found.out, len(found.lines)) == (1, "", 1)
    assert "东镇" in found.err


def test_an_empty_source_is_not_the_current_folder(liantu):
    assert liantu("info", "").code == 1


def test_report_and_template_know_their_suffixes(liantu):
    found = liantu("report", "case:demo", "-o", "a.doc")
    assert found.code == 2
    assert ".html, .md, .docx, .xlsx, .pdf" in found.err
    assert liantu("template", "a.docx").code == 2


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "pdf"])
def test_report_writes_word_excel_and_pdf(liantu, county, suffix):
    name = f"报告.{suffix}"
    assert liantu("report", county, "-o", name).code == 0
    assert Path(name).read_bytes()[:4] in (b"PK\x03\x04", b"%PDF")


def test_a_pdf_without_typst_is_one_line(liantu, county, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    found = liantu("report", county, "-o", "a.pdf")
    assert (found.code, len(found.lines)) == (1, 1)
    assert "pip install 'liantu[pdf]'" in found.err
    assert not Path("a.pdf").exists()


@pytest.mark.parametrize("args", [("--schools", "0"), ("--schools", "x"), ("--seed", "-1")])
def test_generate_checks_its_numbers(liantu, args):
    assert liantu("generate", "out", *args).code == 2
    assert not Path("out").exists()


def test_our_own_fault_is_one_line_too(liantu, monkeypatch):
    def fail(*_, **__):
        raise ValueError("two\nlines")

    monkeypatch.setattr(loaders, "read", fail)
    found = liantu("info", "x")
    assert (found.code, found.out, len(found.lines)) == (1, "", 1)
    assert "internal error (ValueError: two lines)" in found.err
    assert "--debug" in found.err
    assert "Traceback" in liantu("info", "x", "--debug").err


def test_what_the_system_refuses_is_one_line(liantu, monkeypatch):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied", "lists")

    monkeypatch.setattr(loaders, "read", fail)
    found = liantu("info", "x")
    assert (found.code, len(found.lines)) == (1, 1)
    assert found.err.startswith("error: “lists”: Permission denied")


def test_an_interrupt_is_one_line(liantu, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(loaders, "read", stop)
    found = liantu("info", "x")
    assert (found.code, found.out, found.err) == (130, "", "interrupted\n")
