"""The commands on data: demo, cases, template, generate, report; check on a template."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import liantu.loaders

loaders = liantu.loaders


def test_demo_prints_the_headline_and_where_report_and_page_lie(liantu):
    found = liantu("demo")
    assert found.code == 0
    lines = found.out.splitlines()
    assert "--scope rural --rural strict" in lines[1]
    rate = next(line for line in lines if line.startswith("rate"))
    covered, in_scope = rate.split("(")[1].rstrip(")").split(" / ")
    assert 0 < int(covered) < int(in_scope)
    assert any(
        line.startswith("Agreements and postings that end within 12 months: ") for line in lines
    )
    assert lines[-3] == f"Report: {Path('report.html').resolve()}"
    assert lines[-2] == f"Page to look around in: {Path('planner.html').resolve()}"
    assert lines[-1].endswith(": liantu serve case:demo")
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert Path("planner.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in Path().iterdir()) == ["planner.html", "report.html"]


def test_demo_writes_the_page_beside_a_report_that_has_its_name(liantu):
    assert liantu("demo", "-o", "planner.html").code == 0
    assert sorted(path.name for path in Path().iterdir()) == ["planner-page.html", "planner.html"]


def test_page_takes_no_other_suffix(liantu):
    found = liantu("page", "case:demo", "-o", "planner.pdf")
    assert found.code == 2
    assert ".html" in found.lines[-1] and not list(Path().iterdir())


def test_demo_of_data_without_urban_rural_codes_counts_all(liantu, county, monkeypatch):
    text = (county / "schools.csv").read_text(encoding="utf-8")
    for code in ("111", "220", "210"):
        text = text.replace(f",{code},", ",,")
    (county / "schools.csv").write_text(text, encoding="utf-8")
    real = loaders.read(county)
    monkeypatch.setattr(loaders, "read", lambda *_, **__: real)
    found = liantu("demo", "-o", "r.md")
    assert found.code == 0
    assert "--scope all" in found.out
    assert "note: no school has an urban–rural code: all schools are counted" in found.lines


def test_cases(liantu):
    names = [case["name"] for case in liantu("cases", "--format", "json").json]
    assert {"demo", "laizhou", "wenshan"} <= set(names)
    lines = liantu("cases", "--lang", "zh").out.splitlines()
    assert [line.split()[0] for line in lines] == [f"case:{name}" for name in names]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_template(liantu, lang):
    found = liantu("template", "名单.xlsx", "--lang", lang)
    assert (found.code, found.out) == (0, "")
    checked = liantu("check", "名单.xlsx", "--format", "json")
    assert checked.code == 0  # its examples are accepted; there is only nothing in it yet
    warned = [row["code"] for row in checked.json["problems"] if row["severity"] == "warning"]
    assert warned == ["only_examples"]


def test_a_template_of_a_few_tables(liantu):
    assert (
        liantu("template", "t.xlsx", "--only", "学校,集团成员，结对帮扶", "--lang", "zh").code == 0
    )
    book = openpyxl.load_workbook("t.xlsx")
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == ["说明", "学校", "集团成员", "结对帮扶"]
    run = liantu("template", "u.xlsx", "--only", "学笑", "--lang", "zh")
    assert run.code == 1
    assert "“学校”" in run.err


def test_generate_then_report(liantu):
    assert liantu("generate", "地区 一", "--schools", 30, "--seed", 7).code == 0
    facts = liantu("info", "地区 一", "--format", "json").json
    assert facts["nodes"]["school"] == 30
    assert facts["synthetic"] == {**facts["nodes"], **facts["relations"]}
    found = liantu("report", "地区 一", "-o", "r.md", "--lang", "zh")
    assert (found.code, found.out) == (0, "")
    assert found.lines[-1] == "已写入 r.md"
    assert Path("r.md").read_text(encoding="utf-8").startswith("# ")


def test_generate_over_an_edited_folder_is_refused(liantu):
    liantu("generate", "a", "--schools", 5)
    (Path("a") / "school.csv").write_text("id\n1\n", encoding="utf-8")
    found = liantu("generate", "a", "--schools", 5)
    assert (found.code, len(found.lines)) == (1, 1)


def test_report_passes_every_option_on(liantu, county, monkeypatch):
    seen = {}
    monkeypatch.setattr("liantu.reports.write_report", lambda *args, **given: seen.update(given))
    liantu(
        *("report", county, "-o", "r.html", "--scope", "all", "--rural", "broad"),
        *("--as-of", "2022-01", "--region", "t", "--create-missing", "--lang", "zh"),
        *("--title", "甲镇", "--organization", "甲局", "--addressee", "乙局", "--signature", "丙"),
        *("--style", "gongwen", "--sections", "gaps,advice", "--compare-to", "2021"),
    )
    assert seen.pop("compare_to").isoformat() == "2021-12-31"
    assert seen.pop("as_of").isoformat() == "2022-01-31"
    assert seen == {
        "source": str(county),
        "lang": "zh",
        "scope": "all",
        "rural": "broad",
        "region": "t",
        "title": "甲镇",
        "organization": "甲局",
        "addressee": "乙局",
        "signature": "丙",
        "style": "gongwen",
        "sections": ("gaps", "advice"),
        "boundaries": None,
        "map_approval": "",
        "extra": "--create-missing",
    }


def test_a_report_is_called_as_asked_else_as_its_data(liantu):
    Path("县名台账").mkdir()
    Path("县名台账/学校.csv").write_text("学校名称\n甲小学\n", encoding="utf-8")
    for source in ("县名台账", "net.liantu"):
        liantu("report", source, "-o", "r.md", "--scope", "all")
        text = Path("r.md").read_text(encoding="utf-8")
        assert text.splitlines()[0] == ("# 县名台账" if source == "县名台账" else "# net")
        liantu("import", "县名台账", "net.liantu")
    liantu("report", "县名台账", "-o", "r.md", "--scope", "all", "--title", "甲镇")
    text = Path("r.md").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "# 甲镇"
    assert "--title 甲镇" in text


def test_report_of_teachers_hides_them(liantu, county):
    liantu("report", county, "-o", "r.html")
    assert "李四" not in Path("r.html").read_text(encoding="utf-8")


def test_check_says_what_each_sheet_was_read_as_and_why(liantu):
    Path("lists").mkdir()
    Path("lists/学校.csv").write_text("学校名称,备注\n甲小学,\n乙小学,\n", encoding="utf-8")
    Path("lists/a.csv").write_text(
        "2024年结对帮扶一览表,,\n支援校,受援校,联系电话\n甲小学,乙小学,13912345678\n",
        encoding="utf-8",
    )
    Path("lists/食谱.csv").write_text("菜名,价格\n面,3\n", encoding="utf-8")
    told = liantu("check", "lists", "--lang", "zh").out.split("\n\n")[0]
    assert told.splitlines() == [
        "a.csv",
        "  读作“结对帮扶”：读取行数 1，使用行数 1",
        "    依据：标题“2024年结对帮扶一览表”；表头：支援校、受援校",
        "    未读取的列：联系电话",
        "学校.csv",
        "  读作“学校”：读取行数 2，使用行数 2",
        "    依据：文件名“学校”",
        "    未读取的列：备注",
        "食谱.csv",
        "  未读取",
    ]
    found = liantu("check", "lists", "--format", "json").json
    assert found["unread_sheets"] == [{"file": "食谱.csv", "sheet": "", "candidates": []}]
    first = found["tables"][0]
    assert (first["table"], first["unread"]) == ("assists", ["联系电话"])
    assert first["why"] == [
        {"by": "headers", "words": "支援校、受援校"},
        {"by": "title", "words": "2024年结对帮扶一览表"},
    ]
    rows = liantu("check", "lists", "--format", "csv", "--lang", "en").out.splitlines()
    assert rows[1].startswith("info,sheet_read_as_but,a.csv,,,,paired assistance,")
    assert "left unread: 联系电话" in rows[1]


def test_check_names_what_an_unread_sheet_may_be(liantu):
    Path("lists").mkdir()
    Path("lists/学校.csv").write_text("学校名称\n甲小学\n", encoding="utf-8")
    Path("lists/x.csv").write_text("单位,开始日期,教师,对象\n甲,2023-09,王,乙\n", encoding="utf-8")
    shown = liantu("check", "lists", "--lang", "zh").out
    assert "x.csv\n  未读取，可能是：任教\n" in shown
    unread = liantu("check", "lists", "--format", "json").json["unread_sheets"]
    assert unread == [{"file": "x.csv", "sheet": "", "candidates": ["works_at"]}]


def test_guangzhou_in_both_encodings(liantu, shared_data):
    mapping = Path(__file__).parents[2] / "docs" / "how-to" / "guangzhou.toml"
    found = []
    for name in ("edges_gb18030.csv", "edges_utf8bom.csv"):
        source = shared_data / "guangzhou_groups" / name
        facts = liantu("info", source, "--mapping", mapping, "--format", "json").json
        assert facts["nodes"] == {"school": 185, "alliance": 51}
        assert facts["load_report"]["totals"]["rows_read"] == 145
        assert {"severity": "warning", "code": "self_listed", "count": 5} in facts["load_report"][
            "problems"
        ]
        found.append(facts["fingerprint"])
    assert found[0] == found[1]
    asked = ("--mapping", mapping, "--format", "json")
    assert len(liantu("ties", source, *asked).json["table"]) == 139
    summary = liantu("centrality", source, *asked).json["summary"]
    assert (summary["ties"], summary["components"]) == (138, 47)


def test_laizhou(liantu):
    args = ("case:laizhou", "--scope", "all", "--as-of", "2021-03-31", "--format", "json")
    summary = liantu("coverage", *args).json["summary"]
    assert (summary["covered"], summary["in_scope"]) == (70, 78)
    assert (summary["covered_direct"], summary["covered_as_core"]) == (60, 10)
