"""The command draft: written, ticked, given back; sources and filled drafts stay whole."""

from pathlib import Path

import openpyxl
import pytest


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "学校.csv").write_text("学校名称\n第一小学\n王庄小学\n", encoding="utf-8")
    (folder / "结对帮扶.csv").write_text("支援校,受援校\n一小,王庄小雪\n", encoding="utf-8")
    return folder


def fill(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    (row,) = [row for row in sheet.iter_rows(min_row=3) if row[0].value == "王庄小雪"]
    row[2].value = "王庄小学"
    book.save(path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_first_draft_then_ticks_then_everything_is_clear(liantu, lists, lang):
    assert liantu("check", lists).code == 1
    run = liantu("draft", lists, "-o", "draft.xlsx", "--lang", lang)
    assert run.code == 0
    assert ("2 names" if lang == "en" else "名称 2 个") in run.err
    fill(Path("draft.xlsx"))
    assert liantu("check", lists, "--mapping", "draft.xlsx").code == 0
    found = liantu("ties", lists, "--mapping", "draft.xlsx", "--format", "json").json
    assert [(row["source_name"], row["target_name"]) for row in found["table"]] == [
        ("第一小学", "王庄小学")
    ]


def test_it_may_lie_in_the_folder_and_is_not_replaced_once_filled(liantu, lists):
    path = lists / "对照表.xlsx"
    assert liantu("draft", lists, "-o", path).code == 0
    fill(path)
    assert liantu("check", lists).code == 0
    kept = path.read_bytes()
    run = liantu("draft", lists, "-o", path)
    assert run.code == 1 and path.read_bytes() == kept
    assert liantu("draft", lists, "-o", path, "--force", "--lang", "zh").code == 0
    assert liantu("check", lists).code == 0  # the ticks were taken over


def test_sources_are_never_written_to(liantu, lists):
    for name in ("学校.xlsx", "draft.xlsx"):
        assert liantu("draft", lists, "-o", lists / name).code == 1
        assert not (lists / name).exists()
    assert liantu("draft", lists).code == 2
    assert liantu("draft", lists, "-o", "draft.docx").code == 2
    assert liantu("draft", "case:none", "-o", "draft.xlsx").code == 1


def test_a_clear_source(liantu, lists):
    (lists / "结对帮扶.csv").write_text("支援校,受援校\n第一小学,王庄小学\n", encoding="utf-8")
    run = liantu("draft", lists, "-o", "draft.xlsx", "--lang", "en")
    assert run.code == 0 and "nothing" in run.err


def test_a_mapping_file_is_drafted(liantu, lists):
    (lists / "结对帮扶.csv").write_text("支援校,受援校\n第一小学,王庄小学\n", encoding="utf-8")
    assert liantu("draft", lists, "-o", "mapping.toml").code == 0
    assert liantu("check", lists, "--mapping", "mapping.toml").code == 0


def test_a_mapping_file_and_a_ticked_draft_are_read_together(liantu, lists):
    run = liantu("check", lists)
    assert run.code == 1
    assert "liantu draft" in run.err
    assert liantu("draft", lists, "-o", "draft.xlsx").code == 0
    assert liantu("draft", lists, "-o", "mapping.toml").code == 0
    both = ("--mapping", "mapping.toml", "--mapping", "draft.xlsx")
    assert liantu("check", lists, *both).code in (0, 1)
    twice = liantu("check", lists, "--mapping", "mapping.toml", "--mapping", "mapping.toml")
    assert twice.code == 1 and "mapping" in twice.err
