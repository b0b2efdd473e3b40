"""The dates of one file or sheet: columns of dates, spans in one cell, durations, signing days."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from liantu.graph import schema, values
from liantu.graph.columns import arrow, mask
from liantu.graph.periods import BAD, Period, last_days, parse_length, parse_period
from liantu.loaders.cells import Part, known, without_point
from liantu.loaders.ends import PART, Context
from liantu.loaders.findings import Findings
from liantu.loaders.nodes import Frames

LENGTH = "_length"  # durations that wait for a start
_SPANS = ("span", "duration")
_DATES = ("start", "end", "date")
_LENGTHS = ("duration", "span", "end", "start")  # where a duration may stand
_JANUARY = r"^\d{4}\.1$"
_LATE = re.compile(r"\d{4}\.(?:0?9|1[0-2])")
_UNITS = ("学年", "学期", "年", "月", "周", "天", "日")


@dataclass
class _Said:
    """What the cells of a column say: first and last days, durations, and how they are to be told.

    Attributes
    ----------
    both
        Which cells hold a span, not a single day: they say start and end.
    states
        As of `values`, and ``"years"``, ``"point"`` (a span of one day or month), ``"unmapped"``.
    """

    start: pd.Series
    end: pd.Series
    both: np.ndarray
    length: pd.Series
    states: pd.Series


def dated(part: Part, findings: Findings) -> Part:
    """Return a part whose dates are typed; the spans are taken apart into start and end.

    Parameters
    ----------
    part
        A part of text columns, empty cells "".
    findings
        Takes what was repaired, coarse, contradictory or unreadable.
    """
    table = schema.tables()[part.table].all_columns
    columns = [
        c for c in part.frame if c in table and (table[c].is_date or c in (*_SPANS, "signed"))
    ]
    if not columns:
        return part
    whole = part.workbook  # its numbers, 20230901 among them, come with a point
    texts = {c: without_point(known(part.frame[c]), workbook=whole) for c in columns}
    said = {name: _read(part, name, texts[name], findings) for name in columns}
    frame = part.frame.drop(columns=[c for c in columns if c not in ("start", "end")])
    for name in columns:
        if table[name].is_date and name not in _DATES:  # opened, closed
            frame[name] = said[name].end if table[name].type == "last" else said[name].start
    if "date" in table and {"date", *_SPANS} & set(columns):
        frame["date"] = _event(part, said, findings)
    elif "start" in table and {"start", "end", "signed", *_SPANS} & set(columns):
        frame = _state(part, frame, said, findings)
    return replace(part, frame=frame)


def _read(part: Part, name: str, texts: pd.Series, findings: Findings) -> _Said:
    """Read the cells of a column and tell of them."""
    column = schema.tables()[part.table].all_columns[name]
    last, spans = column.type == "last", name in _SPANS
    given = part.formats.get(name, "")
    size = len(texts)
    nothing = pd.Series(np.datetime64("NaT", "s"), index=texts.index)
    if spans:
        days, states = nothing, pd.Series("bad", index=texts.index).where(texts.notna(), "")
    else:
        days, states = values.read_dates(texts, last=last, format=given)
    said = _Said(
        nothing.copy() if last else days.copy(), days.copy() if last else nothing.copy(),
        np.zeros(size, dtype=bool), pd.Series(None, index=texts.index, dtype="str"), states,
    )  # fmt: skip
    bad = (states == "bad").to_numpy(dtype=bool)
    if bad.any() and not given:
        said.states = states.astype("str")  # more of them than those of a single day
        for text in texts[bad].unique().tolist():
            _take(part, name, said, (texts == text).to_numpy(dtype=bool), text)
    _tell(part, name, texts, said, findings)
    return said


def _take(part: Part, name: str, said: _Said, here: np.ndarray, text: str) -> None:
    """Put what one text says where it stands."""
    period, state = _meant(part, name, text)
    said.states[here] = state
    if period.shape == "bad":
        return
    said.both |= here & (period.shape in ("term", "range", "whole"))
    if period.start:
        said.start[here] = np.datetime64(period.start, "s")
    if period.end:
        said.end[here] = np.datetime64(period.end, "s")
    if period.length:
        said.length[here] = period.length.written()


def _meant(part: Part, name: str, text: str) -> tuple[Period, str]:
    """Return what a text means under its header, and the state by which it is told."""
    header = part.headers.get(name, name)
    period = parse_period(text)
    if name == "duration" and period.shape in ("bad", "point"):
        unit = "年" if header == name else next((u for u in _UNITS if u in header), "")
        length = parse_length(text, unit)
        return (Period(None, None, "length", "", length), "") if length else (BAD, "bad")
    shape, span = period.shape, name in _SPANS
    if shape == "bad":
        return period, "bad"
    if span:
        if shape == "point" and re.fullmatch(r"\s*\d{4}\s*年?\s*", text):
            return period._replace(shape="whole"), "coarse"
        if shape == "point":
            return period._replace(end=None), "point"
        return period, period.state
    last = schema.tables()[part.table].all_columns[name].type == "last"
    if shape in ("range", "length") and part.mapped:
        return BAD, "unmapped"
    # A term beside the other day is the day itself; alone in its table it is a span.
    beside = name in ("start", "end") and ({"start", "end", *_SPANS} - {name}) & set(part.frame)
    day = part.mapped or beside or name not in _DATES
    if shape == "point" or (shape == "term" and day):
        whole = period._replace(shape="point")
        whole = whole._replace(start=None) if last else whole._replace(end=None)
        return whole, "coarse" if shape == "term" else period.state
    fits = {
        "term": True, "range": name in _DATES, "from": not last, "until": last, "open": last,
        "length": name == "end",
    }  # fmt: skip
    if not fits[shape] or (name == "date" and period.length):
        return BAD, "bad"
    return period, period.state


def _tell(part: Part, name: str, texts: pd.Series, said: _Said, findings: Findings) -> None:
    """Report the cells of a column that are bad, coarse, doubtful or repaired."""
    header, place, rows = part.headers.get(name, name), part.place, part.rows

    def which(state: str) -> np.ndarray:
        return (said.states == state).to_numpy(dtype=bool)

    for state, code in (
        ("bad", "bad_span" if name in _SPANS else "bad_date"),
        ("unmapped", "range_unmapped"),
    ):
        if (hit := which(state)).any():
            findings.each("error", code, place, rows[hit], texts[hit], header)
    for state, code in (
        ("coarse", "coarse_date"),
        ("years", "years_alone"),
    ):
        if (hit := which(state)).any():
            value = str(texts[hit].iloc[0])
            findings.summed("warning", code, place, rows[hit], header, value, table=part.table)
    if name not in part.formats and (january := perhaps_october(texts)).any():
        findings.each("warning", "perhaps_october", place, rows[january], texts[january], header)
    repaired = which("repaired") | part.trimmed.get(name, np.zeros(len(texts), dtype=bool))
    if repaired.any():
        findings.count(place, "cells_repaired", int(repaired.sum()))
        value = str(part.frame[name][repaired].iloc[0])
        findings.summed("info", "cells_repaired", place, rows[repaired], header, value)


def perhaps_october(texts: pd.Series) -> np.ndarray:
    """Return which cells say January but may mean October: 2023.1 where others are 2023.11."""
    january = mask(pc.match_substring_regex(arrow(texts), _JANUARY))
    late = january.any() and any(map(_LATE.fullmatch, texts.dropna().unique()))
    return january if late else np.zeros(len(texts), dtype=bool)


def _event(part: Part, said: dict[str, _Said], findings: Findings) -> pd.Series:
    """Return the day of each event: the first one, where it took several."""
    name = next(iter(said))
    cells = said[name]
    several = cells.both & (cells.end > cells.start).to_numpy(dtype=bool)
    if several.any():
        value = str(part.frame[name][several].iloc[0])
        header = part.headers.get(name, name)
        findings.summed("warning", "event_of_days", part.place, part.rows[several], header, value)
    return cells.start


def _state(
    part: Part, frame: pd.DataFrame, said: dict[str, _Said], findings: Findings
) -> pd.DataFrame:
    """Return a frame with start and end; what a span says comes before single days."""
    if not set(said) - {"start", "end"} and not any(
        cells.both.any() or cells.length.notna().any() for cells in said.values()
    ):  # the most by far
        return frame.assign(**{name: getattr(cells, name) for name, cells in said.items()})
    index = frame.index
    nothing = pd.Series(np.datetime64("NaT", "s"), index=index)
    start, end = nothing.copy(), nothing.copy()
    length = pd.Series(None, index=index, dtype="str")
    single = [(name, ~said[name].both) for name in ("start", "end") if name in said]
    spans = [(name, np.ones(len(index), dtype=bool)) for name in _SPANS if name in said]
    for name, here in [*spans, *((name, ~alone) for name, alone in single), *single]:
        first, last = said[name].start.where(here), said[name].end.where(here)
        clash = start.notna() & first.notna() & (start != first)
        clash |= end.notna() & last.notna() & (end != last)
        if clash.any():
            value = str(part.frame[name][clash].iloc[0])
            header = part.headers.get(name, name)
            findings.summed("warning", "span_differs", part.place, part.rows[clash], header, value)
        start, end = start.fillna(first), end.fillna(last)
        length = length.where(length.notna(), said[name].length)
    if "signed" in said:
        start = start.fillna(said["signed"].start)
    if length.notna().any():
        computed = last_days(start, length)
        differs = (computed.notna() & end.notna() & (computed != end)).to_numpy(dtype=bool)
        if differs.any():
            findings.summed(
                "warning", "length_differs", part.place, part.rows[differs], _header(part)
            )
        end = end.fillna(computed)
        waiting = length.notna() & start.isna() & end.isna()
        if waiting.any():
            frame = frame.assign(**{LENGTH: length.where(waiting)})
    for name, cells in said.items():
        hit = ((cells.states == "point") & end.isna()).to_numpy(dtype=bool)
        if hit.any():
            value, header = str(part.frame[name][hit].iloc[0]), part.headers.get(name, name)
            findings.summed(
                "warning", "span_without_end", part.place, part.rows[hit], header, value,
                table=part.table,
            )  # fmt: skip
    if written := _header(part):  # problems of the network's own columns name it
        findings.headers(part.place, dict.fromkeys(("start", "end"), written))
    present = {"start": start, "end": end}
    return frame.assign(**{c: s for c, s in present.items() if c in said or s.notna().any()})


def _header(part: Part) -> str:
    named = [part.headers.get(name, name) for name in _SPANS if name in part.frame]
    return " / ".join(dict.fromkeys(named))


def awaited(context: Context, frames: Frames) -> None:
    """Count durations from the founding of the alliance; tell where nothing gives a start."""
    for name, frame in frames.items():
        if LENGTH not in frame or not frame[LENGTH].notna().any():
            continue
        blank = pd.Series(np.datetime64("NaT", "s"), index=frame.index)
        start = frame.get("start", blank).astype("M8[s]")
        waiting = frame[LENGTH].notna() & start.isna()
        alliances = frames.get("alliance", pd.DataFrame())
        if name == "member_of" and "start" in alliances:
            founded = alliances.drop_duplicates("id").set_index("id")["start"]
            start = start.mask(waiting, frame["target"].map(founded).astype("M8[s]"))
            waiting &= start.isna()
            end = last_days(start, frame[LENGTH])
            frame = frame.assign(
                start=start, end=frame.get("end", blank).astype("M8[s]").fillna(end)
            )
            frames[name] = frame
        for number, rows in frame[waiting].groupby(PART, sort=True):
            written = context.parts[int(str(number))].headers
            column = next((c for c in _LENGTHS if c in written), "duration")
            context.each("warning", "length_without_start", column, rows, blank[rows.index])
