"""Own shape: sheets named after kinds and relations, columns headed in either language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np
import pandas as pd

from liantu.graph import schema, values
from liantu.graph.extras import extra
from liantu.graph.indicators import measure_key, measure_of, section_of
from liantu.graph.periods import parse_length
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import continued, dittos, headers, lost, spread, totals
from liantu.loaders.body import Body, body, find_head, without_failed
from liantu.loaders.cells import Part
from liantu.loaders.findings import Findings
from liantu.loaders.freetext import is_free
from liantu.loaders.headers import Meaning
from liantu.loaders.headings import leave_out
from liantu.loaders.people import slot_of
from liantu.loaders.recognise import read_as, said_to_be, titles_above
from liantu.loaders.sheets import lacks_an_end, tell_hidden, tell_unread
from liantu.loaders.sources import Sheet
from liantu.loaders.stacked import pieces
from liantu.loaders.template import example_ids
from liantu.loaders.ticks import Ticks, headers_said, headers_ticked, table_said

_OWN = (
    *("id", "_name", "source", "source_name", "target", "target_name"),
    *("core", "member", "host", "host_name"),
)
_MEASURES = ("measure", "value", "text")
Columns = dict[int, Meaning]
_ORDINAL = r"第\s*[\d一二三四五六七八九十百]+\s*[次场期节讲批]"


def parts(sheets: list[Sheet], findings: Findings, ticks: Ticks) -> list[Part]:
    """Turn sheets of own shape into parts, one a sheet; others are warned of.

    What was ticked in a draft goes before what sheets and headers say themselves.
    """
    found = []
    for sheet in sheets:
        tables = pieces(sheet)
        for table in tables:
            part = _part(table, findings, ticks, alone=len(tables) == 1)
            if part is not None:
                found.append(part)
    return found


def _part(sheet: Sheet, findings: Findings, ticks: Ticks, *, alone: bool) -> Part | None:
    if sheet.hidden and not headers.is_aside(sheet.sheet) and sheet.sheet != "liantu":  # its own
        tell_hidden(sheet, findings)
    if not any(any(cell.strip() for cell in row) for row in sheet.rows):
        return None
    stem = PurePath(sheet.file).stem
    said = table_said(ticks, sheet.place, findings)
    if said is not None and not said[0]:
        findings.add("info", "sheet_left_out", sheet.place, value=sheet.sheet or stem)
        return None
    if said is None and headers.is_aside(sheet.sheet or stem):
        return None
    reading = read_as(sheet) if said is None or sheet.first else said_to_be(sheet, *said)
    if said is not None and not reading.table:
        reading = said_to_be(sheet, *said)
    if not reading.table:
        tell_unread(sheet, reading, findings)
        return None
    table, form = reading.table, reading.form
    ticked = headers_ticked(ticks, sheet.place)
    head = find_head(sheet, lambda text: _known(table, text) or ticked.get(headers.key(text)))
    if not head.score:
        by_file = bool(sheet.sheet) and reading.why[0][0] == "file"
        severity = "warning" if by_file else "error"
        findings.add(severity, "no_header", sheet.place, table=table)  # type: ignore[arg-type]
        return None
    whole = leave_out(body(sheet, head, findings), table, findings)
    findings.table(sheet.place, table, reading.why)
    picked = headers_said(ticks, sheet.place, table, whole.headers, findings, alone=alone)
    columns = _columns(whole, table, picked, findings)
    spread.fill(whole, head, table, columns, findings)
    _extra_fields(whole, findings)
    wide = table == "observations" and not any(m.column in _MEASURES for m in columns.values())
    for number, name in enumerate(whole.headers):
        if number in columns or (wide and name):
            texts = whole.frame[number]
            whole.frame[number] = without_failed(
                texts, whole.rows, name, whole.sheet.place, findings
            )
    dittos.fill(whole, columns, findings)
    dittos.empty(whole, _fillable(table, columns), findings)
    continued.fill(whole, table, columns, findings, titled=bool(titles_above(sheet, head)))
    if wide:
        return _wide(whole, columns, findings)
    left_out = {number for number, header in picked.items() if not header}
    lost.tell(whole, table, columns, findings, left_out=left_out)
    if lacks_an_end(whole, table, columns, findings):
        return None
    lost.tell_year(whole, table, columns, titles_above(sheet, head), findings)
    if table == "member_of":
        totals.check_stated(whole, columns, findings)
    return _long(whole, table, columns, form, findings)


def _fillable(table: str, columns: Columns) -> Columns:
    """Return the columns of dates, figures and codes: what no name of anybody stands in."""
    known = schema.tables()[table].all_columns
    found = {}
    for number, meaning in columns.items():
        column = known.get(meaning.column)
        if column is None:
            continue
        typed = column.is_date or column.is_number or column.type in ("code", "open_code", "form")
        if typed or meaning.column in ("span", "duration", "signed", "founded", "home"):
            found[number] = meaning
    return found


def _known(table: str, text: str) -> str | None:
    found = headers.meaning(table, text)
    if found is None and table == "observations":
        found = headers.meaning("school", text)
    return found.column + found.kind if found else None


def _columns(whole: Body, table: str, picked: Mapping[int, str], findings: Findings) -> Columns:
    """Return the meaning of each column; a header that stands twice is an error."""
    found: Columns = {}
    counts = Counter(headers.key(name) for name in whole.headers if name)
    told: set[str] = set()
    for number, name in enumerate(whole.headers):
        header = picked.get(number, name)
        meaning = headers.meaning(table, header) if header else None
        if meaning is None:
            continue
        key = headers.key(name)
        if counts[key] > 1:
            if key not in told:
                findings.add(
                    "error", "duplicate_header", whole.sheet.place, column=name, value=name
                )
            told.add(key)
        else:
            found[number] = meaning
    ordinals = [n for n, m in found.items() if m.column == "count" and n not in picked]
    for number in ordinals:
        cells = whole.frame[number][whole.frame[number] != ""]
        if len(cells) and cells.str.fullmatch(_ORDINAL).all():  # 第3场 counts nothing
            del found[number]
    return _yielding(whole, table, found, picked, findings)


def _yielding(
    whole: Body, table: str, columns: Columns, picked: Mapping[int, str], findings: Findings
) -> Columns:
    """Return the columns without those that yield to a clearer header (学校 beside 接收学校)."""
    found, bounded = dict(columns), {"start", "end"}
    for number, meaning in columns.items():
        name, own = whole.headers[number], _end_of(meaning)
        if not headers.yields(name) or number in picked:
            continue
        same = {own} | (bounded if own == "span" else set())
        clearer = [
            n for n, m in columns.items()
            if n != number and _end_of(m) in same and not headers.yields(whole.headers[n])
            and (m.kind == meaning.kind or own == "span")
        ]  # fmt: skip
        if not clearer or not schema.tables()[table].is_relation:
            continue
        lasting = any(m.column == "duration" for m in found.values())
        if own == "span" and not lasting and _lengths(whole.frame[number]):
            found[number] = Meaning("duration", "", False)  # 期限 beside 结对时间: how long
            continue
        homes = [m for n, m in found.items() if n != number and m.column == "home"]
        if table == "posted_to" and own == "target" and not homes:
            found[number] = Meaning("home", "", meaning.ids)  # the school that the person is of
            continue
        del found[number]
        findings.add(
            "info", "header_yields", whole.sheet.place, column=name, value=name,
            other=whole.headers[clearer[0]],
        )  # fmt: skip
    return found


def _lengths(texts: pd.Series) -> bool:
    """Return whether all the cells of a column are durations."""
    distinct = texts[texts != ""].unique().tolist()
    return bool(distinct) and all(parse_length(text) is not None for text in distinct)


def _extra_fields(whole: Body, findings: Findings) -> None:
    """Cells beyond the header: an error in a CSV, a column without a header in a workbook."""
    place = whole.sheet.place
    rows = np.array([], dtype=np.int64) if whole.sheet.workbook else whole.long
    named = max(number for number, name in enumerate(whole.headers, 1) if name)
    for row in rows.tolist():
        findings.add("error", "extra_fields", place, row=row, count=named)
    if not whole.sheet.workbook:
        findings.summed("info", "short_rows", place, whole.short, "")
        findings.count(place, "cells_repaired", len(whole.short))
    for number, name in enumerate(whole.headers):
        used = (whole.frame[number] != "").to_numpy(dtype=bool)
        beyond = np.isin(whole.rows, rows)
        if not name and (used & ~beyond).any():
            column = _letter(number)
            findings.summed(
                "warning", "no_column_header", place, whole.rows[used & ~beyond], column
            )


def _letter(number: int) -> str:
    """Return the letters of a spreadsheet's column."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _long(whole: Body, table: str, columns: Columns, form: str, findings: Findings) -> Part:
    """Return the part of a sheet whose columns are those of a table."""
    place = whole.sheet.place
    frame: dict[str, pd.Series] = {}
    written: dict[str, str] = {}
    trimmed: dict[str, np.ndarray] = {}
    ends = _end_columns(table, columns)
    for number, meaning in columns.items():
        if number in ends:
            continue
        name, texts = meaning.column, _in_units(table, meaning, whole, number)
        if name in frame and name == "aliases":
            frame[name] = (frame[name] + "、" + texts).str.strip("、")
            continue
        if name in frame and headers.is_numbered(whole.headers[number]):
            frame[name] = _both(frame[name], texts)
            written[name] += f" / {whole.headers[number]}"
            continue
        if (
            name in frame
            and not ((frame[name] != texts) & (frame[name] != "") & (texts != "")).any()
        ):
            frame[name] = frame[name].mask(frame[name] == "", texts)  # they say the same
            continue
        if name in frame and (table, name) == ("mentors", "subject"):
            differ = (frame[name] != texts) & (frame[name] != "") & (texts != "")
            findings.summed(
                "warning", "subjects_differ", place, whole.rows[differ.to_numpy(dtype=bool)],
                whole.headers[number], str(texts[differ].iloc[0]), other=written[name],
            )  # fmt: skip
            frame[name] = frame[name].mask(frame[name] == "", texts)
            continue
        if name in frame:
            findings.add(
                "error", "same_column", place, column=whole.headers[number],
                value=whole.headers[number], other=written[name],
            )  # fmt: skip
            continue
        frame[name], written[name] = texts, whole.headers[number]
        if number in whole.trimmed:
            trimmed[name] = whole.trimmed[number]
    for number, header in enumerate(whole.headers):
        if number not in columns and (name := extra(header)):  # a column of the user's own
            if name in frame:
                findings.add("error", "duplicate_header", place, column=header, value=header)
            frame[name], written[name] = whole.frame[number], header
    for number, header in enumerate(whole.headers):  # which tell people of one name apart
        if sort_of(header) == "identity" and (slot := slot_of(table, header)):
            frame.setdefault(slot, whole.frame[number])
            written.setdefault(slot, header)
    for end in ("source", "target") if schema.tables()[table].is_relation else ():
        own = {n: columns[n] for n in ends if _end_of(columns[n]) == end}
        frame |= _end(whole, table, end, own, findings)
        if own:
            written[end] = " / ".join(whole.headers[n] for n in own)
            schools = [whole.headers[n] for n in own if own[n].kind == "school"]
            written[f"_{end}_school"] = " / ".join(schools) or written[end]
        if end == "source":
            sheet = [written[c] for c in _LEADING.get(table, ()) if c in written]
            written |= (
                {end: " / ".join((*sheet, *filter(None, [written.get(end)])))} if sheet else {}
            )
    for end in ("source", "target"):
        if end in written:
            written[f"{end}_name"] = written[end]
    if table == "observations":
        frame |= _about(whole, {n: columns[n] for n in ends})
        written["id"] = " / ".join(whole.headers[n] for n in ends)
    if form and "form" not in frame:
        frame["form"] = pd.Series(form, index=whole.frame.index, dtype="str")
    elif form:
        frame["form"] = frame["form"].mask(frame["form"] == "", form)
    findings.headers(place, written)
    if table == "observations" and "kind" in written:
        findings.of_kinds(place)
    _filled(whole, columns, findings)
    data = pd.DataFrame(frame, index=whole.frame.index)
    keep = ~_examples(data)
    findings.count(place, "rows_skipped", int((~keep).sum()))
    findings.summed("info", "examples_skipped", place, whole.rows[~keep], "")
    if not keep.all():
        trimmed = {name: cells[keep] for name, cells in trimmed.items()}
        data = data[keep].reset_index(drop=True)
    return Part(
        table, place, data, whole.rows[keep], whole.sheet.workbook, trimmed=trimmed, headers=written
    )


