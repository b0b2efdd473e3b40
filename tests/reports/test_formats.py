"""Word, Excel, PDF, HTML and Markdown carry the same headings and figures, and no one's markup."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import docx
import openpyxl
import pandas as pd
import pypdf
import pytest
from programs import needed
from reports.formats_made import EVIL, WRITERS, Made, county

import liantu
from liantu.errors import RequestError
from liantu.reports.composition import compose
from liantu.reports.excel import excel
from liantu.reports.numbers import walked
from liantu.reports.paper import pitch
from liantu.results.blocks import Facts, Picture, Table, Text
from liantu.vocabulary import label, terms

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    """Return the report in the layout of an official document."""
    folder = tmp_path_factory.mktemp("formats")
    network = county()
    report = compose(
        network, source="lists", lang="zh", style="gongwen", organization="示例县教育局",
        addressee="县人民政府",
    )  # fmt: skip
    files = {}
    for kind, write in WRITERS.items():
        files[kind] = folder / f"report.{kind}"
        files[kind].write_bytes(write(report, network))
    return Made(report, network, files, folder)


def text_of(path):
    """Return the text of a file without blanks, since every format breaks lines of its own."""
    kind = path.suffix
    if kind == ".pdf":
        command = [needed("pdftotext", "poppler-utils"), "-enc", "UTF-8", str(path), "-"]
        text = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    elif kind == ".docx":
        text = "".join(node.text or "" for node in word_texts(path))
    elif kind == ".xlsx":
        book = openpyxl.load_workbook(path)
        text = "\n".join(
            str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None
        )
    elif kind == ".html":
        text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", path.read_text(), flags=re.DOTALL)
        text = html.unescape(re.sub(r"<[^>]+>", "", text))
    else:
        text = html.unescape(re.sub(r"\\(.)", r"\1", path.read_text()))
    return bare(text)


def bare(text):
    return re.sub(r"\s+", "", text)


def word_texts(path):
    return docx.Document(path).element.body.iter(f"{{{W}}}t")


@pytest.mark.parametrize("kind", WRITERS)
def test_page_one_is_in_every_format(made, kind):
    text = text_of(made.files[kind])
    assert made.report.findings
    for finding in made.report.findings:
        if kind != "pdf":
            assert bare(finding.text) in text
    # A page may end in the middle of a sentence: its figures are there all the same.
    for number in re.findall(r"\d[\d,.]*%?", " ".join(f.text for f in made.report.findings)):
        assert number in text


def bookmarks(outline, level=1):
    for entry in outline:
        if isinstance(entry, list):
            yield from bookmarks(entry, level + 1)
        else:
            yield level, bare(entry.title)


def headings(path, report):
    """Return level and text of the headings, numbers included where a format writes them."""
    kind = path.suffix
    if kind == ".html":
        page = re.sub(r"<nav>.*?</nav>", "", path.read_text(), flags=re.DOTALL)
        found = re.findall(r"<h([2-9])[^>]*>(.*?)</h", page, flags=re.DOTALL)
        return [(int(level) - 1, bare(html.unescape(text))) for level, text in found]
    if kind == ".md":
        lines = [line for line in path.read_text().splitlines() if line.startswith("##")]
        return [(line.index(" ") - 1, bare(line.lstrip("#"))) for line in lines]
    if kind == ".docx":
        styles = [(p.style.name.split(), p.text) for p in docx.Document(path).paragraphs]
        return [(int(s[1]), bare(text)) for s, text in styles if s[0] == "Heading"]
    if kind == ".pdf":
        return list(bookmarks(pypdf.PdfReader(path).outline))
    sheet = openpyxl.load_workbook(path)[label("body", report.lang, "label")]
    fonts = [(row[0].font, row[0].value) for row in sheet.iter_rows(max_col=1)]
    levels = {13.0: 1, 12.0: 2}
    return [(levels[f.sz], bare(t)) for f, t in fonts if t and f.b and f.sz in levels]


@pytest.mark.parametrize("kind", WRITERS)
def test_headings_are_the_same_in_every_format(made, kind):
    found = headings(made.files[kind], made.report)
    wanted = [
        (level, bare(section.title if kind == "docx" else number + section.title))
        for level, number, section in walked(made.report.sections, made.report.lang)
    ]
    assert len(wanted) > 8
    start = found.index(wanted[0])
    assert found[start : start + len(wanted)] == wanted
    last = "未能分析的内容" if kind == "docx" else "六、未能分析的内容"
    assert found[start + len(wanted)] == (1, last)


@pytest.mark.parametrize("kind", WRITERS)
def test_every_annex_has_its_number_and_title(made, kind):
    text = text_of(made.files[kind])
    for annex in made.report.annexes:
        assert f"附表{annex.number}" in text
        assert bare(annex.title) in text


@pytest.mark.parametrize("kind", WRITERS)
def test_names_stay_text(made, kind):
    text = text_of(made.files[kind])
    for name in EVIL:
        assert bare(name) in text


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf"])
def test_the_same_report_gives_the_same_bytes(made, kind):
    assert WRITERS[kind](made.report, made.network) == made.files[kind].read_bytes()


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_an_office_suite_prints_the_text(made, kind):
    text = text_of(made.printed(kind))
    for number in re.findall(r"\d[\d,.]*%?", " ".join(f.text for f in made.report.findings)):
        assert number in text
    for section in made.report.sections:
        assert bare(section.title) in text
    for name in EVIL[:3]:
        assert bare(name)[:8] in text


def test_an_office_suite_numbers_the_headings_of_word(made):
    text = text_of(made.printed("docx"))
    assert f"一、{made.report.sections[0].title}" in text
    assert f"（一）{made.report.sections[0].sections[0].title}" in text
    assert "—1—" in text and "—2—" in text


def test_page_one_of_a_plain_report_stands_alone(made, tmp_path):
    report = compose(made.network, source="lists", lang="en", organization="Bureau")
    path = tmp_path / "plain.pdf"
    path.write_bytes(WRITERS["pdf"](report, made.network))
    first = bare(pypdf.PdfReader(path).pages[0].extract_text())
    for finding in report.findings:
        assert bare(finding.text) in first
    assert bare(report.sections[0].title) not in first.replace(bare(report.facts[1][1]), "")


# -- Word --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document(made):
    return docx.Document(made.files["docx"])


def test_word_is_laid_out_after_the_standard(document):
    first = document.sections[0]
    sizes = [
        round(length.mm)
        for length in (
            first.page_width, first.page_height,
            first.top_margin, first.bottom_margin, first.left_margin, first.right_margin,
        )
    ]  # fmt: skip
    assert sizes == [210, 297, 37, 35, 28, 26]
    grids = document.element.xpath("//w:docGrid/@w:type")
    assert grids and set(grids) == {"lines"}
    styles = {style.style_id: style for style in document.styles}
    body, title = styles["BodyText"], styles["Title"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 28)
    assert title.font.size.pt == 22
    fonts = {
        key: styles[key].element.xpath(".//w:rFonts/@w:eastAsia")[0]
        for key in ("Title", "BodyText", "Heading1", "Heading2", "Heading3")
    }
    assert list(fonts.values()) == [
        "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "仿宋_GB2312",
    ]  # fmt: skip
    assert body.element.xpath(".//w:ind/@w:firstLineChars") == ["200"]
    for key in ("Title", "Subtitle", "TableText", "TableHead", "Figure", "Caption", "Addressee"):
        assert styles[key].element.xpath(".//w:ind/@w:firstLineChars") == ["0"]
    picture = styles["Figure"].element
    assert picture.xpath(".//w:spacing/@w:lineRule") == ["auto"]
    assert picture.xpath(".//w:snapToGrid/@w:val") == ["0"]


def test_no_font_of_word_comes_from_a_theme(made):
    with zipfile.ZipFile(made.files["docx"]) as archive:
        for name in archive.namelist():
            if name.endswith(".xml") and "theme/" not in name:
                assert not re.search(rb'w:\w+Theme="', archive.read(name)), name
            assert archive.getinfo(name).date_time == (1980, 1, 1, 0, 0, 0)
    styles = docx.Document(made.files["docx"]).styles.element
    assert all(style.xpath(".//w:rFonts/@w:eastAsia") for style in styles.xpath("//w:style[w:rPr]"))


def test_headings_of_word_are_numbered_by_word(made, document):
    numbering = document.part.numbering_part.element
    levels = numbering.xpath("./w:abstractNum[@w:abstractNumId='0']/w:lvl/w:lvlText/@w:val")
    assert levels == ["%1、", "（%2）", "%3.", "（%4）"]
    forms = numbering.xpath("./w:abstractNum[@w:abstractNumId='0']/w:lvl/w:numFmt/@w:val")
    assert forms == ["chineseCountingThousand"] * 2 + ["decimal"] * 2
    heading = next(s for s in document.styles if s.style_id == "Heading2").element
    assert heading.xpath(".//w:numPr/w:ilvl/@w:val | .//w:numPr/w:numId/@w:val") == ["1", "1"]


def test_page_numbers_stand_outside_between_dashes(document):
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        assert paragraph.text.startswith("— ") and paragraph.text.endswith(" —")
        assert paragraph._p.xpath(".//w:instrText")[0].text.strip() == "PAGE"
        assert paragraph._p.xpath("./w:pPr/w:jc/@w:val") == [side]


def test_tables_and_pictures_of_word(made, document):
    annexes = {f"附表{annex.number}": annex for annex in made.report.annexes}
    body = document.element.body
    links = set(body.xpath(".//w:hyperlink/@w:anchor"))
    marks = set(body.xpath(".//w:bookmarkStart/@w:name"))
    assert links == marks == {f"annex{number}" for number in range(1, len(annexes) + 1)}
    heads = [table for table in document.tables if table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader")]
    tables = [b for s in flat(made.report.sections) for b in s.blocks if b.kind == "table"]
    closing = [b for s in flat(made.report.closing) for b in s.blocks if b.kind == "table"]
    assert len(heads) == len(tables) + len(closing) + len(annexes)
    captions = [p.text for p in document.paragraphs if p.style.style_id == "Caption"]
    assert captions[0].startswith("表1") and len(captions) == len(tables) + len(closing)
    pictures = [b for s in flat(made.report.closing) for b in s.blocks if b.kind == "picture"]
    assert body.xpath(".//wp:docPr/@descr") == [picture.alt for picture in pictures]
    assert all(picture.alt for picture in pictures)


def flat(sections):
    for section in sections:
        yield section
        yield from flat(section.sections)


def test_word_says_what_it_is_and_who_made_it(made, document):
    texts = [p.text for p in document.paragraphs[:3]]
    assert texts == [
        "示例县学校支援网络报告", "按公文版式排版的分析报告，数据截至2024年6月30日", "县人民政府：",
    ]  # fmt: skip
    properties = document.core_properties
    assert (properties.title, properties.author) == ("示例县学校支援网络报告", "示例县教育局")
    assert properties.created.date() == made.report.day
    tail = [p for p in document.paragraphs if p.style.style_id in ("Signature", "Date")]
    assert [p.text for p in tail] == ["示例县教育局", "2024年6月30日"]
    # Six characters, 6½ of the date (figures count half), which begins two further to the right.
    room = [p._p.xpath("./w:pPr/w:ind/@w:rightChars")[0] for p in tail]
    assert room == ["450", "200"]


# -- Excel -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(made):
    return openpyxl.load_workbook(made.files["xlsx"])


def test_an_annex_is_a_native_table_with_typed_cells(made, book):
    for annex in made.report.annexes:
        sheet = next(s for s in book if s.title.startswith(f"附表{annex.number} "))
        (table,) = sheet.tables.values()
        assert table.ref.startswith("A3:") and table.autoFilter is not None
        assert sheet.freeze_panes == "B4" and sheet.print_title_rows == "$3:$3"
        assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
        rows = list(sheet.iter_rows(min_row=4, max_row=3 + len(annex.frame)))
        for place, key in enumerate(annex.columns):
            kinds = {row[place].data_type for row in rows if row[place].value is not None}
            values = annex.frame[key]
            if pd.api.types.is_datetime64_dtype(values.dtype):
                assert kinds <= {"d"}
            elif pd.api.types.is_numeric_dtype(values.dtype) and values.dtype != bool:
                assert kinds <= {"n"}
                assert [row[place].value for row in rows] == pytest.approx(
                    [None if pd.isna(value) else value for value in values]
                )
            else:
                assert kinds <= {"s"}


def test_no_cell_is_a_formula_and_every_link_leads_to_a_sheet(book):
    links = 0
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            for cell in row:
                if cell.hyperlink is not None:
                    name = cell.hyperlink.location.rsplit("!", 1)[0].strip("'").replace("''", "'")
                    assert name in book.sheetnames
                    links += 1
    assert links > 2 * len(book.sheetnames) - 6


def test_rungs_are_coloured_and_charts_are_native(made, book):
    sheet = next(s for s in book if s.title.startswith("附表2 "))
    (ranges,) = {str(found.sqref) for found in sheet.conditional_formatting}
    place = made.report.annexes[1].columns.index("rung")
    assert ranges == f"{chr(65 + place)}4:{chr(65 + place)}{3 + len(made.report.annexes[1].frame)}"
    charts = book["图表"]
    assert len(charts._charts) >= 3
    counts = {charts.cell(row, 1).value: charts.cell(row, 2).value for row in range(3, 8)}
    assert counts == {"无": 6, "仅有名义": 1, "有效": 2, "有活动": 0, "持续": 0}


def test_the_dictionary_says_what_columns_mean(made, book):
    rows = list(book["数据字典"].iter_rows(min_row=4, values_only=True))
    assert len(rows) == sum(len(annex.columns) for annex in made.report.annexes)
    assert all(row[3] for row in rows if row[2] in terms("column"))


# -- PDF ---------------------------------------------------------------------------------------


def test_pdf_is_tagged_and_dated(made):
    reader = pypdf.PdfReader(made.files["pdf"])
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "zh-CN"
    assert reader.metadata.title == "示例县学校支援网络报告"
    assert reader.metadata.author == "示例县教育局"
    assert reader.metadata.creation_date.date() == made.report.day
    links = [a for page in reader.pages for a in page.get("/Annots", [])]
    assert len(links) >= len(made.report.annexes)


def test_pdf_says_which_extra_it_needs(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(RequestError, match=re.escape("pip install 'liantu[pdf]'")):
        WRITERS["pdf"](made.report, made.network)


# -- long lists --------------------------------------------------------------------------------


def test_paper_cuts_a_long_list_and_the_workbook_does_not(made, tmp_path):
    annex = made.report.annexes[1]
    frame = pd.concat([annex.frame] * 40)
    long = replace(annex, frame=frame, number=1)
    report = replace(made.report, sections=(), annexes=(long,))
    assert len(frame) == 360
    for kind in ("docx", "pdf"):
        path = tmp_path / f"long.{kind}"
        path.write_bytes(WRITERS[kind](report, made.network))
        assert "仅列前40行，共360行" in text_of(path)
    path = tmp_path / "long.xlsx"
    path.write_bytes(excel(report, made.network))
    sheet = next(s for s in openpyxl.load_workbook(path) if s.title.startswith("附表1 "))
    assert sheet.max_row == 363


# -- few pages ---------------------------------------------------------------------------------


def test_an_official_document_has_a_short_body_and_its_pictures_behind():
    network = liantu.read("case:demo")
    report = compose(network, source="case:demo", lang="zh", style="gongwen", organization="局")
    parts = [part for chapter in report.sections for part in chapter.sections]
    blocks = [block for part in parts for block in part.blocks]
    assert not any(isinstance(block, Picture | Facts) for block in blocks)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert [table.number for table in tables] == list(range(1, len(tables) + 1))
    known = {annex.key: annex for annex in report.annexes}
    for table in tables:
        if table.annex:
            whole = known[table.annex]
            assert len(table.rows) <= 6
            cut = f"共{table.total}行，全部见附表{whole.number}。"
            assert table.cap.endswith(cut) if table.total else not table.cap
    pictures = [b for part in report.closing for b in part.blocks if isinstance(b, Picture)]
    assert [picture.number for picture in pictures] == [1, 2]


LONG = "示例省示例市示例自治县人民政府教育督导委员会办公室（县教育体育局基础教育科）"


@pytest.mark.parametrize(
    ("title", "addressee"), [("", ""), (f"{LONG}所辖乡村学校", f"{LONG}、县人民政府")]
)
def test_page_one_of_an_official_document_is_one_page_and_the_body_six(title, addressee, tmp_path):
    network = liantu.read("case:demo")
    report = compose(
        network, source="case:demo", lang="zh", style="gongwen", organization=LONG,
        title=title, addressee=addressee,
    )  # fmt: skip
    path = tmp_path / "demo.pdf"
    path.write_bytes(WRITERS["pdf"](report, network))
    pages = [bare(page.extract_text()) for page in pypdf.PdfReader(path).pages]
    assert all(bare(finding.text) in pages[0] for finding in report.findings)
    assert pages[1].startswith("一、覆盖情况")
    first = next(n for n, page in enumerate(pages) if page.startswith("附表1分地区"))
    assert first <= 8  # with page one: the goal of eight pages before the annexes
    # the fingerprint is one line, whole
    assert any(network.fingerprint in page for page in pages)


def test_lines_of_page_one_stand_closer_where_it_has_more_to_hold():
    network = liantu.read("case:demo")
    made = {"source": "case:demo", "lang": "zh", "style": "gongwen"}
    bare_, full = (
        pitch(compose(network, **made, **words))
        for words in ({}, {"title": f"{LONG}所辖乡村学校", "addressee": LONG * 2})
    )
    assert 20 <= full < bare_ <= 28
    assert pitch(compose(county(), **made)) == 28  # little to say


def test_what_no_table_points_to_the_text_does():
    """Every annex that a section brings is named in it, by the cap of a table or in its text."""
    network = liantu.read("case:demo")
    for style in ("plain", "gongwen"):
        report = compose(network, source="case:demo", lang="zh", style=style)
        numbers = {annex.key: annex.number for annex in report.annexes}
        seen = 0
        for chapter in report.sections:
            for part in chapter.sections:
                caps = [b.cap for b in part.blocks if isinstance(b, Table)]
                texts = [b.text for b in part.blocks if isinstance(b, Text)]
                named = {int(n) for text in (*caps, *texts)
                         for few in re.findall(r"附表([\d、]+)", text) for n in few.split("、")}  # fmt: skip
                for annex in part.annexes if texts else ():
                    assert numbers[annex.key] in named, (style, part.key, annex.key)
                    seen += 1
        assert seen > 10


def test_a_chapter_of_an_official_document_has_one_table_that_its_text_does_not_stand_for():
    network = liantu.read("case:demo")
    report = compose(network, source="case:demo", lang="zh", style="gongwen")
    for chapter in report.sections:
        told = [
            block
            for part in chapter.sections
            if any(isinstance(block, Text) for block in part.blocks)
            for block in part.blocks
            if isinstance(block, Table) and block.annex
        ]
        assert len(told) <= 1, chapter.key
