"""Foreign shape: sheets read through the blocks of a mapping."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from liantu.errors import Severity
from liantu.graph import schema, values
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import headers
from liantu.loaders.body import Body, Head, body, find_head, find_header, without_failed
from liantu.loaders.cells import Part, each, without_point
from liantu.loaders.findings import Findings, Place, by_value
from liantu.loaders.mapping_block import Block, Rule, Value
from liantu.loaders.people import slot_of_end
from liantu.loaders.plain import Records
from liantu.loaders.several import MOST_OF_A_ROW, Names, beyond, names_of
from liantu.loaders.sources import Sheet
from liantu.loaders.wide import matrix, wide
from liantu.vocabulary import nearest


def wanted(block: Block, files: list[str], *, folder: bool) -> list[str]:
    """Return the files that a block reads: those its pattern names; all where there is none."""
    if not block.file or not folder:
        return files
    return [name for name in files if fnmatchcase(name, block.file) or name == block.file]


@dataclass
class Reading:
    """The rows of a sheet under one header, read once however many blocks take from it.

    Attributes
    ----------
    fields
        How many cells the row of the header has.
    kept
        Which rows some block takes.
    treated
        The rows left, by what is done with bad ones.
    """

    whole: Body
    fields: int
    kept: np.ndarray | None = None
    treated: dict[str, Body] = field(default_factory=dict)


Readings = dict[tuple[int, int], Reading]  # by sheet and position of the header


def parts(sheets: list[Sheet], block: Block, findings: Findings, readings: Readings) -> list[Part]:
    """Turn sheets into the parts that a block makes of them.

    `readings` holds what was read already, and takes what is read now.
    """
    if block.sheet and any(sheet.workbook for sheet in sheets):
        chosen = [
            s for s in sheets
            if not s.workbook or (s.sheet.strip() == block.sheet.strip() and not s.hidden)
        ]  # fmt: skip
        if not chosen:
            near = nearest(block.sheet, [sheet.sheet for sheet in sheets]) or "–"
            place = (sheets[0].file, "")
            findings.add("error", "mapping_sheet", place, value=block.sheet, nearest=near)
        sheets = chosen
    found: list[Part] = []
    for sheet in sheets:
        found += _parts(sheet, block, findings, readings)
    return found


def _parts(sheet: Sheet, block: Block, findings: Findings, readings: Readings) -> list[Part]:
    if not any(any(cell.strip() for cell in row) for row in sheet.rows):
        return []
    used = {headers.key(column): column for column in block.columns}
    two: Head | None = None
    if block.header is None:
        header, score = find_header(sheet, lambda text: used.get(headers.key(text)))
        header = header if score else next(i for i, r in enumerate(sheet.rows) if any(r))
        if any(headers.JOIN in column for column in block.columns):
            head = find_head(sheet, lambda text: used.get(headers.key(text)))
            two = head if head.score > score else None
    else:
        header = block.header - 1
    if header >= len(sheet.rows):
        findings.add("error", "mapping_header", sheet.place, value=str(block.header))
        return []
    key = (id(sheet), header if two is None else -1 - two.row)
    if key not in readings:
        whole = _plain(body(sheet, header if two is None else two, findings))
        readings[key] = Reading(whole, len(sheet.rows[header]))
    return _taken(readings[key], block, findings)


def parts_of(whole: Body, block: Block, findings: Findings) -> list[Part]:
    """Turn rows under headers into the parts that a block makes of them, one a table."""
    return _taken(Reading(_plain(whole), len(whole.headers)), block, findings)


def _taken(reading: Reading, block: Block, findings: Findings) -> list[Part]:
    place = reading.whole.sheet.place
    numbers = _columns(reading.whole, block, findings)
    if numbers is None:
        return []
    if block.bad_rows not in reading.treated:
        reading.treated[block.bad_rows] = _bad_rows(reading, block, findings)
    whole = reading.treated[block.bad_rows]
    texts = {column: _valued(whole, number, block) for column, number in numbers.items()}
    keep = _filter(whole, block, numbers)
    _count_filtered(reading, whole, keep, findings)
    chosen = {*block.where, *block.where_not}
    for column, cells in texts.items():  # of rows that are left out, only what they are chosen by
        here = np.ones(len(keep), dtype=bool) if column in chosen else keep
        cells[here] = without_failed(cells[here], whole.rows[here], column, place, findings)
    found = []
    for rule in block.rules:
        findings.table(place, rule.table)
        written = {key: " + ".join(v.columns) for key, v in rule.values.items() if v.columns}
        for key, value in rule.values.items():
            if value.range:
                written |= dict.fromkeys(("span", *_spanned(rule.table)), written.get(key, key))
        if rule.table == "observations" and "kind" in rule.values:
            findings.of_kinds(place)
        part = _part(whole, rule, texts, numbers, keep, block, findings)
        if rule.wide is not None:
            part = wide(part, whole, rule, block, findings)
        if rule.matrix is not False:
            part = matrix(part, whole, rule, numbers, block, findings)
            written |= part.headers
        findings.headers(place, written)
        found.append(replace(part, headers=written))
    return found


def _spanned(table: str) -> list[str]:
    """Return the columns of a table that a start and an end in one cell feed."""
    return [c for c in ("start", "end", "date") if c in schema.tables()[table].columns]


def _valued(whole: Body, number: int, block: Block) -> pd.Series:
    """Return the cells of a column, those that mean no value empty."""
    cells = whole.frame[number]
    return cells.mask(cells.isin(list(block.empty)), "")


def _count_filtered(reading: Reading, whole: Body, keep: np.ndarray, findings: Findings) -> None:
    """Count the rows that no block takes; a block that takes some of them takes them off again."""
    rows = reading.whole.rows
    here, taken = np.isin(rows, whole.rows), np.isin(rows, whole.rows[keep])
    before = 0 if reading.kept is None else int((here & ~reading.kept).sum())
    reading.kept = taken if reading.kept is None else reading.kept | taken
    left = int((here & ~reading.kept).sum())
    findings.count(whole.sheet.place, "rows_filtered", left - before)


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


def _bad_rows(reading: Reading, block: Block, findings: Findings) -> Body:
    """Treat rows with too many or too few fields as the block says."""
    whole = reading.whole
    if whole.sheet.workbook:
        return whole
    place, count = whole.sheet.place, reading.fields
    bad = np.union1d(whole.long, whole.short)
    if block.bad_rows == "skip":
        findings.count(place, "rows_skipped", len(bad))
        findings.summed("warning", "bad_row_skipped", place, bad, "")
        return whole.keep(~np.isin(whole.rows, bad))
    if block.bad_rows == "repair":
        surplus = np.setdiff1d(_wider(whole, count), whole.long)
        for rows, code in ((whole.short, "rows_padded"), (surplus, "rows_cut")):
            findings.count(place, "cells_repaired", len(rows))
            findings.summed("warning", code, place, rows, "", fields=count)
    refused = [(whole.long, "extra_fields")]
    if block.bad_rows == "error":
        refused.append((whole.short, "missing_fields"))
    for rows, code in refused:
        for row in rows.tolist():
            findings.add("error", code, place, row=row, count=count)
    return whole


def _wider(whole: Body, fields: int) -> np.ndarray:
    """Return the rows that have more cells than the header, empty ones counted."""
    rows = whole.sheet.rows
    if isinstance(rows, Records):  # as wide as the header, each of them
        return np.array([], dtype=np.int64)
    wide = [row for row in whole.rows.tolist() if row <= len(rows) and len(rows[row - 1]) > fields]
    return np.array(wide, dtype=np.int64)


def _filter(whole: Body, block: Block, numbers: dict[str, int]) -> np.ndarray:
    keep = np.ones(len(whole.rows), dtype=bool)
    for conditions, wish in ((block.where, True), (block.where_not, False)):
        for column, wanted_values in conditions.items():
            hit = whole.frame[numbers[column]].isin([text.strip() for text in wanted_values])
            keep &= hit.to_numpy(dtype=bool) == wish
    return keep


def _part(
    whole: Body, rule: Rule, texts: dict[str, pd.Series], numbers: dict[str, int],
    keep: np.ndarray, block: Block, findings: Findings,
) -> Part:  # fmt: skip
    """Return the rows that a block makes of a sheet for one table."""
    place, rows = whole.sheet.place, whole.rows[keep]
    index = np.flatnonzero(keep)
    frame = pd.DataFrame(index=range(len(index)))
    trimmed, formats = {}, {}
    for key, value in rule.values.items():
        name = "span" if value.range else key
        if len(value.columns) > 1 and any(map(sort_of, value.columns)):
            frame = _of_people(frame, rule.table, key, value, texts, index)
            continue
        frame[name] = _texts(value, texts, index, place, rows, findings)
        if len(value.columns) == 1 and (number := numbers[value.columns[0]]) in whole.trimmed:
            trimmed[name] = whole.trimmed[number][keep]
        if value.format:
            formats[name] = value.format
    frame["_number"] = np.arange(len(frame))
    splits = {name: value for name, value in rule.values.items() if value.split}
    cutter = {name: "|".join(map(re.escape, value.split)) for name, value in splits.items()}
    counts = [frame[name].str.count(pattern) + 1 for name, pattern in cutter.items()]
    if splits and (far := beyond(count.to_numpy(dtype=np.int64) for count in counts)).any():
        column = " / ".join(column for value in splits.values() for column in value.columns)
        for row in rows[far].tolist():
            limit = {"limit": MOST_OF_A_ROW}
            findings.add("error", "too_many_names", place, row=row, column=column, **limit)
        frame = frame[~far]
    table = schema.tables()[rule.table]
    for name, value in splits.items():
        known = table.all_columns.get(name)
        named = known is not None and known.type in ("end", "input", "id", "ref", "name")
        column = " + ".join(value.columns)
        frame = _split(frame, name, cutter[name], named, (place, rows, column), findings)
    picked = frame.pop("_number").to_numpy(dtype=np.int64)
    trimmed = {name: cells[picked] for name, cells in trimmed.items()}
    return Part(
        rule.table, place, frame.reset_index(drop=True), rows[picked], whole.sheet.workbook,
        formats=formats, trimmed=trimmed, missing_ends=block.missing_ends, mapped=True,
    )  # fmt: skip


def _of_people(
    frame: pd.DataFrame, table: str, key: str, value: Value, texts: dict[str, pd.Series],
    index: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Return a frame with a value composed of numbers of people and more: that without them.

    An id is left empty, for without the number it would make one of several people.
    """
    left = [column for column in value.columns if not sort_of(column)]
    cells = [texts[column].iloc[index].reset_index(drop=True) for column in value.columns]
    found = pd.Series("", index=range(len(index)), dtype="str")
    known = schema.tables()[table].all_columns.get(key)
    if known is None or known.type not in ("id", "end", "ref"):
        for column in left:
            more = texts[column].iloc[index].reset_index(drop=True)
            joined = found + value.join + more
            found = joined.mask(found == "", more).mask(more == "", found)
    numbers = [
        c for c, name in zip(cells, value.columns, strict=True) if sort_of(name) == "identity"
    ]
    slot = slot_of_end(table, key)
    return frame.assign(**{key: found}, **({slot: numbers[0]} if slot and numbers else {}))


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
        joined = found + value.join + more
        if value.skip_empty:
            joined = joined.mask(found == "", more).mask(more == "", found)
        else:
            joined = joined.mask((found == "") | (more == ""), "")
        found = joined
    if value.map is not None:
        found = _mapped(found, value, place, rows, findings)
    elif value.default is not None:
        found = found.mask(found == "", value.default)
    if value.scale is not None or value.digits is not None:
        found = _measured(found, value, place, rows, findings)
    return found


