"""Rows that head a group of rows inside a table: 一、小学, or 柳河镇 merged over the width."""

from __future__ import annotations

import re

import numpy as np

from liantu.graph import columns
from liantu.loaders import headers
from liantu.loaders.body import Body, first_cells, kept
from liantu.loaders.findings import Findings

_ORDERED = r"^[(（]?[一二三四五六七八九十]+[)）、.．]"
_FIGURES = re.compile(r"[\d.]+")
_PLACE = re.compile(r"(镇|乡|街道|办事处)$")


def leave_out(whole: Body, table: str, findings: Findings) -> Body:
    """Leave out the rows that say no more than how the rows below them are grouped, and tell.

    Such a row has one filled cell, where others have several, and this cell is merged sideways, is
    numbered (一、), stands under the header for row numbers, or leads its row with a township.
    Where townships head a list of schools that has no column for them, they are lost: a warning.
    """
    counts = sum(columns.filled(whole.frame[n]).astype(np.int16) for n in whole.frame)
    alone = np.asarray(counts == 1)
    if not alone.any() or alone.all():
        return whole
    texts = first_cells(whole)
    rows = np.flatnonzero(alone & texts.str.contains("[\u4e00-\u9fff]").to_numpy(dtype=bool))
    gone = np.zeros(len(alone), dtype=bool)
    gone[[row for row in rows.tolist() if _heads(whole, table, row, str(texts[row]))]] = True
    if not gone.any():
        return whole
    place, first = whole.sheet.place, str(texts[gone].iloc[0])
    known = {m.column for name in whole.headers if (m := headers.meaning(table, name))}
    lost = table == "school" and "region" not in known and bool(_PLACE.search(first))
    code = "places_in_headings" if lost else "headings_skipped"
    findings.summed("warning" if lost else "info", code, place, whole.rows[gone], "", first)
    findings.count(place, "rows_skipped", int(gone.sum()))
    return kept(whole, ~gone)


def _heads(whole: Body, table: str, row: int, text: str) -> bool:
    """Return whether the one text of a row is a heading."""
    column = next(n for n in range(whole.frame.shape[1]) if whole.frame[n].iat[row])
    line = int(whole.rows[row]) - 1
    if any(left <= column < right for left, right in whole.sheet.across.get(line, ())):
        return True
    if re.match(_ORDERED, text):
        return True
    if headers.is_counter(whole.headers[column]) and not _FIGURES.fullmatch(text):
        return True
    return table != "region" and column == 0 and bool(_PLACE.search(text))