def _in_units(table: str, meaning: Meaning, whole: Body, number: int) -> pd.Series:
    """Return the cells of a column; bare numbers below 金额（万元） with the unit of the header."""
    texts, column = whole.frame[number], schema.tables()[table].all_columns[meaning.column]
    unit = headers.unit(whole.headers[number])[1][:1]
    if not column.is_number or unit not in ("万", "亿"):
        return texts
    bare = texts.str.fullmatch(r"[\d,.]+").to_numpy(dtype=bool)
    return texts.mask(bare, texts + unit)


# Columns of schools that become ends themselves: the core of a row and its member.
_LEADING = {"member_of": ("core", "member"), "joins": ("host_name", "host")}


def _both(names: pd.Series, others: pd.Series) -> pd.Series:
    """Return two columns of names as one, those of a row one after the other."""
    return (names + "、" + others).str.strip("、").where(names != others, names)


def _end_of(meaning: Meaning) -> str:
    return meaning.column.removesuffix("_name")


def _end_columns(table: str, columns: Columns) -> list[int]:
    """Return the columns that hold ends (of observations: the node)."""
    wanted = {"source", "target", "source_name", "target_name"}
    if table == "observations":
        wanted = {"id"}
    elif not schema.tables()[table].is_relation:
        wanted = set()
    return [number for number, meaning in columns.items() if meaning.column in wanted]


