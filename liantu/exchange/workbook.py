"""A workbook: a sheet a table, headed and coded in the words of a language, readable again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.books import reader as books
from liantu.errors import Message, RequestError
from liantu.exchange.exact import ABOUT, Kept, about, iso, saying
from liantu.formats.sealed_book import sealed_book
from liantu.graph import schema
from liantu.graph.extras import columns_of, extra, folded, opened, own
from liantu.graph.network import Network
from liantu.paths import name_of
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_ABOUT = "liantu"  # a hidden sheet, which readers of lists pass over
_MOST_ROWS = 1_048_575  # below the header
_MOST_SIGNS = 32_767  # in a cell
_MOST_DIGITS = 2**53  # whole numbers beyond are no longer exact
_EPOCH, _LEAP = np.datetime64("1899-12-30", "s"), np.datetime64("1900-03-01", "s")
_LAST = np.datetime64("9999-12-31", "s")
_LONGEST = 1 << 24  # bytes that the list of sheets is looked for in
_MEASURED = 200  # rows that a column's width is taken from
_KEYS = ("id", "end", "ref")


class _Number(float):
    """A number that is written with every digit; spreadsheets read all, and show fifteen."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def write(network: Network, path: Path, *, lang: Lang = "en") -> list[Message]:
    """Write a network as a workbook that planners can edit, and that reads back as the same.

    Sheets, headers and codes are in the words of `lang`; text is text, dates and numbers are real
    ones. A hidden sheet keeps title, date, phases, goals and fingerprint.

    Returns
    -------
    list of Message
        How many texts were too long for a cell.

    Raises
    ------
    RequestError
        If a table has more rows than a sheet can hold, or an id more characters than a cell.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from liantu.loaders import read
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["0130"], "pupils": [90]})})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(network, Path(folder, "net.xlsx"), lang="zh")
    ...     read(Path(folder, "net.xlsx")).fingerprint == network.fingerprint
    True
    """
    plain = {name: opened(frame) for name, frame in network.plain_frames().items()}
    frames, changed = _fitting(plain, path)
    tables = {name: frame for name, frame in frames.items() if len(frame)}
    tables = tables or {"school": frames["school"]}
    words = _words(tables, lang)
    day = datetime.combine(network.as_of or date(2000, 1, 1), time())
    with sealed_book(path, created=day) as book:  # the same data, the same file
        bold = book.add_format({"bold": True})
        dated = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for name, frame in tables.items():
            sheet = book.add_worksheet(schema.tables()[name].label(lang))
            sheet.freeze_panes(1, 0)
            for place, key in enumerate(saying(name, frame)):
                column = columns_of(name, frame)[key]
                header = key if extra(key) else label(key, lang)
                sheet.write_string(0, place, header, bold)
                group = words.get((name, key), {})
                width = _write_column(sheet, place, frame[key], column, group, dated)
                sheet.set_column(place, place, max(width, 2 * len(header)) + 2)
        aside = book.add_worksheet(_ABOUT)
        aside.hide()
        kept = {name: folded(frame) for name, frame in frames.items()}
        said = about(network, kept) | {"labels": lang if words else ""}
        for row, (key, value) in enumerate(_pairs(said)):
            aside.write_string(row, 0, key)
            aside.write_string(row, 1, value)
    if not changed:
        return []
    return [Message("cells_changed", {"count": changed, "limit": _MOST_SIGNS})]


