"""Drafts: what was not clear is written, ticked and read back; nothing marked is ignored."""

from pathlib import Path

import openpyxl
import pytest

from liantu.drafts import draft
from liantu.errors import DataError, OptionError, RequestError
from liantu.loaders import examine, read

TABLES = {
    "学校": """云溪县学校名单,,
学校标识码,学校名称,乡镇
101,云溪县第一小学,城关镇
102,云溪县实验小学,城关镇
103,云溪县第二中学,城关镇
201,柳河镇中心小学,柳河镇
202,柳河镇王庄小学,柳河镇
301,青山乡中心小学,青山乡
""",
    "结对帮扶": """支援校,受援校,起始时间,协议截止
县一小,柳河中心校,2023.9,2026.7
实小,王庄小学,2023.9,2026.7
二中,中心小学,2023.9,2026.7
云溪县第一小学,柳河镇王庄小雪,2023.9,2026.7
""",
}


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def table(path: Path, sheet: str) -> list[dict[str, str]]:
    """Return the rows of a sheet of a draft by header, with the number of each row."""
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].rows]
    return [
        {"#": number, **dict(zip(cells[1], row, strict=True))}
        for number, row in enumerate(cells[2:], 3)
    ]


def tick(path: Path, sheet: str, about: str, **picks: str) -> None:
    """Fill in cells of the row about something, as a person would, and save."""
    book = openpyxl.load_workbook(path)
    heads = [cell.value for cell in book[sheet][2]]
    rows = [row for row in book[sheet].iter_rows(min_row=3) if about in [c.value for c in row]]
    assert rows, about
    for header, text in picks.items():
        rows[0][heads.index(header)].value = text
    book.save(path)


def pairs(network) -> list[tuple[str, str]]:
    return [tuple(row) for row in network.relation("assists")[["source", "target"]].values]


def codes(report) -> list[str]:
    return [problem.code for problem in report.problems]


def test_short_forms_are_filled_in_where_they_fit_one_school_alone(lists, tmp_path):
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    rows = {row["写法"]: row for row in table(path, "名称")}
    assert {name: row["采用"] or "" for name, row in rows.items()} == {
        "县一小": "云溪县第一小学",
        "柳河中心校": "柳河镇中心小学",
        "实小": "云溪县实验小学",
        "二中": "云溪县第二中学",
        "中心小学": "",
        "柳河镇王庄小雪": "",
    }
    assert rows["柳河镇王庄小雪"]["备选1"] == "柳河镇王庄小学"
    assert (
        "名称相近" in rows["柳河镇王庄小雪"]["理由"] and "柳河镇" in rows["柳河镇王庄小雪"]["理由"]
    )
    assert {rows["中心小学"]["备选1"], rows["中心小学"]["备选2"]} == {
        "柳河镇中心小学",
        "青山乡中心小学",
    }
    assert "常用简称" in rows["县一小"]["理由"]
    assert (rows["县一小"]["文件"], rows["县一小"]["行"]) == ("结对帮扶.csv", "2")


def test_what_is_ticked_is_read(lists, tmp_path):
    path = tmp_path / "draft.xlsx"
    with pytest.raises(DataError):
        read(lists)
    draft(lists, path)
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    tick(path, "名称", "柳河镇王庄小雪", 采用="202")
    columns = [row["列名"] for row in table(path, "列")]
    if "协议截止" in columns:
        tick(path, "列", "协议截止", 采用="结束日期")
    network = read(lists, mapping=path)
    assert pairs(network) == [("101", "201"), ("101", "202"), ("102", "202"), ("103", "301")]
    assert network.relation("assists")["end"].notna().all()


def test_a_draft_travels_with_the_folder(lists):
    path = lists / "对照表.xlsx"
    draft(lists, path)
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    tick(path, "名称", "柳河镇王庄小雪", 采用="202")
    network = read(lists)
    assert len(pairs(network)) == 4
    assert "对照表.xlsx" in {p.file for p in network.report.problems if p.code == "ticks_read"}


def test_a_tick_may_hold_in_one_table_alone(lists, tmp_path):
    (lists / "支教.csv").write_text("姓名,派出学校,接收学校\n王某,县一小,王庄小学\n", "utf-8")
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    tick(path, "名称", "县一小", 仅限="结对帮扶.csv")
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    tick(path, "名称", "柳河镇王庄小雪", 采用="202")
    _, report = examine(lists, mapping=path)
    left = [
        (p.file, p.value) for p in report.of("error") + report.of("warning") if p.value == "县一小"
    ]
    assert left and {file for file, _ in left} == {"支教.csv"}


