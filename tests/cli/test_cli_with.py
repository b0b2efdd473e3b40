"""Rows given with --with, on every command that reads a source."""

from __future__ import annotations

import pytest
from long import some


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "新结对.csv"
    path.write_text("支援校,受援校,形式\n中心小学,西村小学,结对\n", encoding="utf-8")
    return path


def test_new_pairs_are_counted(liantu, county, pairs, tmp_path):
    named = pairs.rename(tmp_path / "结对帮扶.csv")
    before = liantu("coverage", county, "--format", "json").json["summary"]["covered"]
    found = liantu("coverage", county, "--with", named, "--format", "json")
    assert found.code == 0, found.err
    assert found.json["summary"]["covered"] == before + 1
    counts = liantu("info", county, "--with", named, "--format", "json").json["relations"]
    assert counts["assists"] == 2
    report = liantu("report", county, "--with", named, "-o", "a.md")
    assert report.code == 0, report.err


def test_the_headers_alone_tell_what_a_file_is(liantu, county, pairs):
    found = liantu("coverage", county, "--with", pairs, "--format", "json")
    assert found.code == 0, found.err


def test_an_unknown_name_is_an_error_with_its_row(liantu, county, tmp_path):
    path = tmp_path / "结对帮扶.csv"
    path.write_text("支援校,受援校\n中心小学,西树小学\n", encoding="utf-8")
    for command in ("coverage", "check", "info"):
        found = liantu(command, county, "--with", path)
        assert found.code == 1
        line = next(each for each in (found.err + found.out).splitlines() if "西树小学" in each)
        assert "row 2" in line and "西村小学" in line


def test_an_output_never_replaces_what_is_added(liantu, county, pairs):
    before = pairs.read_text(encoding="utf-8")
    found = liantu("coverage", county, "--with", pairs, "-o", pairs)
    assert found.code == 1
    assert pairs.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("lang", some(["zh", "en"], 1))
def test_what_pairing_writes_covers_what_it_says(liantu, lang):
    told = liantu("pairing", "case:demo", "--budget", "2", "--format", "json").json["summary"]
    book = "新结对.xlsx" if lang == "zh" else "pairs.xlsx"
    made = liantu("pairing", "case:demo", "--budget", "2", "-o", book, "--lang", lang)
    assert made.code == 0, made.err
    found = liantu("coverage", "case:demo", "--with", book, "--format", "json")
    assert found.code == 0, found.err
    assert found.json["summary"]["uncovered"] == told["uncovered_after"]
    assert found.json["summary"]["pupils_uncovered"] == told["pupils_uncovered_after"]
