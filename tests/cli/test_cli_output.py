"""What commands print and write, on a county worked out by hand."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import openpyxl
import pytest

COVERAGE = """\
Coverage: who supports each school.
coverage · as of 2022-05-11 · --scope rural --rural strict --window 12m --sustained-months 4

schools                        4
in scope                       3
covered                        1
uncovered                      2
rate                           33.3 % (1 / 3)
covered directly               1
covered by inheritance         0
covered as core                0
pupils in scope                200
pupils uncovered               80
rung none                      2
rung named                     0
rung in force                  0
rung active                    1
rung sustained                 0
unknown urban–rural class      0
"""


def test_coverage_as_text(liantu, county):
    found = liantu("coverage", county)
    assert found.code == 0
    head, table, *others = found.out.split("\n\nresult (3)\n")[0], *found.out.split("\n\n")[2:]
    summary = [line.split() for line in head.splitlines()[3:]]
    expected = [line.split() for line in COVERAGE.splitlines()[3:]]
    assert head.splitlines()[:2] == COVERAGE.splitlines()[:2]
    assert summary == expected
    rows = [line.split()[:2] for line in table.splitlines()]
    assert rows == [
        ["result", "(3)"],
        ["school", "name"],
        ["0133", "=山中"],
        ["0132", "西村小学"],
        ["0131", "东村小学"],
    ]
    assert [block.splitlines()[0] for block in others] == [
        "by region (2)",
        "by stage (2)",
        "by rung (5)",
    ]


def test_ties_as_text_word_for_word(liantu, county):
    found = liantu("ties", county, "--basis", "assists", "--lang", "zh")
    assert found.out.split("\n\n")[2] == (
        "结果 (1)\n"
        "起点  起点类别  起点名称  终点  终点名称  依据      形式  紧密度  开始日期    结束日期"
        "    双向  有效  有活动  无日期  来自\n"
        "0130  学校      中心小学  0131  东村小学  结对帮扶  结对          2021-09-01  2024-08-31"
        "  否    是    否      否      assists:0130>0131\n"
    ).rstrip("\n")


def test_json_is_what_python_returns(liantu, county):
    import liantu as package

    found = liantu("coverage", county, "--format", "json")
    network = package.read(county)
    assert found.json == package.coverage(network.without_teacher_names()).to_dict()
    assert found.json["table"][0]["school"] == "0133"
    assert found.json["table"][1]["pupils"] is None
    assert found.err == ""


def test_csv_has_keys_and_no_formula(liantu, county):
    found = liantu("coverage", county, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.out)))
    assert [row["school"] for row in rows] == ["0133", "0132", "0131"]
    assert rows[0]["name"] == "'=山中"
    assert rows[2]["covered"] == "true"
    assert found.lines[0].startswith("coverage · as of 2022-05-11 · --scope rural")


def test_csv_with_labels_is_for_a_spreadsheet(liantu, county):
    path = Path("结果 表.csv")
    found = liantu("coverage", county, "-o", path, "--labels", "--lang", "zh")
    assert found.code == 0
    assert found.out == ""
    assert found.lines[0] == "已写入 结果 表.csv"
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf\xe5\xad\xa6")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[2]["学校"] == "0131"
    assert rows[2]["覆盖层级"] == "有活动"
    assert rows[2]["已覆盖"] == "是"
    assert b"\r" not in data


def test_csv_with_labels_in_a_pipe(liantu, county):
    found = liantu("coverage", county, "--format", "csv", "--labels")
    assert found.out.startswith("\ufeffschool,name,")


def test_xlsx(liantu, county):
    found = liantu("coverage", county, "-o", "a.xlsx")
    assert found.code == 0
    sheet = openpyxl.load_workbook("a.xlsx").worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["school", "0133", "0132", "0131"]
    assert sheet["B2"].value == "=山中"
    assert sheet["B2"].data_type == "s"


@pytest.mark.parametrize(
    ("limit", "rows", "said"),
    [
        (1, 1, ["result: 2 more rows. --limit shows more; -o FILE writes all."]),
        (3, 3, []),
        (0, 0, []),
    ],
)
def test_limit_shortens_tables_and_says_so(liantu, county, limit, rows, said):
    found = liantu("coverage", county, "--limit", limit)
    assert found.out.count("\n013") == rows
    assert [line for line in found.lines if line.startswith("result")] == said


def test_limit_leaves_files_and_json_whole(liantu, county):
    assert len(liantu("coverage", county, "--limit", 1, "--format", "json").json["table"]) == 3
    liantu("coverage", county, "--limit", 1, "-o", "a.csv")
    assert len(Path("a.csv").read_text(encoding="utf-8").splitlines()) == 4


def test_a_terminal_shows_twenty_rows_with_rules(liantu, county, monkeypatch):
    rows = "".join(f"{number},220\n" for number in range(1000, 1025))
    for path in county.glob("*.csv"):
        path.unlink()
    (county / "schools.csv").write_text("id,urban_rural\n" + rows, encoding="utf-8")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    found = liantu("centrality", county)
    assert "─" in found.out
    assert found.out.count("\n 10") == 20
    assert found.lines[0].startswith("result: 5 more rows.")


def test_as_of(liantu, county):
    found = liantu("coverage", county, "--as-of", "2021-08", "--format", "json").json
    assert found["as_of"] == "2021-08-31"
    assert found["summary"]["covered"] == 0
    assert found["summary"]["rung_named"] == 1


def test_region_limits_what_is_reported_on(liantu, county):
    found = liantu(
        "coverage", county, "--scope", "all", "--region", "东镇", "--format", "json"
    ).json
    assert {row["school"] for row in found["table"]} == {"0131", "0132", "0133"}
    assert found["summary"]["covered"] == 1
    assert found["parameters"]["region"] == "t"


def test_teachers_are_hidden_unless_asked_for(liantu, county):
    args = ("centrality", county, "--layer", "mentors", "--format", "json")
    hidden, shown = liantu(*args), liantu(*args, "--show-teachers")
    assert "李四" not in hidden.out
    assert "张三" not in hidden.out
    assert {row["node"] for row in shown.json["table"]} == {"t1", "东村小学/李四"}
    assert len(hidden.json["table"]) == 2
    assert hidden.json["fingerprint"] != shown.json["fingerprint"]
    for shape in ("table", "csv"):
        assert "李四" not in liantu(*args[:4], "--format", shape).out


def test_teachers_are_hidden_in_ties_and_info(liantu, county):
    for command in ("ties", "info"):
        assert "李四" not in liantu(command, county, "--format", "json").out


def test_info(liantu, county):
    facts = liantu("info", county, "--format", "json").json
    assert facts["title"] == "试验县"
    assert facts["as_of"] == "2022-05-11"
    assert facts["fingerprint"].startswith("sha256:")
    assert facts["nodes"] == {"school": 4, "teacher": 2, "region": 2}
    assert facts["relations"] == {"assists": 1, "works_at": 2, "mentors": 1}
    assert facts["load_report"]["totals"]["rows_read"] == 12
    assert len(facts["load_report"]["tables"]) == 6
    text = liantu("info", county, "--lang", "zh").out
    assert ["学校", "4"] in [line.split() for line in text.splitlines()]
    assert ["标题", "试验县"] in [line.split() for line in text.splitlines()]


def test_check_of_good_data(liantu, county):
    found = liantu("check", county)
    assert found.code == 0
    assert found.out.splitlines()[-1].startswith("0 errors, ")


def bad(county: Path, count: int) -> None:
    rows = "".join(f"0130,none{number}\n" for number in range(count))
    (county / "assists.csv").write_text("source,target\n" + rows, encoding="utf-8")


def test_check_lists_every_problem(liantu, county):
    bad(county, 3)
    (county / "schools.csv").write_text("id,stage\n0130,小雪\n0131,小学\n", encoding="utf-8")
    found = liantu("check", county, "--format", "json")
    assert found.code == 1
    problems = found.json["problems"]
    assert found.json["errors"] == sum(row["severity"] == "error" for row in problems)
    unknown = [row for row in problems if row["code"] == "unknown_end" and "none" in row["value"]]
    assert [(row["row"], row["column"], row["value"]) for row in unknown] == [
        (2, "target", "none0"),
        (3, "target", "none1"),
        (4, "target", "none2"),
    ]
    assert unknown[0]["file"].endswith("assists.csv")
    assert any(row["value"] == "小雪" for row in problems)
    assert all(row["message"] for row in problems)


def test_check_as_csv(liantu, county):
    bad(county, 30)
    found = liantu("check", county, "-o", "problems.csv", "--labels", "--lang", "zh")
    assert found.code == 1
    rows = list(csv.DictReader(io.StringIO(Path("problems.csv").read_text(encoding="utf-8-sig"))))
    assert len([row for row in rows if "none" in row["数值"]]) == 30


def test_check_groups_thousands(liantu, county):
    bad(county, 2000)
    found = liantu("check", county)
    errors = [line for line in found.out.splitlines() if line.startswith("error: ")]
    assert len(errors) == 11
    assert errors[-1] == "error: … and 1990 more of this kind (-v shows all)"
    assert found.out.splitlines()[-1].startswith("2000 errors, ")
    whole = liantu("check", county, "-v").out.splitlines()
    assert len([line for line in whole if line.startswith("error: ")]) == 2000


def test_an_analysis_of_bad_data_says_the_same_on_stderr(liantu, county):
    bad(county, 1)
    found = liantu("coverage", county, "-o", "a.json")
    assert (found.code, found.out) == (1, "")
    assert len(found.lines) == 1
    assert "assists.csv, row 2" in found.lines[0]
    assert not Path("a.json").exists()
