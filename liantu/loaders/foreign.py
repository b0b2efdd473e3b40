"""Foreign shape: sheets read through the blocks of a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from liantu.loaders import headers
from liantu.loaders.body import Body, body, find_header, without_failed
from liantu.loaders.cells import Part, without_point
from liantu.loaders.findings import Findings, Place, by_value
from liantu.loaders.mapping import Block, Value
from liantu.loaders.several import MOST_OF_A_ROW, beyond
from liantu.loaders.sources import Sheet
from liantu.vocabulary import nearest


def wanted(block: Block, files: list[str], *, folder: bool) -> list[str]:
    """Return the files that a block reads: those its pattern names; all where there is none."""
    if not block.file or not folder:
        return files
    return [name for name in files if fnmatchcase(name, block.file) or name == block.file]


def parts(sheets: list[Sheet], block: Block, findings: Findings) -> list[Part]:
    """Turn sheets into the parts that a block makes of them."""
    if block.sheet and any(sheet.workbook for sheet in sheets):
        chosen = [s for s in sheets if not s.workbook or s.sheet.strip() == block.sheet.strip()]
        if not chosen:
            near = nearest(block.sheet, [sheet.sheet for sheet in sheets]) or "–"
            place = (sheets[0].file, "")
            findings.add("error", "mapping_sheet", place, value=block.sheet, nearest=near)
        sheets = chosen
    found: list[Part] = []
    for sheet in sheets:
        found += _parts(sheet, block, findings)
    return found


def _parts(sheet: Sheet, block: Block, findings: Findings) -> list[Part]:
    if not any(any(cell.strip() for cell in row) for row in sheet.rows):
        return []
    used = {headers.key(column): column for column in block.columns}
    if block.header is None:
        header, score = find_header(sheet, lambda text: used.get(headers.key(text)))
        header = header if score else next(i for i, r in enumerate(sheet.rows) if any(r))
    else:
        header = block.header - 1
    if header >= len(sheet.rows):
        findings.add("error", "mapping_header", sheet.place, value=str(block.header))
        return []
    return parts_of(body(sheet, header, findings), block, findings)


def parts_of(whole: Body, block: Block, findings: Findings) -> list[Part]:
    """Turn rows under headers into the parts that a block makes of them, one a table."""
    place = whole.sheet.place
    numbers = _columns(whole, block, findings)
    if numbers is None:
        return []
    whole = _bad_rows(whole, block, findings)
    whole = _plain(whole)
    texts = {
        column: whole.frame[number].mask(whole.frame[number].isin(list(block.empty)), "")
        for column, number in numbers.items()
    }
    keep = _filter(whole, block, numbers)
    findings.count(place, "rows_filtered", int((~keep).sum()))
    chosen = {*block.where, *block.where_not}
    for column, cells in texts.items():  # of rows that are left out, only what they are chosen by
        here = np.ones(len(keep), dtype=bool) if column in chosen else keep
        cells[here] = without_failed(cells[here], whole.rows[here], column, place, findings)
    found = []
    for table, values in block.tables:
        findings.table(place, table)
        written = {key: " + ".join(v.columns) for key, v in values.items() if v.columns}
        findings.headers(place, written)
        if table == "observations" and "kind" in values:
            findings.of_kinds(place)
        part = _part(whole, table, values, texts, numbers, keep, block, findings)
        found.append(replace(part, headers=written))
    return found


def _columns(whole: Body, block: Block, findings: Findings) -> dict[str, int] | None:
    """Return the position of each column used, or None if one is missing."""
    place = whole.sheet.place
    keys = [headers.key(name) for name in whole.headers]
    found: dict[str, int] = {}
    missing = False
    for column in block.columns:
        here = [number for number, key in enumerate(keys) if key == headers.key(column)]
        if not here:
            near = nearest(column, [name for name in whole.headers if name]) or "–"
            findings.add(
                "error", "mapping_column", place, column=column, value=column, nearest=near
            )
            missing = True
        elif len(here) > 1:
            findings.add("error", "duplicate_header", place, column=column, value=column)
            missing = True
        else:
            found[column] = here[0]
    return None if missing else found


def _plain(whole: Body) -> Body:
    """Take the ``.0`` off the whole numbers of a workbook, so that values compare as they look."""
    if not whole.sheet.workbook:
        return whole
    frame = whole.frame.apply(lambda texts: without_point(texts, workbook=True))
    return replace(whole, frame=frame)


def _bad_rows(whole: Body, block: Block, findings: Findings) -> Body:
    """Treat rows with too many or too few fields as the block says."""
    if whole.sheet.workbook:
        return whole
    place, count = whole.sheet.place, len(whole.headers)
    bad = np.union1d(whole.long, whole.short)
    if block.bad_rows == "error":
        for rows, code in ((whole.long, "extra_fields"), (whole.short, "missing_fields")):
            for row in rows.tolist():
                findings.add("error", code, place, row=row, count=count)
        return whole
    findings.count(place, "rows_skipped", len(bad))
    findings.summed("warning", "bad_row_skipped", place, bad, "")
    return whole.keep(~np.isin(whole.rows, bad))


def _filter(whole: Body, block: Block, numbers: dict[str, int]) -> np.ndarray:
    keep = np.ones(len(whole.rows), dtype=bool)
    for conditions, wish in ((block.where, True), (block.where_not, False)):
        for column, values in conditions.items():
            hit = whole.frame[numbers[column]].isin([value.strip() for value in values])
            keep &= hit.to_numpy(dtype=bool) == wish
    return keep


def _part(
    whole: Body, table: str, values: Mapping[str, Value], texts: dict[str, pd.Series],
    numbers: dict[str, int], keep: np.ndarray, block: Block, findings: Findings,
) -> Part:  # fmt: skip
    """Return the rows that a block makes of a sheet for one table."""
    place, rows = whole.sheet.place, whole.rows[keep]
    index = np.flatnonzero(keep)
    frame = pd.DataFrame(index=range(len(index)))
    trimmed, formats = {}, {}
    for name, value in values.items():
        frame[name] = _texts(value, texts, index, place, rows, findings)
        if len(value.columns) == 1 and (number := numbers[value.columns[0]]) in whole.trimmed:
            trimmed[name] = whole.trimmed[number][keep]
        if value.format:
            formats[name] = value.format
    frame["_number"] = np.arange(len(frame))
    splits = {name: value for name, value in values.items() if value.split}
    counts = [frame[name].str.count(re.escape(value.split)) + 1 for name, value in splits.items()]
    if splits and (far := beyond(count.to_numpy(dtype=np.int64) for count in counts)).any():
        column = " / ".join(column for value in splits.values() for column in value.columns)
        for row in rows[far].tolist():
            limit = {"limit": MOST_OF_A_ROW}
            findings.add("error", "too_many_names", place, row=row, column=column, **limit)
        frame = frame[~far]
    before = len(frame)
    for name, value in splits.items():
        frame = _split(frame, name, value.split)
    if len(frame) != before:
        findings.summed("info", "cells_split", place, rows[frame["_number"]], "")
    picked = frame.pop("_number").to_numpy(dtype=np.int64)
    trimmed = {name: cells[picked] for name, cells in trimmed.items()}
    return Part(
        table, place, frame.reset_index(drop=True), rows[picked], whole.sheet.workbook,
        formats=formats, trimmed=trimmed, missing_ends=block.missing_ends,
    )  # fmt: skip


def _texts(
    value: Value, texts: dict[str, pd.Series], index: np.ndarray, place: Place, rows: np.ndarray,
    findings: Findings,
) -> pd.Series:  # fmt: skip
    """Return the text of every row for one column."""
    if value.value is not None:
        return pd.Series(value.value, index=range(len(index)), dtype="str")
    given = [texts[column].iloc[index].reset_index(drop=True) for column in value.columns]
    found = given[0]
    for more in given[1:]:
        found = (found + value.join + more).mask((found == "") | (more == ""), "")
    if value.map is not None:
        found = _mapped(found, value, place, rows, findings)
    elif value.default is not None:
        found = found.mask(found == "", value.default)
    return found


def _mapped(
    texts: pd.Series, value: Value, place: Place, rows: np.ndarray, findings: Findings
) -> pd.Series:
    """Replace values as a map says; one outside it takes the default or is an error."""
    assert value.map is not None
    known = texts.isin(list(value.map))
    outside = ~known if value.default is not None else ~known & (texts != "")
    column = " + ".join(value.columns)
    if value.default is None:
        allowed = ", ".join(value.map)
        for text, here in by_value(texts[outside], rows[outside.to_numpy(dtype=bool)]):
            findings.summed("error", "outside_map", place, here, column, text, allowed=allowed)
    changed = texts.map(value.map).astype("str").fillna("")
    return changed.mask(outside, value.default or "")


def _split(frame: pd.DataFrame, name: str, separator: str) -> pd.DataFrame:
    lists = frame[name].str.split(separator, regex=False)
    longer = frame.assign(**{name: lists}).explode(name, ignore_index=True)
    longer[name] = longer[name].astype("str").str.strip()
    several = longer["_number"].duplicated(keep=False)
    return longer[~(several & (longer[name] == ""))].reset_index(drop=True)
