"""The body of a report as one sheet: headings, sentences, figures and tables under each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from liantu.formats.cells import clean
from liantu.reports.excel_looks import height
from liantu.reports.numbers import heading_number, walked
from liantu.reports.paper import numbered
from liantu.results.blocks import Block, Facts, Items, Picture, Report, Table, Text
from liantu.vocabulary import label

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

COLUMNS = 8
_FIRST, _OTHER = 30, 14  # widths in characters
_WIDTH = _FIRST + (COLUMNS - 1) * _OTHER


def write_body(sheet: Worksheet, report: Report, looks: dict[str, Any]) -> None:
    """Write chapters, what could not be worked out and the end."""
    sheet.set_landscape()
    sheet.set_column(0, 0, _FIRST)
    sheet.set_column(1, COLUMNS + 6, _OTHER)
    # Figures of the body are as rounded as its sentences: texts, on purpose.
    sheet.ignore_errors({"number_stored_as_text": "A1:Z10000"})
    flow = _Flow(sheet, report, looks)
    for level, number, section in walked(report.sections, report.lang):
        flow.heading(number + section.title, level)
        flow.blocks(section.blocks)
    if report.unanswered:
        number = heading_number((len(report.sections) + 1,), report.lang)
        flow.heading(number + label("unanswered", report.lang, "label"), 1)
        flow.blocks([Items(report.unanswered)])
    flow.heading(label("closing", report.lang, "label"), 1)
    for level, _, section in walked(report.closing, report.lang):
        flow.heading(section.title, level + 1)
        flow.blocks(section.blocks)


class _Flow:
    """The next free row of a sheet, and what is written there."""

    def __init__(self, sheet: Worksheet, report: Report, looks: dict[str, Any]) -> None:
        self.sheet, self.report, self.looks, self.row = sheet, report, looks, 0

    def heading(self, text: str, level: int) -> None:
        self.row += self.row > 0
        look = self.looks["heading" if level == 1 else "part"]
        self.sheet.write_string(self.row, 0, clean(text), look)
        self.row += 1

    def line(self, text: str, look: str = "wrap") -> None:
        """Write a paragraph over all columns."""
        said = clean(text)
        if said:
            self.sheet.merge_range(self.row, 0, self.row, COLUMNS - 1, "", self.looks[look])
            self.sheet.write_string(self.row, 0, said, self.looks[look])
            self.sheet.set_row(self.row, height(said, _WIDTH))
            self.row += 1

    def blocks(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            if isinstance(block, Text):
                self.line(block.text, "note" if block.quiet else "wrap")
            elif isinstance(block, Items):
                for item in block.items:
                    self.line(f"• {item}")
            elif isinstance(block, Facts):
                self.facts(block)
            elif isinstance(block, Table):
                self.table(block)
            else:
                self.told(block)

    def told(self, picture: Picture) -> None:
        """Write what a picture shows: in a workbook its figures stand in tables and charts."""
        self.caption("picture", picture.number, picture.title)
        self.line(picture.alt, "note")

    def caption(self, kind: str, number: int, title: str) -> None:
        words = f"{numbered(kind, number, self.report.lang)}  {clean(title)}".strip()
        self.sheet.write_string(self.row, 0, words, self.looks["caption"])
        self.row += 1

    def facts(self, block: Facts) -> None:
        for place, fact in enumerate(block.facts):
            figure = self.looks["alarm" if fact.alarm else "figure"]
            self.sheet.write_string(self.row, place, clean(fact.label), self.looks["note"])
            self.sheet.write_string(self.row + 1, place, clean(fact.value), figure)
            self.sheet.write_string(self.row + 2, place, clean(fact.detail), self.looks["note"])
        self.row += 4

    def high(self, texts: Iterable[str]) -> None:
        """Make the row as high as its texts need: not every program does so by itself."""
        widths = [_FIRST, *[_OTHER] * (COLUMNS + 6)]
        needed = [height(clean(text), width) for text, width in zip(texts, widths, strict=False)]
        self.sheet.set_row(self.row, max(needed, default=0) or None)

    def table(self, table: Table) -> None:
        self.row += 1
        self.caption("table", table.number, table.title)
        looks = {"number": "cell_number", "code": "cell_code"}  # a code goes on beyond its cell
        for place, head in enumerate(table.head):
            self.sheet.write_string(self.row, place, clean(head), self.looks["head"])
        self.high(table.head)
        for row in table.rows:
            self.row += 1
            for place, (text, look) in enumerate(zip(row, table.looks, strict=True)):
                style = self.looks[looks.get(look, "cell")]
                self.sheet.write_string(self.row, place, clean(text), style)
            self.high(text for text, look in zip(row, table.looks, strict=True) if look != "code")
        self.row += 1
        self.line(table.cap, "note")
