"""Each verdict, worked out by hand on the county of ``conftest``."""

from __future__ import annotations

import pandas as pd
import pytest

from liantu.audit import audit, read_claims
from liantu.graph import schema
from liantu.graph.network import Network


def claim(id: str, value: float, measure: str, **more: str) -> str:
    """Return a claim as TOML; further keys are TOML already."""
    words = {"comparison": '"="', **more, "value": str(value), "measure": measure}
    if measure.startswith("["):
        words["readings"] = words.pop("measure")
    lines = "".join(f"{key} = {text}\n" for key, text in words.items())
    return f'[[claim]]\nid = "{id}"\n{lines}\n'


LESSONS = '{ sum = "count", of = "delivers", where = { form = "lesson" } }'
CENTERS = '{ count = "center" }'
EACH = f"{{ ratio = [{LESSONS}, {CENTERS}] }}"


def verdicts(table):
    return table["verdict"].to_dict()


# -- one claim alone --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "value", "more", "verdict"),
    [
        ("=", 3, {}, "holds"),
        ("=", 4, {}, "fails"),
        (">=", 3, {}, "holds"),
        ("≥", 2, {}, "holds"),
        (">=", 4, {}, "fails"),
        ("<=", 3, {}, "holds"),
        ("≤", 2, {}, "fails"),
        ("~", 4, {"tolerance": "0.25"}, "holds"),  # 1 ≤ 0.25 × 4
        ("≈", 4, {"tolerance": "0.24"}, "fails"),  # 1 > 0.24 × 4
    ],
)
def test_comparisons(audited, county, comparison, value, more, verdict):
    text = claim("a", value, '{ count = "school" }', comparison=f'"{comparison}"', **more)
    table = audited(text, county)
    assert verdicts(table) == {"a": verdict}
    assert table["computed"].tolist() == [3.0]


def test_percent_multiplies_rates_only(audited, county):
    rate = '{ ratio = [{ count = "school", where = { stage = "primary" } }, { count = "school" }] }'
    text = claim("r", 67, rate, unit='"percent"', comparison='"~"', tolerance="0.01")
    text += claim("s", 2 / 3, rate, unit='"share"')
    text += claim("n", 3, '{ count = "school" }', unit='"percent"')
    table = audited(text, county)
    assert set(table["verdict"]) == {"holds"}
    assert table["computed"].tolist() == pytest.approx([200 / 3, 2 / 3, 3])


def test_the_claim_says_its_date_else_the_audit(audited, county):
    rows = '{ count = "member_of" }'
    text = claim("own", 2, rows, as_of='"2021-08-31"')
    text += claim("month", 3, rows, as_of='"2021-09"')
    text += claim("period", 3, rows, period='["2021", "2021"]')
    text += claim("audit", 1, rows)
    assert set(audited(text, county, as_of="2024-01-01")["verdict"]) == {"holds"}
    assert verdicts(audited(text, county))["audit"] == "fails"  # 3 on the network's own date


def test_no_row_at_all_is_not_derivable_unless_nothing_is_claimed(audited, county):
    text = claim("some", 5, '{ count = "posted_to" }') + claim("zero", 0, '{ count = "posted_to" }')
    text += claim("most", 0, '{ max = "count", of = "posted_to" }')
    table = audited(text, county)
    assert verdicts(table) == {
        "some": "not_derivable",
        "zero": "holds",
        "most": "not_derivable",
    }
    assert table["computed"].isna().tolist() == [True, False, True]
    # rows that only do not hold on the date are an answer: none
    before = claim("early", 3, '{ count = "member_of" }', as_of='"2019-01-01"')
    assert verdicts(audited(before, county)) == {"early": "fails"}


def test_missing_needs_no_figure(audited, county):
    text = '[[claim]]\nid = "a"\nmeasure = { missing = "tests", zh = "成绩" }\n'
    table = audited(text, county, lang="zh")
    assert table[["verdict", "evidence"]].values.tolist() == [["not_derivable", "需要：成绩"]]


# -- readings ---------------------------------------------------------------------------------


