"""Typing the cells of one file or sheet; what is repaired, coarse or unreadable is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph import schema, values
from liantu.graph.columns import arrow, series, unplain
from liantu.graph.extras import extra
from liantu.loaders.findings import Findings, Place, by_value
from liantu.vocabulary import half_width

_FLOAT = r"^-?\d+\.0$"
_FRACTION = r"^-?\d+\.\d*[1-9]\d*$"
SPANS = ("span", "duration", "signed")  # inputs that say when, as dates do
# States of cells that are read, but say less than a cell should.
_LESS_THAN_SAID = {"least": "number_at_least", "about": "number_about"}
_SHAPED = re.compile("[\\s\xa0\u3000\uff01-\uff5e]")


@dataclass(frozen=True)
class Part:
    """Rows of one table from one file or sheet, as text or, later, typed.

    Attributes
    ----------
    frame
        Columns of the schema (and inputs); ends also as ``source_name`` …, see `ends`.
    rows
        Row numbers.
    formats
        `strptime` formats of date columns.
    trimmed
        Masks of cells that had blanks around them, by column.
    headers
        The headers under which the columns stand.
    mapped
        Whether a mapping made the part: its cells mean what the mapping says, and no more.
    """

    table: str
    place: Place
    frame: pd.DataFrame
    rows: np.ndarray
    workbook: bool = False
    formats: dict[str, str] = field(default_factory=dict)
    trimmed: dict[str, np.ndarray] = field(default_factory=dict)
    missing_ends: str = "error"
    headers: dict[str, str] = field(default_factory=dict)
    mapped: bool = False


def clean_id(text: str) -> str:
    """Return an id in its plain form: half-width, without blanks between digits.

    Only texts that are ASCII afterwards change, so that names which serve as ids stay as written.

    Examples
    --------
    >>> clean_id("３１ 37"), clean_id("甲校（东）"), clean_id("1e5")
    ('3137', '甲校（东）', '1e5')
    """
    if not _SHAPED.search(text):
        return text
    plain = half_width(text)
    joined = re.sub(r"\s+", "", plain)
    if joined.isascii() and joined.isdigit():
        return joined
    return plain if plain.isascii() else text.strip()


def each(texts: pd.Series, change: dict[str, str]) -> pd.Series:
    """Replace whole texts; others stay."""
    return texts.map(lambda text: change.get(text, text)).astype("str") if change else texts


def known(texts: pd.Series) -> pd.Series:
    """Return texts with empty ones as missing."""
    cells = arrow(texts)
    empty = pc.equal(pc.binary_length(cells), 0)
    if not pc.any(empty).as_py():
        return texts
    return series(pc.if_else(empty, pa.scalar(None, cells.type), cells), texts.index)


def typed(part: Part, findings: Findings) -> Part:
    """Return a part whose columns are typed; ends, references and names stay text.

    Dates and spans stay text too, for `dates.dated`.

    Parameters
    ----------
    part
        A part of text columns, empty cells "".
    findings
        Takes what was repaired, coarse or unreadable.
    """
    columns = schema.tables()[part.table].all_columns
    result: dict[str, pd.Series] = {}
    for name in part.frame.columns:
        column = columns.get(name)
        if name in SPANS or (column is not None and column.is_date):
            result[name] = part.frame[name]
            continue
        texts = known(part.frame[name])
        repaired = part.trimmed.get(name, np.zeros(len(texts), dtype=bool)).copy()
        if extra(str(name)):
            result[name] = texts if not part.workbook else without_point(texts, workbook=True)
            continue
        plain = texts
        if part.workbook or column is None or _is_key(column):
            plain = without_point(texts, workbook=part.workbook)
        if column is None or _is_key(column):
            # Visible ASCII has no other form.
            change = {t: c for t in unplain(plain) if (c := clean_id(t)) != t}
            plain = each(plain, change)
            if plain is not texts:
                repaired |= ((plain != texts) & texts.notna()).to_numpy(dtype=bool)
            result[name] = plain
        else:
            result[name], fixed = _column(part, column, plain, findings)
            repaired |= fixed
        if repaired.any():
            findings.count(part.place, "cells_repaired", int(repaired.sum()))
            header = part.headers.get(name, name)
            value = str(part.frame[name][repaired].iloc[0])
            rows = part.rows[repaired]
            findings.summed("info", "cells_repaired", part.place, rows, header, value)
    return replace(part, frame=pd.DataFrame(result, index=part.frame.index))


def _is_key(column: schema.Column) -> bool:
    named = column.type == "input" and column.values != ("bool",)
    return named or column.type in ("id", "end", "ref")


def without_point(texts: pd.Series, *, workbook: bool) -> pd.Series:
    """Take the ``.0`` off whole numbers: always in workbooks, else where nothing has decimals."""
    if not pc.any(pc.ends_with(arrow(texts), ".0")).as_py():
        return texts
    pointed = texts.str.contains(_FLOAT).fillna(False).astype(bool)
    if not pointed.any():
        return texts
    if not workbook and texts.str.contains(_FRACTION).fillna(False).any():
        return texts
    return texts.mask(pointed, texts.str[:-2])


def _column(
    part: Part, column: schema.Column, texts: pd.Series, findings: Findings
) -> tuple[pd.Series, np.ndarray]:
    """Return a column in its type and which cells were repaired."""
    nothing = np.zeros(len(texts), dtype=bool)
    if column.type in ("text", "name"):
        return texts, nothing
    if column.is_number:
        found, states = values.read_numbers(texts, whole=column.type == "int")
        code = "bad_number"
    elif column.type == "bool" or column.values == ("bool",):
        found, states = values.read_bools(texts)
        code = "bad_bool"
    else:
        group = column.values[0] if column.values else "form"
        found, states = values.read_codes(texts, group, closed=column.type == "code")
        fixed = _narrowed(texts)
        _codes(part, column, group, texts, states, findings)
        return found, fixed
    header = part.headers.get(column.name, column.name)
    for state, told in (("bad", code), ("fraction", "bad_whole")):
        bad = (states == state).to_numpy(dtype=bool)
        if bad.any():
            findings.each("error", told, part.place, part.rows[bad], texts[bad], header)
    for state, told in _LESS_THAN_SAID.items():
        coarse = (states == state).to_numpy(dtype=bool)
        if coarse.any():
            value, about = str(texts[coarse].iloc[0]), {"table": part.table}
            findings.summed("warning", told, part.place, part.rows[coarse], header, value, **about)
    return found, (states == "repaired").to_numpy(dtype=bool)


def _narrowed(texts: pd.Series) -> np.ndarray:
    """Return which codes were written in full-width digits or letters."""
    distinct = texts.dropna().unique().tolist()
    wide = [t for t in distinct if half_width(t) != t and half_width(t).isascii()]
    if not wide:
        return np.zeros(len(texts), dtype=bool)
    return texts.isin(wide).to_numpy(dtype=bool)


def _codes(
    part: Part, column: schema.Column, group: str, texts: pd.Series, states: pd.Series,
    findings: Findings,
) -> None:  # fmt: skip
    """Report unknown and coarse codes, once a value."""
    header = part.headers.get(column.name, column.name)
    reports = {"bad": ("error", "unknown_code"), "coarse": ("warning", "coarse_code")}
    if column.type == "form":
        reports["unknown"] = ("warning", "unknown_form")
    for state, (severity, code) in reports.items():
        hit = (states == state).to_numpy(dtype=bool)
        for value, rows in by_value(texts[hit], part.rows[hit]) if hit.any() else ():
            if severity == "error":
                findings.summed(
                    "error", code, part.place, rows, header, value,
                    group=column.name, codes=group,
                )  # fmt: skip
            else:
                findings.summed("warning", code, part.place, rows, header, value, table=part.table)
