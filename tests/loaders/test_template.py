import csv
import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

import liantu
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.indicators import indicator_values
from liantu.loaders import headers, template
from liantu.loaders.template import PREFIX, write_template
from liantu.vocabulary import Lang, find

LANGS: list[Lang] = ["zh", "en"]


def read_sheets() -> list[dict[str, str]]:
    text = (files("liantu.loaders") / "sheets.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def opened(tmp_path: Path, lang: Lang) -> Workbook:
    path = tmp_path / "模板 1.xlsx"
    write_template(path, lang)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("lang", LANGS)
def test_there_is_a_visible_sheet_a_kind_and_relation_after_the_explanations(
    lang: Lang, tmp_path: Path
) -> None:
    book = opened(tmp_path, lang)
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == [
        "说明" if lang == "zh" else "notes",
        *(table.label(lang) for table in schema.tables().values()),
        "优质均衡七项指标" if lang == "zh" else "resource indicators",
    ]
    tables = [*schema.tables(), "observations"]
    assert [headers.table_of(name) for name in visible[1:]] == [(n, "") for n in tables]
    assert all(book[name].freeze_panes == "A4" for name in visible[1:])


@pytest.mark.parametrize("lang", LANGS)
def test_every_header_means_its_column_and_carries_a_note(lang: Lang, tmp_path: Path) -> None:
    book = opened(tmp_path, lang)
    for name, table in schema.tables().items():
        sheet = book[table.label(lang)]
        meant = [headers.meaning(name, cell.value) for cell in sheet[3]]
        assert None not in meant
        columns = {found.column.removesuffix("_name") for found in meant if found}
        kinds = {key for key in table.columns if key.endswith("_kind")}
        assert set(table.columns) - kinds - {"synthetic"} <= columns <= set(table.columns), name
        assert len({cell.value for cell in sheet[3]}) == len(meant)
        assert all(cell.comment and cell.comment.text for cell in sheet[3])


@pytest.mark.parametrize("lang", LANGS)
def test_every_code_has_a_drop_down_of_words_that_are_understood(
    lang: Lang, tmp_path: Path
) -> None:
    book = opened(tmp_path, lang)
    seen = 0
    for name, table in schema.tables().items():
        sheet = book[table.label(lang)]
        lists = {
            str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation
        }
        for cell in sheet[3]:
            meaning = headers.meaning(name, cell.value)
            assert meaning is not None
            column = table.columns[meaning.column.removesuffix("_name")]
            if column.type not in ("code", "bool"):
                continue
            rule = lists[f"{cell.column_letter}4"]
            assert rule.showErrorMessage  # a word outside the list is refused
            place = re.fullmatch(r"'(.+)'!(.+)", rule.formula1)
            assert place is not None
            words = [row[0].value for row in book[place[1]][place[2]]]
            group = "bool" if column.type == "bool" else column.values[0]
            group = "kind" if column.name.endswith("_kind") else group
            assert words and all(find(group, word) for word in words)
            seen += 1
    assert seen > 20


@pytest.mark.parametrize("row", read_sheets(), ids=lambda row: f"{row['table']}.{row['column']}")
def test_what_stands_in_the_data_of_the_sheets_is_in_the_schema_and_the_vocabulary(row) -> None:
    column = schema.tables()[row["table"]].columns[row["column"]]
    group = "form" if column.type == "form" else "".join(column.values[:1])
    offered = [word for word in row["offered"].split("|") if word]
    assert all(find(group, word) == word for word in offered)
    for lang in LANGS:
        for header in filter(None, row[lang].split("|")):
            meant = headers.meaning(column.table, header)
            assert meant and meant.column.removesuffix("_name") == column.name


def test_ids_are_text_and_stay_so(tmp_path: Path) -> None:
    book = opened(tmp_path, "zh")
    assert book["学校"].column_dimensions["A"].number_format == "@"
    assert book["学校"]["A4"].value == "示例-S1"
    assert book["学校"]["K4"].value == 860


def test_notes_say_what_is_required_and_what_is_allowed(tmp_path: Path) -> None:
    sheet = opened(tmp_path, "en")["membership"]
    notes = {cell.value: cell.comment.text for cell in sheet[3]}
    assert "Must be filled in." in notes["alliance"]
    assert "Id or exact name: alliance." in notes["alliance"]
    assert "Allowed: core, member." in notes["role"]
    assert "May stay empty." in notes["end"]


def test_a_header_of_one_kind_asks_for_that_kind(tmp_path: Path) -> None:
    sheet = opened(tmp_path, "zh")["机构支持"]
    notes = {cell.value: cell.comment.text for cell in sheet[3]}
    assert "填编号或准确名称：集团。" in notes["集团名称"]
    assert "填其中一列：受援校、集团名称、中心名称、地区。" in notes["集团名称"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_examples_are_accepted_as_rows(lang: Lang, tmp_path: Path) -> None:
    book = opened(tmp_path, lang)
    rows = 0
    for table in schema.tables().values():
        for row in book[table.label(lang)].iter_rows(min_row=4):
            rows += any(cell.value for cell in row)
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.removeprefix(PREFIX[lang])
    book.save(tmp_path / "filled.xlsx")
    network = liantu.read(tmp_path / "filled.xlsx")
    assert [p for p in network.report.problems if p.severity != "info"] == []
    held = [len(network.nodes(kind)) for kind in schema.kinds()]
    held += [len(network.relation(name)) for name in schema.relations()]
    assert sum(held) + len(network.observations) == rows
    assert all(held)
    assert network.nodes("school").loc["S1", "urban_rural"] == "121"
    assert str(network.relation("assists")["end"][0].date()) == "2027-08-31"


@pytest.mark.parametrize("lang", LANGS)
def test_filled_in_and_saved_it_loads_and_the_examples_are_counted(
    lang: Lang, tmp_path: Path
) -> None:
    book = opened(tmp_path, lang)
    labels = {name: table.label(lang) for name, table in schema.tables().items()}
    book[labels["school"]].append(["0130000001", "甲小学"])
    book[labels["school"]].append(["0130000002", "乙小学"])
    book[labels["assists"]].append(["甲小学", "0130000002"])
    book.save(tmp_path / "filled.xlsx")
    network = liantu.read(tmp_path / "filled.xlsx")
    assert network.nodes("school").index.tolist() == ["0130000001", "0130000002"]
    tie = network.relation("assists").iloc[0]
    assert (tie["source"], tie["target"]) == ("0130000001", "0130000002")
    assert [p.code for p in network.report.problems if p.severity != "info"] == []
    assert network.report.totals()["rows_skipped"] == 27
    assert len(network) == 2


def test_a_table_without_an_example_has_a_sheet_with_headers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "_examples", dict)
    sheet = opened(tmp_path, "zh")["结对帮扶"]
    assert (sheet["A3"].value, sheet.max_row) == ("支援校", 3)


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheet_of_indicators_loads_as_it_is(lang: Lang, tmp_path: Path) -> None:
    book = opened(tmp_path, lang)
    book[schema.tables()["school"].label(lang)].append(["0130000001", "甲小学"])
    sheet = book["优质均衡七项指标" if lang == "zh" else "resource indicators"]
    assert all(cell.comment and cell.comment.text for cell in sheet[3])
    assert "4.2" in sheet["D3"].comment.text and "5.3" in sheet["D3"].comment.text
    sheet.append(["甲小学", "2025-2026", None, *range(1, 8)])
    book.save(tmp_path / "filled.xlsx")
    network = liantu.read(tmp_path / "filled.xlsx")
    assert indicator_values(network, date(2026, 1, 1)).loc["0130000001"].tolist() == [*range(1, 8)]
    problems = [p.code for p in network.report.problems if p.severity != "info"]
    assert problems == ["indicator_scale"]  # six yuan a pupil


def test_the_sheet_of_indicators_can_be_had_alone(tmp_path: Path) -> None:
    write_template(tmp_path / "a.xlsx", "zh", ["七项指标"])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == ["说明", "优质均衡七项指标"]


def test_the_same_template_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, "zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_an_unwritable_place_is_one_clear_line(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "nowhere" / "out.xlsx"):
        with pytest.raises(RequestError) as caught:
            write_template(out, "en")
        assert len(caught.value.lines()) == 1
    assert list(tmp_path.iterdir()) == []
