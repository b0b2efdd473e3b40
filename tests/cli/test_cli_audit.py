"""The commands audit and export."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from long import LONG, some

import liantu as package
from liantu.loaders import cases

# Of the four schools of the county one is junior and none has two supporters.
CLAIMS = """
[[claim]]
id = "schools"
subject = "region:c"
place = "一"
comparison = "="
value = 4
unit = "schools"
measure = { count = "school" }

[[claim]]
id = "junior"
comparison = "≈"
tolerance = 0.01
value = 25
unit = "percent"
measure = { ratio = [{ count = "school", where = { stage = "junior" } }, { count = "school" }] }

[[claim]]
id = "sessions"
comparison = "="
value = 12
unit = "sessions"
measure = { count = "delivers" }
"""
WRONG = (
    CLAIMS
    + """
[[claim]]
id = "mentored"
comparison = "="
value = 2
unit = "pairs"
measure = { count = "mentors" }
"""
)


@pytest.fixture
def claimed(county):
    """Return the folder of the county with claims that hold as far as they can be derived."""
    (county / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    return county


def test_json(liantu, claimed):
    found = liantu("audit", claimed, "--format", "json").json
    assert list(found) == [
        "analysis", "parameters", "as_of", "fingerprint", "summary", "table", "tables", "notes",
        "version",
    ]  # fmt: skip
    assert (found["analysis"], found["as_of"]) == ("audit", "2022-05-11")
    assert found["table"][0] == {
        "claim": "schools", "subject": "region:c", "place": "一", "claimed": "4 schools",
        "computed": 4.0, "verdict": "holds", "by_construction": False,
        "evidence": "4 rows of school, 0 of them synthetic",
    }  # fmt: skip
    assert [row["verdict"] for row in found["table"]] == ["holds", "holds", "not_derivable"]
    assert found["summary"]["derivable"] == 2 / 3
    assert "rows" not in found["tables"]


def test_text(liantu, claimed):
    run = liantu("audit", claimed)
    assert run.code == 0
    assert "derivable       66.7 % (2 / 3)" in run.out
    assert "audit · as of 2022-05-11" in run.out
    assert "needs rows of lesson delivery" in run.out
    assert "school:0130" not in run.out
    rows = liantu("audit", claimed, "--rows")
    assert "school:0130" in rows.out
    chinese = liantu("audit", claimed, "--lang", "zh").out
    assert "无法核算" in chinese and "对象" in chinese and "学科" not in chinese


def test_csv_and_workbook(liantu, claimed):
    rows = list(csv.DictReader(io.StringIO(liantu("audit", claimed, "--format", "csv").out)))
    assert [row["claim"] for row in rows] == ["schools", "junior", "sessions"]
    assert rows[0]["claimed"] == "4 schools"  # no sign that a spreadsheet would run
    assert liantu("audit", claimed, "-o", "a.xlsx", "--lang", "zh").code == 0
    sheet = openpyxl.load_workbook("a.xlsx").worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:4] == ["核对项", "对象", "出处", "原文数值"]
    assert sheet["E2"].value == 4


def test_strict(liantu, claimed):
    assert liantu("audit", claimed, "--strict").code == 0
    (claimed / "claims.toml").write_text(WRONG, encoding="utf-8")
    assert liantu("audit", claimed).code == 0
    run = liantu("audit", claimed, "--strict", "--format", "json")
    assert run.code == 3
    assert run.json["summary"]["fails"] == 1


def test_a_contradiction_is_strict_too(liantu, county):
    rule = (
        '[[claim]]\nid = "{0}"\nsubject = "region:c"\nmeasure = {{ attribute = "a", is = "{0}" }}\n'
    )
    (county / "claims.toml").write_text(rule.format("x") + rule.format("y"), encoding="utf-8")
    run = liantu("audit", county, "--strict", "--format", "json")
    assert (run.code, run.json["summary"]["contradicted"]) == (3, 2)


def test_claims_of_another_file_and_another_date(liantu, county, tmp_path):
    path = tmp_path / "words.toml"
    path.write_text(
        CLAIMS + '[[claim]]\nid = "pairs"\ncomparison = "="\nvalue = 1\nunit = "pairs"\n'
        'measure = { count = "assists" }\n',
        encoding="utf-8",
    )
    args = ("audit", county, "--claims", path, "--format", "json")
    assert liantu(*args).json["summary"]["holds"] == 3
    later = liantu(*args, "--as-of", "2024-09-01").json
    assert (later["summary"]["holds"], later["summary"]["fails"]) == (
        2,
        1,
    )  # it ended the day before


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "has no claims.toml"),
        ("[[claim]]\nid = ", "claims.toml: the claims are no valid TOML"),
        (CLAIMS.replace("region:c", "region:x"), "“schools.subject”: there is no region with id"),
        (CLAIMS.replace('"percent"', '"percents"'), "there is no unit “percents”"),
        (CLAIMS.replace("delivers", "deliver"), "“deliver” is neither a kind nor a relation"),
    ],
)
def test_bad_claims_end_with_one_line_and_exit_code_1(liantu, county, text, line):
    if text is not None:
        (county / "claims.toml").write_text(text, encoding="utf-8")
    run = liantu("audit", county)
    assert (run.code, run.out, len(run.lines)) == (1, "", 1)
    assert line in run.err


def test_bad_paths(liantu, county):
    assert "does not exist" in liantu("audit", county, "--claims", "nowhere.toml").err
    assert liantu("audit", "nowhere").code == 1
    run = liantu("audit", "case:all", "--claims", "nowhere.toml")
    assert (run.code, run.lines) == (
        2,
        ["error: --claims does not go with case:all. Leave it out, or name one case."],
    )


def test_teachers_stay_without_names(liantu, county):
    text = '[[claim]]\nid = "t"\ncomparison = "="\nvalue = 2\nmeasure = { count = "works_at" }\n'
    (county / "claims.toml").write_text(text, encoding="utf-8")
    run = liantu("audit", county, "--rows")
    assert "works_at:t1>0130" in run.out
    assert "李四" not in run.out + run.err
    assert "李四" in liantu("audit", county, "--rows", "--show-teachers").out


def test_all_cases(liantu):
    run = liantu("audit", "case:all", "--format", "json")
    found = run.json
    assert run.code == 0
    assert found["summary"]["cases"] == len(found["table"]) > 0
    assert {row["case"] for row in found["tables"]["claims"]} == {
        row["case"] for row in found["table"]
    }
    if LONG:  # a case alone says so in the short run
        broken = found["summary"]["fails"] + found["summary"]["contradicted"]
        assert liantu("audit", "case:all", "--strict").code == (3 if broken else 0)


# -- export -----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", some([case.name for case in cases()], 3))
def test_an_exported_case_is_the_same_network(liantu, case):
    assert liantu("export", f"case:{case}", "out", "--show-teachers").code == 0
    before, after = package.read(f"case:{case}"), package.read("out")
    assert after.fingerprint == before.fingerprint
    assert (after.title, after.as_of, after.phases) == (before.title, before.as_of, before.phases)
    assert after.report.of("warning") == ()


def test_an_exported_folder_is_audited_alike_and_can_be_edited(liantu, claimed, tmp_path):
    folder = tmp_path / "out"
    assert liantu("export", claimed, folder).code == 0
    assert (folder / "claims.toml").read_bytes() == (claimed / "claims.toml").read_bytes()
    before, after = (liantu("audit", each, "--format", "json").json for each in (claimed, folder))
    assert after["table"] == before["table"]
    table = folder / "school.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:-1]), encoding="utf-8")  # 0133, the junior school
    edited = liantu("audit", folder, "--format", "json").json["table"]
    assert [row["verdict"] for row in edited] == ["fails", "not_derivable", "not_derivable"]


def test_export_leaves_out_names_of_teachers_unless_asked(liantu, county):
    run = liantu("export", county, "out")
    assert "names of teachers were left out" in run.err
    written = "".join(path.read_text(encoding="utf-8") for path in Path("out").iterdir())
    assert "张三" not in written and "李四" not in written
    liantu("export", county, "whole", "--show-teachers")
    assert package.read("whole").fingerprint == package.read(county).fingerprint


def test_export_never_writes_over_anything(liantu, county):
    run = liantu("export", county, county)
    assert (run.code, len(run.lines)) == (1, 1)
    assert "is read by this command" in run.err