def test_readings_that_differ_or_agree(audited, county):
    differ = f'[{CENTERS}, {{ count = "school" }}]'
    agree = '[{ count = "center" }, { distinct = "subject", of = "center" }]'
    none = '[{ count = "assists" }, { missing = "lists" }]'
    half = '[{ count = "center" }, { missing = "lists" }]'
    text = claim("differ", 2, differ) + claim("agree", 2, agree) + claim("wrong", 3, agree)
    text += claim("none", 2, none) + claim("half", 2, half)
    table = audited(text, county)
    assert verdicts(table) == {
        "differ": "ambiguous",
        "agree": "holds",
        "wrong": "fails",
        "none": "not_derivable",
        "half": "ambiguous",
    }
    assert table["evidence"]["differ"] == (
        "reading 1: 2 (2 rows of research centre, 0 of them synthetic); "
        "reading 2: 3 (3 rows of school, 1 of them synthetic)"
    )
    assert table["computed"].isna().to_dict()["differ"]


def test_readings_stand_in_a_table_of_their_own(write, county):
    text = claim("a", 2, f'[{CENTERS}, {{ count = "school" }}]')
    readings = audit(county, read_claims(write(text))).tables["readings"]
    assert readings[["claim", "reading", "computed"]].values.tolist() == [["a", 1, 2], ["a", 2, 3]]


# -- claims together --------------------------------------------------------------------------


def test_a_ratio_is_contradicted_by_claims_that_hold(audited, made):
    # 478 sessions of 28 centres are 17.1 each, not about 20
    centers = {"id": [f"c{number:02}" for number in range(28)]}
    rows = {"source": ["c00", "c01"], "source_kind": "center", "target": "a", "form": "lesson"}
    rows |= {"target_kind": "school", "date": "2021-01-01", "count": [420, 58]}
    county = made(center=centers, delivers=rows)
    each = claim("each", 20, EACH, comparison='"~"', tolerance="0.05")
    parts = claim("sessions", 478, LESSONS) + claim("centers", 28, CENTERS)
    table = audited(each + parts, county)
    assert verdicts(table) == {"each": "contradicted", "sessions": "holds", "centers": "holds"}
    assert table["computed"]["each"] == 478 / 28
    assert table["evidence"]["each"] == (
        "478 / 28; cannot be true together with sessions = 478, centers = 28"
    )
    # without one of the two, or with one that does not hold, it merely fails
    assert verdicts(audited(each + claim("sessions", 478, LESSONS), county))["each"] == "fails"
    wrong = claim("sessions", 470, LESSONS) + claim("centers", 28, CENTERS)
    assert verdicts(audited(each + wrong, county))["each"] == "fails"
    # what is only a lower bound fixes nothing
    bound = claim("sessions", 400, LESSONS, comparison='">="') + claim("centers", 28, CENTERS)
    assert verdicts(audited(each + bound, county))["each"] == "fails"
    # nor does a claim for another date
    other = claim("sessions", 478, LESSONS) + claim("centers", 28, CENTERS, as_of='"2020-01-01"')
    assert verdicts(audited(each + other, county))["each"] == "fails"


def test_two_figures_for_one_quantity(audited, county):
    same = '{ sum = "count", where = { form = ["lesson"] }, of = "delivers" }'
    table = audited(claim("a", 8, LESSONS) + claim("b", 9, same), county)
    assert verdicts(table) == {"a": "holds", "b": "contradicted"}
    assert "cannot be true together with a = 8" in table["evidence"]["b"]


def test_a_rate_of_an_analysis_is_fixed_by_its_parts(audited, county):
    def cell(key):
        return f'{{ analysis = "coverage", parameters = {{ scope = "all" }}, summary = "{key}" }}'

    rate = claim("rate", 90, cell("rate"), unit='"percent"')
    parts = claim("covered", 3, cell("covered")) + claim("schools", 3, cell("in_scope"))
    assert verdicts(audited(rate, county)) == {"rate": "fails"}
    assert verdicts(audited(rate + parts, county))["rate"] == "contradicted"


def rule(id, value, **more):
    measure = f'{{ attribute = "funds", is = "{value}" }}'
    words = {"subject": '"alliance:g"', **more, "measure": measure}
    return f'[[claim]]\nid = "{id}"\n' + "".join(f"{k} = {v}\n" for k, v in words.items())


