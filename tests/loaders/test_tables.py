"""Files as they come: encodings, separators, header rows, merged cells, typed cells."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from liantu.loaders import examine, read

SCHOOLS = "学校标识码,学校名称,学段,在校生数\n0101,甲小学,小学,120\n0102,乙中学,初中,1300\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_gives_the_same_network(tmp_path, encoding, separator):
    text = SCHOOLS.replace(",", separator)
    network = read(write(tmp_path / "学校.csv", text.encode(encoding)))
    schools = network.nodes("school")
    assert schools.index.tolist() == ["0101", "0102"]
    assert schools["stage"].tolist() == ["primary", "junior"]
    assert schools["pupils"].tolist() == [120, 1300]
    plain = tmp_path / "plain"
    plain.mkdir()
    other = read(write(plain / "schools.csv", SCHOOLS.encode()))
    assert network.fingerprint == other.fingerprint


@pytest.mark.parametrize("newline", ["\r", "\r\n"])
def test_line_ends(tmp_path, newline):
    network = read(write(tmp_path / "学校.csv", SCHOOLS.replace("\n", newline).encode()))
    assert len(network.nodes("school")) == 2


def test_quoted_newline_counts_as_one_row(tmp_path):
    text = 'id,name,place\na,"甲\n小学",x\nb,乙,y\nc,丙,z\nc,丁,z\n'
    _, report = examine(write(tmp_path / "schools.csv", text.encode()))
    (problem,) = report.of("error")
    assert (problem.code, problem.row, problem.value) == ("duplicate_id", 4, "c")


def test_titles_above_blank_rows_totals_and_footers_below(tmp_path):
    text = (
        '某县学校名单,,\n2024年9月,,\n\n学校代码,学校名称,在校生数\n0101,甲小学,"1,200人"\n,,\n'
        "0102,乙小学,３０\n合 计,,1230\n填表人：张三,,\n"
    )
    network = read(write(tmp_path / "学校.csv", text.encode()))
    assert network.nodes("school")["pupils"].tolist() == [1200, 30]
    (counts,) = network.report.tables
    assert counts["rows_read"] == 4
    assert counts["rows_skipped"] == 2
    assert counts["rows_used"] == 2
    assert counts["cells_repaired"] == 2
    (repair,) = [p for p in network.report.problems if p.code == "cells_repaired"]
    assert (repair.row, repair.column, repair.params["rows"]) == (5, "在校生数", "5, 7")


def test_ids_stay_text(tmp_path):
    text = "id,name\n007,甲\n1e5,乙\ntrue,丙\n3137000001,丁\n"
    network = read(write(tmp_path / "schools.csv", text.encode()))
    assert network.nodes("school").index.tolist() == ["007", "1e5", "3137000001", "true"]
    assert network.report.totals()["cells_repaired"] == 0


def test_floated_and_wide_ids_are_repaired_and_counted(tmp_path):
    text = "id,name\n3137000001.0,甲\n３１３７０００００２,乙\n31370 00003,丙\n"
    network = read(write(tmp_path / "schools.csv", text.encode()))
    assert network.nodes("school").index.tolist() == ["3137000001", "3137000002", "3137000003"]
    assert network.report.totals()["cells_repaired"] == 3


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("2023-09-01", "2023-09-01", "2023-09-01"),
        ("2023/9/1", "2023-09-01", "2023-09-01"),
        ("2023.9", "2023-09-01", "2023-09-30"),
        ("2023年9月", "2023-09-01", "2023-09-30"),
        ("20230901", "2023-09-01", "2023-09-01"),
        ("45170", "2023-09-01", "2023-09-01"),
        ("２０２３年９月１日", "2023-09-01", "2023-09-01"),
    ],
)
def test_dates(tmp_path, written, start, end):
    text = f"支援校,受援校,开始日期,结束日期\n甲,乙,{written},{written}\n"
    row = read(write(tmp_path / "结对帮扶.csv", text.encode())).relation("assists").iloc[0]
    assert str(row["start"].date()) == start
    assert str(row["end"].date()) == end


def test_until_now_is_an_open_end(tmp_path):
    text = "支援校,受援校,开始日期,结束日期\n甲,乙,2023-09-01,至今\n"
    network = read(write(tmp_path / "结对帮扶.csv", text.encode()))
    assert network.relation("assists")["end"].isna().all()
    assert network.report.totals()["cells_repaired"] == 1


def test_workbook_cells_are_typed(tmp_path):
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("学校")
        sheet.merge_range("A1:D1", "某县学校")
        sheet.write_row("A3", ["学校标识码", "学校名称", "在校生数", "建校日期"])
        sheet.write_row("A4", [3137000001, "甲小学", 120])
        sheet.write_datetime("D4", datetime(2001, 9, 1), day)
        sheet.write_row("A5", ["0137000002", "乙小学", 80, 2001.1])
        book.add_worksheet("结对帮扶")
    network = read(path)
    schools = network.nodes("school")
    assert schools.index.tolist() == ["0137000002", "3137000001"]
    assert schools["pupils"].tolist() == [80, 120]
    assert [d.date() for d in schools["opened"]] == [date(2001, 1, 1), date(2001, 9, 1)]
    assert network.report.totals()["cells_repaired"] == 1
    coarse = [p for p in network.report.of("warning") if p.code == "coarse_date"]
    assert [(p.sheet, p.row, p.column, p.value) for p in coarse] == [
        ("学校", 5, "建校日期", "2001.1")
    ]


def test_merged_cells_are_filled_downwards(tmp_path):
    path = tmp_path / "集团成员.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    rows = [["集团名称", "核心校", "成员校"], ["甲集团", "甲", "乙"], [None, None, "丙"]]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    book.save(path)
    network = read(path)
    members = network.relation("member_of")
    assert members["source"].tolist() == ["丙", "乙", "甲"]
    assert network.report.totals()["cells_repaired"] == 2


def test_old_workbook(tmp_path):
    path = tmp_path / "学校.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for number, text in enumerate(["学校代码", "学校名称"]):
        sheet.write(0, number, text)
    sheet.write(1, 0, 101)
    sheet.write(1, 1, "甲小学")
    book.save(str(path))
    assert read(path).nodes("school")["name"].to_dict() == {"101": "甲小学"}


def test_csv_and_workbook_give_one_fingerprint(tmp_path):
    rows = list(csv.reader(io.StringIO(SCHOOLS)))
    with xlsxwriter.Workbook(str(tmp_path / "学校.xlsx")) as book:
        for number, row in enumerate(rows):
            book.worksheets() or book.add_worksheet("学校")
            book.worksheets()[0].write_row(number, 0, row)
    other = write(tmp_path / "学校.csv", SCHOOLS.encode())
    assert read(tmp_path / "学校.xlsx").fingerprint == read(other).fingerprint


def test_other_files_of_a_folder(tmp_path):
    write(tmp_path / "学校.csv", SCHOOLS.encode())
    for name in ("~$学校.xlsx", ".hidden.csv", "README.txt", "notes.md", "photo.jpg", "报告.docx"):
        write(tmp_path / name, b"x")
    network = read(tmp_path)
    warned = [(p.code, p.file) for p in network.report.of("warning")]
    assert warned == [("no_table_file", "photo.jpg"), ("no_table_file", "报告.docx")]


def test_footers_of_several_cells_and_notes_are_skipped(tmp_path):
    text = (
        "学校代码,学校名称,负责人\n1,甲,张\n2,乙,李\n合计,2,\n注：以学籍系统为准。,,\n"
        "填表人：张三,审核人：李四,填表日期：2023年10月8日\n"
    )
    network = read(write(tmp_path / "学校.csv", text.encode()))
    assert network.nodes("school").index.tolist() == ["1", "2"]
    assert network.report.totals()["rows_skipped"] == 3


def test_a_school_goes_before_people_in_free_text(folder):
    log = (
        "序号,活动时间,主讲人,主讲学校,受援学校\n1,2024-04-18,王芳等3人,甲小学,乙小学\n"
        "2,2024-05-06,李娜,甲小学,丙小学\n"
    )
    network = read(folder({"学校": "学校名称\n甲小学\n乙小学\n丙小学\n", "送课下乡活动记录": log}))
    rows = network.relation("delivers")[["source_kind", "source", "target"]]
    assert sorted(map(tuple, rows.to_numpy())) == [
        ("school", "甲小学", "乙小学"),
        ("teacher", "甲小学/李娜", "丙小学"),
    ]
    (told,) = [p for p in network.report.problems if p.code == "school_for_people"]
    assert (told.severity, told.params["rows"], told.column) == ("info", "2", "主讲学校")


def test_a_column_of_other_tables_is_no_misspelling(folder):
    source = folder(
        {
            "学校": "学校名称\n甲小学\n乙小学\n",
            "集团成员": "集团名称,核心校,成员校,学段\n一集团,甲小学,乙小学,小学\n",
        }
    )
    (told,) = [p for p in read(source).report.problems if p.code == "unknown_header"]
    assert (told.column, told.params["nearest"]) == ("学段", "–")
    assert "时段" not in told.line("zh")


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("交流轮岗", "姓名,开始日期\n王芳,2023-09-01\n", "接收学校"),
        ("师徒结对", "师傅,开始日期\n王芳,2023-09-01\n", "徒弟姓名"),
        ("送课下乡", "授课学校,日期\n甲小学,2023-09-01\n", "受援校"),
        ("工作室成员", "姓名,学校\n王芳,甲小学\n", "中心名称"),
    ],
)
def test_a_missing_end_is_told_once_in_the_words_of_lists(folder, name, text, column):
    _, report = examine(folder({"学校": "学校名称\n甲小学\n乙小学\n", name: text}))
    (told,) = report.of("error")
    assert (told.code, told.column) == ("missing_column", column)
    assert f"缺少“{column}”列" in told.line("zh")