def _end(
    whole: Body, table: str, end: str, columns: Columns, findings: Findings
) -> dict[str, pd.Series]:
    """Bring the columns that may hold an end together: id, name, kind, and a teacher's school."""
    blank = pd.Series("", index=whole.frame.index, dtype="str")
    ids, names, kinds, school = blank, blank, blank, blank
    several = np.zeros(len(blank), dtype=bool)
    persons = "teacher" in schema.tables()[table].ends(end)

    def kind_of(meaning: Meaning) -> str:
        return "teacher" if meaning.column.endswith("_name") and persons else meaning.kind

    if len(columns) == 1 and len(schema.tables()[table].ends(end)) == 1:  # nothing to weigh
        (number,) = columns
        texts, ids_alone = whole.frame[number], columns[number].ids
        return {end: texts if ids_alone else blank, f"{end}_name": blank if ids_alone else texts}
    order = sorted(columns, key=lambda n: (kind_of(columns[n]) == "school", not columns[n].ids, n))
    for number in order:
        meaning, texts = columns[number], whole.frame[number]
        kind, filled = kind_of(meaning), texts != ""
        taken = (ids != "") | (names != "")
        other = filled & taken & (kinds != "") & (kinds != kind) & bool(kind)
        narrows = other & (kinds == "teacher") & (kind == "school")
        if table == "delivers" and narrows.any():
            free = narrows & names.isin([text for text in names[narrows].unique() if is_free(text)])
            if free.any():  # the school goes before what is nobody's name
                findings.summed(
                    "info", "school_for_people", whole.sheet.place, whole.rows[free.to_numpy(bool)],
                    whole.headers[number], str(names[free].iloc[0]),
                )  # fmt: skip
            names, kinds = names.mask(free, ""), kinds.mask(free, "school")
            if meaning.ids:
                ids = ids.mask(free, texts)
            else:
                names = names.mask(free, texts)
            narrows &= ~free
            other &= ~free
            filled &= ~free
        school = school.mask(narrows, texts)
        several |= (other & ~narrows).to_numpy(dtype=bool)
        use = filled & ~other
        if meaning.ids:
            ids = ids.mask(use & (ids == ""), texts)
        elif headers.is_numbered(whole.headers[number]):
            names = names.mask(use, _both(names, texts))
        else:
            # A second school or person in the row: which one is meant, nobody can say.
            several |= (use & (names != "") & (names != texts)).to_numpy(dtype=bool)
            names = names.mask(use & (names == ""), texts)
        kinds = kinds.mask(use & (kinds == ""), kind)
    for row in whole.rows[several].tolist():
        shown = " / ".join(whole.headers[n] for n in columns)
        findings.add("error", "several_ends", whole.sheet.place, row=row, column=shown, value=shown)
    found = {end: ids, f"{end}_name": names}
    if len(schema.tables()[table].ends(end)) > 1:
        found[f"{end}_kind"] = _explicit_kind(whole, table, end, kinds)
    if (school != "").any():
        found[f"_{end}_school"] = school
    return found


