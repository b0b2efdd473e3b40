"""The workbook that a planner fills in: a sheet a table, drop-downs, notes and example rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from liantu.errors import RequestError
from liantu.formats.files import write_file
from liantu.graph import schema
from liantu.graph.schema import Column, Table
from liantu.loaders import template_indicators as wide
from liantu.vocabulary import Lang, find, label, message, nearest, terms, words

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

PREFIX: dict[Lang, str] = {"en": "EXAMPLE-", "zh": "示例-"}
_ROWS = 2_000  # that have drop-downs
_HEAD = 2  # the row of the headers, below title and reporting unit
_MADE = datetime(2026, 1, 1)  # the same bytes again


class _Way(NamedTuple):
    """How a column is written in a sheet, where that is not plain: a row of ``sheets.csv``.

    Several headers for an end that may be of several kinds, each of one kind, the kind of the
    example first; all of them are headers that the loader knows. Any other form than the offered
    ones may be written.
    """

    headers: dict[Lang, tuple[str, ...]]
    offered: tuple[str, ...]  # keys of the words in the drop-down


class Field(NamedTuple):
    """A column of a sheet."""

    header: str
    column: Column
    first: bool  # the header that holds the example, where an end has several
    siblings: tuple[str, ...]
    words: tuple[str, ...]  # of the drop-down


def header_of(table: str, column: str, lang: Lang) -> str:
    """Return the header under which a planner writes a column of a table.

    Examples
    --------
    >>> header_of("assists", "target", "zh"), header_of("mentors", "start", "zh")
    ('受援校', '开始日期')
    """
    return " / ".join(_headers(table, column, lang))


def _headers(table: str, column: str, lang: Lang) -> tuple[str, ...]:
    way = _ways().get((table, column))
    return (way and way.headers[lang]) or (label(column, lang),)


@cache
def _ways() -> dict[tuple[str, str], _Way]:
    """Return how the columns are written that are not written plainly."""
    text = files("liantu.loaders").joinpath("sheets.csv").read_text(encoding="utf-8")
    return {
        (row["table"], row["column"]): _Way(
            {lang: tuple(filter(None, row[lang].split("|"))) for lang in PREFIX},
            tuple(filter(None, row["offered"].split("|"))),
        )
        for row in csv.DictReader(text.splitlines())
    }


def write_template(path: Path, lang: Lang, only: Sequence[str] = ()) -> None:
    """Write a workbook to fill in: explanations, then a sheet a kind and relation.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    lang
        Language of sheets, headers, notes and drop-downs; either loads without a mapping.
    only
        The tables to write, by any of their names; none means all.

    Raises
    ------
    RequestError
        If the file cannot be written, or a name is that of no table.
    """
    from xlsxwriter import Workbook

    every = {*schema.tables(), wide.SHEET}
    wanted = {_table_called(name) for name in only} or every

    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE})
        guide = book.add_worksheet(label("notes", lang, "sheet"))
        titles = {name: t.label(lang) for name, t in schema.tables().items()}
        titles[wide.SHEET] = wide.title(lang)
        sheets = {name: book.add_worksheet(t) for name, t in titles.items() if name in wanted}
        codes = book.add_worksheet(label("codes", lang, "sheet"))
        codes.hide()
        styles = _styles(book)
        lists: dict[tuple[str, ...], str] = {}
        for name, sheet in sheets.items():
            fields = _fields_of(name, lang)
            for field in fields:
                if field.words and field.words not in lists:
                    lists[field.words] = _list(codes, len(lists), field.words)
            _entitle(sheet, titles[name], len(fields), lang, styles)
            _fill(sheet, fields, _examples().get(name, []), lang, styles, lists)
        _explain(guide, lang, styles, sheets)
    write_file(path, buffer.getvalue())


def _styles(book: Workbook) -> dict[str, Format]:
    head = {"bold": True, "border": 1, "valign": "vcenter"}
    return {
        "required": book.add_format({**head, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}),
        "optional": book.add_format({**head, "bg_color": "#DDEBF7"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def fields_of(table: Table, lang: Lang) -> list[Field]:
    """Return the columns of a table's sheet.

    Examples
    --------
    >>> [field.header for field in fields_of(schema.tables()["pact"], "zh")][:2]
    ['支援地区', '受援地区']
    """
    fields: list[Field] = []
    for column in table.columns.values():
        if column.name == "synthetic":  # a planner's rows are real
            continue
        end = column.name.removesuffix("_kind")
        if end != column.name and label(end, lang) not in _headers(table.name, end, lang):
            continue  # the header of the end says its kind
        headers = _headers(table.name, column.name, lang)
        words = _words(column, lang)
        fields += [Field(h, column, h == headers[0], headers, words) for h in headers]
    return fields


def _fields_of(name: str, lang: Lang) -> list[Field]:
    """Return the columns of a sheet: of a table, or of the indicators."""
    if name != wide.SHEET:
        return fields_of(schema.tables()[name], lang)
    return [Field(h, column, True, (h,), words) for h, column, words in wide.columns(lang)]


def header_words(table: str, lang: Lang) -> tuple[str, ...]:
    """Return the headers that the columns of a table have in the template, and those of inputs.

    Examples
    --------
    >>> header_words("assists", "zh")[:3]
    ('支援校', '受援校', '形式')
    """
    whole = schema.tables()[table]
    inputs = [label(name, lang) for name in whole.inputs]
    return tuple(dict.fromkeys([*(f.header for f in fields_of(whole, lang)), *inputs]))


def _words(column: Column, lang: Lang) -> tuple[str, ...]:
    """Return the words that a drop-down offers."""
    way = _ways().get((column.table, column.name))
    keys: tuple[str, ...]
    if column.type == "form":
        keys, group = way.offered if way else (), "form"
    elif column.type == "bool":
        keys, group = tuple(terms("bool")), "bool"
    elif column.type not in ("code", "open_code"):
        return ()
    elif column.name in ("source_kind", "target_kind"):
        keys, group = schema.tables()[column.table].ends(column.name[:-5]), "kind"
    else:
        group = column.values[0]
        keys = (way and way.offered) or tuple(terms(group))
    return tuple(label(key, lang, group) for key in keys)


def _list(sheet: Worksheet, place: int, words: tuple[str, ...]) -> str:
    """Write the words of a drop-down to the sheet of lists and return their range."""
    from xlsxwriter.utility import xl_range_abs

    sheet.write_column(0, place, words)
    name = sheet.get_name().replace("'", "''")
    return f"='{name}'!{xl_range_abs(0, place, len(words) - 1, place)}"


def _fill(
    sheet: Worksheet,
    fields: list[Field],
    examples: list[dict[str, tuple[str, str]]],
    lang: Lang,
    styles: dict[str, Format],
    lists: dict[tuple[str, ...], str],
) -> None:
    """Write headers with notes, formats, drop-downs and example rows of one sheet."""
    from rich.cells import cell_len

    sheet.freeze_panes(_HEAD + 1, 0)
    for place, field in enumerate(fields):
        column, header = field.column, _headed(field, lang)
        shown = ["" if not field.first else _shown(column, e, lang) for e in examples]
        width = max(map(cell_len, [header, *shown]))
        style = styles["date"] if column.is_date else styles["text"]
        sheet.set_column(
            place, place, min(max(width + 4, 10), 40), None if column.is_number else style
        )
        must = _must(field)
        sheet.write_string(_HEAD, place, header, styles["required" if must else "optional"])
        sheet.write_comment(_HEAD, place, _note(field, must, lang), {"x_scale": 2, "y_scale": 1.5})
        if field.words:
            closed = column.type in ("code", "bool")
            rule = {"validate": "list", "source": lists[field.words], "show_error": closed}
            sheet.data_validation(_HEAD + 1, place, _HEAD + _ROWS, place, rule)
        for row, text in enumerate(shown, _HEAD + 1):
            if text and column.is_date:
                day = datetime.combine(date.fromisoformat(text), datetime.min.time())
                sheet.write_datetime(row, place, day, styles["date"])
            elif text and column.is_number:
                sheet.write_number(row, place, float(text))
            elif text:
                sheet.write_string(row, place, text, styles["text"])


def _entitle(
    sheet: Worksheet, title: str, columns: int, lang: Lang, styles: dict[str, Format]
) -> None:
    """Write what stands above the headers of an office's list: its title, who reports and when."""
    sheet.merge_range(0, 0, 0, max(columns - 1, 1), title, styles["heading"])
    sheet.write_string(1, 0, message("template_reported", lang))


