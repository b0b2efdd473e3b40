"""Two networks side by side: figures, schools that changed, who moved."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import liantu
from liantu.errors import OptionError, RequestError
from liantu.formats import write_xlsx
from liantu.formats.cells import texts
from liantu.graph.network import Network
from liantu.results import registry
from liantu.vocabulary import label


def network(**tables: dict) -> Network:
    frames = {
        "school": {"id": list("abcd"), "name": list("甲乙丙丁"), "pupils": [100, 40, 30, None]},
        "alliance": {"id": ["g", "h"], "name": ["一集团", "二集团"]},
        "member_of": {
            "source": ["a", "b", "b", "c", "d"],
            "target": ["g", "g", "h", "h", "g"],
            "role": ["core", "member", "member", "core", "member"],
            "start": ["2020-09-01", "2020-09-01", "2022-09-01", "2020-09-01", "2020-09-01"],
            "end": [None, "2022-08-31", None, None, "2021-08-31"],
        },
        **tables,
    }
    return Network.from_frames({k: pd.DataFrame(v) for k, v in frames.items()}, as_of="2023-06-30")


def test_two_dates_of_one_network():
    found = liantu.compare(network(), as_of="2021-06-30,2023-06-30", scope="all")
    outcome = found.table["outcome"]
    assert list(outcome.items()) == [("a", "uncovered"), ("d", "uncovered"), ("c", "covered")]
    assert (found.summary["covered_base"], found.summary["covered_scenario"]) == (3, 2)
    lists = {key: found.tables[key] for key in ("joined", "left", "changed")}
    assert lists["left"][["school", "groups_before"]].values.tolist() == [["d", "一集团"]]
    changed = lists["changed"][["school", "groups_before", "groups_after"]].values.tolist()
    assert changed == [["b", "一集团", "二集团"]]
    assert lists["joined"].empty
    figures = found.tables["figures"].set_index(["analysis", "figure"])
    row = figures.loc[("coverage", "covered")]
    assert row["change"] == row["scenario"] - row["base"] == found.summary["covered_change"]
    assert set(found.tables["figures"]["analysis"]) >= {"coverage", "reach"}


def test_a_rate_changes_by_percentage_points(tmp_path):
    from openpyxl import load_workbook

    found = liantu.compare(network(), as_of="2021-06-30,2023-06-30", scope="all")
    rates = found.tables["rates"]
    (row,) = rates[rates["figure"] == "rate"].to_dict("records")
    assert (row["share_base"], row["share_scenario"], row["share_change"]) == (0.75, 0.5, -0.25)
    for side in ("base", "scenario"):
        assert row[f"numerator_{side}"] == found.summary[f"covered_{side}"]
        assert row[f"denominator_{side}"] == found.summary[f"in_scope_{side}"]
    parts = [f"{part}_{side}" for part in ("numerator", "denominator") for side in ("base", "scenario")]  # fmt: skip
    assert rates[parts].notna().all(axis=None)  # a rate never goes without what it is made of
    change = rates["share_change"]
    place = rates["figure"].tolist().index("rate")
    assert texts(change, "share_change", "en")[place] == "-25.0 pp"
    assert texts(change, "share_change", "zh")[place] == "-25.0 个百分点"
    write_xlsx(tmp_path / "found.xlsx", found, "zh")
    sheet = load_workbook(tmp_path / "found.xlsx")[label("rates", "zh")]
    (cells,) = (cells for cells in sheet.iter_rows(min_row=2) if cells[1].value == "覆盖率")
    assert [cell.value for cell in cells[2:]] == [3, 4, 0.75, 2, 4, 0.5, -25]
    assert cells[8].number_format.split(";")[1] == '-0.0" 个百分点"'


def test_the_chart_has_both_sides():
    """Two bars: uncovered, as core only, in force; counted and dated at their ends."""
    found = liantu.compare(network(), as_of="2021-06-30,2023-06-30", scope="all")
    (axes,) = found.plot("en").axes
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        "base 2021-06-30", "after 2023-06-30",
    ]  # fmt: skip
    assert [text.get_text() for text in axes.texts] == [
        "1", "2", "1", "1", "2", "1", "3 / 4   75%", "2 / 4   50%",
    ]  # fmt: skip


def test_a_school_that_is_new_and_one_that_is_gone():
    after = network().without("school", ["d"])
    found = liantu.compare(network(), after, as_of="2021-06-30", scope="all")
    assert found.table["outcome"].to_dict() == {"d": "gone"}
    back = liantu.compare(after, network(), as_of="2021-06-30", scope="all")
    assert back.table["outcome"].to_dict() == {"d": "new"}
    assert back.tables["joined"]["name"].tolist() == ["丁"]


def test_the_same_twice_changes_nothing():
    found = liantu.compare(network(), network(), scope="all")
    assert found.table.empty
    assert not found.tables["figures"]["change"].any()


def test_what_cannot_run_is_noted(monkeypatch):
    def cannot(*_, **__):
        raise RequestError.of("no_phases")

    known = {**registry(), "reach": replace(registry()["reach"], function=cannot)}
    monkeypatch.setattr("liantu.plans.compare.registry", lambda: known)
    found = liantu.compare(network(), network(), scope="all")
    (note,) = (note for note in found.notes if note.code == "not_compared")
    assert "[[phase]]" in note.text("en") and "[[phase]]" in note.text("zh")
    assert "coverage" in set(found.tables["figures"]["analysis"])
    assert "reach" not in set(found.tables["figures"]["analysis"])


def test_what_is_malformed_is_refused():
    with pytest.raises(OptionError):
        liantu.compare(network(), scope="all")
    with pytest.raises(OptionError):
        liantu.compare(network(), network(), analyses="nothing")


def test_the_timeline_lists_who_moved():
    found = liantu.timeline(network(), by="2021-06-30,2022-06-30,2023-06-30")
    assert found.tables["left"][["phase", "school"]].values.tolist() == [["2022-06-30", "d"]]
    assert found.tables["changed"][["phase", "school"]].values.tolist() == [["2023-06-30", "b"]]
    assert found.table["left"].fillna(0).sum() == len(found.tables["left"])
    assert found.table["joined"].fillna(0).sum() == len(found.tables["joined"])
