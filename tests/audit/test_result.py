"""What an audit hands over: counts, the claims as numbers, the evidence rows, all cases."""

from __future__ import annotations

import json

import pytest
from long import some

import liantu
from liantu.audit import audit, audit_cases, claims_file, read_claims
from liantu.formats import to_json
from liantu.loaders import cases

TEXT = """
[[claim]]
id = "lessons"
comparison = "="
value = 8
unit = "lessons"
note_en = "all lessons"
measure = { sum = "count", of = "delivers" }

[[claim]]
id = "schools"
comparison = ">="
value = 4
as_of = "2021-09-01"
measure = { count = "school" }

[[claim]]
id = "unknown"
comparison = "="
value = 4
measure = { missing = "lists" }
"""


@pytest.fixture
def result(county, write):
    return audit(county, read_claims(write(TEXT), county), rows=True)


def test_summary(result):
    assert result.summary == {
        "claims": 3,
        "holds": 1,
        "fails": 1,
        "contradicted": 0,
        "ambiguous": 0,
        "not_derivable": 1,
        "derivable": 2 / 3,
        "rows": 3 + 3 + 2 + 1 + 3 + 3 + 3,
        "rows_synthetic": 4,
    }


def test_table_in_the_order_of_the_file(result):
    assert result.table.index.name == "claim"
    assert list(result.table) == [
        "subject", "place", "claimed", "computed", "verdict", "by_construction", "evidence",
    ]  # fmt: skip
    assert result.table["claimed"].tolist() == ["8 lessons", "≥ 4", "4"]


def test_claims_as_numbers_and_evidence_rows(result):
    found = json.loads(to_json(result.to_dict()))["tables"]
    assert found["claims"][0] == {
        "claim": "lessons", "comparison": "=", "value": 8.0, "tolerance": None, "unit": "lessons",
        "start": "2022-05-11", "end": "2022-05-11", "scope": None, "note": None,
        "note_en": "all lessons",
    }  # fmt: skip
    assert found["claims"][1]["start"] == "2021-09-01"
    assert [(row["claim"], row["origin"], row["synthetic"]) for row in found["rows"]] == [
        ("lessons", "delivers:m>a 2021-03-01", True),
        ("lessons", "delivers:m>b 2021-10-08", True),
        ("lessons", "delivers:n>b 2022-01-05", True),
        ("schools", "school:a", False),
        ("schools", "school:b", False),
        ("schools", "school:d", True),
    ]


def test_stamp(result, county):
    assert (result.name, str(result.as_of)) == ("audit", "2022-05-11")
    assert result.fingerprint == county.fingerprint
    assert [str(note) for note in result.notes] == [
        "1 claim holds by construction only: rows were made up to their totals or repeat their "
        "figures"
    ]


def test_language_changes_words_only(county, write):
    claims = read_claims(write(TEXT), county)
    english, chinese = (audit(county, claims, lang=lang) for lang in ("en", "zh"))
    words = ["claimed", "evidence"]
    assert english.table.drop(columns=words).equals(chinese.table.drop(columns=words))
    assert chinese.table["claimed"].tolist()[0] == "8 节"


def test_all_cases_side_by_side():
    result = audit_cases()
    names = [case.name for case in cases() if claims_file(f"case:{case.name}")]
    assert result.table.index.tolist() == names != []
    own = {
        name: audit(liantu.read(f"case:{name}"), read_claims(f"case:{name}")).summary
        for name in some(names, 2)
    }
    told = result.table["claims"].to_dict()
    assert {name: told[name] for name in own} == {name: own[name]["claims"] for name in own}
    assert result.summary["claims"] == sum(told.values())
    every = result.tables["claims"]
    assert every.groupby("case").size().to_dict() == result.table["claims"].to_dict()
