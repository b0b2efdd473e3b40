"""The workbook of candidates: a sheet a table as in the template, and a column to decide in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from liantu.extract.candidates import CLAIMS, Candidate, Found, shown
from liantu.extract.claims import measures
from liantu.formats.sealed_book import sealed_book, ticking_styles
from liantu.graph import schema
from liantu.loaders.template import Field, fields_of
from liantu.vocabulary import Lang, label, message, terms

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

DECISIONS = ("adopt", "amend", "reject")
BEFORE = ("decision", "sure")
BEHIND = ("evidence", "sentence", "file", "begin", "stop", "method")
CLAIM_COLUMNS = ("object", "comparison", "value", "unit", "measure", "as_of")
_KINDS = ("name", "id", "aliases", "region", "parent", "form", "subject")
_UNASKED = ("provenance", "place")
_HEAD = 1
_WIDTHS = {
    "sentence": 70,
    "evidence": 28,
    "decision": 8,
    "sure": 6,
    "begin": 7,
    "stop": 7,
    "method": 6,
}


class Column(NamedTuple):
    """A column of a sheet: key, header, words of its drop-down, and the kind of an end."""

    key: str
    header: str
    words: tuple[str, ...] = ()


def columns(table: str, lang: Lang) -> list[Column]:
    """Return the columns of a sheet, those of the template between those to decide by.

    Examples
    --------
    >>> [column.header for column in columns("pact", "zh")][:4]
    ['决定', '置信', '支援地区', '受援地区']
    """
    own: list[Column] = []
    if table == CLAIMS:
        own = [Column(key, label(key, lang, "extract"), _words(key, lang)) for key in CLAIM_COLUMNS]
    else:
        whole = schema.tables()[table]
        for field in fields_of(whole, lang):
            key = field.column.name
            if key in _UNASKED or (not whole.is_relation and key not in _KINDS):
                continue
            if kind := _kind_of(field):
                key = f"{key}:{kind}"
            own.append(Column(key, field.header, field.words))
    decisions = tuple(label(word, lang, "decision") for word in DECISIONS)
    before = [Column("decision", label("decision", lang, "extract"), decisions)]
    before.append(Column("sure", label("sure", lang, "extract")))
    return [*before, *own, *(Column(key, label(key, lang, "extract")) for key in BEHIND)]


def _kind_of(field: Field) -> str:
    """Return the kind of the ends below a header, "" where it leaves that open."""
    return dict(field.column.headers).get(field.header, "") if len(field.siblings) > 1 else ""


def _words(key: str, lang: Lang) -> tuple[str, ...]:
    if key == "measure":
        return tuple(label(name, lang, "extract_measure") for name in measures())
    if key == "unit":
        return tuple(label(name, lang, "unit") for name in terms("unit"))
    return ("=", ">=", "<=", "~") if key == "comparison" else ()


def title(table: str, lang: Lang) -> str:
    """Return the name of a sheet."""
    return label(CLAIMS, lang, "extract") if table == CLAIMS else schema.tables()[table].label(lang)


def tables(found: Found) -> list[str]:
    """Return the tables that have candidates: ties first, then what they join, then figures."""
    order = [*schema.relations(), *schema.kinds(), CLAIMS]
    return [table for table in order if found.of(table)]


def cells(row: Candidate, lang: Lang) -> dict[str, str]:
    """Return what stands in the sheet for a candidate, by column; nothing is decided."""
    own: dict[str, str] = {}
    known = {column.key for column in columns(row.table, lang)}
    for key, value in row.cells.items():
        column, _, kind = key.partition(":")
        if kind and key not in known:  # an end whose kind has no header of its own
            own |= {column: value, f"{column}_kind": label(kind, lang, "kind")}
        else:
            own[key] = shown(row.table, key, value, lang)
    return {
        **own,
        "sure": label(row.sure, lang, "sure"),
        "evidence": row.evidence,
        "sentence": row.sentence,
        "file": row.file,
        "begin": str(row.start),
        "stop": str(row.end),
        "method": label(row.method, lang, "method"),
    }


def write_candidates(
    path: Path, found: Found, lang: Lang, decided: Mapping[int, str] | None = None
) -> None:
    """Write the workbook in which a person decides.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    found
        What was found in texts.
    lang
        Language of sheets and headers; either is read back.
    decided
        What a person has decided already, by the place of a row in `found`.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    with sealed_book(path) as book:
        guide = book.add_worksheet(label("notes", lang, "sheet"))
        named = tables(found)
        sheets = {table: book.add_worksheet(title(table, lang)) for table in named}
        lists = book.add_worksheet(label("lists", lang, "draft_word"))
        lists.hide()
        styles = {"told": book.add_format({"italic": True}), **ticking_styles(book)}
        known: dict[tuple[str, ...], str] = {}
        for table, sheet in sheets.items():
            filled = [
                {**cells(row, lang), "decision": _decision(decided, number, lang)}
                for number, row in enumerate(found.rows)
                if row.table == table
            ]
            _write(sheet, table, filled, lang, styles, lists, known)
        guide.set_column(0, 0, 100, styles["wrap"])
        for row, code in enumerate(("intro", "decide", "amend", "claims", "next")):
            guide.write_string(row, 0, message(f"extract_told_{code}", lang), styles["wrap"])


def _decision(decided: Mapping[int, str] | None, number: int, lang: Lang) -> str:
    word = (decided or {}).get(number, "")
    return label(word, lang, "decision") if word in DECISIONS else ""


def _write(
    sheet: Worksheet, table: str, rows: Sequence[Mapping[str, str]], lang: Lang,
    styles: dict[str, Format], lists: Worksheet, known: dict[tuple[str, ...], str],
) -> None:  # fmt: skip
    """Write explanation, header, rows and drop-downs of one sheet."""
    from rich.cells import cell_len
    from xlsxwriter.utility import xl_range_abs

    every = columns(table, lang)
    sheet.write_string(0, 0, message("extract_told_sheet", lang), styles["told"])
    sheet.freeze_panes(_HEAD + 1, 1)
    for place, column in enumerate(every):
        style = styles["pick" if column.key == "decision" else "head"]
        sheet.write_string(_HEAD, place, column.header, style)
        body = styles["fill" if column.key == "decision" else "text"]
        if column.key in ("sentence", "evidence"):
            body = styles["wrap"]
        for number, row in enumerate(rows, _HEAD + 1):
            text = row.get(column.key, "")
            if text:
                sheet.write_string(number, place, text, body)
            else:
                sheet.write_blank(number, place, None, body)
        widest = max(
            cell_len(text) for text in (column.header, *(r.get(column.key, "") for r in rows))
        )
        sheet.set_column(place, place, _WIDTHS.get(column.key, min(max(widest + 2, 8), 28)))
        if column.words and rows:
            if column.words not in known:
                known[column.words] = (
                    f"='{lists.get_name()}'!"
                    f"{xl_range_abs(0, len(known), len(column.words) - 1, len(known))}"
                )
                lists.write_column(0, len(known) - 1, column.words)
            rule = {"validate": "list", "source": known[column.words]}
            rule["show_error"] = column.key == "decision"  # type: ignore[assignment]
            sheet.data_validation(_HEAD + 1, place, _HEAD + len(rows), place, rule)
    sheet.autofilter(_HEAD, 0, _HEAD + len(rows), len(every) - 1)
