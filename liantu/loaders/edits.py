"""What the edits of a plan are about: names become ids, every cell its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import DataError, LiantuError, Problem
from liantu.graph import schema
from liantu.graph.edits import ADDS, Edit
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.loaders.cells import Part, typed
from liantu.loaders.dates import dated
from liantu.loaders.ends import PART, ROW, Asked, Context, resolve
from liantu.loaders.findings import Findings
from liantu.loaders.onto import assembled_onto, context_of
from liantu.loaders.people import without_people
from liantu.loaders.relations import prepare
from liantu.options import parse_date

_FIRST = (-1, -1)  # nodes that the ends of rows to add make, before all edits
# Columns that only say more of a row: nothing is found by them.
_ASIDE = (
    *("agreement", "provenance", "place", "certainty", "weight", "synthetic"),
    *("span", "duration", "signed"),
)


@dataclass(frozen=True)
class Step:
    """Edits of one sort as they are written.

    Attributes
    ----------
    do
        What is done.
    part
        What comes in, or what the rows are that it is about; one row or several an edit.
    to
        What columns are set to, row by row beside `part`; None where nothing is.
    order
        Where each row of `part` stands in the plan; equal where rows are one edit.
    options
        What else a row of `part` says: ``years``, ``from``, ``until``, by row.
    tables
        The tables that it may change.
    """

    do: str
    part: Part
    to: Part | None
    order: tuple[tuple[int, int], ...]
    options: tuple[Mapping[str, Any], ...]
    tables: tuple[str, ...]


def placed(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of a TOML file with the number of the edit in the place of a row."""
    found = []
    for problem in problems:
        if problem.file.endswith(".toml") and problem.row is not None:
            column = f"edit {problem.row}" + (f": {problem.column}" if problem.column else "")
            problem = replace(problem, row=None, column=column)
        found.append(problem)
    return found


def edits_of(
    network: Network, steps: Iterable[Step], day: date
) -> tuple[tuple[Edit, ...], tuple[Problem, ...]]:
    """Return the edits of a plan with ids for names and every cell typed, and what was noted.

    Raises
    ------
    DataError
        If a name means nothing in the network, or a cell cannot be read.
    """
    findings, steps = Findings(), tuple(steps)
    context = context_of(network, findings)
    found: dict[tuple[tuple[int, int], str], Edit] = {}
    told = {
        (*step.part.place, row): (step, order)
        for step in steps
        for row, order in zip(step.part.rows.tolist(), step.order, strict=True)
    }
    adds = [_begun(step.part, day) for step in steps if step.do in ADDS]
    frames, locate = assembled_onto(context, adds)
    for table, frame in frames.items():
        own = [locate(table, position) for position in range(len(frame))]
        keys = [(p.get("file", ""), p.get("sheet", ""), p.get("row", -1)) for p in own]
        for key, rows in frame.groupby(pd.Series(range(len(keys))).map(dict(enumerate(keys)))):
            step, order = told.get(key, (None, _FIRST))
            do = step.do if step is not None and step.part.table == table else "add"
            place = dict(zip(("file", "sheet", "row"), key, strict=True)) if step else {}
            rows = rows.reset_index(drop=True)
            found[order, table] = Edit(0, do, (table,), rows, day=day, place=place)
    for step in steps:
        if step.do in ADDS:
            continue
        rows = _selected(context, step)
        to = _values(context, step)
        for number in range(len(step.part.rows)):
            here = rows[rows["_number"] == number].drop(columns="_number").reset_index(drop=True)
            said = {} if to is None else to.iloc[number].dropna().to_dict()
            cells = {str(key): value for key, value in said.items()}
            order, row = step.order[number], int(step.part.rows[number])
            place = {"file": step.part.place[0], "sheet": step.part.place[1], "row": row}
            if (before := found.get((order, ""))) is not None:  # several rows are one edit
                here = pd.concat([before.rows, here], ignore_index=True)
            found[order, ""] = Edit(
                0, step.do, step.tables, here, cells, day=day, place=place,
                **_options(step, number, findings),
            )  # fmt: skip
    errors = [p for p in findings.report(LoadReport()).problems if p.severity == "error"]
    if errors:
        raise DataError(placed(errors))
    numbers = {order: n for n, order in enumerate(sorted({o for o, _ in found} - {_FIRST}), 1)}
    tables = list(schema.tables())  # nodes before what ties them
    sort = sorted(found, key=lambda key: (key[0], tables.index(key[1]) if key[1] else -1))
    edits = tuple(replace(found[key], number=numbers.get(key[0], 0)) for key in sort)
    return edits, tuple(placed(findings.problems))


