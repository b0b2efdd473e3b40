"""Formats: plain values, CSV, XLSX, text; files whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from liantu.analyses.coverage import coverage
from liantu.errors import Message, RequestError
from liantu.formats import (
    aligned,
    check_output,
    csv_pieces,
    figures,
    parquet,
    plain,
    records,
    replacing,
    to_csv,
    to_json,
    to_text,
    with_names,
    write_file,
    write_parquet,
    write_xlsx,
)
from liantu.graph.network import Network
from liantu.results import Result


def small() -> pd.DataFrame:
    """Two schools; the second knows nothing of itself."""
    return pd.DataFrame(
        {
            "name": pd.array(["一中", None], dtype="str"),
            "stage": pd.Categorical(["primary", None]),
            "pupils": pd.array([120, None], dtype="Int64"),
            "covered": [True, False],
            "rate": [1 / 3, np.nan],
            "since": pd.to_datetime(["2021-09-01", None]).astype("datetime64[s]"),
        },
        index=pd.Index(["0130", "0131"], name="school"),
    )


def result(**given: object) -> Result:
    settings = {
        "table": small(),
        "summary": {"covered": 1, "in_scope": 3, "rate": 1 / 3},
        "tables": {"by_stage": pd.DataFrame({"stage": ["primary"], "covered": [1]})},
        "notes": (Message("undated_states", {"count": 2}),),
        "name": "coverage",
        "parameters": {"scope": "all", "hops": None, "basis": ("assists",), "engine": "auto"},
        "as_of": date(2022, 5, 11),
        "fingerprint": "sha256:0",
    }
    return Result(**{**settings, **given})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (pd.NA, None),
        (pd.NaT, None),
        (math.nan, None),
        (math.inf, None),
        (np.float64("nan"), None),
        (np.bool_(True), True),
        (np.int8(-3), -3),
        (0.1 + 0.2, 0.30000000000000004),
        (date(2021, 9, 1), "2021-09-01"),
        (pd.Timestamp("2021-09-01"), "2021-09-01"),
        (datetime(2021, 9, 1, 8, 30), "2021-09-01T08:30:00"),
        ({"a": (1, pd.NA)}, {"a": [1, None]}),
        (np.array([1.5, np.nan]), [1.5, None]),
        ({"b", "a"}, ["a", "b"]),
        (Path("lists"), "lists"),
    ],
)
def test_plain(value, expected):
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


def test_records_put_a_named_index_first_and_miss_nothing():
    assert records(small()) == [
        {
            "school": "0130",
            "name": "一中",
            "stage": "primary",
            "pupils": 120,
            "covered": True,
            "rate": 1 / 3,
            "since": "2021-09-01",
        },
        {
            "school": "0131",
            "name": None,
            "stage": None,
            "pupils": None,
            "covered": False,
            "rate": None,
            "since": None,
        },
    ]
    assert next(iter(records(small())[0])) == "school"


def test_records_of_a_plain_range_and_of_nothing():
    assert records(pd.DataFrame({"a": [1]})) == [{"a": 1}]
    assert records(small().iloc[:0]) == []
    assert records(pd.DataFrame(index=range(2))) == [{}, {}]


@given(
    st.lists(
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.dates()),
        max_size=8,
    )
)
def test_records_are_the_same_value_by_value(values):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    assert [row["x"] for row in records(frame)] == [plain(value) for value in values]
    assert json.loads(to_json(records(frame))) == records(frame)


def test_json_is_whole_and_can_be_ascii():
    assert to_json({"名": [1 / 3]}) == '{\n  "名": [\n    0.3333333333333333\n  ]\n}\n'
    assert "\\u540d" in to_json({"名": 1}, ascii_only=True)


def test_csv_has_keys_codes_and_full_precision():
    assert to_csv(small()) == (
        "school,name,stage,pupils,covered,rate,since\n"
        "0130,一中,primary,120,true,0.3333333333333333,2021-09-01\n"
        "0131,,,,false,,\n"
    )


def test_csv_with_labels():
    assert to_csv(small(), "zh") == (
        "学校,名称,学段,在校生数,已覆盖,覆盖率,始于\n"
        "0130,一中,小学,120,是,0.3333333333333333,2021-09-01\n"
        "0131,,,,否,,\n"
    )


@pytest.mark.parametrize("sign", list("=+-@"))
def test_csv_text_is_no_formula_and_numbers_stay_numbers(sign):
    frame = pd.DataFrame({"name": [f"{sign}cmd", f"a{sign}b"], "value": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(to_csv(frame))))
    assert rows[1:] == [[f"'{sign}cmd", "-1.5"], [f"a{sign}b", "2.0"]]


@pytest.mark.parametrize(
    "text", ["\ta", "\ra", "\n=1", " =1+1", "\u3000=1+1", "＝1+1", "＋1", "－1", "＠x", "\t=1"]
)
def test_csv_defuses_what_a_spreadsheet_may_trim_or_narrow(text):
    frame = pd.DataFrame({"name": [text, "甲"]})
    rows = list(csv.reader(io.StringIO(to_csv(frame), newline="")))
    assert rows[1:] == [["'" + text], ["甲"]]


def test_csv_quotes_a_lone_carriage_return_and_leaves_numbers_of_mixed_columns():
    frame = pd.DataFrame({"a": pd.Series(["x\ry", -1.5, "-1"], dtype=object), "b": [1, -2, 3]})
    assert to_csv(frame) == ('"a","b"\n"x\ry","1"\n"-1.5","-2"\n"\'-1","3"\n')
    assert to_csv(pd.DataFrame({"=x": [-1]})) == "'=x\n-1\n"


def test_csv_in_pieces_is_the_same_text():
    blanks = "\v\f\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000"
    risky = [f"{blank}={sign}1" for blank in ("", *blanks) for sign in "+-"]
    cells = [*risky, "\tx", "a=1", "x\n=1", None, "＝1", "\u3000＠", "-", "", "一"]
    frame = pd.DataFrame({"name": pd.array(cells, dtype="str"), "n": range(len(cells))})
    whole = to_csv(frame)
    assert "".join(csv_pieces(frame, rows=7)) == whole
    as_objects = frame.assign(name=frame["name"].astype(object).astype("category"))
    assert to_csv(as_objects) == whole
    assert "".join(csv_pieces(frame, "zh", rows=1)) == to_csv(frame, "zh")


def test_csv_quotes_commas_quotes_and_line_breaks():
    frame = pd.DataFrame({"name": ['a,"b"', "c\nd"]})
    assert to_csv(frame) == 'name\n"a,""b"""\n"c\nd"\n'


