"""The command that lists every problem of a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import liantu
from liantu import progress
from liantu.commands import _options as opt
from liantu.commands import _sheets
from liantu.commands._help import Command, make
from liantu.commands._output import emit_csv, emit_json, format_of
from liantu.commands._session import Session
from liantu.errors import Problem
from liantu.graph.load_report import LoadReport, sheets_unread, tables_read
from liantu.vocabulary import Lang, cut

_PLACE = ("severity", "code", "file", "sheet", "row", "column", "value")


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        *opt.reading(lang),
        opt.option("format", lang, opt.Choice(["table", "json", "csv"])),
        opt.option("output", lang, opt.Output(), short=("-o",), help_key="output_plain"),
        opt.option("labels", lang),
    ]
    example = "liantu check lists --format csv -o problems.csv"
    return make("check", lang, check, params, example)


def check(
    session: Session,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    format: str | None,
    output: Path | None,
    labels: bool,
) -> None:
    """List every problem of a source; exit code 1 if one is an error."""
    from liantu.addresses import shown
    from liantu.loaders import examine
    from liantu.loaders.onto import examine_more

    kind = format_of(format, output, ("json", "csv"))
    session.show_teachers = True  # whoever mends a row must see it
    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        network, found = examine(source, mapping=mapping, create_missing=create_missing)
        if network is not None and session.added:
            network, found = examine_more(network, session.added, create_missing=create_missing)
        if network is not None:
            network.frames.load()  # nothing else reads all of a store
    errors, warnings = len(found.of("error")), len(found.of("warning"))
    rows = [_record(problem, session) for problem in found.problems]
    if kind == "json":
        facts = {
            "source": shown(source),
            "errors": errors,
            "warnings": warnings,
            "totals": found.totals(),
            "tables": tables_read(found),
            "unread_sheets": sheets_unread(found),
            "problems": rows,
            "version": liantu.__version__,
        }
        emit_json(session, facts, output)
    elif kind == "csv":
        read = [_record(note, session) for note in _sheets.notes(session, found)]
        emit_csv(session, _frame([*read, *rows]), output, labels=labels)
    else:
        told = list(_sheets.lines(session, found))
        for line in [*told, ""] if told else ():
            print(line)
        for line in session.problem_lines(found.problems):
            print(line)
        print(session.say("problem_totals", errors=errors, warnings=warnings))
        _point_to_draft(session, source, found)
    if errors:
        raise click.exceptions.Exit(1)


def _point_to_draft(session: Session, source: str, found: LoadReport) -> None:
    """Name the command that lists what is unclear to be ticked, where there is something."""
    from liantu.drafts import is_unclear
    from liantu.loaders.sources import DRAFT
    from liantu.shell import quoted
    from liantu.stores import is_store

    count = sum(map(is_unclear, found.problems))
    if count and not is_store(source):
        command = f"liantu draft {quoted(source)} -o {DRAFT}"
        session.tell(session.say("check_unclear", count=count, value=command), "info")


def _record(problem: Problem, session: Session) -> dict[str, Any]:
    found = {name: getattr(problem, name) for name in _PLACE}
    row: dict[str, Any] = {k: cut(v) if isinstance(v, str) else v for k, v in found.items()}
    row["message"] = problem.message(session.lang)
    row["remedy"] = problem.remedy(session.lang)
    return row


def _frame(rows: Sequence[dict[str, Any]]) -> Any:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*_PLACE, "message", "remedy"])
    return frame.astype({"row": "Int64"})
