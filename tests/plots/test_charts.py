"""Charts: what is drawn, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from liantu.graph.network import Network
from liantu.plots import svg
from liantu.results import registry
from liantu.results.core import Result


def texts(figure):
    return [text.get_text().strip() for axes in figure.axes for text in axes.texts]


def labels(figure, axes=0):
    return [text.get_text() for text in figure.axes[axes].get_yticklabels()]


@pytest.fixture
def county():
    schools = pd.DataFrame(
        {
            "id": ["core", "m1", "m2", "lone"],
            "name": ["中心小学", "甲村小学", "乙村小学", "丙村小学"],
            "region": ["r1", "r1", "r2", "r2"],
            "stage": ["primary", "primary", "primary", "junior"],
            "urban_rural": ["121", "220", "220", "210"],
            "pupils": [900, 40, 30, 20],
        }
    )
    return Network.from_frames(
        {
            "region": pd.DataFrame(
                {
                    "id": ["c", "r1", "r2"],
                    "name": ["县", "青禾镇", "白石镇"],
                    "parent": ["", "c", "c"],
                }
            ).replace("", None),
            "school": schools,
            "assists": pd.DataFrame({"source": ["core", "core"], "target": ["m1", "m2"]}),
        },
        as_of="2024-06-30",
    )


def test_coverage_shows_the_ladder_by_region_and_stage(county):
    result = registry()["coverage"].function(county)
    by_region = result.tables["by_region"].assign(name=["县", "青禾镇", "白石镇"])
    tables = {**result.tables, "by_region": by_region}
    figure = Result(result.table, tables=tables, name="coverage").plot("zh")
    assert labels(figure) == ["统计范围内全部学校", "白石镇", "青禾镇", "小学", "初中"]
    shown = texts(figure)
    assert "2 / 3   67%" in shown  # all
    assert "1 / 2   50%" in shown  # 白石镇
    assert shown.count("1 / 1   100%") == 1  # 青禾镇
    assert "0 / 1   0%" in shown  # junior


def test_schools_of_unknown_stage_are_shown_where_others_are_known():
    table = pd.DataFrame({"rung": ["none", "active"], "covered": [False, True], "region": None})
    known = Result(table.assign(stage=["primary", None]), name="coverage")
    assert labels(known.plot()) == ["all schools in scope", "primary school", "stage unknown"]
    unknown = Result(table.assign(stage=pd.array([None, None], dtype="str")), name="coverage")
    assert labels(unknown.plot()) == ["all schools in scope"]


def test_reach_shows_who_leans_on_them_alone(county):
    figure = registry()["reach"].function(county).plot()
    assert labels(figure) == ["中心小学"]
    assert texts(figure) == ["2", "(2)"]


def test_centrality_and_ties(county):
    figure = registry()["centrality"].function(county).plot()
    assert labels(figure)[0] == "中心小学"
    assert len(figure.axes) == 1  # betweenness is 0 for all: no panel
    figure = registry()["ties"].function(county).plot()
    assert labels(figure) == ["paired assistance"]
    assert texts(figure) == ["2"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["有效或有活动", "未开始", "已失效", "日期不明"]),
        ("en", ["in force or active", "not begun yet", "ended", "date unknown"]),
    ],
)
def test_ties_that_ended_are_told_from_those_to_come(county, lang, words):
    network = Network.from_frames(
        {
            "assists": pd.DataFrame(
                {
                    "source": "core",
                    "target": ["a", "b", "c", "d", "e", "f"],
                    "start": ["2023-01-01", "2025-01-01", None, "2020-01-01", "2020-01-01", None],
                    "end": [None, None, "2024-06-29", "2024-01-01", "2021-01-01", None],
                }
            ),
            "delivers": pd.DataFrame(
                {"source": ["core"], "target": ["a"], "source_kind": "school",
                 "target_kind": "school"}
            ),
        },
        as_of="2024-06-30",
    )  # fmt: skip
    figure = registry()["ties"].function(network).plot(lang)
    assert texts(figure) == ["2 + 1 + 3", "0 + 1"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == words


def test_a_newcomer_gets_bars_of_its_first_number():
    table = pd.DataFrame(
        {"good": [True, False], "gaps": pd.array([3, None], dtype="Int64")},
        index=pd.Index(["a", "b"], name="school"),
    )
    figure = Result(table, name="newcomer").plot()
    assert labels(figure) == ["a", "b"]
    assert texts(figure) == ["3", "–"]


@pytest.mark.parametrize("name", ["coverage", "reach", "centrality", "ties", "newcomer"])
def test_nothing_to_show(name):
    assert svg(Result(pd.DataFrame(), name=name).plot()).startswith("<svg")


def test_a_table_without_numbers():
    assert not Result(pd.DataFrame({"name": ["a"]}), name="newcomer").plot().axes


@pytest.mark.parametrize("name", list(registry()))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_analysis_has_a_chart(county, name, lang):
    result = registry()[name].function(county)
    assert svg(result.plot(lang)).startswith("<svg")