def test_ticks_that_no_longer_fit_are_errors_that_name_their_row(lists, tmp_path):
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    (row,) = [row["#"] for row in table(path, "名称") if row["写法"] == "中心小学"]
    text = TABLES["学校"].replace("301,青山乡中心小学,青山乡\n", "")
    (lists / "学校.csv").write_text(text, encoding="utf-8")
    _, report = examine(lists, mapping=path)
    (gone,) = [p for p in report.of("error") if p.code == "tick_gone"]
    assert (gone.file, gone.sheet, gone.row, gone.column) == ("draft.xlsx", "名称", row, "采用")
    assert gone.value == "青山乡中心小学"


def test_a_name_that_stands_nowhere_any_more_is_told(lists, tmp_path):
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    text = TABLES["结对帮扶"].replace("县一小", "云溪县第一小学")
    (lists / "结对帮扶.csv").write_text(text, encoding="utf-8")
    _, report = examine(lists, mapping=path)
    (unused,) = [p for p in report.problems if p.code == "tick_unused"]
    assert (unused.severity, unused.value) == ("warning", "县一小")


def test_a_column_is_read_as_what_it_was_ticked_to_be(tmp_path):
    lists = tmp_path / "结对帮扶.csv"
    lists.write_text("支援校,受援校,协议起\n甲校,乙校,2023.9\n", "utf-8")
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    (row,) = [row for row in table(path, "列") if row["列名"] == "协议起"]
    assert row["样例"] == "2023.9" and row["读作"] == "结对帮扶"
    assert "日期" in row["备选1"] or "时间" in row["备选1"]
    tick(path, "列", "协议起", 采用=row["备选1"])
    network = read(lists, mapping=path)
    assert network.relation("assists")["start"].dt.strftime("%Y-%m-%d").tolist() == ["2023-09-01"]
    assert "unknown_header" not in codes(network.report)
    lists.write_text("支援校,受援校\n甲校,乙校\n", "utf-8")
    _, report = examine(lists, mapping=path)
    (gone,) = [p for p in report.of("error") if p.code == "tick_no_column"]
    assert (gone.sheet, gone.row, gone.value) == ("列", row["#"], "协议起")


def test_a_column_may_be_left_out_and_a_wrong_tick_is_an_error(tmp_path):
    lists = tmp_path / "结对帮扶.csv"
    lists.write_text("支援校,受援校,协议起\n甲校,乙校,2023.9\n", "utf-8")
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    tick(path, "列", "协议起", 采用="不读取")
    assert "unknown_header" not in codes(read(lists, mapping=path).report)
    tick(path, "列", "协议起", 采用="经度")
    _, report = examine(lists, mapping=path)
    assert [p.code for p in report.of("error")] == ["tick_no_field"]


