"""Each measure, worked out by hand on the county of ``conftest``."""

from __future__ import annotations

from datetime import date

import pytest

from liantu.audit.measures import Measurer, origins
from liantu.audit.reading import Notes, read_measure
from liantu.errors import RequestError

DAY = date(2022, 5, 11)


def found(county, measure, day=DAY, period=None):
    notes = Notes("claims.toml")
    read = read_measure(measure, "a", notes)
    assert notes.problems == []
    return Measurer(county).find(read, period or (day, day), period=period is not None)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ({"count": "school"}, 3),
        ({"count": "school", "where": {"stage": "小学"}}, 2),
        ({"count": "school", "where": {"stage": ["primary", "junior"]}}, 3),
        ({"count": "school", "where": {"region": "c"}}, 3),
        ({"count": "school", "where": {"region": "w"}}, 2),
        ({"count": "school", "where": {"synthetic": True}}, 1),
        ({"count": "school", "where": {"pupils": [900, 120]}}, 2),
        ({"count": "region", "where": {"region": "c"}}, 3),  # itself and two below
        ({"count": "member_of", "where": {"role": "member"}}, 2),
        ({"count": "delivers", "where": {"target_region": "w"}}, 2),
        ({"count": "delivers", "where": {"region": "e"}}, 1),
        ({"count": "delivers", "where": {"date": "2021-10-08"}}, 1),
        ({"distinct": "target", "of": "delivers"}, 2),
        ({"distinct": "target", "of": "member_of"}, 1),
        ({"sum": "count", "of": "delivers", "where": {"form": "lesson"}}, 8),
        ({"max": "count", "of": "delivers"}, 3),
        ({"min": "count", "of": "delivers"}, 2),
        ({"sum": "pupils", "of": "school"}, 1020),
        ({"ratio": [{"sum": "count", "of": "delivers"}, {"count": "center"}]}, 4),
        ({"observation": "budget", "where": {"id": "c", "period": "2021"}}, 12.5),
        ({"analysis": "coverage", "parameters": {"scope": "all"}, "summary": "in_scope"}, 3),
        (
            {
                "analysis": "ties",
                "table": "by_basis",
                "row": {"basis": "member_of"},
                "column": "ties",
            },
            2,
        ),
        ({"analysis": "reach", "row": {"supporter": "a"}, "column": "direct"}, 2),
    ],
)
def test_figures(county, measure, value):
    assert found(county, measure).value == value


@pytest.mark.parametrize(
    ("measure", "day", "value"),
    [
        ({"count": "school"}, date(2021, 8, 31), 2),  # d opens on the next day
        ({"count": "school"}, date(2021, 9, 1), 3),
        ({"count": "alliance"}, date(2020, 8, 31), 0),
        ({"count": "member_of"}, date(2023, 8, 31), 3),  # the last day counts
        ({"count": "member_of"}, date(2023, 9, 1), 1),
        ({"count": "delivers"}, date(2000, 1, 1), 3),  # events without a period: all
    ],
)
def test_dates(county, measure, day, value):
    assert found(county, measure, day).value == value


