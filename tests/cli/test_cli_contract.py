"""What holds for the command of every registered analysis, in every format and both languages."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from long import LONG

from liantu.commands import _analysis
from liantu.formats import plain
from liantu.graph.network import Network
from liantu.results import registry
from liantu.vocabulary import terms

ANALYSES = sorted(registry())
FORMATS = ("table", "json", "csv", "xlsx")
# every analysis in half of the formats, every format with half of the analyses
SOME = [
    (name, kind)
    for row, name in enumerate(ANALYSES)
    for column, kind in enumerate(FORMATS)
    if LONG or (row + column) % 2 == 0
]


@pytest.fixture(scope="module")
def known() -> dict[object, Network]:
    return {}


@pytest.fixture(autouse=True)
def read_once(monkeypatch, known):
    """Read equal files once for all commands here, which differ in words and formats."""
    real = _analysis.open_network

    def read(session, source, *options):
        path = Path(source)
        files = sorted(path.rglob("*.*") if path.is_dir() else [path] if path.is_file() else [])
        key = (source if not files else None, *((f.name, f.read_bytes()) for f in files), options)
        if key not in known:
            known[key] = real(session, source, *options)
        return known[key]

    monkeypatch.setattr(_analysis, "open_network", read)


@pytest.mark.parametrize(("name", "format"), SOME)
def test_language_changes_words_only(liantu, county, name, format):
    command, found = registry()[name].command, {}
    for lang in ("en", "zh"):
        args = [command, county, "--lang", lang]
        if format == "xlsx":
            run = liantu(*args, "-o", f"{lang}.xlsx")
            book = openpyxl.load_workbook(f"{lang}.xlsx")
            found[lang] = [_numbers(sheet) for sheet in book.worksheets[:-2]]
            assert len({sheet.title for sheet in book.worksheets}) == len(book.worksheets)
        else:
            run = liantu(*args, "--format", format)
            found[lang] = _without_words(format, run.out)
        assert run.code == 0, run.err
        assert not any(line.startswith(("error", "错误")) for line in run.lines)
    assert found["en"] == found["zh"]
    assert found["en"]


def _numbers(sheet) -> list[list[object]]:
    """The rows of a sheet, without its header and without words."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    return [[value for value in row if not isinstance(value, str)] for row in rows]


def _without_words(format: str, text: str) -> object:
    if format == "json":
        return {key: value for key, value in json.loads(text).items() if key != "notes"}
    if format == "csv":
        return text
    return re.findall(r"\d+(?:\.\d+)?", text.split("\n\n", 1)[1])


@pytest.mark.parametrize("name", ANALYSES)
def test_formats_hold_the_same_rows(liantu, county, name):
    command = registry()[name].command
    whole = liantu(command, county, "--format", "json").json
    rows = list(csv.DictReader(io.StringIO(liantu(command, county, "--format", "csv").out)))
    assert len(rows) == len(whole["table"])
    assert [list(row) for row in rows[:1]] == [list(row) for row in whole["table"][:1]]
    first = next(iter(rows[0])) if rows else ""
    assert [row[first] for row in rows] == [str(row[first]) for row in whole["table"]]
    liantu(command, county, "-o", "a.xlsx", "-o", "a.xlsx")
    sheet = openpyxl.load_workbook("a.xlsx").worksheets[0]
    assert [cell.value for cell in sheet["A"][1:]] == [row[first] for row in rows]
    assert sheet.freeze_panes == "A2"
    liantu(command, county, "-o", "a.parquet")
    kept = pq.read_table("a.parquet").to_pylist()
    # A cell of reasons is a list in JSON and, where there is none, an empty cell elsewhere.
    listed = [{key: None if value == [] else value for key, value in row.items()}
              for row in whole["table"]]  # fmt: skip
    assert [{key: plain(value) for key, value in row.items()} for row in kept] == listed
    head = json.loads(pq.read_schema("a.parquet").metadata[b"liantu"])
    assert head == {key: whole[key] for key in whole if key not in ("table", "tables")}
    text = liantu(command, county).out
    assert (f"result ({len(rows)})" in text) == bool(rows)


@pytest.mark.parametrize("name", ANALYSES)
def test_the_example_of_the_help_shows_stamp_and_labelled_keys(liantu, name):
    found = liantu(registry()[name].command, "case:demo", "--format", "json").json
    assert list(found) == [
        "analysis",
        "parameters",
        "as_of",
        "fingerprint",
        "summary",
        "table",
        "tables",
        "notes",
        "version",
    ]
    assert found["analysis"] == name
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["as_of"])
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", found["fingerprint"])
    keys = {*found["summary"], *found["tables"]}
    frames = (found["table"], *found["tables"].values())
    keys |= {key for rows in frames for row in rows for key in row}
    assert keys - set(terms("column")) == set()


@pytest.mark.parametrize("name", ANALYSES)
def test_order_of_rows_in_the_files_changes_nothing(liantu, county, name):
    args = (registry()[name].command, county, "--format", "json")
    before = liantu(*args).out
    for path in sorted(county.glob("*.csv")):
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    assert liantu(*args).out == before


@pytest.mark.parametrize("name", ANALYSES)
@pytest.mark.parametrize("format", FORMATS)
def test_one_school_without_ties(liantu, tmp_path, name, format):
    (tmp_path / "schools.csv").write_text("id,urban_rural\na,220\n", encoding="utf-8")
    args = ["-o", "a.xlsx"] if format == "xlsx" else ["--format", format]
    found = liantu(registry()[name].command, tmp_path / "schools.csv", *args)
    assert found.code == 0, found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("name", ANALYSES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_is_generated_from_the_analysis(liantu, name, lang):
    analysis = registry()[name]
    found = liantu(analysis.command, "--help", "--lang", lang)
    assert found.code == 0
    assert analysis.title(lang) in " ".join(found.out.split())  # long ones go on below
    for parameter in analysis.parameters:
        assert parameter.option in found.out
        assert parameter.help[lang]
    assert f"  liantu {analysis.command} case:demo --format json" in found.out


@pytest.mark.parametrize("name", ANALYSES)
def test_engines_agree(liantu, county, name):
    args = (registry()[name].command, county, "--format", "json", "--engine")
    if "engine" not in {parameter.name for parameter in registry()[name].parameters}:
        assert liantu(*args, "fast").code == 2  # an option stands only where it does something
        return
    fast, reference = liantu(*args, "fast").json, liantu(*args, "reference").json
    for part in ("summary", "table", "tables"):
        assert _rounded(fast[part]) == _rounded(reference[part])


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 9) if isinstance(value, float) else value


def test_no_output_file_is_left_behind(liantu, county):
    liantu("ties", county, "-o", "a.csv")
    assert [path.name for path in Path().iterdir()] == ["a.csv"]
