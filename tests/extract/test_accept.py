"""Nothing enters a network but what a person has marked; what is marked is checked."""

from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import openpyxl
import pytest

import liantu
from liantu.audit import audit, read_claims
from liantu.errors import DataError, RequestError
from liantu.extract import accept, extract, read_list, write_candidates
from liantu.extract.book import columns, title
from liantu.extract.candidates import CLAIMS
from liantu.loaders import examine

EXAMPLE = Path(__file__).parents[2] / "docs" / "how-to" / "extract-example"
TEXT = EXAMPLE / "云溪县总结.txt"


@cache
def found(listed=True):
    return extract([TEXT], read_list(str(EXAMPLE / "学校名录.csv")) if listed else None)


@cache
def written() -> Path:
    path = Path(mkdtemp()) / "candidates.xlsx"
    write_candidates(path, found(), "zh")
    return path


def column(sheet, header: str) -> list[str]:
    place = [cell.value for cell in sheet[2]].index(header)
    return [row[place].value for row in sheet.iter_rows(min_row=3)]


def marked(path: Path, decide, change=None) -> Path:
    """Fill in the workbook: `decide` returns a word for a sheet and the cells of a row by header."""
    book = openpyxl.load_workbook(written())
    for sheet in book:
        heads = [cell.value for cell in sheet[2]] if sheet.max_row > 2 else []
        if "决定" not in heads:
            continue
        for row in sheet.iter_rows(min_row=3):
            cells = {head: cell.value for head, cell in zip(heads, row, strict=True)}
            row[0].value = decide(sheet.title, cells)
            for head, value in (change or (lambda *_: {}))(sheet.title, cells).items():
                row[heads.index(head)].value = value
    book.save(path)
    return path


def test_candidates_are_in_order_and_quote_the_text():
    text = TEXT.read_text(encoding="utf-8")
    rows = found().rows
    assert [r.start for r in rows] == sorted(r.start for r in rows)
    for row in rows:
        assert row.evidence == text[row.start : row.end]
        assert "王芳" not in row.sentence
    assert len({row.table for row in rows}) == 12


def test_a_total_is_a_claim_and_never_a_row():
    claims = {row.evidence: row.cells for row in found().of(CLAIMS)}
    assert claims["2个"]["measure"] == "alliances"
    assert len(found().of("alliance")) == 1
    assert claims["120万元"]["value"] == "1200000"


def test_without_a_list_ties_are_the_same_with_less_confidence():
    pairs = {(r.table, r.start, r.end) for r in found().rows if r.table in ("assists", "posted_to")}
    others = [r for r in found(False).rows if r.table in ("assists", "posted_to")]
    assert {(r.table, r.start, r.end) for r in others} == pairs
    assert {r.sure for r in others} == {"low"}


