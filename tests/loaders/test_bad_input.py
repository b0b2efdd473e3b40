"""Bad input: one clear line each – what, where, what to do."""

import codecs
from datetime import date
from pathlib import Path

import pytest

from liantu.errors import DataError, LiantuError, RequestError
from liantu.loaders import examine, read


def problem(source, **options):
    with pytest.raises(LiantuError) as caught:
        read(source, **options)
    (only,) = caught.value.problems
    assert len(only.line("zh").splitlines()) == 1
    assert "{" not in only.line("zh") + only.line("en")
    return only


def file(tmp_path: Path, data: bytes, name: str = "学校.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_missing_path_names_the_nearest(tmp_path):
    file(tmp_path, b"x", "schools.csv")
    found = problem(tmp_path / "school.csv")
    assert found.code == "source_missing"
    assert "schools.csv" in found.line()


@pytest.mark.parametrize(
    ("source", "code"),
    [("neo4j://host:7687/db/more", "bad_address"), ("case:wenshn", "unknown_case")],
)
def test_sources_that_are_no_files(source, code):
    found = problem(source)
    assert found.code == code
    assert "wenshan" in found.line() or code == "bad_address"


def test_parquet_files_of_somebody_else(tmp_path):
    file(tmp_path, b"PAR1", "school.parquet")
    assert problem(tmp_path).code == "lone_parquet"


def test_folders_without_tables(tmp_path):
    assert problem(tmp_path).code == "empty_folder"
    file(tmp_path, b"x", "photo.jpg")
    assert problem(tmp_path).code == "no_tables"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n,,\n", "empty_file"),
        (b"id,name\na\0,b\n", "binary_file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary_file"),
        (b"id,name\n\xff\xfe\xfa,b\n", "bad_encoding"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "bad_encoding"),
        (b'id,name\na,"' + b"x" * 200_000, "cell_too_long"),
        (b"id,name\na," + b"x" * 200_000 + b"\n", "cell_too_long"),
        (b'id,name\na,"b\nc,d\n', "open_quote"),
        (b"id,name\n" + b"," * 20_000 + b"\n", "too_many_columns"),
        (b"only,unknown\n1,2\n", "no_header"),
        (b"id,name\n", "no_nodes"),
    ],
)
def test_files_that_are_no_table(tmp_path, data, code):
    assert problem(file(tmp_path, data)).code == code


def test_a_long_cell_names_row_and_quotation_mark(tmp_path):
    found = problem(file(tmp_path, b'id,name\na,b\nc,"' + b"x" * 200_000))
    assert found.row == 3
    assert "quotation mark" in found.line()


def test_an_open_quote_names_its_row(tmp_path):
    assert problem(file(tmp_path, b'id,name\na,b\nc,"d\ne,f\n')).row == 3


@pytest.mark.parametrize("name", ["学校.xlsx", "学校.xls"])
@pytest.mark.parametrize("data", [b"id,name\na,b\n", b"PK\x03\x04broken", b"<html></html>"])
def test_a_workbook_that_is_none(tmp_path, name, data):
    found = problem(file(tmp_path, data, name))
    assert (found.code, found.file) == ("not_a_workbook", name)


def test_unknown_file_name_suggests_a_table(tmp_path):
    network, report = examine(file(tmp_path, b"id\na\n", "scools.csv"))
    assert network is None
    assert [(p.severity, p.code) for p in report.problems] == [
        ("warning", "unknown_sheet"),
        ("error", "no_nodes"),
    ]
    assert "schools" in report.of("warning")[0].line()


def errors(tmp_path, text, name="学校.csv"):
    with pytest.raises(DataError) as caught:
        read(file(tmp_path, text.encode(), name))
    return [(p.code, p.row, p.column, p.value) for p in caught.value.problems]


def test_every_problem_of_a_table_at_once(tmp_path):
    text = (
        "学校代码,学校名称,学段,在校生数,建校日期,经度,纬度\n"
        "1,甲,小雪,-5,2023-02-30,30,120\n"
        "2,乙,小学,many,2020-01-01,200,30\n"
        "2,丙,小学,1,2020-01-01,,\n"
    )
    assert errors(tmp_path, text) == [
        ("unknown_code", 2, "学段", "小雪"),
        ("bad_date", 2, "建校日期", "2023-02-30"),
        ("negative", 2, "在校生数", "-5"),
        ("bad_latitude", 2, "纬度", "120.0"),
        ("bad_number", 3, "在校生数", "many"),
        ("duplicate_id", 3, "学校代码", "2"),
        ("bad_longitude", 3, "经度", "200.0"),
    ]


