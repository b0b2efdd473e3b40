"""What a person has ticked in a draft: names, columns and sheets that were not clear, and people.

A ticked name is read as if the picked one had been written in its place, a ticked column as if it
were headed by the picked header; so everything that follows treats them like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.columns import unplain
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import headers
from liantu.loaders.ends import PART, Context
from liantu.loaders.findings import Findings, Place
from liantu.loaders.freetext import is_free
from liantu.loaders.sources import missing, read_file
from liantu.paths import name_of
from liantu.vocabulary import find, label, normalise

SHEETS = ("names", "columns", "tables", "people")
SUFFIX = ".xlsx"
LEFT_OUT = "leave_out"  # what is ticked for a sheet or column that is not to be read

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Tick:
    """A row of a draft in which something is picked.

    Attributes
    ----------
    file, title, row
        Where it stands.
    sheet
        The key of its sheet.
    cells, headers
        What it says, and under which headers, by key.
    """

    file: str
    title: str
    row: int
    sheet: str
    cells: Mapping[str, str]
    headers: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """Return a cell; "" where there is none."""
        return self.cells.get(key, "")

    @property
    def pick(self) -> str:
        """What is picked."""
        return self["pick"]

    @property
    def about(self) -> Place:
        """The file and sheet that it is about."""
        return self["file"], self["sheet"]


@dataclass
class Ticks:
    """The rows of drafts in which something is picked, by the key of their sheet."""

    rows: dict[str, list[Tick]] = field(default_factory=dict)
    used: set[tuple[str, str, int]] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Return whether anything is picked."""
        return any(self.rows.values())

    def of(self, sheet: str) -> list[Tick]:
        """Return the ticks of a sheet."""
        return self.rows.get(sheet, [])

    def every(self) -> list[Tick]:
        """Return the ticks of all sheets."""
        return [tick for sheet in SHEETS for tick in self.of(sheet)]

    def use(self, tick: Tick) -> None:
        """Note that a tick was of use."""
        self.used.add((tick.file, tick.sheet, tick.row))

    def unused(self) -> list[Tick]:
        """Return the ticks that were of no use."""
        return [t for t in self.every() if (t.file, t.sheet, t.row) not in self.used]

    def tell(
        self, findings: Findings, code: str, tick: Tick, *, column: str = "pick", **params: Any
    ) -> None:
        """Add an error at the cell of a tick, which thereby counts as used."""
        self.use(tick)
        findings.add(
            "error", code, (tick.file, tick.title), row=tick.row,
            column=tick.headers.get(column, column), **{"value": tick[column], **params},
        )  # fmt: skip


def is_draft(path: str | Path) -> bool:
    """Return whether a mapping is a workbook to be ticked."""
    return Path(path).suffix.lower() == SUFFIX


def read_ticks(paths: Iterable[Path]) -> Ticks:
    """Read drafts, in either language.

    Raises
    ------
    RequestError
        If a file cannot be read or is no draft.
    """
    found = Ticks()
    for path in paths:
        if not path.is_file():
            raise missing(path, "mapping_missing")
        known = False
        for sheet in read_file(path):
            key = find("draft_sheet", sheet.sheet)
            if key is None:
                continue
            known = True
            header, keys = _header(sheet.rows)
            if "pick" not in keys:
                column = label("pick", "zh", "draft")
                raise RequestError.of(
                    "draft_no_pick", file=name_of(path), value=sheet.sheet, column=column
                )
            heads = dict(zip(keys, map(str.strip, sheet.rows[header]), strict=False))
            for number, row in enumerate(sheet.rows[header + 1 :], header + 2):
                cells = {k: _text(cell) for k, cell in zip(keys, row, strict=False) if k}
                if cells["pick"]:
                    tick = Tick(name_of(path), sheet.sheet, number, key, cells, heads)
                    found.rows.setdefault(key, []).append(tick)
        if not known:
            raise RequestError.of("no_draft", file=name_of(path), value=name_of(path))
    return found


def _header(rows: Sequence[list[str]]) -> tuple[int, list[str]]:
    """Return the place of the header and the key of each column, "" where it has none."""
    for number, row in enumerate(rows):
        keys = [find("draft", cell) or "" for cell in row]
        if sum(map(bool, keys)) > 2:
            return number, keys
    return -1, []


def _text(cell: str) -> str:
    text = cell.strip()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


# -- sheets and columns --------------------------------------------------------------------------