def test_undecided_rows_are_no_source(tmp_path):
    network, report = examine(written())
    assert network is None
    assert [p.code for p in report.of("error")] == ["candidates_unmarked"]
    with pytest.raises(RequestError, match="no row"):
        accept(written(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_row_without_a_mark_is_in_the_store(tmp_path):
    """Mark rows at random; every row of every table comes from a marked one."""
    chance = Random(7)
    kept: set[tuple[str, str]] = set()
    passed: set[tuple[str, str]] = set()

    def decide(sheet, cells):
        word = chance.choice(["采纳", "舍弃", None])
        where = (sheet, f"{cells['起']}-{cells['止']}")
        (kept if word == "采纳" else passed).add(where)
        return word

    done = accept(marked(tmp_path / "m.xlsx", decide), tmp_path / "out")
    assert done.decided[""] > 3
    liantu.read(tmp_path / "out")
    places = {place for _, place in kept}
    for name, frame in done.network.plain_frames().items():
        for place in frame.get("place", []):
            assert place in places, name
        for row in frame.to_dict("records") if name not in liantu.graph.schema.kinds() else []:
            assert (title(name, "zh"), row["place"]) in kept
    network = liantu.read(tmp_path / "out")
    assert network.fingerprint == done.network.fingerprint


def test_marked_rows_load_report_and_audit(tmp_path):
    done = accept(EXAMPLE / "候选表.xlsx", tmp_path / "out")
    assert dict(done.decided) == {"adopt": 27, "amend": 2, "reject": 3, "": 2}
    network = liantu.read(tmp_path / "out")
    assert len(network.relation("assists")) == 2
    assert set(network.nodes("school")["provenance"]) == {TEXT.name}
    assert network.relation("assists")["place"].tolist() == ["106-121", "122-135"]
    assert "青山乡上坪村小学" in network.nodes("school").index
    assert "上坪小学" not in network.nodes("school").index
    result = audit(network, read_claims(tmp_path / "out", network))
    assert result.summary["claims"] == 7
    assert liantu.coverage(network, scope="all").summary["in_scope"] == 8


def test_the_example_is_marked_from_what_is_found_now():
    book, now = (openpyxl.load_workbook(p) for p in (EXAMPLE / "候选表.xlsx", written()))
    assert book.sheetnames == now.sheetnames
    for sheet in now.sheetnames[1:-1]:
        assert column(book[sheet], "起") == column(now[sheet], "起")
        assert column(book[sheet], "证据") == column(now[sheet], "证据")


def test_errors_name_row_and_column_of_the_workbook(tmp_path):
    def change(sheet, cells):
        return {"开始日期": "去年某天"} if sheet == "结对帮扶" else {}

    book = marked(
        tmp_path / "m.xlsx", lambda sheet, _: (sheet == "结对帮扶" and "修改") or None, change
    )
    with pytest.raises(DataError) as error:
        accept(book, tmp_path / "out")
    problem = error.value.problems[0]
    assert (problem.file, problem.sheet, problem.row) == ("m.xlsx", "结对帮扶", 3)
    assert problem.column == "开始日期"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("decide", "change", "said"),
    [
        (lambda *_: "也许", None, "no decision"),
        (lambda sheet, _: (sheet == "数字" and "采纳") or None, None, "only figures"),
        (
            lambda *_: "采纳",
            lambda sheet, _: {"数值": "很多"} if sheet == "数字" else {},
            "plain number",
        ),
        (
            lambda *_: "采纳",
            lambda sheet, _: {"单位": "斗"} if sheet == "数字" else {},
            "drop-down",
        ),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, decide, change, said):
    with pytest.raises(RequestError) as error:
        accept(marked(tmp_path / "m.xlsx", decide, change), tmp_path / "out")
    assert said in " ".join(problem.line("en") for problem in error.value.problems)
    assert not (tmp_path / "out").exists()


def test_a_workbook_in_english_is_read_too(tmp_path):
    write_candidates(tmp_path / "c.xlsx", found(), "en")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    sheet = book["paired assistance"]
    sheet["A3"] = "adopt"
    book.save(tmp_path / "c.xlsx")
    done = accept(tmp_path / "c.xlsx", tmp_path / "out")
    assert done.network.relation("assists")[["source", "target"]].to_numpy().tolist() == [
        ["云溪县实验小学", "柳河镇王庄小学"]
    ]


def test_every_sheet_has_the_headers_of_the_template():
    heads = [c.header for c in columns("member_of", "zh")]
    assert heads[:5] == ["决定", "置信", "学校名称", "集团名称", "角色"]
    assert heads[-6:] == ["证据", "句子", "文件", "起", "止", "方法"]


def test_an_unmatched_name_stays_as_written(tmp_path):
    book = marked(tmp_path / "m.xlsx", lambda sheet, _: (sheet == "送课下乡" and "采纳") or None)
    done = accept(book, tmp_path / "out")
    assert sorted(done.network.nodes("school").index) == ["上坪小学", "云溪县实验小学"]


def test_several_with_several_are_ambiguous_and_make_no_tie(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("东山小学、西山小学带动南坡小学、北坡小学。", encoding="utf-8")
    rows = extract([path]).of("assists")
    assert [r.cells["certainty"] for r in rows] == ["ambiguous"] * 4
    assert {r.sure for r in rows} == {"low"}