def _measured(
    texts: pd.Series, value: Value, place: Place, rows: np.ndarray, findings: Findings
) -> pd.Series:
    """Multiply and round numbers; halves go up, as people round. Other texts stay."""
    changed: dict[str, str] = {}
    rounded: set[str] = set()
    for text in texts.unique().tolist():
        number, _ = values.parse_number(text, whole=False)
        if number is None:
            continue
        exact = Decimal(repr(number)) * Decimal(repr(value.scale or 1))
        if value.scale == 0:
            exact = Decimal(0)
        if value.digits is not None:
            near = exact.quantize(Decimal(1).scaleb(-value.digits), ROUND_HALF_UP)
            if near != exact:
                rounded.add(text)
            exact = near
        changed[text] = format(exact.normalize(), "f")
    hit = texts.isin(list(rounded)).to_numpy(dtype=bool)
    if hit.any():
        column = " + ".join(value.columns)
        findings.count(place, "cells_repaired", int(hit.sum()))
        findings.summed("info", "rounded", place, rows[hit], column, str(texts[hit].iloc[0]))
    return each(texts, changed)


def _mapped(
    texts: pd.Series, value: Value, place: Place, rows: np.ndarray, findings: Findings
) -> pd.Series:
    """Replace values as a map says; one outside it takes the default or is an error."""
    assert value.map is not None
    known = texts.isin(list(value.map))
    outside = ~known if value.default is not None else ~known & (texts != "")
    column = " + ".join(value.columns)
    if value.default is None:
        allowed = tuple(value.map)
        for text, here in by_value(texts[outside], rows[outside.to_numpy(dtype=bool)]):
            findings.summed("error", "outside_map", place, here, column, text, allowed=allowed)
    changed = texts.map(value.map).astype("str").fillna("")
    return changed.mask(outside, value.default or "")


