"""Equity worked out by hand: verdicts, who is left out, sharing, single schools."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from analyses.counties import (
    BACKBONE,
    EACH,
    PUPILS,
    SPORTS,
    codes,
    figures,
    five,
    made,
    row,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.analyses.equity import equity, sections
from liantu.graph.indicators import indicators
from liantu.graph.network import Network
from liantu.results.asked import ask
from liantu.results.blocks import Items
from liantu.vocabulary import Lang

# -- the known answer --------------------------------------------------------------------------


def test_five_schools_fail_though_without_weights_they_would_meet():
    result = equity(five())
    found = row(result)
    assert found["cv"] == pytest.approx(0.515257, abs=5e-7)
    assert np.std(EACH) / np.mean(EACH) == pytest.approx(0.489, abs=5e-4)
    assert (found["balance"], found["limit"], found["close"]) == ("fails", 0.50, False)
    measures = {"gini": 0.288377, "theil": 0.143630, "median": 6.2, "mcloone": 0.587995}
    for key, value in measures.items():
        assert found[key] == pytest.approx(value, abs=5e-7)
    assert (found["schools"], found["schools_known"]) == (5, 5)
    assert (found["pupils"], found["pupils_known"], found["known_share"]) == (302, 302, 1)
    assert result.summary["cells_fail"] == 1
    assert result.summary["cells_not_judged"] == 6  # nobody states the others
    assert result.summary["counties_fail"] == 1


def test_short_of_six():
    """With a threshold of 6 a pupil: two schools of 113 pupils lack 381."""
    schools = {"id": list("abcde"), "stage": "primary", "pupils": PUPILS}
    needed = indicators()[SPORTS].primary
    network = made(schools, figures("abcde", [each * needed / 6 for each in EACH], SPORTS))
    found = row(equity(network), SPORTS)
    assert (found["below"], found["pupils_below"], found["amount_unit"]) == (2, 113, "m2")
    assert found["shortfall"] == pytest.approx(381 * needed / 6)
    lacking = equity(network).tables["failing"]
    assert lacking["school"].tolist() == ["d", "b"]  # the farthest below first
    assert lacking["shortfall"].sum() == pytest.approx(found["shortfall"])


def test_per_100_pupils_the_shortfall_is_teachers():
    network = made({"id": ["a"], "stage": "primary", "pupils": [300]}, figures("a", [0.5]))
    found = row(equity(network))
    assert (found["shortfall"], found["amount_unit"]) == (pytest.approx(1.5), "people")


def test_who_leaves_and_turns_the_verdict():
    result = equity(five())
    flips = result.tables["flips"]
    assert flips["school"].tolist() == ["b", "c", "d"]
    assert flips["cv_without"].tolist() == pytest.approx([0.4957, 0.4770, 0.3210], abs=5e-5)
    assert flips["balance_without"].unique().tolist() == ["meets"]
    assert row(result)["flips"] == result.summary["flips"] == 3


def test_who_keeps_a_county_within_the_limit():
    """1, 2 and 3.2 meet (0.435); without the middle one 0.524 would fail."""
    schools = {"id": list("abc"), "stage": "primary", "pupils": [100, 100, 100]}
    flips = equity(made(schools, figures("abc", [1.0, 2.0, 3.2]))).tables["flips"]
    assert flips["school"].tolist() == ["b"]
    assert flips["balance_without"].tolist() == ["fails"]
    assert flips["cv_without"].tolist() == pytest.approx([1.1 / 2.1])


def alliances(*members: tuple[str, str], **columns: Any) -> dict[str, Any]:
    source, target = zip(*members, strict=True)
    return {"member_of": {"source": list(source), "target": list(target), **columns}}


def test_sharing_inside_two_groups():
    groups = alliances(*[(school, "x") for school in "abc"], ("d", "y"), ("e", "y"))
    found = row(equity(five(**groups)), table="sharing")
    assert found["sharing"] == "within_reach"
    assert found["share_needed"] == pytest.approx(0.042615, abs=5e-7)
    assert found["cv_shared"] == pytest.approx(0.282480, abs=5e-7)
    assert (found["alliances"], found["schools_in_alliances"]) == (2, 5)
    junior = row(equity(five("junior", **groups)), table="sharing")
    assert junior["limit"] == 0.45
    assert junior["share_needed"] == pytest.approx(0.187110, abs=5e-7)
    split = row(equity(five(**groups)), table="groupings", grouping="alliance")
    assert split["theil_between"] == pytest.approx(0.041545, abs=5e-7)
    assert split["theil_within"] == pytest.approx(0.102085, abs=5e-7)


def test_sharing_that_cannot_reach_the_limit():
    pairs = alliances(("a", "x"), ("e", "x"))
    found = row(equity(five(**pairs)), table="sharing")
    assert found["sharing"] == "out_of_reach"
    assert math.isnan(found["share_needed"])
    assert found["cv_shared"] > 0.5
    nobody = row(equity(five()), table="sharing")
    assert (nobody["sharing"], nobody["alliances"]) == ("out_of_reach", 0)
    assert nobody["cv_shared"] == pytest.approx(nobody["cv"])


def test_only_teachers_are_shared():
    assert set(equity(five(measure=SPORTS)).tables["sharing"]["indicator"]) == {
        "above_degree_per_100", "backbone_per_100", "pe_arts_per_100",
    }  # fmt: skip


def test_a_school_in_several_alliances_shares_in_one():
    members = alliances(("a", "x"), ("a", "y"), ("b", "x"), ("c", "y"), role=["member", "core"] * 2)
    result = equity(five(**members))
    assert "several_alliances" in codes(result)
    found = row(result, table="sharing")
    assert found["alliances"] == 1  # y, where it is core; b shares with nobody in x


# -- verdicts ----------------------------------------------------------------------------------


def county(values: list[float], pupils: int = 100, **options: Any) -> pd.Series:
    ids = [f"s{number}" for number in range(len(values))]
    schools = {"id": ids, "stage": "primary", "pupils": pupils}
    return row(equity(made(schools, figures(ids, values)), **options))


def test_exactly_at_the_limit_meets_and_is_close():
    found = county([1.0, 3.0])  # mean 2, deviation 1
    assert (found["cv"], found["balance"], found["close"]) == (0.5, "meets", True)
    found = county([0.1, 0.3])
    assert (found["balance"], found["close"]) == ("meets", True)


def test_unrounded_a_hair_above_fails_and_is_close():
    found = county([1.0, 3.001])
    assert round(found["cv"], 3) == 0.5
    assert (found["balance"], found["close"]) == ("fails", True)


def test_everything_zero_has_no_coefficient():
    network = made({"id": ["a", "b"], "stage": "primary", "pupils": 10}, figures("ab", [0.0, 0.0]))
    found = row(equity(network))
    assert math.isnan(found["cv"])
    assert found["balance"] == "not_judged"
    assert found["mean"] == 0
    assert "equity_all_zero" in codes(equity(network))


def test_one_school_is_noted():
    network = made({"id": ["a"], "stage": "primary", "pupils": 10}, figures("a", [2.0]))
    found = row(equity(network))
    assert (found["cv"], found["balance"]) == (0, "meets")
    assert "equity_one_school" in codes(equity(network))
    assert equity(network).tables["flips"].empty


def test_a_school_without_a_figure_is_never_dropped():
    schools = {"id": list("abc"), "stage": "primary", "pupils": [50, 40, 10]}
    network = made(schools, figures("ab", [2.0, 2.0]))
    found = row(equity(network))
    assert (found["balance"], found["known_share"], found["cv"]) == ("not_judged", 0.9, 0)
    assert row(equity(network, min_share=0.9))["balance"] == "meets"
    assert row(equity(network, min_share=0.91))["balance"] == "not_judged"
    assert equity(network).summary["counties_not_judged"] == 1


def test_pupils_zero_or_missing_are_listed():
    schools = {"id": list("abc"), "stage": "primary", "pupils": [50, 0, None]}
    network = made(schools, figures("abc", [2.0, 9.0, 2.0]))
    result = equity(network)
    left = result.tables["schools_left_out"].set_index("school")["why_left_out"]
    assert left.to_dict() == {"b": "no_pupils", "c": "pupils_unknown"}
    assert row(result)["balance"] == "not_judged"
    assert math.isnan(row(result)["known_share"])  # of unknown many
    assert row(equity(network, min_share=0.1))["balance"] == "not_judged"
    assert {"equity_no_pupils", "equity_pupils_unknown"} <= codes(result)


def test_an_unknown_stage_keeps_the_county_from_a_verdict():
    schools = {"id": list("ab"), "stage": ["primary", None], "pupils": [75, 25]}
    network = made(schools, figures("ab", [2.0, 2.0]))
    found = row(equity(network))
    assert (found["balance"], found["known_share"]) == ("not_judged", 0.75)
    assert row(equity(network, min_share=0.75))["balance"] == "meets"


def test_who_does_not_count():
    schools = {
        "id": list("abcdefgh"),
        "name": [None, "县特殊教育学校", None, "东村教学点", None, None, None, None],
        "stage": ["primary", "primary", "vocational", "primary", "primary", "senior",
                  "kindergarten", "primary"],
        "type": [None, None, None, None, "218", None, None, "218"],
        "pupils": [100, 60, 500, 20, 49, 900, 90, 50],
    }  # fmt: skip
    result = equity(made(schools, figures("ah", [2.0, 2.0])))
    left = result.tables["schools_left_out"]
    assert left[["school", "why_left_out"]].values.tolist() == [
        ["d", "small_point"], ["e", "small_point"], ["b", "special"], ["c", "vocational"],
    ]  # fmt: skip
    assert row(result)["schools"] == 2  # a point of 50 counts
    assert row(result)["balance"] == "meets"
    assert result.summary["not_counted"] == 4


def test_a_teaching_point_by_its_affiliation():
    network = made(
        {"id": ["a", "b"], "stage": "primary", "pupils": [100, 10]},
        figures("a", [2.0]),
        affiliated_to={"source": ["b"], "target": ["a"], "form": ["teaching_point"]},
    )
    assert row(equity(network))["schools"] == 1


def test_closed_schools_are_no_part():
    schools = {"id": list("ab"), "stage": "primary", "pupils": 50, "closed": [None, "2020-01-01"]}
    assert row(equity(made(schools, figures("ab", [2.0, 9.0]))))["schools"] == 1


def test_pupils_are_those_of_the_period_of_the_figure():
    period = {"period": "2023"}
    network = made(
        {"id": ["a", "b"], "stage": "primary", "pupils": [100, 100]},
        figures("ab", [1.0, 3.0], **period),
        figures("a", [300], "pupils", **period),
        figures("a", [500], "在校生数", period="2022"),
    )
    assert row(equity(network))["mean"] == 1.5


# -- schools -----------------------------------------------------------------------------------


def of_needed(share: dict[str, float], stage: str = "primary") -> pd.Series:
    """Return a school whose indicators are these shares of their thresholds, the others whole."""
    observed = [
        figures("a", [one.threshold(stage) * share[key]], key)  # type: ignore[arg-type]
        for key, one in indicators().items()
        if share.setdefault(key, 1.0) is not None
    ]
    network = made({"id": ["a"], "stage": stage, "pupils": [100]}, *observed)
    return equity(network).tables["by_school"].iloc[0]


def test_six_of_seven_and_85_percent_of_the_seventh():
    assert of_needed({})["adequacy"] == "meets"
    found = of_needed({SPORTS: 0.85})
    assert (found["adequacy"], found["met"], found["below"], found["below_85"]) == (
        "meets",
        6,
        1,
        0,
    )
    assert (found["weakest"], found["worst_ratio"]) == (SPORTS, pytest.approx(0.85))
    assert of_needed({SPORTS: 0.849})["adequacy"] == "fails"
    assert of_needed({SPORTS: 0.9, BACKBONE: 0.9})["adequacy"] == "fails"
    assert of_needed({"above_degree_per_100": 0.85}, "junior")["adequacy"] == "meets"


def test_a_school_with_unknown_figures_fails_only_by_what_is_known():
    unknown: Any = dict.fromkeys(list(indicators())[:3])
    assert of_needed(unknown)["adequacy"] == "not_judged"
    assert of_needed({**unknown, SPORTS: 0.9})["adequacy"] == "not_judged"
    assert of_needed({**unknown, SPORTS: 0.5})["adequacy"] == "fails"


# -- counties and groups -----------------------------------------------------------------------


def province(**columns: Any) -> Network:
    """Two counties of a province, a school in the province itself."""
    return made(
        {
            "id": list("abcde"),
            "stage": "primary",
            "pupils": 100,
            "region": list("mnnqp"),
            **columns,
        },
        figures("abcde", [2.0, 1.0, 5.0, 3.0, 2.0]),
        region={
            "id": list("pkmnq"),
            "parent": [None, "p", "k", "k", "p"],
            "level": ["province", "county", "township", "township", "county"],
        },
    )


def test_the_county_is_the_region_of_that_level_above():
    result = equity(province())
    assert row(result, county="k")["schools"] == 3
    assert row(result, county="k")["balance"] == "fails"
    assert row(result, county="q")["balance"] == "meets"
    assert "equity_no_county" in codes(result)
    between = row(result, table="groupings", grouping="county")
    assert (between["province"], between["groups"]) == ("p", 2)
    inside = result.tables["by_county"].set_index("county")["balance"].to_dict()
    assert inside == {"k": "fails", "q": "not_judged"}  # the other six are not stated


def test_a_region_in_focus_is_judged_for_itself():
    result = equity(province().focus("n"))
    assert result.table["schools"].unique().tolist() == [2]
    assert "equity_part_counties" in codes(result)
    assert "equity_part_counties" not in codes(equity(province().focus("k")))


def test_without_levels_the_topmost_region_stands_for_the_county():
    network = made(
        {"id": ["a", "b"], "stage": "primary", "pupils": 100, "region": ["m", "n"]},
        figures("ab", [2.0, 1.0]),
        region={"id": list("kmn"), "parent": [None, "k", "k"]},
    )
    result = equity(network)
    assert result.table["county"].unique().tolist() == ["k"]
    assert "equity_counties_roots" in codes(result)
    assert "equity_counties_whole" in codes(equity(five()))


def test_means_of_city_town_and_village():
    means = equity(province(urban_rural=["111", "122", "220", "220", None])).tables["group_means"]
    found = means[means["county"] == "k"].set_index("part")["mean"].to_dict()
    assert found == {"city": 2, "town": 1, "rural": 5}


# -- chart and report --------------------------------------------------------------------------


def test_the_chart_shows_the_least_even_indicator():
    figure = equity(province()).plot("zh")
    strip, curve = figure.axes
    assert [text.get_text() for text in strip.get_yticklabels()] == ["k", "q"]
    cv = np.sqrt(26 / 9) / (8 / 3)  # 2, 1 and 5
    assert [text.get_text() for text in strip.texts] == [
        f"差异系数 {cv:.3f} / 0.50", "差异系数 0.000 / 0.50",
    ]  # fmt: skip
    drawn = curve.lines[-1]
    assert list(drawn.get_xdata()) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert list(drawn.get_ydata()) == pytest.approx([0, 1 / 8, 3 / 8, 1])


def report(network: Network, lang: Lang = "en") -> str:
    asked = ask(network, "x", lang, date(2024, 6, 30), "all", "strict", "")
    result = asked.result("equity")
    assert result is not None
    found = sections(asked, result)
    if not found:  # nothing to say: what to add stands elsewhere
        return ""
    (section,) = found
    parts = [block.items if isinstance(block, Items) else (getattr(block, "text", ""),)
             for block in section.blocks]  # fmt: skip
    return "\n".join(sentence for part in parts for sentence in part)


def test_the_report_says_what_fails_what_sharing_does_and_who_decides():
    groups = alliances(*[(school, "x") for school in "abc"], ("d", "y"), ("e", "y"))
    text = report(five(**groups))
    assert "the coefficient of variation is 0.515, above 0.50" in text
    assert "pooled at least 4.3%" in text
    assert "without d the coefficient would be 0.321 instead of 0.515" in text
    assert "在现有集团内怎样共享都达不到上限0.50" in report(five(), "zh")


def test_the_report_has_no_section_without_figures():
    network = made({"id": ["a"], "stage": "primary", "pupils": [10]})
    assert report(network) == report(made({"id": []}), "zh") == ""


# -- against loops over one row a pupil ----------------------------------------------------------

SCHOOL = st.tuples(
    st.sampled_from(["p", "q"]),  # county
    st.sampled_from(["primary", "junior"]),
    st.one_of(st.none(), st.integers(0, 20)),  # pupils
    st.one_of(st.none(), st.integers(0, 30).map(lambda tenths: tenths / 10)),
    st.one_of(st.none(), st.sampled_from(["x", "y"])),  # alliance
)


@settings(max_examples=examples(10, 100))
@given(st.lists(SCHOOL, min_size=1, max_size=8))
def test_any_counties_are_judged_as_by_hand(schools: list[tuple[Any, ...]]):
    ids = [f"s{number}" for number in range(len(schools))]
    region, stage, pupils, value, alliance = map(list, zip(*schools, strict=True))
    given_ = [(id_, v) for id_, v in zip(ids, value, strict=True) if v is not None]
    members = [(id_, a) for id_, a in zip(ids, alliance, strict=True) if a is not None]
    frames: dict[str, Any] = {
        "region": {"id": ["p", "q"], "level": "county"},
        **(alliances(*members) if members else {}),
    }
    observed = [figures(*map(list, zip(*given_, strict=True)))] if given_ else []
    table = {"id": ids, "region": region, "stage": stage, "pupils": pupils}
    network = made(table, *observed, **frames)
    result = equity(network)
    cells = {(s[0], s[1]) for s in schools if s[2] != 0}
    assert {tuple(pair) for pair in result.table[["county", "stage"]].to_numpy()} == cells
    for place, level in cells:
        inside = [s for s in schools if s[:2] == (place, level) and s[2] != 0]
        known = [s for s in inside if s[2] is not None and s[3] is not None]
        rows = [x for _, _, number, x, _ in known for _ in range(number)]
        found = row(result, county=place, stage=level)
        assert (found["schools"], found["schools_known"]) == (len(inside), len(known))
        limit = 0.5 if level == "primary" else 0.45
        cv = float(np.std(rows) / np.mean(rows)) if rows and np.mean(rows) else math.nan
        assert found["cv"] == pytest.approx(cv, nan_ok=True, abs=1e-9)
        if len(known) < len(inside) or math.isnan(cv):
            assert found["balance"] == "not_judged"
        elif abs(cv - limit) > 1e-9:
            assert found["balance"] == ("meets" if cv < limit else "fails")
        least = indicators()[BACKBONE].threshold(level)
        lack = sum(max(0.0, least - x) for x in rows) / 100
        assert (lack if rows else 0) == pytest.approx(np.nan_to_num(found["shortfall"]))
        means = {
            name: np.mean([x for *_, n, x, a in known if a == name for _ in range(n)])
            for name in {s[4] for s in known if s[4]}
        }
        shared = [means[a] if a else x for *_, n, x, a in known for _ in range(n)]
        pooled = row(result, table="sharing", county=place, stage=level)["cv_shared"]
        expected = float(np.std(shared) / np.mean(rows)) if rows and np.mean(rows) else math.nan
        assert pooled == pytest.approx(expected, nan_ok=True, abs=1e-9)
