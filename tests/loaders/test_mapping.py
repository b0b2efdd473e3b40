"""Foreign shape: every way in which a mapping takes values, drops rows and merges nodes."""

from pathlib import Path

import pytest
import xlsxwriter

from liantu.errors import DataError, RequestError
from liantu.loaders import examine, read


def load(tmp_path: Path, table: str, mapping: str, **options):
    (tmp_path / "list.csv").write_text(table, encoding="utf-8")
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    return read(tmp_path / "list.csv", mapping=tmp_path / "m.toml", **options)


def test_every_kind_of_value(tmp_path):
    table = (
        "URN,Name ,Area,Roll,Group,Joined,Teacher\n"
        "1,A,Rural,10,G1,31-01-2020,t\n2,B,Urban,np,G1,01-02-2021,\n3,C,,30,,,u\n"
    )
    mapping = """
[network]
as_of = "2024-06-30"
title = "Trusts"
[[rows]]
empty = ["np"]
  [rows.school]
  id = "URN"
  name = "Name"
  urban_rural = { column = "Area", map = { "Rural" = "220" }, default = "111" }
  pupils = "Roll"
  [[rows.alliance]]
  id = "Group"
  [[rows.member_of]]
  source = "URN"
  target = "Group"
  role = { value = "member" }
  start = { column = "Joined", format = "%d-%m-%Y" }
  [[rows.works_at]]
  source = { columns = ["URN", "Teacher"], join = ":" }
  target = "URN"
"""
    network = load(tmp_path, table, mapping)
    schools = network.nodes("school")
    assert schools["urban_rural"].tolist() == ["220", "111", "111"]
    assert schools["pupils"].fillna(-1).tolist() == [10, -1, 30]
    members = network.relation("member_of")
    assert [str(d.date()) for d in members["start"]] == ["2020-01-31", "2021-02-01"]
    assert network.relation("works_at")["source"].tolist() == ["1:t", "3:u"]
    assert (str(network.as_of), network.title) == ("2024-06-30", "Trusts")
    assert network.report.totals()["ends_missing"] == 2
    empty = [(p.code, p.row) for p in network.report.of("info")]
    assert sorted(empty) == [("empty_end", 3), ("empty_end", 4), ("empty_id", 4)]


def test_where_and_where_not(tmp_path):
    table = "id,state,kind\n1, Open ,x\n2,Closed,x\n3,Open,y\n4,Opening,z\n"
    mapping = """
[[rows]]
where = { state = ["Open", "Opening"], kind = ["x", "z"] }
where_not = { id = "4" }
[rows.school]
id = "id"
"""
    network = load(tmp_path, table, mapping)
    assert network.nodes("school").index.tolist() == ["1"]
    assert network.report.totals()["rows_filtered"] == 3


def test_split_gives_several_and_two_splits_the_product(tmp_path):
    mapping = """
[[rows]]
[[rows.school]]
id = { column = "from", split = "、" }
[[rows.assists]]
source = { column = "from", split = "、" }
target = { column = "to", split = ";" }
[[rows.school]]
id = { column = "to", split = ";" }
"""
    network = load(tmp_path, "from,to\na、b,x; y\n", mapping)
    pairs = network.relation("assists")[["source", "target"]].astype(str).to_numpy().tolist()
    assert pairs == [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]


def test_rows_of_one_node_merge_field_by_field(tmp_path):
    table = "id,name,pupils\n1,A,\n1,B,5\n1,B,\n2,D,7\n2,C,7\n"
    mapping = "[[rows]]\n[rows.school]\nid = 'id'\nname = 'name'\npupils = 'pupils'\n"
    network = load(tmp_path, table, mapping)
    schools = network.nodes("school")
    assert schools["name"].tolist() == ["B", "C"]
    assert schools["pupils"].tolist() == [5, 7]
    told = [(p.params["id"], p.params["taken"]) for p in network.report.of("warning")]
    assert sorted(told) == [("1", "B"), ("2", "C")]
    assert network.report.totals()["rows_merged"] == 3


def test_missing_ends(tmp_path):
    table = "id,help\n1,2\n2,9\n"
    mapping = (
        "[[rows]]\n{}[rows.school]\nid = 'id'\n[rows.assists]\nsource = 'id'\ntarget = 'help'\n"
    )
    with pytest.raises(DataError) as caught:
        load(tmp_path, table, mapping.format(""))
    assert [(p.code, p.row, p.column) for p in caught.value.problems] == [
        ("unknown_end", 3, "help")
    ]
    network = load(tmp_path, table, mapping.format("missing_ends = 'skip'\n"))
    assert len(network.relation("assists")) == 1
    assert network.report.totals()["ends_missing"] == 1
    assert [(p.code, p.value) for p in network.report.of("warning")] == [("end_skipped", "9")]
    network = load(tmp_path, table, mapping.format("missing_ends = 'create'\n"))
    assert network.nodes("school").index.tolist() == ["1", "2", "9"]