def test_text_is_aligned_by_width_on_the_screen():
    assert to_text(small(), "zh") == (
        "学校  名称  学段  在校生数  已覆盖  覆盖率  始于\n"
        "0130  一中  小学       120  是      33.3 %  2021-09-01\n"
        "0131                        否"
    )


def test_text_is_one_line_a_row_and_obeys_no_control_character():
    frame = pd.DataFrame({"name": ["a\nb\x1b[31mc"]})
    assert to_text(frame, "en") == "name\na b [31mc"


@given(st.lists(st.lists(st.text("a中 é", max_size=5), min_size=2, max_size=2), min_size=1))
def test_second_column_begins_at_one_place(rows):
    lines = aligned([[first, "|" + second] for first, second in rows], [False, False]).split("\n")
    places = {cell_len(line[: line.index("|")]) for line in lines}
    assert len(places) == 1


def test_a_rate_carries_its_parts():
    summary = {"covered": 9, "in_scope": 12, "rate": 0.75, "mean_direct": 2 / 3}
    assert figures(summary, "zh") == [
        ("已覆盖", "9"),
        ("统计范围", "12"),
        ("覆盖率", "75.0 % (9 / 12)"),
        ("平均直接覆盖", "0.6667"),
    ]
    assert figures({"covered": 0, "in_scope": 0, "rate": None}, "en")[2] == ("rate", "– (0 / 0)")


