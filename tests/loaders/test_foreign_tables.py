"""What foreign files taught: ids of several columns, ragged rows, wide and matrix-shaped tables."""

from pathlib import Path

import pytest

from liantu.errors import DataError, RequestError
from liantu.loaders import examine, read


def load(tmp_path: Path, table: str, mapping: str):
    (tmp_path / "list.csv").write_text(table, encoding="utf-8")
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    return examine(tmp_path / "list.csv", mapping=tmp_path / "m.toml")


PLACES = (
    "省,市,县,校,生\n甲省,甲市,,实验小学,10\n乙省,乙市,,实验小学,20\n丙省,丙市,丙县,实验小学,30\n"
)
COMPOSITE = """
[[rows]]
[rows.school]
id = {{ columns = ["省", "市", "县", "校"], join = "/"{} }}
name = "校"
pupils = "生"
"""


def test_a_mapped_id_with_an_empty_part_never_falls_back_to_the_name(tmp_path):
    network, report = load(tmp_path, PLACES, COMPOSITE.format(""))
    assert network.nodes("school").index.tolist() == ["丙省/丙市/丙县/实验小学"]
    assert [(p.code, p.params["count"], p.params["rows"]) for p in report.of("info")] == [
        ("empty_id", 2, "2, 3")
    ]


def test_empty_parts_of_an_id_may_be_passed_over(tmp_path):
    network, _ = load(tmp_path, PLACES, COMPOSITE.format(", skip_empty = true"))
    assert network.nodes("school")["pupils"].to_dict() == {
        "丙省/丙市/丙县/实验小学": 30,
        "乙省/乙市/实验小学": 20,
        "甲省/甲市/实验小学": 10,
    }


def test_the_name_is_the_id_only_where_no_id_is_mapped(tmp_path):
    network, report = load(
        tmp_path, "id,n\n,甲\n2,乙\n", "[[rows]]\n[rows.school]\nid = 'id'\nname = 'n'\n"
    )
    assert network.nodes("school").index.tolist() == ["2"]
    assert [p.code for p in report.problems] == ["empty_id"]
    network, _ = load(tmp_path, "id,n\n,甲\n2,乙\n", "[[rows]]\n[rows.school]\nname = 'n'\n")
    assert network.nodes("school").index.tolist() == ["乙", "甲"]


def test_ragged_rows_are_repaired_and_counted(tmp_path):
    mapping = "[[rows]]\nbad_rows = 'repair'\n[rows.school]\nid = 'id'\nname = 'name'\n"
    network, report = load(tmp_path, "id,name,x\n1,A,q\n2,B\n3,C,q,,\n4\n", mapping)
    assert network.nodes("school")["name"].fillna("").tolist() == ["A", "B", "C", ""]
    told = {p.code: p.params["rows"] for p in report.of("warning")}
    assert told == {"rows_padded": "3, 5", "rows_cut": "4"}
    assert report.totals()["cells_repaired"] == 3
    network, report = load(tmp_path, "id,name\n1,A,,z\n2\n", mapping)
    assert network is None
    assert [(p.code, p.row, p.params["count"]) for p in report.of("error")] == [
        ("extra_fields", 2, 2)
    ]


def test_sixteen_fields_under_seventeen_headers(shared_data):
    source = shared_data / "real" / "england_change_2019_2022" / "raw" / "head60.csv"
    mapping = {"rows": [{"bad_rows": "repair", "school": {"id": "URN"}}]}
    _, report = examine(source, mapping=mapping)
    assert report.of("error") == ()
    padded = [p for p in report.of("warning") if p.code == "rows_padded"]
    assert padded
    assert padded[0].params["count"] == report.totals()["rows_read"]


def test_split_takes_several_separators(tmp_path):
    mapping = """
[[rows]]
[[rows.school]]
name = { column = "from", split = ["、", ";", "&&"] }
[[rows.school]]
name = { column = "to", split = ["、", "；"] }
[[rows.assists]]
source = { column = "from", split = ["、", ";", "&&"] }
target = { column = "to", split = ["、", "；"] }
"""
    network, report = load(tmp_path, "from,to\na、b;c&&d,x；y等\n", mapping)
    pairs = network.relation("assists")[["source", "target"]].astype(str).to_numpy().tolist()
    assert pairs == [[s, t] for s in "abcd" for t in "xy"]
    counts = [p.params["count"] for p in report.of("info") if p.code == "cells_split"]
    assert counts == [1, 1, 1, 1]  # the cell counts, not the ties that come of it
    assert {p.code for p in report.of("warning")} == {"names_and_others"}