def _explicit_kind(whole: Body, table: str, end: str, kinds: pd.Series) -> pd.Series:
    """Return the kinds of an end: a column that says so, else what the header means."""
    for number, name in enumerate(whole.headers):
        meaning = headers.meaning(table, name) if name else None
        if meaning and meaning.column == f"{end}_kind":
            given = whole.frame[number]
            return given.mask(given == "", kinds)
    return kinds


def _about(whole: Body, columns: Columns) -> dict[str, pd.Series]:
    """Return the node that figures belong to: its id and its name."""
    blank = pd.Series("", index=whole.frame.index, dtype="str")
    found = {"id": blank, "_name": blank}
    for number, meaning in columns.items():
        slot = "id" if meaning.ids else "_name"
        found[slot] = found[slot].mask(found[slot] == "", whole.frame[number])
    return found


def _filled(whole: Body, columns: Mapping[int, Meaning], findings: Findings) -> None:
    """Count the cells that were filled from merged ones."""
    for number, rows in whole.sheet.filled.items():
        if number in columns:
            here = np.intersect1d(np.array(rows), whole.rows)
            findings.count(whole.sheet.place, "cells_repaired", len(here))
            header = whole.headers[number]
            findings.summed("info", "cells_unmerged", whole.sheet.place, here, header)