def table_said(ticks: Ticks, place: Place, findings: Findings) -> tuple[str, str] | None:
    """Return the table and default form that a sheet was ticked to be, or None.

    The table of a sheet that is to be left out is "".
    """
    for tick in ticks.of("tables"):
        if tick.about == place:
            found = ("", "") if leaves_out(tick.pick) else headers.table_of(tick.pick)
            if found is None:
                near = headers.nearest_table(tick.pick)
                ticks.tell(findings, "tick_no_table", tick, nearest=near)
                continue
            ticks.use(tick)
            return found
    return None


def headers_ticked(ticks: Ticks, place: Place) -> dict[str, str]:
    """Return the picked headers of a sheet's ticked columns, by the compared form of their own."""
    mine = [tick for tick in ticks.of("columns") if tick.about == place]
    return {headers.key(tick["column"]): tick.pick for tick in mine if not leaves_out(tick.pick)}


def headers_said(
    ticks: Ticks, place: Place, table: str, names: list[str], findings: Findings, *, alone: bool
) -> dict[int, str]:
    """Return the headers that columns of a sheet were ticked to have, by position.

    The header of a column that is to be left unread is "". Where a table is not `alone` in its
    sheet, a column that it lacks may be one of the others.
    """
    found: dict[int, str] = {}
    for tick in ticks.of("columns"):
        if tick.about != place:
            continue
        key = headers.key(tick["column"])
        here = [number for number, name in enumerate(names) if name and headers.key(name) == key]
        if not here and not alone:
            continue
        if not here:
            ticks.tell(findings, "tick_no_column", tick, column="column")
        elif not leaves_out(tick.pick) and sort_of(tick["column"]):
            ticks.tell(findings, "tick_personal", tick, column="column")
        elif leaves_out(tick.pick):
            ticks.use(tick)
            found |= dict.fromkeys(here, "")
        elif headers.meaning(table, tick.pick) is None:
            near = headers.nearest_header(table, tick.pick)
            ticks.tell(findings, "tick_no_field", tick, table=table, nearest=near)
        else:
            ticks.use(tick)
            found[here[0]] = tick.pick
    return found


def leaves_out(text: str) -> bool:
    """Return whether a tick says that something is not to be read."""
    return find("draft_word", text) == LEFT_OUT


# -- people --------------------------------------------------------------------------------------


def apply_people(context: Context, frames: Frames, ticks: Ticks) -> None:
    """Put the ticked school and number in the place of a free text about people.

    A free text that nobody ticked names neither a person nor a school: its row is told and out.
    """
    said = {normalise(tick["text"]): tick for tick in ticks.of("people")}
    for name in schema.relations():
        frame = frames.get(name)
        if frame is None:
            continue
        for end in ("source", "target"):
            if not {"teacher", "school"} <= set(schema.tables()[name].ends(end)):
                continue
            for column in (f"{end}_name", end):
                if column in frame:
                    frame = _people(context, name, end, column, frame, said, ticks)
        frames[name] = frame


def _people(
    context: Context, name: str, end: str, column: str, frame: pd.DataFrame,
    said: Mapping[str, Tick], ticks: Ticks,
) -> pd.DataFrame:  # fmt: skip
    distinct = frame[column].dropna().unique().tolist() if said else []
    ticked = {text: said[key] for text in distinct if (key := normalise(text)) in said}
    for text, tick in ticked.items():
        here = (frame[column] == text).fillna(False).astype(bool)
        if tick["scope"]:
            here &= _scoped(context, frame, tick["scope"])
        if not here.any():
            continue
        ticks.use(tick)
        blank = pd.Series(None, index=frame.index, dtype="str")
        changed = {column: frame[column].mask(here, tick.pick)}
        changed[f"{end}_kind"] = frame.get(f"{end}_kind", blank).mask(here, "school")
        if tick["pick_count"]:
            number = tick["pick_count"].strip("人名约余多+ ")
            columns = schema.tables()[name].columns
            if "count" not in columns or not number.isdecimal():
                ticks.tell(context.findings, "tick_no_number", tick, column="pick_count")
            else:
                empty = pd.Series(pd.NA, index=frame.index, dtype="Int64")
                changed["count"] = frame.get("count", empty).mask(here, int(number))
        frame = frame.assign(**changed)
    # Visible ASCII alone, as ids are, speaks of nobody.
    free = [text for text in unplain(frame[column]) if text not in ticked and is_free(text)]
    if not free:
        return frame
    lost = frame[column].isin(free).to_numpy(dtype=bool)
    context.each("error", "free_text_people", column, frame[lost], frame[column][lost])
    context.count(frame[lost], "ends_missing")
    return frame[~lost].reset_index(drop=True)


# -- names ---------------------------------------------------------------------------------------