def _headed(field: Field, lang: Lang) -> str:
    """Return a header with the unit of its figures."""
    if field.column.unit not in ("people", "degrees", "pairs"):
        return field.header
    return f"{field.header} ({label(field.column.unit, lang, 'unit')})"


def _must(field: Field) -> bool:
    """Return whether every row needs this cell."""
    column = field.column
    counted = column.name in schema.tables()[column.table].counted
    needed = column.required and not column.default
    return needed and not counted and len(field.siblings) == 1


def _shown(column: Column, example: dict[str, tuple[str, str]], lang: Lang) -> str:
    """Return the cell of an example row as a person would write it."""
    en, zh = example.get(column.name, ("", ""))
    text = zh if lang == "zh" and zh else en
    if not text:
        return ""
    if column.type in ("id", "ref", "end"):
        return PREFIX[lang] + text
    if column.type in ("code", "open_code", "form", "bool"):
        group = {"form": "form", "bool": "bool"}.get(column.type) or column.values[0]
        return label(text, lang, group)
    return text


def _note(field: Field, must: bool, lang: Lang) -> str:
    """Return the note of a header: what it means, whether it is needed, what may stand there."""
    column, comma = field.column, "、" if lang == "zh" else ", "
    lines = [column.describe(lang)]
    if len(field.siblings) > 1:
        lines.append(message("note_either", lang, {"values": comma.join(field.siblings)}))
    elif column.required and not must and not column.default:
        whole = schema.tables()[column.table].columns.values()
        instead = [c.name for c in whole if c.name == "count" or c.type == "ref"]
        counted = [_headers(column.table, key, lang)[0] for key in instead]
        lines.append(message("note_counted", lang, {"values": comma.join(counted)}))
    else:
        lines.append(message("note_required" if must else "note_optional", lang))
    if column.type in ("end", "ref"):
        meant = dict(column.headers).get(field.header)
        kinds = comma.join(label(k, lang, "kind") for k in ([meant] if meant else column.values))
        lines.append(message("note_names", lang, {"values": kinds}))
    if field.words:
        known = "note_allowed" if column.type in ("code", "bool") else "note_known"
        lines.append(message(known, lang, {"values": comma.join(field.words)}))
    if column.unit:  # that of an indicator stands in words
        lines.append(message("note_unit", lang, {"unit": label(column.unit, lang, "unit")}))
    return "\n".join(line for line in lines if line)


