"""A formula that failed is an error where it is read: never a value, never empty unasked."""

import pytest
import xlsxwriter

from liantu.loaders import examine, read

ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
ROWS = [["编号", "学校名称", "在校生数", "备注栏"], ["1", "甲", "9", "#REF!"]]


def source(tmp_path, kind, rows):
    if kind == "csv":
        path = tmp_path / "学校.csv"
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        return path
    path = tmp_path / "学校.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("学校")
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if text in ERRORS:
                    sheet.write_formula(number, column, "=1/0", None, text)
                else:
                    sheet.write_string(number, column, text)
    return path


def told(report):
    return [(p.code, p.row, p.column, p.value) for p in report.of("error")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("error", ERRORS)
def test_every_failed_formula_is_told_once_with_its_place(kind, error, tmp_path):
    rows = [*ROWS, [error, "乙", "8", ""], ["3", error, "8", ""], ["4", "丁", error, ""]]
    network, report = examine(source(tmp_path, kind, rows))
    assert network is None
    assert told(report) == [
        ("failed_formula", 3, "编号", error),
        ("failed_formula", 4, "学校名称", error),
        ("failed_formula", 5, "在校生数", error),
    ]
    assert {p.sheet for p in report.of("error")} == {"" if kind == "csv" else "学校"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_column_that_nobody_reads_may_fail(kind, tmp_path):
    assert read(source(tmp_path, kind, ROWS)).nodes("school").index.tolist() == ["1"]


def test_an_end_that_failed_is_told_once(folder):
    given = {"学校": "编号\n1\n2\n", "结对帮扶": "支援校,受援校\n1,#N/A\n"}
    assert told(examine(folder(given))[1]) == [("failed_formula", 2, "受援校", "#N/A")]


def test_figures_in_wide_tables_that_failed(folder):
    given = {"学校": "编号\n1\n", "学校年度数据": "学校编号,年份,在校生数\n1,2023,#DIV/0!\n"}
    assert told(examine(folder(given))[1]) == [("failed_formula", 2, "在校生数", "#DIV/0!")]


MAPPING = """
[[rows]]
{rule}
where_not = {{ "备注栏" = "不计" }}
[rows.school]
id = "编号"
name = {{ column = "学校名称", map = {{ "甲" = "甲校" }}, default = "其他" }}
pupils = "在校生数"
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_mapping_refuses_or_declares_them_empty(kind, tmp_path):
    rows = [ROWS[0], ["1", "#N/A", "9", ""], ["2", "甲", "#N/A", ""], ["3", "#N/A", "8", "不计"]]
    path, mapping = source(tmp_path, kind, rows), tmp_path / "rules.toml"
    mapping.write_text(MAPPING.format(rule=""), encoding="utf-8")
    assert told(examine(path, mapping=mapping)[1]) == [
        ("failed_formula", 2, "学校名称", "#N/A"),
        ("failed_formula", 3, "在校生数", "#N/A"),
    ]
    mapping.write_text(MAPPING.format(rule='empty = ["#N/A"]'), encoding="utf-8")
    schools = read(path, mapping=mapping).nodes("school")
    assert schools["name"].tolist() == ["其他", "甲校"]
    assert schools["pupils"].isna().tolist() == [False, True]


def test_a_row_is_not_left_out_by_a_failed_formula(tmp_path):
    rows = [ROWS[0], ["1", "甲", "9", "#REF!"], ["2", "乙", "9", "计"]]
    mapping = tmp_path / "rules.toml"
    text = '[[rows]]\nwhere = { "备注栏" = "计" }\n[rows.school]\nid = "编号"\n'
    mapping.write_text(text, encoding="utf-8")
    _, report = examine(source(tmp_path, "csv", rows), mapping=mapping)
    assert told(report) == [("failed_formula", 2, "备注栏", "#REF!")]