def test_numbers_are_scaled_and_rounded(tmp_path):
    mapping = """
[[rows]]
[rows.school]
id = "id"
pupils = { column = "roll", round = true }
teachers = { column = "staff", scale = 10, round = true }
lon = { column = "x", scale = 0.001, round = 3 }
"""
    network, report = load(tmp_path, "id,roll,staff,x\n1,125.5,1.2,113500.6\n2,8,,\n", mapping)
    schools = network.nodes("school")
    assert schools["pupils"].tolist() == [126, 8]
    assert schools["teachers"].fillna(-1).tolist() == [12, -1]
    assert schools["lon"].fillna(-1).tolist() == [113.501, -1]
    told = [(p.code, p.column, p.value, p.params["count"]) for p in report.of("info")]
    assert told == [("rounded", "roll", "125.5", 1), ("rounded", "x", "113500.6", 1)]


def test_a_fraction_is_told_apart_from_a_word(tmp_path):
    mapping = "[[rows]]\n[rows.school]\nid = 'id'\npupils = 'n'\n"
    network, report = load(tmp_path, "id,n\n1,125.2\n2,many\n", mapping)
    assert network is None
    assert [(p.code, p.row) for p in report.of("error")] == [("bad_whole", 2), ("bad_number", 3)]
    assert "is not a whole number" in report.of("error")[0].message("en")


WIDE = """
[[rows]]
empty = ["np"]
[[rows.school]]
id = "code"
[[rows.observations]]
id = "code"
wide = {}
"""


def test_a_column_a_year(tmp_path):
    table = "code,2004_HC,2005_HC,2005_FT\n1,10,np,7\n2,,20,many\n"
    rule = '{ pattern = "(?P<period>\\\\d{4})_HC", measure = "pupils" }'
    network, report = load(tmp_path, table, WIDE.replace("{}", rule))
    found = network.observations[["id", "measure", "period", "value"]].to_numpy().tolist()
    assert found == [["1", "pupils", "2004", 10.0], ["2", "pupils", "2005", 20.0]]
    assert report.of("error") == ()
    rule = '{ pattern = "(?P<period>\\\\d{4})_(?P<measure>..)" }'
    network, _ = load(tmp_path, table, WIDE.replace("{}", rule))
    found = network.observations[["id", "measure", "text"]].fillna("").to_numpy().tolist()
    assert ["2", "FT", "many"] in found
    assert len(found) == 4


def test_a_pattern_that_fits_nothing_is_an_error(tmp_path):
    rule = '{ pattern = "Y(?P<period>\\\\d+)", measure = "pupils" }'
    _, report = load(tmp_path, "code,2004\n1,5\n", WIDE.replace("{}", rule))
    assert [p.code for p in report.of("error")] == ["mapping_no_header"]


def test_enrolment_by_year_of_a_real_directory(shared_data):
    source = shared_data / "real" / "nsw" / "school_enrolment.csv"
    pattern = r"(?P<period>\d{4})_HC"
    mapping = {
        "rows": [
            {
                "empty": ["NA", "np"],
                "school": {"id": "School_Code", "name": "School_Name"},
                "observations": {
                    "id": "School_Code",
                    "wide": {"pattern": pattern, "measure": "pupils"},
                },
            }
        ]
    }
    network = read(source, mapping=mapping)
    years = network.observations.set_index(["id", "period"])["value"]
    assert years.loc[("1001", "2015")] == 589
    assert years.loc[("1002", "2004")] == 212


def test_a_matrix_of_ties(tmp_path):
    mapping = "[[rows]]\n[[rows.assists]]\nmatrix = true\n"
    network, report = load(tmp_path, ",甲,乙,丙\n甲,0,1,√\n乙,否,0,\n丙,3,-,\n", mapping)
    pairs = network.relation("assists")[["source", "target"]].astype(str).to_numpy().tolist()
    assert sorted(pairs) == [["丙", "甲"], ["甲", "丙"], ["甲", "乙"]]
    assert [(p.code, p.value, p.row) for p in report.of("warning")] == [("matrix_value", "3", 4)]


def test_a_matrix_may_say_how_many(tmp_path):
    mapping = (
        "[[rows]]\n[[rows.posted_to]]\nmatrix = 'count'\nsource = 'from'\n"
        "source_kind = { value = 'school' }\n"
    )
    network, _ = load(tmp_path, "from,甲,乙\n甲,,2\n乙,1,0\n", mapping)
    found = network.relation("posted_to")[["source", "target", "count"]].astype(str)
    assert found.to_numpy().tolist() == [["乙", "甲", "1"], ["甲", "乙", "2"]]