def test_two_values_of_one_attribute_contradict_each_other(audited, county):
    both = rule("together", "budgeted_together") + rule("apart", "unchanged")
    table = audited(both, county)
    assert set(table["verdict"]) == {"contradicted"}
    assert table["evidence"]["together"] == "cannot be true together with apart"
    assert "together" in table["evidence"]["apart"]
    alone = audited(rule("together", "budgeted_together"), county)
    assert verdicts(alone) == {"together": "not_derivable"}
    assert alone["evidence"]["together"] == "needs an observation of funds for alliance:g"
    same = rule("a", "unchanged") + rule("b", "unchanged")
    assert set(audited(same, county)["verdict"]) == {"not_derivable"}


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ({"period": '["2019", "2020"]'}, {"period": '["2021", "2022"]'}, "not_derivable"),
        ({"period": '["2019", "2020"]'}, {"period": '["2020", "2022"]'}, "contradicted"),
        ({"as_of": '"2020"'}, {"as_of": '"2021"'}, "not_derivable"),
        ({}, {"subject": '"school:a"'}, "not_derivable"),
        ({}, {"as_of": '"2022-05-11"'}, "contradicted"),  # the network's own date
    ],
)
def test_attributes_contradict_at_one_time_for_one_subject(audited, county, first, second, verdict):
    table = audited(rule("a", "x", **first) + rule("b", "y", **second), county)
    assert set(table["verdict"]) == {verdict}


def test_an_observation_answers_for_an_attribute(audited, county):
    text = "".join(
        f'[[claim]]\nid = "{value}"\nsubject = "alliance:g"\n'
        f'measure = {{ attribute = "legal_persons", is = "{value}" }}\n'
        for value in ("several", "one")
    )
    first, second = text.split("[[claim]]")[1:]
    table = audited("[[claim]]" + first, county)
    assert table[["verdict", "by_construction"]].values.tolist() == [["holds", True]]
    assert verdicts(audited("[[claim]]" + second, county)) == {"one": "fails"}


# -- by construction --------------------------------------------------------------------------


def test_by_construction(audited, county):
    budget = '{ observation = "budget", where = { period = "2021" } }'
    text = claim("filled", 8, LESSONS) + claim("named", 2, CENTERS) + claim("mixed", 4, EACH)
    text += claim("observed", 12.5, budget) + claim(
        "wrong", 9, '{ max = "count", of = "delivers" }'
    )
    table = audited(text, county)
    assert table["by_construction"].to_dict() == {
        "filled": True,
        "named": False,
        "mixed": True,  # one of its two figures is
        "observed": True,
        "wrong": False,  # does not hold
    }


# -- editing one row --------------------------------------------------------------------------

CLAIMS = (
    claim("schools", 3, '{ count = "school" }')
    + claim("primary", 2, '{ count = "school", where = { stage = "primary" } }')
    + claim("members", 2, '{ count = "member_of", where = { role = "member" } }')
    + claim("sessions", 8, LESSONS)
    + claim("centers", 2, CENTERS)
    + claim("each", 4, EACH)
)


def turned(audited, before, after):
    """Return the claims whose verdict changes, with the new one."""
    old, new = verdicts(audited(CLAIMS, before)), verdicts(audited(CLAIMS, after))
    assert set(old.values()) == {"holds"}
    return {name: verdict for name, verdict in new.items() if verdict != old[name]}


def test_removing_a_school_turns_the_claims_about_it(audited, county):
    changed = turned(audited, county, county.without("school", ["d"]))
    assert changed == {"schools": "fails", "members": "fails"}


def test_adding_a_session_turns_the_claims_about_sessions(audited, county):
    rows = {"source": ["n"], "source_kind": "center", "target": ["a"], "target_kind": "school"}
    more = pd.DataFrame({**rows, "form": "lesson", "date": "2022-02-01", "count": 1})
    changed = turned(audited, county, county.with_edges("delivers", more))
    assert changed == {"sessions": "fails", "each": "fails"}


def test_removing_a_centre_makes_the_rest_contradict_the_ratio(audited, county):
    # 5 lessons of one centre remain; "4 each" then fails, for the two others do not hold either
    changed = turned(audited, county, county.without("center", ["n"]))
    assert changed == {"sessions": "fails", "centers": "fails", "each": "fails"}


def test_permuted_rows_and_a_region_in_focus_change_nothing(write, county):
    coverage = '{ analysis = "coverage", parameters = { scope = "all" }, summary = "in_scope" }'
    claims = read_claims(write(CLAIMS + claim("in-scope", 3, coverage)))
    whole = audit(county, claims, rows=True).to_dict()
    assert whole["summary"]["holds"] == 7
    assert audit(county.focus("e"), claims, rows=True).to_dict() == whole
    frames = {kind: county.nodes(kind).reset_index() for kind in schema.kinds()}
    frames |= {name: county.relation(name) for name in schema.relations()}
    frames["observations"] = county.observations
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in frames.items()}
    again = Network.from_frames(shuffled, as_of=county.as_of)
    assert audit(again, claims, rows=True).to_dict() == whole
