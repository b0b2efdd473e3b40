"""Reading claims: what is understood, and one clear line for everything that is not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import liantu
from liantu.audit import Claim, audit, read_claims
from liantu.errors import RequestError

GOOD = """
[[claim]]
id = "a"
subject = "region:w"
place = "一"
note = "注"
note_en = "note"
comparison = "≈"
tolerance = 0.1
value = 20
unit = "所"
period = ["2018-11", "2021"]
scope = "rural"
measure = { count = "school" }
"""


def lines(write, text, network=None):
    """Return the lines that reading a file of claims ends with."""
    with pytest.raises(RequestError) as caught:
        read_claims(write(text), network)
    return caught.value.lines()


def test_a_claim_as_it_is_read(write, county):
    (claim,) = read_claims(write(GOOD), county)
    assert (claim.id, claim.subject, claim.comparison) == ("a", "region:w", "~")
    assert (claim.value, claim.tolerance, claim.unit) == (20, 0.1, "schools")
    assert claim.period == (date(2018, 11, 1), date(2021, 12, 31))
    assert claim.claimed() == "≈ 20 schools (± 0.1 × 20) [rural]"


def test_a_folder_and_a_file(write, tmp_path):
    path = write(GOOD)
    assert read_claims(tmp_path) == read_claims(path) == liantu.read_claims(str(path))
    assert liantu.audit.audit is audit


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "a"', 'idd = "a"', "there is no “idd” here. Did you mean “id”?"),
        ('{ count = "school" }', '{ cout = "school" }', "“cout” is no measure"),
        ('{ count = "school" }', '{ count = "scool" }', "“scool” is neither a kind nor"),
        ('{ count = "school" }', '"school"', "“school” is no measure. Write exactly one of"),
        ('"school" }', '"school", sum = "x" }', "“count, sum” is no measure"),
        ('"school" }', '"school", where = { stag = "x" } }', "no column “stag”. Did you mean"),
        ('"school" }', '"school", where = { stage = "x" } }', "“x” cannot stand in this column"),
        ('"school" }', '"school", where = { opened = "x" } }', "“x” cannot stand in this column"),
        ('"school" }', '"school", where = { stage = [] } }', "“[]” cannot be used here"),
        ('"school" }', '"school", were = {} }', "no “were” here. Did you mean “where”?"),
        ('count = "school"', 'sum = "name", of = "school"', "“name” holds no numbers"),
        ('count = "school"', 'sum = "pupil", of = "school"', "no column “pupil”. Did you mean"),
        ('count = "school"', 'ratio = [{ count = "school" }]', "a ratio has two measures"),
        ('count = "school"', 'analysis = "covrage"', "no analysis “covrage”. Did you mean"),
        ('count = "school"', 'analysis = "coverage"', "a key of its summary or one cell"),
        (
            'count = "school"',
            'analysis = "coverage", summary = "rate", parameters = { scop = "all" }',
            "no “scop” here. Did you mean “scope”?",
        ),
        (
            'count = "school"',
            'analysis = "coverage", summary = "rate", parameters = { scope = "al" }',
            "“al” cannot be used here. Allowed: rural, all.",
        ),
        (
            'count = "school"',
            'analysis = "reach", summary = "max_direct", parameters = { hops = "two" }',
            "“two” is no value of this parameter. See liantu reach --help.",
        ),
        ('"region:w"', '"region"', "“region” is no subject"),
        ('"region:w"', '"county:w"', "“county:w” is no subject"),
        ('"region:w"', '"region:x"', "there is no region with id “x”"),
        ('"school" }', '"school", where = { region = "v" } }', "there is no region with id “v”"),
        ('"≈"', '"about"', "“about” cannot be used here. Allowed: = >= ≥ <= ≤ ~ ≈."),
        ('"≈"', '"="', "a tolerance belongs to the comparison ≈ only"),
        ("tolerance = 0.1", "", "the comparison ≈ has no tolerance"),
        ("tolerance = 0.1", "tolerance = -1", "“-1” is not a number"),
        ("value = 20", 'value = "20"', "“20” is not a number"),
        ("value = 20", "value = nan", "“nan” is not a number"),
        ("value = 20", "", "the claim has no value"),
        ('"所"', '"schols"', "there is no unit “schols”. Did you mean “schools”?"),
        ('period = ["2018-11", "2021"]', 'as_of = "2021-13"', "“2021-13” is not a date"),
        ('"2018-11"', '"2018-11-31"', "“2018-11-31” is not a date"),
        ('["2018-11", "2021"]', '["2018"]', "is no period. Write two dates"),
        ('["2018-11", "2021"]', '["2022", "2021"]', "lies before"),
        ('scope = "rural"', 'as_of = "2021"', "either an as_of date or a period"),
        ("measure = {", "readings = [{", "no valid TOML"),
        ('measure = { count = "school" }', "", "either a measure or several readings"),
        ('measure = { count = "school" }', "readings = []", "readings are two or more measures"),
        ("[[claim]]", "[[claims]]", "there is no “claims” here. Did you mean “claim”?"),
        ("[[claim]]", "[claim]", "claims are written as [[claim]] tables"),
    ],
)
def test_one_clear_line(write, county, old, new, line):
    assert old in GOOD
    found = lines(write, GOOD.replace(old, new), county)
    assert any(line in each for each in found), found
    assert all(each.startswith("claims.toml") and "\n" not in each for each in found)
    # what is wrong is said once (two keys are wrong where one is misspelt that must be there)
    assert len(found) == 1 or (len(found) == 2 and "“idd”" in found[0] + found[1])


def test_a_rule_compares_nothing(write, county):
    rule = GOOD.replace('{ count = "school" }', '{ attribute = "funds", is = "x" }')
    assert [each.split(":")[0] for each in lines(write, rule, county)] == [
        f"claims.toml, “a.{key}”" for key in ("comparison", "tolerance", "value", "unit")
    ]
    bare = '[[claim]]\nid = "a"\nmeasure = { attribute = "funds", is = "x" }\n'
    assert lines(write, bare) == ["claims.toml, “a”: the claim has no subject. Add it."]


def test_syntax_errors_name_the_line(write):
    (line,) = lines(write, '[[claim]]\nid = "a"\nvalue = = 3\n')
    assert "line 3" in line


def test_two_claims_with_one_id(write):
    assert lines(write, GOOD + GOOD) == [
        "claims.toml, “a”: two claims have the id “a”. Give each claim an id of its own."
    ]


def test_every_problem_at_once(write, county):
    wrong = GOOD.replace("所", "schols").replace("region:w", "region:x").replace("≈", "=")
    nameless = GOOD.replace('id = "a"\n', "").replace("school", "scool")
    found = lines(write, wrong + nameless, county)
    assert len(found) == 5
    assert [each.split(":")[0] for each in found] == [
        "claims.toml, “a”",
        "claims.toml, “a.unit”",
        "claims.toml, “claim 2”",
        "claims.toml, “claim 2.measure”",
        "claims.toml, “a.subject”",
    ]


def test_no_claims(write, tmp_path):
    assert "the file holds no claim" in lines(write, "")[0]
    with pytest.raises(RequestError, match="does not exist"):
        read_claims(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="has no claims"):
        read_claims(tmp_path / "empty")
    with pytest.raises(RequestError, match="no case"):
        read_claims("case:nowhere")


def test_a_claim_made_in_python_is_checked_too(county):
    with pytest.raises(RequestError, match="no school with id “z”"):
        audit(county, [Claim("a", (), subject="school:z")])


@pytest.mark.parametrize("page", ["audit-a-text.md", "audit-a-text.zh.md"])
def test_the_measures_of_the_how_to_can_be_read(write, page):
    text = (Path(__file__).parents[2] / "docs" / "how-to" / page).read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(\{.*?\})`", text, re.MULTILINE)
    measures = [each for each in shown if "ratio" not in each]
    assert len(measures) == 8
    for measure in measures:
        rule = "attribute" in measure or "missing" in measure
        figure = "" if rule else 'comparison = "="\nvalue = 1\n'
        head = '[[claim]]\nid = "a"\nsubject = "school:x"\n'
        assert read_claims(write(f"{head}{figure}measure = {measure}\n"))