def _table_called(name: str) -> str:
    if wide.is_called(name):
        return wide.SHEET
    found = find("kind", name) or find("relation", name)
    if found is None:
        near = nearest(name, [*words("kind"), *words("relation")]) or "–"
        raise RequestError.of("unknown_table", value=name, nearest=near)
    return found


def _explain(
    sheet: Worksheet, lang: Lang, styles: dict[str, Format], only: Collection[str]
) -> None:
    """Write the sheet of explanations: how to fill in, and what each sheet holds."""
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90, styles["wrap"])
    sheet.write_string(0, 0, label("notes", lang, "sheet"), styles["title"])
    guide = ("intro", "examples", "ends", "dates", "notes", "next")
    for row, code in enumerate(guide, 1):
        text = message(f"template_{code}", lang, {"prefix": PREFIX[lang][:-1]})
        sheet.write_string(row, 1, text, styles["wrap"])
    said = {
        name: (table.label(lang), terms(group)[name].definition(lang))
        for name, table in schema.tables().items()
        for group in ("kind" if table.nature == "kind" else "relation",)
    }
    said[wide.SHEET] = (wide.title(lang), terms("sheet")[wide.SHEET].definition(lang))
    shown = [words for name, words in said.items() if name in only]
    for row, (title, text) in enumerate(shown, len(guide) + 2):
        sheet.write_url(row, 0, f"internal:'{title}'!A1", string=title)
        sheet.write_string(row, 1, text, styles["wrap"])


@cache
def example_ids() -> frozenset[str]:
    """Return the ids of the examples as they stand in the workbooks, of every language."""
    cells = (
        (schema.tables()[name].columns[key], example, lang)
        for name, rows in _examples().items()
        if name != wide.SHEET
        for example in rows
        for key in example
        for lang in PREFIX
    )
    keys = ("id", "end", "ref")
    return frozenset(
        _shown(column, row, lang) for column, row, lang in cells if column.type in keys
    )


def _examples() -> dict[str, list[dict[str, tuple[str, str]]]]:
    """Return the example rows of each table: values in English and, where it differs, Chinese."""
    text = files("liantu.loaders").joinpath("examples.csv").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, tuple[str, str]]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows = found.setdefault(row["table"], [])
        if len(rows) < int(row["row"]):
            rows.append({})
        rows[-1][row["column"]] = (row["en"], row["zh"])
    found[wide.SHEET] = [wide.example()]
    return found