def test_xlsx_has_real_cells(tmp_path):
    risky = small().assign(name=["=1+1", "{=2}"])
    path = tmp_path / "结果 1.xlsx"
    write_xlsx(path, result(table=risky), "zh")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["结果", "按学段", "摘要", "说明"]
    sheet = book["结果"]
    assert sheet.freeze_panes == "A2"
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == ["学校", "名称", "学段", "在校生数", "已覆盖", "覆盖率", "始于"]
    assert cells[1] == ["0130", "=1+1", "小学", 120, "是", 1 / 3, datetime(2021, 9, 1)]
    assert cells[2] == ["0131", "{=2}", None, None, "否", None, None]
    assert {sheet["B2"].data_type, sheet["B3"].data_type, sheet["A2"].data_type} == {"s"}
    assert sheet["G2"].number_format == "yyyy-mm-dd"
    assert sheet["F2"].number_format == "0.0 %"
    summary = {row[0].value: row[1].value for row in book["摘要"].iter_rows()}
    assert summary["已覆盖"] == 1
    assert summary["覆盖率"] == pytest.approx(1 / 3, abs=1e-15)
    assert summary["统计日"] == "2022-05-11"
    assert summary["选项"] == "--scope all --basis assists"
    assert book["说明"]["A1"].value == "2 条无日期的状态按有效计"


def test_ids_have_names_beside_them_for_people_and_keys_stay_for_machines(tmp_path):
    network = Network.from_frames(
        {
            "region": pd.DataFrame({"id": ["37", "3706"], "name": ["省", "市"], "parent": ["", "37"]})
            .replace("", None),
            "school": pd.DataFrame(
                {"id": ["a", "b", "c"], "name": ["甲小学", "乙小学", None], "region": "3706"}
            ),
            "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
            "affiliated_to": pd.DataFrame({"source": ["c"], "target": ["b"]}),
        },
        as_of="2024-06-30",
    )  # fmt: skip
    result = coverage(network, scope="all")
    shown = with_names(result.table, result.names)
    row = shown.set_index("school").loc["c"]
    assert (row["region"], row["region_name"]) == ("3706", "市")
    assert (row["inherited_from"], row["inherited_from_name"]) == ("b", "乙小学")
    assert (row["nearest_core"], row["nearest_core_name"]) == ("a", "甲小学")
    assert "school_name" not in shown  # the name stands beside it already
    assert with_names(result.tables["by_region"], result.names)["parent_name"].tolist()[1] == "省"
    keys = {"region_name", "inherited_from_name", "nearest_core_name"}
    assert keys.isdisjoint(result.to_dict()["table"][0])
    assert keys.isdisjoint(result.table)
    result.to_excel(tmp_path / "r.xlsx", "zh")
    head = [cell.value for cell in openpyxl.load_workbook(tmp_path / "r.xlsx")["结果"][1]]
    assert head[2:4] == ["所在地区", "所在地区名称"]
    assert {"继承自（名称）", "最近核心校（名称）"} < set(head)


def test_xlsx_shows_the_digits_of_a_table_and_holds_them_all(tmp_path):
    values = [0.9827035355519699, 7.5, 3.0, 12345.678, 8.349e-05, None]
    frame = pd.DataFrame({"mean": values})
    write_xlsx(tmp_path / "a.xlsx", result(table=frame, summary={"mean": 2 / 3, "of": 9.0}))
    first, *_, summary, _ = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    cells = [row[0] for row in first.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == values[: len(cells)]
    assert [cell.number_format for cell in cells] == [
        "0.0000", "0.0", "General", "0", "0.000E+00",
    ]  # fmt: skip
    assert [summary.cell(row, 2).number_format for row in (1, 2)] == ["0.0000", "General"]


def test_xlsx_columns_fit_chinese_and_never_sprawl(tmp_path):
    frame = pd.DataFrame({"name": ["实验小学" * 2, "x"], "origin": ["长" * 200, ""]})
    write_xlsx(tmp_path / "a.xlsx", result(table=frame))
    widths = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0].column_dimensions
    assert 18 <= widths["A"].width < 20  # sixteen for eight Chinese characters, and air
    assert 50 <= widths["B"].width < 52


def test_xlsx_cuts_what_a_cell_cannot_hold_and_says_so(tmp_path):
    frame = pd.DataFrame({"name": ["x" * 40_000]})
    write_xlsx(tmp_path / "a.xlsx", result(table=frame, notes=()))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.worksheets[0]["A2"].value == "x" * 32_766 + "…"
    assert book["notes"]["A1"].value.startswith("cut off here: 1 text longer than 32767 characters")


