"""Texts of every format say the same, and what is none is refused in one line."""

import zipfile

import pytest
from docx import Document

from liantu.errors import RequestError
from liantu.extract.texts import LONGEST, Text, read_text, read_texts, sentences

SAID = "东山小学与西山小学结对。"


def test_formats_say_the_same(tmp_path):
    (tmp_path / "a.txt").write_bytes(SAID.encode("gb18030"))
    (tmp_path / "b.md").write_text(SAID, encoding="utf-8-sig")
    (tmp_path / "u.txt").write_text(SAID, encoding="utf-16")
    (tmp_path / "c.html").write_text(
        f"<html><style>p {{}}</style><p>东山<b>小学</b>{SAID[4:]}</p><script>乙小学</script></html>",
        encoding="utf-8",
    )
    document = Document()
    document.add_paragraph(SAID)
    document.add_table(1, 2).rows[0].cells[1].text = "北山小学"
    document.save(str(tmp_path / "d.docx"))
    found = {path.suffix: read_text(path).text.strip() for path in sorted(tmp_path.iterdir())}
    assert found.pop(".docx") == f"{SAID}\n\t北山小学"
    assert set(found.values()) == {SAID}


def test_pdf_with_broken_lines(tmp_path):
    typst = pytest.importorskip("typst")
    source = tmp_path / "a.typ"
    source.write_text(
        '#set text(font: "Noto Sans CJK SC")\n东山小学与西山#linebreak()小学结对。', "utf-8"
    )
    fonts = __import__("liantu").__path__[0]
    (tmp_path / "a.pdf").write_bytes(typst.compile(str(source), font_paths=[fonts]))
    assert read_text(tmp_path / "a.pdf").text.strip() == SAID


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "no text"),
        ("a.txt", b"\0\1\2", "cannot be read"),
        ("a.txt", b"\xff\xfe\xff", "cannot be read"),
        ("a.xlsx", b"PK", "no text that can be read"),
        ("a.pdf", b"%PDF-1.7 damaged", "cannot be read"),
        ("a.docx", b"PK\3\4 damaged", "cannot be read"),
        ("a.html", b"<script>1</script>", "no text"),
    ],
)
def test_what_is_no_text(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RequestError, match=said):
        read_text(path)


def test_too_much_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("校" * (LONGEST + 1), encoding="utf-8")
    with pytest.raises(RequestError, match="too long"):
        read_text(path)
    with path.open("wb") as file:
        file.truncate(200 << 20)  # 200 MB of nothing
    with pytest.raises(RequestError, match="too long"):
        read_text(path)
    packed = tmp_path / "a.docx"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"0" * (101 << 20))
    with pytest.raises(RequestError, match="too long"):
        read_text(packed)


def test_two_of_one_name(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(SAID, encoding="utf-8")
    with pytest.raises(RequestError, match="two texts"):
        read_texts((tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt"))


def test_sentences_cover_a_text_without_any_stop():
    text = "校" * 2_000
    pieces = list(sentences(text))
    assert "".join(text[a:b] for a, b in pieces) == text
    assert max(b - a for a, b in pieces) == 600
    assert Text("a", text).name == "a"