def test_a_matrix_may_say_how_strong(tmp_path):
    mapping = "[[rows]]\n[[rows.assists]]\nmatrix = 'weight'\nx_year = { value = '2019' }\n"
    network, _ = load(tmp_path, ",甲,乙\n甲,,0.5\n乙,1,0\n", mapping)
    found = network.relation("assists")[["source", "target", "weight", "x_year"]].astype(str)
    assert found.to_numpy().tolist() == [
        ["乙", "甲", "1.0", "2019"],
        ["甲", "乙", "0.5", "2019"],
    ]


def test_a_wrong_cell_of_a_matrix_is_told_with_its_column(tmp_path):
    mapping = "[[rows]]\n[[rows.assists]]\nmatrix = 'weight'\n"
    with pytest.raises(DataError) as caught:
        (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
        (tmp_path / "list.csv").write_text(",甲,乙\n甲,,much\n乙,1,\n", encoding="utf-8")
        read(tmp_path / "list.csv", mapping=tmp_path / "m.toml")
    told = [(p.code, p.row, p.column, p.value) for p in caught.value.problems]
    assert told == [("bad_number", 2, "乙", "much")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[rows.school]\nid = 'a'\npupils = { column = 'b', round = -1 }", "mapping_value"),
        ("[rows.school]\nid = 'a'\nname = { column = 'b', scale = 2 }", "mapping_no_number"),
        ("[rows.school]\nid = 'a'\nname = { column = 'b', range = true }", "mapping_no_date"),
        ("[rows.school]\nid = 'a'\nname = { column = 'b', split = [1] }", "mapping_value"),
        ("[rows.observations]\nid = 'a'\nwide = { pattern = '(' }", "mapping_pattern"),
        ("[rows.observations]\nid = 'a'\nwide = { pattern = '.*' }", "mapping_end"),
        ("[rows.assists]\nmatrix = 'source'", "mapping_key_far"),
        ("[rows.assists]\nmatrix = 'wieght'", "mapping_key"),
        ("[rows.assists]\nmatrix = 3", "mapping_value"),
        ("[rows.assists]\nmatrix = true\ntarget = 'a'", "mapping_conflict"),
    ],
)
def test_a_mapping_that_asks_for_nonsense_is_refused(tmp_path, text, code):
    (tmp_path / "m.toml").write_text(f"[[rows]]\n{text}\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        read(tmp_path / "list.csv", mapping=tmp_path / "m.toml")
    assert code in [p.code for p in caught.value.problems]


def test_observations_without_value_and_text_are_dropped_and_counted(folder):
    source = folder({"年度数据": "学校,指标,数值\n甲,在校生数,\n甲,教师数,5\n"})
    network = read(source)
    assert network.observations["measure"].tolist() == ["教师数"]
    assert [(p.code, p.row) for p in network.report.of("info")] == [("empty_observation", 2)]


def test_rows_that_two_blocks_read_count_once(tmp_path):
    mapping = """
[[rows]]
where = { kind = "a" }
[rows.school]
id = "id"
[[rows]]
where = { kind = "b" }
[rows.region]
id = "id"
"""
    _, report = load(tmp_path, "id,kind\n1,a\n2,b\n3,c\n", mapping)
    table = report.tables[0]
    assert (table["rows_read"], table["rows_used"], table["rows_filtered"]) == (3, 2, 1)
    assert len({frozenset(row) for row in report.tables}) == 1  # every table has the same keys


def test_a_mapping_may_be_given_as_a_dictionary(tmp_path):
    (tmp_path / "list.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    mapping = {"title": "T", "rows": [{"school": {"id": "a"}}]}
    network = read(tmp_path / "list.csv", mapping=mapping)
    assert network.nodes("school").index.tolist() == ["1"]
    assert network.title == "T"
    with pytest.raises(RequestError) as caught:
        read(tmp_path / "list.csv", mapping={"rows": [{"scool": {"id": "a"}}]})
    assert "mapping" in str(caught.value)


def test_the_same_warning_of_two_tables_says_of_which(tmp_path):
    mapping = """
[[rows]]
[rows.school]
id = "s"
[rows.alliance]
id = "a"
form = "f"
[rows.member_of]
source = "s"
target = "a"
form = "f"
"""
    _, report = load(tmp_path, "s,a,f\n1,g,奇怪\n", mapping)
    texts = [p.message("zh") for p in report.of("warning") if p.code == "unknown_form"]
    assert len(texts) == len(set(texts)) == 2


def test_lists_in_messages_follow_the_language(folder):
    source = folder(
        {"学校": "编号,名称,地区\nr1,甲,a\nr2,甲,b\n", "结对帮扶": "支援校,受援校\n甲,r1\n"}
    )
    with pytest.raises(DataError) as caught:
        read(source)
    problem = next(p for p in caught.value.problems if p.code == "ambiguous_end")
    assert "r1, r2" in problem.message("en")
    assert "r1、r2" in problem.message("zh")
