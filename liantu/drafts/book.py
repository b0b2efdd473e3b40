"""The workbook that is ticked: four sheets, candidates as drop-downs, explained in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liantu.drafts.rows import COLUMNS, Row
from liantu.drafts.unclear import Unclear
from liantu.formats.sealed_book import sealed_book, ticking_styles
from liantu.graph import schema
from liantu.loaders.template import header_words
from liantu.loaders.ticks import LEFT_OUT, SHEETS
from liantu.vocabulary import Lang, label, message

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_WIDEST = 40
_HEAD = 1  # the row of the header, below the explanation
_PICKED = ("pick", "pick_count", "scope")


def write_book(path: Path, found: Unclear, lang: Lang) -> None:
    """Write a draft.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    with sealed_book(path) as book:
        sheets = {key: book.add_worksheet(label(key, lang, "draft_sheet")) for key in SHEETS}
        lists = _Lists(book, lang)
        told = book.add_format({"text_wrap": True, "valign": "top", "italic": True})
        styles = {"told": told, **ticking_styles(book)}
        for key, sheet in sheets.items():
            _write(sheet, key, found.rows[key], lang, styles)
            _choices(sheet, key, found.rows[key], lang, lists, found)


def _write(
    sheet: Worksheet, key: str, rows: Sequence[Row], lang: Lang, styles: dict[str, Format]
) -> None:
    """Write explanation, header and rows of one sheet."""
    from rich.cells import cell_len

    columns = COLUMNS[key]
    told = message(f"draft_told_{key}", lang)
    sheet.merge_range(0, 0, 0, len(columns) - 1, told, styles["told"])
    sheet.set_row(0, 48)
    sheet.freeze_panes(_HEAD + 1, columns.index("pick") + 1)
    for place, name in enumerate(columns):
        header = label(name, lang, "draft")
        sheet.write_string(_HEAD, place, header, styles["pick" if name in _PICKED else "head"])
        style = "fill" if name in _PICKED else "wrap" if name in ("reason", "found") else "text"
        for number, row in enumerate(rows, _HEAD + 1):
            if row[name]:
                sheet.write_string(number, place, row[name], styles[style])
            else:
                sheet.write_blank(number, place, None, styles[style])
        width = max(map(cell_len, [header, *(row[name] for row in rows)]))
        sheet.set_column(place, place, min(max(width + 2, 8), _WIDEST))


class _Lists:
    """The hidden sheet that drop-downs take their words from."""

    def __init__(self, book: Workbook, lang: Lang) -> None:
        self.sheet = book.add_worksheet(label("lists", lang, "draft_word"))
        self.sheet.hide()
        self.known: dict[tuple[str, ...], str] = {}

    def range(self, words: tuple[str, ...]) -> str:
        """Return the range that holds some words."""
        from xlsxwriter.utility import xl_range_abs

        if words not in self.known:
            place = len(self.known)
            self.sheet.write_column(0, place, words)
            name = self.sheet.get_name()
            self.known[words] = f"='{name}'!{xl_range_abs(0, place, len(words) - 1, place)}"
        return self.known[words]


def _choices(
    sheet: Worksheet, key: str, rows: Sequence[Row], lang: Lang, lists: _Lists, found: Unclear
) -> None:
    """Give the cells to fill in their drop-downs; other words may be written where that helps."""
    from xlsxwriter.utility import xl_range_abs

    columns = COLUMNS[key]
    pick, first = columns.index("pick"), columns.index("candidate_1")
    nothing = label(LEFT_OUT, lang, "draft_word")
    tables = {table.label(lang): name for name, table in schema.tables().items()}
    places = tuple(dict.fromkeys(row["sheet"] or row["file"] for row in found.rows["tables"]))
    for number, row in enumerate(rows, _HEAD + 1):
        if key == "tables":
            source = lists.range((nothing, *tables))
        elif key == "columns":
            table = tables.get(row["read_as"], "")
            words = header_words(table, lang) if table else ()
            own = [row[name] for name in columns if name.startswith("candidate_") and row[name]]
            source = lists.range(tuple(dict.fromkeys((*own, nothing, *words))))
        else:
            count = sum(bool(row[name]) for name in columns if name.startswith("candidate_"))
            source = f"={xl_range_abs(number, first, number, first + count - 1)}" if count else ""
        if source:
            closed = key in ("tables", "columns")
            rule = {"validate": "list", "source": source, "show_error": closed}
            sheet.data_validation(number, pick, number, pick, rule)
        if "scope" in columns and places:
            scope = columns.index("scope")
            rule = {"validate": "list", "source": lists.range(places), "show_error": False}
            sheet.data_validation(number, scope, number, scope, rule)
