"""The command extract: from texts to candidates, from marked candidates to a network."""

import json
from pathlib import Path

import extract_scores as scoring
import openpyxl
import pytest
from fake_model import Fake
from long import examples

EXAMPLE = Path(__file__).parents[2] / "docs" / "how-to" / "extract-example"


def test_a_workbook_that_somebody_filled_in_is_kept(liantu, tmp_path):
    words = ["extract", EXAMPLE / "云溪县总结.txt", "-o", "c.xlsx"]
    assert liantu(*words).code == 0
    assert liantu(*words).code == 0  # nobody has touched it
    book = openpyxl.load_workbook(tmp_path / "here" / "c.xlsx")
    book.save(tmp_path / "here" / "c.xlsx")
    run = liantu(*words)
    assert run.code == 1
    assert "--force" in run.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no text was named"),
        (["nowhere.txt"], "does not exist"),
        ([EXAMPLE / "候选表.xlsx"], "no text that can be read"),
        ([EXAMPLE / "云溪县总结.txt", "--schools", "nowhere"], "does not exist"),
        ([EXAMPLE / "云溪县总结.txt", "-o", "c.csv"], ".xlsx"),
        ([EXAMPLE / "云溪县总结.txt", "--llm", "http://h"], "--model"),
        (["--accept", EXAMPLE / "候选表.xlsx", "a", "b"], "one folder"),
        (["--accept", EXAMPLE / "候选表.xlsx", "a.csv"], "folder"),
        (["--accept", EXAMPLE / "候选表.xlsx", "--schools", "x", "a"], "--schools"),
        (["--accept", EXAMPLE / "学校名录.csv", "a"], "no workbook of candidates"),
        (["--accept", "nowhere.xlsx", "a"], "does not exist"),
    ],
)
def test_what_cannot_be_done_is_one_line(liantu, words, said):
    run = liantu("extract", *words)
    assert run.code in (1, 2)
    assert said in run.err
    assert len(run.err.splitlines()) == 1


def test_what_is_decided_is_counted(liantu):
    run = liantu("extract", "--accept", EXAMPLE / "候选表.xlsx", "out", "--title", "云溪县")
    assert run.code == 0
    assert "undecided 2" in run.err
    assert liantu("info", "out").code == 0


@pytest.mark.skipif(not scoring.SEEDS.is_dir(), reason="the texts are not here")
def test_from_a_published_text_to_an_audit(liantu, tmp_path):
    text = next(scoring.SEEDS.glob("004_*.txt"))
    schools = scoring.HERE / "lists" / "004"
    run = liantu("extract", text, "--schools", schools, "-o", "c.xlsx", "--lang", "zh")
    assert run.code == 0
    path = tmp_path / "here" / "c.xlsx"
    book = openpyxl.load_workbook(path)
    for title in ("集团成员", "学校", "集团"):
        for row in book[title].iter_rows(min_row=3):
            row[0].value = "采纳"
    for row in book["数字"].iter_rows(min_row=3):
        if "学区" in str([cell.value for cell in row]):
            row[0].value = "采纳"
    book.save(path)
    assert liantu("extract", "--accept", "c.xlsx", "out").code == 0
    run = liantu("audit", "out", "--as-of", "2022-05-11", "--format", "json")
    assert run.code == 0
    assert '"claims"' in run.out
    run = liantu("ties", "out", "--format", "csv")
    assert "文山市第三中学" in run.out
    assert "小街镇中心学校" in run.out


def test_100_mb_without_a_stop_are_one_line(liantu, tmp_path):
    path = tmp_path / "huge.txt"
    path.write_bytes("校".encode() * (34 << 20))
    run = liantu("extract", path, "-o", "c.xlsx")
    assert (run.code, len(run.err.splitlines())) == (1, 1)


def test_many_names_and_a_long_list_are_bounded(liantu, tmp_path):
    (tmp_path / "names.txt").write_text(
        "东山小学西坡中学" * examples(500, 100_000), encoding="utf-8"
    )
    names = "\n".join(f"东州市第{n}号小学" for n in range(examples(3_000, 100_000)))
    (tmp_path / "list.txt").write_text(names, encoding="utf-8")
    words = ["extract", tmp_path / "names.txt", "--schools", tmp_path / "list.txt"]
    assert liantu(*words, "-o", "c.xlsx").code == 0


def test_what_leaves_the_machine_is_said_and_asked(liantu, tmp_path, monkeypatch):
    monkeypatch.setattr("click.get_app_dir", lambda *_, **__: str(tmp_path / "app"))
    text = tmp_path / "a.txt"
    text.write_text("东山小学长期帮助西坡小学改进教学。", encoding="utf-8")
    row = {"relation": "assists", "source": "东山小学", "target": "西坡小学", "form": "结对"}
    content = json.dumps({"rows": [{**row, "quote": "东山小学长期帮助西坡小学"}]})
    server = Fake((200, {"choices": [{"message": {"content": content}}]}))
    try:
        words = ["extract", text, "-o", "c.xlsx", "--llm", server.url, "--model", "m"]
        run = liantu(*words)
        assert (run.code, server.asked) == (1, [])
        assert "a.txt" in run.err
        assert "nothing was sent" in run.err
        assert liantu(*words, "--yes").code == 0
        assert len(server.asked) == 1
        assert liantu("extract", text, "-o", "d.xlsx").code == 0  # nobody is asked unnamed
        assert len(server.asked) == 1
    finally:
        server.close()