def _split(
    frame: pd.DataFrame, name: str, pattern: str, named: bool,
    at: tuple[Place, np.ndarray, str], findings: Findings,
) -> pd.DataFrame:  # fmt: skip
    """Make several rows of a cell with several names; each cell is counted once."""
    place, rows, column = at
    found = {text: _cut(text, pattern, named) for text in frame[name].unique().tolist()}
    lists = frame[name].map(lambda text: found[text].names or [""])
    for code, hit in (
        ("cells_split", {text for text, names in found.items() if len(names.names) > 1}),
        ("names_and_others", {text for text, names in found.items() if names.others}),
        ("count_no_name", {text for text, names in found.items() if names.counts}),
    ):
        here = frame[frame[name].isin(list(hit))].drop_duplicates("_number")
        severity: Severity = "info" if code == "cells_split" else "warning"
        for value, own in by_value(here[name], rows[here["_number"]]):
            if severity == "warning":
                findings.summed(severity, code, place, own, column, value)
        if severity == "info" and len(here):
            value = str(here[name].iloc[0])
            findings.summed(severity, code, place, rows[here["_number"]], column, value)
    return frame.assign(**{name: lists}).explode(name, ignore_index=True).astype({name: "str"})


def _cut(text: str, pattern: str, named: bool) -> Names:
    """Return the pieces of a cell; where they are names, “and others” and counts are none."""
    pieces = [piece.strip() for piece in re.split(pattern, text)]
    pieces = [piece for piece in pieces if piece]
    if not named:
        return Names(pieces)
    read = [names_of(piece, "", lambda _: False, lambda _: False) for piece in pieces]
    names = [name for names in read for name in names.names]
    return Names(names, any(n.others for n in read), any(n.counts for n in read))