def _examples(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows are the template's examples: their id, or an end, is one of its ids."""
    marked = np.zeros(len(frame), dtype=bool)
    for name in _OWN:
        if name in frame:
            marked |= frame[name].isin(example_ids()).to_numpy(dtype=bool)
    return marked


def _stage_column(whole: Body) -> int | None:
    """Return the column that says of which section of a school the figures of a row are."""
    meant = ((n, headers.meaning("school", name)) for n, name in enumerate(whole.headers) if name)
    return next((n for n, meaning in meant if meaning and meaning.column == "stage"), None)


def _of_sections(measure: str, section: pd.Series, frame: pd.DataFrame) -> pd.Series:
    """Return the measure of each row: of its section where a school has rows of several."""
    alike = frame.astype("str").agg("\0".join, axis=1) if len(frame.columns) else section
    several = section.groupby(alike.to_numpy()).transform("nunique") > 1
    return section.where(several).map(lambda said: measure_key(measure, said))


def _wide(whole: Body, columns: Columns, findings: Findings) -> Part:
    """Return the observations of a sheet with one column a measure."""
    base = _long(whole, "observations", columns, "", findings)
    inside = np.isin(whole.rows, base.rows)
    known = {n: m for n, header in enumerate(whole.headers) if (m := measure_of(header))}
    stage = _stage_column(whole) if known else None
    section = None if stage is None else whole.frame[stage].map(section_of)
    pieces, rows = [], []
    for number, header in enumerate(whole.headers):
        if not header or number in columns or headers.is_counter(header) or number == stage:
            continue
        if extra(header):
            continue
        meaning = None if number in known else headers.meaning("school", header)
        if meaning and not schema.tables()["school"].all_columns[meaning.column].is_number:
            place = whole.sheet.place
            findings.add("warning", "not_a_measure", place, column=header, value=header)
            continue
        name, unit = headers.unit(header)
        measure: str | pd.Series = meaning.column if meaning else name
        if (one := known.get(number)) is not None:
            unit, part = one.unit, pd.Series(one.section, index=whole.frame.index, dtype="str")
            if section is not None and one.section is None:
                part = section
            measure = part[inside].map(lambda said, key=one.key: measure_key(key, said))
            measure = measure.reset_index(drop=True)
            if not one.plain:
                findings.add(
                    "warning", "indicator_taken", whole.sheet.place, column=header, value=header,
                    indicator=one.key,
                )  # fmt: skip
        elif section is not None and meaning and meaning.column == "pupils":
            measure = _of_sections("pupils", section[inside].reset_index(drop=True), base.frame)
        texts = whole.frame[number][inside].reset_index(drop=True)
        use = texts != ""
        _, states = values.read_numbers(texts.replace("", pd.NA), whole=False)
        worded = states == "bad"
        piece = base.frame.assign(
            measure=measure,
            value=texts.mask(worded, ""),
            text=texts.mask(~worded, ""),
        )
        if unit:
            own = piece.get("unit", pd.Series("", index=piece.index, dtype="str"))
            piece["unit"] = own.mask(own == "", unit)
        pieces.append(piece[use])
        rows.append(base.rows[use.to_numpy(dtype=bool)])
    if not pieces:
        return base
    frame = pd.concat(pieces, ignore_index=True).fillna("")
    return Part(
        "observations", base.place, frame, np.concatenate(rows), base.workbook, headers=base.headers
    )
