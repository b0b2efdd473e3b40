"""Plans of changes: a TOML file of edits, or a workbook of rows to add, end, renew and set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import DataError, LiantuError, Problem, RequestError
from liantu.graph import schema
from liantu.graph.edits import ADDS, DO, Edit, edited
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.loaders.cells import Part
from liantu.loaders.edits import Step, edits_of, placed
from liantu.loaders.findings import Findings
from liantu.loaders.scenario_books import read_book
from liantu.loaders.sources import BOOKS, TEXT, case_folder, missing, read_toml
from liantu.options import parse_date
from liantu.paths import name_of, title_of
from liantu.vocabulary import nearest

OWN = "scenario.toml"  # the plan of a folder or case
_UNFILED = "scenario.toml"  # what problems call a plan that stands in no file
# The table that an edit brings rows to, unless it names another one.
_TABLES = {"pair": "assists", "rotate": "posted_to", "join": "member_of"}
# What an edit says beside the columns of its table.
_OWN_KEYS = {
    "leave": ("school",),
    "close": ("school", "closed"),
    "join": ("relation",),
    "add": ("relation", "kind"),
    "end": ("relation",),
    "renew": ("relation", "kind", "years", "from", "until"),
    "set": ("relation", "kind", "to"),
}


@dataclass(frozen=True)
class Scenario:
    """A plan of changes, from `read_scenario`; `Network.scenario` does it.

    Attributes
    ----------
    name
        What it is called.
    as_of
        The day from which it holds and on which it is judged; the network's own where missing.
    steps
        The edits as they are written.
    problems
        What was noted on reading.
    """

    name: str
    as_of: date | None = None
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len({place for step in self.steps for place in step.order})


Given = Scenario | str | Path | Mapping[str, Any]


class Done(NamedTuple):
    """A plan done to a network: what came of it, its edits, and how many rows each touched."""

    network: Network
    edits: tuple[Edit, ...]
    touched: tuple[int, ...]


def read_scenario(given: Given) -> Scenario:
    """Return a plan of changes.

    Parameters
    ----------
    given
        A TOML file, its content as a dictionary, a workbook or CSV file of rows with what to do, or
        a source that has a plan of its own (``scenario.toml`` in its folder), such as
        ``case:demo``.

    Raises
    ------
    RequestError
        If it cannot be read at all.
    DataError
        If it says what no edit can; `problems` lists every one.

    Examples
    --------
    >>> plan = {"scenario": {"name": "甲"}, "edit": [{"do": "leave", "school": "a"}]}
    >>> len(read_scenario(plan))
    1
    """
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        return _of_toml(given, _UNFILED, "")
    path = scenario_file(given)
    if path.suffix.lower() in (*BOOKS, *TEXT):
        name, day, steps, problems = read_book(path)
        return Scenario(name, day, steps, problems)
    return _of_toml(read_toml(path, "scenario_syntax"), name_of(path), title_of(path.stem))


def scenario_file(given: str | Path) -> Path:
    """Return the file of a plan; of a folder or case its own.

    Raises
    ------
    RequestError
        If there is none.
    """
    text = str(given)
    path = case_folder(text[5:]) if text.startswith("case:") else Path(given)
    if path.is_dir() and (path / OWN).is_file():
        return path / OWN
    if not text.strip() or not path.is_file():
        raise missing(path / OWN if path.is_dir() else path, "scenario_missing")
    return path


def scenario(network: Network, given: Given) -> Network:
    """Return a network after a plan; see `Network.scenario`."""
    return done(network, read_scenario(given)).network


def done(network: Network, plan: Scenario, *, as_of: date | None = None) -> Done:
    """Do a plan to a network.

    Parameters
    ----------
    network
        The network, with its teachers' names.
    plan
        The plan.
    as_of
        Another day than that of the plan.

    Raises
    ------
    DataError
        If the plan names what is not there, or the whole is not valid any more.
    RequestError
        If an edit touches no row.
    """
    day = as_of or plan.as_of or network.as_of or date.today()
    edits, findings = edits_of(network, plan.steps, day)
    try:
        made, touched = edited(network, edits)
    except LiantuError as error:
        raise type(error)(placed(error.problems)) from None
    told = tuple(p for p in (*plan.problems, *findings) if p.severity == "warning")
    title = " · ".join(part for part in (network.title, plan.name) if part)
    report = LoadReport(made.report.tables, (*made.report.problems, *told))
    return Done(made.replaced({}, title=title, as_of=day, report=report), edits, touched)


# -- TOML ------------------------------------------------------------------------------------


def _of_toml(data: Mapping[str, Any], file: str, name: str) -> Scenario:
    """Return the plan of a TOML file, or of its content."""
    findings = Findings()
    place = (file, "")
    for key in data:
        if key not in ("scenario", "edit"):
            near = nearest(str(key), ("scenario", "edit")) or "–"
            findings.add("error", "scenario_key", place, value=str(key), nearest=near)
    head, listed = data.get("scenario", {}), data.get("edit", [])
    if not isinstance(head, Mapping) or not isinstance(listed, Sequence) or isinstance(listed, str):
        findings.add("error", "scenario_shape", place)
        head, listed = {}, []
    for key in head:
        if key not in ("name", "as_of"):
            near = nearest(str(key), ("name", "as_of")) or "–"
            findings.add("error", "scenario_key", place, value=str(key), nearest=near)
    as_of = None
    if head.get("as_of") not in (None, ""):
        try:
            as_of = parse_date(_day(head["as_of"]))
        except (RequestError, LiantuError):
            findings.add("error", "bad_date", place, column="as_of", value=str(head["as_of"]))
    steps = []
    for number, edit in enumerate(listed, 1):
        step = _step(edit, number, file, findings)
        if step is not None:
            steps.append(step)
    if not listed and not findings.problems:
        findings.add("error", "scenario_empty", place)
    if any(problem.severity == "error" for problem in findings.problems):
        raise DataError(placed(findings.problems))
    return Scenario(str(head.get("name") or name), as_of, tuple(steps))


def _step(edit: Any, number: int, file: str, findings: Findings) -> Step | None:
    """Return one edit of a TOML file, or None and a problem."""
    place = (file, "")

    def wrong(code: str, key: str, choices: Iterable[str]) -> None:
        near = nearest(key, list(choices)) or "–"
        findings.add("error", code, place, row=number, value=key, number=number, nearest=near)

    if not isinstance(edit, Mapping):
        findings.add("error", "scenario_shape", place)
        return None
    do = str(edit.get("do", ""))
    if do not in DO:
        wrong("edit_do", do, DO)
        return None
    tables = _tables_of(edit, do, wrong)
    if tables is None:
        return None
    table = tables[0]
    columns = list(schema.tables()[table].all_columns)
    own = _OWN_KEYS.get(do, ())
    if table == "observations":  # whose figures are of some kind
        own = tuple(key for key in own if key != "kind")
    allowed = {"do", *own} if do in ("leave", "close") else {"do", *own, *columns}
    if len(tables) > 1:
        allowed = {"do", *own}
    unknown = [key for key in edit if key not in allowed]
    for key in unknown:
        wrong("edit_key", str(key), allowed)
    cells = {key: value for key, value in edit.items() if key in columns and key not in own}
    to: dict[str, Any] = {}
    if do in ("leave", "close"):
        cells = {"id": edit.get("school", "")}
        to = {"closed": edit["closed"]} if "closed" in edit else {}
    elif do == "set":
        given = edit.get("to")
        to = dict(given) if isinstance(given, Mapping) else {}
        for key in to:
            if key not in columns:
                wrong("edit_key", str(key), columns)
                unknown.append(key)
    elif do in ("end", "renew"):
        to = {"end": cells.pop("end")} if "end" in cells else {}
    if code := _lacking(do, table, cells, to, edit, several=len(tables) > 1):
        findings.add("error", code[0], place, row=number, value=code[1], number=number)
        return None
    if unknown:
        return None
    rows = _rows(cells)
    size = len(rows)
    part = Part(table, place, rows, np.full(size, number, dtype=np.int64))
    given_to = pd.DataFrame([{key: _text(value) for key, value in to.items()}] * size, dtype="str")
    own_to = Part(table, place, given_to, part.rows) if to else None
    options = {key: edit[key] for key in ("years", "from", "until") if key in edit}
    return Step(do, part, own_to, ((0, number),) * size, (options,) * size, tables)


def _tables_of(edit: Mapping[str, Any], do: str, wrong: Any) -> tuple[str, ...] | None:
    """Return the tables that an edit may change; None where it names none that there is."""
    if do in ("leave", "close"):
        return ("school",)
    named = edit.get("relation", edit.get("kind", "")) if do != "pair" else ""
    if do in ("pair", "rotate") or (do == "join" and not named):
        return (_TABLES[do],)
    if do == "renew" and not named:
        return (*schema.relations_with("renewable"), "alliance")
    choices: tuple[str, ...] = tuple(schema.tables())
    if do == "join":
        choices = ("member_of", "joins")
    elif do == "end":
        choices = tuple(n for n, t in schema.tables().items() if t.nature == "state")
    elif do == "renew":
        choices = (*schema.relations_with("renewable"), "alliance")
    if named not in choices:
        wrong("edit_relation", str(named), choices)
        return None
    return (str(named),)


def _lacking(
    do: str,
    table: str,
    cells: Mapping[str, Any],
    to: Mapping[str, Any],
    edit: Mapping[str, Any],
    *,
    several: bool,
) -> tuple[str, str] | None:
    """Return the code of what an edit lacks, and the key; None where it is whole."""
    if do in ("leave", "close"):
        return None if _filled(cells["id"]) else ("edit_lacks", "school")
    if do == "set" and not to:
        return "edit_lacks", "to"
    if do == "renew" and not (to or "years" in edit):
        return "edit_lacks", "years"
    nature = schema.tables()[table]
    needed = ("source", "target") if nature.is_relation else ("id",)
    for key in needed if do in ADDS else ():
        if not _filled(cells.get(key)) and not (key == "id" and _filled(cells.get("name"))):
            return "edit_lacks", key
    if do in ("end", "set") and not several and not any(_filled(cells.get(k)) for k in needed):
        return "edit_lacks", needed[0]
    return None


def _filled(value: Any) -> bool:
    return value is not None and _text(value) != ""


def _rows(cells: Mapping[str, Any]) -> pd.DataFrame:
    """Return cells as rows of text: a list of ids makes several, a list of an end stays one."""
    if isinstance(ids := cells.get("id"), list | tuple):
        return pd.DataFrame({"id": [_text(value) for value in ids]}, dtype="str")
    return pd.DataFrame([{key: _text(value) for key, value in cells.items()}], dtype="str")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "、".join(_text(item) for item in value)
    if value is None:
        return ""
    return _day(value) if isinstance(value, date) else str(value)


def _day(value: Any) -> Any:
    """Return a day as text; a time of the day is not told."""
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else value