def test_a_sheet_is_read_as_what_it_was_ticked_to_be_or_left_out(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "甲乙丙"
    for row in (("支援校", "受援校"), ("甲校", "乙校")):
        book.active.append(row)
    book.create_sheet("乱七八糟").append(("x", "y"))
    book["乱七八糟"].append(("1", "2"))
    source, path = tmp_path / "数据.xlsx", tmp_path / "draft.xlsx"
    book.save(source)
    draft(source, path)
    assert [row["工作表"] for row in table(path, "表")] == ["甲乙丙", "乱七八糟"]
    tick(path, "表", "甲乙丙", 采用="结对帮扶")
    tick(path, "表", "乱七八糟", 采用="不读取")
    network = read(source, mapping=path)
    assert pairs(network) == [("甲校", "乙校")]
    assert "unknown_sheet" not in codes(network.report)
    del book["乱七八糟"]
    book.save(source)
    _, report = examine(source, mapping=path)
    (gone,) = [p for p in report.of("error") if p.code == "tick_no_sheet"]
    assert gone.sheet == "表" and "乱七八糟" in gone.value


def test_numbers_of_persons_are_never_ticked_in(tmp_path):
    lists = tmp_path / "结对帮扶.csv"
    lists.write_text("支援校,受援校,协议起,联系电话\n甲校,乙校,2023.9,13800000001\n", "utf-8")
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    tick(path, "列", "协议起", 列名="联系电话", 采用="协议")
    _, report = examine(lists, mapping=path)
    assert [p.code for p in report.of("error")] == ["tick_personal"]


FREE = "实验小学王芳、李娜及各村小教师30余人"


def test_people_in_free_text(lists, tmp_path):
    (lists / "结对帮扶.csv").unlink()
    text = f"授课教师,受援校,日期\n{FREE},柳河镇王庄小学,2024.3.1\n"
    (lists / "送课下乡.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(lists)
    assert [p.code for p in caught.value.problems] == ["free_text_people"]
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    (row,) = table(path, "人员")
    assert row["原文"] == FREE
    assert row["识别内容"] == "学校：实验小学；人名：王芳、李娜；至少 30 人"
    assert (row["备选1"], row["识别人数"], row["采用"]) == ("云溪县实验小学", "30", None)
    tick(path, "人员", FREE, 采用="云溪县实验小学", 采用人数="30")
    network = read(lists, mapping=path)
    (found,) = network.relation("delivers").to_dict("records")
    assert (found["source"], found["source_kind"], found["count"]) == ("102", "school", 30)
    assert not len(network.nodes("teacher"))


def test_a_new_draft_keeps_what_was_ticked(lists):
    path = lists / "对照表.xlsx"
    draft(lists, path)
    draft(lists, path)  # untouched, it may be replaced
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    with pytest.raises(RequestError) as caught:
        draft(lists, path)
    assert caught.value.problems[0].code == "output_kept"
    draft(lists, path, force=True)
    rows = {row["写法"]: row["采用"] for row in table(path, "名称")}
    assert rows["中心小学"] == "青山乡中心小学"
    assert rows["县一小"] == "云溪县第一小学"
    assert rows["柳河镇王庄小雪"] is None


def test_english_is_read_back_too(lists, tmp_path):
    path = tmp_path / "draft.xlsx"
    draft(lists, path, lang="en")
    assert openpyxl.load_workbook(path).sheetnames[:4] == ["names", "columns", "tables", "people"]
    tick(path, "names", "中心小学", pick="青山乡中心小学")
    tick(path, "names", "柳河镇王庄小雪", pick="202")
    assert len(pairs(read(lists, mapping=path))) == 4


def test_numbers_of_persons_are_never_written(lists, tmp_path):
    (lists / "结对帮扶.csv").write_text(
        "支援校,受援校,对接情况\n13800000001,370683198501011234,13800000001\n"
        "县一小,实小,电话 13800000005\n",
        "utf-8",
    )
    path = tmp_path / "draft.xlsx"
    draft(lists, path)
    book = openpyxl.load_workbook(path)
    cells = " ".join(str(c.value) for sheet in book for row in sheet.rows for c in row)
    for number in ("13800000001", "370683198501011234", "13800000005"):
        assert number not in cells
    assert "县一小" in cells


def test_a_draft_beside_a_mapping(lists, tmp_path):
    rules = tmp_path / "mapping.toml"
    rules.write_text(
        """[[rows]]
file = "学校.csv"
header = 2
  [[rows.school]]
  id = "学校标识码"
  name = "学校名称"
  region = "乡镇"
[[rows]]
file = "结对帮扶.csv"
  [[rows.assists]]
  source = "支援校"
  target = "受援校"
""",
        encoding="utf-8",
    )
    path = tmp_path / "draft.xlsx"
    draft(lists, path, mapping=rules)
    tick(path, "名称", "中心小学", 采用="青山乡中心小学")
    tick(path, "名称", "柳河镇王庄小雪", 采用="202")
    network = read(lists, mapping=[rules, path])
    assert pairs(network) == [("101", "201"), ("101", "202"), ("102", "202"), ("103", "301")]
    with pytest.raises(RequestError) as caught:
        read(lists, mapping=[rules, rules])
    assert caught.value.problems[0].code == "several_mappings"


def test_a_mapping_is_drafted_that_reads_the_same(lists, tmp_path):
    (lists / "结对帮扶.csv").write_text(
        "支援校,受援校,起始时间\n云溪县第一小学,柳河镇王庄小学,2023.9\n", "utf-8"
    )
    rules = tmp_path / "mapping.toml"
    draft(lists, rules)
    assert read(lists, mapping=rules).fingerprint == read(lists).fingerprint


def test_refused_outputs(lists, tmp_path):
    for path in (lists / "学校.csv", tmp_path / "draft.docx"):
        with pytest.raises(OptionError):
            draft(lists, path)
    with pytest.raises(RequestError) as caught:
        draft(lists, lists / "draft.xlsx")
    assert caught.value.problems[0].code == "output_in_source"
    with pytest.raises(RequestError):
        read(lists, mapping=tmp_path / "none.xlsx")


def test_a_workbook_that_is_no_draft(lists, tmp_path):
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(RequestError) as caught:
        read(lists, mapping=path)
    assert caught.value.problems[0].code == "no_draft"


def test_the_bureau_workbooks_are_clear(shared_data, tmp_path):
    for name in ("ledger", "consortia", "postings"):
        path = tmp_path / f"{name}.xlsx"
        found = draft(shared_data / "bureau_workbooks" / name, path)
        assert found.rows["names"] == found.rows["people"] == []
        assert all(row["read_as"] and row["reason"] for row in found.rows["tables"])
        with path.open("rb") as file:
            assert b"370683" not in file.read()
        book = openpyxl.load_workbook(path)
        cells = "".join(str(c.value) for sheet in book for row in sheet.rows for c in row)
        assert "370683" not in cells and "1380000" not in cells