def test_swapped_coordinates_are_a_warning(tmp_path):
    text = "学校代码,经度,纬度\n1,26.5,81.2\n2,0,0\n"
    network = read(file(tmp_path, text.encode()))
    assert [p.code for p in network.report.of("warning")] == [
        "swapped_coordinates",
        "zero_coordinates",
    ]


def test_extra_fields_name_the_row(tmp_path):
    text = "学校代码,学校名称\n1,甲\n2,乙,丙\n3,丁,,\n"
    assert errors(tmp_path, text) == [("extra_fields", 3, "", "")]


def test_short_rows_are_counted(tmp_path):
    network = read(file(tmp_path, "学校代码,学校名称\n1,甲\n2\n".encode()))
    (note,) = network.report.of("info")
    assert (note.code, note.row) == ("short_rows", 3)


def test_duplicate_headers(tmp_path):
    text = "学校代码,学校名称,学校 名称\n1,甲,乙\n"
    assert errors(tmp_path, text) == [("duplicate_header", None, "学校名称", "学校名称")]


def test_two_headers_of_one_meaning(tmp_path):
    text = "学校代码,学校名称,校名\n1,甲,乙\n"
    assert errors(tmp_path, text) == [("same_column", None, "校名", "校名")]


@pytest.mark.parametrize("other", ["０07", "007 ", "0 07"])
def test_ids_that_differ_by_blanks_or_width(tmp_path, other):
    text = f"学校代码,学校名称\n007,甲\n{other},乙\n"
    assert [e[0] for e in errors(tmp_path, text)] == ["similar_ids"]


def test_unknown_and_ambiguous_ends(folder):
    source = folder(
        {
            "学校": "学校代码,学校名称,所在地区\n1,甲小学,东区\n2,甲小学,西区\n3,乙中学,西区\n",
            "结对帮扶": "支援校,受援校\n乙中,甲小学\n3,1\n,2\n",
        }
    )
    with pytest.raises(DataError) as caught:
        read(source)
    found = caught.value.problems
    assert [(p.code, p.row, p.column, p.value) for p in found] == [
        ("unknown_end", 2, "支援校", "乙中"),
        ("ambiguous_end", 2, "受援校", "甲小学"),
        ("missing_value", 4, "支援校", ""),
    ]
    assert "乙中学" in found[0].line("zh")
    assert "1、2" in found[1].line("zh")


MAPPING = '[[rows]]\n[rows.school]\nid = "编号"\n'


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("[[rows]\n", "mapping_syntax", "line 1"),
        ("[[rows]]\nfle = 'x'\n[rows.school]\nid = 'a'\n", "mapping_key", "file"),
        ("[[rows]]\n[rows.scool]\nid = 'a'\n", "mapping_key", "school"),
        ("[[rows]]\n[rows.school]\nid = 'a'\nnmae = 'b'\n", "mapping_key", "name"),
        ("[[rows]]\n[rows.school]\nid = {colum = 'a'}\n", "mapping_key", "column"),
        ("[network]\ntitle = 'x'\n", "mapping_no_rows", "rows"),
        ("[[rows]]\nbad_rows = 'no'\n[rows.school]\nid = 'a'\n", "mapping_choice", "skip"),
        ("[[rows]]\nencoding = 'gbx'\n[rows.school]\nid = 'a'\n", "unknown_encoding", "gb18030"),
        ("[[rows]]\n[rows.assists]\nsource = 'a'\n", "mapping_end", "target"),
        ("[network]\nas_of = 'soon'\n" + MAPPING, "bad_date", "soon"),
    ],
)
def test_mappings_that_cannot_be_used(tmp_path, text, code, says):
    source = file(tmp_path, "编号,名称\n1,甲\n".encode())
    with pytest.raises(RequestError) as caught:
        read(source, mapping=file(tmp_path, text.encode(), "m.toml"))
    assert code in [p.code for p in caught.value.problems]
    assert says in str(caught.value)


