"""The seven resource indicators: words, sections, periods, doubts."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph.indicators import (
    SECTIONS,
    first_day,
    indicator_rows,
    indicator_values,
    indicators,
    measure_key,
    measure_of,
)
from liantu.graph.network import Network
from liantu.vocabulary import terms

DAY = date(2025, 6, 30)
KEY = "backbone_per_100"


def network(*rows, schools=("a", "b")):
    """Make a network of figures: id, measure, period, value and perhaps a unit."""
    columns = ["id", "measure", "period", "value", "unit"]
    figures = pd.DataFrame(rows, columns=columns[: len(rows[0])]) if rows else pd.DataFrame()
    frames = {"school": pd.DataFrame({"id": schools})}
    if rows:
        frames["observations"] = figures.assign(kind="school")
    return Network.from_frames(frames, as_of=DAY)


def value(net, school="a", key=KEY, section=None):
    found = indicator_values(net, DAY, section).loc[school, key]
    return None if pd.isna(found) else found


def test_the_table_says_what_the_standard_says():
    found = {key: (i.per, i.primary, i.junior) for key, i in indicators().items()}
    assert found == {
        "above_degree_per_100": (100, 4.2, 5.3),
        "backbone_per_100": (100, 1.0, 1.0),
        "pe_arts_per_100": (100, 0.9, 0.9),
        "floor_area_per_pupil": (1, 4.5, 5.8),
        "sports_area_per_pupil": (1, 7.5, 10.2),
        "equipment_per_pupil": (1, 2000.0, 2500.0),
        "multimedia_per_100": (100, 2.3, 2.4),
    }
    assert [k for k, i in indicators().items() if i.teachers] == list(indicators())[:3]
    assert [k for k, i in indicators().items() if i.shared] == list(indicators())[3:6]
    assert all(i.unit in terms("indicator_unit") for i in indicators().values())
    assert list(indicators()) == list(terms("indicator"))
    assert indicators()["floor_area_per_pupil"].threshold("junior") == 5.8


@pytest.mark.parametrize(
    ("header", "key", "section", "unit"),
    [
        ("每百名学生拥有高于规定学历教师数", "above_degree_per_100", None, ""),
        ("1.每百名学生拥有县级以上骨干教师数（人）", "backbone_per_100", None, "人"),
        ("（3）体育艺术(美术、音乐)专任教师数", "pe_arts_per_100", None, ""),
        ("每百名学生拥有体育、艺术（美术、音乐）专任教师数（人）", "pe_arts_per_100", None, "人"),
        ("小学·生均教学及辅助用房面积（㎡）", "floor_area_per_pupil", "primary", "㎡"),
        ("小学生均教学及辅助用房面积", "floor_area_per_pupil", "primary", ""),
        ("生均体育运动场馆面积（初中部）", "sports_area_per_pupil", "junior", ""),
        ("生均教学仪器设备值 (万元)", "equipment_per_pupil", None, "万元"),
        ("* Multimedia classrooms per 100 pupils (rooms)", "multimedia_per_100", None, "rooms"),
        ("multimedia_per_100@junior", "multimedia_per_100", "junior", ""),
    ],
)
def test_headers_are_known(header, key, section, unit):
    found = measure_of(header)
    assert found is not None
    assert (found.key, found.section, found.unit) == (key, section, unit)


@pytest.mark.parametrize(
    "header", ["在校生数", "教师数", "骨干", "生均校舍面积", "x" * 500, "", "()"]
)
def test_other_headers_are_none(header):
    assert measure_of(header) is None


def test_every_word_names_its_indicator_whole_or_by_section():
    for key, term in terms("indicator").items():
        for word in (key, term.en, term.zh, *term.aliases):
            assert measure_of(word).key == key
        for section in SECTIONS:
            found = measure_of(measure_key(key, section))
            assert (found.key, found.section) == (key, section)


def test_the_latest_period_that_has_begun_counts_each_figure_by_itself():
    net = network(
        ("a", KEY, "2024", 1.1), ("a", KEY, "2025", 1.2), ("a", KEY, "2026", 1.3),
        ("a", "骨干教师数", "2023-2024学年", 9.0), ("a", "floor_area_per_pupil", "2020", 5.0),
    )  # fmt: skip
    assert value(net) == 1.2
    assert value(net, key="floor_area_per_pupil") == 5.0
    assert value(net, "b") is None
    assert list(indicator_rows(net, DAY)["period"]) == ["2025", "2020"]
    assert list(indicator_values(net, DAY).index) == ["a", "b"]


def test_a_school_year_begins_in_september():
    net = network(("a", KEY, "2024-2025学年", 1.5), ("a", KEY, "2025-2026学年", 1.6))
    assert value(net) == 1.5
    assert first_day("2025年9月") == date(2025, 9, 1)


def test_a_period_without_a_day_is_the_oldest():
    net = network(("a", KEY, "上期", 1.0), ("a", KEY, "2019", 2.0), ("b", KEY, None, 3.0))
    assert value(net) == 2.0
    assert value(net, "b") == 3.0


def test_sections_fall_back_on_the_whole_school_and_it_on_an_only_section():
    net = network(
        ("a", KEY, "2024", 1.0), ("a", f"{KEY}@primary", "2023", 2.0),
        ("b", "backbone_per_100@junior", "2024", 3.0),
        ("c", f"{KEY}@primary", "2024", 4.0), ("c", f"{KEY}@junior", "2024", 5.0),
        schools=("a", "b", "c"),
    )  # fmt: skip
    found = {
        (school, section): value(net, school, section=section)
        for school in "abc"
        for section in (None, *SECTIONS)
    }
    assert found == {
        ("a", None): 1.0, ("a", "primary"): 2.0, ("a", "junior"): 1.0,
        ("b", None): 3.0, ("b", "primary"): None, ("b", "junior"): 3.0,
        ("c", None): None, ("c", "primary"): 4.0, ("c", "junior"): 5.0,
    }  # fmt: skip


def test_what_cannot_be_is_unknown_never_zero():
    net = network(
        ("a", KEY, "2024", -1.0, "人"), ("b", KEY, "2024", 1.0, "%"), ("c", KEY, "2024", 0.0, "人"),
        ("d", KEY, "2024", 1.0, "人"), ("d", KEY, "2024", 2.0, "人"),
        ("e", KEY, "2024", 1.0, "人"), ("e", "骨干教师数", "2024", 1.0, "人/百人"),
        schools=tuple("abcde"),
    )  # fmt: skip
    assert [value(net, school) for school in "abcde"] == [None, None, 0.0, None, 1.0]


def test_figures_of_other_kinds_subjects_and_grades_are_not_the_schools():
    figures = pd.DataFrame(
        {"id": "a", "measure": KEY, "period": "2024", "value": [1.0, 2.0, 3.0]}
    ).assign(
        kind=["region", "school", "school"], subject=[None, "语文", None], grade=[None, None, "六"]
    )
    frames = {"school": pd.DataFrame({"id": ["a"]}), "region": pd.DataFrame({"id": ["a"]})}
    assert value(Network.from_frames({**frames, "observations": figures})) is None


def test_a_network_without_figures_knows_nothing():
    found = indicator_values(network(), DAY)
    assert found.isna().all(axis=None)
    assert list(found.columns) == list(indicators())


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from([KEY, f"{KEY}@primary", f"{KEY}@junior", "pupils"]),
            st.sampled_from(["2023", "2024", "2025-09", "2024-2025", "甲", None]),
            st.sampled_from([0.0, 1.0, 2.0, -1.0, 5000.0]),
        ),
        max_size=8,
    ),
    st.sampled_from([None, *SECTIONS]),
)
def test_each_value_is_that_of_a_loop(rows, section):
    def one(school):
        own = [(m, p, v) for i, m, p, v in rows if i == school and m != "pupils" and v >= 0]
        days = [(m, first_day(p) if p else None, p or "nan", v) for m, p, v in own]
        days = [row for row in days if row[1] is None or row[1] <= DAY]
        measures = [f"{KEY}@{section}", KEY] if section else [KEY]
        if section is None and len(only := {m for m, *_ in days if "@" in m}) == 1:
            measures += only
        for measure in measures:
            if mine := [(day or date.min, p, v) for m, day, p, v in days if m == measure]:
                last = max((day, p) for day, p, _ in mine)
                values = {v for day, p, v in mine if (day, p) == last}
                return values.pop() if len(values) == 1 else None
        return None

    net = network(*rows) if rows else network()
    assert [value(net, s, section=section) for s in "ab"] == [one("a"), one("b")]
    assert indicator_values(net, DAY, section).equals(
        indicator_values(network(*rows[::-1]) if rows else network(), DAY, section)
    )