def test_xlsx_twice_is_the_same_file(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", result())
    write_xlsx(tmp_path / "b.xlsx", result())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_more_rows_than_a_sheet_holds(tmp_path):
    table = pd.DataFrame({"x": np.zeros(1_048_576, dtype=np.int8)})
    with pytest.raises(RequestError, match="cannot hold 1048576 rows"):
        write_xlsx(tmp_path / "a.xlsx", result(table=table))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_result_is_a_workbook_too(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", Result(pd.DataFrame({"source": []}), as_of=date(2022, 1, 1)))
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A1"].value == "source"


def test_parquet_has_a_type_for_every_column(tmp_path):
    path = tmp_path / "a.parquet"
    write_parquet(path, result())
    found = pq.read_table(path)
    assert found.to_pylist() == [
        {"school": "0130", "name": "一中", "stage": "primary", "pupils": 120, "covered": True,
         "rate": 1 / 3, "since": date(2021, 9, 1)},
        {"school": "0131", "name": None, "stage": None, "pupils": None, "covered": False,
         "rate": None, "since": None},
    ]  # fmt: skip
    types = dict(zip(found.column_names, map(str, found.schema.types), strict=True))
    assert types == {
        "school": "string", "name": "string", "stage": "string", "pupils": "int64",
        "covered": "bool", "rate": "double", "since": "date32[day]",
    }  # fmt: skip


def test_parquet_keeps_types_where_nothing_is_known(tmp_path):
    path = tmp_path / "a.parquet"
    for rows in (small().iloc[1:], small().iloc[:0]):
        write_parquet(path, result(table=rows))
        types = [str(kind) for kind in pq.read_schema(path).types]
        assert types == ["string"] * 3 + ["int64", "bool", "double", "date32[day]"]


def test_parquet_takes_cells_of_any_type_by_what_their_key_means(tmp_path):
    table = pd.DataFrame(
        {"pupils": [1, None], "decayed": [1, 0.5], "value": [1.5, "few"], "flags": [["a"], None]},
        dtype=object,
    )
    write_parquet(tmp_path / "a.parquet", result(table=table))
    found = pq.read_table(tmp_path / "a.parquet")
    assert found.to_pydict() == {
        "pupils": [1, None], "decayed": [1.0, 0.5], "value": ["1.5", "few"], "flags": ['["a"]', None],
    }  # fmt: skip
    assert found.schema.types == [pa.int64(), pa.float64(), pa.string(), pa.string()]


def test_parquet_keeps_what_stands_beside_the_table(tmp_path):
    path = tmp_path / "a.parquet"
    write_parquet(path, result(), "zh")
    head = json.loads(pq.read_schema(path).metadata[b"liantu"])
    whole = result().to_dict("zh")
    assert head == {key: whole[key] for key in whole if key not in ("table", "tables")}
    before = path.read_bytes()
    result().to_parquet(path, "zh")
    assert path.read_bytes() == before


def test_parquet_is_written_some_rows_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS", 1)
    write_parquet(tmp_path / "a.parquet", result())
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.metadata.num_row_groups == 2
    assert file.read().column("school").to_pylist() == ["0130", "0131"]


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "表 一.csv"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [found.name for found in tmp_path.iterdir()] == ["表 一.csv"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as draft:
        draft.write_bytes(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PermissionError(13, "denied"), "it is open in another program"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_what_the_system_refuses_is_one_line(tmp_path, monkeypatch, error, text):
    def refuse(*_):
        raise error

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RequestError, match=text) as caught:
        write_file(tmp_path / "a.csv", b"x")
    assert len(caught.value.lines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_places_that_are_no_file(tmp_path):
    with pytest.raises(RequestError, match="is a folder"):
        check_output(tmp_path)
    with pytest.raises(RequestError, match="there is no folder"):
        write_file(tmp_path / "missing" / "a.csv", b"x")
    check_output(tmp_path / "a.csv")


def test_a_result_says_the_same_in_both_languages():
    english, chinese = result().to_dict("en"), result().to_dict("zh")
    assert english.pop("notes") == ["2 undated states count as in force"]
    assert chinese.pop("notes") == ["2 条无日期的状态按有效计"]
    assert english == chinese
    assert english["parameters"]["basis"] == ["assists"]
