"""From raw cells to a body of rows under a header: blank rows, totals and footers taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph import columns
from liantu.loaders.findings import Findings, Place
from liantu.loaders.plain import Records
from liantu.loaders.sources import Sheet
from liantu.vocabulary import normalise

_TOTALS = {"合计", "总计", "小计"}
_LAST_TOTALS = _TOTALS | {"total", "totals", "grandtotal", "总数"}
_FOOTERS = (
    "填表人",
    "制表人",
    "审核人",
    "填报人",
    "负责人",
    "制表日期",
    "备注：",
    "备注:",
    "注：",
    "注:",
)
# What spreadsheets show where a formula failed.
_FAILED = (
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!"
    r"|BUSY!|ERROR!|GETTING_DATA)|Err:5[0-9][0-9]"
)
_SEARCHED = 30  # rows in which a header may stand


@dataclass(frozen=True)
class Body:
    """The rows under a header.

    Attributes
    ----------
    headers
        The headers as written, trimmed; column i of `frame` stands under headers[i].
    frame
        The cells as trimmed text, columns 0, 1, 2 …; empty cells are "".
    rows
        The row number of each row of `frame`.
    trimmed
        Cells whose blanks were trimmed: a mask for each column that has any.
    long, short
        Row numbers with more or fewer fields than the header.
    """

    sheet: Sheet
    headers: list[str]
    frame: pd.DataFrame
    rows: np.ndarray
    trimmed: dict[int, np.ndarray] = field(default_factory=dict)
    long: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))
    short: np.ndarray = field(default_factory=lambda: np.array([], dtype=np.int64))

    def keep(self, mask: np.ndarray) -> Body:
        """Return the body of some rows."""
        if mask.all():
            return self
        trimmed = {key: cells[mask] for key, cells in self.trimmed.items()}
        frame = self.frame[mask].reset_index(drop=True)
        return Body(
            self.sheet, self.headers, frame, self.rows[mask], trimmed, self.long, self.short
        )


def find_header(sheet: Sheet, known: Callable[[str], str | None]) -> tuple[int, int]:
    """Return position and score of the header: the row that names most columns, fuller rows first.

    `known` returns what a header means, or None.
    """
    best, top = -1, (0, 0)
    for number, cells in enumerate(sheet.rows[:_SEARCHED]):
        texts = [cell for cell in cells if cell.strip()]
        meanings = {meaning for text in texts if (meaning := known(text)) is not None}
        score = (len(meanings), len(texts))
        if meanings and score > top:
            best, top = number, score
    return best, top[0]


def body(sheet: Sheet, header: int, findings: Findings) -> Body:
    """Return the rows below a header; what is left out is counted."""
    names = [cell.strip() for cell in sheet.rows[header]]
    first = header + 1
    while first < len(sheet.rows) and sheet.rows[first] == sheet.rows[header]:
        first += 1  # a header merged over two rows
    cells, lengths = _cells(sheet.rows, first, len(names))
    frame, trimmed = _stripped(cells)
    width, rows = len(cells), np.arange(first + 1, first + 1 + len(frame))
    full, beyond = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for number in range(len(names)):
        if not full.all():
            full |= columns.filled(frame[number])
    for number in range(len(names), width):
        beyond |= columns.filled(frame[number])
    full |= beyond
    whole = Body(
        sheet,
        names + [""] * (width - len(names)),
        frame,
        rows,
        trimmed,
        long=rows[beyond],
        short=rows[(lengths < len(names)) & full],
    ).keep(full)
    findings.count(sheet.place, "rows_read", len(whole.rows))
    return _without_totals(whole, findings)


def _cells(
    records: Sequence[list[str]], first: int, names: int
) -> tuple[list[pa.Array], np.ndarray]:
    """Return the cells from a record on, by column, and how many each record has."""
    if isinstance(records, Records):
        cells = [column[first:] for column in records.columns]
        return cells, np.full(len(cells[0]), len(cells), dtype=np.int64)
    records = records[first:]
    lengths = np.fromiter(map(len, records), dtype=np.int64, count=len(records))
    width = max(names, int(lengths.max(initial=0)))
    if len(lengths) and (lengths != width).any():
        records = [row + [""] * (width - len(row)) for row in records]
    by_column = list(zip(*records, strict=True)) or [()] * width
    return [columns.arrow(pd.Series(list(texts), dtype="str")) for texts in by_column], lengths


def _stripped(cells: Sequence[pa.Array]) -> tuple[pd.DataFrame, dict[int, np.ndarray]]:
    """Return cells without blanks around them, and of which columns which cells had some."""
    found: dict[int, pd.Series] = {}
    trimmed: dict[int, np.ndarray] = {}
    for number, texts in enumerate(cells):
        clean = pc.utf8_trim_whitespace(texts)
        if clean.equals(texts):
            clean = texts  # not kept twice
        else:
            trimmed[number] = columns.mask(pc.not_equal(clean, texts))
        found[number] = columns.series(clean)
    return pd.DataFrame(found), trimmed


def body_of(
    place: Place, cells: Mapping[str, Sequence[str]], rows: Sequence[int], findings: Findings
) -> Body:
    """Return a body of cells that come from no file, such as the nodes of a graph.

    Parameters
    ----------
    place
        What problems name in place of file and sheet.
    cells
        The cells by header, empty ones "".
    rows
        The number by which problems name each row.
    findings
        Takes the count of rows.
    """
    texts = [columns.arrow(pd.Series(list(column), dtype="str")) for column in cells.values()]
    frame, trimmed = _stripped(texts)
    findings.count(place, "rows_read", len(rows))
    frame = frame.reindex(range(len(rows)))
    return Body(Sheet(*place, []), list(cells), frame, np.array(rows, dtype=np.int64), trimmed)


def without_failed(
    texts: pd.Series, rows: np.ndarray, header: str, place: Place, findings: Findings
) -> pd.Series:
    """Return the cells of a column without failed formulas, each of which is an error."""
    cells = columns.arrow(texts)
    signs = pc.or_(pc.starts_with(cells, "#"), pc.starts_with(cells, "Err:"))
    if not pc.any(signs).as_py():
        return texts
    failed = texts.str.fullmatch(_FAILED).to_numpy(dtype=bool)
    if not failed.any():
        return texts
    findings.each("error", "failed_formula", place, rows[failed], texts[failed], header)
    return texts.mask(failed, "")


def _without_totals(whole: Body, findings: Findings) -> Body:
    """Leave out totals rows and the footers below the last row of data."""
    drop = np.zeros(len(whole.rows), dtype=bool)
    if not len(drop):
        return whole
    first = whole.frame[0]
    for number in range(1, whole.frame.shape[1]):
        full = columns.filled(first)
        if full.all():
            break
        first = first.where(full, whole.frame[number])
    marked = columns.mask(pc.match_substring(columns.arrow(first), "计"))
    if marked.any():
        marked &= (first.str.len() <= 12).to_numpy(dtype=bool)
    for position in np.flatnonzero(marked):
        drop[position] = normalise(first[position]) in _TOTALS
    last = len(drop) - 1
    while last >= 0:
        text = first[last]
        alone = (whole.frame.iloc[last] != "").sum() <= 2 or "：" in text or ":" in text
        if normalise(text).casefold() in _LAST_TOTALS or (alone and text.startswith(_FOOTERS)):
            drop[last] = True
            last -= 1
        else:
            break
    if not drop.any():
        return whole
    place, rows = whole.sheet.place, whole.rows[drop]
    findings.count(place, "rows_skipped", int(drop.sum()))
    findings.summed("info", "totals_skipped", place, rows, "", first[drop].iloc[0])
    kept = whole.keep(~drop)
    gone = set(rows.tolist())
    return Body(
        kept.sheet, kept.headers, kept.frame, kept.rows, kept.trimmed,
        long=np.array([r for r in kept.long.tolist() if r not in gone], dtype=np.int64),
        short=np.array([r for r in kept.short.tolist() if r not in gone], dtype=np.int64),
    )  # fmt: skip