def _pairs(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = [(key, value) for key, value in said.items() if not isinstance(value, list)]
    lists = [(key, value) for key, value in said.items() if isinstance(value, list)]
    return pairs + [
        (key, json.dumps(item, ensure_ascii=False)) for key, items in lists for item in items
    ]


def _fitting(frames: Mapping[str, pd.DataFrame], path: Path) -> tuple[dict[str, pd.DataFrame], int]:
    """Return frames whose texts a cell can hold, and how many cells had to be changed."""
    fitting, changed = dict(frames), 0
    for name, frame in frames.items():
        if len(frame) > _MOST_ROWS:
            raise RequestError.of("too_many_rows", value=path, count=len(frame), limit=_MOST_ROWS)
        for key, column in columns_of(name, frame).items():
            texts = frame[key]
            if column.dtype != "str" or not texts.notna().any():
                continue
            odd = (texts.str.len() > _MOST_SIGNS) | texts.str.contains("[\ufffe\uffff]")
            odd = odd.fillna(False).astype(bool)
            if not odd.any():
                continue
            if column.type in _KEYS:
                shown = str(texts[odd].iloc[0])[:20] + "…"
                raise RequestError.of("id_too_long", value=shown, limit=_MOST_SIGNS)
            short = texts[odd].str.replace("[\ufffe\uffff]", "\ufffd", regex=True)
            short = short.str.slice(0, _MOST_SIGNS)
            fitting[name] = fitting[name].assign(**{key: texts.mask(odd, short)})
            changed += int(odd.sum())
    return fitting, changed


def _words(tables: Mapping[str, pd.DataFrame], lang: Lang) -> dict[tuple[str, str], dict[str, str]]:
    """Return the words of codes, by table and column.

    Nothing if a value is written like the word of a known code, for it would be taken for it.
    """
    found = {}
    for name, frame in tables.items():
        for key, column in schema.tables()[name].columns.items():
            if not (group := _group(column)):
                continue
            words = {code: term.label(lang) for code, term in vocabulary.terms(group).items()}
            values = set(frame[key].dropna().unique())
            if (values - set(words)) & set(words.values()):
                return {}
            found[name, key] = words
    return found


def _group(column: schema.Column) -> str:
    """Return the group of terms that a column's codes are of; empty if it holds none."""
    if column.type in ("code", "open_code", "form"):
        return column.values[0] if column.values else "form"
    return ""


def _write_column(
    sheet: Worksheet, place: int, values: pd.Series, column: schema.Column,
    words: Mapping[str, str], dated: Format,
) -> int:  # fmt: skip
    """Write the cells of a column and return how wide it should be."""
    rows = (np.flatnonzero(values.notna()) + 1).tolist()
    known = values[values.notna()]
    if column.is_date:
        days = known.to_numpy().astype("M8[s]")
        fit = (days >= _LEAP) & (days <= _LAST) & (days.astype("M8[D]") == days)
        serials = (days - _EPOCH).astype("m8[D]").astype(int).tolist()
        cells = zip(rows, serials, iso(known), fit.tolist(), strict=True)
        for row, serial, text, plain in cells:
            if plain:
                sheet.write_number(row, place, serial, dated)
            else:  # before the calendar of spreadsheets begins
                sheet.write_string(row, place, text)
        return 10
    if column.type == "bool":
        for row, answer in zip(rows, known, strict=True):
            sheet.write_boolean(row, place, answer)
        return 6
    if column.is_number:
        for row, number in zip(rows, known.tolist(), strict=True):
            if np.isfinite(number) and (column.type == "number" or abs(number) <= _MOST_DIGITS):
                sheet.write_number(row, place, _Number(number))
            else:
                sheet.write_string(row, place, str(number))
        return 10
    texts = known.map(words).astype("str").fillna(known) if words else known
    for row, text in zip(rows, texts.tolist(), strict=True):
        sheet.write_string(row, place, text)
    from rich.cells import cell_len

    return min(48, max(map(cell_len, texts.iloc[:_MEASURED].str.slice(0, 48)), default=0))


def kept(path: Path) -> Kept | None:
    """Return the cells of a workbook that `write` made, edited or not; None if it is no such."""
    try:
        # before a foreign workbook is read twice
        with zipfile.ZipFile(path) as parts, parts.open("xl/workbook.xml") as named:
            if f'name="{_ABOUT}"'.encode() not in named.read(_LONGEST):
                return None
        found = books.sheets(path.read_bytes(), name_of(path), hidden=True)
    except Exception:  # of many kinds, and told when it is read as a list
        return None
    cells = {sheet.name: sheet.cells for sheet in found}
    said = _said(cells.pop(_ABOUT, []))
    lang: Lang | None = {"en": "en", "zh": "zh"}.get(said.pop("labels", ""))  # type: ignore[assignment]
    titles = {t.label(lang): t for t in schema.tables().values() for lang in ("en", "zh")}
    tables, places = {}, {}
    for title, rows in cells.items():
        frame = _cells(titles[title], rows, lang) if title in titles else None
        if frame is None:  # somebody added a sheet or a column
            return Kept(said | {"fingerprint": ""}, {}, lambda name: (name_of(path), name, 2))
        tables[titles[title].name], places[titles[title].name] = frame, title
    return Kept(said, tables, lambda name: (name_of(path), places.get(name, name), 2))


def _said(rows: list[list[Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in (row[:2] for row in rows if len(row) > 1):
        if key in ("phase", "goal"):
            said.setdefault(key, []).append(_record(value))
        elif key in (*ABOUT, "labels"):
            said[key] = value
    return said


def _record(value: Any) -> Any:
    """Return what a hidden cell holds as JSON; what somebody made of it stays, to be refused."""
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return value


def _cells(table: schema.Table, rows: list[list[Any]], lang: Lang | None) -> pd.DataFrame | None:
    """Return the cells of a sheet under the keys of its headers; None if a header is unknown."""
    headers = {label(key, of): key for key in table.columns for of in ("en", "zh")}
    headers |= {name: name for name in map(str, rows[0] if rows else ()) if extra(name) == name}
    if not rows or not set(rows[0]) <= set(headers):
        return None
    columns = {}
    for header, *cells in zip(*rows, strict=True):
        key = headers[header]
        column = table.columns.get(key) or own(table.name, key)
        codes = {}
        if lang and (group := _group(column)):
            codes = {term.label(lang): key for key, term in vocabulary.terms(group).items()}
        values = [_cell(cell, column, codes) for cell in cells]
        columns[column.name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns)


def _cell(cell: Any, column: schema.Column, codes: Mapping[str, str]) -> Any:
    """Return a cell as `exact.typed` takes it."""
    if cell == "":
        return None
    if isinstance(cell, date):  # a datetime is a date, too
        return str(np.datetime64(cell, "s").astype("M8[D]" if _midnight(cell) else "M8[s]"))
    if isinstance(cell, float) and column.type == "int" and cell.is_integer():
        return int(cell)
    return codes.get(cell, cell) if codes else cell


def _midnight(cell: date) -> bool:
    return not isinstance(cell, datetime) or cell.time() == time()