@pytest.mark.parametrize(
    ("measure", "start", "end", "value"),
    [
        ({"count": "delivers"}, "2021-10-08", "2022-01-05", 2),
        ({"sum": "count", "of": "delivers"}, "2021-10-09", "2022-01-04", 0),
        ({"count": "member_of"}, "2023-08-31", "2024-01-01", 3),
        ({"count": "member_of"}, "2019-01-01", "2020-09-01", 2),
    ],
)
def test_periods(county, measure, start, end, value):
    days = (date.fromisoformat(start), date.fromisoformat(end))
    assert found(county, measure, period=days).value == value


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ({"count": "assists"}, "needs rows of paired assistance"),
        (
            {"sum": "count", "of": "delivers", "where": {"form": "contest"}},
            "needs rows of lesson delivery with form = contest",
        ),
        (
            {"sum": "participants", "of": "delivers"},
            "needs values in “participants”: 3 rows of lesson delivery have none",
        ),
        (
            {"observation": "budget"},
            "2 rows of observations give different values: the claim must say which",
        ),
        (
            {"ratio": [{"count": "center"}, {"count": "school", "where": {"stage": "senior"}}]},
            "needs rows of school with stage = senior",
        ),
        (
            {"ratio": [{"count": "center"}, {"sum": "count", "of": "delivers"}]},
            "the denominator is 0: 2 / 0",
        ),
        ({"missing": "lesson rows with dates"}, "needs lesson rows with dates"),
        (
            {"analysis": "reach", "row": {"supporter": "z"}, "column": "direct"},
            "reach: supporter = z, direct: 0 rows, not one",
        ),
    ],
)
def test_what_cannot_be_derived_says_what_it_needs(county, measure, words):
    days = (date(2000, 1, 1), date(2000, 1, 1)) if "denominator" in words else None
    result = found(county, measure, period=days)
    assert result.value is None
    assert str(result.evidence) == words


def test_an_analysis_that_cannot_run_says_why(county):
    result = found(county, {"analysis": "coverage", "summary": "rate"})  # no urban–rural codes
    assert result.value is None
    assert "urban–rural" in str(result.evidence)


@pytest.mark.parametrize(
    "measure",
    [
        {"analysis": "coverage", "parameters": {"scope": "all"}, "summary": "in_scop"},
        {"analysis": "ties", "table": "by_bases", "row": {"basis": "x"}, "column": "ties"},
        {"analysis": "ties", "table": "by_basis", "row": {"bases": "x"}, "column": "ties"},
        {"analysis": "reach", "parameters": {"window": "12x"}, "summary": "max_direct"},
        {"analysis": "reach", "row": {"supporter": "a"}, "column": "dircet"},
        {"analysis": "reach", "row": {"supporter": "a"}, "column": "kind"},
    ],
)
def test_cells_that_an_analysis_does_not_have(county, measure):
    with pytest.raises(RequestError) as caught:
        found(county, measure)
    assert len(caught.value.problems) == 1


def test_a_rate_carries_numerator_and_denominator(county):
    measure = {"analysis": "coverage", "parameters": {"scope": "all"}, "summary": "rate"}
    assert str(found(county, measure).evidence) == "3 / 3"


def test_evidence_rows_and_what_is_made_up(county):
    lessons = found(county, {"sum": "count", "of": "delivers", "where": {"source": "m"}})
    assert str(lessons.evidence) == "2 rows of lesson delivery, 2 of them synthetic"
    assert lessons.constructed
    (table, frame), *_ = lessons.rows
    assert list(origins(table, frame)) == ["delivers:m>a 2021-03-01", "delivers:m>b 2021-10-08"]
    assert not found(county, {"count": "center"}).constructed
    assert found(county, {"observation": "budget", "where": {"period": "2020"}}).constructed
    ratio = found(county, {"ratio": [{"sum": "count", "of": "delivers"}, {"count": "center"}]})
    assert ratio.constructed  # as its numerator is
    ratio = found(county, {"ratio": [{"count": "center"}, {"sum": "count", "of": "delivers"}]})
    assert ratio.constructed  # as its denominator is
    ratio = found(county, {"ratio": [{"count": "center"}, {"count": "center"}]})
    assert not ratio.constructed
    figures = found(county, {"count": "observations", "where": {"measure": "budget"}})
    (table, frame), *_ = figures.rows
    assert list(origins(table, frame)) == [
        "observations:region:c budget 2020",
        "observations:region:c budget 2021",
    ]


def test_distinct_ends_of_several_kinds_are_told_apart(made):
    rows = {"source": ["a", "a"], "source_kind": ["school", "center"], "target": ["b", "b"]}
    both = made(
        center={"id": ["a", "m", "n"]},
        delivers={**rows, "target_kind": "school", "date": "2021-01-01"},
    )
    assert found(both, {"distinct": "source", "of": "delivers"}).value == 2
