"""The command query: ready queries and Cypher, in every format, on a real server."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from liantu.stores.server.query import ready

NAMES = "MATCH (t:Teacher {network: $network}) RETURN t.id AS id, t.name AS name ORDER BY id"


@pytest.fixture
def address(liantu, county, server_uri) -> str:
    """Return the address of the county on a server."""
    found = liantu("import", county, server_uri)
    assert found.code == 0, found.err
    return server_uri


def test_the_list_needs_no_server(liantu):
    for lang in ("en", "zh"):
        found = liantu("query", "--list", "--lang", lang)
        assert (found.code, found.err) == (0, "")
        lines = found.out.splitlines()
        assert [line.split()[0] for line in lines] == list(ready())
        assert all(
            query.title(lang) in line for query, line in zip(ready().values(), lines, strict=True)
        )
    assert len(ready()) >= 10
    listed = liantu("query", "--list", "--format", "json").json
    assert [list(row) for row in listed] == [
        ["name", "title_en", "title_zh", "parameters", "analysis", "cypher"]
    ] * len(ready())
    found = {row["name"]: row for row in listed}["uncovered-rural-schools"]
    parameters = {"network": None, "as_of": None, "from": None, "rural": "strict"}
    assert found["parameters"] == parameters
    assert found["analysis"] == "coverage"
    assert "// include" not in found["cypher"]  # whole, to be pasted into Browser
    assert "MATCH (s:School)-[r:MEMBER_OF]" in found["cypher"]


def test_one_ready_query_is_shown_whole(liantu):
    for name, query in ready().items():
        found = liantu("query", "--list", "--named", name)
        assert (found.code, found.out, found.err) == (0, query.cypher, "")
    assert liantu("query", "--list", "--named", "uncovered").code == 1


def test_the_page_names_every_ready_query():
    folder = Path(__file__).parents[2] / "docs" / "how-to"
    for lang, ending in (("en", ".md"), ("zh", ".zh.md")):
        page = (folder / f"query-in-cypher{ending}").read_text(encoding="utf-8")
        listed = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
        found = {cells[0].strip("| `"): cells[1] for cells in listed}
        assert {name: query.title(lang) for name, query in ready().items()}.items() <= found.items()


def test_uncovered_rural_schools_equal_the_analysis(liantu, county, address):
    coverage = liantu("coverage", address, "--format", "json").json
    assert coverage["table"] == liantu("coverage", county, "--format", "json").json["table"]
    found = liantu("query", address, "--named", "uncovered-rural-schools", "--format", "json")
    assert (found.code, found.err) == (0, "")
    answer = found.json
    assert list(answer) == list(coverage)
    columns = list(answer["table"][0])
    wanted = [row for row in coverage["table"] if not row["covered"]]
    assert answer["table"] == [{key: row[key] for key in columns} for row in wanted]
    assert [row["school"] for row in answer["table"]] == ["0133", "0132"]
    assert answer["fingerprint"] == coverage["fingerprint"]
    assert answer["summary"] == {"rows": 2}
    assert answer["parameters"] == {
        "named": "uncovered-rural-schools",
        "param": {
            "rural": "strict",
            "network": answer["parameters"]["param"]["network"],
            "as_of": "2022-05-11",
            "from": "2021-05-11",
        },
    }
    # before the pact and the mentoring began
    named = ("query", address, "--named", "uncovered-rural-schools")
    later = liantu(*named, "--param", "as_of=2021-08", "--format", "json").json
    assert [row["school"] for row in later["table"]] == ["0131", "0133", "0132"]
    assert (later["as_of"], later["parameters"]["param"]["from"]) == ("2021-08-31", "2020-08-31")


def test_formats_hold_the_same_rows(liantu, address):
    named = ("query", address, "--named", "uncovered-rural-schools")
    found = liantu(*named, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.out)))
    assert [(row["school"], row["name"]) for row in rows] == [
        ("0133", "'=山中"),
        ("0132", "西村小学"),
    ]
    assert "as of 2022-05-11" in found.err
    assert "2 rows" in found.err
    assert liantu(*named, "-o", "a.xlsx").code == 0
    book = openpyxl.load_workbook("a.xlsx")
    assert [cell.value for cell in book.worksheets[0]["A"]] == ["school", "0133", "0132"]
    stamp = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert stamp["as of"] == "2022-05-11"
    assert stamp["options"].startswith("--named uncovered-rural-schools --param rural=strict,")
    assert liantu(*named, "-o", "a.json").out == ""
    assert len(json.loads(Path("a.json").read_text(encoding="utf-8"))["table"]) == 2
    text = liantu(*named, "--limit", 1, "--lang", "zh")
    assert "尚未覆盖的乡村学校" in text.out
    assert "结果 (2)" in text.out
    assert "=山中" in text.out
    assert "西村小学" not in text.out
    labelled = liantu(*named, "--format", "csv", "--labels", "--lang", "zh", "-o", "b.csv")
    assert labelled.code == 0
    assert Path("b.csv").read_text(encoding="utf-8-sig").startswith("学校,名称,")


def test_teachers_are_named_on_request_only(liantu, address):
    found = liantu("query", address, NAMES, "--format", "json")
    assert "李四" not in found.out + found.err
    assert "张三" not in found.out + found.err
    assert found.json["table"][0]["id"] == "t1"
    assert found.json["notes"] == [
        "3 names of teachers, or ids made from one, are replaced by pseudonyms; "
        "--show-teachers shows them"
    ]
    shown = liantu("query", address, NAMES, "--format", "json", "--show-teachers").json
    assert shown["table"] == [{"id": "t1", "name": "张三"}, {"id": "东村小学/李四", "name": "李四"}]
    assert shown["notes"] == []
    for kind in ("table", "csv"):
        found = liantu("query", address, NAMES, "--format", kind)
        assert "李四" not in found.out + found.err


def test_cells_of_every_kind_in_every_format(liantu, address):
    statement = (
        "RETURN [1, 'a'] AS list, {a: date('2021-09-01')} AS map, date('2021-09-01') AS day, "
    )
    statement += "null AS nothing, 1.5 AS form, ['x'] AS stage"
    found = liantu("query", address, statement, "--format", "json").json
    assert (found["as_of"], found["fingerprint"]) == (None, None)
    assert found["table"] == [
        {
            "list": [1, "a"],
            "map": {"a": "2021-09-01"},
            "day": "2021-09-01",
            "nothing": None,
            "form": 1.5,
            "stage": ["x"],
        }
    ]
    [row] = csv.DictReader(io.StringIO(liantu("query", address, statement, "--format", "csv").out))
    assert list(row.values()) == [
        '[1, "a"]', '{"a": "2021-09-01"}', "2021-09-01", "", "1.5", '["x"]',
    ]  # fmt: skip
    assert '{"a": "2021-09-01"}' in liantu("query", address, statement).out
    assert liantu("query", address, statement, "-o", "a.xlsx").code == 0
    book = openpyxl.load_workbook("a.xlsx")
    assert book.worksheets[0]["A2"].value == '[1, "a"]'
    assert book.worksheets[1]["B2"].value is None  # judged on no date
    empty = liantu("query", address, "MATCH (n:Nothing) RETURN n")
    assert (empty.code, empty.out) == (0, "query · 0 rows\n")
    for kind in ("json", "csv"):
        assert liantu("query", address, "MATCH (n:Nothing) FINISH", "--format", kind).code == 0


def test_parameters_are_typed(liantu, address):
    given = {
        "day": "2021-03-31", "n": "5", "x": "0.5", "yes": "true", "nothing": "null",
        "list": '["a", 1]', "map": '{"a": [2]}', "code": '"5"', "id": "0130", "text": "a=b c",
        "big": "99999999999999999999", "half": "[1", "minus": "-1",
    }  # fmt: skip
    params = [word for key, text in given.items() for word in ("--param", f"{key}={text}")]
    statement = "RETURN " + ", ".join(f"${key} AS {key}" for key in given)
    statement += ", $day = date('2021-03-31') AS dated"
    [row] = liantu("query", address, statement, *params, "--format", "json").json["table"]
    assert row == {
        "day": "2021-03-31", "n": 5, "x": 0.5, "yes": True, "nothing": None, "list": ["a", 1],
        "map": {"a": [2]}, "code": "5", "id": "0130", "text": "a=b c",
        "big": "99999999999999999999", "half": "[1", "minus": -1, "dated": True,
    }  # fmt: skip


def test_mistakes_are_one_line(liantu, address):
    named = ("--named", "uncovered-rural-schools")
    for args, code, text in (
        ([], 2, "the address of a server is missing"),
        (["case:demo", "RETURN 1"], 1, "is no server"),
        ([address], 2, "either a query or --named"),
        ([address, "RETURN 1", *named], 2, "either a query or --named"),
        ([address, "--named", "uncovered-rural"], 1, "uncovered-rural-schools"),
        ([address, *named, "--param", "rural"], 2, "has no name"),
        ([address, *named, "--param", "rural=x"], 2, "strict, broad, all"),
        ([address, *named, "--param", "as_of=2021-02-30"], 2, "2021-02-30"),
        ([address, *named, "--param", "as-of=2021"], 1, "as_of"),
        ([address, "RETURN $a", "--param", "a=2021-02-30"], 2, "2021-02-30"),
        ([address, "CREATE (n:School)"], 1, "only read"),
        ([address, "METCH (n)"], 1, "Invalid input 'METCH'"),
        ([address, "RETURN $day"], 1, "day"),
        ([address, "RETURN 1", "--format", "xlsx"], 2, "xlsx"),
        ([address, "RETURN 1", "-o", "a.txt"], 2, ".xlsx"),
        (["--list", "--format", "csv"], 2, "csv"),
    ):
        found = liantu("query", *args)
        assert (found.code, found.out) == (code, ""), args
        assert len(found.lines) == 1, found.err
        assert found.lines[0].startswith("error: ")
        assert text in found.err, args
        assert "Traceback" not in found.err
        password = address.partition("@")[0].rpartition(":")[2]
        assert password not in found.err