def test_missing_mapping(tmp_path):
    source = file(tmp_path, b"id\n1\n")
    file(tmp_path, MAPPING.encode(), "guangzhou.toml")
    found = problem(source, mapping=tmp_path / "guangzou.toml")
    assert found.code == "mapping_missing"
    assert "guangzhou.toml" in found.line()


@pytest.mark.parametrize(
    ("mapping", "code", "says"),
    [
        ('[[rows]]\n[rows.school]\nid = "编码"\n', "mapping_column", "编号"),
        (
            '[[rows]]\n[rows.school]\nid = "编号"\nstage = {column = "段", map = {"小" = "primary"}}\n',
            "outside_map",
            "初",
        ),
        ('[[rows]]\nheader = 9\n[rows.school]\nid = "编号"\n', "mapping_header", "9"),
        ('[[rows]]\nencoding = "ascii"\n[rows.school]\nid = "编号"\n', "bad_encoding", "ascii"),
    ],
)
def test_mappings_that_do_not_fit_the_table(tmp_path, mapping, code, says):
    source = file(tmp_path, "编号,段\n1,小\n2,初\n".encode())
    found = problem(source, mapping=file(tmp_path, mapping.encode(), "m.toml"))
    assert found.code == code
    assert says in found.line()


def test_lines_are_in_the_language_of_the_reader(tmp_path):
    text = "学校代码,学校名称,学段,课桌\n1,甲,小雪,\n3137000001,乙,小学,\n"
    _, report = examine(file(tmp_path, text.encode()))
    code, header, prefix = (
        next(p for p in report.problems if p.code == name)
        for name in ("unknown_code", "unknown_header", "prefix_stage")
    )
    assert "kindergarten, primary school, junior" in code.line("en")
    assert "幼儿园、小学、初中" in code.line("zh")
    assert prefix.message("zh") == "标识码“3137000001”的前两位表示初中，而学段为小学"
    assert header.remedy("en").startswith("It may be ignored if it is not needed;")
    assert header.remedy("zh") == "如不需要该列，可忽略；列名以 x_ 开头的作为自有列保留。"


SCHOOL = '[rows.school]\nid = "编号"\n'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'[[rows]]\n{SCHOOL}opened = {{ column = "建校", format = "%Y %Y" }}', "mapping_format"),
        (f'[[rows]]\n{SCHOOL}opened = {{ column = "建校", format = "%Q(" }}', "mapping_format"),
        (f'[[rows]]\n{SCHOOL}opened = {{ column = "建校", format = "%" }}', "mapping_format"),
        *(
            (f'[[rows]]\nencoding = "{name}"\n{SCHOOL}', "unknown_encoding")
            for name in (
                "rot13",
                "hex",
                "zlib",
                "undefined",
                "punycode",
                "idna",
                "utf-8\\u0000",
                "",
            )
        ),
        ("[[rows]]\n[rows.school]\nid = { columns = [] }", "mapping_value"),
        ("[[rows]]\n[rows.school]\nid = { columns = 0 }", "mapping_value"),
        ("x = " + "[" * 5_000 + "]" * 5_000, "mapping_syntax"),
        ("[" + ".".join(["a"] * 5_000) + "]", "mapping_syntax"),
        ("title = " + "9" * 5_000, "mapping_syntax"),
        ("title = 0x" + "f" * 5_000, "mapping_syntax"),
    ],
)
def test_hostile_mappings(tmp_path, text, code):
    mapping = file(tmp_path, text.encode(), "rules.toml")
    with pytest.raises(RequestError) as caught:
        read(file(tmp_path, "编号,建校\n1,2021\n".encode()), mapping=mapping)
    (only,) = caught.value.problems
    assert (only.code, only.file) == (code, "rules.toml")


@pytest.mark.parametrize("format", ["%d.%m.%Y", "%Y年%m月%d日", "%y%m", "%B %d, %Y", "%Y"])
def test_formats_of_dates_that_can_be_read(tmp_path, format):
    text = f'[[rows]]\n{SCHOOL}opened = {{ column = "建校", format = "{format}" }}'
    mapping = file(tmp_path, text.encode(), "rules.toml")
    written = date(2021, 9, 1).strftime(format)
    source = file(tmp_path, f'编号,建校\n1,"{written}"\n'.encode())
    assert read(source, mapping=mapping).nodes("school")["opened"].notna().all()
