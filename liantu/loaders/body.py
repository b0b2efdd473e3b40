"""From raw cells to a body of rows under a header: blank rows, totals and footers taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph import columns
from liantu.loaders import headers, totals
from liantu.loaders.findings import Findings, Place
from liantu.loaders.plain import Records
from liantu.loaders.sources import Sheet
from liantu.vocabulary import normalise

# A total begins its row: 合计, 小计, 柳河镇小计, 合计（4对）.
_TOTAL = re.compile(r"^\D{0,8}?(合计|总计|小计|共计|累计)(数|人数)?([(:].*)?$")
_SUBTOTAL = re.compile("小计|累计")
_LAST_TOTALS = {"total", "totals", "grandtotal", "subtotal", "总数"}
_LONGEST_TOTAL = 16  # characters of the cell that says so
_FOOTER = re.compile(
    r"^\(?(填表|制表|审核|填报|审批|复核|经办|统计|录入|单位|主管|分管|学校)?(单位)?"
    r"(负责人|领导|校长|填表人|制表人|审核人|填报人|人|日期|时间|盖章|公章|签字|签名|联系人|联系电话|电话)"
    r"(\((盖章|签字|签名|公章|签章)\))?\)?(:|$)"
    r"|^(制表日期|备注:|注:|说明:|填表说明|填报说明|注释:|盖章)|\((盖章|公章|签章|签字)\)"
    r"|^(附|联系电话|联系人|填表人|填报人|制表人|审核人|负责人|单位负责人|填报单位)"
)
_DATED = re.compile(
    r"^(日期|填表日期|填报日期)?:?\s*\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*(\d{1,2}日?)?$"
)
_OFFICE = re.compile(r"(教育局|教体局|教育体育局|教育和体育局|人民政府|教育委员会)$")
# What spreadsheets show where a formula failed.
_FAILED = (
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!"
    r"|BUSY!|ERROR!|GETTING_DATA)|Err:5[0-9][0-9]"
)
_SEARCHED = 30  # rows in which a header may stand
_LONGEST_HEADER = 24  # characters of a cell of a header in two rows
_NO_HEADER = re.compile(r"[:：。]|^[\d.,%-]+$|^\d{4}[-/.年]")


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


class Head(NamedTuple):
    """The header of a sheet: its first row, the row below it, and a name for each column."""

    row: int
    below: int
    names: list[str]
    score: int  # distinct columns that it names


def find_header(sheet: Sheet, known: Callable[[str], str | None]) -> tuple[int, int]:
    """Return position and score of the header: the row that names most columns, fuller rows first.

    `known` returns what a header means, or None.
    """
    best, top = -1, (0, 0)
    for number, cells in enumerate(sheet.rows[:_SEARCHED]):
        score = _score(cells, known)
        if score[0] and score > top:
            best, top = number, score
    return best, top[0]


def find_head(sheet: Sheet, known: Callable[[str], str | None]) -> Head:
    """Return the header that names most columns; it may stand in two rows, merged or typed."""
    best, top = Head(-1, 0, [], 0), (0, 0)
    for head in heads(sheet):
        score = _score(head.names, known)
        if score[0] and score > top:
            best, top = head._replace(score=score[0]), score
    return best


def heads(sheet: Sheet) -> list[Head]:
    """Return what may be the header of a sheet: each of its first rows, or two that join."""
    rows = sheet.rows[: _SEARCHED + 1]
    found = []
    for number, cells in enumerate(rows[:_SEARCHED]):
        names = [cell.strip() for cell in cells]
        below = number + 1
        joined = _joined(rows[number], rows[below]) if below < len(rows) else None
        if joined is not None:
            names, below = joined, below + 1
        while below < len(sheet.rows) and sheet.rows[below] == cells:
            below += 1  # a header merged over two rows
        found.append(Head(number, below, names, 0))
    return found


def _score(cells: Sequence[str], known: Callable[[str], str | None]) -> tuple[int, int]:
    texts = [cell for cell in cells if cell.strip()]
    return len({meaning for text in texts if (meaning := known(text)) is not None}), len(texts)


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str] | None:
    """Return the names of a header in two rows, or None if the second row does not continue it.

    A cell of the first row reaches over the blank cells to its right, and over its like.
    """
    width = max(len(first), len(second))
    upper = [cell.strip() for cell in first] + [""] * (width - len(first))
    lower = [cell.strip() for cell in second] + [""] * (width - len(second))
    texts = [text for text in upper if text]
    if len(set(texts)) < 2 or any(_no_header(text) for text in texts + lower if text):
        return None
    names, above, group, down, subs = [], "", False, False, []
    for here, (own, sub) in enumerate(zip(upper, lower, strict=True)):
        reached = not own or own == above  # by the cell to the left
        above = own or (above if sub else "")
        if not sub or sub == own:  # merged downwards
            names.append(own)
            above = "" if sub else above
            down |= bool(sub)
            continue
        group |= reached and here > 0 and bool(above)
        subs.append(sub)
        names.append(f"{above}{headers.JOIN}{sub}" if above else sub)
    words = sum(headers.is_header(sub) for sub in subs)
    if not subs or not (group or words == len(subs)):
        return None
    # Cells merged to the right beside cells merged downwards are a header whatever stands below.
    return names if words * 2 >= len(subs) or down else None


def _no_header(text: str) -> bool:
    """Return whether a text is a figure, a date, a sentence or a signature line."""
    return len(text) > _LONGEST_HEADER or bool(_NO_HEADER.search(text))


def body(sheet: Sheet, header: int | Head, findings: Findings) -> Body:
    """Return the rows below a header; what is left out is counted."""
    if isinstance(header, Head):
        names, first = list(header.names), header.below
    else:
        names, first = [cell.strip() for cell in sheet.rows[header]], header + 1
        while first < len(sheet.rows) and sheet.rows[first] == sheet.rows[header]:
            first += 1  # a header merged over two rows
    cells, lengths = _cells(sheet.rows, first, len(names))
    frame, trimmed = _stripped(cells)
    above = sheet.first + first
    width, rows = len(cells), np.arange(above + 1, above + 1 + len(frame))
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
    """Leave out totals rows, repeated headers, and the footers below the last row of data."""
    if not len(whole.rows):
        return whole
    whole = _without_headers(whole, findings)
    first = first_cells(whole)
    marked = columns.mask(pc.match_substring_regex(columns.arrow(first), "计"))
    if marked.any():
        marked &= (first.str.len() <= _LONGEST_TOTAL).to_numpy(dtype=bool)
    for position in np.flatnonzero(marked):
        marked[position] = bool(_TOTAL.match(normalise(first[position])))
    drop, last = marked.copy(), len(marked) - 1
    filled = [columns.filled(whole.frame[number]) for number in range(whole.frame.shape[1])]
    dated = False
    while last >= 0:
        text, full = first[last], sum(bool(column[last]) for column in filled)
        footer = _is_footer(text, full) or (dated and full == 1 and _OFFICE.search(text))
        if not (marked[last] or normalise(text).casefold() in _LAST_TOTALS or footer):
            break
        dated = full == 1 and bool(_DATED.match(normalise(text)))
        drop[last] = True
        last -= 1
    if not drop.any():
        return whole
    place, rows = whole.sheet.place, whole.rows[drop]
    findings.count(place, "rows_skipped", int(drop.sum()))
    findings.summed("info", "totals_skipped", place, rows, "", first[drop].iloc[0])
    totals.compare(whole, marked, drop, findings)
    return kept(whole, ~drop)


def kept(whole: Body, keep: np.ndarray) -> Body:
    """Return the body of some rows, the counts of long and short ones too."""
    kept, gone = whole.keep(keep), set(whole.rows[~keep].tolist())
    return replace(
        kept,
        long=np.array([r for r in kept.long.tolist() if r not in gone], dtype=np.int64),
        short=np.array([r for r in kept.short.tolist() if r not in gone], dtype=np.int64),
    )


def first_cells(whole: Body) -> pd.Series:
    """Return the first cell of each row that is not empty."""
    first = whole.frame[0]
    for number in range(1, whole.frame.shape[1]):
        full = columns.filled(first)
        if full.all():
            break
        first = first.where(full, whole.frame[number])
    return first


def _is_footer(text: str, full: int) -> bool:
    """Return whether a row is of signatures or notes, by its first text and its full cells."""
    plain = normalise(text)
    if _FOOTER.search(plain) and (full <= 2 or ":" in plain):
        return True
    return full == 1 and bool(_DATED.match(plain))


def _without_headers(whole: Body, findings: Findings) -> Body:
    """Leave out rows that repeat the header, as on every page of a printed list."""
    names = [name.rpartition(headers.JOIN)[2] or name for name in whole.headers]
    uppers = [name.partition(headers.JOIN)[0] for name in whole.headers]
    named = [number for number, name in enumerate(names) if name]
    if len(named) < 2:
        return whole
    again = np.zeros(len(whole.rows), dtype=bool)
    for texts in (names, uppers):
        same = np.ones(len(whole.rows), dtype=bool)
        for number in named:
            if same.any():
                same &= columns.mask(pc.equal(columns.arrow(whole.frame[number]), texts[number]))
        again |= same
    if not again.any():
        return whole
    place, rows = whole.sheet.place, whole.rows[again]
    findings.count(place, "rows_skipped", len(rows))
    findings.summed("info", "header_again", place, rows, "")
    return kept(whole, ~again)