def apply_names(context: Context, frames: Frames, ticks: Ticks) -> None:
    """Write the picked name where a ticked one stands: everywhere, or in its own table only."""
    by_name: dict[str, list[Tick]] = {}
    for tick in ticks.of("names"):
        by_name.setdefault(normalise(tick["written"]), []).append(tick)
    if not by_name:
        return
    for name, frame in frames.items():
        columns = list(_named(name, frame))
        for column, kinds in columns:
            texts = frame[column].dropna().unique().tolist()
            for text in texts:
                for tick in by_name.get(normalise(text), ()):
                    if (kind := _kind(tick)) in kinds:
                        frame = _renamed(context, frame, column, text, tick, kind, ticks)
        frames[name] = frame


def _kind(tick: Tick) -> str:
    return (find("kind", tick["kind"]) if tick["kind"] else None) or "school"


def _named(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the columns of a table that name nodes, with the kinds they may be of."""
    table = schema.tables()[name]
    for key, column in table.all_columns.items():
        end = key.removesuffix("_name")
        if table.is_relation and end in ("source", "target"):
            kinds = table.ends(end)
        elif column.type == "ref" or (column.type == "input" and column.values != ("bool",)):
            kinds = tuple(column.values)
        elif name == "observations" and key == "id":
            kinds = schema.kinds()
        else:
            continue
        if key in frame and kinds:
            yield key, kinds
    for key, kinds in (("_name", schema.kinds()), ("_source_school", ("school",))):
        if key in frame:
            yield key, kinds
    for end in ("source", "target") if table.is_relation else ():
        if f"{end}_name" in frame and f"{end}_name" not in table.all_columns:
            yield f"{end}_name", table.ends(end)


def _renamed(
    context: Context, frame: pd.DataFrame, column: str, text: str, tick: Tick, kind: str,
    ticks: Ticks,
) -> pd.DataFrame:  # fmt: skip
    """Return a frame in which a ticked name is replaced; an end is of the kind that was ticked."""
    here = (frame[column] == text).fillna(False).astype(bool)
    if tick["scope"]:
        here &= _scoped(context, frame, tick["scope"])
    kinds = f"{column.removesuffix('_name')}_kind"
    if kinds in frame:
        here &= (frame[kinds].isna() | (frame[kinds] == kind)).fillna(False).astype(bool)
    if not here.any():
        return frame
    ticks.use(tick)
    changed = {column: frame[column].mask(here, tick.pick)}
    if kinds in frame:
        changed[kinds] = frame[kinds].mask(here, kind)
    return frame.assign(**changed)


def _scoped(context: Context, frame: pd.DataFrame, scope: str) -> np.ndarray:
    """Return which rows come from the file or sheet that a tick is limited to."""
    wanted = normalise(scope)
    inside = [
        number
        for number, part in enumerate(context.parts)
        if wanted in (*map(normalise, part.place), normalise(" / ".join(part.place)))
    ]
    return frame[PART].isin(inside).to_numpy(dtype=bool)


def check_ticks(context: Context, places: Collection[Place], ticks: Ticks, *, mapped: bool) -> None:
    """Tell every tick that no longer fits what is read, and those that were of no use.

    Parameters
    ----------
    context
        The load, its nodes listed.
    places
        The files and sheets read.
    ticks
        The ticks, used as far as they could be.
    mapped
        Whether a mapping says what sheets and columns are.
    """
    findings = context.findings
    for tick in (*ticks.of("names"), *ticks.of("people")):
        _check_pick(context, ticks, tick, _kind(tick))
    for tick in (*ticks.of("tables"), *ticks.of("columns")):
        if mapped:
            ticks.tell(findings, "tick_mapped", tick)
        elif tick.about not in places:
            shown = " / ".join(filter(None, tick.about))
            ticks.tell(findings, "tick_no_sheet", tick, column="file", value=shown)
    for tick in ticks.unused():
        value = tick["written"] or tick["text"] or tick["column"] or tick["sheet"]
        findings.add("warning", "tick_unused", (tick.file, tick.title), row=tick.row, value=value)
    files = [tick.file for tick in ticks.every()]
    for file in dict.fromkeys(files):
        findings.add("info", "ticks_read", (file, ""), count=files.count(file))


def _check_pick(context: Context, ticks: Ticks, tick: Tick, kind: str) -> None:
    directory = context.directories[kind]
    found = directory.candidates(tick.pick)
    if len(found) > 1:
        ticks.tell(context.findings, "ambiguous_end", tick, candidates=tuple(found))
    elif not found:
        near = directory.suggestion(tick.pick)
        ticks.tell(context.findings, "tick_gone", tick, kind=kind, nearest=near)