def test_bad_rows(tmp_path):
    table = "id,name\n1,A\n2\n3,C,D\n"
    mapping = "[[rows]]\n{}[rows.school]\nid = 'id'\n"
    with pytest.raises(DataError) as caught:
        load(tmp_path, table, mapping.format(""))
    assert [(p.code, p.row) for p in caught.value.problems] == [
        ("missing_fields", 3),
        ("extra_fields", 4),
    ]
    network = load(tmp_path, table, mapping.format("bad_rows = 'skip'\n"))
    assert network.nodes("school").index.tolist() == ["1"]
    assert network.report.totals()["rows_skipped"] == 2


def test_a_duplicate_header_matters_only_if_used(tmp_path):
    table = "id,x,x\n1,a,b\n"
    assert len(load(tmp_path, table, "[[rows]]\n[rows.school]\nid = 'id'\n").nodes("school")) == 1
    with pytest.raises(DataError) as caught:
        load(tmp_path, table, "[[rows]]\n[rows.school]\nid = 'id'\nname = 'x'\n")
    assert [p.code for p in caught.value.problems] == ["duplicate_header"]


def test_files_sheets_and_header_rows_of_a_folder(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate([["Title"], ["code", "open"], [7, 1], [8, 0]]):
            sheet.write_row(number, 0, row)
        book.add_worksheet("Other").write_row(0, 0, ["code", "open"])
    (tmp_path / "b.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / "network.toml").write_text(
        'title = "T"\nas_of = 2024-01-31\n[[phase]]\nname = "one"\nstart = "2020"\n'
        '[[rows]]\nfile = "a*.xlsx"\nsheet = "Data"\nheader = 2\nwhere = { open = "1" }\n'
        '[rows.school]\nid = "code"\n',
        encoding="utf-8",
    )
    network = read(tmp_path)
    assert network.nodes("school").index.tolist() == ["7"]
    assert (network.title, str(network.as_of)) == ("T", "2024-01-31")
    assert [phase["name"] for phase in network.phases] == ["one"]
    assert [(p.code, p.file) for p in network.report.of("warning")] == [("file_unmapped", "b.csv")]


def test_a_missing_sheet_or_file_names_the_nearest(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("Data").write(0, 0, "code")
    for block, code, near in (
        ('file = "a.xlsx"\nsheet = "Date"', "mapping_sheet", "Data"),
        ('file = "b.xlsx"', "mapping_file", "a.xlsx"),
    ):
        mapping = tmp_path / "m.toml"
        mapping.write_text(f'[[rows]]\n{block}\n[rows.school]\nid = "code"\n', encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read(tmp_path, mapping=mapping)
        assert code in [p.code for p in caught.value.problems]
        assert near in str(caught.value)


def test_a_block_without_names_does_not_rename_what_another_names(folder):
    source = folder({"a": "id,n\n1,甲\n2,乙\n", "b": "id,q\n1,x\n9,y\n"})
    mapping = source / "m.toml"
    mapping.write_text(
        '[[rows]]\nfile = "a.csv"\n[rows.school]\nid = "id"\nname = "n"\n'
        '[[rows]]\nfile = "b.csv"\n[rows.school]\nid = "id"\nlegal_person = "q"\n',
        encoding="utf-8",
    )
    network = read(source, mapping=mapping)
    assert network.nodes("school")["name"].to_dict() == {"1": "甲", "2": "乙", "9": "9"}
    assert network.report.of("warning") == ()


def test_figures_alone_make_their_schools(folder):
    source = folder({"a": "school,pupils\n甲,5\n"})
    mapping = source / "m.toml"
    mapping.write_text(
        '[[rows]]\n[rows.observations]\nid = "school"\nmeasure = { value = "pupils" }\n'
        'value = "pupils"\n',
        encoding="utf-8",
    )
    network = read(source, mapping=mapping)
    assert network.observations[["id", "value"]].to_numpy().tolist() == [["甲", 5.0]]


def test_a_bad_cell_of_a_split_row_is_told_once(folder):
    source = folder({"a": "from,to,on\n甲,乙、丙,never\n"})
    mapping = source / "m.toml"
    mapping.write_text(
        '[[rows]]\n[rows.assists]\nsource = "from"\ntarget = { column = "to", split = "、" }\n'
        'start = "on"\n',
        encoding="utf-8",
    )
    _, report = examine(source, mapping=mapping)
    assert [(p.code, p.row) for p in report.of("error")] == [("bad_date", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[rows.schol]\nid = 'a'", "m.toml, “rows 1”: the mapping does not know “schol”."),
        (
            "[rows.school]\nid = { colum = 'a' }",
            "m.toml, “rows 1.school.id”: the mapping does not know “colum”.",
        ),
        (
            "[rows.school]\nid = { zzzz = 'a' }",
            "m.toml, “rows 1.school.id”: the mapping does not know “zzzz”. Known here: column,",
        ),
    ],
)
def test_an_unknown_key_is_one_line(tmp_path, text, line):
    mapping = tmp_path / "m.toml"
    mapping.write_text(f"[[rows]]\n{text}\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        read(tmp_path, mapping=mapping)
    (problem,) = caught.value.problems
    assert problem.line("en").startswith(line)