def _begun(part: Part, day: date) -> Part:
    """Return rows to add that begin on the day of the plan, where they say nothing else."""
    if schema.tables()[part.table].nature != "state":
        return part
    blank = pd.Series("", index=part.frame.index, dtype="str")
    said = [part.frame.get(key, blank) != "" for key in ("start", "span", "signed")]
    silent = ~np.logical_or.reduce([s.to_numpy(dtype=bool) for s in said])
    start = part.frame.get("start", blank).mask(silent, day.isoformat())
    return replace(part, frame=part.frame.assign(start=start))


def _selected(context: Context, step: Step) -> pd.DataFrame:
    """Return what the rows of a step are: typed columns, ids, and which row says so."""
    table = schema.tables()[step.part.table]
    part = dated(
        typed(without_people(step.part, context.findings), context.findings), context.findings
    )
    frame = part.frame.copy(deep=False)
    context.parts.append(replace(part, frame=frame.iloc[:0], rows=part.rows[:0]))
    frame[PART], frame[ROW] = len(context.parts) - 1, part.rows
    frame["_number"] = np.arange(len(frame))
    if not table.is_relation:
        if "id" not in frame and "name" not in frame:
            return frame[["_number"]]
        kinds: tuple[str, ...] = (table.name,) if table.nature == "kind" else schema.kinds()
        blank = pd.Series(None, index=frame.index, dtype="str")
        text = frame.get("id", blank).fillna(frame.get("name", frame.get("_name", blank)))
        hint = frame.get("kind", blank).fillna("school") if len(kinds) > 1 else None
        found = resolve(context, "id", frame, kinds, Asked(text, hint=hint), optional=False)
        frame = frame.assign(id=found["id"]).drop(columns=["name", "_name"], errors="ignore")
        frame = frame[~found["lost"]]
    else:
        frames = {table.name: frame}
        prepare(context, frames, table.name)
        frame = frames[table.name]
        for end in ("source", "target"):
            kinds = table.ends(end)
            asked = Asked(
                frame[end].fillna(frame[f"{end}_name"]),
                hint=frame.get(f"{end}_kind"),
                region=frame.get(f"{end}_region"),
                soft=frame.get("region"),
            )
            found = resolve(context, end, frame, kinds, asked, optional=True)
            frame[end] = found["id"]
            if len(kinds) > 1:
                frame[f"{end}_kind"] = found["kind"].where(found["id"].notna())
            frame = frame[~found["lost"]]
        for key, column in table.columns.items():
            if column.type == "ref" and key in frame:
                own = resolve(context, key, frame, column.values, Asked(frame[key]), optional=True)
                frame = frame.assign(**{key: own["id"]})
    keys = [k for k in table.columns if k in frame and k not in _ASIDE]
    return frame[[*keys, "_number"]]


def _values(context: Context, step: Step) -> pd.DataFrame | None:
    """Return what columns are set to, typed, references as ids; None where nothing is."""
    if step.to is None:
        return None
    table = schema.tables()[step.to.table]
    part = dated(typed(step.to, context.findings), context.findings)
    frame = part.frame.copy(deep=False)
    context.parts.append(replace(part, frame=frame.iloc[:0], rows=part.rows[:0]))
    frame[PART], frame[ROW] = len(context.parts) - 1, part.rows
    for key, column in table.columns.items():
        if column.type in ("ref", "end") and key in frame:
            own = resolve(context, key, frame, column.values, Asked(frame[key]), optional=True)
            frame[key] = own["id"]
    return frame[[key for key in table.columns if key in frame]]


def _options(step: Step, number: int, findings: Findings) -> dict[str, Any]:
    """Return between which days and for how many years something is renewed."""
    given, row = step.options[number], int(step.part.rows[number])
    found: dict[str, Any] = {}
    for key, name in (("from", "first"), ("until", "last")):
        if given.get(key) not in (None, ""):
            try:
                found[name] = pd.Timestamp(parse_date(given[key], key))
            except LiantuError:
                findings.add(
                    "error", "bad_date", step.part.place, row=row, column=key, value=str(given[key])
                )
    if given.get("years") not in (None, ""):
        text = str(given["years"]).strip().removesuffix("年").removesuffix(".0")
        if text.isdigit() and 0 < int(text) < 100:
            found["years"] = int(text)
        else:
            findings.add(
                "error", "bad_years", step.part.place, row=row, column="years",
                value=str(given["years"]),
            )  # fmt: skip
    return found
