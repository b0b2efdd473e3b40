"""The report as a workbook: page one, the body, charts, a sheet an annex, a data dictionary.

Text is always a string cell, so that none runs as a formula; numbers and dates are real ones; ids
are text. Sheets are linked both ways.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.errors import RequestError
from liantu.formats.cells import clean, is_text
from liantu.graph.network import Network
from liantu.reports.excel_body import write_body
from liantu.reports.excel_charts import drawn, write_charts
from liantu.reports.excel_looks import formats, height
from liantu.reports.paper import numbered
from liantu.reports.write import heads
from liantu.results.asked import written
from liantu.results.blocks import Annex, Cells, Report
from liantu.vocabulary import code_group, is_share, label, terms

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST = 1_048_575  # rows under a head
_EPOCH = date(1900, 1, 1)  # the first day that workbooks know
_WIDEST = 48  # of a column, in characters
_MEASURED = 500  # rows that a column's width is taken from
_LONGEST = 32_767  # characters of a cell


def excel(report: Report, network: Network) -> bytes:
    """Return a report as a workbook; the same report gives the same bytes.

    Raises
    ------
    RequestError
        If an annex has more rows than a sheet can hold.
    """
    from xlsxwriter import Workbook

    for annex in report.annexes:
        if len(annex.frame) > MOST:
            raise RequestError.of(
                "too_many_rows", value=annex.title, count=len(annex.frame), limit=MOST
            )
    options = {f"strings_to_{what}": False for what in ("formulas", "urls", "numbers")}
    buffer = io.BytesIO()
    with Workbook(buffer, {**options, "in_memory": True}) as book:
        day = datetime.combine(max(report.day, _EPOCH), time())
        book.set_properties(
            {
                "title": clean(report.title)[:255],
                "subject": clean(report.subtitle)[:255],
                "author": clean(report.organization)[:255],
                "created": day,
            }
        )
        made = _Book(report, network, book, formats(book))
        made.write()
    return buffer.getvalue()


@dataclass
class _Book:
    """A workbook in the making; names of sheets by the number of their annex."""

    report: Report
    network: Network
    book: Workbook
    looks: dict[str, Any]
    names: dict[int, str] = field(default_factory=dict)

    def say(self, key: str, group: str = "label") -> str:
        return label(key, self.report.lang, group)

    def write(self) -> None:
        report = self.report
        first = self.sheet(self.say("findings"))
        for annex in report.annexes:
            mark = numbered("annex", annex.number, report.lang)
            self.names[annex.number] = sheet_name(f"{mark} {annex.title}")
        write_body(self.sheet(self.say("body")), report, self.looks)
        found = list(drawn(report, self.network))
        if found:
            write_charts(self.book, self.sheet(self.say("charts")), found, self.looks)
        for annex in report.annexes:
            self.annex(annex)
        self.dictionary()
        self.first(first)

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet for A4: one page wide, its number below."""
        sheet = self.book.add_worksheet(sheet_name(name))
        sheet.set_paper(9)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        sheet.hide_gridlines(2)
        return sheet

    # -- page one --------------------------------------------------------------------------

    def first(self, sheet: Worksheet) -> None:
        report, looks = self.report, self.looks
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 1, 88)
        sheet.set_column(2, 2, 16)
        sheet.set_column(3, 8, 9)
        sheet.write_string(0, 0, clean(report.title), looks["title"])
        told = [report.subtitle, report.organization, written(report.day, report.lang)]
        sheet.write_string(1, 0, " · ".join(clean(part) for part in told if part), looks["quiet"])
        row = 2
        for name, value in report.facts:
            colon = "：" if report.lang == "zh" else ": "
            sheet.write_string(row, 0, clean(f"{name}{colon}{value}"), looks["quiet"])
            row += 1
        if report.addressee:
            sheet.write_string(row, 0, clean(f"{self.say('made_for')} {report.addressee}"))
            row += 1
        row += 1
        sheet.write_string(row, 0, self.say("findings"), looks["heading"])
        for place, finding in enumerate(report.findings, 1):
            row += 1
            sheet.write_number(row, 0, place, looks["top"])
            sheet.write_string(row, 1, clean(finding.text), looks["wrap"])
            sheet.set_row(row, height(finding.text, 88))
            for column, number in enumerate(finding.annexes, 2):
                self.link(sheet, row, column, number)
        row += 2
        sheet.write_string(row, 0, self.say("contents"), looks["heading"])
        row += 1
        for column, key in enumerate(("number", "title", "rows")):
            sheet.write_string(row, column, self.say(key), looks["head"])
        for name in (self.say("body"), self.say("charts")):
            if name in self.book.sheetnames:
                row += 1
                sheet.write_url(row, 1, f"internal:{quoted(name)}!A1", looks["link"], name)
        for annex in report.annexes:
            row += 1
            sheet.write_number(row, 0, annex.number, looks["top"])
            target = f"internal:{quoted(self.names[annex.number])}!A1"
            sheet.write_url(row, 1, target, looks["link"], clean(annex.title)[:255])
            sheet.write_number(row, 2, len(annex.frame), looks["count"])
        row += 1
        name = self.say("dictionary")
        sheet.write_url(row, 1, f"internal:{quoted(name)}!A1", looks["link"], name)
        if report.signature or report.organization:
            row += 2
            sheet.write_string(row, 1, clean(report.signature or report.organization))
            sheet.write_string(row + 1, 1, written(report.day, report.lang))
        sheet.activate()

    def link(self, sheet: Worksheet, row: int, column: int, number: int) -> None:
        """Write how an annex is called, leading to its sheet."""
        if number in self.names:
            words = numbered("annex", number, self.report.lang)
            target = f"internal:{quoted(self.names[number])}!A1"
            sheet.write_url(row, column, target, self.looks["link_top"], words)

    # -- annexes ---------------------------------------------------------------------------

    def annex(self, annex: Annex) -> None:
        """Write a whole list as a native table."""
        report, looks = self.report, self.looks
        sheet = self.sheet(self.names[annex.number])
        if len(annex.columns) > 6:
            sheet.set_landscape()
        mark = numbered("annex", annex.number, report.lang)
        sheet.write_string(0, 0, f"{mark} {clean(annex.title)}", looks["heading"])
        back = f"internal:{quoted(sheet_name(self.say('findings')))}!A1"
        sheet.write_url(1, 0, back, looks["link"], self.say("back"))
        titles = unique(heads(annex, report.lang))
        last = 2 + max(len(annex.frame), 1)
        sheet.add_table(
            *(2, 0, last, len(titles) - 1),
            {
                "name": f"annex{annex.number}",
                "style": "Table Style Light 1",
                "columns": [{"header": title, "header_format": looks["head"]} for title in titles],
            },
        )
        cells = Cells(self.network, report.lang)
        for place, key in enumerate(annex.columns):
            self.column(sheet, place, titles[place], key, annex.frame[key], cells)
            if code_group(key) == "rung":
                self.rungs(sheet, place, last)
        sheet.freeze_panes(3, 1)
        sheet.repeat_rows(2)

    def column(
        self, sheet: Worksheet, place: int, title: str, key: str, values: pd.Series, cells: Cells
    ) -> None:
        """Write a column: numbers and dates as such, all else as text."""
        from rich.cells import cell_len

        style = self.looks["text"]
        if pd.api.types.is_datetime64_dtype(values.dtype):
            shown = values.dt.strftime("%Y-%m-%d")
            found = [None if day is pd.NaT else day for day in values.dt.to_pydatetime().tolist()]
            style = self.looks["day"]
        elif pd.api.types.is_bool_dtype(values.dtype) or is_text(values):
            shown = cells.column(key, values).where(values.notna(), "")
            found = [clean(text)[:_LONGEST] or None for text in shown]
        else:
            shown = cells.column(key, values.head(_MEASURED))
            found = [None if pd.isna(value) else value for value in values.tolist()]
            whole = all(value is None or float(value).is_integer() for value in found)
            style = self.looks["share" if is_share(key) else "count" if whole else "number"]
        sheet.write_column(3, place, found, style)
        # The arrow of the filter takes room beside the head.
        width = max(cell_len(title) + 3, *map(cell_len, shown.head(_MEASURED).fillna("")), 0)
        sheet.set_column(place, place, min(width, _WIDEST) + 1)

    def rungs(self, sheet: Worksheet, place: int, last: int) -> None:
        """Colour the rungs of coverage."""
        for code in terms("rung"):
            sheet.conditional_format(
                *(3, place, last, place),
                {
                    "type": "cell",
                    "criteria": "==",
                    "value": f'"{label(code, self.report.lang, "rung")}"',
                    "format": self.looks[f"rung_{code}"],
                },
            )

    # -- what the columns mean -------------------------------------------------------------

    def dictionary(self) -> None:
        """Write what each column of the annexes means, in the words of the vocabulary."""
        report, looks = self.report, self.looks
        sheet = self.sheet(self.say("dictionary"))
        sheet.write_string(0, 0, self.say("dictionary"), looks["heading"])
        known, rows = terms("column"), []
        for annex in report.annexes:
            mark = numbered("annex", annex.number, report.lang)
            for key, head in zip(annex.columns, heads(annex, report.lang), strict=True):
                term = known.get(key)
                rows.append((mark, head, key, term.definition(report.lang) if term else ""))
        words = ("annexes", "column_name", "column_key", "meaning")
        for place, (key, width) in enumerate(zip(words, (10, 24, 22, 80), strict=True)):
            sheet.write_string(2, place, self.say(key), looks["head"])
            sheet.set_column(place, place, width)
        for place, row in enumerate(rows, 3):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text, looks["wrap"])
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        sheet.set_landscape()


def quoted(name: str) -> str:
    """Return the name of a sheet as an address has it."""
    return "'" + name.replace("'", "''") + "'"


def sheet_name(title: str) -> str:
    """Return a title without the signs that the name of a sheet must not have, at most 31 long.

    Examples
    --------
    >>> sheet_name("Annex 1 a/b: c?")
    'Annex 1 a b c'
    """
    line = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(title)).split())
    return line.strip("' ")[:31].strip("' ")


def unique(titles: list[str]) -> list[str]:
    """Return heads of a table; a second one of the same name counts.

    Examples
    --------
    >>> unique(["pupils", "pupils", "name"])
    ['pupils', 'pupils 2', 'name']
    """
    found: list[str] = []
    for title in titles:
        same = sum(title.casefold() == other.casefold() for other in titles[: len(found)])
        found.append(f"{title} {same + 1}" if same else title)
    return found
