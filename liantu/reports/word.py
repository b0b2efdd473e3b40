"""The report as a Word document.

The document is written as WordprocessingML, since a list of a thousand schools has ten thousand
cells; python-docx keeps the package: parts, pictures, properties.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from liantu.graph.network import Network
from liantu.reports import word_xml as xml
from liantu.reports.numbers import pointers
from liantu.reports.paper import SHORT, Paper, columns, numbered, papers, pitch, titles
from liantu.reports.word_look import (
    MM,
    Looks,
    W,
    fonts_xml,
    looks,
    numbering_xml,
    section_xml,
    styles_xml,
)
from liantu.results.asked import written
from liantu.results.blocks import (
    Block,
    Fact,
    Facts,
    Items,
    Picture,
    Report,
    Section,
    Table,
    Text,
)
from liantu.vocabulary import label

if TYPE_CHECKING:
    from docx.document import Document

_EARLIEST = datetime(1980, 1, 1)  # that a zip archive knows
_DPI = 200
_FACTS = 4  # key figures side by side
_UNWANTED = ("thumbnail", "customXml", "stylesWithEffects")  # parts of python-docx's template


def word(report: Report, network: Network) -> bytes:
    """Return a report as a Word document; the same report gives the same bytes."""
    from docx import Document

    made = looks(report.style, report.lang, pitch(report))
    document = Document()
    _prepare(document, report, made)
    flow = _Flow(report, network, made, document)
    flow.add_all()
    _fill(document, flow)
    buffer = io.BytesIO()
    document.save(buffer)
    return _dated(buffer.getvalue())


# -- the package -------------------------------------------------------------------------------


def _prepare(document: Document, report: Report, made: Looks) -> None:
    """Put styles, numbering, fonts, settings and properties in the place of the template's."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    part = document.part
    for owner in (part, part.package):
        for key, rel in list(owner.rels.items()):
            if rel.reltype.rsplit("/", 1)[-1] in _UNWANTED:
                del owner.rels[key]
    replaced = (
        (part._styles_part.element, styles_xml(made)),
        (part.numbering_part.element, numbering_xml(made)),
    )
    for element, text in replaced:
        element[:] = list(parse_xml(text))
    for rel in part.rels.values():
        if rel.reltype.endswith("/fontTable"):
            rel.target_part._blob = fonts_xml().encode()
    settings = document.settings.element
    for name in ("savePreviewPicture", "rsids", "shapeDefaults", "themeFontLang"):
        for element in settings.xpath(f"./w:{name}"):
            settings.remove(element)
    for element in settings.xpath("./w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        element.set(qn("w:val"), "15")
    document.settings.odd_and_even_pages_header_footer = report.style == "gongwen"
    day = datetime.combine(max(report.day, _EARLIEST.date()), time())
    properties = document.core_properties
    properties.title = xml.said("".join(titles(report)[0]))[:255]
    properties.subject = xml.said(report.subtitle)[:255]
    properties.author = properties.last_modified_by = xml.said(report.organization)[:255]
    properties.language = "zh-CN" if report.lang == "zh" else "en-GB"
    properties.comments = properties.keywords = ""
    properties.revision = 1
    properties.created = properties.modified = day


def _fill(document: Document, flow: _Flow) -> None:
    """Put what was written into the body, each section's page at its end."""
    from docx.oxml import parse_xml

    body = document.element.body
    spaces = " ".join(f'xmlns:{key}="{uri}"' for key, uri in body.nsmap.items() if key)
    body[:] = list(parse_xml(f"<w:body {spaces}>{''.join(flow.parts)}</w:body>"))


def _dated(archive: bytes) -> bytes:
    """Return an archive whose entries bear no clock's time."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@dataclass
class _Flow:
    """The body, from the title to the last line."""

    report: Report
    network: Network
    made: Looks
    document: Document
    parts: list[str] = field(default_factory=list)
    pictures: int = 0

    def say(self, key: str) -> str:
        return label(key, self.report.lang, "label")

    def add(self, style: str, text: str, extra: str = "") -> None:
        if text:
            self.parts.append(xml.paragraph(style, xml.run(text), extra))

    # -- the order of things ---------------------------------------------------------------

    def add_all(self) -> None:
        report = self.report
        self.first_page()
        for place, section in enumerate(report.sections):
            self.section(section, 0, first=not place)
        if report.unanswered:
            self.heading(self.say("unanswered"), 0)
            self.items(report.unanswered, quiet=True)
        self.list_of_annexes()
        self.signature()
        footers = self.footers()
        found = papers(report, self.network, self.made.page.width / self.sign("Annex"))
        self.end_section(side=False, footers=footers)
        for paper, after in zip_longest(found, found[1:]):
            self.annex(paper)
            if after is None or after.side != paper.side:
                self.end_section(side=paper.side)
        self.add("AnnexTitle", self.say("closing"))
        for section in report.closing:
            self.section(section, 1, numbered=False)
        self.parts.append(section_xml(self.made))

    def first_page(self) -> None:
        report = self.report
        lines, under = titles(report)
        self.parts.append(xml.paragraph("Title", "<w:r><w:br/></w:r>".join(map(xml.run, lines))))
        if report.style == "plain":
            told = [f"{name}{self.colon}{value}" for name, value in report.facts]
            under = " · ".join(filter(None, [under, report.organization, *told]))
        self.add("Subtitle", under)
        if report.addressee:
            self.add("Addressee", report.addressee.rstrip("：:") + self.colon.rstrip())
        if not report.findings:
            return
        self.heading(self.say("findings"), 0, numbered=False)
        for finding in report.findings:
            inner = xml.run(finding.text)
            if finding.annexes:
                inner += self.pointers(finding.annexes)
            self.parts.append(xml.paragraph("Finding", inner))

    @property
    def colon(self) -> str:
        return "：" if self.report.lang == "zh" else ": "

    def pointers(self, numbers: Sequence[int]) -> str:
        """Return （附表1、3）, each a link."""
        opening, comma, closing = (
            ("（", "、", "）") if self.report.lang == "zh" else (" (", ", ", ")")
        )
        links = [
            xml.link(text, f"annex{number}") for number, text in pointers(numbers, self.report.lang)
        ]
        return xml.run(opening) + xml.run(comma).join(links) + xml.run(closing)

    def section(
        self, section: Section, level: int, *, numbered: bool = True, first: bool = False
    ) -> None:
        self.heading(section.title, level, numbered=numbered, first=first)
        for block in section.blocks:
            self.block(block)
        for part in section.sections:
            self.section(part, level + 1, numbered=numbered)

    def heading(self, text: str, level: int, *, numbered: bool = True, first: bool = False) -> None:
        """Write a heading; the first of the body begins a page, so that page one stands alone."""
        style = f"Heading{min(level, 3) + 1}"
        extra = '<w:pageBreakBefore w:val="1"/>' if first else ""
        if not numbered:
            extra += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
            # Without the number the indent of the style is lost, too.
            chars = round(self.made.styles[style].first)
            extra += f'<w:ind w:firstLineChars="{100 * chars}" w:firstLine="{320 * chars}"/>'
        self.add(style, text, extra)

    def block(self, block: Block) -> None:
        if isinstance(block, Text):
            self.add("Note" if block.quiet else "BodyText", block.text)
        elif isinstance(block, Items):
            self.items(block.items, quiet=block.quiet)
        elif isinstance(block, Facts):
            self.facts(block)
        elif isinstance(block, Table):
            self.table(block)
        else:
            self.picture(block)

    def items(self, items: Iterable[str], *, quiet: bool) -> None:
        for item in items:
            self.add("SmallItem" if quiet else "Item", item)

    # -- tables ----------------------------------------------------------------------------

    def caption(self, style: str, kind: str, number: int, title: str) -> None:
        """Write 表1 and a title; the number is a field that counts on when a table is put in."""
        said = numbered(kind, number, self.report.lang)
        word = said.removesuffix(str(number))
        inner = title if not number else f"  {title}"
        counted = xml.counted(f"SEQ {word.strip()} \\* ARABIC", str(number)) if number else ""
        self.parts.append(xml.paragraph(style, xml.run(word) + counted + xml.run(inner)))

    def facts(self, block: Facts) -> None:
        rows = [block.facts[n : n + _FACTS] for n in range(0, len(block.facts), _FACTS)]
        room = self.made.page.width * MM
        for row in rows:
            each = [round(room / len(row))] * len(row)
            cells = [self.fact(fact) for fact in row]
            lines = xml.GRID if self.report.style == "gongwen" else {}
            shade = "" if lines else "F5F7F9"
            self.parts.append(xml.table([xml.row(cells, each, shade=shade)], each, lines, ""))
            self.parts.append(xml.paragraph("Note", ""))

    def fact(self, fact: Fact) -> str:
        red = '<w:color w:val="B23A48"/>' if fact.alarm and self.report.style == "plain" else ""
        centre = '<w:jc w:val="center"/>' if self.report.style == "gongwen" else ""
        told = xml.paragraph("TableText", xml.run(fact.label), centre)
        told += xml.paragraph("Key", xml.run(fact.value, red))
        if fact.detail:
            told += xml.paragraph("TableText", xml.run(fact.detail), centre)
        return told

    def table(self, table: Table) -> None:
        if table.title:
            self.caption("Caption", "table", table.number, table.title)
        self.grid(table, self.made.page.width)
        if table.cap or self.report.style == "plain":
            self.parts.append(xml.paragraph("Note", xml.run(table.cap)))

    def grid(self, table: Table, room: float, kind: str = "Table") -> None:
        """Write head and rows; `room` is the width of the page in millimetres."""
        gongwen = self.report.style == "gongwen"
        sign = self.sign(kind)
        each = [round(w * sign * MM) for w in columns(table, room / sign, full=gongwen)]
        # What stands at the right, or in the middle of a column of short words.
        styles = [f"{kind}Number" if look == "number" else f"{kind}Text" for look in table.looks]
        centre, right = '<w:jc w:val="center"/>', '<w:jc w:val="right"/>'
        looks = table.looks
        tops = [right if look == "number" and not gongwen else "" for look in looks]
        sides = [centre if look == "short" and gongwen else "" for look in looks]
        mono = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/>'
        runs = [mono if look == "code" else "" for look in looks]
        head = [
            xml.paragraph(f"{kind}Head", xml.run(text), top)
            for text, top in zip(table.head, tops, strict=True)
        ]
        rows = [xml.row(head, each, head=True)]
        short = SHORT // 2 if gongwen else SHORT
        for place, row in enumerate(table.rows, 1):
            # A short table stays on one page; of a longer one no row stands alone.
            last = len(table.rows)
            stays = place < last and (last <= short or place in (1, last - 1))
            keep = "<w:keepNext/>" if stays else ""
            cells = [
                xml.paragraph(style, xml.run(text, run), keep + side)
                for style, text, run, side in zip(styles, row, runs, sides, strict=True)
            ]
            rows.append(xml.row(cells, each))
        lines = xml.GRID if self.report.style == "gongwen" else xml.RULES
        self.parts.append(xml.table(rows, each, lines, table.title))

    # -- pictures --------------------------------------------------------------------------

    def picture(self, picture: Picture) -> None:
        from docx.shared import Mm

        from liantu.plots.style import png

        image, inches = png(picture.figure(), _DPI)
        room = self.made.page.width
        wide = min(room, inches[0] * 25.4)
        tall = wide * inches[1] / inches[0]
        most = 150 if self.report.style == "gongwen" else 105  # room is left for text
        if tall > most:
            wide, tall = wide * most / tall, most
        self.pictures += 1
        inline: Any = self.document.part.new_pic_inline(io.BytesIO(image), Mm(wide), Mm(tall))
        inline.docPr.set("id", str(self.pictures))
        inline.docPr.set("name", f"Picture {self.pictures}")
        inline.docPr.set("descr", xml.said(picture.alt))
        inline.docPr.set("title", xml.said(picture.title))
        inline.graphic.graphicData.pic.nvPicPr.cNvPr.set("name", f"picture{self.pictures}.png")
        drawn = inline.xml
        self.parts.append(xml.paragraph("Figure", f"<w:r><w:drawing>{drawn}</w:drawing></w:r>"))
        self.caption("Below", "picture", picture.number, picture.title)

    # -- annexes and the end ---------------------------------------------------------------

    def list_of_annexes(self) -> None:
        if not self.report.annexes:
            return
        if self.report.style == "plain":
            self.heading(self.say("annexes"), 0, numbered=False)
        told = []
        for annex in self.report.annexes:
            said = numbered("annex", annex.number, self.report.lang)
            inner = xml.link(f"{said}{self.colon}{annex.title}", f"annex{annex.number}")
            told.append(xml.paragraph("Annexes", inner))
        if self.report.style == "plain":
            self.parts += told
            return
        # Two columns, read downwards.
        self.parts.append(xml.paragraph("Note", ""))
        half = -(-len(told) // 2)
        each = [round(self.made.page.width / 2 * MM)] * 2
        empty = xml.paragraph("Annexes", "")
        pairs = zip_longest(told[:half], told[half:], fillvalue=empty)
        rows = [xml.row(pair, each) for pair in pairs]
        self.parts.append(xml.table(rows, each, {}, self.say("annexes")))

    def signature(self) -> None:
        report = self.report
        signed = report.signature or report.organization
        if not signed:
            return
        from rich.cells import cell_len

        day = written(report.day, report.lang)
        right = (0.0, 0.0)
        if report.style == "gongwen":  # the date begins two characters right of the signature
            name, date = cell_len(signed) / 2, cell_len(day) / 2
            right = (2.0, name - date) if name - date >= 2 else (4 + date - name, 2.0)
        for style, text, room in (("Signature", signed, right[0]), ("Date", day, right[1])):
            length = round(room * 20 * self.made.styles[style].size)
            kept = "<w:keepNext/>" if style == "Signature" else ""
            place = f'<w:ind w:rightChars="{round(room * 100)}" w:right="{length}"/>'
            self.add(style, text, kept + place)

    def sign(self, kind: str) -> float:
        """Width of a Latin letter in a table in millimetres, with some room for wide fonts."""
        return self.made.styles[f"{kind}Text"].size / 2 * 1.1 / 72 * 25.4

    def annex(self, paper: Paper) -> None:
        number = paper.number
        named = (
            f'<w:bookmarkStart w:id="{number}" w:name="annex{number}"/>{xml.run(paper.mark)}'
            f'<w:bookmarkEnd w:id="{number}"/>'
        )
        goes_on = '<w:pageBreakBefore w:val="0"/><w:spacing w:before="560"/>'
        self.parts.append(xml.paragraph("Mark", named, goes_on if paper.follows else ""))
        self.add("AnnexTitle", paper.table.title)
        page = self.made.page
        self.grid(paper.table, page.long if paper.side else page.width, "Annex")
        self.add("Note", paper.table.cap)

    def end_section(self, *, side: bool, footers: tuple[str, str] | None = None) -> None:
        inner = section_xml(self.made, side=side, footers=footers)
        small = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
        self.parts.append(f'<w:p><w:pPr><w:pStyle w:val="Normal"/>{small}{inner}</w:pPr></w:p>')

    def footers(self) -> tuple[str, str]:
        """Write the number of the page – after the standard outside, between dashes."""
        from docx.oxml import parse_xml

        section = self.document.sections[0]
        gongwen = self.report.style == "gongwen"
        sides = (("right", section.footer), ("left", section.even_page_footer))
        for side, footer in sides:
            footer.is_linked_to_previous = False
            extra = ""
            inner = xml.counted("PAGE", "1")
            if gongwen:
                inner = xml.run("— ") + inner + xml.run(" —")
                extra = f'<w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/>'
            paragraph = xml.paragraph("Footer", inner, extra).replace("<w:p>", f"<w:p {W}>", 1)
            footer._element[:] = [parse_xml(paragraph)]
        found: list[str] = section._sectPr.xpath("./w:footerReference/@r:id")
        return found[0], found[1]
