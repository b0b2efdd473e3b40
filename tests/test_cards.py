"""What a notebook shows of networks, results and load reports: small, escaped, without names."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser

import pandas as pd
import pytest

import liantu
from liantu.errors import Problem
from liantu.formats.card import COLUMNS, LINES, ROWS, card
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network

ODD = "<script>alert('&')</script>"


@cache
def network() -> Network:
    teachers = pd.DataFrame({"id": ["T1", "王小芳"], "name": ["李四光", None]})
    mentors = {
        "source": ["T1"],
        "target": ["王小芳"],
        "mentor_school": ["a"],
        "mentee_school": ["b"],
    }
    return Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b"], "name": [ODD, None]}),
            "teacher": teachers,
            "mentors": pd.DataFrame(
                {**mentors, "source_kind": "teacher", "target_kind": "teacher"}
            ),
            "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
        },
        as_of="2024-06-30",
        title=ODD,
    )


class Balanced(HTMLParser):
    """Notes every element that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def cards() -> dict[str, str]:
    found = network()
    results = {
        name: getattr(liantu, name)(found, **options)
        for name, options in {
            "ties": {},
            "coverage": {"scope": "all"},
            "centrality": {"layer": "mentors"},
        }.items()
    }
    return {key: value._repr_html_() for key, value in {"network": found, **results}.items()}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_cards_are_escaped_closed_and_name_no_teacher(lang, monkeypatch):
    monkeypatch.setenv("LIANTU_LANG", lang)
    for name, html in cards().items():
        assert "<script" not in html, name
        assert "王小芳" not in html and "李四光" not in html, name
        reader = Balanced()
        reader.feed(html)
        assert reader.open == [], name
        assert len(html) < 6_000, name


def test_a_card_takes_its_colours_from_the_page():
    colours = re.findall(
        r"(#[0-9a-f]{3,8}|rgba?\(|background:(?!none)|[^-]color:(?!inherit))", card("a", "en")
    )
    assert colours == []


def test_a_long_table_and_many_notes_are_cut_and_counted():
    wide = pd.DataFrame({f"c{n}": range(ROWS + 1) for n in range(COLUMNS + 2)})
    html = card("t", "en", table=wide, notes=[f"note {n}" for n in range(LINES + 3)])
    assert html.count("<tr>") == ROWS + 1
    assert f"{ROWS + 1} rows × {COLUMNS + 2} columns in all" in html
    assert "and 3 more" in html


def test_a_rate_goes_with_what_it_is_of(monkeypatch):
    monkeypatch.setenv("LIANTU_LANG", "en")
    html = liantu.coverage(network(), scope="all")._repr_html_()
    assert "50.0 % (1 / 2)" in html


def test_a_load_report_says_what_is_wrong_and_names_nobody(monkeypatch):
    monkeypatch.setenv("LIANTU_LANG", "en")
    table = {"file": "a.csv", "sheet": "", "table": "school", "rows_read": 3, "rows_used": 2}
    wrong = Problem("error", "bad_date", "a.csv", row=3, value="王小芳", private=True)
    note = Problem(
        "info", "rows_padded", "a.csv", value="", params={"fields": 3, "rows": "2", "count": 1}
    )
    html = LoadReport((table,), (note, wrong))._repr_html_()
    assert "errors: 1 · warnings: 0 · notes: 1" in html
    assert "王小芳" not in html
    assert html.index("is not a date") < html.index("<li>", html.index("is not a date"))


def test_result_is_there_to_annotate_with():
    assert isinstance(liantu.ties(network()), liantu.Result)
    assert "Result" in liantu.__all__
