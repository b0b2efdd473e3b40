"""A workbook that planners open: words of their language, real dates and numbers, text as text."""

from __future__ import annotations

from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from hard import hard_network

from liantu import Network, RequestError, read
from liantu.exchange import export, workbook
from liantu.graph import schema
from liantu.loaders import headers
from liantu.vocabulary import label


def test_sheets_headers_and_codes_are_words(tmp_path):
    export(hard_network(), tmp_path / "net.xlsx", lang="zh")
    book = openpyxl.load_workbook(tmp_path / "net.xlsx")
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert shown == [table.label("zh") for table in schema.tables().values()]
    assert book["liantu"].sheet_state == "hidden"
    sheet = book["学校"]
    assert sheet.freeze_panes == "A2"
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "007")
    cells = dict(zip([cell.value for cell in sheet[1]], row, strict=True))
    assert cells["学段"].value == "小学"
    assert cells["在校生数"].value == 900
    assert cells["经度"].value == 0.30000000000000004
    assert cells[label("opened", "zh")].value == datetime(1951, 9, 1)
    formula = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "=1+1")
    assert formula[0].data_type == "s"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_readers_of_lists_understand_every_sheet_and_header(lang):
    for name, table in schema.tables().items():
        assert headers.table_of(table.label(lang)) == (name, "")
        words = [label(key, lang) for key in table.columns]
        assert [headers.meaning(name, word).column for word in words] == list(table.columns)
        assert len(set(words)) == len(words)


def test_texts_too_long_for_a_cell_are_cut_and_said(tmp_path):
    names = ["长" * 32_767, "长" * 32_768, "\ufffe"]
    network = Network.from_frames({"school": pd.DataFrame({"id": list("abc"), "name": names})})
    [message] = export(network, tmp_path / "net.xlsx")
    assert (message.code, message.params["count"]) == ("cells_changed", 2)
    again = read(tmp_path / "net.xlsx").nodes("school")["name"].tolist()
    assert again == [names[0], names[0], "\ufffd"]
    assert export(network, tmp_path / "net.json") == []


def test_saving_unchanged_in_another_program_keeps_it_exact(tmp_path):
    path = tmp_path / "net.xlsx"
    frames = {
        "school": pd.DataFrame(
            {
                "id": ["007", " 甲、乙 "],
                "name": ["示例", "=1"],
                "pupils": [90, 7],
                "lon": [103.25, 104],
            }
        ),
        "assists": pd.DataFrame(
            {"source": ["007"], "target": [" 甲、乙 "], "start": ["1951-09-01"]}
        ),
    }
    network = Network.from_frames(frames)
    export(network, path, lang="zh")
    openpyxl.load_workbook(path).save(path)
    assert read(path).fingerprint == network.fingerprint


def test_a_foreign_workbook_with_a_sheet_of_that_name_is_read_like_any_list(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "学校"
    for row in (["学校名称"], ["甲小学"]):
        book.active.append(row)
    book.create_sheet("liantu").append(["my", "notes"])
    book.save(tmp_path / "net.xlsx")
    assert read(tmp_path / "net.xlsx").nodes("school").index.tolist() == ["甲小学"]


def test_an_id_too_long_for_a_cell_is_refused(tmp_path):
    network = Network.from_frames({"school": pd.DataFrame({"id": ["x" * 32_768]})})
    with pytest.raises(RequestError) as caught:
        export(network, tmp_path / "net.xlsx")
    assert [problem.code for problem in caught.value.problems] == ["id_too_long"]
    assert not (tmp_path / "net.xlsx").exists()


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_ROWS", 2)
    network = Network.from_frames({"school": pd.DataFrame({"id": list("abc")})})
    with pytest.raises(RequestError, match="cannot hold 3 rows"):
        export(network, tmp_path / "net.xlsx")
    assert list(tmp_path.iterdir()) == []
